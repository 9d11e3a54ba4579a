// SPDX-License-Identifier: BSD-3-Clause
// Dynamic instances with the loaded modules: counting, taking, returning, refusing. Any two endpoints
// will do: nothing here depends on their type.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/qae.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <cpa_cy_im.h>
#include <cpa_dc.h>

#include "support/cmocka_cpp.h"
#include "support/dynamic_pool.h"
#include "support/guest_config.h"
#include "support/holder.h"
#include "support/holdings.h"
#include "support/process.h"
#include "support/reason.h"

namespace {

using guest::Channel;
using guest::free_cy;
using guest::free_dc;
using guest::Handles;
using guest::Holder;
using guest::in_a_process;
using guest::kAll;
using guest::return_cy;
using guest::start;
using guest::stop;
using guest::take_cy;
using guest::Worker;

CpaInstanceInfo2 info_of(CpaInstanceHandle handle) {
    CpaInstanceInfo2 info;
    WORKER_CHECK(cpaInstanceGetInfo2(handle, &info) == CPA_STATUS_SUCCESS);
    return info;
}

void DYN_01_the_pool_is_the_sum_of_the_endpoints(void **) {
    in_a_process([] {
        WORKER_CHECK(free_cy() == 6 && free_cy(0) == 3 && free_cy(1) == 3);
        WORKER_CHECK(free_dc() == 4 && free_dc(0) == 2 && free_dc(1) == 2);
        start();
        const auto handles = take_cy(6);
        CpaInstanceHandle one = &one;
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(1, &one) == CPA_STATUS_FAIL && one == nullptr);
        return_cy(handles);
        stop();
    });
}

void DYN_02_what_one_process_frees_another_takes(void **) {
    const auto before = guest::holdings();
    const auto taker = [](Channel &channel) {
        start();
        Handles handles(6);
        for (std::string word = channel.hear(); word == "take" || word == "free"; word = channel.hear()) {
            const CpaStatus status = word == "take" ? icp_sal_userCyInstancesAlloc(6, handles.data())
                                                    : icp_sal_userCyFreeInstances(6, handles.data());
            channel.say(fmt::format("{}", status));
        }
        stop();
        return 0;
    };
    const auto ask = [](Worker &worker, const char *word) {
        worker.say(word);
        return worker.hear();
    };
    Worker a(taker);
    Worker b(taker);
    for (int round = 0; round < 3; ++round) {
        assert_string_equal(ask(a, "take").c_str(), "0");
        assert_string_equal(ask(b, "take").c_str(), "-1");
        assert_string_equal(ask(a, "free").c_str(), "0");
        assert_string_equal(ask(b, "take").c_str(), "0");
        assert_string_equal(ask(a, "take").c_str(), "-1");
        assert_string_equal(ask(b, "free").c_str(), "0");
    }
    a.say("end");
    b.say("end");
    assert_int_equal(a.wait(), 0);
    assert_int_equal(b.wait(), 0);
    guest::assert_holdings(before);
}

void DYN_03_static_and_dynamic_at_the_same_time(void **) {
    in_a_process([] {
        start();
        WORKER_CHECK(guest::crypto_instances().size() == 1);
        const auto handles = take_cy(2);
        WORKER_CHECK(guest::crypto_instances().size() == 3);
        return_cy(handles);
        WORKER_CHECK(guest::crypto_instances().size() == 1);
        stop();
        start("DYN"); // holds no section, only the right to take instances
        WORKER_CHECK(guest::section_of_this_process() == "DYN" && guest::crypto_instances().empty());
        return_cy(take_cy(6));
        stop();
    });
}

void DYN_04_counts_follow_every_change(void **) {
    in_a_process([] {
        Cpa32U number = 99;
        start();
        const auto handles = take_cy(4);
        WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstances(&number) == CPA_STATUS_SUCCESS && number == 2);
        WORKER_CHECK(icp_sal_userDcGetAvailableNumDynInstances(&number) == CPA_STATUS_SUCCESS && number == 4);
        return_cy(handles);
        WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstances(&number) == CPA_STATUS_SUCCESS && number == 6);
        stop();
    });
}

void DYN_05_all_or_nothing(void **) {
    in_a_process([] {
        start();
        Handles handles(100, &handles);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(7, handles.data()) == CPA_STATUS_FAIL);
        WORKER_CHECK(reason_says("are configured on all endpoints: 7 requested, 6 configured"));
        WORKER_CHECK(std::count(handles.begin(), handles.end(), nullptr) == 7 && free_cy() == 6);
        const auto some = take_cy(4);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(3, handles.data() + 20) == CPA_STATUS_FAIL);
        WORKER_CHECK(reason_says("are free on all endpoints: 3 requested, 2 free, 6 configured"));
        WORKER_CHECK(std::count(handles.begin(), handles.end(), nullptr) == 10 && free_cy() == 2);
        WORKER_CHECK(icp_sal_userDcInstancesAlloc(5, handles.data()) == CPA_STATUS_FAIL && free_dc() == 4);
        WORKER_CHECK(icp_sal_userDcInstancesAlloc(4, handles.data()) == CPA_STATUS_SUCCESS && free_dc() == 0);
        WORKER_CHECK(icp_sal_userDcFreeInstances(4, handles.data()) == CPA_STATUS_SUCCESS && free_dc() == 4);
        return_cy(some);
        stop();
    });
}

void DYN_06_any_subset_in_any_order(void **) {
    in_a_process([] {
        start();
        auto handles = take_cy(6);
        std::swap(handles[0], handles[5]);
        std::swap(handles[2], handles[3]);
        WORKER_CHECK(icp_sal_userCyFreeInstances(2, handles.data() + 2) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(free_cy() == 2 && handles[2] == nullptr && handles[3] == nullptr &&
                     handles[1] != nullptr);
        // NULL entries are skipped, so a half-freed array can be passed as it is.
        WORKER_CHECK(icp_sal_userCyFreeInstances(6, handles.data()) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(std::count(handles.begin(), handles.end(), nullptr) == 6 && free_cy() == 6);
        stop();
    });
}

void DYN_07_counting_one_endpoint(void **) {
    in_a_process([] {
        start();
        const auto handles = take_cy(2, 1);
        WORKER_CHECK(free_cy(0) == 3 && free_cy(1) == 1 && free_cy(kAll) == 4);
        WORKER_CHECK(free_cy(2) == 0 && free_cy(77) == 0 && free_cy(kAll - 1) == 0 && free_dc(5) == 0);
        return_cy(handles);
        stop();
    });
}

void DYN_08_taking_from_one_endpoint(void **) {
    in_a_process([] {
        start();
        const auto handles = take_cy(3, 1);
        for (const auto handle : handles) {
            WORKER_CHECK(info_of(handle).physInstId.packageId == 1);
        }
        CpaInstanceHandle one = &one;
        WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(1, &one, 1) == CPA_STATUS_FAIL && one == nullptr);
        WORKER_CHECK(reason_says("qat_dev1"));
        WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(1, &one, 9) == CPA_STATUS_FAIL && one == nullptr);
        WORKER_CHECK(reason_says("qat_dev9"));
        WORKER_CHECK(icp_sal_userDcInstancesAllocByDevPkg(2, Handles(2).data(), 9) == CPA_STATUS_FAIL);
        WORKER_CHECK(icp_sal_userDcInstancesAllocByDevPkg(1, &one, 0) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(info_of(one).physInstId.packageId == 0);
        WORKER_CHECK(icp_sal_userDcFreeInstances(1, &one) == CPA_STATUS_SUCCESS);
        return_cy(handles);
        return_cy(take_cy(6, kAll));
        stop();
    });
}

void DYN_09_accelerator_0_is_the_endpoint(void **) {
    in_a_process([] {
        Cpa32U number = 99;
        Handles handles(3, &handles);
        start();
        WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(&number, 0, 0) ==
                     CPA_STATUS_SUCCESS);
        WORKER_CHECK(number == 3);
        WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(&number, kAll, 0) ==
                     CPA_STATUS_SUCCESS);
        WORKER_CHECK(number == 6);
        WORKER_CHECK(icp_sal_userCyInstancesAllocByPkgAccel(3, handles.data(), 0, 1) ==
                     CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(handles[0] == &handles && free_cy() == 6);
        WORKER_CHECK(icp_sal_userCyInstancesAllocByPkgAccel(3, handles.data(), 0, 0) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(free_cy(0) == 0 && free_cy(1) == 3);
        return_cy(handles);
        stop();
    });
}

void DYN_10_bad_arguments_change_nothing(void **) {
    in_a_process([] {
        start();
        auto handles = take_cy(2);
        const auto copy = handles;
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(0, handles.data()) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(1, nullptr) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(kAll, handles.data()) == CPA_STATUS_FAIL);
        WORKER_CHECK(icp_sal_userCyFreeInstances(0, handles.data()) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(icp_sal_userCyFreeInstances(2, nullptr) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(icp_sal_userCyFreeInstances(kAll, handles.data()) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(handles == copy && free_cy() == 4);
        return_cy(handles);
        stop();
    });
}

// Runs on every type of endpoint that the lab offers; scenario dynamic-4xxx has it run on the 4xxx family.
void DYN_11_every_generation_has_dynamic_instances(void **) {
    const auto type = guest::endpoints().at(0).type;
    in_a_process([type] {
        start();
        const auto handles = take_cy(6);
        for (const auto handle : handles) {
            const auto info = info_of(handle);
            if (info.physInstId.packageId == 0) {
                WORKER_CHECK(reinterpret_cast<const char *>(info.partName) ==
                             type + " with Intel(R) QuickAssist Technology");
            }
            WORKER_CHECK(cpaCyStartInstance(handle) == CPA_STATUS_SUCCESS);
            WORKER_CHECK(info_of(handle).operState == CPA_OPER_STATE_UP);
        }
        Handles dc(4);
        WORKER_CHECK(icp_sal_userDcInstancesAlloc(4, dc.data()) == CPA_STATUS_SUCCESS && free_dc() == 0);
        WORKER_CHECK(icp_sal_userDcFreeInstances(4, dc.data()) == CPA_STATUS_SUCCESS);
        return_cy(handles);
        stop();
    });
}

// One call with valid handles between all kinds of wrong ones: the valid ones are freed, the others stay, and
// the first error is reported.
void DYN_12_wrong_handles_among_valid_ones(void **) {
    in_a_process([] {
        start();
        const auto statics = guest::crypto_instances();
        const auto taken = take_cy(3);
        CpaInstanceHandle compression = nullptr;
        WORKER_CHECK(icp_sal_userDcInstancesAlloc(1, &compression) == CPA_STATUS_SUCCESS);
        return_cy({taken[0]});
        int local = 0;
        Handles mixed = {statics[0], taken[1], taken[0], &local, compression, taken[2], taken[2], nullptr};
        const auto sent = mixed;
        WORKER_CHECK(icp_sal_userCyFreeInstances(8, mixed.data()) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(reason_says("element 0 is a static instance"));
        const Handles expected = {sent[0], nullptr, sent[2], sent[3], sent[4], nullptr, sent[6], nullptr};
        WORKER_CHECK(mixed == expected && free_cy() == 6 && free_dc() == 3);
        WORKER_CHECK(guest::crypto_instances() == statics);
        WORKER_CHECK(icp_sal_userCyFreeInstances(1, &compression) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(reason_says("this function is for crypto instances"));
        WORKER_CHECK(icp_sal_userDcFreeInstances(1, &compression) == CPA_STATUS_SUCCESS);
        stop();
    });
}

void DYN_12_another_process_keeps_its_instances(void **) {
    const auto before = guest::holdings();
    Worker owner([](Channel &channel) {
        start();
        auto handles = take_cy(6);
        channel.say(fmt::format("{}", reinterpret_cast<std::uintptr_t>(handles[0])));
        channel.hear();
        WORKER_CHECK(info_of(handles[0]).operState == CPA_OPER_STATE_DOWN);
        return_cy(handles);
        stop();
        return 0;
    });
    const auto foreign = reinterpret_cast<CpaInstanceHandle>(std::stoull(owner.hear()));
    Worker thief([foreign](Channel &) {
        start();
        CpaInstanceHandle handle = foreign;
        WORKER_CHECK(icp_sal_userCyFreeInstances(1, &handle) == CPA_STATUS_INVALID_PARAM &&
                     handle == foreign);
        WORKER_CHECK(free_cy() == 0);
        stop();
        return 0;
    });
    assert_int_equal(thief.wait(), 0);
    owner.say("go on");
    assert_int_equal(owner.wait(), 0);
    guest::assert_holdings(before);
}

void DYN_13_death_returns_everything(void **) {
    const auto before = guest::holdings();
    const auto hog = [](Channel &channel) {
        start();
        take_cy(5);
        channel.say("has");
        channel.hear();
        return 0;
    };
    for (const int signal : {0, SIGTERM, SIGKILL, SIGSEGV}) {
        Worker worker(hog);
        assert_string_equal(worker.hear().c_str(), "has");
        if (signal == 0) {
            worker.say("exit");
            assert_int_equal(worker.wait(), 0);
        } else {
            worker.kill(signal);
            assert_int_equal(worker.wait(), 128 + signal);
        }
        guest::assert_holdings(before);
    }
}

void DYN_13_the_oom_killer_returns_everything(void **) {
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        std::FILE *score = std::fopen("/proc/self/oom_score_adj", "w");
        WORKER_CHECK(score != nullptr && std::fputs("1000", score) >= 0 && std::fclose(score) == 0);
        start();
        take_cy(6);
        channel.say("has");
        channel.hear();
        return 0;
    });
    assert_string_equal(worker.hear().c_str(), "has");
    const int trigger = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
    if (trigger < 0) {
        skip();
    }
    assert_int_equal(write(trigger, "f", 1),
                     1); // the kernel's own choice of victim is the one with the highest score
    close(trigger);
    assert_int_equal(worker.wait(), 128 + SIGKILL);
    guest::assert_holdings(before);
}

void DYN_14_before_the_start(void **state) {
    in_a_process([] {
        CpaInstanceHandle handle = &handle;
        WORKER_CHECK(free_cy() == 6 && free_dc() == 4);
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(1, &handle) == CPA_STATUS_FAIL && handle == nullptr);
        WORKER_CHECK(reason_says("has not started"));
        WORKER_CHECK(icp_sal_userIsQatAvailable() == CPA_TRUE);
    });
    guest::shut_down();
    in_a_process([] {
        WORKER_CHECK(free_cy() == 0 && free_dc() == 0 && free_cy(0) == 0);
        WORKER_CHECK(icp_sal_userIsQatAvailable() == CPA_FALSE && reason_says("qaectl up"));
    });
    guest::configure_pool(state);
}

void DYN_15_listed_and_described_until_freed(void **) {
    in_a_process([] {
        start();
        const auto handles = take_cy(2, 1);
        const auto listed = guest::crypto_instances();
        WORKER_CHECK(listed.size() == 3);
        for (const auto handle : handles) {
            WORKER_CHECK(std::count(listed.begin(), listed.end(), handle) == 1);
            const auto info = info_of(handle);
            const std::string id = reinterpret_cast<const char *>(info.instID);
            WORKER_CHECK(id == "DYN_" + std::string(reinterpret_cast<const char *>(info.instName)));
            WORKER_CHECK(info.operState == CPA_OPER_STATE_DOWN);
            WORKER_CHECK(cpaCyStartInstance(handle) == CPA_STATUS_SUCCESS);
            WORKER_CHECK(info_of(handle).operState == CPA_OPER_STATE_UP);
            WORKER_CHECK(cpaCyStopInstance(handle) == CPA_STATUS_SUCCESS);
            WORKER_CHECK(info_of(handle).operState == CPA_OPER_STATE_DOWN);
            CpaInstanceInfo2 other;
            WORKER_CHECK(cpaDcInstanceGetInfo2(handle, &other) == CPA_STATUS_INVALID_PARAM);
        }
        Cpa16U compressors = 0;
        WORKER_CHECK(cpaDcGetNumInstances(&compressors) == CPA_STATUS_SUCCESS && compressors == 1);
        CpaInstanceHandle dc = nullptr;
        WORKER_CHECK(cpaDcGetInstances(1, &dc) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(cpaDcStartInstance(dc, 0, nullptr) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(info_of(dc).operState == CPA_OPER_STATE_UP &&
                     cpaDcStopInstance(dc) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(cpaGetNumInstances(CPA_ACC_SVC_TYPE_DATA_COMPRESSION, &compressors) ==
                     CPA_STATUS_SUCCESS);
        WORKER_CHECK(compressors == 1);
        return_cy(handles);
        CpaInstanceInfo2 info;
        WORKER_CHECK(cpaCyInstanceGetInfo2(handles[0], &info) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(guest::crypto_instances().size() == 1);
        stop();
    });
}

void DYN_16_spread_over_the_endpoints(void **) {
    in_a_process([] {
        start("DYN");
        const auto per_endpoint = [](const Handles &handles) {
            std::map<unsigned, unsigned> number;
            for (const auto handle : handles) {
                ++number[info_of(handle).physInstId.packageId];
            }
            return number;
        };
        const auto even = take_cy(4);
        const auto spread = per_endpoint(even);
        WORKER_CHECK(spread.size() == 2 && spread.at(0) == 2 && spread.at(1) == 2);
        return_cy(even);
        const auto pinned = take_cy(3, 0); // now endpoint 1 is the less loaded one
        const auto rest = take_cy(2);
        WORKER_CHECK(per_endpoint(pinned).at(0) == 3 && per_endpoint(rest).at(1) == 2);
        return_cy(pinned);
        return_cy(rest);
        stop();
    });
}

} // namespace

#define POOL_TEST(test) cmocka_unit_test_setup_teardown(test, guest::configure_pool, guest::no_section_held)

int main() {
    const CMUnitTest tests[] = {
        POOL_TEST(DYN_01_the_pool_is_the_sum_of_the_endpoints),
        POOL_TEST(DYN_02_what_one_process_frees_another_takes),
        POOL_TEST(DYN_03_static_and_dynamic_at_the_same_time),
        POOL_TEST(DYN_04_counts_follow_every_change),
        POOL_TEST(DYN_05_all_or_nothing),
        POOL_TEST(DYN_06_any_subset_in_any_order),
        POOL_TEST(DYN_07_counting_one_endpoint),
        POOL_TEST(DYN_08_taking_from_one_endpoint),
        POOL_TEST(DYN_09_accelerator_0_is_the_endpoint),
        POOL_TEST(DYN_10_bad_arguments_change_nothing),
        POOL_TEST(DYN_11_every_generation_has_dynamic_instances),
        POOL_TEST(DYN_12_wrong_handles_among_valid_ones),
        POOL_TEST(DYN_12_another_process_keeps_its_instances),
        POOL_TEST(DYN_13_death_returns_everything),
        POOL_TEST(DYN_13_the_oom_killer_returns_everything),
        POOL_TEST(DYN_14_before_the_start),
        POOL_TEST(DYN_15_listed_and_described_until_freed),
        POOL_TEST(DYN_16_spread_over_the_endpoints),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
