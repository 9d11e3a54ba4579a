// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contiguous ranges, for regions above what the buddy allocator gives.
 *
 * The kernel's own search, alloc_contig_pages(), is not exported; the function
 * that empties a range of which one knows where it is, alloc_contig_range(),
 * is. So the search is here. It reads page structures without a lock and can
 * only guess; a wrong guess is an error of alloc_contig_range(), and the search
 * goes on.
 *
 * The pages are single ones, each with a reference of its own, in both
 * directions: nobody may treat a range as a compound page.
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

/* Ranges that one request tries to empty: each failure may have moved all its pages. */
#define MAX_TRIES	32

#define GFP_RANGE	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * struct search - one request
 * @zone: where
 * @pages: length of a range
 * @step: alignment of its start, in pages
 * @move: ranges with movable pages will do too
 * @tries: left
 * @free: free pages of the range looked at
 */
struct search {
	struct zone *zone;
	unsigned long pages;
	unsigned long step;
	bool move;
	unsigned int tries;
	unsigned long free;
};

/* Pages that one can go on by from @pfn; 0: a range with this page cannot be had. */
static unsigned long usable_pages(struct search *s, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long n = 1;

	if (!page || page_zone(page) != s->zone || PageReserved(page))
		return 0;
	if (PageBuddy(page)) {
		/* Read without a lock, so it may be anything by now. */
		unsigned long order = READ_ONCE(page->private);

		if (order < 32 && 1UL << order <= MAX_ORDER_NR_PAGES)
			n = 1UL << order;
		s->free += n;
		return n;
	}
	if (!s->move || PageSlab(page) || PageHuge(page) || PageHWPoison(page))
		return 0;
	/* A page of the LRU lists, or free on a processor's list or in transit. */
	if (PageLRU(compound_head(page)))
		return 1;
	s->free += !page_count(page);
	return !page_count(page);
}

/* The first page of [start, start + pages) that prevents it, or the end. */
static unsigned long first_obstacle(struct search *s, unsigned long start)
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
 * Free pages of a range are taken past the watermarks that protect the rest of
 * the system, so this looks after them. Pages that must be moved first get a
 * new place from the page allocator, which looks itself.
 */
static bool leaves_enough(const struct search *s)
{
	struct zone *zone = s->zone;

	return zone_page_state(zone, NR_FREE_PAGES) >=
	       s->free + high_wmark_pages(zone) + zone->lowmem_reserve[ZONE_NORMAL];
}

static bool give_up(const struct search *s)
{
	return !s->tries || fatal_signal_pending(current);
}

static struct page *search_zone(struct search *s)
{
	unsigned long start = ALIGN(s->zone->zone_start_pfn, s->step);
	unsigned long zone_end = zone_end_pfn(s->zone);

	while (start + s->pages <= zone_end && !give_up(s)) {
		unsigned long obstacle = first_obstacle(s, start);

		if (obstacle < start + s->pages) {
			start = ALIGN(obstacle + 1, s->step);
			cond_resched();
			continue;
		}
		cond_resched();
		if (!leaves_enough(s)) {
			/* Of a range that overlaps much would be looked at again, for as little. */
			start = ALIGN(start + s->pages, s->step);
			continue;
		}
		if (!alloc_contig_range(start, start + s->pages, QAE_CONTIG_KIND, GFP_RANGE))
			return pfn_to_page(start);
		s->tries--;
		start += s->step;
	}
	return NULL;
}

/*
 * Not in the movable zone: who set it up wants to be able to empty it. From the
 * highest zone down, as the page allocator does, and without the first 16 MiB.
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

static struct page *search_nodes(struct search *s, int near, const nodemask_t *others)
{
	struct page *page = search_node(s, near);
	int node;

	if (page || !others)
		return page;
	for_each_node_state(node, N_MEMORY) {
		if (node == near || !node_isset(node, *others))
			continue;
		page = search_node(s, node);
		if (page)
			break;
	}
	return page;
}

/* What is free first, also on a far node: nothing need be moved for it. */
static struct page *free_or_emptied(struct search *s, int near, const nodemask_t *others)
{
	struct page *page = search_nodes(s, near, others);

	if (page)
		return page;
	s->move = true;
	return search_nodes(s, near, others);
}

/*
 * One search at a time. Two would look at the same ranges, each fail where the
 * other has begun, and move the same pages twice, or one's into what the other
 * empties. Nothing is lost by one lock for all nodes: each alloc_contig_range()
 * drains the page lists of all processors, under one lock of the kernel's. No
 * other path takes it, so a search that takes long holds up searches only.
 */
static DEFINE_MUTEX(searching);

/**
 * qae_contig_alloc() - zeroed contiguous pages
 * @size: bytes, a multiple of QAE_BLOCK_SIZE
 * @alignment: of the start, bytes, QAE_BLOCK_SIZE or more
 * @near: NUMA node to look on first
 * @others: nodes to look on after it, or NULL
 *
 * Context: process context, may sleep for long.
 * Return: the first page, each page with a reference, or NULL, also for who is killed meanwhile.
 */
struct page *qae_contig_alloc(size_t size, size_t alignment, int near, const nodemask_t *others)
{
	struct search s = {
		.pages = size >> PAGE_SHIFT,
		.step = alignment >> PAGE_SHIFT,
		.tries = MAX_TRIES,
	};
	struct page *page;

	if (mutex_lock_killable(&searching))
		return NULL;
	page = free_or_emptied(&s, near, others);
	mutex_unlock(&searching);

	/* With either of these the kernel hands out nothing that is not zero, ranges included. */
	if (page && !want_init_on_alloc(GFP_KERNEL) && !want_init_on_free())
		qae_pages_clear(page, size);
	return page;
}

/**
 * qae_contig_free() - give pages of qae_contig_alloc() back
 * @pages: the first
 * @size: as allocated
 *
 * Page by page: free_contig_range() would warn of a reference that someone
 * else, say a reader of /proc/kpageflags, has for a moment.
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

struct page *qae_contig_alloc(size_t size, size_t alignment, int near, const nodemask_t *others)
{
	return NULL;
}

void qae_contig_free(struct page *pages, size_t size)
{
}

#endif /* CONFIG_CONTIG_ALLOC */
