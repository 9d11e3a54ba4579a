/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icp_sal_user.h - user space access: a process's section, and dynamic instances.
 *
 * A process starts on a section of the configuration and holds the instances of one of its
 * internal sections until it stops, ends in any way, or executes another program. Beside these
 * static instances it may take dynamic ones, from the pool that all processes share: the
 * [DYN] sections of the endpoints' files.
 *
 * All functions may be called from any thread at any time. One that fails takes nothing,
 * and keeps a sentence with the reason for the calling thread: qaeLastError() in
 * qae_mem_ext.h. None prints anything unless the environment has QAT_USER_LOG.
 *
 * The cancellation of a thread (pthread_cancel) is held off while a function runs, also while it
 * waits, and acts at the thread's next cancellation point after it.
 *
 * fork: a child holds nothing and may start its own section; the parent's is untouched, at
 * every level of forking. Handles of the parent are invalid in the child.
 */
#ifndef ICP_SAL_USER_H
#define ICP_SAL_USER_H

#include "cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- sections */

/**
 * Claims the next free internal section of a name and gives the process its instances.
 *
 * @param[in] pSectionName name of a user section in the configuration, 1 to 63 bytes of
 *            UTF-8. Where no section has exactly this name, one whose name differs in letter
 *            case only is taken if it is the only such one. "DYN" claims no section, only the
 *            right to dynamic instances
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_FAIL NULL or a bad name; no such section; all internal sections of that
 *         name are held (at once, unless the section's OnBusy policy waits); no endpoint is
 *         up; more than 64 starts; the driver is not loaded or may not be used
 *
 * To be called once before the instance functions. Further calls are counted, up to 64 in
 * all, claim nothing, and each needs its icp_sal_userStop(); the name given then is checked
 * for its form but otherwise ignored: a process has one section at a time.
 *
 * Any thread. Signals do not end the wait for a section: it goes on with the time that is left.
 * While one thread waits, the others' starts wait for its outcome and share it: they are
 * counted, or fail for the same reason. Clauses USR-01, USR-02, USR-06, USR-08, USR-10 to USR-12.
 */
CpaStatus icp_sal_userStart(const char *pSectionName);

/**
 * Deprecated: calls icp_sal_userStart().
 *
 * @param[in] pSectionName as there
 * @param[in] limitDevAccess ignored: LimitDevAccess of the configuration counts
 *
 * @return as icp_sal_userStart(). Clause USR-03.
 */
CpaStatus icp_sal_userStartMultiProcess(const char *pSectionName, CpaBoolean limitDevAccess);

/**
 * Takes one start back. The last one stops all instances and gives back all that the process
 * holds: its section and its dynamic instances. Their handles are invalid from then on;
 * pinned memory stays. The process may start again.
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_FAIL this process has not started
 *
 * Any thread. Clause USR-07.
 */
CpaStatus icp_sal_userStop(void);

/**
 * Tells whether an endpoint is up.
 *
 * @retval CPA_TRUE at least one is
 * @retval CPA_FALSE none is, or the driver cannot be asked: see qaeLastError()
 *
 * Any thread; needs no icp_sal_userStart().
 */
CpaBoolean icp_sal_userIsQatAvailable(void);

/* ------------------------------------------------ dynamic crypto instances */

/**
 * Counts the crypto instances that are free in the pools of all endpoints.
 *
 * @param[out] pNumCyInstances the number at this moment; another process may be faster
 *
 * @retval CPA_STATUS_SUCCESS also before icp_sal_userStart(), and with 0 if no endpoint is up
 *         or no driver is loaded
 * @retval CPA_STATUS_INVALID_PARAM NULL
 * @retval CPA_STATUS_FAIL the driver cannot be asked: no permission; nothing is written
 *
 * Any thread. Clauses DYN-01, DYN-02, DYN-04, DYN-10, DYN-14.
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstances(Cpa32U *pNumCyInstances);

/**
 * Counts the crypto instances that are free in the pool of one endpoint.
 *
 * @param[out] pNumCyInstances the number at this moment; 0 for an endpoint that there is not
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints
 *
 * @return as icp_sal_userCyGetAvailableNumDynInstances(). Clause DYN-07.
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumCyInstances, Cpa32U devPkgID);

/**
 * The same for one accelerator of the endpoint.
 *
 * @param[out] pNumCyInstances as icp_sal_userCyGetAvailableNumDynInstancesByDevPkg()
 * @param[in] devPkgID as there
 * @param[in] accelerator_number 0: an endpoint has one accelerator
 *
 * @return as there; CPA_STATUS_INVALID_PARAM for any other accelerator. Clause DYN-09.
 */
CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(Cpa32U *pNumCyInstances, Cpa32U devPkgID,
                                                              Cpa32U accelerator_number);

/**
 * Takes crypto instances from the pools: the caller's NUMA node first, then where most are
 * free.
 *
 * @param[in] numCyInstances how many, 1 or more
 * @param[out] pCyInstances array of @a numCyInstances elements: the handles; on
 *         CPA_STATUS_FAIL they are NULL (the array is not touched if @a numCyInstances is more
 *         than 65,536, which no process can hold)
 *
 * @retval CPA_STATUS_SUCCESS all of them; they need cpaCyStartInstance() like static ones
 * @retval CPA_STATUS_INVALID_PARAM NULL or 0
 * @retval CPA_STATUS_FAIL fewer are free, and none was taken; or not started
 *
 * Any thread, after icp_sal_userStart(). Clauses DYN-02, DYN-03, DYN-05, DYN-10, DYN-13 to
 * DYN-16.
 */
CpaStatus icp_sal_userCyInstancesAlloc(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances);

/**
 * Takes crypto instances from the pool of one endpoint.
 *
 * @param[in] numCyInstances as icp_sal_userCyInstancesAlloc()
 * @param[out] pCyInstances as there
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for any endpoint
 *
 * @return as there; CPA_STATUS_FAIL also for an endpoint that there is not. Clause DYN-08.
 */
CpaStatus icp_sal_userCyInstancesAllocByDevPkg(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances,
                                               Cpa32U devPkgID);

/**
 * The same from one accelerator of the endpoint.
 *
 * @param[in] numCyInstances as icp_sal_userCyInstancesAllocByDevPkg()
 * @param[out] pCyInstances as there
 * @param[in] devPkgID as there
 * @param[in] accelerator_number 0: an endpoint has one accelerator
 *
 * @return as there; CPA_STATUS_INVALID_PARAM for any other accelerator, with nothing changed.
 * Clause DYN-09.
 */
CpaStatus icp_sal_userCyInstancesAllocByPkgAccel(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances,
                                                 Cpa32U devPkgID, Cpa32U accelerator_number);

/**
 * Returns dynamic crypto instances to their pools: any subset, in any order.
 *
 * @param[in] numCyInstances elements of the array, 1 or more
 * @param[in,out] pCyInstances handles; one that is returned becomes NULL, one that is NULL is
 *                passed over, and one that is refused stays as it is
 *
 * @retval CPA_STATUS_SUCCESS every element was returned or was NULL
 * @retval CPA_STATUS_INVALID_PARAM NULL, 0 or more than 65,536 elements: nothing is done; or
 *         some element is not a dynamic crypto instance that this process holds (static,
 *         freed before, from a parent or another process, of the other service, or no handle
 *         at all): the others are returned
 * @retval CPA_STATUS_FAIL the driver cannot be asked
 *
 * Any thread. Clauses DYN-06, DYN-10, DYN-12.
 */
CpaStatus icp_sal_userCyFreeInstances(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances);

/* ------------------------------------------- dynamic compression instances */

/**
 * Counts the compression instances that are free in the pools of all endpoints.
 *
 * @param[out] pNumDcInstances the number at this moment; another process may be faster
 *
 * @return as icp_sal_userCyGetAvailableNumDynInstances(). Clauses DYN-04, DYN-14.
 */
CpaStatus icp_sal_userDcGetAvailableNumDynInstances(Cpa32U *pNumDcInstances);

/**
 * Counts the compression instances that are free in the pool of one endpoint.
 *
 * @param[out] pNumDcInstances the number at this moment; 0 for an endpoint that there is not
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for all endpoints
 *
 * @return as icp_sal_userCyGetAvailableNumDynInstances(). Clause DYN-07.
 */
CpaStatus icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumDcInstances, Cpa32U devPkgID);

/**
 * Takes compression instances from the pools.
 *
 * @param[in] numDcInstances how many, 1 or more
 * @param[out] pDcInstances array of @a numDcInstances elements, treated as in
 *             icp_sal_userCyInstancesAlloc()
 *
 * @return as icp_sal_userCyInstancesAlloc(). Clause DYN-05.
 */
CpaStatus icp_sal_userDcInstancesAlloc(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances);

/**
 * Takes compression instances from the pool of one endpoint.
 *
 * @param[in] numDcInstances as icp_sal_userDcInstancesAlloc()
 * @param[out] pDcInstances as there
 * @param[in] devPkgID accelerator id, or (Cpa32U)-1 for any endpoint
 *
 * @return as there; CPA_STATUS_FAIL also for an endpoint that there is not. Clause DYN-08.
 */
CpaStatus icp_sal_userDcInstancesAllocByDevPkg(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances,
                                               Cpa32U devPkgID);

/**
 * Returns dynamic compression instances to their pools.
 *
 * @param[in] numDcInstances elements of the array, 1 or more
 * @param[in,out] pDcInstances handles, treated as in icp_sal_userCyFreeInstances()
 *
 * @return as icp_sal_userCyFreeInstances(). Clauses DYN-06, DYN-10, DYN-12.
 */
CpaStatus icp_sal_userDcFreeInstances(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances);

#ifdef __cplusplus
}
#endif

#endif /* ICP_SAL_USER_H */
