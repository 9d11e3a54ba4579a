// SPDX-License-Identifier: BSD-3-Clause
// Sections over the life of processes: death, exec, fork at every level, descriptors passed on, threads.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/qae.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <cpa_cy_im.h>
#include <qae_mem.h>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/holder.h"
#include "support/holdings.h"
#include "support/process.h"
#include "support/reason.h"

namespace {

using guest::Channel;
using guest::device_descriptors;
using guest::Holder;
using guest::Worker;

std::string life_config() {
    return guest::section("APP", "NumProcesses = 2\nLimitDevAccess = 1", 1) + guest::pool(8, 4);
}

int wait_for(pid_t child) {
    int status = -1;
    WORKER_CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void USR_09_exit_and_kill_free_the_section(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    {
        Holder left("APP");
        assert_true(left.started());
        assert_int_equal(left.exit(), 0);
    }
    guest::assert_holdings(before);
    for (const int signal : {SIGKILL, SIGSEGV, SIGABRT}) {
        Holder killed("APP");
        assert_true(killed.started());
        const std::string section = killed.text();
        assert_int_equal(killed.kill(signal), 128 + signal);
        guest::assert_holdings(before);
        Holder next("APP");
        assert_true(next.started());
        assert_string_equal(next.text().c_str(), section.c_str());
        assert_int_equal(next.stop(), 0);
    }
    guest::assert_holdings(before);
}

void USR_09_exec_frees_the_section_while_the_process_lives(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        void *pinned = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
        WORKER_CHECK(pinned != nullptr);
        channel.say("started");
        channel.hear();
        dup2(channel.fd(), STDIN_FILENO); // cat lives until the test closes its end
        execlp("cat", "cat", static_cast<char *>(nullptr));
        return 98;
    });
    assert_string_equal(worker.hear().c_str(), "started");
    assert_int_equal(guest::sections_held("APP"), 1);
    worker.say("exec");
    guest::assert_holdings(before);
    assert_int_equal(kill(worker.pid(), 0), 0);
    worker.kill(SIGKILL);
    assert_int_equal(worker.wait(), 128 + SIGKILL);
}

void USR_09_the_descriptor_is_one_close_on_exec_and_above_the_streams(void **) {
    guest::configure_two(life_config());
    Worker worker([](Channel &) {
        close(0);
        close(1);
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        CpaInstanceHandle handle = nullptr;
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(1, &handle) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, QAE_ENDPOINT_ANY, 0) ==
                     CPA_STATUS_SUCCESS);
        const auto descriptors = device_descriptors();
        WORKER_CHECK(descriptors.size() == 1 && descriptors[0] > 2);
        WORKER_CHECK((fcntl(descriptors[0], F_GETFD) & FD_CLOEXEC) != 0);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// A child must find nothing of its parent, and a library that works.
void check_fresh_child(const std::vector<CpaInstanceHandle> &parents) {
    CpaInstanceInfo2 info;
    Cpa32U available = 0;

    WORKER_CHECK(guest::section_of_this_process().empty());
    WORKER_CHECK(guest::crypto_instances().empty());
    WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
    for (const auto handle : parents) {
        CpaInstanceHandle copy = handle;
        WORKER_CHECK(cpaInstanceGetInfo2(handle, &info) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(cpaCyStartInstance(handle) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(icp_sal_userCyFreeInstances(1, &copy) == CPA_STATUS_INVALID_PARAM);
        WORKER_CHECK(copy == handle);
    }
    WORKER_CHECK(device_descriptors().empty());
    WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstances(&available) == CPA_STATUS_SUCCESS);
}

// Starts, takes dynamic instances, forks a child that does the same one level deeper, and finds its own
// untouched.
int live_one_generation(int depth, std::vector<CpaInstanceHandle> inherited) {
    check_fresh_child(inherited);
    WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
    const std::string section = guest::section_of_this_process();
    CpaInstanceHandle dynamic[2] = {};
    WORKER_CHECK(icp_sal_userCyInstancesAlloc(2, dynamic) == CPA_STATUS_SUCCESS);
    const auto handles = guest::crypto_instances();
    WORKER_CHECK(handles.size() == 3);
    if (depth > 0) {
        std::vector<CpaInstanceHandle> all = inherited;
        all.insert(all.end(), handles.begin(), handles.end());
        const pid_t child = fork();
        if (child == 0) {
            _exit(live_one_generation(depth - 1, all));
        }
        WORKER_CHECK(wait_for(child) == 0);
    }
    CpaInstanceInfo2 info;
    WORKER_CHECK(guest::section_of_this_process() == section);
    for (const auto handle : handles) {
        WORKER_CHECK(cpaCyInstanceGetInfo2(handle, &info) == CPA_STATUS_SUCCESS);
    }
    WORKER_CHECK(icp_sal_userCyFreeInstances(2, dynamic) == CPA_STATUS_SUCCESS);
    WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
    return 0;
}

void USR_10_fork_to_three_levels(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    Worker worker([](Channel &) { return live_one_generation(3, {}); });
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

// The child outlives its parent, but what the parent held must end with the parent.
void USR_10_a_child_does_not_keep_its_dead_parents_section(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        if (fork() == 0) {
            channel.say("child lives");
            channel.hear();
            _exit(0);
        }
        pause();
        return 0;
    });
    assert_string_equal(worker.hear().c_str(), "child lives");
    assert_int_equal(guest::sections_held("APP"), 1);
    worker.kill(SIGKILL);
    assert_int_equal(worker.wait(), 128 + SIGKILL);
    guest::assert_holdings(before);
    worker.say("end");
}

// A fork without the C library runs no handlers; the child is recognised at its first call.
void USR_10_a_raw_clone_starts_empty_too(void **) {
    guest::configure_two(life_config());
    Worker worker([](Channel &) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        const auto handles = guest::crypto_instances();
        const pid_t child =
            static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        if (child == 0) {
            check_fresh_child(handles);
            WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
            WORKER_CHECK(guest::crypto_instances().size() == 1);
            _exit(0);
        }
        WORKER_CHECK(wait_for(child) == 0);
        WORKER_CHECK(guest::crypto_instances() == handles);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// The descriptor is the owner, not the process: passed over a socket, it keeps the section until its last
// copy is closed.
void USR_09_a_passed_descriptor_holds_the_section(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        channel.pass_descriptor(device_descriptors().at(0));
        channel.hear();
        return 0;
    });
    const int passed = worker.channel().take_descriptor();
    assert_true(passed >= 0);
    worker.kill(SIGKILL);
    assert_int_equal(worker.wait(), 128 + SIGKILL);
    assert_int_equal(guest::sections_held("APP"), 1);

    // Its new owner acts on the same objects.
    qae_section_claim claim{};
    claim.size = sizeof(claim);
    claim.instance_size = sizeof(qae_instance);
    std::strcpy(reinterpret_cast<char *>(claim.name), "APP");
    assert_int_equal(ioctl(passed, QAE_IOC_SECTION_CLAIM, &claim), -1);
    assert_int_equal(errno, EALREADY);
    close(passed);
    guest::assert_holdings(before);
}

// If the application closes the library's descriptor, calls fail with a reason and touch nothing of another
// process.
void USR_09_a_lost_descriptor_is_noticed(void **) {
    guest::configure_two(life_config());
    Worker worker([](Channel &) {
        WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
        CpaInstanceHandle handle = nullptr;
        close(device_descriptors().at(0));
        WORKER_CHECK(icp_sal_userCyInstancesAlloc(1, &handle) == CPA_STATUS_FAIL && handle == nullptr);
        WORKER_CHECK(reason_says("closed the library's descriptor"));
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
        WORKER_CHECK(reason_says("closed the library's descriptor"));
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// A random walk of one thread through the API: what it holds must work, whatever the other threads do.
void walk(unsigned seed, std::atomic<bool> &good) {
    unsigned state = seed * 2654435761U + 1;
    const auto next = [&state](unsigned below) {
        return (state = state * 1664525U + 1013904223U) / 65536 % below;
    };
    for (int step = 0; step < 150; ++step) {
        if (icp_sal_userStart("APP") != CPA_STATUS_SUCCESS) {
            good = good && reason_says("64 times");
            continue;
        }
        CpaInstanceHandle handles[2] = {};
        const Cpa32U count = 1 + next(2);
        if (icp_sal_userCyInstancesAlloc(count, handles) == CPA_STATUS_SUCCESS) {
            CpaInstanceInfo2 info;
            good = good && cpaCyInstanceGetInfo2(handles[0], &info) == CPA_STATUS_SUCCESS;
            good = good && cpaCyStartInstance(handles[0]) == CPA_STATUS_SUCCESS;
            good = good && icp_sal_userCyFreeInstances(count, handles) == CPA_STATUS_SUCCESS;
            good = good && handles[0] == nullptr;
        }
        Cpa16U number = 0;
        good = good && cpaCyGetNumInstances(&number) == CPA_STATUS_SUCCESS && number >= 1;
        for (const auto handle : guest::crypto_instances()) { // other threads may free it meanwhile
            CpaInstanceInfo2 info;
            const CpaStatus status = cpaCyInstanceGetInfo2(handle, &info);
            good = good && (status == CPA_STATUS_SUCCESS || status == CPA_STATUS_INVALID_PARAM);
        }
        good = good && icp_sal_userStop() == CPA_STATUS_SUCCESS;
    }
}

void USR_11_all_calls_from_any_threads(void **) {
    guest::configure_two(life_config());
    const auto before = guest::holdings();
    Worker worker([](Channel &) {
        std::atomic<bool> good{true};
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < 8; ++i) {
            threads.emplace_back([i, &good] { walk(i, good); });
        }
        for (int i = 0; i < 30; ++i) { // forks in the middle of all that work
            const pid_t child = fork();
            if (child == 0) {
                _exit(guest::crypto_instances().empty() && icp_sal_userStop() == CPA_STATUS_FAIL ? 0 : 1);
            }
            WORKER_CHECK(wait_for(child) == 0);
        }
        for (auto &thread : threads) {
            thread.join();
        }
        WORKER_CHECK(good);
        WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

// A start in one thread, the stop in another, the handle used in a third.
void USR_11_threads_share_one_session(void **) {
    guest::configure_two(life_config());
    Worker worker([](Channel &) {
        std::vector<CpaInstanceHandle> handles;
        CpaStatus status = CPA_STATUS_FAIL;
        std::thread([&] { status = icp_sal_userStart("APP"); }).join();
        WORKER_CHECK(status == CPA_STATUS_SUCCESS);
        std::thread([&] { handles = guest::crypto_instances(); }).join();
        WORKER_CHECK(handles.size() == 1);
        WORKER_CHECK(cpaCyStartInstance(handles[0]) == CPA_STATUS_SUCCESS);
        std::thread([&] { status = icp_sal_userStop(); }).join();
        WORKER_CHECK(status == CPA_STATUS_SUCCESS);
        WORKER_CHECK(cpaCyStopInstance(handles[0]) == CPA_STATUS_INVALID_PARAM);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(USR_09_exit_and_kill_free_the_section),
        cmocka_unit_test(USR_09_exec_frees_the_section_while_the_process_lives),
        cmocka_unit_test(USR_09_the_descriptor_is_one_close_on_exec_and_above_the_streams),
        cmocka_unit_test(USR_09_a_passed_descriptor_holds_the_section),
        cmocka_unit_test(USR_09_a_lost_descriptor_is_noticed),
        cmocka_unit_test(USR_10_fork_to_three_levels),
        cmocka_unit_test(USR_10_a_child_does_not_keep_its_dead_parents_section),
        cmocka_unit_test(USR_10_a_raw_clone_starts_empty_too),
        cmocka_unit_test(USR_11_all_calls_from_any_threads),
        cmocka_unit_test(USR_11_threads_share_one_session),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
