// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that does nothing but use pinned memory. It tests the kernel API from
 * another module, also on kernels without KUnit.
 *
 * Loading it makes @count allocations, checks each one and fills it. If one is
 * refused, all are freed and loading fails. Unloading it checks the allocations
 * again and frees them. Every failed check logs a line that begins with "wrong:";
 * at load time it also makes loading fail.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/qae.h>

#include "qae_kapi.h"

#define MAX_COUNT	65536

static unsigned long size = PAGE_SIZE;
module_param(size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes of each allocation");

static int node = QAE_NODE_ANY;
module_param(node, int, 0444);
MODULE_PARM_DESC(node, "NUMA node; -1 prefers the caller's node");

static unsigned int count = 1;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "number of allocations");

static unsigned long alignment = 1;
module_param(alignment, ulong, 0444);
MODULE_PARM_DESC(alignment, "alignment of the device address in bytes");

static u8 **held;
static unsigned int num_wrong;

/* Log and count a condition that does not hold. */
#define should(condition, i)								\
	do {										\
		if (!(condition)) {							\
			num_wrong++;							\
			pr_err("wrong: allocation %u: not %s\n", i, #condition);	\
		}									\
	} while (0)

/* Fill neighbouring allocations differently, so that an overlap is noticed. */
static u8 pattern(unsigned int i)
{
	return i % 255 + 1;
}

static void *take(void)
{
	if (node == QAE_NODE_ANY && alignment == 1)
		return qaeMemAlloc(size);
	return qaeMemAllocNUMA(size, node, alignment);
}

static void give(unsigned int i, void **ptr)
{
	if (i % 2)
		qaeMemFree(ptr);
	else
		qaeMemFreeNUMA(ptr);
}

static void refuse_bad_values(void)
{
	should(!qaeMemAlloc(0), 0);
	should(!qaeMemAlloc(QAE_MAX_REGION_SIZE + 1), 0);
	should(!qaeMemAlloc(SIZE_MAX), 0);
	should(!qaeMemAllocNUMA(0, QAE_NODE_ANY, 64), 0);
	should(!qaeMemAllocNUMA(64, QAE_NODE_ANY, 0), 0);
	should(!qaeMemAllocNUMA(64, QAE_NODE_ANY, 48), 0);
	should(!qaeMemAllocNUMA(64, QAE_NODE_ANY, 2 * QAE_MAX_ALIGNMENT), 0);
	should(!qaeMemAllocNUMA(64, QAE_NODE_ANY - 1, 64), 0);
	should(!qaeMemAllocNUMA(64, MAX_NUMNODES, 64), 0);
}

/* Memory of another allocator has no device address, and cannot be freed here. */
static void refuse_foreign_memory(void)
{
	void *foreign = kmalloc(PAGE_SIZE, GFP_KERNEL);
	void *to_free = foreign;

	if (!foreign)
		return;
	should(!qaeVirtToPhysNUMA(foreign), 0);
	should(!qaeVirtToPhysNUMA(NULL), 0);
	qaeMemFree(&to_free);
	should(to_free == foreign, 0);
	kfree(foreign);
}

static void check_new(unsigned int i)
{
	u8 *ptr = held[i];
	u64 address = qaeVirtToPhysNUMA(ptr);
	unsigned long offset;

	should(address == virt_to_phys(ptr), i);
	should(!(address & (alignment - 1)), i);
	should(node == QAE_NODE_ANY || page_to_nid(virt_to_page(ptr)) == node, i);
	for (offset = 1; offset < size; offset *= 2)
		should(qaeVirtToPhysNUMA(ptr + offset) == address + offset, i);
	should(qaeVirtToPhysNUMA(ptr + size - 1) == address + size - 1, i);
	should(!memchr_inv(ptr, 0, size), i);
}

/* After the free only the address is used again, never the memory. */
static void check_old_and_free(unsigned int i)
{
	u8 *ptr = held[i];
	void *interior = ptr + size / 2;
	void *again = ptr;

	should(!memchr_inv(ptr, pattern(i), size), i);
	if (size > 1) {
		give(i, &interior);
		should(interior == ptr + size / 2, i);
	}
	should(qaeVirtToPhysNUMA(ptr), i);
	give(i, (void **)&held[i]);
	should(!held[i], i);
	should(!qaeVirtToPhysNUMA(ptr), i);
	give(i, &again);
	should(again == ptr, i);
	give(i, (void **)&held[i]);
}

static int take_all(void)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		held[i] = take();
		if (!held[i]) {
			pr_info("refused after %u of %u\n", i, count);
			return -ENOMEM;
		}
		check_new(i);
		memset(held[i], pattern(i), size);
	}
	return num_wrong ? -EIO : 0;
}

static void free_all(void)
{
	unsigned int i;

	/* Entries that were never allocated are NULL, which is harmless. */
	for (i = 0; i < count; i++)
		give(i, (void **)&held[i]);
	kfree(held);
}

static int __init kapi_user_init(void)
{
	int err;

	if (!count || count > MAX_COUNT)
		return -EINVAL;
	held = kcalloc(count, sizeof(*held), GFP_KERNEL);
	if (!held)
		return -ENOMEM;

	refuse_bad_values();
	refuse_foreign_memory();
	err = take_all();
	if (err) {
		free_all();
		return err;
	}
	pr_info("holds %u of %lu bytes\n", count, size);
	return 0;
}

static void __exit kapi_user_exit(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		check_old_and_free(i);
	kfree(held);
	pr_info("gave %u back, %u wrong\n", count, num_wrong);
}

module_init(kapi_user_init);
module_exit(kapi_user_exit);

MODULE_DESCRIPTION("Test of pinned memory for other kernel modules");
MODULE_AUTHOR("qae developers");
MODULE_LICENSE("GPL");
