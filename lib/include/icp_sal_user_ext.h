/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icp_sal_user_ext.h - what this library offers beyond icp_sal_user.h.
 */
#ifndef ICP_SAL_USER_EXT_H
#define ICP_SAL_USER_EXT_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that hold any internal section name with its NUL. */
#define QAE_SECTION_NAME_MAX (96)

/**
 * Names the internal section that this process holds, "SSL_DEV0_INT_2".
 *
 * @param[out] buf the name, NUL-terminated; "DYN" after icp_sal_userStart("DYN"), "" before
 *             any start and in a child of fork()
 * @param[in] size bytes at @a buf; QAE_SECTION_NAME_MAX always suffice
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or the name does not fit: nothing is written
 *
 * Any thread; the copy is the caller's own, so a stop in another thread does it no harm.
 */
CpaStatus qaeGetSectionName(char *buf, Cpa32U size);

/**
 * Sleeps until so many dynamic instances are free, or the time is over.
 *
 * @param[in] service CPA_ACC_SVC_TYPE_CRYPTO or CPA_ACC_SVC_TYPE_DATA_COMPRESSION
 * @param[in] count how many, 1 or more
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints together
 * @param[in] timeout_ms longest wait in milliseconds; 0 looks once, negative waits for ever
 *
 * @retval CPA_STATUS_SUCCESS so many were free; another process may be faster, so allocate
 *         and on failure wait again
 * @retval CPA_STATUS_RETRY the time is over
 * @retval CPA_STATUS_INVALID_PARAM another service, or a count of 0
 * @retval CPA_STATUS_FAIL fewer are configured, so that waiting would be in vain; or the
 *         driver cannot be asked
 *
 * Any thread, also several at once and before icp_sal_userStart(); no lock is held and no CPU
 * used meanwhile, signals do not end it. Clause DYN-17.
 */
CpaStatus qaeWaitForDynInstances(CpaAccelerationServiceType service, Cpa32U count, Cpa32U devPkgID,
                                 int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_USER_EXT_H */
