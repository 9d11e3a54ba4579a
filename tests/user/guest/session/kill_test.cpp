// SPDX-License-Identifier: BSD-3-Clause
// A thousand processes are killed in the middle of claims, allocations and waits, and nothing is lost.
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <qae_mem.h>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/holder.h"
#include "support/holdings.h"

namespace {

using guest::Channel;
using guest::Holder;
using guest::Worker;

constexpr unsigned kKills = 1000;
// Two processes compete, so some allocations fail; that is a good moment to be killed as well.
constexpr unsigned kAtOnce = 2;

// Takes and returns sections, instances and memory until it is killed. Its first line says that the library
// is in use.
int work_for_ever(Channel &channel, unsigned seed) {
    std::minstd_rand random(seed);
    const auto pick = [&random](unsigned below) { return static_cast<unsigned>(random() % below); };
    channel.say("busy");
    for (;;) {
        const bool started = icp_sal_userStart(pick(3) == 0 ? "DYN" : "APP") == CPA_STATUS_SUCCESS;
        CpaInstanceHandle cy[4] = {};
        CpaInstanceHandle dc[2] = {};
        void *pinned[3] = {};
        if (started) {
            icp_sal_userCyInstancesAlloc(1 + pick(4), cy);
            icp_sal_userDcInstancesAllocByDevPkg(1 + pick(2), dc, pick(2));
        }
        for (void *&memory : pinned) {
            memory = qaeMemAllocNUMA(std::size_t{64} << pick(13), NUMA_ANY_NODE, 64);
        }
        icp_sal_userCyFreeInstances(4, cy);
        for (void *&memory : pinned) {
            if (memory != nullptr) {
                qaeMemFreeNUMA(&memory);
            }
        }
        if (started) {
            icp_sal_userStop();
        }
    }
}

// Fails the test unless everything that is configured can be had.
void assert_all_available() {
    std::vector<std::unique_ptr<Holder>> holders;
    for (int i = 0; i < 4; ++i) {
        holders.push_back(std::make_unique<Holder>("APP"));
        assert_true(holders.back()->started());
    }
    Worker taker([](Channel &) {
        CpaInstanceHandle handles[8];
        WORKER_CHECK(icp_sal_userStart("DYN") == CPA_STATUS_SUCCESS);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(8, handles) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(icp_sal_userDcInstancesAlloc(4, handles) == CPA_STATUS_SUCCESS);
        return 0;
    });
    assert_int_equal(taker.wait(), 0);
}

void DYN_13_USR_09_a_thousand_kills_lose_nothing(void **) {
    guest::configure_two(guest::section("APP", "NumProcesses = 2\nLimitDevAccess = 1", 1, 1) +
                         guest::pool(4, 2));
    const auto before = guest::holdings();
    std::minstd_rand random(20);
    std::vector<std::unique_ptr<Worker>> workers(kAtOnce);

    for (unsigned kill = 0; kill < kKills; ++kill) {
        auto &worker = workers[kill % kAtOnce];
        if (worker) {
            worker->kill(SIGKILL);
            assert_int_equal(worker->wait(), 128 + SIGKILL);
        }
        worker =
            std::make_unique<Worker>([kill](Channel &channel) { return work_for_ever(channel, kill + 1); });
        assert_string_equal(worker->hear().c_str(), "busy");
        usleep(static_cast<useconds_t>(random() % 2000)); // varies the moment at which the next process dies
    }
    for (auto &worker : workers) {
        worker->kill(SIGKILL);
        assert_int_equal(worker->wait(), 128 + SIGKILL);
    }
    guest::assert_holdings(before);
    assert_all_available();
    guest::assert_holdings(before);
}

void USR_12_killed_waiters_lose_nothing(void **) {
    guest::configure_two(guest::section("APP", "NumProcesses = 1\nOnBusy = wait 600000", 1));
    const auto before = guest::holdings();
    Holder holder("APP");
    assert_true(holder.started());
    for (int round = 0; round < 50; ++round) {
        Worker waiter([](Channel &channel) {
            channel.say("about to wait");
            return icp_sal_userStart("APP") == CPA_STATUS_SUCCESS ? 0 : 1;
        });
        assert_string_equal(waiter.hear().c_str(), "about to wait");
        usleep(static_cast<useconds_t>(round) * 50);
        waiter.kill(SIGKILL);
        assert_int_equal(waiter.wait(), 128 + SIGKILL);
    }
    Holder next("APP");
    assert_int_equal(holder.stop(), 0);
    assert_true(next.started());
    assert_int_equal(next.stop(), 0);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(DYN_13_USR_09_a_thousand_kills_lose_nothing),
        cmocka_unit_test(USR_12_killed_waiters_lose_nothing),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
