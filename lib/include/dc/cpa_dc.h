/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa_dc.h - compression instances of this process: finding, describing, starting them.
 */
#ifndef CPA_DC_H
#define CPA_DC_H

#include "../cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Called when something happens to a compression instance.
 *
 * @param[in] instanceHandle the instance
 * @param[in] pCallbackTag the client's own
 * @param[in] instanceEvent what happened
 */
typedef void (*CpaDcInstanceNotificationCbFunc)(const CpaInstanceHandle instanceHandle, void *pCallbackTag,
                                                const CpaInstanceEvent instanceEvent);

/**
 * Counts the compression instances of this process: static ones and dynamic ones.
 *
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL
 *
 * Any thread. A child of fork() has none. Clause DYN-15.
 */
CpaStatus cpaDcGetNumInstances(Cpa16U *pNumInstances);

/**
 * Lists the compression instances of this process by accelerator id.
 *
 * @param[in] numInstances handles wanted, 1 or more: the first so many are written
 * @param[out] dcInstances array of @a numInstances elements
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL or 0
 * @retval CPA_STATUS_RESOURCE there are fewer; nothing is written
 *
 * Any thread. Clause DYN-15.
 */
CpaStatus cpaDcGetInstances(Cpa16U numInstances, CpaInstanceHandle *dcInstances);

/**
 * Describes a compression instance.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[out] pInstanceInfo2 filled completely
 *
 * @retval CPA_STATUS_SUCCESS also after its endpoint is gone: operState is down then
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not a compression instance of this process
 *
 * Any thread; safe while others free the instance. Clauses DYN-12, DYN-15.
 */
CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle instanceHandle, CpaInstanceInfo2 *pInstanceInfo2);

/**
 * Makes a compression instance take requests; its operState is up from then on.
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 * @param[in] numBuffers elements of @a intermediateBuffers; 0 if there are none
 * @param[in] intermediateBuffers scratch memory for dynamic compression, or NULL if
 *            @a numBuffers is 0; kept by the client, and not looked into here
 *
 * @retval CPA_STATUS_SUCCESS also if it was started before
 * @retval CPA_STATUS_INVALID_PARAM not a compression instance of this process, or no buffers
 *         where @a numBuffers says there are some
 * @retval CPA_STATUS_FAIL its endpoint is gone
 *
 * Any thread.
 */
CpaStatus cpaDcStartInstance(CpaInstanceHandle instanceHandle, Cpa16U numBuffers,
                             CpaBufferList **intermediateBuffers);

/**
 * Makes a compression instance take no more requests; it stays with this process.
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS also if it was not started
 * @retval CPA_STATUS_INVALID_PARAM not a compression instance of this process
 *
 * Any thread.
 */
CpaStatus cpaDcStopInstance(CpaInstanceHandle instanceHandle);

/**
 * Puts a status value into words: as cpaGetStatusText().
 *
 * @param[in] dcInstance not looked at; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not a status value
 */
CpaStatus cpaDcGetStatusText(const CpaInstanceHandle dcInstance, const CpaStatus errStatus,
                             Cpa8S *pStatusText);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DC_H */
