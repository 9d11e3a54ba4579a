// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory API for other kernel modules.
 *
 * A table decides which pointers are valid: free and translate never trust the
 * contents of the caller's memory. Its lock is IRQ-safe, because drivers translate
 * addresses in the context in which they submit. A small region is one compound
 * page and is found by its first page frame; a region of whole 2 MiB blocks, which
 * need not be a compound page, has an entry for each block.
 *
 * Each live allocation holds a reference to this module: rmmod must not free
 * memory that a device may still write to.
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

/* Keys share one space: odd numbers are page frames, even ones blocks. */
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
	/* try_module_get() is not needed: a caller that uses a symbol of this module holds it. */
	__module_get(THIS_MODULE);
	return page_address(region->pages);
}

static void free_region(void **ptr, const void *caller)
{
	struct qae_region *region;
	unsigned long flags;

	if (!ptr || !*ptr)
		return;

	/* Look up and erase under one lock: of two frees of a pointer, one is refused. */
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
 * qaeMemAlloc() - allocate contiguous, pinned memory near the caller
 * @size: bytes, 1 … QAE_MAX_REGION_SIZE
 *
 * The memory is zeroed and at least page-aligned. Its size is rounded up to a
 * power of two of pages up to 4 MiB, to a multiple of 2 MiB above: it is meant for
 * data that a device processes, not for small objects.
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
 * qaeMemFree() - free memory of qaeMemAlloc() or qaeMemAllocNUMA()
 * @ptr: pointer to the address, which is set to NULL
 *
 * The contents are cleared. Does nothing if @ptr or *@ptr is NULL. An address that
 * is not the start of a live allocation is refused with a warning: nothing is freed
 * and *@ptr is left alone.
 *
 * Context: process context, may sleep.
 */
void qaeMemFree(void **ptr)
{
	free_region(ptr, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(qaeMemFree);

/**
 * qaeMemAllocNUMA() - allocate contiguous, pinned memory on a node
 * @size: bytes, 1 … QAE_MAX_REGION_SIZE
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller
 * @phys_alignment_byte: alignment of the device address in bytes, a power of two up to
 *	QAE_MAX_ALIGNMENT
 *
 * Otherwise the same as qaeMemAlloc().
 *
 * Context: process context, may sleep.
 * Return: its kernel address, or NULL (an argument is out of bounds, no such node, no memory).
 */
void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte)
{
	return alloc_region(size, phys_alignment_byte, node);
}
EXPORT_SYMBOL_GPL(qaeMemAllocNUMA);

/**
 * qaeMemFreeNUMA() - free memory of qaeMemAllocNUMA() or qaeMemAlloc()
 * @ptr: pointer to the address, which is set to NULL
 *
 * The same as qaeMemFree().
 *
 * Context: process context, may sleep.
 */
void qaeMemFreeNUMA(void **ptr)
{
	free_region(ptr, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(qaeMemFreeNUMA);

/**
 * qaeVirtToPhysNUMA() - translate a kernel address to a device address
 * @ptr: address of any byte of an allocation
 *
 * Context: any but NMI.
 * Return: the device address, or 0 if @ptr is not in a live allocation.
 */
u64 qaeVirtToPhysNUMA(void *ptr)
{
	const struct qae_region *region;
	unsigned long flags;
	u64 address = 0;

	xa_lock_irqsave(&allocations, flags);
	region = find_region(ptr);
	if (region)
		address = qae_region_address(region) + (ptr - page_address(region->pages));
	xa_unlock_irqrestore(&allocations, flags);
	return address;
}
EXPORT_SYMBOL_GPL(qaeVirtToPhysNUMA);

/* Nothing is allocated: each allocation would hold a reference to the module. */
void qae_kapi_exit(void)
{
	WARN_ON(!xa_empty(&allocations));
	xa_destroy(&allocations);
}
