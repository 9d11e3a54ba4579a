/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Polling of compression instances.
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
#ifndef ICP_SAL_POLL_H
#define ICP_SAL_POLL_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Delivers requests of a compression instance that are complete.
 *
 * Requests are executed in the order in which they were submitted. Callbacks run in the thread that
 * polls, before the function returns. Only one thread polls an instance at a time.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[in] response_quota the largest number of requests; 0: as many as there are
 *
 * @retval CPA_STATUS_SUCCESS at least one request was delivered
 * @retval CPA_STATUS_RETRY there was none, another thread polls the instance, or a callback of the
 *         instance polls it
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_DcPollInstance(CpaInstanceHandle instanceHandle, Cpa32U response_quota);

/**
 * @brief Polls the instances of this process whose ring pairs are in one bank of an endpoint.
 *
 * A bank has one ring pair in devices of the fourth generation (4xxx), and eight in earlier ones.
 *
 * @param[in] accelId accelerator id: the N of qat_dev<N>
 * @param[in] bank_number number of the bank, from 0
 * @param[in] response_quota the largest number of requests of each instance; 0: as many as there
 *            are
 *
 * @retval CPA_STATUS_SUCCESS at least one request was delivered
 * @retval CPA_STATUS_RETRY there was none, also because this process has no started instance there,
 *         or because there is no such endpoint or bank
 * @retval CPA_STATUS_INVALID_PARAM @p bank_number is 0xffffffff
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_pollBank(Cpa32U accelId, Cpa32U bank_number, Cpa32U response_quota);

/**
 * @brief Polls all instances that this process has on an endpoint.
 *
 * @param[in] accelId accelerator id: the N of qat_dev<N>
 * @param[in] response_quota the largest number of requests of each instance; 0: as many as there
 *            are
 *
 * @retval CPA_STATUS_SUCCESS at least one request was delivered
 * @retval CPA_STATUS_RETRY there was none, also because this process has no started instance there
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_pollAllBanks(Cpa32U accelId, Cpa32U response_quota);

/**
 * @brief Gives a descriptor that is readable while a poll of a compression instance would deliver
 * something.
 *
 * It is for poll() and epoll. It is the same at every call, and belongs to the library: the client
 * must not read or close it. It ends with cpaDcStopInstance().
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[out] fd the descriptor
 *
 * @retval CPA_STATUS_SUCCESS the descriptor is written
 * @retval CPA_STATUS_INVALID_PARAM @p fd is NULL, or @p instanceHandle is not a compression
 *         instance of this process
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_DcGetFileDescriptor(CpaInstanceHandle instanceHandle, int *fd);

/**
 * @brief Tells that the client no longer uses the descriptor of a compression instance.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[in] fd the descriptor
 *
 * @retval CPA_STATUS_SUCCESS done; the descriptor stays open for other users in the process
 * @retval CPA_STATUS_INVALID_PARAM @p fd is not its descriptor, or @p instanceHandle is not a
 *         compression instance of this process
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_DcPutFileDescriptor(CpaInstanceHandle instanceHandle, int fd);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_POLL_H */
