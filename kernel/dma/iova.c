// SPDX-License-Identifier: GPL-2.0-only
/*
 * IO virtual addresses: see iova.h.
 *
 * A range of whole slots is found in a bitmap. A smaller one shares a slot with others:
 * it lies there at the same place as its memory lies within 2 MiB, so two ranges fit
 * into one slot unless their memory has the same place. Shared slots are taken from the
 * last eighth of the window, because an IOMMU needs longer for a large entry where
 * small ones were before.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "dma/iova.h"

#define SLOT_PAGES	(QAE_IOVA_SLOT >> PAGE_SHIFT)

/* Shared slots that a small range tries before it takes a slot that is free. */
#define MAX_TRIES	16

/**
 * struct qae_iova_shared - a slot that small ranges share
 * @link: in the list of its window
 * @slot: index of the slot
 * @used: pages in use
 * @pages: which ones
 */
struct qae_iova_shared {
	struct list_head link;
	unsigned long slot;
	unsigned int used;
	DECLARE_BITMAP(pages, SLOT_PAGES);
};

/**
 * qae_iova_create() - open a window
 * @start: its first address, a multiple of a slot
 * @end: the address behind its last one; what is left of a slot is not used
 *
 * Context: may sleep.
 * Return: the window, ERR_PTR(-EINVAL) if it has no slot, or ERR_PTR(-ENOMEM).
 */
struct qae_iova *qae_iova_create(u64 start, u64 end)
{
	struct qae_iova *iova;

	if (end < start + QAE_IOVA_SLOT)
		return ERR_PTR(-EINVAL);
	iova = kzalloc(sizeof(*iova), GFP_KERNEL);
	if (!iova)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&iova->lock);
	INIT_LIST_HEAD(&iova->shared);
	iova->base = start;
	iova->slots = (end - start) / QAE_IOVA_SLOT;
	iova->free = iova->slots;
	iova->busy = kvcalloc(BITS_TO_LONGS(iova->slots), sizeof(long), GFP_KERNEL);
	iova->closed = kvcalloc(BITS_TO_LONGS(iova->slots), sizeof(long), GFP_KERNEL);
	if (iova->busy && iova->closed)
		return iova;
	qae_iova_destroy(iova);
	return ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_IF_KUNIT(qae_iova_create);

/**
 * qae_iova_destroy() - close a window
 * @iova: window without a range, or NULL
 *
 * Context: may sleep.
 */
void qae_iova_destroy(struct qae_iova *iova)
{
	if (!iova)
		return;
	WARN_ON(!list_empty(&iova->shared));
	kvfree(iova->busy);
	kvfree(iova->closed);
	kfree(iova);
}
EXPORT_SYMBOL_IF_KUNIT(qae_iova_destroy);

/* The slots that the addresses touch. Returns false if they touch none of the window. */
static bool touched_slots(const struct qae_iova *iova, u64 start, u64 last, unsigned long *first,
			  unsigned long *end)
{
	u64 window_last = iova->base + iova->slots * QAE_IOVA_SLOT - 1;

	if (last < iova->base || start > window_last)
		return false;
	*first = (max(start, iova->base) - iova->base) / QAE_IOVA_SLOT;
	*end = (min(last, window_last) - iova->base) / QAE_IOVA_SLOT + 1;
	return true;
}

/**
 * qae_iova_close() - never give out these addresses
 * @iova: the window
 * @start: first address; need not be in the window
 * @last: last address; none of them is in use
 *
 * Whole slots are closed. Ranges that share one of them and lie beside the addresses stay
 * until they are freed; the slot takes no more.
 *
 * Context: any but interrupts.
 */
void qae_iova_close(struct qae_iova *iova, u64 start, u64 last)
{
	unsigned long first, slot, end;

	if (!touched_slots(iova, start, last, &first, &end))
		return;
	spin_lock(&iova->lock);
	for (slot = first; slot < end; slot++) {
		iova->free -= !test_bit(slot, iova->busy);
		__set_bit(slot, iova->busy);
		__set_bit(slot, iova->closed);
	}
	spin_unlock(&iova->lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_iova_close);

static u64 slot_address(const struct qae_iova *iova, unsigned long slot)
{
	return iova->base + slot * QAE_IOVA_SLOT;
}

/*
 * Search [from, to) for free slots and take them. @memory is not a valid result: an
 * address must not happen to be the physical one. Returns @to if there are none. Caller
 * holds the lock.
 */
static unsigned long take_slots(struct qae_iova *iova, unsigned long from, unsigned long to,
				unsigned long count, unsigned long align_mask, u64 memory)
{
	unsigned long offset = (iova->base / QAE_IOVA_SLOT) & align_mask;
	unsigned long slot = from;

	for (;; slot++) {
		slot = bitmap_find_next_zero_area_off(iova->busy, to, slot, count, align_mask,
						      offset);
		if (slot >= to)
			return to;
		if (slot_address(iova, slot) != memory)
			break;
	}
	bitmap_set(iova->busy, slot, count);
	iova->free -= count;
	return slot;
}

static int alloc_whole(struct qae_iova *iova, struct qae_iova_range *range, u64 memory,
		       size_t size, size_t alignment)
{
	unsigned long count = DIV_ROUND_UP(size, QAE_IOVA_SLOT);
	unsigned long align_mask = max_t(u64, alignment, QAE_IOVA_SLOT) / QAE_IOVA_SLOT - 1;
	unsigned long slot;

	spin_lock(&iova->lock);
	slot = take_slots(iova, iova->next, iova->slots, count, align_mask, memory);
	if (slot == iova->slots)
		slot = take_slots(iova, 0, iova->slots, count, align_mask, memory);
	if (slot < iova->slots) {
		range->address = slot_address(iova, slot);
		iova->next = slot + count;
	}
	spin_unlock(&iova->lock);
	return slot < iova->slots ? 0 : -ENOSPC;
}

static void take_pages(struct qae_iova *iova, struct qae_iova_range *range,
		       struct qae_iova_shared *shared, unsigned int page, unsigned int count)
{
	bitmap_set(shared->pages, page, count);
	shared->used += count;
	range->shared = shared;
	range->address = slot_address(iova, shared->slot) + ((u64)page << PAGE_SHIFT);
}

/* Caller holds the lock. */
static bool take_from_shared(struct qae_iova *iova, struct qae_iova_range *range, u64 memory,
			     unsigned int page, unsigned int count)
{
	u64 block = round_down(memory, QAE_IOVA_SLOT);
	struct qae_iova_shared *shared;
	unsigned int tries = 0;

	list_for_each_entry(shared, &iova->shared, link) {
		if (tries++ == MAX_TRIES)
			break;
		if (test_bit(shared->slot, iova->closed) ||
		    slot_address(iova, shared->slot) == block ||
		    find_next_bit(shared->pages, page + count, page) < page + count)
			continue;
		take_pages(iova, range, shared, page, count);
		return true;
	}
	return false;
}

static int alloc_shared(struct qae_iova *iova, struct qae_iova_range *range, u64 memory,
			size_t size)
{
	unsigned int page = (memory % QAE_IOVA_SLOT) >> PAGE_SHIFT, count = size >> PAGE_SHIFT;
	u64 block = round_down(memory, QAE_IOVA_SLOT);
	struct qae_iova_shared *fresh;
	bool found;

	spin_lock(&iova->lock);
	found = take_from_shared(iova, range, memory, page, count);
	spin_unlock(&iova->lock);
	if (found)
		return 0;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	spin_lock(&iova->lock);
	fresh->slot = take_slots(iova, iova->slots - iova->slots / 8, iova->slots, 1, 0, block);
	if (fresh->slot == iova->slots)
		fresh->slot = take_slots(iova, 0, iova->slots, 1, 0, block);
	found = fresh->slot < iova->slots;
	if (found) {
		list_add(&fresh->link, &iova->shared);
		take_pages(iova, range, fresh, page, count);
	}
	spin_unlock(&iova->lock);
	if (found)
		return 0;
	kfree(fresh);
	return -ENOSPC;
}

/**
 * qae_iova_alloc() - choose addresses for memory
 * @iova: the window
 * @range: result
 * @memory: physical address of the memory; the result differs from it, and is congruent to it
 *	modulo 2 MiB
 * @size: bytes; whole pages. From 2 MiB on, @memory is aligned to 2 MiB; a smaller range does not
 *	cross a boundary of 2 MiB
 * @alignment: alignment of the address, to which @memory is aligned
 *
 * Context: may sleep.
 * Return: 0, -ENOSPC (the window is full), or -ENOMEM.
 */
int qae_iova_alloc(struct qae_iova *iova, struct qae_iova_range *range, u64 memory, size_t size,
		   size_t alignment)
{
	*range = (struct qae_iova_range){ .size = size };
	if (size < QAE_IOVA_SLOT)
		return alloc_shared(iova, range, memory, size);
	return alloc_whole(iova, range, memory, size, alignment);
}
EXPORT_SYMBOL_IF_KUNIT(qae_iova_alloc);

/* Returns the shared slot if nobody uses it any more. Caller holds the lock. */
static struct qae_iova_shared *give_pages(struct qae_iova *iova, struct qae_iova_range *range)
{
	struct qae_iova_shared *shared = range->shared;
	unsigned int count = range->size >> PAGE_SHIFT;

	bitmap_clear(shared->pages, (range->address % QAE_IOVA_SLOT) >> PAGE_SHIFT, count);
	shared->used -= count;
	if (shared->used)
		return NULL;
	list_del(&shared->link);
	/* Closed while ranges were in it: it stays busy. */
	if (!test_bit(shared->slot, iova->closed)) {
		__clear_bit(shared->slot, iova->busy);
		iova->free++;
	}
	return shared;
}

/**
 * qae_iova_free() - give addresses back
 * @iova: the window
 * @range: from qae_iova_alloc(); no device can use it any more
 *
 * Context: any but interrupts.
 */
void qae_iova_free(struct qae_iova *iova, struct qae_iova_range *range)
{
	unsigned long count = DIV_ROUND_UP(range->size, QAE_IOVA_SLOT);
	struct qae_iova_shared *empty = NULL;

	spin_lock(&iova->lock);
	if (range->shared) {
		empty = give_pages(iova, range);
	} else {
		bitmap_clear(iova->busy, (range->address - iova->base) / QAE_IOVA_SLOT, count);
		iova->free += count;
	}
	spin_unlock(&iova->lock);
	kfree(empty);
}
EXPORT_SYMBOL_IF_KUNIT(qae_iova_free);
