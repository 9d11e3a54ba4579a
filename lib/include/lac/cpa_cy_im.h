/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa_cy_im.h - starting and stopping crypto instances.
 */
#ifndef CPA_CY_IM_H
#define CPA_CY_IM_H

#include "cpa_cy_common.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a crypto instance take requests; its operState is up from then on.
 *
 * @param[in] instanceHandle a crypto instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS also if it was started before
 * @retval CPA_STATUS_INVALID_PARAM not a crypto instance of this process
 * @retval CPA_STATUS_FAIL its endpoint is gone
 *
 * Any thread.
 */
CpaStatus cpaCyStartInstance(CpaInstanceHandle instanceHandle);

/**
 * Makes a crypto instance take no more requests; it stays with this process.
 *
 * @param[in] instanceHandle a crypto instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS also if it was not started
 * @retval CPA_STATUS_INVALID_PARAM not a crypto instance of this process
 *
 * Any thread.
 */
CpaStatus cpaCyStopInstance(CpaInstanceHandle instanceHandle);

#ifdef __cplusplus
}
#endif

#endif /* CPA_CY_IM_H */
