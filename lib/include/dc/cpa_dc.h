/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Compression instances of this process: finding, describing and starting them.
 *
 * Clients include it as cpa_dc.h or as dc/cpa_dc.h.
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
#ifndef CPA_DC_H
#define CPA_DC_H

#include "../cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief A function of the client that is called when something happens to a compression instance.
 *
 * @param[in] instanceHandle the instance
 * @param[in] pCallbackTag belongs to the client, and is passed on as it is
 * @param[in] instanceEvent what happened
 */
typedef void (*CpaDcInstanceNotificationCbFunc)(const CpaInstanceHandle instanceHandle,
                                                void *pCallbackTag,
                                                const CpaInstanceEvent instanceEvent);

/**
 * @brief Counts the compression instances of this process: static ones and dynamic ones.
 *
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS the number is written
 * @retval CPA_STATUS_INVALID_PARAM @p pNumInstances is NULL
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaDcGetNumInstances(Cpa16U *pNumInstances);

/**
 * @brief Lists the compression instances of this process, ordered by accelerator id.
 *
 * Static and dynamic instances are listed.
 *
 * @param[in] numInstances handles wanted, 1 or more: the first that many are written
 * @param[out] dcInstances array of @p numInstances elements, which receives the handles
 *
 * @retval CPA_STATUS_SUCCESS the array is filled
 * @retval CPA_STATUS_INVALID_PARAM @p dcInstances is NULL or @p numInstances is 0
 * @retval CPA_STATUS_RESOURCE the process has fewer; nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaDcGetInstances(Cpa16U numInstances, CpaInstanceHandle *dcInstances);

/**
 * @brief Describes a compression instance.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[out] pInstanceInfo2 receives the description, all fields of it
 *
 * @retval CPA_STATUS_SUCCESS the description is written; also after the endpoint is gone, and
 *         operState is CPA_OPER_STATE_DOWN then
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, or @p instanceHandle is not a compression
 *         instance of this process
 *
 * @par Threads
 * Any thread, also while another thread frees the instance.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 *
 * @par Clauses
 * DYN-12, DYN-15
 */
CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                CpaInstanceInfo2 *pInstanceInfo2);

/**
 * @brief Makes a compression instance take requests: its operState is CPA_OPER_STATE_UP from then
 * on.
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 * @param[in] numBuffers elements of @p intermediateBuffers; 0 if there are none
 * @param[in] intermediateBuffers scratch memory for dynamic compression; NULL if @p numBuffers is
 *            0. The client keeps it, and this function does not look into it
 *
 * @retval CPA_STATUS_SUCCESS the instance is started; also if it was started before
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process,
 *         or
 * @p intermediateBuffers is NULL although @p numBuffers is not 0
 * @retval CPA_STATUS_FAIL the endpoint of the instance is gone
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcStartInstance(CpaInstanceHandle instanceHandle, Cpa16U numBuffers,
                             CpaBufferList **intermediateBuffers);

/**
 * @brief Makes a compression instance take no more requests.
 *
 * The instance stays with this process.
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS the instance is stopped; also if it was not started
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcStopInstance(CpaInstanceHandle instanceHandle);

/**
 * @brief Translates a status value to words.
 *
 * The words say what the value means. qaeLastError() says why a function returned it. The result is
 * that of cpaGetStatusText().
 *
 * @param[in] dcInstance ignored; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of #CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes, which receives the
 *             words and their NUL
 *
 * @retval CPA_STATUS_SUCCESS the words are written
 * @retval CPA_STATUS_INVALID_PARAM @p pStatusText is NULL, or @p errStatus is not a status value;
 *         nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcGetStatusText(const CpaInstanceHandle dcInstance, const CpaStatus errStatus,
                             Cpa8S *pStatusText);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DC_H */
