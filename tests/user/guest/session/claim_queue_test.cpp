// SPDX-License-Identifier: BSD-3-Clause
// Claims that wait, by the ioctls alone: their order, their deadlines, and what else the descriptor can do
// meanwhile. A claim is known to wait when its thread sleeps; no test waits for a time to be long enough.
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/raw_qae.h"
#include "support/worker.h"

namespace {

using guest::Channel;
using guest::Worker;

constexpr unsigned kForever = 600000;
constexpr std::int64_t kMillisecond = 1000000;

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 * kMillisecond + time.tv_nsec;
}

void sleep_until(std::int64_t when) {
    const timespec time = {when / (1000 * kMillisecond), when % (1000 * kMillisecond)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
    }
}

std::string waiting_section(const std::string &name, unsigned milliseconds) {
    return guest::section(name, fmt::format("NumProcesses = 1\nOnBusy = wait {}", milliseconds), 1);
}

// A descriptor that claims and releases.
class Claimer {
public:
    Claimer() : fd_(raw_open()) { assert_true(fd_ >= 0); }
    ~Claimer() { close(fd_); }
    Claimer(const Claimer &) = delete;
    Claimer &operator=(const Claimer &) = delete;

    // A new claim; or, with a @deadline, the continuation of an interrupted one.
    int claim(std::string_view name, std::uint64_t deadline = 0) {
        request_ = {};
        request_.size = sizeof(request_);
        std::memcpy(request_.name, name.data(), std::min(name.size(), sizeof(request_.name) - 1));
        request_.instances = reinterpret_cast<std::uintptr_t>(instances_);
        request_.num_instances = 8;
        request_.instance_size = sizeof(qae_instance);
        request_.deadline = deadline;
        return raw_ioctl(fd_, QAE_IOC_SECTION_CLAIM, &request_);
    }
    int release() {
        qae_section_release request{};
        request.size = sizeof(request);
        return raw_ioctl(fd_, QAE_IOC_SECTION_RELEASE, &request);
    }
    std::uint64_t deadline() const { return request_.deadline; }
    std::string section() const { return reinterpret_cast<const char *>(request_.section); }
    int fd() const { return fd_; }

private:
    int fd_;
    qae_section_claim request_{};
    qae_instance instances_[8] = {};
};

// 'S' while a task sleeps and a signal could wake it.
char state_of(const std::string &stat) {
    std::string line;
    std::getline(std::ifstream(stat), line);
    const std::size_t name_end = line.rfind(')');
    return name_end == std::string::npos ? '?' : line[name_end + 2];
}

void await_sleep(const std::string &stat) {
    while (state_of(stat) != 'S') {
        usleep(1000);
    }
}

// A thread that runs a function which claims.
class ClaimingThread {
public:
    explicit ClaimingThread(const std::function<void()> &body)
        : thread_([this, body] {
              tid_ = gettid();
              body();
              ended_ = true;
          }) {}
    ~ClaimingThread() { join(); }
    ClaimingThread(const ClaimingThread &) = delete;
    ClaimingThread &operator=(const ClaimingThread &) = delete;

    // Returns when the claim is in the queue: the body sleeps nowhere else.
    void await_waiting() {
        while (tid_ == 0) {
            usleep(1000);
        }
        await_sleep(fmt::format("/proc/self/task/{}/stat", tid_.load()));
    }
    void signal() { pthread_kill(thread_.native_handle(), SIGUSR1); }
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    bool ended() const { return ended_; }

private:
    std::atomic<pid_t> tid_{0};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

void handle_signal(int flags) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, nullptr);
}

// The first process claims again as soon as it has released. The waiter has its turn in between each time.
void USR_12_a_loop_of_claims_starves_no_waiter(void **) {
    constexpr int kRounds = 50;
    guest::configure_two(waiting_section("APP", kForever));
    Claimer eager, patient;
    assert_int_equal(eager.claim("APP"), 0);
    for (int round = 0; round < kRounds; ++round) {
        std::atomic<bool> had_it{false};
        int result = -1;
        ClaimingThread waiter([&] {
            result = patient.claim("APP");
            had_it = result == 0;
            patient.release();
        });
        waiter.await_waiting();
        assert_int_equal(eager.release(), 0);
        assert_int_equal(eager.claim("APP"), 0);
        if (!had_it) {
            fail_msg("round %d: the section was claimed past a waiter", round);
        }
        waiter.join();
        assert_int_equal(result, 0);
    }
    assert_int_equal(eager.release(), 0);
}

void USR_12_waiters_are_served_in_the_order_of_their_arrival(void **) {
    constexpr int kWaiters = 6;
    guest::configure_two(waiting_section("APP", kForever));
    Claimer holder;
    assert_int_equal(holder.claim("APP"), 0);
    std::atomic<int> turn{0};
    std::vector<int> turns(kWaiters, -1);
    std::vector<std::unique_ptr<Claimer>> claimers;
    std::vector<std::unique_ptr<ClaimingThread>> threads;
    for (int i = 0; i < kWaiters; ++i) {
        claimers.push_back(std::make_unique<Claimer>());
        threads.push_back(std::make_unique<ClaimingThread>([&, i] {
            if (claimers[i]->claim("APP") == 0) {
                turns[i] = turn++;
                claimers[i]->release();
            }
        }));
        threads.back()->await_waiting();
    }
    assert_int_equal(holder.release(), 0);
    threads.clear();
    for (int i = 0; i < kWaiters; ++i) {
        assert_int_equal(turns[i], i);
    }
}

// A process that is killed in the queue leaves it, and the next one gets the section.
void USR_12_a_killed_waiter_leaves_the_queue(void **) {
    guest::configure_two(waiting_section("APP", kForever));
    Claimer holder, second;
    assert_int_equal(holder.claim("APP"), 0);
    Worker first([](Channel &channel) {
        Claimer claimer;
        channel.say("claims");
        return claimer.claim("APP");
    });
    assert_string_equal(first.hear().c_str(), "claims");
    await_sleep(fmt::format("/proc/{}/stat", first.pid()));
    int result = -1;
    ClaimingThread waiter([&] { result = second.claim("APP"); });
    waiter.await_waiting();
    first.kill(SIGKILL);
    assert_int_equal(first.wait(), 128 + SIGKILL);
    assert_int_equal(holder.release(), 0);
    waiter.join();
    assert_int_equal(result, 0);
    assert_string_equal(second.section().c_str(), "APP_INT_0");
}

// An interrupted wait whose time is over has no effect on the next claim, of this section or of another one.
void USR_12_a_deadline_ends_no_other_claim(void **) {
    constexpr unsigned kWait = 2000;
    handle_signal(0);
    guest::configure_two(waiting_section("APP", kWait) + waiting_section("WEB", kForever));
    Claimer app, web, other;
    assert_int_equal(app.claim("APP"), 0);
    assert_int_equal(web.claim("WEB"), 0);

    int result = 0;
    ClaimingThread interrupted([&] { result = other.claim("APP"); });
    interrupted.await_waiting();
    interrupted.signal();
    interrupted.join();
    assert_int_equal(result, -EINTR);
    const auto deadline = static_cast<std::int64_t>(other.deadline());
    assert_true(deadline != 0);
    sleep_until(deadline + 1);

    ClaimingThread waiter([&] { result = other.claim("WEB"); });
    waiter.await_waiting();
    assert_false(waiter.ended());
    assert_int_equal(web.release(), 0);
    waiter.join();
    assert_int_equal(result, 0);
    assert_string_equal(other.section().c_str(), "WEB_INT_0");
    assert_int_equal(other.release(), 0);

    const std::int64_t begin = now();
    assert_int_equal(other.claim("APP"), -ETIMEDOUT);
    assert_true(now() >= begin + kWait * kMillisecond);
}

// A call with the structure that EINTR left has the rest of the time, not the whole of it.
void USR_12_a_deadline_survives_interruptions(void **) {
    constexpr unsigned kWait = 2000;
    handle_signal(0);
    guest::configure_two(waiting_section("APP", kWait));
    Claimer holder, other;
    assert_int_equal(holder.claim("APP"), 0);
    const std::int64_t begin = now();
    std::uint64_t deadline = 0;
    for (int i = 0; i < 3; ++i) {
        int result = 0;
        ClaimingThread waiter([&] { result = other.claim("APP", deadline); });
        waiter.await_waiting();
        waiter.signal();
        waiter.join();
        assert_int_equal(result, -EINTR);
        if (deadline == 0) {
            deadline = other.deadline();
            assert_true(deadline >= static_cast<std::uint64_t>(begin) + kWait * kMillisecond);
        }
        assert_true(other.deadline() == deadline);
    }
    assert_int_equal(other.claim("APP", deadline), -ETIMEDOUT);
    assert_true(now() >= static_cast<std::int64_t>(deadline));
    // The time is over, and it stays so.
    assert_int_equal(other.claim("APP", deadline), -ETIMEDOUT);
    // A deadline that has passed ends a wait, and refuses no section that is free.
    assert_int_equal(holder.release(), 0);
    assert_int_equal(other.claim("APP", deadline), 0);
}

// With SA_RESTART the system repeats the call. It finds the deadline in the structure.
void USR_12_a_repeated_call_keeps_its_deadline(void **) {
    constexpr unsigned kWait = 2000;
    handle_signal(SA_RESTART);
    guest::configure_two(waiting_section("APP", kWait));
    Claimer holder, other;
    assert_int_equal(holder.claim("APP"), 0);
    int result = 0;
    ClaimingThread waiter([&] { result = other.claim("APP"); });
    waiter.await_waiting();
    const std::int64_t entered = now();
    unsigned signals = 0;
    while (!waiter.ended()) {
        waiter.signal();
        ++signals;
        usleep(20000);
    }
    waiter.join();
    assert_int_equal(result, -ETIMEDOUT);
    assert_true(signals > 1);
    assert_true(other.deadline() != 0);
    assert_true(static_cast<std::int64_t>(other.deadline()) <= entered + kWait * kMillisecond);
    assert_true(now() >= static_cast<std::int64_t>(other.deadline()));
}

int pool_watch(int fd, std::uint32_t count) {
    qae_pool_watch watch{};
    watch.size = sizeof(watch);
    watch.service = QAE_SERVICE_CY;
    watch.endpoint = QAE_ENDPOINT_ANY;
    watch.count = count;
    return raw_ioctl(fd, QAE_IOC_POOL_WATCH, &watch);
}

int alloc_one(int fd, qae_instance &instance) {
    qae_instance_alloc request{};
    request.size = sizeof(request);
    request.service = QAE_SERVICE_CY;
    request.endpoint = QAE_ENDPOINT_ANY;
    request.count = 1;
    request.instance_size = sizeof(instance);
    request.instances = reinterpret_cast<std::uintptr_t>(&instance);
    return raw_ioctl(fd, QAE_IOC_INSTANCE_ALLOC, &request);
}

int free_one(int fd, std::uint32_t id) {
    qae_instance_free request{};
    request.size = sizeof(request);
    request.count = 1;
    request.ids = reinterpret_cast<std::uintptr_t>(&id);
    return raw_ioctl(fd, QAE_IOC_INSTANCE_FREE, &request);
}

// If one of these calls waited for the claim, the test would hang and the alarm would end it.
void use_descriptor(int fd) {
    qae_info info{};
    info.size = sizeof(info);
    assert_int_equal(raw_ioctl(fd, QAE_IOC_INFO, &info), 0);
    qae_mem_alloc region;
    assert_int_equal(raw_alloc(fd, 4096, 1, QAE_NODE_ANY, &region), 0);
    assert_int_equal(raw_free(fd, region.id), 0);
    assert_int_equal(pool_watch(fd, 1), 0);
    pollfd poller = {fd, POLLIN, 0};
    assert_int_equal(poll(&poller, 1, 0), 1);
    assert_int_equal(poller.revents, POLLIN);
    assert_int_equal(pool_watch(fd, 0), 0);
    assert_int_equal(poll(&poller, 1, 0), 0);
    // It holds no section yet.
    qae_instance instance{};
    assert_int_equal(alloc_one(fd, instance), -ENOTCONN);
    assert_int_equal(free_one(fd, 1), -ENOENT);
}

void USR_12_other_ioctls_work_while_a_claim_waits(void **) {
    guest::configure_two(waiting_section("APP", kForever) + guest::pool(2));
    alarm(120);
    Claimer holder, other;
    assert_int_equal(holder.claim("APP"), 0);
    int result = -1;
    ClaimingThread waiter([&] { result = other.claim("APP"); });
    waiter.await_waiting();
    for (int i = 0; i < 20; ++i) {
        use_descriptor(other.fd());
        qae_section_release release{};
        release.size = sizeof(release);
        assert_int_equal(raw_ioctl(other.fd(), QAE_IOC_SECTION_RELEASE, &release), -ENOTCONN);
        qae_section_claim second{};
        second.size = sizeof(second);
        second.instance_size = sizeof(qae_instance);
        std::memcpy(second.name, "DYN", 4);
        assert_int_equal(raw_ioctl(other.fd(), QAE_IOC_SECTION_CLAIM, &second), -EALREADY);
    }
    assert_false(waiter.ended());
    assert_int_equal(holder.release(), 0);
    waiter.join();
    assert_int_equal(result, 0);
    qae_instance instance{};
    assert_int_equal(alloc_one(other.fd(), instance), 0);
    assert_int_equal(other.release(), 0);
    alarm(0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(USR_12_a_loop_of_claims_starves_no_waiter),
        cmocka_unit_test(USR_12_waiters_are_served_in_the_order_of_their_arrival),
        cmocka_unit_test(USR_12_a_killed_waiter_leaves_the_queue),
        cmocka_unit_test(USR_12_a_deadline_ends_no_other_claim),
        cmocka_unit_test(USR_12_a_deadline_survives_interruptions),
        cmocka_unit_test(USR_12_a_repeated_call_keeps_its_deadline),
        cmocka_unit_test(USR_12_other_ioctls_work_while_a_claim_waits),
    };
    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
