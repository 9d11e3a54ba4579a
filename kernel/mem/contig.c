// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contiguous ranges, for regions larger than the buddy allocator supports.
 *
 * The kernel's own search, alloc_contig_pages(), is not exported, but
 * alloc_contig_range(), which empties a range at a given address, is. So this
 * file does the search. It reads struct page without a lock and can only guess:
 * after a wrong guess alloc_contig_range() fails and the search continues.
 *
 * Pages are allocated and freed as order-0 pages, each with its own reference.
 * Never treat a range as a compound page.
 */
#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/page-flags.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "mem/pages.h"

#ifdef CONFIG_CONTIG_ALLOC

/* Ranges that one request tries to empty: a failed try may have migrated all pages of the range. */
#define MAX_TRIES	32

#define GFP_RANGE	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * struct search - search for one range
 * @zone: zone being searched
 * @pages: length of the range, in pages
 * @step: alignment of its start, in pages
 * @movable: accept ranges that contain movable pages
 * @tries: calls of alloc_contig_range() left
 * @free: free pages in the range that was scanned last
 */
struct search {
	struct zone *zone;
	unsigned long pages;
	unsigned long step;
	bool movable;
	unsigned int tries;
	unsigned long free;
};

/* Number of usable pages starting at @pfn; 0 if the range cannot include this page. */
static unsigned long usable_pages(struct search *s, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long n = 1;

	if (!page || page_zone(page) != s->zone || PageReserved(page))
		return 0;
	if (PageBuddy(page)) {
		/* Read without a lock: the value may be stale, so check its bounds. */
		unsigned long order = READ_ONCE(page->private);

		if (order < 32 && 1UL << order <= MAX_ORDER_NR_PAGES)
			n = 1UL << order;
		s->free += n;
		return n;
	}
	if (!s->movable || PageSlab(page) || PageHuge(page) || PageHWPoison(page))
		return 0;
	/* On an LRU list, or free: on a per-CPU list or in transit. */
	if (PageLRU(compound_head(page)))
		return 1;
	s->free += !page_count(page);
	return !page_count(page);
}

/* The first unusable page of [start, start + pages), or the end if there is none. */
static unsigned long first_unusable(struct search *s, unsigned long start)
{
	unsigned long end = start + s->pages;
	unsigned long pfn = start;

	s->free = 0;
	while (pfn < end) {
		unsigned long n = usable_pages(s, pfn);

		if (!n)
			return pfn;
		pfn += n;
		if (!(pfn % MAX_ORDER_NR_PAGES))
			cond_resched();
	}
	return end;
}

/*
 * alloc_contig_range() takes free pages of a range regardless of the watermarks
 * that protect the rest of the system, so check them here. The targets of
 * migrated pages come from the page allocator, which checks by itself.
 */
static bool watermark_ok(const struct search *s)
{
	struct zone *zone = s->zone;

	return zone_page_state(zone, NR_FREE_PAGES) >=
	       s->free + high_wmark_pages(zone) + zone->lowmem_reserve[ZONE_NORMAL];
}

static bool should_stop(const struct search *s)
{
	return !s->tries || fatal_signal_pending(current);
}

static struct page *search_zone(struct search *s)
{
	unsigned long start = ALIGN(s->zone->zone_start_pfn, s->step);
	unsigned long zone_end = zone_end_pfn(s->zone);

	while (start + s->pages <= zone_end && !should_stop(s)) {
		unsigned long unusable = first_unusable(s, start);

		if (unusable < start + s->pages) {
			start = ALIGN(unusable + 1, s->step);
			cond_resched();
			continue;
		}
		cond_resched();
		if (!watermark_ok(s)) {
			/* Skip the whole range: an overlapping one would fail the same check. */
			start = ALIGN(start + s->pages, s->step);
			continue;
		}
		if (!alloc_contig_range(start, start + s->pages, QAE_CONTIG_KIND, GFP_RANGE)) {
			struct page *page = pfn_to_page(start);

			if (!qae_pages_poisoned(page, s->pages << PAGE_SHIFT))
				return page;
			qae_contig_free(page, s->pages << PAGE_SHIFT);
		}
		s->tries--;
		start += s->step;
	}
	return NULL;
}

/*
 * Skip ZONE_MOVABLE: pinned pages would defeat its purpose, memory that can be
 * offlined. Search from the highest zone down, as the page allocator does, and
 * leave ZONE_DMA, the first 16 MiB, alone.
 */
static struct page *search_node(struct search *s, int node)
{
	struct page *page = NULL;
	int i;

	for (i = ZONE_NORMAL; i >= 0 && !page; i--) {
		if (IS_ENABLED(CONFIG_ZONE_DMA) && !i)
			break;
		s->zone = &NODE_DATA(node)->node_zones[i];
		if (populated_zone(s->zone))
			page = search_zone(s);
	}
	return page;
}

static struct page *search_nodes(struct search *s, int preferred, const nodemask_t *fallback)
{
	struct page *page = search_node(s, preferred);
	int node;

	if (page || !fallback)
		return page;
	for_each_node_state(node, N_MEMORY) {
		if (node == preferred || !node_isset(node, *fallback))
			continue;
		page = search_node(s, node);
		if (page)
			break;
	}
	return page;
}

/* Prefer free ranges, even on a remote node: they need no migration. */
static struct page *search_free_then_movable(struct search *s, int preferred,
					     const nodemask_t *fallback)
{
	struct page *page = search_nodes(s, preferred, fallback);

	if (page)
		return page;
	s->movable = true;
	return search_nodes(s, preferred, fallback);
}

/*
 * One search at a time: concurrent searches would contend for the same ranges and
 * migrate each other's pages. One lock for all nodes costs nothing, because each
 * alloc_contig_range() drains the per-CPU page lists of all CPUs under one kernel
 * lock anyway. No other path takes this lock, so a slow search delays only other
 * searches.
 */
static DEFINE_MUTEX(search_lock);

/**
 * qae_contig_alloc() - allocate zeroed contiguous pages
 * @size: bytes, a multiple of QAE_BLOCK_SIZE
 * @alignment: alignment of the start in bytes, at least QAE_BLOCK_SIZE
 * @preferred: NUMA node to search first
 * @fallback: nodes to search after it, or NULL for none
 *
 * Context: process context, may sleep for long.
 * Return: the first page, each page with its own reference, or NULL if there is no such range or
 * the caller was killed.
 */
struct page *qae_contig_alloc(size_t size, size_t alignment, int preferred,
			      const nodemask_t *fallback)
{
	struct search s = {
		.pages = size >> PAGE_SHIFT,
		.step = alignment >> PAGE_SHIFT,
		.tries = MAX_TRIES,
	};
	struct page *page;

	if (mutex_lock_killable(&search_lock))
		return NULL;
	page = search_free_then_movable(&s, preferred, fallback);
	mutex_unlock(&search_lock);

	/* With init_on_alloc or init_on_free the kernel has zeroed the range already. */
	if (page && !want_init_on_alloc(GFP_KERNEL) && !want_init_on_free())
		qae_pages_clear(page, size);
	return page;
}

/**
 * qae_contig_free() - free pages of qae_contig_alloc()
 * @pages: first page
 * @size: as allocated
 *
 * Frees page by page, so that the page allocator keeps a hardware-poisoned page out
 * of use; also, free_contig_range() would warn about the short-lived
 * reference of, for example, a reader of /proc/kpageflags.
 *
 * Context: process context, may sleep.
 */
void qae_contig_free(struct page *pages, size_t size)
{
	unsigned long i;

	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		__free_page(pages + i);
		if (!(i % 512))
			cond_resched();
	}
}

#else

struct page *qae_contig_alloc(size_t size, size_t alignment, int preferred,
			      const nodemask_t *fallback)
{
	return NULL;
}

void qae_contig_free(struct page *pages, size_t size)
{
}

#endif /* CONFIG_CONTIG_ALLOC */
