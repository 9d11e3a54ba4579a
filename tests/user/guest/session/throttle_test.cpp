// SPDX-License-Identifier: BSD-3-Clause
// A process whose cgroup has used its share of processor time does not run for a tenth of a second or more.
// It must not keep a lock meanwhile that others need.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "netlink/client.h"
#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/raw_qae.h"
#include "support/worker.h"

namespace {

using guest::Channel;
using guest::Worker;

constexpr const char *kGroup = "/sys/fs/cgroup/qae_throttled";
constexpr const char *kPreemption = "/sys/kernel/debug/sched/preempt";
constexpr std::int64_t kMillisecond = 1000000;
constexpr std::int64_t kDuration = 3000 * kMillisecond;
constexpr int kBusy = 4;
// A page that has to be read, or memory that has to be found.
constexpr long kMostSleeps = 3;

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 * kMillisecond + time.tv_nsec;
}

bool write_file(const std::string &path, const std::string &value) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
    close(fd);
    return written;
}

// How often the task gave the processor away because it had to wait.
long sleeps() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

int claim(int fd, const char *name) {
    qae_instance instances[8] = {};
    qae_section_claim request{};
    request.size = sizeof(request);
    std::memcpy(request.name, name, std::strlen(name) + 1);
    request.instances = reinterpret_cast<std::uintptr_t>(instances);
    request.num_instances = 8;
    request.instance_size = sizeof(qae_instance);
    return raw_ioctl(fd, QAE_IOC_SECTION_CLAIM, &request);
}

int release(int fd) {
    qae_section_release request{};
    request.size = sizeof(request);
    return raw_ioctl(fd, QAE_IOC_SECTION_RELEASE, &request);
}

int count_free(int fd) {
    qae_pool_query request{};
    request.size = sizeof(request);
    request.endpoint = QAE_ENDPOINT_ANY;
    return raw_ioctl(fd, QAE_IOC_POOL_QUERY, &request);
}

int watch(int fd) {
    qae_pool_watch request{};
    request.size = sizeof(request);
    request.endpoint = QAE_ENDPOINT_ANY;
    request.count = 1;
    return raw_ioctl(fd, QAE_IOC_POOL_WATCH, &request);
}

// Each kind of request that takes the lock of the bookkeeping, again and again.
int keep_busy(Channel &channel) {
    const int fd = raw_open();
    qae::NetlinkClient netlink;
    channel.say("ready");
    for (unsigned round = 0;; ++round) {
        claim(fd, "APP");
        watch(fd);
        count_free(fd);
        release(fd);
        if (round % 64 == 0) {
            netlink.sections();
        }
    }
}

struct Work {
    long rounds = 0;
    long sleeps = 0; // of the task, inside its calls
    std::int64_t longest = 0;
};

// What a process gets done, and how often it has to sleep for it. A call that waits for a lock awake does not
// sleep, however slow the machine is.
Work work_for(std::int64_t duration) {
    Work work;
    const int fd = raw_open();
    const std::int64_t end = now() + duration;
    for (std::int64_t before = now(); before < end; ++work.rounds) {
        const long slept = sleeps();
        assert_int_equal(claim(fd, "APP"), 0);
        assert_int_equal(count_free(fd), 0);
        assert_int_equal(release(fd), 0);
        const std::int64_t after = now();
        work.sleeps += sleeps() - slept;
        work.longest = std::max(work.longest, after - before);
        before = after;
    }
    close(fd);
    return work;
}

// Processes in a cgroup that may run for a hundredth of the time.
class Throttled {
public:
    Throttled() {
        assert_int_equal(mkdir(kGroup, 0755), 0);
        assert_true(write_file(file("cpu.max"), "1000 100000"));
        for (int i = 0; i < kBusy; ++i) {
            busy_.push_back(std::make_unique<Worker>(keep_busy));
            assert_string_equal(busy_.back()->hear().c_str(), "ready");
            assert_true(write_file(file("cgroup.procs"), std::to_string(busy_.back()->pid())));
        }
    }
    ~Throttled() {
        // Killed ones leave the cgroup when they run for the last time.
        write_file(file("cpu.max"), "max");
        busy_.clear();
        while (rmdir(kGroup) != 0 && errno == EBUSY) {
            usleep(1000);
        }
    }
    Throttled(const Throttled &) = delete;
    Throttled &operator=(const Throttled &) = delete;

    // How often the kernel has kept them from running.
    long times() const {
        std::ifstream stat(file("cpu.stat"));
        std::string key;
        for (long value = 0; stat >> key >> value;) {
            if (key == "nr_throttled") {
                return value;
            }
        }
        return 0;
    }

private:
    static std::string file(const char *name) { return fmt::format("{}/{}", kGroup, name); }

    std::vector<std::unique_ptr<Worker>> busy_;
};

void stalls_nobody(const char *preemption) {
    const Throttled throttled;
    work_for(200 * kMillisecond); // what happens once only
    const long before = throttled.times();
    const Work work = work_for(kDuration);
    fmt::print("# preemption {}: {} rounds, {} sleeps, the longest took {} us; throttled {} times\n",
               preemption, work.rounds, work.sleeps, work.longest / 1000, throttled.times() - before);
    assert_true(throttled.times() > before);
    assert_in_range(work.sleeps, 0, kMostSleeps);
}

// The kind of preemption that the kernel was booted with: "none (voluntary) full".
std::string preemption() {
    std::string text;
    std::getline(std::ifstream(kPreemption), text);
    const std::size_t from = text.find('('), to = text.find(')');
    return to == std::string::npos ? "" : text.substr(from + 1, to - from - 1);
}

void a_throttled_process_stalls_nobody(void **) {
    if (!write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpu")) {
        skip(); // the test kernel has no such controller
    }
    guest::configure_two(guest::section("APP", "NumProcesses = 16\nLimitDevAccess = 1", 1, 0) +
                         guest::pool(3, 2));
    stalls_nobody(preemption().c_str());
}

// Any task that is in the kernel can lose the processor there.
void a_throttled_process_stalls_nobody_where_the_kernel_is_preempted(void **) {
    const std::string before = preemption();
    if (before.empty() || !write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpu")) {
        skip();
    }
    assert_true(write_file(kPreemption, "full"));
    stalls_nobody("full");
    assert_true(write_file(kPreemption, before));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_throttled_process_stalls_nobody),
        cmocka_unit_test(a_throttled_process_stalls_nobody_where_the_kernel_is_preempted),
    };
    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
