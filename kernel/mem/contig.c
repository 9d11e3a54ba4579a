// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contiguous ranges, for regions larger than the buddy allocator supports.
 *
 * The kernel's own search, alloc_contig_pages(), is not exported, but
 * alloc_contig_range(), which empties a range at a given address, is. So this
 * file does the search. What it knows about pages (obstacle.c) is a guess: after a
 * wrong one alloc_contig_range() fails, and the search goes on behind the page that
 * was in the way.
 *
 * Emptying a range moves the pages of other processes, so a request has a budget of
 * pages: what failed tries have moved comes off it, and a range that would move more
 * than is left is not tried. A request that fails makes its node back off: requests
 * of that size move nothing there for a while, which doubles with each failure, and
 * get only what is free. So nobody can keep the machine busy by asking again. The
 * next search that moves pages begins where the last one ended.
 *
 * Memory cannot be removed while its struct pages are read: the search skips what is
 * not online, and qae_contig_drain() waits for the search before memory goes.
 *
 * Pages are allocated and freed as order-0 pages, each with its own reference.
 * Never treat a range as a compound page.
 */
#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "compat.h"
#include "mem/contig.h"
#include "mem/obstacle.h"
#include "mem/pages.h"
#include "mem/source.h"
#include "mem/watermark.h"
#include "trace.h"

#ifdef CONFIG_CONTIG_ALLOC

/* Ranges of a zone that one pass tries to empty. The budget bounds what they move. */
#define MAX_TRIES	16

/* Pages that a request may move: twice its size, so that one try may fail, but some at least. */
#define MIN_BUDGET	(SZ_16M >> PAGE_SHIFT)

/* How long a node moves nothing after a failure. */
#define BACKOFF_FIRST	HZ
#define BACKOFF_LAST	(64 * HZ)

/* Backing off is a matter of requests of like size: one class for each power of two. */
#define CLASSES		(ilog2(QAE_MAX_REGION_SIZE / QAE_BUDDY_MAX))

#define GFP_RANGE	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * enum pass - what a search accepts, in this order
 * @PASS_FREE: free ranges only; nothing is moved
 * @PASS_APART: ranges with pages that can be moved; after a refusal go on behind the range
 * @PASS_OVERLAP: the same, but after a refusal try the next aligned start
 * @PASSES: number of passes
 */
enum pass {
	PASS_FREE,
	PASS_APART,
	PASS_OVERLAP,
	PASSES,
};

/**
 * struct backoff - what a failed request leaves behind
 * @until: jiffies until which requests of the class move nothing; valid with @delay
 * @delay: jiffies of the last backing off, 0 if none failed since one was found by moving pages
 */
struct backoff {
	unsigned long until;
	unsigned long delay;
};

/**
 * struct place - what searches remember of a node; under search_lock
 * @cursor: where the next search that moves pages begins, by zone
 * @backoff: by class of size
 */
struct place {
	unsigned long cursor[ZONE_NORMAL + 1];
	struct backoff backoff[CLASSES];
};

static struct place *places;

/**
 * struct search - one search
 * @req: the request
 * @pages: length of the range, in pages
 * @step: alignment of its start, in pages
 * @pass: what it accepts
 * @zone: zone being searched
 * @place: memory of its node
 * @tries: tries left in this zone and pass
 * @free: free pages in the range that was scanned last
 * @used: other pages in it
 */
struct search {
	struct qae_contig_request *req;
	unsigned long pages;
	unsigned long step;
	enum pass pass;
	struct zone *zone;
	struct place *place;
	unsigned int tries;
	unsigned long free;
	unsigned long used;
};

/*
 * One search at a time: concurrent searches would contend for the same ranges and
 * migrate each other's pages. One lock for all nodes costs nothing, because each
 * alloc_contig_range() drains the per-CPU page lists of all CPUs under one kernel
 * lock anyway. No other path takes this lock for long, so a slow search delays only
 * other searches, and memory that is being taken offline.
 */
static DEFINE_MUTEX(search_lock);

/*
 * Page by page, so that the page allocator keeps a hardware-poisoned page out of use;
 * also, free_contig_range() would warn about the short-lived reference of, for
 * example, a reader of /proc/kpageflags.
 */
static void contig_free(struct page *pages, size_t size)
{
	unsigned long i;

	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		__free_page(pages + i);
		if (!(i % 512))
			cond_resched();
	}
}

static bool is_unusable(const struct search *s, enum qae_page_kind kind)
{
	return kind == QAE_PAGE_OBSTACLE || (kind == QAE_PAGE_MOVABLE && s->pass == PASS_FREE);
}

/* The first unusable page of [start, start + pages), or the end if there is none. */
static unsigned long first_unusable(struct search *s, unsigned long start)
{
	unsigned long end = start + s->pages;
	unsigned long pfn = start, n;

	s->free = 0;
	s->used = 0;
	for (; pfn < end; pfn += n) {
		enum qae_page_kind kind = qae_page_kind(s->zone, pfn, &n);

		if (is_unusable(s, kind))
			return pfn;
		/* A block of two pageblocks is seen at its first page only: that will do. */
		if (IS_ALIGNED(pfn, QAE_BLOCK_SIZE >> PAGE_SHIFT)) {
			if (!qae_pageblock_isolatable(pfn))
				return pfn;
			cond_resched();
		}
		*(kind == QAE_PAGE_FREE ? &s->free : &s->used) += n;
	}
	return end;
}

/* The first page of the range that is not free, or its end. Counts those that are not. */
static unsigned long first_used(const struct search *s, unsigned long start, unsigned long *used)
{
	unsigned long end = start + s->pages, first = end;
	unsigned long pfn, n;

	*used = 0;
	for (pfn = start; pfn < end; pfn += n) {
		if (qae_page_kind(s->zone, pfn, &n) == QAE_PAGE_FREE)
			continue;
		first = min(first, pfn);
		*used += n;
	}
	return first;
}

/*
 * alloc_contig_range() takes free pages of a range regardless of the watermarks
 * that protect the rest of the system, so check them here. The targets of
 * migrated pages come from the page allocator, which checks by itself.
 */
static bool watermark_ok(const struct search *s)
{
	return zone_page_state(s->zone, NR_FREE_PAGES) >= s->free + qae_zone_wanted(s->zone);
}

static bool should_stop(const struct search *s)
{
	return !s->tries || fatal_signal_pending(current);
}

/*
 * The kernel empties a range from its start and stops at a page that it cannot
 * move: the first one that is still in use, or one soon after it. If none was moved,
 * it refused the range before it began, and which page is in the way is not known.
 */
static unsigned long after_failure(struct search *s, unsigned long start)
{
	unsigned long before = s->used, used;
	unsigned long first = first_used(s, start, &used);
	unsigned long moved = before > used ? before - used : 0;

	s->req->moved += moved;
	s->req->budget -= min(moved, s->req->budget);
	if (moved)
		return ALIGN(first + 1, s->step);
	return ALIGN(start + (s->pass == PASS_OVERLAP ? 1 : s->pages), s->step);
}

/* Tries to empty the range that was scanned last. Sets @next to where to go on. */
static struct page *try_range(struct search *s, unsigned long start, unsigned long *next)
{
	struct page *page;

	s->tries--;
	s->req->tries++;
	if (alloc_contig_range(start, start + s->pages, QAE_CONTIG_KIND, GFP_RANGE)) {
		*next = after_failure(s, start);
		return NULL;
	}
	*next = start;
	s->req->moved += s->used;
	page = pfn_to_page(start);
	if (!qae_pages_poisoned(page, s->pages << PAGE_SHIFT))
		return page;
	contig_free(page, s->pages << PAGE_SHIFT);
	s->req->budget -= min(s->used, s->req->budget);
	*next = ALIGN(start + s->pages, s->step);
	return NULL;
}

/* Searches ranges that begin in [from, to). Sets @from to where it ended. */
static struct page *search_span(struct search *s, unsigned long *from, unsigned long to)
{
	unsigned long start = ALIGN(*from, s->step);
	unsigned long zone_end = zone_end_pfn(s->zone);
	struct page *page = NULL;

	while (!page && start < to && start + s->pages <= zone_end && !should_stop(s)) {
		unsigned long unusable = first_unusable(s, start);

		cond_resched();
		if (unusable < start + s->pages)
			start = ALIGN(unusable + 1, s->step);
		else if (!watermark_ok(s) || s->used > s->req->budget)
			/* An overlapping range would fail the same check. */
			start = ALIGN(start + s->pages, s->step);
		else
			page = try_range(s, start, &start);
	}
	*from = start;
	return page;
}

/* Passes that move pages begin where the last search ended, and come round to it. */
static struct page *search_zone(struct search *s)
{
	unsigned long begin = s->zone->zone_start_pfn, end = zone_end_pfn(s->zone);
	unsigned long *cursor = &s->place->cursor[zone_idx(s->zone)];
	unsigned long first = clamp(*cursor, begin, end);
	struct page *page;

	s->tries = MAX_TRIES;
	if (s->pass == PASS_FREE)
		return search_span(s, &begin, end);
	*cursor = first;
	page = search_span(s, cursor, end);
	if (page || should_stop(s))
		return page;
	*cursor = begin;
	return search_span(s, cursor, first);
}

static unsigned int class_of(size_t size)
{
	return min_t(unsigned int, order_base_2(DIV_ROUND_UP(size, QAE_BUDDY_MAX)) - 1,
		     CLASSES - 1);
}

static bool is_backing_off(const struct backoff *b)
{
	return b->delay && time_before(jiffies, b->until);
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

	s->place = &places[node];
	if (s->pass != PASS_FREE && is_backing_off(&s->place->backoff[class_of(s->req->size)]))
		return NULL;
	for (i = ZONE_NORMAL; i >= 0 && !page; i--) {
		if (IS_ENABLED(CONFIG_ZONE_DMA) && !i)
			break;
		s->zone = &NODE_DATA(node)->node_zones[i];
		if (populated_zone(s->zone))
			page = search_zone(s);
	}
	return page;
}

static bool is_fallback(const struct qae_contig_request *req, int node)
{
	return node != req->preferred && req->fallback && node_isset(node, *req->fallback);
}

static struct page *search_nodes(struct search *s)
{
	struct page *page = search_node(s, s->req->preferred);
	int node;

	for_each_node_state(node, N_MEMORY) {
		if (page)
			break;
		if (is_fallback(s->req, node))
			page = search_node(s, node);
	}
	return page;
}

/**
 * qae_contig_begin() - prepare a request for a contiguous range
 * @req: the request
 * @size: bytes, a multiple of QAE_BLOCK_SIZE
 * @alignment: alignment of the start in bytes
 * @preferred: NUMA node to search first
 * @fallback: nodes to search after it, or NULL for none
 *
 * Context: any.
 */
void qae_contig_begin(struct qae_contig_request *req, size_t size, size_t alignment, int preferred,
		      const nodemask_t *fallback)
{
	*req = (struct qae_contig_request){
		.size = size,
		.alignment = max(alignment, QAE_BLOCK_SIZE),
		.preferred = preferred,
		.fallback = fallback,
		.budget = max_t(unsigned long, 2 * (size >> PAGE_SHIFT), MIN_BUDGET),
	};
}

/**
 * qae_contig_alloc() - allocate zeroed contiguous pages
 * @req: the request
 *
 * Prefers free ranges, even on a remote node: they need no migration.
 *
 * Context: process context, may sleep for long.
 * Return: the first page, each page with its own reference, or NULL if there is no such range or
 * the caller was killed.
 */
struct page *qae_contig_alloc(struct qae_contig_request *req)
{
	struct search s = {
		.req = req,
		.pages = req->size >> PAGE_SHIFT,
		.step = req->alignment >> PAGE_SHIFT,
	};
	struct page *page = NULL;

	if (mutex_lock_killable(&search_lock))
		return NULL;
	for (; s.pass < PASSES && !page; s.pass++)
		page = search_nodes(&s);
	mutex_unlock(&search_lock);

	/* With init_on_alloc or init_on_free the kernel has zeroed the range already. */
	if (page && !want_init_on_alloc(GFP_KERNEL) && !want_init_on_free())
		qae_pages_clear(page, req->size);
	return page;
}

/*
 * A request that got what was free says nothing about moving. So a caller cannot end
 * the backing off by giving a range back and taking it again.
 */
static void note_result(const struct qae_contig_request *req, int node, bool found)
{
	struct backoff *b = &places[node].backoff[class_of(req->size)];

	if (is_backing_off(b))
		return;
	if (!found) {
		b->delay = clamp_t(unsigned long, 2 * b->delay, BACKOFF_FIRST, BACKOFF_LAST);
		b->until = jiffies + b->delay;
	} else if (req->moved) {
		b->delay = 0;
	}
}

/**
 * qae_contig_end() - remember how a request ended
 * @req: the request
 * @found: it got its range
 *
 * Context: process context, may sleep.
 */
void qae_contig_end(struct qae_contig_request *req, bool found)
{
	int node;

	trace_qae_contig_search(req->size, req->preferred, req->tries, req->moved, found);
	/* A search that was cut short says nothing, unless it moved pages before. */
	if (!found && !req->moved && fatal_signal_pending(current))
		return;
	mutex_lock(&search_lock);
	for_each_node_state(node, N_MEMORY)
		if (node == req->preferred || is_fallback(req, node))
			note_result(req, node, found);
	mutex_unlock(&search_lock);
}

/**
 * qae_contig_drain() - wait for the search that is going on
 *
 * Searches that begin later see which memory is offline now.
 *
 * Context: process context, may sleep.
 */
void qae_contig_drain(void)
{
	mutex_lock(&search_lock);
	mutex_unlock(&search_lock);
}

/**
 * qae_contig_init() - prepare searches
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int qae_contig_init(void)
{
	places = kvcalloc(nr_node_ids, sizeof(*places), GFP_KERNEL);
	return places ? 0 : -ENOMEM;
}

/* No request is left. */
void qae_contig_exit(void)
{
	kvfree(places);
	places = NULL;
}

#else

void qae_contig_begin(struct qae_contig_request *req, size_t size, size_t alignment, int preferred,
		      const nodemask_t *fallback)
{
}

struct page *qae_contig_alloc(struct qae_contig_request *req)
{
	return NULL;
}

void qae_contig_end(struct qae_contig_request *req, bool found)
{
}

void qae_contig_drain(void)
{
}

static void contig_free(struct page *pages, size_t size)
{
}

int qae_contig_init(void)
{
	return 0;
}

void qae_contig_exit(void)
{
}

#endif /* CONFIG_CONTIG_ALLOC */

static struct page *contig_alloc(struct qae_page_request *req)
{
	return qae_contig_alloc(req->contig);
}

const struct qae_page_source qae_contig_source = {
	.alloc = contig_alloc,
	.free = contig_free,
};
EXPORT_SYMBOL_IF_KUNIT(qae_contig_source);
