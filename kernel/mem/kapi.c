// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory half of the API for other kernel modules.
 *
 * A table is what makes a pointer ours: free and translate believe nothing that
 * the caller's memory says. Its lock is safe in interrupts, because drivers
 * translate where they submit. Small regions, each one compound page, are found
 * by their first page frame; regions of whole blocks of 2 MiB, which need not be
 * compound pages, have an entry for each block.
 *
 * Each live allocation holds this module: memory that a device may still write
 * to must not go back because someone said rmmod.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/xarray.h>

#include "mem/pages.h"
#include "mem/region.h"
#include "qae_kapi.h"

#define BLOCK_PAGES	(QAE_BLOCK_SIZE >> PAGE_SHIFT)

static DEFINE_XARRAY_FLAGS(allocations, XA_FLAGS_LOCK_IRQ);

/* One key space: odd numbers are page frames, even ones blocks. */
static unsigned long page_key(unsigned long pfn)
{
	return 2 * pfn + 1;
}

static unsigned long block_key(unsigned long pfn)
{
	return 2 * (pfn / BLOCK_PAGES);
}

static unsigned long num_keys(const struct qae_region *region)
{
	return max(region->size / QAE_BLOCK_SIZE, 1UL);
}

static unsigned long nth_key(const struct qae_region *region, unsigned long i)
{
	unsigned long pfn = page_to_pfn(region->pages);

	return region->size < QAE_BLOCK_SIZE ? page_key(pfn) : block_key(pfn) + 2 * i;
}

/* Caller holds the lock of @allocations. Interior pointers are found too. */
static struct qae_region *find_region(const void *ptr)
{
	struct qae_region *region;

	if (!virt_addr_valid(ptr))
		return NULL;
	region = xa_load(&allocations, block_key(page_to_pfn(virt_to_page(ptr))));
	return region ?: xa_load(&allocations, page_key(page_to_pfn(virt_to_head_page(ptr))));
}

/* Caller holds the lock of @allocations, with interrupts off. */
static void erase(const struct qae_region *region, unsigned long count)
{
	while (count--)
		__xa_erase(&allocations, nth_key(region, count));
}

static int insert(struct qae_region *region)
{
	unsigned long i;
	int err;

	for (i = 0; i < num_keys(region); i++) {
		err = xa_insert_irq(&allocations, nth_key(region, i), region, GFP_KERNEL);
		if (err)
			goto err_erase;
	}
	return 0;

err_erase:
	xa_lock_irq(&allocations);
	erase(region, i);
	xa_unlock_irq(&allocations);
	return err;
}

static void *alloc_region(size_t size, size_t alignment, int node)
{
	struct qae_region *region = qae_region_alloc(NULL, size, alignment, node);

	if (IS_ERR(region))
		return NULL;
	if (insert(region)) {
		qae_region_put(region);
		return NULL;
	}
	/* Not try_module_get(): whoever calls a symbol of this module holds it already. */
	__module_get(THIS_MODULE);
	return page_address(region->pages);
}

static void free_region(void **ptr, const void *caller)
{
	struct qae_region *region;
	unsigned long flags;

	if (!ptr || !*ptr)
		return;

	/* Found and taken under one lock: of two frees of one pointer, one is refused. */
	xa_lock_irqsave(&allocations, flags);
	region = find_region(*ptr);
	if (region && *ptr != page_address(region->pages))
		region = NULL;
	if (region)
		erase(region, num_keys(region));
	xa_unlock_irqrestore(&allocations, flags);

	if (!region) {
		pr_warn_ratelimited("%ps frees what is not the start of a live allocation; nothing was freed\n",
				    caller);
		return;
	}
	*ptr = NULL;
	qae_region_put(region);
	module_put(THIS_MODULE);
}

/**
 * qaeMemAlloc() - contiguous, pinned memory near the caller
 * @size: bytes, 1 … QAE_MAX_REGION_SIZE
 *
 * The memory is zeroed, aligned to a page at least, and takes whole pages, a
 * power of two of them up to 4 MiB, whole blocks of 2 MiB above: it is meant for
 * what a device works on.
 *
 * Context: process context, may sleep.
 * Return: its kernel address, or NULL.
 */
void *qaeMemAlloc(size_t size)
{
	return alloc_region(size, 1, QAE_NODE_ANY);
}
EXPORT_SYMBOL_GPL(qaeMemAlloc);

/**
 * qaeMemFree() - give back what qaeMemAlloc() or qaeMemAllocNUMA() gave
 * @ptr: where the address is; becomes NULL
 *
 * The content is cleared. NULL, and NULL in @ptr, are harmless. An address that
 * is not the start of a live allocation is refused with a message and left
 * as it is; nothing else is freed.
 *
 * Context: process context, may sleep.
 */
void qaeMemFree(void **ptr)
{
	free_region(ptr, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(qaeMemFree);

/**
 * qaeMemAllocNUMA() - contiguous, pinned memory of a node
 * @size: bytes, 1 … QAE_MAX_REGION_SIZE
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller
 * @phys_alignment_byte: alignment of the device address in bytes, a power of two up to
 *	QAE_MAX_ALIGNMENT
 *
 * As qaeMemAlloc() otherwise.
 *
 * Context: process context, may sleep.
 * Return: its kernel address, or NULL: a value out of bounds, no such node, no memory.
 */
void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte)
{
	return alloc_region(size, phys_alignment_byte, node);
}
EXPORT_SYMBOL_GPL(qaeMemAllocNUMA);

/**
 * qaeMemFreeNUMA() - give back what qaeMemAllocNUMA() or qaeMemAlloc() gave
 * @ptr: where the address is; becomes NULL
 *
 * As qaeMemFree().
 *
 * Context: process context, may sleep.
 */
void qaeMemFreeNUMA(void **ptr)
{
	free_region(ptr, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(qaeMemFreeNUMA);

/**
 * qaeVirtToPhysNUMA() - the address for devices of a byte of an allocation
 * @ptr: its kernel address; the start of an allocation or any byte of it
 *
 * Context: any but NMI.
 * Return: the address, or 0 if @ptr is not in a live allocation.
 */
u64 qaeVirtToPhysNUMA(void *ptr)
{
	const struct qae_region *region;
	unsigned long flags;
	u64 address = 0;

	xa_lock_irqsave(&allocations, flags);
	region = find_region(ptr);
	if (region)
		address = region->device_address + (ptr - page_address(region->pages));
	xa_unlock_irqrestore(&allocations, flags);
	return address;
}
EXPORT_SYMBOL_GPL(qaeVirtToPhysNUMA);

/** qae_kapi_exit() - what is still allocated held the module, so nothing is */
void qae_kapi_exit(void)
{
	WARN_ON(!xa_empty(&allocations));
	xa_destroy(&allocations);
}
