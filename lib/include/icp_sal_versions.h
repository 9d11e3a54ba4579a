/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Versions.
 *
 * @par Errors
 * A function that fails leaves its output as it was. It records a sentence with the reason for the
 * calling thread: see qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Fork
 * A child of fork() holds nothing, and handles of its parent are invalid there.
 */
#ifndef ICP_SAL_VERSIONS_H
#define ICP_SAL_VERSIONS_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief The major version of the functions icp_sal_*. */
#define ICP_API_VERSION_NUM_MAJOR (1)
/** @brief The minor version. */
#define ICP_API_VERSION_NUM_MINOR (1)

/**
 * @brief Tests whether the version is @p major . @p minor or a later one.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define ICP_API_VERSION_AT_LEAST(major, minor)                                                     \
    (ICP_API_VERSION_NUM_MAJOR > (major) ||                                                        \
     (ICP_API_VERSION_NUM_MAJOR == (major) && ICP_API_VERSION_NUM_MINOR >= (minor)))

/**
 * @brief Tests whether the version is earlier than @p major . @p minor.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define ICP_API_VERSION_LESS_THAN(major, minor) (!ICP_API_VERSION_AT_LEAST(major, minor))

#define ICP_SAL_VERSIONS_FW_VERSION_SIZE 16  /**< size of firmwareVersion */
#define ICP_SAL_VERSIONS_SW_VERSION_SIZE 16  /**< size of softwareVersion */
#define ICP_SAL_VERSIONS_MMP_VERSION_SIZE 16 /**< size of mmpVersion */
#define ICP_SAL_VERSIONS_HW_VERSION_SIZE 4   /**< size of hardwareVersion */

/** @brief The versions of an endpoint, as texts that end with a NUL. */
typedef struct icp_sal_dev_version_info_s {
    Cpa32U devId;                                            /**< PCI device id */
    Cpa8U firmwareVersion[ICP_SAL_VERSIONS_FW_VERSION_SIZE]; /**< "": this library loads no firmware
                                                              */
    Cpa8U mmpVersion[ICP_SAL_VERSIONS_MMP_VERSION_SIZE];     /**< "": likewise */
    Cpa8U softwareVersion[ICP_SAL_VERSIONS_SW_VERSION_SIZE]; /**< the version of this library */
    Cpa8U hardwareVersion[ICP_SAL_VERSIONS_HW_VERSION_SIZE]; /**< "": not known */
} icp_sal_dev_version_info_t;

/**
 * @brief Tells the versions of an endpoint.
 *
 * @param[in] accelId accelerator id: the N of qat_dev<N>; in plain mode, of an endpoint that this
 *            process has instances on
 * @param[out] pVerInfo receives the versions, all fields
 *
 * @retval CPA_STATUS_SUCCESS the versions are written
 * @retval CPA_STATUS_INVALID_PARAM @p pVerInfo is NULL, or there is no such endpoint
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too; in plain mode a child has no instances at first.
 */
CpaStatus icp_sal_getDevVersionInfo(Cpa32U accelId, icp_sal_dev_version_info_t *pVerInfo);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_VERSIONS_H */
