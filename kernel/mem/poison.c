// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardware-poisoned pages. The kernel marks a page whose memory failed, but it
 * can take away neither a page of a region nor one of a pool: those are of no kind
 * that it knows. So this module looks for the mark itself: when pages return, and
 * when a pool or the search for ranges hands some out. What is marked reaches no
 * other client.
 *
 * The page allocator keeps a marked page out of use only if it is freed as a single
 * page: then it is enough to free it. It does not look into a larger block, and a
 * compound page cannot be split by a module. Such a block is kept, marked page and
 * good pages together, until the next boot. It is 4 MiB at most, and memory seldom
 * fails.
 *
 * A page that is marked right after it was looked at is not noticed. The same race
 * exists in the kernel's own allocator.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/printk.h>

#include "compat.h"
#include "mem/pages.h"

/**
 * qae_pages_poisoned() - look for a hardware-poisoned page
 * @pages: first page
 * @size: bytes
 *
 * Context: any.
 * Return: true if there is one.
 */
bool qae_pages_poisoned(struct page *pages, size_t size)
{
	unsigned long i;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		return false;
	for (i = 0; i < size >> PAGE_SHIFT; i++)
		if (PageHWPoison(pages + i))
			return true;
	return false;
}

/**
 * qae_block_free() - give a block back to the page allocator, unless a page of it is poisoned
 * @block: page of its own, or head of a compound page; cleared, as far as it is not poisoned
 * @order: as allocated
 *
 * A poisoned block keeps the caller's reference for ever.
 *
 * Context: any but interrupts.
 */
void qae_block_free(struct page *block, unsigned int order)
{
	size_t size = PAGE_SIZE << order;

	if (order && qae_pages_poisoned(block, size)) {
		/* Without an address: the kernel has logged that of the page. */
		pr_warn("%zu KiB stay out of use, because a page of them is hardware-poisoned\n",
			size >> 10);
		return;
	}
	__free_pages(block, order);
}
EXPORT_SYMBOL_IF_KUNIT(qae_block_free);
