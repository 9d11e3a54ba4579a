/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa_dev.h - the endpoints of this machine, whether or not this process uses them.
 */
#ifndef CPA_DEV_H
#define CPA_DEV_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What there is to know about an endpoint. */
typedef struct _CpaDeviceInfo {
    Cpa32U sku;                       /**< 0: unknown */
    Cpa16U bdf;                       /**< bus << 8 | device << 3 | function */
    Cpa32U deviceId;                  /**< PCI device id */
    Cpa32U numaNode;                  /**< NUMA node; 0 if unknown */
    CpaBoolean isVf;                  /**< a virtual function */
    CpaBoolean dcEnabled;             /**< it compresses, as ServicesEnabled says */
    CpaBoolean cySymEnabled;          /**< it does symmetric crypto, as ServicesEnabled says */
    CpaBoolean cyAsymEnabled;         /**< it does asymmetric crypto, as ServicesEnabled says */
    CpaBoolean inlineEnabled;         /**< CPA_FALSE */
    Cpa32U deviceMemorySizeAvailable; /**< 0 */
} CpaDeviceInfo;

/**
 * Counts the endpoints that are up.
 *
 * @param[out] numDevices the number; 0 if none is up or the driver is not loaded
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL
 * @retval CPA_STATUS_FAIL the driver cannot be asked: no permission
 *
 * Any thread; needs no icp_sal_userStart().
 */
CpaStatus cpaGetNumDevices(Cpa16U *numDevices);

/**
 * Describes an endpoint that is up.
 *
 * @param[in] device 0 to cpaGetNumDevices() - 1: its place among the endpoints that are up, by
 *            accelerator id. The accelerator id itself where none is down or was removed
 * @param[out] deviceInfo filled completely
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not so many endpoints are up
 * @retval CPA_STATUS_FAIL the driver cannot be asked: not loaded, no permission
 *
 * Any thread; needs no icp_sal_userStart().
 */
CpaStatus cpaGetDeviceInfo(Cpa16U device, CpaDeviceInfo *deviceInfo);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DEV_H */
