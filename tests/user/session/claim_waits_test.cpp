// SPDX-License-Identifier: BSD-3-Clause
// Starts that wait for a section, with starts of other threads, signals and cancellation meanwhile.
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <cpa_cy_common.h>
#include <icp_sal_user.h>
#include <qae_mem_ext.h>

#include "support/cmocka_cpp.h"
#include "support/fake_driver.h"

namespace {

using qae::test::g_driver;
using qae::test::grant_section;

// A claim that sleeps in the driver until the test releases it.
class Gate {
public:
    void pass() {
        std::unique_lock lock(mutex_);
        ++inside_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void await_inside() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_ > 0; });
    }
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned inside_ = 0;
    bool open_ = false;
};

struct Outcome {
    CpaStatus status = 1;
    int err = 0;
    std::string reason;
};

void start_into(Outcome &outcome) {
    qaeClearLastError();
    outcome.status = icp_sal_userStart("SSL");
    outcome.err = qaeLastErrno();
    outcome.reason = qaeLastError();
}

// Many starts at once: one claims, the others wait for it or come after it.
std::vector<Outcome> start_together(unsigned number, Gate &gate) {
    std::vector<Outcome> outcomes(number);
    std::vector<std::thread> threads;
    threads.emplace_back([&] { start_into(outcomes[0]); });
    gate.await_inside();
    std::atomic<unsigned> begun{0};
    for (unsigned i = 1; i < number; ++i) {
        threads.emplace_back([&, i] {
            ++begun;
            start_into(outcomes[i]);
        });
    }
    while (begun < number - 1) {
        std::this_thread::yield();
    }
    usleep(50000); // not needed for any result, but lets them reach the wait
    gate.open();
    for (std::thread &thread : threads) {
        thread.join();
    }
    return outcomes;
}

void USR_12_starts_share_a_success(void **) {
    constexpr unsigned kStarts = 8;
    Gate gate;
    std::atomic<unsigned> claims{0};
    g_driver.releases = 0;
    g_driver.claim = [&](qae_section_claim &claim) {
        ++claims;
        gate.pass();
        return grant_section(claim, 2);
    };
    for (const Outcome &outcome : start_together(kStarts, gate)) {
        assert_int_equal(outcome.status, CPA_STATUS_SUCCESS);
    }
    assert_int_equal(claims, 1);
    for (unsigned i = 0; i < kStarts; ++i) {
        assert_int_equal(g_driver.releases, 0);
        assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
    }
    assert_int_equal(g_driver.releases, 1);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
}

void USR_12_starts_share_a_failure(void **) {
    constexpr unsigned kStarts = 8;
    Gate gate;
    std::atomic<unsigned> claims{0};
    g_driver.claim = [&](qae_section_claim &) {
        // Starts that come after the end of this one would claim for themselves.
        if (claims++ != 0) {
            return EBUSY;
        }
        gate.pass();
        return ENODEV;
    };
    unsigned shared = 0;
    for (const Outcome &outcome : start_together(kStarts, gate)) {
        assert_int_equal(outcome.status, CPA_STATUS_FAIL);
        assert_true(!outcome.reason.empty());
        shared +=
            outcome.err == ENODEV && outcome.reason.find("no endpoint is up") != std::string::npos ? 1 : 0;
    }
    assert_true(shared > 1);
    assert_int_equal(claims + shared, kStarts + 1);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
}

void USR_02_starts_behind_a_wait_count_towards_64(void **) {
    constexpr unsigned kStarts = 70;
    Gate gate;
    g_driver.claim = [&](qae_section_claim &claim) {
        gate.pass();
        return grant_section(claim, 1);
    };
    unsigned started = 0;
    for (const Outcome &outcome : start_together(kStarts, gate)) {
        started += outcome.status == CPA_STATUS_SUCCESS ? 1 : 0;
        assert_true(outcome.status == CPA_STATUS_SUCCESS || outcome.err == EAGAIN);
    }
    assert_int_equal(started, 64);
    for (unsigned i = 0; i < 64; ++i) {
        assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
    }
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
}

void USR_12_an_interrupted_claim_is_repeated(void **) {
    unsigned claims = 0;
    g_driver.claim = [&](qae_section_claim &claim) { return ++claims < 5 ? EINTR : grant_section(claim, 1); };
    assert_int_equal(icp_sal_userStart("SSL"), CPA_STATUS_SUCCESS);
    assert_int_equal(claims, 5);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
}

// The wait in the fake driver is a cancellation point, as a system call may be.
void a_cancelled_thread_ends_after_its_start(void **) {
    struct Shared {
        Gate gate;
        std::atomic<int> status{1};
    } shared;
    g_driver.claim = [&](qae_section_claim &claim) {
        shared.gate.pass();
        return grant_section(claim, 1);
    };
    pthread_t thread;
    const auto body = [](void *argument) -> void * {
        static_cast<Shared *>(argument)->status = icp_sal_userStart("SSL");
        for (;;) {
            pthread_testcancel();
        }
    };
    assert_int_equal(pthread_create(&thread, nullptr, body, &shared), 0);
    shared.gate.await_inside();
    assert_int_equal(pthread_cancel(thread), 0);
    shared.gate.open();
    void *result = nullptr;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_true(result == PTHREAD_CANCELED);
    assert_int_equal(shared.status, CPA_STATUS_SUCCESS);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(USR_12_starts_share_a_success),
        cmocka_unit_test(USR_12_starts_share_a_failure),
        cmocka_unit_test(USR_02_starts_behind_a_wait_count_towards_64),
        cmocka_unit_test(USR_12_an_interrupted_claim_is_repeated),
        cmocka_unit_test(a_cancelled_thread_ends_after_its_start),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
