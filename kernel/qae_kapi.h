/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinned memory for other kernel modules: the kernel side of the memory API.
 * The functions are documented in mem/kapi.c.
 */
#ifndef QAE_KAPI_H
#define QAE_KAPI_H

#include <linux/types.h>

void *qaeMemAlloc(size_t size);
void qaeMemFree(void **ptr);
void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte);
void qaeMemFreeNUMA(void **ptr);
u64 qaeVirtToPhysNUMA(void *ptr);

#endif /* QAE_KAPI_H */
