// SPDX-License-Identifier: BSD-3-Clause
// Pools and endpoints of a made-up driver: waits that end, forks during a wait, numbers that are too high.
#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <cpa_dev.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <qae_mem_ext.h>

#include "support/cmocka_cpp.h"
#include "support/fake_driver.h"
#include "support/reason.h"

namespace {

using qae::test::g_driver;

std::atomic<unsigned> g_total{4};
std::atomic<unsigned> g_pool_queries{0};

int use_pool(void **) {
    g_total = 4;
    g_driver.query_pool = [](qae_pool_query &query) {
        ++g_pool_queries;
        query.available = 0;
        query.total = g_total;
        return 0;
    };
    return 0;
}

// A descriptor whose poll() the test ends: with POLLERR when @end is closed.
int waiter_that_errs(int &end) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    end = ends[0];
    return ends[1];
}

CpaStatus wait_for(unsigned count) {
    return qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, count, static_cast<Cpa32U>(-1), -1);
}

void DYN_17_a_pool_that_shrinks_ends_the_wait(void **) {
    int end = -1;
    g_driver.next_open = -1;
    assert_int_equal(wait_for(5), CPA_STATUS_FAIL); // opens the library's own descriptor
    assert_reason("5 requested, 4 configured");
    g_driver.next_open = waiter_that_errs(end);
    g_total = 4;
    std::thread shrink([&end] {
        while (g_driver.next_open >= 0) {
            std::this_thread::yield();
        }
        g_total = 1;
        close(end);
    });
    const CpaStatus status = wait_for(3);
    shrink.join();
    assert_int_equal(status, CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENOSPC);
    assert_reason(
        "too few dynamic crypto instances are configured on all endpoints: 3 requested, 1 configured");
}

void DYN_17_a_child_does_not_keep_the_descriptor_of_a_wait(void **) {
    const int event = eventfd(0, EFD_CLOEXEC);
    const int waiter = fcntl(event, F_DUPFD_CLOEXEC, 100);
    g_driver.next_open = waiter;
    std::atomic<int> status{1};
    std::thread waiting([&status] { status = wait_for(2); });
    // The mutex of the list is held from open() until the entry exists, so a fork after open() sees the
    // entry.
    while (g_driver.next_open >= 0) {
        std::this_thread::yield();
    }
    const pid_t child = fork();
    if (child == 0) {
        _exit(fcntl(waiter, F_GETFD) < 0 && errno == EBADF ? 0 : 1);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    const std::uint64_t one = 1;
    assert_int_equal(write(event, &one, sizeof(one)), sizeof(one));
    waiting.join();
    assert_int_equal(result, 0);
    assert_int_equal(status, CPA_STATUS_SUCCESS);
    assert_int_equal(fcntl(waiter, F_GETFD), -1);
    close(event);
}

void DYN_17_a_cancelled_wait_ends_afterwards(void **) {
    const int event = eventfd(0, EFD_CLOEXEC);
    static std::atomic<int> status;
    status = 1;
    g_driver.next_open = fcntl(event, F_DUPFD_CLOEXEC, 100);
    pthread_t thread;
    const auto body = [](void *) -> void * {
        status = wait_for(2);
        for (;;) {
            pthread_testcancel();
        }
    };
    assert_int_equal(pthread_create(&thread, nullptr, body, nullptr), 0);
    while (g_driver.next_open >= 0) {
        std::this_thread::yield();
    }
    assert_int_equal(pthread_cancel(thread), 0);
    const std::uint64_t one = 1;
    assert_int_equal(write(event, &one, sizeof(one)), sizeof(one));
    void *result = nullptr;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_true(result == PTHREAD_CANCELED);
    assert_int_equal(status, CPA_STATUS_SUCCESS);
    close(event);
}

// Another process is faster twice. The third round gets the instances.
void DYN_17_a_taker_goes_on_waiting_when_another_is_faster(void **) {
    static unsigned takes;
    takes = 0;
    g_driver.claim = [](qae_section_claim &claim) { return qae::test::grant_section(claim, 0); };
    g_driver.take = [](qae_instance_alloc &request) {
        if (++takes < 4) {
            return EBUSY;
        }
        auto *taken = reinterpret_cast<qae_instance *>(static_cast<std::uintptr_t>(request.instances));
        for (unsigned i = 0; i < request.count; ++i) {
            taken[i] = {};
            taken[i].id = i + 1;
            taken[i].kind = QAE_INSTANCE_DYN;
        }
        return 0;
    };
    assert_int_equal(icp_sal_userStart("DYN"), CPA_STATUS_SUCCESS);
    const int event = eventfd(1, EFD_CLOEXEC); // always readable
    g_driver.next_open = fcntl(event, F_DUPFD_CLOEXEC, 100);
    CpaInstanceHandle handles[2] = {};
    assert_int_equal(
        qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 2, handles, static_cast<Cpa32U>(-1), 60'000),
        CPA_STATUS_SUCCESS);
    assert_int_equal(takes, 4);
    assert_true(handles[0] != nullptr && handles[1] != nullptr && handles[0] != handles[1]);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
    close(event);
}

void DYN_17_a_taker_that_is_late_has_nothing(void **) {
    g_driver.claim = [](qae_section_claim &claim) { return qae::test::grant_section(claim, 0); };
    g_driver.take = [](qae_instance_alloc &) { return EBUSY; };
    assert_int_equal(icp_sal_userStart("DYN"), CPA_STATUS_SUCCESS);
    const int event = eventfd(1, EFD_CLOEXEC); // always readable, so that every round loses
    for (const int milliseconds : {0, 30}) {
        g_driver.next_open = fcntl(event, F_DUPFD_CLOEXEC, 100);
        CpaInstanceHandle handle = &handle;
        assert_int_equal(
            qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, &handle, static_cast<Cpa32U>(-1), milliseconds),
            CPA_STATUS_RETRY);
        assert_null(handle);
        assert_failure(ETIMEDOUT, "1 requested; wait longer or for fewer");
    }
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
    close(event);
}

void DYN_05_more_than_configured_is_not_asked_for(void **) {
    static unsigned takes;
    takes = 0;
    g_driver.claim = [](qae_section_claim &claim) { return qae::test::grant_section(claim, 0); };
    g_driver.take = [](qae_instance_alloc &request) {
        ++takes;
        return request.count > g_total ? ENODEV : EBUSY;
    };
    assert_int_equal(icp_sal_userStart("DYN"), CPA_STATUS_SUCCESS);
    std::vector<CpaInstanceHandle> handles(60000, &takes);
    assert_int_equal(icp_sal_userCyInstancesAlloc(60000, handles.data()), CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENOSPC);
    assert_reason("60000 requested, 4 configured");
    assert_int_equal(takes, 0);
    assert_null(handles[59999]);
    g_total = 0;
    assert_int_equal(icp_sal_userCyInstancesAlloc(60000, handles.data()), CPA_STATUS_FAIL);
    assert_int_equal(takes, 1);
    assert_reason("no endpoint is up");
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
}

void API_device_numbers_count_endpoints_that_are_up(void **) {
    for (const unsigned id : {1U, 3U, 4U, 8U}) {
        qae_endpoint_query endpoint{};
        endpoint.endpoint = id;
        endpoint.state = id == 3 ? QAE_ENDPOINT_DOWN : QAE_ENDPOINT_UP;
        endpoint.pci_device = 0x100 + id;
        g_driver.endpoints.push_back(endpoint);
    }
    Cpa16U number = 0;
    assert_int_equal(cpaGetNumDevices(&number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 3);
    const unsigned expected[] = {0x101, 0x104, 0x108};
    CpaDeviceInfo info;
    for (Cpa16U device = 0; device < number; ++device) {
        assert_int_equal(cpaGetDeviceInfo(device, &info), CPA_STATUS_SUCCESS);
        assert_int_equal(info.deviceId, expected[device]);
    }
    assert_int_equal(cpaGetDeviceInfo(3, &info), CPA_STATUS_INVALID_PARAM);
    assert_reason("device number 3 is too high; cpaGetNumDevices() counts 3");
    assert_int_equal(cpaGetDeviceInfo(UINT16_MAX, &info), CPA_STATUS_INVALID_PARAM);
    g_driver.endpoints.clear();
}

void USR_05_a_long_list_of_holders_is_cut(void **) {
    for (unsigned i = 0; i < 40; ++i) {
        qae_section_query section{};
        section.held = 1;
        section.holder_pid = i + 1;
        std::strcpy(reinterpret_cast<char *>(section.user_name), "A");
        std::strcpy(reinterpret_cast<char *>(section.section), "A");
        g_driver.sections.push_back(section);
    }
    g_driver.claim = [](qae_section_claim &) { return EBUSY; };
    assert_int_equal(icp_sal_userStart("A"), CPA_STATUS_FAIL);
    assert_reason("no section \"A\" is free; stop a holder or raise NumProcesses; 40 held: A by process 1, A "
                  "by process 2");
    assert_reason("A by process 16 and 24 more");
    g_driver.section_queries = 0;
    g_driver.claim = [](qae_section_claim &) { return ENODEV; };
    assert_int_equal(icp_sal_userStart("A"), CPA_STATUS_FAIL);
    assert_int_equal(g_driver.section_queries, 0);
}

void a_failed_claim_names_endpoints_that_do_not_serve(void **) {
    const qae_endpoint_state states[] = {QAE_ENDPOINT_UP, QAE_ENDPOINT_ERROR, QAE_ENDPOINT_RESETTING};
    for (unsigned id = 0; id < 3; ++id) {
        qae_endpoint_query endpoint{};
        endpoint.endpoint = id;
        endpoint.state = states[id];
        g_driver.endpoints.push_back(endpoint);
    }
    g_driver.sections.clear();
    g_driver.claim = [](qae_section_claim &) { return EBUSY; };
    assert_int_equal(icp_sal_userStart("A"), CPA_STATUS_FAIL);
    assert_reason("no section \"A\" can be used now: qat_dev1 reported an error, qat_dev2 is being reset");
    g_driver.endpoints.clear();
    assert_int_equal(icp_sal_userStart("A"), CPA_STATUS_FAIL);
    assert_reason("all sections \"A\" were held a moment ago");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(DYN_17_a_pool_that_shrinks_ends_the_wait, use_pool),
        cmocka_unit_test_setup(DYN_17_a_child_does_not_keep_the_descriptor_of_a_wait, use_pool),
        cmocka_unit_test_setup(DYN_17_a_cancelled_wait_ends_afterwards, use_pool),
        cmocka_unit_test_setup(DYN_17_a_taker_goes_on_waiting_when_another_is_faster, use_pool),
        cmocka_unit_test_setup(DYN_17_a_taker_that_is_late_has_nothing, use_pool),
        cmocka_unit_test_setup(DYN_05_more_than_configured_is_not_asked_for, use_pool),
        cmocka_unit_test(API_device_numbers_count_endpoints_that_are_up),
        cmocka_unit_test(USR_05_a_long_list_of_holders_is_cut),
        cmocka_unit_test(a_failed_claim_names_endpoints_that_do_not_serve),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
