// SPDX-License-Identifier: BSD-3-Clause
// Processes that wait for dynamic instances, with the loaded modules.
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>

#include "support/cmocka_cpp.h"
#include "support/dynamic_pool.h"
#include "support/guest_config.h"
#include "support/holdings.h"
#include "support/reason.h"
#include "support/worker.h"

namespace {

using guest::Channel;
using guest::Handles;
using guest::kAll;
using guest::return_cy;
using guest::start;
using guest::stop;
using guest::take_cy;
using guest::Worker;

void DYN_17_a_waiter_sleeps_until_instances_are_free(void **) {
    const auto before = guest::holdings();
    Worker owner([](Channel &channel) {
        start();
        auto handles = take_cy(6);
        channel.say("has");
        channel.hear();
        return_cy({handles[0], handles[1]});
        channel.hear();
        return 0; // the exit of this process returns the rest
    });
    assert_string_equal(owner.hear().c_str(), "has");
    Worker waiter([](Channel &channel) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        sigaction(SIGALRM, &action, nullptr);
        itimerval often = {{0, 5000}, {0, 5000}};
        start();
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, kAll, 0) == CPA_STATUS_RETRY);
        setitimer(ITIMER_REAL, &often, nullptr); // signals must not end the wait, nor make it endless
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, kAll, 100) == CPA_STATUS_RETRY);
        WORKER_CHECK(reason_says("100 ms"));
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 7, kAll, -1) == CPA_STATUS_FAIL);
        WORKER_CHECK(reason_says("too few dynamic"));
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, 5, -1) == CPA_STATUS_FAIL);
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_DATA_COMPRESSION, 4, kAll, -1) ==
                     CPA_STATUS_SUCCESS);
        channel.say("waits");
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 2, kAll, -1) == CPA_STATUS_SUCCESS);
        channel.say("two are free");
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 3, 0, 600000) == CPA_STATUS_SUCCESS);
        return_cy(take_cy(3, 0));
        stop();
        return 0;
    });
    assert_string_equal(waiter.hear().c_str(), "waits");
    owner.say("return two");
    assert_string_equal(waiter.hear().c_str(), "two are free");
    owner.say("leave");
    assert_int_equal(waiter.wait(), 0);
    assert_int_equal(owner.wait(), 0);
    guest::assert_holdings(before);
}

// Two processes wait at once for what a third one holds, with signals. Each gets its share.
void DYN_17_a_taker_waits_for_its_instances(void **) {
    const auto before = guest::holdings();
    Worker owner([](Channel &channel) {
        start();
        const auto handles = take_cy(6);
        channel.say("has");
        channel.hear();
        return_cy(handles);
        channel.hear();
        stop();
        return 0;
    });
    assert_string_equal(owner.hear().c_str(), "has");
    const auto body = [](Channel &channel) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        sigaction(SIGALRM, &action, nullptr);
        itimerval often = {{0, 5000}, {0, 5000}};
        start();
        setitimer(ITIMER_REAL, &often, nullptr);
        Handles handles(3, &handles);
        WORKER_CHECK(qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 3, handles.data(), kAll, 100) ==
                     CPA_STATUS_RETRY);
        WORKER_CHECK(qaeLastErrno() == ETIMEDOUT && reason_says("within 100 ms: 3 requested"));
        WORKER_CHECK(std::count(handles.begin(), handles.end(), nullptr) == 3);
        channel.say("waits");
        WORKER_CHECK(qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 3, handles.data(), kAll, -1) ==
                     CPA_STATUS_SUCCESS);
        channel.say("has");
        channel.hear();
        return_cy(handles);
        stop();
        return 0;
    };
    Worker first(body), second(body);
    assert_string_equal(first.hear().c_str(), "waits");
    assert_string_equal(second.hear().c_str(), "waits");
    owner.say("return");
    assert_string_equal(first.hear().c_str(), "has");
    assert_string_equal(second.hear().c_str(), "has");
    for (Worker *worker : {&first, &second, &owner}) {
        worker->say("end");
        assert_int_equal(worker->wait(), 0);
    }
    guest::assert_holdings(before);
}

// More takers than instances: each takes one at a time, and none is left out for ever.
void DYN_17_takers_in_turn(void **) {
    const auto before = guest::holdings();
    const auto body = [](Channel &channel) {
        start();
        channel.hear();
        for (int i = 0; i < 20; ++i) {
            CpaInstanceHandle handles[3];
            WORKER_CHECK(qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 3, handles, 0, 60'000) ==
                         CPA_STATUS_SUCCESS);
            usleep(1000);
            WORKER_CHECK(icp_sal_userCyFreeInstances(3, handles) == CPA_STATUS_SUCCESS);
        }
        stop();
        return 0;
    };
    Worker workers[] = {Worker(body), Worker(body)};
    for (Worker &worker : workers) {
        worker.say("go");
    }
    for (Worker &worker : workers) {
        assert_int_equal(worker.wait(), 0);
    }
    guest::assert_holdings(before);
}

} // namespace

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, guest::configure_pool, guest::no_section_held)

int main() {
    const CMUnitTest tests[] = {
        POOL_TEST(DYN_17_a_waiter_sleeps_until_instances_are_free),
        POOL_TEST(DYN_17_a_taker_waits_for_its_instances),
        POOL_TEST(DYN_17_takers_in_turn),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
