/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Extensions to user space access: the section that a process holds, and dynamic instances
 * with a wait.
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
 * @par Errors
 * - @c EINVAL @p buf is NULL
 * - @c ERANGE the name does not fit
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
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ETIMEDOUT the time is over
 * - @c ENOSPC fewer are configured
 * - others: /dev/qae_mem cannot be opened or used, as for icp_sal_userStart()
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

/**
 * @brief Takes dynamic instances, and waits for them if too few are free.
 *
 * The call takes all that are asked for, or none. It takes them as icp_sal_userCyInstancesAlloc()
 * or icp_sal_userDcInstancesAlloc() does, and they are given back in the same way. While it waits,
 * it holds no lock and no instance, and it uses no processor time. Signals do not end the wait. The
 * process must have started with icp_sal_userStart().
 *
 * All callers that wait are woken when instances become free. The first of them that asks gets the
 * instances, and the others go on waiting. A caller that waits for many may be overtaken by callers
 * that want few.
 *
 * @param[in] service CPA_ACC_SVC_TYPE_CRYPTO or CPA_ACC_SVC_TYPE_DATA_COMPRESSION
 * @param[in] count how many, 1 or more
 * @param[out] handles array of @p count elements, which receives the handles. Unless the result is
 *             CPA_STATUS_INVALID_PARAM, a failure sets all elements to NULL; but the array is not
 *             touched if @p count is more than 65,536, which no process can hold
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for the pools of all endpoints
 * @param[in] timeout_ms longest wait in milliseconds; 0 does not wait, and a negative number waits
 *            without limit
 *
 * @retval CPA_STATUS_SUCCESS the process holds all of them
 * @retval CPA_STATUS_RETRY the time is over, and none was taken (qaeLastErrno(): ETIMEDOUT)
 * @retval CPA_STATUS_INVALID_PARAM @p service is another service, @p handles is NULL or @p count is
 *         0; nothing is changed
 * @retval CPA_STATUS_FAIL waiting cannot help, and none was taken: fewer than @p count are
 *         configured (ENOSPC), the process has not started or was stopped meanwhile (ENOTCONN), or
 *         the driver cannot be asked
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ETIMEDOUT the time is over
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENOTCONN the process has not started, or was stopped meanwhile
 * - @c ENODEV no endpoint is up, or not this one
 * - others: /dev/qae_mem cannot be opened or used, as for icp_sal_userStart()
 *
 * @par Threads
 * Any thread; several threads may wait at once. A stop in another thread ends the wait with
 * ENOTCONN when instances become free, or at the end of the time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-17
 */
CpaStatus qaeAllocDynInstances(CpaAccelerationServiceType service, Cpa32U count,
                               CpaInstanceHandle *handles, Cpa32U devPkgID, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_USER_EXT_H */
