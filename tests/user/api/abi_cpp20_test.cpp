// SPDX-License-Identifier: BSD-3-Clause
// The headers as C++20 sees them: the same layout as in C, and C linkage of every function.
#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <type_traits>

extern "C" {
#include <cmocka.h>
}

#include "api/abi_checks.h"

static_assert(std::is_trivially_copyable_v<CpaInstanceInfo2> && std::is_standard_layout_v<CpaInstanceInfo2>);
static_assert(std::is_trivially_copyable_v<CpaDeviceInfo> && std::is_standard_layout_v<CpaDeviceInfo>);
static_assert(std::is_same_v<CpaInstanceHandle, void *>);
static_assert(std::is_same_v<CpaStatus, Cpa32S>);

namespace {

// Calls each function from C++. If a header gave one C++ linkage, the program would not link.
void ABI_functions_have_c_linkage(void **) {
    Cpa8S text[CPA_STATUS_MAX_STR_LENGTH_IN_BYTES] = {};
    CpaInstanceInfo2 info;
    CpaInstanceHandle handle = &info;
    Cpa32U wide = 0;
    Cpa16U number = 0;

    assert_int_equal(cpaGetStatusText(nullptr, CPA_STATUS_SUCCESS, text), CPA_STATUS_SUCCESS);
    assert_int_not_equal(text[0], 0);
    assert_int_equal(cpaCyGetStatusText(nullptr, 1, text), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcGetStatusText(nullptr, CPA_STATUS_FAIL, nullptr), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userStart(nullptr), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_userStartMultiProcess("", CPA_TRUE), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstances(nullptr), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(&wide, 0, 1),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcInstancesAlloc(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcFreeInstances(1, &handle), CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handle, &info);
    assert_int_equal(cpaCyGetNumInstances(&number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    assert_int_equal(cpaCyInstanceGetInfo2(handle, &info), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcStartInstance(handle, 0, nullptr), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetNumDevices(nullptr), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(qaeMemGetInfo(nullptr, nullptr), -EINVAL);
    assert_int_equal(qaeMemStats(nullptr), -EINVAL);
    assert_true(qaeMemTrim() == 0);
    qaeMemSetKeep(0);
    assert_int_equal(qaeLastErrno(), EINVAL);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ABI_functions_have_c_linkage),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
