// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory half of the API for other kernel modules.
 *
 * A table by page frame of the first page is what makes a pointer ours: free
 * and translate believe nothing that the caller's memory says. Its lock is
 * safe in interrupts, because drivers translate where they submit.
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

#include "qae.h"
#include "qae_kapi.h"

static DEFINE_XARRAY_FLAGS(allocations, XA_FLAGS_LOCK_IRQ);

/* Caller holds the lock of @allocations. Interior pointers are found too. */
static struct qae_region *find_region(const void *ptr)
{
	if (!virt_addr_valid(ptr))
		return NULL;
	return xa_load(&allocations, page_to_pfn(virt_to_head_page(ptr)));
}

static void *alloc_region(size_t size, size_t alignment, int node)
{
	struct qae_region *region = qae_region_alloc(NULL, size, alignment, node);

	if (IS_ERR(region))
		return NULL;
	if (xa_insert_irq(&allocations, page_to_pfn(region->pages), region, GFP_KERNEL)) {
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
		__xa_erase(&allocations, page_to_pfn(region->pages));
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
 * power of two of them: it is meant for what a device works on.
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
