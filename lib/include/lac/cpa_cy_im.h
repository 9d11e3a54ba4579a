/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Starting and stopping crypto instances.
 *
 * Clients include it as cpa_cy_im.h or as lac/cpa_cy_im.h.
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
 * A child of fork() holds nothing. Handles of its parent are invalid there, and its own
 * icp_sal_userStart() gives it new ones.
 */
#ifndef CPA_CY_IM_H
#define CPA_CY_IM_H

#include "cpa_cy_common.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Makes a crypto instance take requests: its operState is CPA_OPER_STATE_UP from then on.
 *
 * @param[in] instanceHandle a crypto instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS the instance is started; also if it was started before
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a crypto instance of this process
 * @retval CPA_STATUS_FAIL the endpoint of the instance is gone
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaCyStartInstance(CpaInstanceHandle instanceHandle);

/**
 * @brief Makes a crypto instance take no more requests.
 *
 * The instance stays with this process.
 *
 * @param[in] instanceHandle a crypto instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS the instance is stopped; also if it was not started
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a crypto instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaCyStopInstance(CpaInstanceHandle instanceHandle);

#ifdef __cplusplus
}
#endif

#endif /* CPA_CY_IM_H */
