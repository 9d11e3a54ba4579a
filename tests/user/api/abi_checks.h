/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * abi_checks.h - the binary interface that existing clients were compiled against, as
 * static assertions. Included by a C11 and a C++20 program, so that both languages see the
 * same layout; the numbers are those of LP64.
 */
#ifndef QAE_TESTS_API_ABI_CHECKS_H
#define QAE_TESTS_API_ABI_CHECKS_H

#include <stddef.h>

/* As clients include them: flat, and below lac/ and dc/; twice does no harm. */
#include <cpa.h>
#include <cpa_cy_common.h>
#include <cpa_cy_im.h>
#include <cpa_dc.h>
#include <cpa_dc_capabilities.h>
#include <cpa_dev.h>
#include <cpa_types.h>
#include <dc/cpa_dc.h>
#include <dc/cpa_dc_capabilities.h>
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <icp_sal_versions.h>
#include <lac/cpa_cy_common.h>
#include <lac/cpa_cy_im.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>

#ifdef __cplusplus
#define ABI_ASSERT(condition) static_assert(condition, #condition)
#else
#define ABI_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define ABI_VALUE(name, value) ABI_ASSERT((name) == (value))
#define ABI_SIZE(type, value) ABI_ASSERT(sizeof(type) == (value))
#define ABI_FIELD(type, field, offset, size)                                                                 \
    ABI_ASSERT(offsetof(type, field) == (offset));                                                           \
    ABI_ASSERT(sizeof(((type *)0)->field) == (size))

#include "api/abi_dc_checks.h"

/* basic types */
ABI_SIZE(Cpa8U, 1);
ABI_SIZE(Cpa8S, 1);
ABI_SIZE(Cpa16U, 2);
ABI_SIZE(Cpa16S, 2);
ABI_SIZE(Cpa32U, 4);
ABI_SIZE(Cpa32S, 4);
ABI_SIZE(Cpa64U, 8);
ABI_SIZE(Cpa64S, 8);
ABI_ASSERT((Cpa8U)-1 > 0);
ABI_ASSERT((Cpa16U)-1 > 0);
ABI_ASSERT((Cpa32U)-1 > 0);
ABI_ASSERT((Cpa64U)-1 > 0);
ABI_ASSERT((Cpa8S)-1 < 0);
ABI_ASSERT((Cpa16S)-1 < 0);
ABI_ASSERT((Cpa32S)-1 < 0);
ABI_ASSERT((Cpa64S)-1 < 0);
ABI_SIZE(CpaBoolean, 4);
ABI_VALUE(CPA_FALSE, 0);
ABI_VALUE(CPA_TRUE, 1);
ABI_SIZE(CpaStatus, 4);
ABI_ASSERT((CpaStatus)-1 < 0);
ABI_SIZE(CpaInstanceHandle, 8);
ABI_SIZE(CpaPhysicalAddr, 8);

/* version; as preprocessor expressions, which is how clients use it */
#if CPA_API_VERSION_NUM_MAJOR != 5 || !CPA_API_VERSION_AT_LEAST(5, 0) || !CPA_API_VERSION_AT_LEAST(4, 9) ||  \
    CPA_API_VERSION_AT_LEAST(5, 1) || !CPA_API_VERSION_LESS_THAN(5, 1) || CPA_API_VERSION_LESS_THAN(5, 0)
#error "the version of the API"
#endif

/* data plane */
ABI_VALUE(CPA_DP_BUFLIST, 0xFFFFFFFFu);
ABI_SIZE(CPA_DP_BUFLIST, 4);

/* status */
ABI_VALUE(CPA_STATUS_SUCCESS, 0);
ABI_VALUE(CPA_STATUS_FAIL, -1);
ABI_VALUE(CPA_STATUS_RETRY, -2);
ABI_VALUE(CPA_STATUS_RESOURCE, -3);
ABI_VALUE(CPA_STATUS_INVALID_PARAM, -4);
ABI_VALUE(CPA_STATUS_FATAL, -5);
ABI_VALUE(CPA_STATUS_UNSUPPORTED, -6);
ABI_VALUE(CPA_STATUS_RESTARTING, -7);
ABI_VALUE(CPA_STATUS_MAX_STR_LENGTH_IN_BYTES, 255);

/* enumerations */
ABI_VALUE(CPA_ACC_SVC_TYPE_CRYPTO, 0);
ABI_VALUE(CPA_ACC_SVC_TYPE_DATA_COMPRESSION, 1);
ABI_VALUE(CPA_ACC_SVC_TYPE_RAID, 2);
ABI_VALUE(CPA_ACC_SVC_TYPE_XML, 3);
ABI_VALUE(CPA_ACC_SVC_TYPE_PATTERN_MATCH, 4);
ABI_VALUE(CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS, 4);
ABI_VALUE(CPA_ACC_SVC_TYPE_CRYPTO_ASYM, 5);
ABI_VALUE(CPA_ACC_SVC_TYPE_CRYPTO_SYM, 6);
ABI_VALUE(CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION, 7);
ABI_VALUE(CPA_INSTANCE_STATE_INITIALISED, 0);
ABI_VALUE(CPA_INSTANCE_STATE_SHUTDOWN, 1);
ABI_VALUE(CPA_OPER_STATE_DOWN, 0);
ABI_VALUE(CPA_OPER_STATE_UP, 1);
ABI_VALUE(CPA_INSTANCE_EVENT_RESTARTING, 0);
ABI_VALUE(CPA_INSTANCE_EVENT_RESTARTED, 1);
ABI_VALUE(CPA_INSTANCE_EVENT_FATAL_ERROR, 2);
ABI_VALUE(CPA_INST_ALLOC_NONE, 0);
ABI_VALUE(CPA_INST_ALLOC_PREFER_EXISTING, 1);
ABI_VALUE(CPA_INST_ALLOC_PREFER_NEW, 2);
ABI_VALUE(CPA_INSTANCE_TYPE_CRYPTO, 0);
ABI_VALUE(CPA_INSTANCE_TYPE_DATA_COMPRESSION, 1);
ABI_VALUE(CPA_INSTANCE_TYPE_RAID, 2);
ABI_VALUE(CPA_INSTANCE_TYPE_XML, 3);
ABI_VALUE(CPA_INSTANCE_TYPE_REGEX, 4);

/* lengths */
ABI_VALUE(CPA_INST_VENDOR_NAME_SIZE, 64);
ABI_VALUE(CPA_INST_PART_NAME_SIZE, 64);
ABI_VALUE(CPA_INST_SW_VERSION_SIZE, 64);
ABI_VALUE(CPA_INST_NAME_SIZE, 64);
ABI_VALUE(CPA_INST_ID_SIZE, 128);
ABI_VALUE(CPA_INSTANCE_MAX_NAME_SIZE_IN_BYTES, 64);
ABI_VALUE(CPA_INSTANCE_MAX_ID_SIZE_IN_BYTES, 128);
ABI_VALUE(CPA_INSTANCE_MAX_VERSION_SIZE_IN_BYTES, 64);
ABI_VALUE(CPA_MAX_CORES, 4096);

/* layouts */
ABI_SIZE(CpaInstanceInfo2, 932);
ABI_FIELD(CpaInstanceInfo2, accelerationServiceType, 0, 4);
ABI_FIELD(CpaInstanceInfo2, vendorName, 4, 64);
ABI_FIELD(CpaInstanceInfo2, partName, 68, 64);
ABI_FIELD(CpaInstanceInfo2, swVersion, 132, 64);
ABI_FIELD(CpaInstanceInfo2, instName, 196, 64);
ABI_FIELD(CpaInstanceInfo2, instID, 260, 128);
ABI_FIELD(CpaInstanceInfo2, physInstId, 388, 12);
ABI_FIELD(CpaInstanceInfo2, coreAffinity, 400, 512);
ABI_FIELD(CpaInstanceInfo2, nodeAffinity, 912, 4);
ABI_FIELD(CpaInstanceInfo2, operState, 916, 4);
ABI_FIELD(CpaInstanceInfo2, requiresPhysicallyContiguousMemory, 920, 4);
ABI_FIELD(CpaInstanceInfo2, isPolled, 924, 4);
ABI_FIELD(CpaInstanceInfo2, isOffloaded, 928, 4);

ABI_SIZE(CpaPhysicalInstanceId, 12);
ABI_FIELD(CpaPhysicalInstanceId, packageId, 0, 2);
ABI_FIELD(CpaPhysicalInstanceId, acceleratorId, 2, 2);
ABI_FIELD(CpaPhysicalInstanceId, executionEngineId, 4, 2);
ABI_FIELD(CpaPhysicalInstanceId, busAddress, 6, 2);
ABI_FIELD(CpaPhysicalInstanceId, kptAcHandle, 8, 4);

ABI_SIZE(CpaInstanceInfo, 136);
ABI_FIELD(CpaInstanceInfo, type, 0, 4);
ABI_FIELD(CpaInstanceInfo, state, 4, 4);
ABI_FIELD(CpaInstanceInfo, name, 8, 64);
ABI_FIELD(CpaInstanceInfo, version, 72, 64);

ABI_SIZE(CpaDeviceInfo, 40);
ABI_FIELD(CpaDeviceInfo, sku, 0, 4);
ABI_FIELD(CpaDeviceInfo, bdf, 4, 2);
ABI_FIELD(CpaDeviceInfo, deviceId, 8, 4);
ABI_FIELD(CpaDeviceInfo, numaNode, 12, 4);
ABI_FIELD(CpaDeviceInfo, isVf, 16, 4);
ABI_FIELD(CpaDeviceInfo, dcEnabled, 20, 4);
ABI_FIELD(CpaDeviceInfo, cySymEnabled, 24, 4);
ABI_FIELD(CpaDeviceInfo, cyAsymEnabled, 28, 4);
ABI_FIELD(CpaDeviceInfo, inlineEnabled, 32, 4);
ABI_FIELD(CpaDeviceInfo, deviceMemorySizeAvailable, 36, 4);

ABI_SIZE(CpaFlatBuffer, 16);
ABI_FIELD(CpaFlatBuffer, dataLenInBytes, 0, 4);
ABI_FIELD(CpaFlatBuffer, pData, 8, 8);

ABI_SIZE(CpaBufferList, 32);
ABI_FIELD(CpaBufferList, numBuffers, 0, 4);
ABI_FIELD(CpaBufferList, pBuffers, 8, 8);
ABI_FIELD(CpaBufferList, pUserData, 16, 8);
ABI_FIELD(CpaBufferList, pPrivateMetaData, 24, 8);

ABI_SIZE(CpaPhysFlatBuffer, 16);
ABI_FIELD(CpaPhysFlatBuffer, dataLenInBytes, 0, 4);
ABI_FIELD(CpaPhysFlatBuffer, reserved, 4, 4);
ABI_FIELD(CpaPhysFlatBuffer, bufferPhysAddr, 8, 8);

ABI_SIZE(CpaPhysBufferList, 16);
ABI_FIELD(CpaPhysBufferList, reserved0, 0, 8);
ABI_FIELD(CpaPhysBufferList, numBuffers, 8, 4);
ABI_FIELD(CpaPhysBufferList, reserved1, 12, 4);
ABI_ASSERT(offsetof(CpaPhysBufferList, flatBuffers) == 16);

ABI_SIZE(CpaCrcControlData, 32);
ABI_FIELD(CpaCrcControlData, polynomial, 0, 8);
ABI_FIELD(CpaCrcControlData, initialValue, 8, 8);
ABI_FIELD(CpaCrcControlData, reflectIn, 16, 4);
ABI_FIELD(CpaCrcControlData, reflectOut, 20, 4);
ABI_FIELD(CpaCrcControlData, xorOut, 24, 8);

ABI_SIZE(struct qae_mem_block, 64);
ABI_FIELD(struct qae_mem_block, size, 0, 4);
ABI_FIELD(struct qae_mem_block, node, 4, 4);
ABI_FIELD(struct qae_mem_block, start, 8, 8);
ABI_FIELD(struct qae_mem_block, length, 16, 8);
ABI_FIELD(struct qae_mem_block, device_address, 24, 8);
ABI_FIELD(struct qae_mem_block, alignment, 32, 8);
ABI_FIELD(struct qae_mem_block, region_start, 40, 8);
ABI_FIELD(struct qae_mem_block, region_length, 48, 8);
ABI_FIELD(struct qae_mem_block, region_id, 56, 4);
ABI_FIELD(struct qae_mem_block, reserved, 60, 4);

ABI_SIZE(struct qae_mem_stats, 96);
ABI_FIELD(struct qae_mem_stats, size, 0, 4);
ABI_FIELD(struct qae_mem_stats, regions, 4, 4);
ABI_FIELD(struct qae_mem_stats, pinned, 8, 8);
ABI_FIELD(struct qae_mem_stats, pinned_peak, 16, 8);
ABI_FIELD(struct qae_mem_stats, live_blocks, 24, 8);
ABI_FIELD(struct qae_mem_stats, live, 32, 8);
ABI_FIELD(struct qae_mem_stats, cached, 40, 8);
ABI_FIELD(struct qae_mem_stats, spare, 48, 8);
ABI_FIELD(struct qae_mem_stats, idle, 56, 8);
ABI_FIELD(struct qae_mem_stats, keep, 64, 8);
ABI_FIELD(struct qae_mem_stats, caches, 72, 4);
ABI_FIELD(struct qae_mem_stats, reserved, 76, 4);

/* No use of a marked name may warn: clients are built with -Werror. */
#define ABI_TEXT_OF(macro) ABI_TEXT(macro)
#define ABI_TEXT(text) #text
ABI_ASSERT(sizeof(ABI_TEXT_OF(CPA_DEPRECATED)) == 1);

/*
 * Prototypes as clients compiled against them, declared once more: one that differs from the
 * headers' does not compile (in C++ a differing parameter would be an overload with the same
 * C name, which does not compile either).
 */
#ifdef __cplusplus
extern "C" {
#endif

CpaStatus icp_sal_userStart(const char *);
CpaStatus icp_sal_userStartMultiProcess(const char *, CpaBoolean);
CpaStatus icp_sal_userStop(void);
CpaBoolean icp_sal_userIsQatAvailable(void);
CpaStatus icp_sal_userCyGetAvailableNumDynInstances(Cpa32U *);
CpaStatus icp_sal_userDcGetAvailableNumDynInstances(Cpa32U *);
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(Cpa32U *, Cpa32U);
CpaStatus icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(Cpa32U *, Cpa32U);
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(Cpa32U *, Cpa32U, Cpa32U);
CpaStatus icp_sal_userCyInstancesAlloc(Cpa32U, CpaInstanceHandle *);
CpaStatus icp_sal_userDcInstancesAlloc(Cpa32U, CpaInstanceHandle *);
CpaStatus icp_sal_userCyInstancesAllocByDevPkg(Cpa32U, CpaInstanceHandle *, Cpa32U);
CpaStatus icp_sal_userDcInstancesAllocByDevPkg(Cpa32U, CpaInstanceHandle *, Cpa32U);
CpaStatus icp_sal_userCyInstancesAllocByPkgAccel(Cpa32U, CpaInstanceHandle *, Cpa32U, Cpa32U);
CpaStatus icp_sal_userCyFreeInstances(Cpa32U, CpaInstanceHandle *);
CpaStatus icp_sal_userDcFreeInstances(Cpa32U, CpaInstanceHandle *);
CpaStatus cpaGetNumInstances(const CpaAccelerationServiceType, Cpa16U *);
CpaStatus cpaGetInstances(const CpaAccelerationServiceType, Cpa16U, CpaInstanceHandle *);
CpaStatus cpaInstanceGetInfo2(const CpaInstanceHandle, CpaInstanceInfo2 *);
CpaStatus cpaGetStatusText(const CpaInstanceHandle, CpaStatus, Cpa8S *);
CpaStatus cpaCyGetNumInstances(Cpa16U *);
CpaStatus cpaCyGetInstances(Cpa16U, CpaInstanceHandle *);
CpaStatus cpaCyInstanceGetInfo2(const CpaInstanceHandle, CpaInstanceInfo2 *);
CpaStatus cpaCyGetStatusText(const CpaInstanceHandle, CpaStatus, Cpa8S *);
CpaStatus cpaCyStartInstance(CpaInstanceHandle);
CpaStatus cpaCyStopInstance(CpaInstanceHandle);
CpaStatus cpaDcGetNumInstances(Cpa16U *);
CpaStatus cpaDcGetInstances(Cpa16U, CpaInstanceHandle *);
CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle, CpaInstanceInfo2 *);
CpaStatus cpaDcGetStatusText(const CpaInstanceHandle, const CpaStatus, Cpa8S *);
CpaStatus cpaDcStartInstance(CpaInstanceHandle, Cpa16U, CpaBufferList **);
CpaStatus cpaDcStopInstance(CpaInstanceHandle);
CpaStatus cpaGetNumDevices(Cpa16U *);
CpaStatus cpaGetDeviceInfo(Cpa16U, CpaDeviceInfo *);
void *qaeMemAlloc(size_t);
void qaeMemFree(void **);
void *qaeMemAllocNUMA(size_t, int, size_t);
void qaeMemFreeNUMA(void **);
void qaeMemFreeNonZeroNUMA(void **);
uint64_t qaeVirtToPhysNUMA(void *);
void *qaePhysToVirtNUMA(uint64_t);
const char *qaeLastError(void);
int qaeLastErrno(void);
void qaeClearLastError(void);
int qaeMemGetInfo(const void *, struct qae_mem_block *);
int qaeMemStats(struct qae_mem_stats *);
uint64_t qaeMemTrim(void);
void qaeMemSetKeep(uint64_t);

#ifdef __cplusplus
}
#endif

/* By name, for the dynamic linker's view of the library. */
static const char *const abi_names[] = {
    "icp_sal_userStart",
    "icp_sal_userStartMultiProcess",
    "icp_sal_userStop",
    "icp_sal_userIsQatAvailable",
    "icp_sal_userCyGetAvailableNumDynInstances",
    "icp_sal_userDcGetAvailableNumDynInstances",
    "icp_sal_userCyGetAvailableNumDynInstancesByDevPkg",
    "icp_sal_userDcGetAvailableNumDynInstancesByDevPkg",
    "icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel",
    "icp_sal_userCyInstancesAlloc",
    "icp_sal_userDcInstancesAlloc",
    "icp_sal_userCyInstancesAllocByDevPkg",
    "icp_sal_userDcInstancesAllocByDevPkg",
    "icp_sal_userCyInstancesAllocByPkgAccel",
    "icp_sal_userCyFreeInstances",
    "icp_sal_userDcFreeInstances",
    "qaeGetSectionName",
    "qaeWaitForDynInstances",
    "cpaGetNumInstances",
    "cpaGetInstances",
    "cpaInstanceGetInfo2",
    "cpaGetStatusText",
    "cpaCyGetNumInstances",
    "cpaCyGetInstances",
    "cpaCyInstanceGetInfo2",
    "cpaCyGetStatusText",
    "cpaCyStartInstance",
    "cpaCyStopInstance",
    "cpaDcGetNumInstances",
    "cpaDcGetInstances",
    "cpaDcInstanceGetInfo2",
    "cpaDcGetStatusText",
    "cpaDcStartInstance",
    "cpaDcStopInstance",
    "cpaGetNumDevices",
    "cpaGetDeviceInfo",
    "qaeMemAlloc",
    "qaeMemFree",
    "qaeMemAllocNUMA",
    "qaeMemFreeNUMA",
    "qaeMemFreeNonZeroNUMA",
    "qaeVirtToPhysNUMA",
    "qaePhysToVirtNUMA",
    "qaeAtFork",
    "qaeMemInit",
    "qaeMemInitAndReturnFd",
    "qaeMemDestroy",
    "qaeLastError",
    "qaeLastErrno",
    "qaeClearLastError",
    "qaeMemGetInfo",
    "qaeMemStats",
    "qaeMemTrim",
    "qaeMemSetKeep",
};

#endif /* QAE_TESTS_API_ABI_CHECKS_H */
