/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Extensions to user space access: the section that a process holds, and waiting for dynamic
 * instances.
 *
 * @par Errors
 * A function that fails records a sentence with the reason for the calling thread: see
 * qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Fork
 * A child of fork() holds no section and no instances.
 */
#ifndef ICP_SAL_USER_EXT_H
#define ICP_SAL_USER_EXT_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief Bytes that hold the name of any internal section and its NUL. */
#define QAE_SECTION_NAME_MAX (96)

/**
 * @brief Returns the name of the internal section that this process holds.
 *
 * An example is "SSL_DEV0_INT_2". The name is "DYN" after icp_sal_userStart("DYN"), and "" before
 * any start.
 *
 * @param[out] buf receives the name and its NUL; nothing is written on failure
 * @param[in] size bytes at @p buf; #QAE_SECTION_NAME_MAX are always enough
 *
 * @retval CPA_STATUS_SUCCESS the name is written
 * @retval CPA_STATUS_INVALID_PARAM @p buf is NULL, or the name does not fit
 *
 * @par Threads
 * Any thread, at any time. The copy belongs to the caller, so a stop in another thread does not
 * change it.
 *
 * @par Fork
 * In a child of fork() the name is "".
 */
CpaStatus qaeGetSectionName(char *buf, Cpa32U size);

/**
 * @brief Sleeps until a number of dynamic instances is free, or the time is over.
 *
 * The wait holds no lock and uses no processor time. Signals do not end it. It needs no
 * icp_sal_userStart().
 *
 * @param[in] service CPA_ACC_SVC_TYPE_CRYPTO or CPA_ACC_SVC_TYPE_DATA_COMPRESSION
 * @param[in] count number of instances, 1 or more
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints together
 * @param[in] timeout_ms longest wait in milliseconds; 0 looks once, and a negative number waits
 *            without limit
 *
 * @retval CPA_STATUS_SUCCESS that many were free. Another process may take them first, so allocate
 *         them, and wait again if that fails
 * @retval CPA_STATUS_RETRY the time is over
 * @retval CPA_STATUS_INVALID_PARAM @p service is another service, or @p count is 0
 * @retval CPA_STATUS_FAIL fewer than @p count are configured, so that they can never be free; or
 *         the driver cannot be asked
 *
 * @par Threads
 * Any thread; several threads may wait at once.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-17
 */
CpaStatus qaeWaitForDynInstances(CpaAccelerationServiceType service, Cpa32U count, Cpa32U devPkgID,
                                 int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_USER_EXT_H */
