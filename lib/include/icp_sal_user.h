/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Access from user space: the section of a process, and dynamic instances.
 *
 * A process starts on a section of the configuration. It then holds the instances of one of the
 * internal sections of that name until it stops, ends in any way, or executes another program.
 * Beside these static instances it may take dynamic ones from the pool that all processes share.
 * The [DYN] sections of the endpoints' files configure the pool.
 *
 * @par Errors
 * A function that fails takes nothing. It records a sentence with the reason for the calling
 * thread: see qaeLastError(). No function prints anything unless QAT_USER_LOG is set in the
 * environment.
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Cancellation
 * A request to cancel the thread (pthread_cancel()) stays pending while a function runs, also while
 * the function waits. It takes effect at the next cancellation point of the thread after that. A
 * thread with asynchronous cancellation (PTHREAD_CANCEL_ASYNCHRONOUS) must disable cancellation
 * around every call.
 *
 * @par Fork
 * A child of fork() holds nothing, at every level of forking. Handles of the parent are invalid in
 * the child. The child may start its own section, and that of the parent is untouched.
 *
 * @par Clauses
 * Names such as USR-01 stand for documented behaviour. docs/conformance.md in the sources lists
 * the tests of each.
 */
#ifndef ICP_SAL_USER_H
#define ICP_SAL_USER_H

#include "cpa.h"
#include "dc/cpa_dc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------- sections */

/**
 * @brief Claims the next free internal section of a name and gives the process its instances.
 *
 * Call it once before the instance functions. Further calls are counted, up to 64 in all. They
 * claim nothing, and each needs its icp_sal_userStop(). The name of a further call must be
 * well-formed, but is otherwise ignored: a process has one section at a time.
 *
 * While one thread waits for a section, starts in other threads wait for the outcome and share it:
 * they are counted, or fail for the same reason. Signals do not end the wait: it goes on with the
 * time that is left.
 *
 * @param[in] pSectionName name of a user section in the configuration, 1 to 63 bytes of UTF-8. If
 *            no section has exactly this name, one whose name differs in letter case only is taken,
 *            provided that there is only one. "DYN" claims no section, only the right to dynamic
 *            instances
 *
 * @retval CPA_STATUS_SUCCESS the process holds a section
 * @retval CPA_STATUS_FAIL the name is NULL or malformed; there is no such section; all internal
 *         sections of that name are held (reported at once, unless the OnBusy policy of the section
 *         is to wait); no endpoint is up; this was start 65; or the driver is not loaded or may not
 *         be used
 *
 * @par Errors
 * - @c EINVAL the name is NULL or malformed
 * - @c ENOENT there is no such section, or no /dev/qae_mem
 * - @c EBUSY all sections of the name are held
 * - @c ETIMEDOUT all were held for the time that OnBusy allows
 * - @c ENOSPC the section is configured for no process
 * - @c ENODEV no endpoint is up
 * - @c EAGAIN the process has started 64 times
 * - @c E2BIG the section has more than 65,536 instances
 * - @c EALREADY the application claimed a section on the library's descriptor
 * - @c EMSGSIZE the configuration changed at every attempt; try again
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() may start a section of its own. The section of the parent is untouched.
 *
 * @par Clauses
 * USR-01, USR-02, USR-04, USR-05, USR-06, USR-08, USR-09, USR-10, USR-11, USR-12
 */
CpaStatus icp_sal_userStart(const char *pSectionName);

/**
 * @brief Deprecated: calls icp_sal_userStart().
 *
 * @param[in] pSectionName as for icp_sal_userStart()
 * @param[in] limitDevAccess ignored: LimitDevAccess of the configuration decides
 *
 * @return the result of icp_sal_userStart()
 *
 * @par Threads
 * As icp_sal_userStart().
 *
 * @par Fork
 * As icp_sal_userStart().
 *
 * @par Clauses
 * USR-03
 */
CpaStatus icp_sal_userStartMultiProcess(const char *pSectionName, CpaBoolean limitDevAccess);

/**
 * @brief Takes back one icp_sal_userStart().
 *
 * The last stop stops all instances and gives back what the process holds: its section and its
 * dynamic instances. Their handles are invalid from then on. Pinned memory stays. The process may
 * start again.
 *
 * @retval CPA_STATUS_SUCCESS one start is taken back
 * @retval CPA_STATUS_FAIL this process has not started
 *
 * @par Errors
 * - @c ENOTCONN the process has not started
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has not started, so its stop fails until it starts a section of its own.
 *
 * @par Clauses
 * USR-02, USR-07, USR-11
 */
CpaStatus icp_sal_userStop(void);

/**
 * @brief Tells whether an endpoint is up.
 *
 * It needs no icp_sal_userStart().
 *
 * @retval CPA_TRUE at least one endpoint is up
 * @retval CPA_FALSE no endpoint is up, or the driver cannot be asked: see qaeLastError()
 *
 * @par Errors
 * - @c ENODEV no endpoint is up
 * - others, such as @c ENOENT, @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaBoolean icp_sal_userIsQatAvailable(void);

/* ----------------------------------------------- dynamic crypto instances */

/**
 * @brief Counts the crypto instances that are free in the pools of all endpoints.
 *
 * Another process may take instances right afterwards.
 *
 * @param[out] pNumCyInstances the number at this moment
 *
 * @retval CPA_STATUS_SUCCESS the number is written: also before icp_sal_userStart(), and 0 if no
 *         endpoint is up or no driver is loaded
 * @retval CPA_STATUS_INVALID_PARAM @p pNumCyInstances is NULL
 * @retval CPA_STATUS_FAIL the driver cannot be asked, for example for lack of permission; nothing
 *         is written
 *
 * @par Errors
 * - @c EINVAL a pointer is NULL
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-01, DYN-02, DYN-04, DYN-10, DYN-14
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstances(Cpa32U *pNumCyInstances);

/**
 * @brief Counts the crypto instances that are free in the pool of one endpoint.
 *
 * Another process may take instances right afterwards.
 *
 * @param[out] pNumCyInstances the number at this moment; 0 if there is no such endpoint
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints
 *
 * @return as icp_sal_userCyGetAvailableNumDynInstances()
 *
 * @par Errors
 * - @c EINVAL a pointer is NULL
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-07, DYN-10, DYN-14
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumCyInstances,
                                                            Cpa32U devPkgID);

/**
 * @brief Counts the crypto instances that are free in the pool of one accelerator.
 *
 * An endpoint has one accelerator, so the number is that of the endpoint. Another process may take
 * instances right afterwards.
 *
 * @param[out] pNumCyInstances the number at this moment; 0 if there is no such endpoint
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints
 * @param[in] accelerator_number 0
 *
 * @return as icp_sal_userCyGetAvailableNumDynInstances(); CPA_STATUS_INVALID_PARAM also if @p
 *         accelerator_number is not 0
 *
 * @par Errors
 * - @c EINVAL a pointer is NULL, or the accelerator is not 0
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-09, DYN-10, DYN-14
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(Cpa32U *pNumCyInstances,
                                                              Cpa32U devPkgID,
                                                              Cpa32U accelerator_number);

/**
 * @brief Takes crypto instances from the pools of all endpoints: all that are asked for, or none.
 *
 * Endpoints on the NUMA node of the caller come first, then those with the most free instances. A
 * dynamic instance needs cpaCyStartInstance(), like a static one. The process must have started
 * with icp_sal_userStart().
 *
 * @param[in] numCyInstances how many, 1 or more
 * @param[out] pCyInstances array of @p numCyInstances elements, which receives the handles. On
 *             CPA_STATUS_FAIL all elements are NULL, except that the array is not touched if @p
 *             numCyInstances is more than 65,536, which no process can hold
 *
 * @retval CPA_STATUS_SUCCESS the process holds all of them
 * @retval CPA_STATUS_INVALID_PARAM @p pCyInstances is NULL or @p numCyInstances is 0; nothing is
 *         changed
 * @retval CPA_STATUS_FAIL fewer are free, and none was taken; or the process has not started
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ENOTCONN the process has not started
 * - @c EBUSY too few are free
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENODEV no endpoint is up
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-02, DYN-03, DYN-05, DYN-10, DYN-13, DYN-14, DYN-15, DYN-16
 */
CpaStatus icp_sal_userCyInstancesAlloc(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances);

/**
 * @brief Takes crypto instances from the pool of one endpoint: all that are asked for, or none.
 *
 * @param[in] numCyInstances how many, 1 or more
 * @param[out] pCyInstances array of @p numCyInstances elements, filled as by
 *             icp_sal_userCyInstancesAlloc()
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for any endpoint
 *
 * @return as icp_sal_userCyInstancesAlloc(); CPA_STATUS_FAIL also if there is no such endpoint
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ENOTCONN the process has not started
 * - @c EBUSY too few are free
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENODEV the endpoint is not up, or none is
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-08, DYN-10
 */
CpaStatus icp_sal_userCyInstancesAllocByDevPkg(Cpa32U numCyInstances,
                                               CpaInstanceHandle *pCyInstances, Cpa32U devPkgID);

/**
 * @brief Takes crypto instances from the pool of one accelerator: all that are asked for, or none.
 *
 * An endpoint has one accelerator, so its pool is that of the endpoint.
 *
 * @param[in] numCyInstances how many, 1 or more
 * @param[out] pCyInstances array of @p numCyInstances elements, filled as by
 *             icp_sal_userCyInstancesAlloc()
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for any endpoint
 * @param[in] accelerator_number 0
 *
 * @return as icp_sal_userCyInstancesAllocByDevPkg(); CPA_STATUS_INVALID_PARAM also if @p
 *         accelerator_number is not 0, and nothing is changed
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ENOTCONN the process has not started
 * - @c EBUSY too few are free
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENODEV the endpoint is not up, or none is
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-09, DYN-10
 */
CpaStatus icp_sal_userCyInstancesAllocByPkgAccel(Cpa32U numCyInstances,
                                                 CpaInstanceHandle *pCyInstances, Cpa32U devPkgID,
                                                 Cpa32U accelerator_number);

/**
 * @brief Returns dynamic crypto instances to their pools: any subset, in any order.
 *
 * An element that is returned becomes NULL. An element that is NULL is skipped, and one that is
 * refused stays as it is.
 *
 * @param[in] numCyInstances elements of the array, 1 to 65,536
 * @param[in,out] pCyInstances array of @p numCyInstances handles
 *
 * @retval CPA_STATUS_SUCCESS every element was returned or was NULL
 * @retval CPA_STATUS_INVALID_PARAM @p pCyInstances is NULL or @p numCyInstances is out of range,
 *         and nothing is done; or some element is not a dynamic crypto instance of this process,
 *         and the others are returned. Such an element is static, freed before, of the parent or
 *         another process, of the other service, or not a handle
 * @retval CPA_STATUS_FAIL the driver cannot be asked
 *
 * @par Errors
 * - @c EINVAL an argument is wrong, or an element is not such an instance of this process
 * - @c ENOENT the driver no longer has an instance
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() cannot return instances of its parent: they are refused.
 *
 * @par Clauses
 * DYN-06, DYN-10, DYN-12
 */
CpaStatus icp_sal_userCyFreeInstances(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances);

/* ------------------------------------------ dynamic compression instances */

/**
 * @brief Counts the compression instances that are free in the pools of all endpoints.
 *
 * Another process may take instances right afterwards.
 *
 * @param[out] pNumDcInstances the number at this moment
 *
 * @retval CPA_STATUS_SUCCESS the number is written: also before icp_sal_userStart(), and 0 if no
 *         endpoint is up or no driver is loaded
 * @retval CPA_STATUS_INVALID_PARAM @p pNumDcInstances is NULL
 * @retval CPA_STATUS_FAIL the driver cannot be asked, for example for lack of permission; nothing
 *         is written
 *
 * @par Errors
 * - @c EINVAL a pointer is NULL
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-01, DYN-02, DYN-04, DYN-10, DYN-14
 */
CpaStatus icp_sal_userDcGetAvailableNumDynInstances(Cpa32U *pNumDcInstances);

/**
 * @brief Counts the compression instances that are free in the pool of one endpoint.
 *
 * Another process may take instances right afterwards.
 *
 * @param[out] pNumDcInstances the number at this moment; 0 if there is no such endpoint
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints
 *
 * @return as icp_sal_userDcGetAvailableNumDynInstances()
 *
 * @par Errors
 * - @c EINVAL a pointer is NULL
 * - others, such as @c EACCES, @c EPERM, @c EMFILE or @c EDQUOT: /dev/qae_mem cannot be
 *   opened; @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too: the pools are those of the machine.
 *
 * @par Clauses
 * DYN-07, DYN-10, DYN-14
 */
CpaStatus icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumDcInstances,
                                                            Cpa32U devPkgID);

/**
 * @brief Takes compression instances from the pools of all endpoints: all that are asked for, or
 * none.
 *
 * Endpoints on the NUMA node of the caller come first, then those with the most free instances. A
 * dynamic instance needs cpaDcStartInstance(), like a static one. The process must have started
 * with icp_sal_userStart().
 *
 * @param[in] numDcInstances how many, 1 or more
 * @param[out] pDcInstances array of @p numDcInstances elements, which receives the handles. On
 *             CPA_STATUS_FAIL all elements are NULL, except that the array is not touched if @p
 *             numDcInstances is more than 65,536, which no process can hold
 *
 * @retval CPA_STATUS_SUCCESS the process holds all of them
 * @retval CPA_STATUS_INVALID_PARAM @p pDcInstances is NULL or @p numDcInstances is 0; nothing is
 *         changed
 * @retval CPA_STATUS_FAIL fewer are free, and none was taken; or the process has not started
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ENOTCONN the process has not started
 * - @c EBUSY too few are free
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENODEV no endpoint is up
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-02, DYN-03, DYN-05, DYN-10, DYN-13, DYN-14, DYN-15, DYN-16
 */
CpaStatus icp_sal_userDcInstancesAlloc(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances);

/**
 * @brief Takes compression instances from the pool of one endpoint: all that are asked for, or
 * none.
 *
 * @param[in] numDcInstances how many, 1 or more
 * @param[out] pDcInstances array of @p numDcInstances elements, filled as by
 *             icp_sal_userDcInstancesAlloc()
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for any endpoint
 *
 * @return as icp_sal_userDcInstancesAlloc(); CPA_STATUS_FAIL also if there is no such endpoint
 *
 * @par Errors
 * - @c EINVAL an argument is wrong
 * - @c ENOTCONN the process has not started
 * - @c EBUSY too few are free
 * - @c ENOSPC fewer are configured, or the process can hold no more
 * - @c ENODEV the endpoint is not up, or none is
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() holds none of them, and its own start comes first.
 *
 * @par Clauses
 * DYN-08, DYN-10
 */
CpaStatus icp_sal_userDcInstancesAllocByDevPkg(Cpa32U numDcInstances,
                                               CpaInstanceHandle *pDcInstances, Cpa32U devPkgID);

/**
 * @brief Returns dynamic compression instances to their pools: any subset, in any order.
 *
 * An element that is returned becomes NULL. An element that is NULL is skipped, and one that is
 * refused stays as it is.
 *
 * @param[in] numDcInstances elements of the array, 1 to 65,536
 * @param[in,out] pDcInstances array of @p numDcInstances handles
 *
 * @retval CPA_STATUS_SUCCESS every element was returned or was NULL
 * @retval CPA_STATUS_INVALID_PARAM @p pDcInstances is NULL or @p numDcInstances is out of range,
 *         and nothing is done; or some element is not a dynamic compression instance of this
 *         process, and the others are returned. Such an element is static, freed before, of the
 *         parent or another process, of the other service, or not a handle
 * @retval CPA_STATUS_FAIL the driver cannot be asked
 *
 * @par Errors
 * - @c EINVAL an argument is wrong, or an element is not such an instance of this process
 * - @c ENOENT the driver no longer has an instance
 * - @c EBADF the application closed the library's descriptor
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() cannot return instances of its parent: they are refused.
 *
 * @par Clauses
 * DYN-06, DYN-10, DYN-12
 */
CpaStatus icp_sal_userDcFreeInstances(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances);

/* -------------------------------------------------------- events and faults */

/**
 * @brief Calls the registered notification functions for what has happened to endpoints since the
 * last call.
 *
 * An endpoint that is reset or starts is CPA_INSTANCE_EVENT_RESTARTING, one that is up again is
 * CPA_INSTANCE_EVENT_RESTARTED, and one that is down, removed or has reported an error is
 * CPA_INSTANCE_EVENT_FATAL_ERROR. Before the last and the first of these, pending requests of its
 * instances complete with CPA_STATUS_FAIL. Each change is reported once. See
 * cpaDcInstanceSetNotificationCb().
 *
 * @retval CPA_STATUS_SUCCESS done; also if nothing has happened
 * @retval CPA_STATUS_FAIL there is no memory
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 */
CpaStatus icp_sal_poll_device_events(void);

/**
 * @brief Makes the verification of the next compression request of a session fail, to try how a
 * client takes it.
 *
 * The plane damages the output of the request before it verifies it. A request without verification
 * is not damaged.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 *
 * @retval CPA_STATUS_SUCCESS the next request is damaged
 * @retval CPA_STATUS_INVALID_PARAM @p dcInstance is not a compression instance of this process, or
 *         @p pSessionHandle is not a session of it
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus icp_sal_cnv_simulate_error(CpaInstanceHandle dcInstance,
                                     CpaDcSessionHandle pSessionHandle);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_USER_H */
