// SPDX-License-Identifier: GPL-2.0-only
/* Overwriting pages with zeroes. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched.h>

#include "mem/pages.h"

#define RESCHED_PAGES	16	/* cleared without a reschedule: microseconds */

/**
 * qae_pages_clear() - overwrite pages with zeroes
 * @pages: first page
 * @size: bytes
 *
 * Leaves hardware-poisoned pages alone: a write to one can stop the machine.
 *
 * Context: process context, may sleep; no lock held, except possibly mmap_lock.
 */
void qae_pages_clear(struct page *pages, size_t size)
{
	unsigned long i;

	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		if (!PageHWPoison(pages + i))
			clear_highpage(pages + i);
		if (i % RESCHED_PAGES == RESCHED_PAGES - 1)
			cond_resched();
	}
}
