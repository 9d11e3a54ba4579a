// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve: regions of 2 MiB set aside on each node while memory is not
 * fragmented, so that they are available at once when it is.
 *
 * They are charged to no memory cgroup, because the kernel exports no function
 * that charges pages after their allocation. The reserve is therefore a shared
 * resource that root provides, bounded by its size: free regions and those handed
 * out together never exceed the target, and a region that is handed out is not
 * replaced. After the target is lowered, surplus regions are freed as they return.
 *
 * A region with a hardware-poisoned page leaves the reserve, which then allocates
 * another one.
 *
 * A returned region is dirty. The node's worker clears it; an allocation that
 * finds no clean one takes a dirty one and clears it itself. Each region is
 * cleared once, and never under the lock, which covers list operations only.
 *
 * If the kernel is short of memory it takes free regions back (shrinker.c). They
 * are replaced REFILL_PAUSE after the last one was taken, and without reclaiming
 * much: memory that was just given away must not be taken from others.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "compat.h"
#include "mem/pages.h"
#include "mem/reserve.h"
#include "mem/source.h"
#include "mem/worker.h"

#define RETRY_FIRST	HZ
#define RETRY_LAST	(64 * HZ)
#define REFILL_PAUSE	(10 * HZ)

/*
 * Default size: as much as the library keeps pinned when idle (8 MiB), below one
 * percent of the smallest node that gets a reserve. A smaller node gets none,
 * because it can spare less.
 */
#define DEFAULT_REGIONS		4
#define DEFAULT_MIN_PAGES	(SZ_1G >> PAGE_SHIFT)

/**
 * struct reserve - reserve of one node
 * @lock: protects all fields up to @hits; held for list operations only
 * @clean: zeroed regions, linked by page->lru
 * @dirty: returned regions that are not cleared yet
 * @target: desired number of regions, those handed out included
 * @free: regions in @clean and @dirty, plus the one that the worker is clearing
 * @out: regions handed out
 * @clearing: the worker is clearing a region, which is on neither list
 * @chosen: the target was chosen: by default, or by root
 * @shrunk: the kernel took regions back, and the target has not been reached since
 * @resume: when refilling resumes, in jiffies; valid with @shrunk
 * @hits: requests that were served
 * @misses: requests that found no region; per CPU, so that a miss does not write to a shared
 *	cache line
 * @delay: delay of @refill after a failure, in jiffies; used by the worker only
 * @cleared: woken after the worker has cleared a region
 * @clear: clears @dirty and frees what exceeds @target
 * @refill: allocates one missing region and requeues itself while more are missing
 */
struct reserve {
	spinlock_t lock;	/* all fields up to hits */
	struct list_head clean;
	struct list_head dirty;
	u32 target;
	u32 free;
	u32 out;
	bool clearing;
	bool chosen;
	bool shrunk;
	unsigned long resume;
	u64 hits;
	unsigned long __percpu *misses;
	unsigned long delay;
	wait_queue_head_t cleared;
	struct kthread_work clear;
	struct kthread_delayed_work refill;
} ____cacheline_aligned_in_smp;

static struct reserve *reserves;

/* Returns NULL if the node does not exist or has not had memory yet. */
static struct reserve *reserve_of(int node)
{
	if (!reserves || node < 0 || node >= nr_node_ids || !qae_worker_of(node))
		return NULL;
	return &reserves[node];
}

static struct kthread_worker *worker_of(const struct reserve *r)
{
	return qae_worker_of(r - reserves);
}

static bool below_target(const struct reserve *r)
{
	return r->free + r->out < r->target;
}

/* Prefers a clean region to a dirty one. Returns NULL if there is none. Caller holds the lock. */
static struct page *pop(struct reserve *r, bool *dirty)
{
	struct page *page = list_first_entry_or_null(&r->clean, struct page, lru);

	*dirty = !page;
	if (!page)
		page = list_first_entry_or_null(&r->dirty, struct page, lru);
	if (page) {
		list_del(&page->lru);
		WRITE_ONCE(r->free, r->free - 1);
	}
	return page;
}

/* Removes one region in excess of the target, if there is one. */
static struct page *pop_surplus(struct reserve *r, bool *dirty)
{
	struct page *page = NULL;

	spin_lock(&r->lock);
	if (r->free + r->out > r->target)
		page = pop(r, dirty);
	spin_unlock(&r->lock);
	return page;
}

static void drop_surplus(struct reserve *r)
{
	struct page *page;
	bool dirty;

	while ((page = pop_surplus(r, &dirty))) {
		if (dirty)
			qae_pages_clear(page, QAE_BLOCK_SIZE);
		qae_block_free(page, QAE_BLOCK_ORDER);
		cond_resched();
	}
}

/* Gives up a cleared region that is not counted any more. Another takes its place. */
static void replace(struct reserve *r, struct page *page)
{
	qae_block_free(page, QAE_BLOCK_ORDER);
	kthread_queue_delayed_work(worker_of(r), &r->refill, 0);
}

static void clear_work(struct kthread_work *work)
{
	struct reserve *r = container_of(work, struct reserve, clear);
	struct page *page;
	bool poisoned;

	for (;;) {
		drop_surplus(r);

		spin_lock(&r->lock);
		page = list_first_entry_or_null(&r->dirty, struct page, lru);
		if (page)
			list_del(&page->lru);
		WRITE_ONCE(r->clearing, page);
		spin_unlock(&r->lock);
		if (!page)
			break;

		qae_pages_clear(page, QAE_BLOCK_SIZE);
		poisoned = qae_pages_poisoned(page, QAE_BLOCK_SIZE);

		spin_lock(&r->lock);
		if (poisoned)
			WRITE_ONCE(r->free, r->free - 1);
		else
			list_add(&page->lru, &r->clean);
		WRITE_ONCE(r->clearing, false);
		spin_unlock(&r->lock);
		if (wq_has_sleeper(&r->cleared))
			wake_up_all(&r->cleared);
		if (poisoned)
			replace(r, page);
	}
}

/* Adds one region. Returns false if none is missing or there is no memory for it. */
static bool refill_one(struct reserve *r)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_COMP | __GFP_NOWARN | __GFP_THISNODE;
	struct page *page;
	bool wanted;

	/* Its memory may have gone; qae_reserve_add_node() goes on when some comes back. */
	if (!node_state(r - reserves, N_MEMORY))
		return false;
	spin_lock(&r->lock);
	wanted = below_target(r);
	r->shrunk &= wanted;
	gfp |= r->shrunk ? __GFP_NORETRY : __GFP_RETRY_MAYFAIL;
	spin_unlock(&r->lock);
	if (!wanted)
		return false;

	page = alloc_pages_node(r - reserves, gfp, QAE_BLOCK_ORDER);
	if (!page) {
		r->delay = clamp_t(unsigned long, r->delay * 2, RETRY_FIRST, RETRY_LAST);
		kthread_queue_delayed_work(worker_of(r), &r->refill, r->delay);
		return false;
	}
	r->delay = 0;

	/* Check again: the target may have been lowered meanwhile. */
	spin_lock(&r->lock);
	wanted = below_target(r);
	if (wanted) {
		list_add(&page->lru, &r->clean);
		WRITE_ONCE(r->free, r->free + 1);
	}
	spin_unlock(&r->lock);
	if (!wanted)
		qae_block_free(page, QAE_BLOCK_ORDER);
	return wanted;
}

/* Jiffies until refilling may resume after the kernel took regions back. */
static long refill_pause(struct reserve *r)
{
	long pause;

	spin_lock(&r->lock);
	pause = r->shrunk ? (long)(r->resume - jiffies) : 0;
	spin_unlock(&r->lock);
	return pause;
}

/*
 * Add one region per run: the search may take long, and an allocation may be
 * waiting for other work of this worker.
 */
static void refill_work(struct kthread_work *work)
{
	struct reserve *r = container_of(work, struct reserve, refill.work);
	long pause = refill_pause(r);

	if (pause > 0)
		kthread_queue_delayed_work(worker_of(r), &r->refill, pause);
	else if (refill_one(r))
		kthread_queue_delayed_work(worker_of(r), &r->refill, 0);
}

static struct page *take_free(struct reserve *r, bool *dirty)
{
	struct page *page;

	spin_lock(&r->lock);
	page = pop(r, dirty);
	if (page) {
		r->out++;
		r->hits++;
	}
	spin_unlock(&r->lock);
	return page;
}

/* Undoes take_free(): memory failed after the region was put on its list. */
static void untake_poisoned(struct reserve *r, struct page *page, bool dirty)
{
	spin_lock(&r->lock);
	r->out--;
	r->hits--;
	spin_unlock(&r->lock);
	if (dirty)
		qae_pages_clear(page, QAE_BLOCK_SIZE);
	replace(r, page);
}

/* Looks at each page when it is handed out: it may have failed at any time before. */
static struct page *take_sound(struct reserve *r, bool *dirty)
{
	struct page *page;

	while (READ_ONCE(r->free) && (page = take_free(r, dirty))) {
		if (!qae_pages_poisoned(page, QAE_BLOCK_SIZE))
			return page;
		untake_poisoned(r, page, *dirty);
	}
	return NULL;
}

/**
 * qae_reserve_take() - take a zeroed region from the reserve
 * @node: NUMA node
 *
 * Context: process context, may sleep.
 * Return: head of a compound page of QAE_BLOCK_SIZE, to be returned to
 * qae_reserve_source, or NULL.
 */
struct page *qae_reserve_take(int node)
{
	struct reserve *r = reserve_of(node);
	struct page *page;
	bool dirty;

	/* Check without the lock, so that it is taken only if there is a free region. */
	if (!r || !READ_ONCE(r->target))
		return NULL;
	page = take_sound(r, &dirty);
	if (!page) {
		this_cpu_inc(*r->misses);
		return NULL;
	}
	if (dirty)
		qae_pages_clear(page, QAE_BLOCK_SIZE);
	return page;
}

/*
 * The region is no longer mapped, and not cleared. If anyone else still holds a page
 * reference, the pages are cleared and returned to the page allocator, which frees
 * them with the last reference: the holder could otherwise read what the next owner
 * writes.
 */
static void reserve_free(struct page *page, size_t size)
{
	struct reserve *r = &reserves[page_to_nid(page)];
	bool shared = page_count(page) != 1;

	if (shared) {
		qae_pages_clear(page, QAE_BLOCK_SIZE);
		qae_block_free(page, QAE_BLOCK_ORDER);
	}
	spin_lock(&r->lock);
	r->out--;
	if (!shared) {
		list_add(&page->lru, &r->dirty);
		WRITE_ONCE(r->free, r->free + 1);
	}
	spin_unlock(&r->lock);

	if (shared)
		kthread_queue_delayed_work(worker_of(r), &r->refill, 0);
	else
		kthread_queue_work(worker_of(r), &r->clear);
}

static struct page *reserve_alloc(struct qae_page_request *req)
{
	return qae_reserve_take(req->preferred);
}

const struct qae_page_source qae_reserve_source = {
	.alloc = reserve_alloc,
	.free = reserve_free,
	.clears = true,
};
EXPORT_SYMBOL_IF_KUNIT(qae_reserve_source);

/**
 * qae_reserve_free() - number of free regions
 * @node: NUMA node
 *
 * Context: any.
 * Return: regions of 2 MiB, of which the worker may be clearing one.
 */
u32 qae_reserve_free(int node)
{
	struct reserve *r = reserve_of(node);

	return r ? READ_ONCE(r->free) : 0;
}

/**
 * qae_reserve_shrink() - give a free region back to the kernel
 * @node: NUMA node
 *
 * Does nothing in the worker, so that the search for one region does not free another.
 *
 * Context: process context, may sleep; any lock may be held under which memory may be allocated.
 * Return: bytes given back, 0 if there was no region.
 */
size_t qae_reserve_shrink(int node)
{
	struct reserve *r = reserve_of(node);
	struct page *page;
	bool dirty;

	if (!r || worker_of(r)->task == current)
		return 0;
	spin_lock(&r->lock);
	page = pop(r, &dirty);
	if (page) {
		r->shrunk = true;
		r->resume = jiffies + REFILL_PAUSE;
	}
	spin_unlock(&r->lock);
	if (!page)
		return 0;
	if (dirty)
		qae_pages_clear(page, QAE_BLOCK_SIZE);
	qae_block_free(page, QAE_BLOCK_ORDER);
	kthread_queue_delayed_work(worker_of(r), &r->refill, REFILL_PAUSE);
	return QAE_BLOCK_SIZE;
}

/**
 * qae_reserve_flush() - wait for the region that the worker is clearing
 * @node: NUMA node
 *
 * A fatal signal ends the wait. Other work of the worker, such as a refill, is not waited for.
 *
 * The result does not depend on whether the worker was clearing one: it may have
 * finished between the caller's qae_reserve_take() and this call.
 *
 * Context: process context, may sleep.
 * Return: true if there is a free region now, so that a retry makes sense.
 */
bool qae_reserve_flush(int node)
{
	struct reserve *r = reserve_of(node);

	if (!r || !READ_ONCE(r->target))
		return false;
	if (READ_ONCE(r->clearing)) {
		qae_worker_hurry(node);
		wait_event_killable(r->cleared,
				    !READ_ONCE(r->clearing) || !list_empty(&r->clean));
		qae_worker_relax(node);
	}
	return READ_ONCE(r->free);
}
EXPORT_SYMBOL_IF_KUNIT(qae_reserve_flush);

/**
 * qae_reserve_check() - validate a target for a node's reserve
 * @node: NUMA node
 * @regions: number of regions of 2 MiB
 *
 * Context: any.
 * Return: 0, -ENXIO (no such node, or it has no memory), or -EINVAL (more memory than the node
 * has).
 */
int qae_reserve_check(int node, u32 regions)
{
	if (!reserve_of(node) || !node_state(node, N_MEMORY))
		return -ENXIO;
	return regions > node_present_pages(node) >> QAE_BLOCK_ORDER ? -EINVAL : 0;
}

/**
 * qae_reserve_set() - set the target of a node's reserve
 * @node: NUMA node
 * @regions: number of regions of 2 MiB, those handed out included; 0 for no reserve
 *
 * Does not wait until the reserve is filled, which takes long if memory is short.
 *
 * Context: process context.
 * Return: 0, or an error of qae_reserve_check().
 */
int qae_reserve_set(int node, u32 regions)
{
	struct reserve *r = reserve_of(node);
	int err = qae_reserve_check(node, regions);

	if (err)
		return err;

	spin_lock(&r->lock);
	WRITE_ONCE(r->target, regions);
	r->chosen = true;
	r->shrunk = false;
	spin_unlock(&r->lock);
	kthread_queue_work(worker_of(r), &r->clear);
	kthread_mod_delayed_work(worker_of(r), &r->refill, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_reserve_set);

/**
 * qae_reserve_get() - read the state of a node's reserve
 * @node: NUMA node
 * @stats: filled in; all zero if the node has no reserve
 *
 * Context: any but interrupts.
 */
void qae_reserve_get(int node, struct qae_reserve_stats *stats)
{
	struct reserve *r = reserve_of(node);
	unsigned int cpu;

	*stats = (struct qae_reserve_stats){};
	if (!r)
		return;
	spin_lock(&r->lock);
	stats->target = r->target;
	stats->free = r->free;
	stats->settled = list_empty(&r->dirty) && !r->clearing;
	stats->out = r->out;
	stats->hits = r->hits;
	spin_unlock(&r->lock);
	for_each_possible_cpu(cpu)
		stats->misses += *per_cpu_ptr(r->misses, cpu);
}
EXPORT_SYMBOL_IF_KUNIT(qae_reserve_get);

static int init_reserve(struct reserve *r)
{
	spin_lock_init(&r->lock);
	INIT_LIST_HEAD(&r->clean);
	INIT_LIST_HEAD(&r->dirty);
	init_waitqueue_head(&r->cleared);
	kthread_init_work(&r->clear, clear_work);
	kthread_init_delayed_work(&r->refill, refill_work);
	r->misses = alloc_percpu(unsigned long);
	return r->misses ? 0 : -ENOMEM;
}

static void free_reserves(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++)
		free_percpu(reserves[node].misses);
	kvfree(reserves);
	reserves = NULL;
}

/**
 * qae_reserve_add_node() - memory came to a node
 * @node: the node; it has a worker
 *
 * It gets the default reserve when it is large enough, unless root has chosen another
 * target. If its memory had gone, its reserve fills again.
 *
 * Context: process context.
 */
void qae_reserve_add_node(int node)
{
	struct reserve *r = &reserves[node];

	spin_lock(&r->lock);
	if (!r->chosen && node_present_pages(node) >= DEFAULT_MIN_PAGES) {
		WRITE_ONCE(r->target, DEFAULT_REGIONS);
		r->chosen = true;
	}
	spin_unlock(&r->lock);
	kthread_queue_delayed_work(worker_of(r), &r->refill, 0);
}

/**
 * qae_reserve_init() - create the reserves; qae_reserve_add_node() fills them
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int qae_reserve_init(void)
{
	int node, err;

	reserves = kvcalloc(nr_node_ids, sizeof(*reserves), GFP_KERNEL);
	if (!reserves)
		return -ENOMEM;
	for (node = 0; node < nr_node_ids; node++) {
		err = init_reserve(&reserves[node]);
		if (err) {
			free_reserves();
			return err;
		}
	}
	return 0;
}

/* All regions are free, because none is in use any more. Call before qae_workers_exit(). */
void qae_reserve_exit(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++) {
		struct reserve *r = &reserves[node];

		if (!qae_worker_of(node))
			continue;
		WRITE_ONCE(r->target, 0);
		/* In this order: clearing can queue a refill. */
		kthread_flush_work(&r->clear);
		kthread_cancel_delayed_work_sync(&r->refill);
		drop_surplus(r);
		WARN_ON(r->free || r->out);
	}
	free_reserves();
}
