/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief The endpoints of this machine, whether or not this process uses them.
 *
 * @par Errors
 * A function that fails leaves its output as it was, unless it says otherwise. It records a
 * sentence with the reason for the calling thread: see qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Cancellation
 * A request to cancel the thread (pthread_cancel()) stays pending while a function runs. It takes
 * effect at the next cancellation point of the thread after that.
 *
 * @par Fork
 * The functions work in a child of fork() as in its parent.
 */
#ifndef CPA_DEV_H
#define CPA_DEV_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Facts about an endpoint. */
typedef struct _CpaDeviceInfo {
    Cpa32U sku;                       /**< model of the device; 0 if unknown */
    Cpa16U bdf;                       /**< bus << 8 | device << 3 | function */
    Cpa32U deviceId;                  /**< PCI device id */
    Cpa32U numaNode;                  /**< NUMA node; 0 if unknown */
    CpaBoolean isVf;                  /**< whether it is a virtual function */
    CpaBoolean dcEnabled;             /**< ServicesEnabled includes compression */
    CpaBoolean cySymEnabled;          /**< ServicesEnabled includes symmetric crypto */
    CpaBoolean cyAsymEnabled;         /**< ServicesEnabled includes asymmetric crypto */
    CpaBoolean inlineEnabled;         /**< always CPA_FALSE */
    Cpa32U deviceMemorySizeAvailable; /**< always 0 */
} CpaDeviceInfo;

/**
 * @brief Counts the endpoints that are up.
 *
 * It needs no icp_sal_userStart().
 *
 * @param[out] numDevices the number; 0 if no endpoint is up or the driver is not loaded
 *
 * @retval CPA_STATUS_SUCCESS the number is written
 * @retval CPA_STATUS_INVALID_PARAM @p numDevices is NULL
 * @retval CPA_STATUS_FAIL the driver cannot be asked, for lack of permission
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaGetNumDevices(Cpa16U *numDevices);

/**
 * @brief Describes an endpoint that is up.
 *
 * It needs no icp_sal_userStart().
 *
 * @param[in] device 0 to cpaGetNumDevices() - 1: the place of the endpoint among those that are up,
 *            ordered by accelerator id. It is the accelerator id itself if no endpoint is down or
 *            was removed
 * @param[out] deviceInfo receives the description, all fields of it
 *
 * @retval CPA_STATUS_SUCCESS the description is written
 * @retval CPA_STATUS_INVALID_PARAM @p deviceInfo is NULL, or @p device is not less than the number
 *         of endpoints that are up
 * @retval CPA_STATUS_FAIL the driver cannot be asked: it is not loaded, or permission is lacking
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaGetDeviceInfo(Cpa16U device, CpaDeviceInfo *deviceInfo);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DEV_H */
