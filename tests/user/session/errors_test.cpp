// SPDX-License-Identifier: BSD-3-Clause
// The error numbers of docs/sessions.md: what a made-up driver answers, and what an application sees. The
// sentences beside them are in the tests of each function.
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <cpa_dev.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <qae_mem_ext.h>

#include "process/device.h"
#include "support/cmocka_cpp.h"
#include "support/fake_driver.h"
#include "support/reason.h"

namespace {

using qae::test::g_driver;

constexpr Cpa32U kAll = static_cast<Cpa32U>(-1);

int use_driver(void **) {
    g_driver.claim = [](qae_section_claim &claim) { return qae::test::grant_section(claim, 1); };
    g_driver.query_pool = [](qae_pool_query &query) {
        query.available = 4;
        query.total = 4;
        return 0;
    };
    g_driver.take = [](qae_instance_alloc &request) {
        auto *taken = reinterpret_cast<qae_instance *>(static_cast<std::uintptr_t>(request.instances));
        for (unsigned i = 0; i < request.count; ++i) {
            taken[i] = {};
            taken[i].id = 100 + i;
            taken[i].service = request.service;
            taken[i].kind = QAE_INSTANCE_DYN;
        }
        return 0;
    };
    qaeClearLastError();
    return 0;
}

void expect(CpaStatus got, CpaStatus status, int err) {
    assert_int_equal(got, status);
    if (status == CPA_STATUS_SUCCESS) {
        assert_int_equal(qaeLastErrno(), 0);
        return;
    }
    assert_int_equal(qaeLastErrno(), err);
    assert_true(std::strlen(qaeLastError()) > 10);
    qaeClearLastError();
}

void start() { expect(icp_sal_userStart("SSL"), CPA_STATUS_SUCCESS, 0); }
void stop() { expect(icp_sal_userStop(), CPA_STATUS_SUCCESS, 0); }

void a_start_passes_the_number_of_the_driver_on(void **) {
    static int answer;
    g_driver.claim = [](qae_section_claim &) { return answer; };
    for (const int err : {ENOENT, EBUSY, ETIMEDOUT, ENOSPC, ENODEV, EALREADY, EMSGSIZE, ENOMEM}) {
        answer = err;
        expect(icp_sal_userStart("SSL"), CPA_STATUS_FAIL, err);
    }
}

void a_start_refuses_bad_names(void **) {
    const std::string longest(64, 'a');
    for (const char *name : {static_cast<const char *>(nullptr), "", longest.c_str(), "\xff"}) {
        expect(icp_sal_userStart(name), CPA_STATUS_FAIL, EINVAL);
        expect(icp_sal_userStartMultiProcess(name, CPA_FALSE), CPA_STATUS_FAIL, EINVAL);
    }
}

void starts_and_stops_are_counted(void **) {
    expect(icp_sal_userStop(), CPA_STATUS_FAIL, ENOTCONN);
    for (int i = 0; i < 64; ++i) {
        start();
    }
    expect(icp_sal_userStart("SSL"), CPA_STATUS_FAIL, EAGAIN);
    for (int i = 0; i < 64; ++i) {
        stop();
    }
    expect(icp_sal_userStop(), CPA_STATUS_FAIL, ENOTCONN);
}

void availability_names_what_is_missing(void **) {
    assert_int_equal(icp_sal_userIsQatAvailable(), CPA_FALSE);
    assert_int_equal(qaeLastErrno(), ENODEV);
    qaeClearLastError();
}

void the_section_name_needs_room(void **) {
    char name[QAE_SECTION_NAME_MAX];
    expect(qaeGetSectionName(nullptr, sizeof(name)), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(qaeGetSectionName(name, 0), CPA_STATUS_INVALID_PARAM, ERANGE);
    start();
    expect(qaeGetSectionName(name, 9), CPA_STATUS_INVALID_PARAM, ERANGE);
    expect(qaeGetSectionName(name, 10), CPA_STATUS_SUCCESS, 0);
    assert_string_equal(name, "SSL_INT_0");
    stop();
}

void counting_passes_the_number_of_the_driver_on(void **) {
    Cpa32U number = 7;
    expect(icp_sal_userCyGetAvailableNumDynInstances(nullptr), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(icp_sal_userDcGetAvailableNumDynInstances(nullptr), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(&number, 0, 1), CPA_STATUS_INVALID_PARAM,
           EINVAL);
    g_driver.query_pool = [](qae_pool_query &) { return EPERM; };
    expect(icp_sal_userCyGetAvailableNumDynInstances(&number), CPA_STATUS_FAIL, EPERM);
    assert_int_equal(number, 7);
}

// The same three functions for crypto, for compression, and with a wait.
using Take = CpaStatus (*)(Cpa32U, CpaInstanceHandle *);
constexpr Take kTakes[] = {
    icp_sal_userCyInstancesAlloc,
    icp_sal_userDcInstancesAlloc,
    [](Cpa32U count, CpaInstanceHandle *handles) {
        return qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, count, handles, kAll, 0);
    },
};

void taking_needs_arguments_and_a_start(void **) {
    CpaInstanceHandle handle = &handle;
    for (const Take take : kTakes) {
        expect(take(1, nullptr), CPA_STATUS_INVALID_PARAM, EINVAL);
        expect(take(0, &handle), CPA_STATUS_INVALID_PARAM, EINVAL);
        assert_ptr_equal(handle, &handle);
        expect(take(65'537, &handle), CPA_STATUS_FAIL, ENOSPC);
        assert_ptr_equal(handle, &handle);
        expect(take(1, &handle), CPA_STATUS_FAIL, ENOTCONN);
        assert_null(handle);
        handle = &handle;
    }
    expect(icp_sal_userCyInstancesAllocByPkgAccel(1, &handle, 0, 1), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(qaeAllocDynInstances(CPA_ACC_SVC_TYPE_CRYPTO_ASYM, 1, &handle, kAll, 0), CPA_STATUS_INVALID_PARAM,
           EINVAL);
    expect(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO_ASYM, 1, kAll, 0), CPA_STATUS_INVALID_PARAM,
           EINVAL);
    expect(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 0, kAll, 0), CPA_STATUS_INVALID_PARAM, EINVAL);
}

void taking_passes_the_number_of_the_driver_on(void **) {
    static int answer;
    CpaInstanceHandle handle = nullptr;
    g_driver.take = [](qae_instance_alloc &) { return answer; };
    start();
    for (const int err : {ENOSPC, ENODEV, ENOTCONN, ENOMEM}) {
        answer = err;
        for (const Take take : kTakes) {
            expect(take(1, &handle), CPA_STATUS_FAIL, err);
        }
    }
    answer = EBUSY;
    expect(icp_sal_userCyInstancesAlloc(1, &handle), CPA_STATUS_FAIL, EBUSY);
    expect(icp_sal_userDcInstancesAlloc(1, &handle), CPA_STATUS_FAIL, EBUSY);
    std::vector<CpaInstanceHandle> five(5);
    for (const Take take : kTakes) {
        expect(take(5, five.data()), CPA_STATUS_FAIL, ENOSPC);
    }
    expect(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 5, kAll, 0), CPA_STATUS_FAIL, ENOSPC);
    stop();
}

void returning_refuses_what_is_not_held(void **) {
    CpaInstanceHandle handle = nullptr;
    expect(icp_sal_userCyFreeInstances(1, nullptr), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(icp_sal_userCyFreeInstances(0, &handle), CPA_STATUS_INVALID_PARAM, EINVAL);
    expect(icp_sal_userDcFreeInstances(65'537, &handle), CPA_STATUS_INVALID_PARAM, EINVAL);
    start();
    expect(icp_sal_userCyInstancesAlloc(1, &handle), CPA_STATUS_SUCCESS, 0);
    expect(icp_sal_userDcFreeInstances(1, &handle), CPA_STATUS_INVALID_PARAM, EINVAL);
    CpaInstanceHandle made_up = &handle;
    expect(icp_sal_userCyFreeInstances(1, &made_up), CPA_STATUS_INVALID_PARAM, EINVAL);
    stop(); // the instance goes with it
    expect(icp_sal_userCyFreeInstances(1, &handle), CPA_STATUS_INVALID_PARAM, EINVAL);
}

// Runs last: the library refuses everything afterwards.
void a_closed_descriptor_ends_everything(void **) {
    CpaInstanceHandle handle = nullptr;
    Cpa32U number = 0;
    start();
    close(qae::Device::instance().current_fd());
    expect(icp_sal_userCyInstancesAlloc(1, &handle), CPA_STATUS_FAIL, EBADF);
    expect(icp_sal_userCyGetAvailableNumDynInstances(&number), CPA_STATUS_FAIL, EBADF);
    expect(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, kAll, 0), CPA_STATUS_FAIL, EBADF);
    expect(icp_sal_userStop(), CPA_STATUS_FAIL, EBADF);
    expect(icp_sal_userStart("SSL"), CPA_STATUS_FAIL, EBADF);
}

} // namespace

#define ERROR_TEST(name) cmocka_unit_test_setup(name, use_driver)

int main() {
    const CMUnitTest tests[] = {
        ERROR_TEST(a_start_passes_the_number_of_the_driver_on),
        ERROR_TEST(a_start_refuses_bad_names),
        ERROR_TEST(starts_and_stops_are_counted),
        ERROR_TEST(availability_names_what_is_missing),
        ERROR_TEST(the_section_name_needs_room),
        ERROR_TEST(counting_passes_the_number_of_the_driver_on),
        ERROR_TEST(taking_needs_arguments_and_a_start),
        ERROR_TEST(taking_passes_the_number_of_the_driver_on),
        ERROR_TEST(returning_refuses_what_is_not_held),
        ERROR_TEST(a_closed_descriptor_ends_everything),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
