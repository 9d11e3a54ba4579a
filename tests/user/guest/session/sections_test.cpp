// SPDX-License-Identifier: BSD-3-Clause
// Sections with the loaded modules: which process gets which, which is refused and why, and which waits.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <pthread.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/holder.h"
#include "support/holdings.h"
#include "support/reason.h"

namespace {

using guest::Channel;
using guest::Holder;
using guest::Worker;

std::vector<std::unique_ptr<Holder>> hold(const std::string &name, unsigned number) {
    std::vector<std::unique_ptr<Holder>> holders;
    for (unsigned i = 0; i < number; ++i) {
        holders.push_back(std::make_unique<Holder>(name));
        if (!holders.back()->started()) {
            fail_msg("process %u: %s", i, holders.back()->text().c_str());
        }
    }
    return holders;
}

std::set<std::string> names_of(std::vector<std::unique_ptr<Holder>> &holders) {
    std::set<std::string> names;
    for (auto &holder : holders) {
        names.insert(holder->text());
    }
    return names;
}

void stop_all(std::vector<std::unique_ptr<Holder>> &holders) {
    for (auto &holder : holders) {
        assert_int_equal(holder->stop(), 0);
    }
    holders.clear();
}

const std::set<std::string> kSslSections = {"SSL_DEV0_INT_0", "SSL_DEV0_INT_1", "SSL_DEV0_INT_2",
                                            "SSL_DEV0_INT_3", "SSL_DEV1_INT_0", "SSL_DEV1_INT_1",
                                            "SSL_DEV1_INT_2", "SSL_DEV1_INT_3"};

// What one SSL process of the documented example sees of itself.
int check_ssl_process(Channel &) {
    WORKER_CHECK(icp_sal_userStart("SSL") == CPA_STATUS_SUCCESS);
    const std::string section = guest::section_of_this_process();
    WORKER_CHECK(kSslSections.count(section) == 1);
    const auto handles = guest::crypto_instances();
    WORKER_CHECK(handles.size() == 1);
    CpaInstanceInfo2 info;
    WORKER_CHECK(cpaCyInstanceGetInfo2(handles[0], &info) == CPA_STATUS_SUCCESS);
    const auto text = [](const Cpa8U *bytes) { return std::string(reinterpret_cast<const char *>(bytes)); };
    WORKER_CHECK(text(info.instName) == "SSL0");
    WORKER_CHECK(text(info.instID) == section + "_SSL0");
    WORKER_CHECK(text(info.vendorName) == "Intel(R)");
    const auto endpoint = guest::endpoints().at(info.physInstId.packageId);
    WORKER_CHECK(text(info.partName) == endpoint.type + " with Intel(R) QuickAssist Technology");
    WORKER_CHECK(section.substr(0, 8) == fmt::format("SSL_DEV{}", info.physInstId.packageId));
    WORKER_CHECK(info.physInstId.acceleratorId == info.physInstId.packageId);
    WORKER_CHECK(info.physInstId.busAddress == (endpoint.pci_busdevfn & 0xffff));
    WORKER_CHECK(info.nodeAffinity == static_cast<Cpa32U>(std::max(endpoint.node, 0)));
    WORKER_CHECK(CPA_BITMAP_BIT_TEST(info.coreAffinity, 0));
    WORKER_CHECK(info.isPolled == CPA_TRUE && info.isOffloaded == CPA_TRUE);
    WORKER_CHECK(info.requiresPhysicallyContiguousMemory == CPA_TRUE);
    WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
    return 0;
}

void USR_01_start_gives_a_section_and_its_instances(void **) {
    guest::configure_documented();
    Worker worker(check_ssl_process);
    assert_int_equal(worker.wait(), 0);
}

void USR_02_starts_are_counted_up_to_64(void **) {
    guest::configure_documented();
    Worker worker([](Channel &) {
        for (int i = 0; i < 64; ++i) {
            WORKER_CHECK(icp_sal_userStart(i % 2 == 0 ? "SSL" : "IPSec") == CPA_STATUS_SUCCESS);
        }
        WORKER_CHECK(guest::sections_held("SSL") == 1 && guest::sections_held("IPsec") == 0);
        WORKER_CHECK(icp_sal_userStart("SSL") == CPA_STATUS_FAIL);
        WORKER_CHECK(reason_says("64 times"));
        for (int i = 0; i < 63; ++i) {
            WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
        }
        WORKER_CHECK(guest::crypto_instances().size() == 1 && guest::sections_held("SSL") == 1);
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
        WORKER_CHECK(guest::sections_held("SSL") == 0);
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

void USR_03_limit_dev_access_argument_is_ignored(void **) {
    guest::configure_documented();
    Worker worker([](Channel &) {
        WORKER_CHECK(icp_sal_userStartMultiProcess("IPSec", CPA_TRUE) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(guest::section_of_this_process() == "IPsec_INT_0");
        WORKER_CHECK(guest::crypto_instances().size() == 8);
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
        WORKER_CHECK(icp_sal_userStartMultiProcess("SSL", CPA_FALSE) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(kSslSections.count(guest::section_of_this_process()) == 1);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

void USR_04_shared_sections_span_all_endpoints(void **) {
    guest::configure_two(guest::section("APP", "NumProcesses = 3\nLimitDevAccess = 0", 2));
    auto holders = hold("APP", 3);
    const std::set<std::string> expected = {"APP_INT_0", "APP_INT_1", "APP_INT_2"};
    assert_true(names_of(holders) == expected);
    Holder fourth("APP");
    assert_false(fourth.started());
    stop_all(holders);
    Worker worker([](Channel &) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        std::multiset<unsigned> packages;
        for (const auto handle : guest::crypto_instances()) {
            CpaInstanceInfo2 info;
            WORKER_CHECK(cpaCyInstanceGetInfo2(handle, &info) == CPA_STATUS_SUCCESS);
            packages.insert(info.physInstId.packageId);
        }
        WORKER_CHECK((packages == std::multiset<unsigned>{0, 0, 1, 1}));
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

void USR_05_limited_sections_are_on_one_endpoint_each(void **) {
    guest::configure_documented();
    auto holders = hold("SSL", 8);
    assert_true(names_of(holders) == kSslSections);
    stop_all(holders);
}

// The documented example: eight SSL processes and one IPSec process at once, and no further one of either.
void USR_06_nine_documented_processes_and_no_tenth(void **) {
    guest::configure_documented();
    auto ssl = hold("SSL", 8);
    auto ipsec = hold("IPSec", 1);
    assert_string_equal(ipsec[0]->text().c_str(), "IPsec_INT_0");
    assert_int_equal(guest::sections_held("SSL"), 8);

    Holder tenth("SSL");
    assert_false(tenth.started());
    assert_says(tenth.text().c_str(), "no section \"SSL\" is free");
    for (auto &holder : ssl) {
        assert_says(tenth.text().c_str(),
                    fmt::format("{} by process {}", holder->text(), holder->pid()).c_str());
    }
    Holder second_ipsec("IPSec");
    assert_false(second_ipsec.started());
    assert_says(second_ipsec.text().c_str(),
                fmt::format("IPsec_INT_0 by process {}", ipsec[0]->pid()).c_str());

    // A failed start took nothing and left nothing behind: the next free section goes to the next process.
    const std::string freed = ssl[3]->text();
    assert_int_equal(ssl[3]->stop(), 0);
    ssl[3] = std::make_unique<Holder>("SSL");
    assert_true(ssl[3]->started());
    assert_string_equal(ssl[3]->text().c_str(), freed.c_str());
    stop_all(ssl);
    stop_all(ipsec);
}

void USR_06_no_process_configured_and_no_endpoint_up(void **) {
    guest::configure_two(guest::section("NONE", "NumProcesses = 0", 1));
    Holder none("NONE");
    assert_false(none.started());
    assert_says(none.text().c_str(), "NumProcesses");
    guest::shut_down();
    Holder down("NONE");
    assert_false(down.started());
    assert_says(down.text().c_str(), "no endpoint is up");
    assert_says(down.text().c_str(), "qaectl up");
}

void USR_07_stop_gives_everything_back(void **) {
    guest::configure_two(guest::section("APP", "NumProcesses = 1", 1) + guest::pool(2, 1));
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        CpaInstanceHandle dynamic[2];
        for (int round = 0; round < 3; ++round) {
            WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
            WORKER_CHECK(icp_sal_userCyInstancesAlloc(2, dynamic) == CPA_STATUS_SUCCESS);
            const auto handles = guest::crypto_instances();
            WORKER_CHECK(handles.size() == 4);
            WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
            CpaInstanceInfo2 info;
            for (const auto handle : handles) {
                WORKER_CHECK(cpaCyInstanceGetInfo2(handle, &info) == CPA_STATUS_INVALID_PARAM);
            }
            WORKER_CHECK(icp_sal_userCyFreeInstances(2, dynamic) == CPA_STATUS_INVALID_PARAM);
            WORKER_CHECK(icp_sal_userCyInstancesAlloc(2, dynamic) == CPA_STATUS_FAIL);
            WORKER_CHECK(guest::crypto_instances().empty());
        }
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
        channel.say("stopped");
        channel.hear();
        return 0;
    });
    assert_string_equal(worker.hear().c_str(), "stopped");
    auto now = guest::holdings();
    now.clients -= 1; // the worker's descriptor stays open, holding nothing
    assert_true(now == before);
    worker.say("end");
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

void USR_08_unknown_and_ambiguous_names(void **) {
    guest::configure_documented();
    Holder near("SLL");
    assert_false(near.started());
    assert_says(near.text().c_str(), "no section \"SLL\"; did you mean \"SSL\"?");
    Holder far("completely different");
    assert_false(far.started());
    assert_says(far.text().c_str(), "\"IPsec\"");
    assert_says(far.text().c_str(), "\"SSL\"");
    Holder internal("SSL_DEV0_INT_0");
    assert_false(internal.started());

    guest::configure_two(guest::section("Web", "NumProcesses = 1", 1) +
                         guest::section("WEB", "NumProcesses = 1", 1));
    Holder exact("WEB");
    assert_true(exact.started());
    assert_string_equal(exact.text().c_str(), "WEB_INT_0");
    Holder ambiguous("web");
    assert_false(ambiguous.started());
    assert_says(ambiguous.text().c_str(), "letter case");
    assert_says(ambiguous.text().c_str(), "\"Web\"");
    assert_int_equal(exact.stop(), 0);
}

void USR_06_twenty_processes_race_for_eight_sections(void **) {
    guest::configure_documented();
    const auto before = guest::holdings();
    for (int round = 0; round < 5; ++round) {
        std::vector<std::unique_ptr<Holder>> racers;
        for (int i = 0; i < 20; ++i) {
            racers.push_back(std::make_unique<Holder>("SSL"));
        }
        std::multiset<std::string> won;
        for (auto &racer : racers) {
            if (racer->started()) {
                won.insert(racer->text());
            } else {
                assert_says(racer->text().c_str(), "SSL");
            }
        }
        assert_int_equal(won.size(), 8);
        assert_true((std::set<std::string>(won.begin(), won.end()) == kSslSections));
        stop_all(racers);
        guest::assert_holdings(before);
    }
}

std::string waiting_section(unsigned milliseconds) {
    return guest::section("APP", fmt::format("NumProcesses = 1\nOnBusy = wait {}", milliseconds), 1);
}

void USR_12_a_waiting_start_takes_over(void **) {
    guest::configure_two(waiting_section(600000));
    Holder old_worker("APP");
    assert_true(old_worker.started());
    Holder new_worker("APP");
    Holder third_worker("APP");
    // On a reload of a server the old worker leaves while the new one starts, with or without a stop.
    assert_int_equal(old_worker.kill(SIGKILL), 128 + SIGKILL);
    // Either of the two may be first; the other waits for it.
    fd_set ready;
    FD_ZERO(&ready);
    const int a = new_worker.worker().channel().fd();
    const int b = third_worker.worker().channel().fd();
    FD_SET(a, &ready);
    FD_SET(b, &ready);
    assert_int_equal(select(std::max(a, b) + 1, &ready, nullptr, nullptr, nullptr), 1);
    Holder &first = FD_ISSET(a, &ready) ? new_worker : third_worker;
    Holder &second = FD_ISSET(a, &ready) ? third_worker : new_worker;
    assert_true(first.started());
    assert_int_equal(first.stop(), 0);
    assert_true(second.started());
    assert_string_equal(second.text().c_str(), "APP_INT_0");
    assert_int_equal(second.stop(), 0);
}

void USR_12_a_wait_ends_with_a_reason(void **) {
    guest::configure_two(waiting_section(50));
    Holder holder("APP");
    assert_true(holder.started());
    Holder late("APP");
    assert_false(late.started());
    assert_says(late.text().c_str(), "OnBusy");
    assert_says(late.text().c_str(), fmt::format("APP_INT_0 by process {}", holder.pid()).c_str());
    assert_int_equal(holder.stop(), 0);
}

// Signals arrive during the whole wait; it ends when its time is over, not before, and with that reason.
void USR_12_signals_do_not_end_a_wait(void **) {
    guest::configure_two(waiting_section(1000));
    Holder holder("APP");
    assert_true(holder.started());
    Worker waiter([](Channel &channel) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        sigaction(SIGUSR1, &action, nullptr);
        channel.say("ready");
        const CpaStatus status = icp_sal_userStart("APP");
        channel.say(status == CPA_STATUS_SUCCESS ? "started" : qaeLastError());
        return 0;
    });
    assert_string_equal(waiter.hear().c_str(), "ready");
    std::string answer;
    unsigned signals = 0;
    fd_set ready;
    do {
        waiter.kill(SIGUSR1);
        ++signals;
        FD_ZERO(&ready);
        FD_SET(waiter.channel().fd(), &ready);
        timeval moment = {0, 10000};
        if (select(waiter.channel().fd() + 1, &ready, nullptr, nullptr, &moment) == 1) {
            answer = waiter.hear();
        }
    } while (answer.empty());
    assert_says(answer.c_str(), "OnBusy");
    assert_true(signals > 1);
    assert_int_equal(waiter.wait(), 0);
    assert_int_equal(holder.stop(), 0);
}

// Two threads start on a section that waits: one claim, two starts counted, and queries continue meanwhile.
void USR_12_other_threads_work_while_one_waits(void **) {
    guest::configure_two(waiting_section(600000));
    Holder holder("APP");
    assert_true(holder.started());
    Worker waiter([](Channel &channel) {
        const auto start = [](void *) -> void * {
            return reinterpret_cast<void *>(static_cast<intptr_t>(icp_sal_userStart("APP")));
        };
        pthread_t threads[2];
        for (pthread_t &thread : threads) {
            WORKER_CHECK(pthread_create(&thread, nullptr, start, nullptr) == 0);
        }
        for (int i = 0; i < 100; ++i) { // none of these may wait for the claim
            WORKER_CHECK(guest::crypto_instances().empty());
            WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
            WORKER_CHECK(icp_sal_userIsQatAvailable() == CPA_TRUE);
        }
        const pid_t child = fork(); // nor may a fork
        if (child == 0) {
            _exit(guest::crypto_instances().empty() && icp_sal_userStop() == CPA_STATUS_FAIL ? 0 : 1);
        }
        int status = -1;
        WORKER_CHECK(waitpid(child, &status, 0) == child && status == 0);
        channel.say("still waiting");
        for (const pthread_t thread : threads) {
            void *result = nullptr;
            pthread_join(thread, &result);
            WORKER_CHECK(result == nullptr); // CPA_STATUS_SUCCESS
        }
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS && icp_sal_userStop() == CPA_STATUS_SUCCESS);
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
        return 0;
    });
    assert_string_equal(waiter.hear().c_str(), "still waiting");
    assert_int_equal(holder.stop(), 0);
    assert_int_equal(waiter.wait(), 0);
}

// Prior libraries give two handles for such an instance on some endpoints.
void CFG_03_an_instance_for_both_crypto_services_is_one_handle(void **) {
    for (const char *services : {"asym;sym", "sym;asym", "cy"}) {
        guest::configure_two(fmt::format("[GENERAL]\nConfigVersion = 2\nServicesEnabled = {}\n{}", services,
                                         guest::section("SSL", "NumProcesses = 1", 3)));
        Worker worker([](Channel &) {
            WORKER_CHECK(icp_sal_userStart("SSL") == CPA_STATUS_SUCCESS);
            WORKER_CHECK(guest::crypto_instances().size() == 6);
            const auto number_of = [](CpaAccelerationServiceType type) {
                Cpa16U number = 99;
                return cpaGetNumInstances(type, &number) == CPA_STATUS_SUCCESS ? number : 98;
            };
            WORKER_CHECK(number_of(CPA_ACC_SVC_TYPE_CRYPTO) == 6);
            WORKER_CHECK(number_of(CPA_ACC_SVC_TYPE_CRYPTO_SYM) == 0);
            WORKER_CHECK(number_of(CPA_ACC_SVC_TYPE_CRYPTO_ASYM) == 0);
            return 0;
        });
        assert_int_equal(worker.wait(), 0);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(USR_01_start_gives_a_section_and_its_instances),
        cmocka_unit_test(USR_02_starts_are_counted_up_to_64),
        cmocka_unit_test(USR_03_limit_dev_access_argument_is_ignored),
        cmocka_unit_test(USR_04_shared_sections_span_all_endpoints),
        cmocka_unit_test(USR_05_limited_sections_are_on_one_endpoint_each),
        cmocka_unit_test(USR_06_nine_documented_processes_and_no_tenth),
        cmocka_unit_test(USR_06_no_process_configured_and_no_endpoint_up),
        cmocka_unit_test(USR_06_twenty_processes_race_for_eight_sections),
        cmocka_unit_test(USR_07_stop_gives_everything_back),
        cmocka_unit_test(USR_08_unknown_and_ambiguous_names),
        cmocka_unit_test(CFG_03_an_instance_for_both_crypto_services_is_one_handle),
        cmocka_unit_test(USR_12_a_waiting_start_takes_over),
        cmocka_unit_test(USR_12_a_wait_ends_with_a_reason),
        cmocka_unit_test(USR_12_signals_do_not_end_a_wait),
        cmocka_unit_test(USR_12_other_threads_work_while_one_waits),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
