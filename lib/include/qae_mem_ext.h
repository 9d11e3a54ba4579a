/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qae_mem_ext.h - what libqat_user offers beyond the documented functions.
 */
#ifndef QAE_MEM_EXT_H
#define QAE_MEM_EXT_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * qaeLastError - the reason of the last failure in this thread
 *
 * Every function of qae_mem.h and icp_sal_user.h that fails records one sentence that says what went wrong
 * and what to do. As with errno, success does not change it; call qaeClearLastError() first to tell the two
 * apart for functions without a result, such as qaeMemFreeNUMA(). With QAT_USER_LOG=1 in the environment each
 * sentence is also written to stderr.
 *
 * Result: never NULL; "" if nothing failed in this thread yet. Valid until the next failure in the same
 * thread.
 */
const char *qaeLastError(void);

/**
 * qaeLastErrno - the error number that belongs to qaeLastError()
 *
 * Result: a positive errno value, for example EDQUOT for a limit, ENOMEM for no memory, ENXIO for a NUMA node
 * that does not exist; 0 if nothing failed in this thread yet.
 */
int qaeLastErrno(void);

/**
 * qaeClearLastError - forget the last failure of this thread
 */
void qaeClearLastError(void);

#ifdef __cplusplus
}
#endif

#endif /* QAE_MEM_EXT_H */
