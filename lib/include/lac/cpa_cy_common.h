/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa_cy_common.h - crypto instances of this process: finding and describing them.
 */
#ifndef CPA_CY_COMMON_H
#define CPA_CY_COMMON_H

#include "../cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Called when something happens to a crypto instance.
 *
 * @param[in] instanceHandle the instance
 * @param[in] pCallbackTag the client's own
 * @param[in] instanceEvent what happened
 */
typedef void (*CpaCyInstanceNotificationCbFunc)(const CpaInstanceHandle instanceHandle, void *pCallbackTag,
                                                const CpaInstanceEvent instanceEvent);

/**
 * Counts the crypto instances of this process: static ones of its section and dynamic ones.
 *
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL
 *
 * Any thread. A child of fork() has none. Clause DYN-15.
 */
CpaStatus cpaCyGetNumInstances(Cpa16U *pNumInstances);

/**
 * Lists the crypto instances of this process by accelerator id.
 *
 * @param[in] numInstances handles wanted, 1 or more: the first so many are written
 * @param[out] cyInstances array of @a numInstances elements
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL or 0
 * @retval CPA_STATUS_RESOURCE there are fewer; nothing is written
 *
 * Any thread. Clause DYN-15.
 */
CpaStatus cpaCyGetInstances(Cpa16U numInstances, CpaInstanceHandle *cyInstances);

/**
 * Describes a crypto instance.
 *
 * @param[in] instanceHandle a crypto instance of this process
 * @param[out] pInstanceInfo2 filled completely
 *
 * @retval CPA_STATUS_SUCCESS also after its endpoint is gone: operState is down then
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not a crypto instance of this process
 *
 * Any thread; safe while others free the instance. Clauses DYN-12, DYN-15.
 */
CpaStatus cpaCyInstanceGetInfo2(const CpaInstanceHandle instanceHandle, CpaInstanceInfo2 *pInstanceInfo2);

/**
 * Puts a status value into words: as cpaGetStatusText().
 *
 * @param[in] instanceHandle not looked at; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not a status value
 */
CpaStatus cpaCyGetStatusText(const CpaInstanceHandle instanceHandle, CpaStatus errStatus, Cpa8S *pStatusText);

#ifdef __cplusplus
}
#endif

#endif /* CPA_CY_COMMON_H */
