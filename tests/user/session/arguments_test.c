// SPDX-License-Identifier: BSD-3-Clause
/*
 * What sections and instances answer to bad arguments, and to good ones before any start and
 * without a driver. The second half is left out where a driver is loaded.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/reason.h"
#include <cpa_cy_common.h>
#include <cpa_cy_im.h>
#include <cpa_dc.h>
#include <cpa_dev.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>

#define ALL_DEVICES ((Cpa32U)-1)

static void skip_with_driver(void) {
    if (access("/dev/qae_mem", F_OK) == 0) {
        skip();
    }
}

static void USR_01_bad_names_fail_with_a_reason(void **state) {
    char long_name[129];

    (void)state;
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';

    assert_int_equal(icp_sal_userStart(NULL), CPA_STATUS_FAIL);
    assert_reason("NULL");
    assert_int_equal(icp_sal_userStart(""), CPA_STATUS_FAIL);
    assert_reason("empty");
    assert_int_equal(icp_sal_userStart(long_name), CPA_STATUS_FAIL);
    assert_reason("longer than 63 bytes");
    long_name[64] = '\0';
    assert_int_equal(icp_sal_userStart(long_name), CPA_STATUS_FAIL);
    assert_reason("longer than 63 bytes");
    assert_int_equal(icp_sal_userStart("S\xffL"), CPA_STATUS_FAIL);
    assert_reason("UTF-8");
    assert_int_equal(icp_sal_userStart("\xc0\xaf"), CPA_STATUS_FAIL);
    assert_reason("UTF-8");
    assert_int_equal(qaeLastErrno(), 22);
}

static void USR_03_multi_process_start_checks_as_start_does(void **state) {
    (void)state;
    assert_int_equal(icp_sal_userStartMultiProcess(NULL, CPA_TRUE), CPA_STATUS_FAIL);
    assert_reason("NULL");
    assert_int_equal(icp_sal_userStartMultiProcess("", CPA_FALSE), CPA_STATUS_FAIL);
    assert_reason("empty");
}

static void USR_07_stop_without_start_fails(void **state) {
    (void)state;
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
    assert_reason("call icp_sal_userStart() first");
}

static void DYN_10_null_counters_are_invalid(void **state) {
    (void)state;
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstances(NULL), CPA_STATUS_INVALID_PARAM);
    assert_reason("NULL");
    assert_int_equal(icp_sal_userDcGetAvailableNumDynInstances(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(NULL, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(NULL, ALL_DEVICES),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(NULL, 0, 0),
                     CPA_STATUS_INVALID_PARAM);
}

static void DYN_10_null_arrays_and_zero_counts_are_invalid(void **state) {
    CpaInstanceHandle handle = &handle;

    (void)state;
    assert_int_equal(icp_sal_userCyInstancesAlloc(1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcInstancesAlloc(1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyInstancesAllocByDevPkg(1, NULL, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcInstancesAllocByDevPkg(1, NULL, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyInstancesAllocByPkgAccel(1, NULL, 0, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyFreeInstances(1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcFreeInstances(UINT32_MAX, NULL), CPA_STATUS_INVALID_PARAM);

    assert_int_equal(icp_sal_userCyInstancesAlloc(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_reason("is 0");
    assert_int_equal(icp_sal_userDcInstancesAlloc(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyInstancesAllocByDevPkg(0, &handle, ALL_DEVICES), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcInstancesAllocByDevPkg(0, &handle, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyInstancesAllocByPkgAccel(0, &handle, 0, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userCyFreeInstances(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_userDcFreeInstances(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handle, &handle);
}

static void DYN_09_accelerators_other_than_0_are_invalid(void **state) {
    CpaInstanceHandle handle = &handle;
    Cpa32U number = 7;

    (void)state;
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(&number, 0, 1),
                     CPA_STATUS_INVALID_PARAM);
    assert_reason("accelerator 1");
    assert_int_equal(number, 7);
    assert_int_equal(icp_sal_userCyInstancesAllocByPkgAccel(1, &handle, 0, UINT32_MAX),
                     CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handle, &handle);
}

/* One element stands for the array of 2^32-1: nothing behind it may be touched. */
static void DYN_05_2_to_the_32_instances_fail_untouched(void **state) {
    CpaInstanceHandle handles[2] = {handles, handles};

    (void)state;
    assert_int_equal(icp_sal_userCyInstancesAlloc(UINT32_MAX, handles), CPA_STATUS_FAIL);
    assert_reason("4294967295");
    assert_int_equal(icp_sal_userDcInstancesAllocByDevPkg(UINT32_MAX, handles, 0), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_userCyFreeInstances(UINT32_MAX, handles), CPA_STATUS_INVALID_PARAM);
    assert_reason("4294967295");
    assert_int_equal(icp_sal_userDcFreeInstances(65537, handles), CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handles[0], handles);
    assert_ptr_equal(handles[1], handles);
}

static void DYN_14_alloc_before_start_fails_with_null_entries(void **state) {
    CpaInstanceHandle handles[3] = {handles, handles, handles};

    (void)state;
    assert_int_equal(icp_sal_userCyInstancesAlloc(2, handles), CPA_STATUS_FAIL);
    assert_reason("has not started");
    assert_null(handles[0]);
    assert_null(handles[1]);
    assert_ptr_equal(handles[2], handles);
}

static void DYN_12_made_up_handles_are_invalid_and_stay(void **state) {
    int on_the_stack = 0;
    const CpaInstanceHandle made_up[] = {
        &on_the_stack,
        (void *)1,
        (void *)UINTPTR_MAX,
        (void *)(uintptr_t)0x8000000000000001,
        (void *)(uintptr_t)&abort,
    };
    CpaInstanceInfo2 info;

    (void)state;
    for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); ++i) {
        CpaInstanceHandle entry = made_up[i];

        assert_int_equal(icp_sal_userCyFreeInstances(1, &entry), CPA_STATUS_INVALID_PARAM);
        assert_reason("element 0");
        assert_int_equal(icp_sal_userDcFreeInstances(1, &entry), CPA_STATUS_INVALID_PARAM);
        assert_ptr_equal(entry, made_up[i]);
        assert_int_equal(cpaInstanceGetInfo2(entry, &info), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaCyInstanceGetInfo2(entry, &info), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaDcInstanceGetInfo2(entry, &info), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaCyStartInstance(entry), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaCyStopInstance(entry), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaDcStartInstance(entry, 0, NULL), CPA_STATUS_INVALID_PARAM);
        assert_int_equal(cpaDcStopInstance(entry), CPA_STATUS_INVALID_PARAM);
    }
}

static void DYN_06_null_entries_are_passed_over(void **state) {
    int mine = 0;
    CpaInstanceHandle entries[3] = {NULL, NULL, NULL};

    (void)state;
    assert_int_equal(icp_sal_userCyFreeInstances(3, entries), CPA_STATUS_SUCCESS);
    entries[1] = &mine;
    assert_int_equal(icp_sal_userCyFreeInstances(3, entries), CPA_STATUS_INVALID_PARAM);
    assert_reason("element 1");
    assert_ptr_equal(entries[1], &mine);
}

static void DYN_17_wait_checks_its_arguments(void **state) {
    (void)state;
    assert_int_equal(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_RAID, 1, ALL_DEVICES, 0),
                     CPA_STATUS_INVALID_PARAM);
    assert_reason("service type 2");
    assert_int_equal(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 0, ALL_DEVICES, 0),
                     CPA_STATUS_INVALID_PARAM);
    assert_reason("is 0");
}

static void API_queries_check_their_arguments(void **state) {
    CpaInstanceHandle handle = &handle;
    CpaInstanceInfo2 info;
    Cpa16U number = 7;

    (void)state;
    assert_int_equal(cpaCyGetNumInstances(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcGetNumInstances(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetNumInstances(CPA_ACC_SVC_TYPE_CRYPTO, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetNumInstances((CpaAccelerationServiceType)99, &number), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(number, 7);
    assert_int_equal(cpaCyGetInstances(1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaCyGetInstances(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcGetInstances(1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcGetInstances(0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetInstances(CPA_ACC_SVC_TYPE_CRYPTO_SYM, 0, &handle), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaInstanceGetInfo2(NULL, &info), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaInstanceGetInfo2(&handle, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaCyInstanceGetInfo2(NULL, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcInstanceGetInfo2(NULL, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaCyStartInstance(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcStartInstance(NULL, 1, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcStopInstance(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetNumDevices(NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetDeviceInfo(0, NULL), CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handle, &handle);
}

/* Decompression is a service of its own that no endpoint has: clients count its instances. */
static void API_service_types_without_instances(void **state) {
    static const CpaAccelerationServiceType unsupported[] = {CPA_ACC_SVC_TYPE_RAID, CPA_ACC_SVC_TYPE_XML,
                                                             CPA_ACC_SVC_TYPE_PATTERN_MATCH,
                                                             CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS};
    CpaInstanceHandle handle = &handle;
    Cpa16U number = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); ++i) {
        assert_int_equal(cpaGetNumInstances(unsupported[i], &number), CPA_STATUS_UNSUPPORTED);
        expect_reason(EOPNOTSUPP, "is not supported");
        assert_int_equal(cpaGetInstances(unsupported[i], 1, &handle), CPA_STATUS_UNSUPPORTED);
        expect_reason(EOPNOTSUPP, "is not supported");
        assert_int_equal(cpaGetNumInstances(unsupported[i], NULL), CPA_STATUS_INVALID_PARAM);
    }
    assert_int_equal(number, 7);
    assert_int_equal(cpaGetNumInstances(CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION, &number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    assert_int_equal(cpaGetInstances(CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION, 1, &handle), CPA_STATUS_RESOURCE);
    expect_reason(ENOSPC, "1 requested, 0 held");
    assert_int_equal(cpaGetInstances(CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION, 0, &handle),
                     CPA_STATUS_INVALID_PARAM);
    assert_ptr_equal(handle, &handle);
}

static void API_before_start_there_are_no_instances(void **state) {
    CpaInstanceHandle handle = &handle;
    char name[QAE_SECTION_NAME_MAX] = "x";
    Cpa16U number = 7;

    (void)state;
    assert_int_equal(cpaCyGetNumInstances(&number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    number = 7;
    assert_int_equal(cpaDcGetNumInstances(&number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    assert_int_equal(cpaCyGetInstances(1, &handle), CPA_STATUS_RESOURCE);
    assert_int_equal(cpaDcGetInstances(UINT16_MAX, &handle), CPA_STATUS_RESOURCE);
    assert_ptr_equal(handle, &handle);
    assert_int_equal(qaeGetSectionName(name, sizeof(name)), CPA_STATUS_SUCCESS);
    assert_string_equal(name, "");
    assert_int_equal(qaeGetSectionName(NULL, 1), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(qaeGetSectionName(name, 0), CPA_STATUS_INVALID_PARAM);
}

static void API_status_texts_fit_and_differ(void **state) {
    char texts[8][CPA_STATUS_MAX_STR_LENGTH_IN_BYTES];

    (void)state;
    for (CpaStatus status = 0; status >= CPA_STATUS_RESTARTING; --status) {
        char *text = texts[-status];

        memset(text, 0x55, CPA_STATUS_MAX_STR_LENGTH_IN_BYTES);
        assert_int_equal(cpaGetStatusText(NULL, status, (Cpa8S *)text), CPA_STATUS_SUCCESS);
        assert_non_null(memchr(text, 0, CPA_STATUS_MAX_STR_LENGTH_IN_BYTES));
        assert_true(strlen(text) > 0);
        for (CpaStatus other = 0; other > status; --other) {
            assert_string_not_equal(text, texts[-other]);
        }
    }
    assert_int_equal(cpaCyGetStatusText(NULL, CPA_STATUS_FAIL, NULL), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcGetStatusText(NULL, -8, (Cpa8S *)texts[0]), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaGetStatusText(NULL, 1, (Cpa8S *)texts[0]), CPA_STATUS_INVALID_PARAM);
}

static void USR_01_without_driver_start_says_how_to_load_it(void **state) {
    (void)state;
    skip_with_driver();
    assert_int_equal(icp_sal_userStart("SSL"), CPA_STATUS_FAIL);
    assert_reason("modprobe qae");
    assert_int_equal(qaeLastErrno(), 2);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_userIsQatAvailable(), CPA_FALSE);
    assert_reason("modprobe qae");
}

static void DYN_14_without_driver_nothing_is_available(void **state) {
    Cpa32U number = 7;
    Cpa16U devices = 7;
    CpaDeviceInfo device;

    (void)state;
    skip_with_driver();
    assert_int_equal(icp_sal_userCyGetAvailableNumDynInstances(&number), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    number = 7;
    assert_int_equal(icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(&number, 3), CPA_STATUS_SUCCESS);
    assert_int_equal(number, 0);
    assert_int_equal(cpaGetNumDevices(&devices), CPA_STATUS_SUCCESS);
    assert_int_equal(devices, 0);
    assert_int_equal(cpaGetDeviceInfo(0, &device), CPA_STATUS_FAIL);
    assert_reason("modprobe qae");
    assert_int_equal(qaeWaitForDynInstances(CPA_ACC_SVC_TYPE_CRYPTO, 1, ALL_DEVICES, -1), CPA_STATUS_FAIL);
    assert_reason("modprobe qae");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(USR_01_bad_names_fail_with_a_reason),
        cmocka_unit_test(USR_03_multi_process_start_checks_as_start_does),
        cmocka_unit_test(USR_07_stop_without_start_fails),
        cmocka_unit_test(DYN_10_null_counters_are_invalid),
        cmocka_unit_test(DYN_10_null_arrays_and_zero_counts_are_invalid),
        cmocka_unit_test(DYN_09_accelerators_other_than_0_are_invalid),
        cmocka_unit_test(DYN_05_2_to_the_32_instances_fail_untouched),
        cmocka_unit_test(DYN_14_alloc_before_start_fails_with_null_entries),
        cmocka_unit_test(DYN_12_made_up_handles_are_invalid_and_stay),
        cmocka_unit_test(DYN_06_null_entries_are_passed_over),
        cmocka_unit_test(DYN_17_wait_checks_its_arguments),
        cmocka_unit_test(API_queries_check_their_arguments),
        cmocka_unit_test(API_service_types_without_instances),
        cmocka_unit_test(API_before_start_there_are_no_instances),
        cmocka_unit_test(API_status_texts_fit_and_differ),
        cmocka_unit_test(USR_01_without_driver_start_says_how_to_load_it),
        cmocka_unit_test(DYN_14_without_driver_nothing_is_available),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
