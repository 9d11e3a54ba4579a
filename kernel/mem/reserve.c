// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve: regions of 2 MiB set aside on each node while memory was not
 * fragmented, so that they can still be had when it is, and at once.
 *
 * No cgroup can be charged for them: the kernel exports no function that
 * charges pages after they were allocated. So they are a gift of root to all,
 * and its size is the bound: free ones and those handed out together never
 * exceed the target, and what is handed out is not replaced. After the target
 * was lowered they go as they come back.
 *
 * A region that comes back is dirty. The node's worker clears it; an
 * allocation that finds nothing clean takes a dirty one and clears it itself.
 * Either way once, and never under the lock, which covers list operations only.
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

#include "compat.h"
#include "mem/pages.h"
#include "mem/reserve.h"

#define RETRY_FIRST	HZ
#define RETRY_LAST	(64 * HZ)

/*
 * What a node has unless told otherwise: as much as the library keeps pinned
 * when idle (8 MiB), under one percent of the smallest node that gets it. A
 * smaller node gets none: there it would be missed more than it is of use.
 */
#define DEFAULT_REGIONS		4
#define DEFAULT_MIN_PAGES	(SZ_1G >> PAGE_SHIFT)

/**
 * struct reserve - of one node
 * @lock: guards all up to @hits; held for list operations only
 * @clean: zeroed regions, by page->lru
 * @dirty: those that came back and are not cleared yet
 * @target: regions wanted, handed out ones included
 * @free: regions in @clean and @dirty, and the one that the worker clears
 * @out: regions handed out
 * @clearing: the worker clears one: neither list has it
 * @hits: requests that were served
 * @misses: requests that found nothing, by processor: one that finds nothing writes to no
 *	line that others use
 * @delay: how long refilling waits after it failed, in jiffies; the worker's own
 * @clear: clears @dirty and drops what exceeds @target
 * @refill: allocates one of what is missing, and queues itself while there is more
 */
struct reserve {
	spinlock_t lock;	/* all up to @hits */
	struct list_head clean;
	struct list_head dirty;
	u32 target;
	u32 free;
	u32 out;
	bool clearing;
	u64 hits;
	unsigned long __percpu *misses;
	unsigned long delay;
	struct kthread_work clear;
	struct kthread_delayed_work refill;
} ____cacheline_aligned_in_smp;

static struct reserve *reserves;

/* NULL: no such node, or it has no memory, or had none when the module was loaded. */
static struct reserve *reserve_of(int node)
{
	if (!reserves || node < 0 || node >= nr_node_ids || !qae_laundry_worker(node))
		return NULL;
	return &reserves[node];
}

static struct kthread_worker *worker_of(const struct reserve *r)
{
	return qae_laundry_worker(r - reserves);
}

static bool is_short(const struct reserve *r)
{
	return r->free + r->out < r->target;
}

/* A clean region if there is one, else a dirty one, else NULL. Caller holds the lock. */
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

/* One region too many, or NULL. */
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
		__free_pages(page, QAE_BLOCK_ORDER);
		cond_resched();
	}
}

static void clear_work(struct kthread_work *work)
{
	struct reserve *r = container_of(work, struct reserve, clear);
	struct page *page;

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

		spin_lock(&r->lock);
		list_add(&page->lru, &r->clean);
		WRITE_ONCE(r->clearing, false);
		spin_unlock(&r->lock);
	}
}

/* One region more; false: nothing is missing, or there is no memory for it. */
static bool refill_one(struct reserve *r)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_COMP | __GFP_NOWARN | __GFP_RETRY_MAYFAIL |
		    __GFP_THISNODE;
	struct page *page;
	bool wanted;

	spin_lock(&r->lock);
	wanted = is_short(r);
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

	/* Looked at again: the target may be lower by now. */
	spin_lock(&r->lock);
	wanted = is_short(r);
	if (wanted) {
		list_add(&page->lru, &r->clean);
		WRITE_ONCE(r->free, r->free + 1);
	}
	spin_unlock(&r->lock);
	if (!wanted)
		__free_pages(page, QAE_BLOCK_ORDER);
	return wanted;
}

/*
 * One region each time: the search for it may take long, and the worker's other
 * work, which an allocation may wait for, shall wait for no more than one.
 */
static void refill_work(struct kthread_work *work)
{
	struct reserve *r = container_of(work, struct reserve, refill.work);

	if (refill_one(r))
		kthread_queue_delayed_work(worker_of(r), &r->refill, 0);
}

static struct page *hand_out(struct reserve *r, bool *dirty)
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

/**
 * qae_reserve_take() - a zeroed region of the reserve
 * @node: whose
 *
 * Context: process context, may sleep.
 * Return: head of a compound page of QAE_BLOCK_SIZE, to be given to qae_reserve_put(), or
 * NULL.
 */
struct page *qae_reserve_take(int node)
{
	struct reserve *r = reserve_of(node);
	struct page *page = NULL;
	bool dirty;

	/* Both without the lock, which is taken only where there is something to have. */
	if (!r || !READ_ONCE(r->target))
		return NULL;
	if (READ_ONCE(r->free))
		page = hand_out(r, &dirty);
	if (!page) {
		this_cpu_inc(*r->misses);
		return NULL;
	}
	if (dirty)
		qae_pages_clear(page, QAE_BLOCK_SIZE);
	return page;
}

/**
 * qae_reserve_put() - a region came back, as its owner left it
 * @page: as qae_reserve_take() gave it; nothing maps it any more
 *
 * Whoever still has a page reference of his own could read what the next owner
 * writes. Then the pages go to the kernel, which frees them with that reference.
 *
 * Context: process context; with mmap_lock held from vm_ops->close.
 */
void qae_reserve_put(struct page *page)
{
	struct reserve *r = &reserves[page_to_nid(page)];
	bool shared = page_count(page) != 1;

	if (shared) {
		qae_pages_clear(page, QAE_BLOCK_SIZE);
		__free_pages(page, QAE_BLOCK_ORDER);
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

/**
 * qae_reserve_settle() - wait for the region that the worker clears, if there is one
 * @node: whose
 *
 * The answer is not whether there was one: the worker may have finished it after
 * the caller's qae_reserve_take() and before this call.
 *
 * Return: there is a free region now, so that trying again is worth it.
 */
bool qae_reserve_settle(int node)
{
	struct reserve *r = reserve_of(node);

	if (!r || !READ_ONCE(r->target))
		return false;
	if (READ_ONCE(r->clearing))
		kthread_flush_work(&r->clear);
	return READ_ONCE(r->free);
}

/**
 * qae_reserve_check() - may a node's reserve be so large?
 * @node: NUMA node
 * @regions: of 2 MiB
 * Return: 0, -ENXIO (no such node, or without memory), or -EINVAL (more than the node has).
 */
int qae_reserve_check(int node, u32 regions)
{
	if (!reserve_of(node))
		return -ENXIO;
	return regions > node_present_pages(node) >> QAE_BLOCK_ORDER ? -EINVAL : 0;
}

/**
 * qae_reserve_set() - how many regions a node's reserve has, handed out ones included
 * @node: NUMA node
 * @regions: of 2 MiB; 0: no reserve
 *
 * Returns before the reserve is filled; that takes as long as memory is short.
 *
 * Context: process context.
 * Return: 0, or as qae_reserve_check().
 */
int qae_reserve_set(int node, u32 regions)
{
	struct reserve *r = reserve_of(node);
	int err = qae_reserve_check(node, regions);

	if (err)
		return err;

	spin_lock(&r->lock);
	WRITE_ONCE(r->target, regions);
	spin_unlock(&r->lock);
	kthread_queue_work(worker_of(r), &r->clear);
	kthread_mod_delayed_work(worker_of(r), &r->refill, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_reserve_set);

/**
 * qae_reserve_get() - the state of a node's reserve
 * @node: NUMA node
 * @stats: filled; all zero for a node that has none
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
 * qae_reserve_init() - a reserve for each node that has a worker; filling begins
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
	for (node = 0; node < nr_node_ids; node++)
		if (qae_laundry_worker(node) && node_present_pages(node) >= DEFAULT_MIN_PAGES)
			qae_reserve_set(node, DEFAULT_REGIONS);
	return 0;
}

/** qae_reserve_exit() - all is free, because nobody has a region any more */
void qae_reserve_exit(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++) {
		struct reserve *r = &reserves[node];

		if (!qae_laundry_worker(node))
			continue;
		WRITE_ONCE(r->target, 0);
		kthread_cancel_delayed_work_sync(&r->refill);
		kthread_flush_work(&r->clear);
		drop_surplus(r);
		WARN_ON(r->free || r->out);
	}
	free_reserves();
}
