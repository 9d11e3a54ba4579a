/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IO virtual addresses: which of them are in use. Pure: knows no device and no IOMMU.
 *
 * The window is divided into slots of 2 MiB. A range is congruent to its memory
 * modulo 2 MiB, so that whole blocks of memory take one large entry of an IOMMU.
 */
#ifndef QAE_DMA_IOVA_H
#define QAE_DMA_IOVA_H

#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define QAE_IOVA_SLOT	((u64)SZ_2M)

struct qae_iova_shared;

/**
 * struct qae_iova - a window of IO virtual addresses
 * @base: its start, a multiple of a slot
 * @slots: number of slots
 * @lock: protects all below
 * @busy: slots that are in use or closed
 * @closed: slots that are never given out: reserved, or beyond the reach of a function
 * @free: slots that are not busy
 * @next: where the search for whole slots begins: an address is reused as late as possible, so
 *	that a device that uses it too late is caught
 * @shared: slots that ranges smaller than a slot share
 */
struct qae_iova {
	u64 base;
	unsigned long slots;
	spinlock_t lock;	/* all below */
	unsigned long *busy;
	unsigned long *closed;
	unsigned long free;
	unsigned long next;
	struct list_head shared;
};

/**
 * struct qae_iova_range - addresses that are in use
 * @address: the first one
 * @size: bytes
 * @shared: slot that the range shares, or NULL if it has its slots to itself
 */
struct qae_iova_range {
	u64 address;
	size_t size;
	struct qae_iova_shared *shared;
};

struct qae_iova *qae_iova_create(u64 start, u64 end);
void qae_iova_destroy(struct qae_iova *iova);
void qae_iova_close(struct qae_iova *iova, u64 start, u64 last);
int qae_iova_alloc(struct qae_iova *iova, struct qae_iova_range *range, u64 memory, size_t size,
		   size_t alignment);
void qae_iova_free(struct qae_iova *iova, struct qae_iova_range *range);

#endif /* QAE_DMA_IOVA_H */
