// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of regions: which source, when cleared.
 *
 * Pages change owner twice, from the kernel to a client and back, and are
 * cleared once each time: coming, by the page allocator (__GFP_ZERO); going, by
 * us, because what the owner wrote may be keys and the kernel may keep the
 * pages as they are for long. What goes round in one client does not change its
 * owner: so a client that frees a region of 2 MiB keeps it, as it is, for its
 * next request. Whoever wants it clean clears it: that request, or the laundry
 * when the client goes or has no use for it. One for each client, and MAX_SPARES
 * in all, because spares count for no limit (they stay charged to the memory
 * cgroup of whoever had them allocated).
 */
#include <linux/cpuset.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "client.h"
#include "compat.h"
#include "mem/pages.h"
#include "mem/region.h"

static_assert(QAE_BUDDY_MAX == QAE_CONTIG_ABOVE);
static_assert(QAE_BUDDY_MAX <= (u64)MAX_ORDER_NR_PAGES << PAGE_SHIFT);
static_assert(QAE_MAX_ALIGNMENT <= QAE_BUDDY_MAX);
static_assert(QAE_MAX_REGION_SIZE % QAE_BLOCK_SIZE == 0);

#define MAX_SPARES	16

#define RESCHED_PAGES	16	/* cleared at a stretch: microseconds */

static atomic_t spares;

/**
 * qae_pages_size() - bytes that a region takes
 * @length: bytes wanted, within bounds
 * @alignment: of the device address, within bounds
 *
 * Up to QAE_BUDDY_MAX a power of two of pages that holds both: the buddy
 * allocator aligns a run to its size and to nothing else. Above, blocks of 2 MiB.
 *
 * Return: bytes.
 */
size_t qae_pages_size(u64 length, u64 alignment)
{
	if (length > QAE_BUDDY_MAX)
		return ALIGN(length, QAE_BLOCK_SIZE);
	return PAGE_SIZE << get_order(max(length, alignment));
}

/**
 * qae_pages_clear() - overwrite with zeroes
 * @pages: the first
 * @size: bytes
 *
 * Context: process context; nothing is locked but, perhaps, the caller's mmap_lock.
 */
void qae_pages_clear(struct page *pages, size_t size)
{
	unsigned long i;

	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		clear_highpage(pages + i);
		if (i % RESCHED_PAGES == RESCHED_PAGES - 1)
			cond_resched();
	}
}

/**
 * struct wish - pages that are looked for
 * @region: to be filled; @client and @size say for whom and how many
 * @alignment: of the device address, bytes
 * @near: node to look on first
 * @others: nodes to look on after it, or NULL: a node was asked for
 */
struct wish {
	struct qae_region *region;
	size_t alignment;
	int near;
	const nodemask_t *others;
};

/*
 * A client has the nodes of its caller's cpuset, a kernel user has them all.
 *
 * The cpuset may change meanwhile. Asked for one node, the mask says yes or no as
 * of before or after, both of which are right: the same as if the request had come
 * a moment sooner or later, and the page allocator looks again by itself. Only who
 * concludes from looking at several needs to know that they were of one time:
 * nearest().
 */
static const nodemask_t *allowed_nodes(const struct qae_client *client)
{
	return client ? &cpuset_current_mems_allowed : &node_states[N_MEMORY];
}

static int look_for_nearest(int here, const nodemask_t *allowed)
{
	int near = here;
	int node;

	for_each_node_state(node, N_MEMORY)
		if (node_isset(node, *allowed) &&
		    (near == here || node_distance(here, node) < node_distance(here, near)))
			near = node;
	return near;
}

/*
 * There is always one; but who looks while the mask goes from one node to another
 * may miss both. Not read_mems_allowed_begin(): the keys that it asks first are
 * not exported.
 */
static int nearest(int here, const nodemask_t *allowed)
{
#ifdef CONFIG_CPUSETS
	unsigned int seq;
	int near;

	do {
		seq = read_seqcount_begin(&current->mems_allowed_seq);
		near = look_for_nearest(here, allowed);
	} while (read_seqcount_retry(&current->mems_allowed_seq, seq));
	return near;
#else
	return look_for_nearest(here, allowed);
#endif
}

/* The caller's node, or the nearest to it that he may use. */
static int near_node(const nodemask_t *allowed)
{
	int here = numa_mem_id();

	return node_isset(here, *allowed) ? here : nearest(here, allowed);
}

static bool is_block(const struct wish *wish)
{
	return wish->region->size == QAE_BLOCK_SIZE;
}

static bool may_serve(const struct wish *wish, int node)
{
	return node == wish->near || (wish->others && node_isset(node, *wish->others));
}

/**
 * qae_pages_may_use() - may a client have memory of a node?
 * @client: whose request it is, NULL for the kernel
 * @node: NUMA node or QAE_NODE_ANY
 *
 * Context: the requesting process.
 * Return: its cpuset has the node.
 */
bool qae_pages_may_use(const struct qae_client *client, int node)
{
	return node == QAE_NODE_ANY || node_isset(node, *allowed_nodes(client));
}

/*
 * RETRY_MAYFAIL, because a caller that gets no memory has another way out
 * (smaller regions, unpinned memory) and no process should be killed for a
 * contiguous run. THISNODE, because a node was asked for, not suggested.
 * HARDWALL: without it the page allocator leaves the cpuset when it is short.
 */
static struct page *alloc_run(const struct wish *wish)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_COMP | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

	if (wish->region->client)
		gfp |= __GFP_ACCOUNT | __GFP_HARDWALL;
	if (!wish->others)
		gfp |= __GFP_THISNODE;
	return alloc_pages_node(wish->near, gfp, get_order(wish->region->size));
}

/* No lock: the client's threads take and leave it by exchange. */
static struct qae_region *take_spare(struct qae_client *client)
{
	struct qae_region *spare;

	if (!client || !READ_ONCE(client->spare))
		return NULL;
	spare = xchg(&client->spare, NULL);
	if (spare)
		atomic_dec(&spares);
	return spare;
}

/**
 * qae_pages_drop_spare() - give a client's spare back
 * @client: the client, or NULL
 *
 * Context: process context.
 * Return: it had one; it waits in the laundry now, or is clear already.
 */
bool qae_pages_drop_spare(struct qae_client *client)
{
	struct qae_region *spare = take_spare(client);

	if (spare)
		qae_laundry_add(spare);
	return spare;
}
EXPORT_SYMBOL_IF_KUNIT(qae_pages_drop_spare);

/**
 * qae_pages_can_keep() - may a region become its client's spare?
 * @region: the region, which nobody else has a reference of
 *
 * Not if someone has a page reference of his own: he could read the next content.
 *
 * Return: it may, if no other thread is faster.
 */
bool qae_pages_can_keep(const struct qae_region *region)
{
	return region->client && region->source == QAE_SOURCE_BUDDY &&
	       region->size == QAE_BLOCK_SIZE && !READ_ONCE(region->client->spare) &&
	       page_count(region->pages) == 1 && atomic_read(&spares) < MAX_SPARES;
}

/**
 * qae_pages_keep() - make a region its client's spare
 * @client: the client, which cannot go meanwhile
 * @region: uncharged, with its content; if kept, another thread may have freed it by now
 *
 * Return: kept.
 */
bool qae_pages_keep(struct qae_client *client, struct qae_region *region)
{
	if (atomic_inc_return(&spares) <= MAX_SPARES && !cmpxchg(&client->spare, NULL, region))
		return true;
	atomic_dec(&spares);
	return false;
}

static struct page *set_source(struct qae_region *region, struct page *page,
			       enum qae_source source)
{
	region->source = source;
	region->pages = page;
	return page;
}

/* A spare of another node than the one wanted now is in the way of the next. */
static bool try_spare(const struct wish *wish)
{
	struct qae_region *region = wish->region;
	struct qae_region *spare = take_spare(region->client);

	if (!spare)
		return false;
	if (spare->node != wish->near) {
		qae_laundry_add(spare);
		return false;
	}
	set_source(region, spare->pages, QAE_SOURCE_BUDDY);
	kfree(spare);
	qae_pages_clear(region->pages, region->size);
	return true;
}

static bool try_reserve(const struct wish *wish, int node)
{
	return set_source(wish->region, qae_reserve_take(node), QAE_SOURCE_RESERVE);
}

static bool try_kernel(const struct wish *wish)
{
	size_t size = wish->region->size;

	if (size > QAE_BUDDY_MAX)
		return set_source(wish->region,
				  qae_contig_alloc(size, max(wish->alignment, QAE_BLOCK_SIZE),
						   wish->near, wish->others), QAE_SOURCE_CONTIG);
	return set_source(wish->region, alloc_run(wish), QAE_SOURCE_BUDDY);
}

/* With no node asked for, the kernel's search went over all; so does this. */
static bool try_far_reserves(const struct wish *wish)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (node != wish->near && may_serve(wish, node) && try_reserve(wish, node))
			return true;
	return false;
}

/* For requests of 2 MiB: the client's spare, the reserve. */
static bool try_ready(const struct wish *wish)
{
	return is_block(wish) && (try_spare(wish) || try_reserve(wish, wish->near));
}

static bool try_rest(const struct wish *wish)
{
	qae_laundry_help(wish->near, wish->region->size);
	return try_kernel(wish) || (is_block(wish) && try_far_reserves(wish));
}

/*
 * The laundry of every node: it may be the caller's memory cgroup that refuses,
 * to which what waits is charged wherever it lies.
 */
static bool finish_what_waits(const struct wish *wish)
{
	/* Not told by the laundry: its worker may be faster than the loop below. */
	bool again = qae_pages_drop_spare(wish->region->client);
	int node;

	for_each_node_state(node, N_MEMORY) {
		again |= qae_laundry_finish(node);
		if (is_block(wish) && may_serve(wish, node))
			again |= qae_reserve_settle(node);
	}
	return again;
}

/**
 * qae_pages_alloc() - zeroed pages for a region
 * @region: with @client and @size; @pages and @source are filled
 * @alignment: of the device address, bytes
 * @node: NUMA node that the client may use, honoured strictly, or QAE_NODE_ANY: near the
 *	caller, within its cpuset
 *
 * Nobody is told that there is no memory while some waits to be cleared, or
 * lies in his own spare; nor because it was being cleared while he looked. Who
 * is killed meanwhile waits for nothing more.
 *
 * Context: process context, may sleep for long.
 * Return: there were such pages.
 */
bool qae_pages_alloc(struct qae_region *region, u64 alignment, int node)
{
	const nodemask_t *allowed = allowed_nodes(region->client);
	struct wish wish = {
		.region = region,
		.alignment = alignment,
		.near = node == QAE_NODE_ANY ? near_node(allowed) : node,
		.others = node == QAE_NODE_ANY ? allowed : NULL,
	};
	bool again;

	if (try_ready(&wish))
		return true;
	/* Before: by the time it has found nothing the worker may have cleared the last. */
	again = qae_laundry_waits();
	if (try_rest(&wish))
		return true;
	if (fatal_signal_pending(current))
		return false;
	again |= finish_what_waits(&wish);
	return again && (try_ready(&wish) || try_rest(&wish));
}

/**
 * qae_pages_look_again() - why were there none?
 * @region: for which qae_pages_alloc() found nothing; @pages and @source may be filled
 * @node: as there
 *
 * Was there memory, and the caller's cgroup refused it? The kernel takes pages
 * first and charges them second, so in that case they lie where they were
 * found, and taking them costs no search. If the cgroup takes the charge now,
 * they, or room in the cgroup, came free since: then they are the region's.
 *
 * Return: 0 with zeroed pages, -EDQUOT: the cgroup refuses, or -ENOMEM.
 */
int qae_pages_look_again(struct qae_region *region, int node)
{
	gfp_t gfp = __GFP_COMP | __GFP_NOWARN | __GFP_HARDWALL |
		    (node == QAE_NODE_ANY ? 0 : __GFP_THISNODE);
	unsigned int order = get_order(region->size);
	struct page *pages;

	if (!region->client || region->size > QAE_BUDDY_MAX)
		return -ENOMEM;
	pages = alloc_pages_node(node, gfp, order);
	if (!pages)
		return -ENOMEM;
	__free_pages(pages, order);
	pages = alloc_pages_node(node, gfp | __GFP_ZERO | __GFP_ACCOUNT, order);
	return set_source(region, pages, QAE_SOURCE_BUDDY) ? 0 : -EDQUOT;
}
EXPORT_SYMBOL_IF_KUNIT(qae_pages_look_again);

/**
 * qae_pages_free() - give pages back to where they come from
 * @region: the region; cleared, unless it is of the reserve
 */
void qae_pages_free(struct qae_region *region)
{
	switch (region->source) {
	case QAE_SOURCE_BUDDY:
		__free_pages(region->pages, get_order(region->size));
		break;
	case QAE_SOURCE_RESERVE:
		qae_reserve_put(region->pages);
		break;
	case QAE_SOURCE_CONTIG:
		qae_contig_free(region->pages, region->size);
		break;
	}
}

/**
 * qae_pages_init() - start the workers and fill the reserves
 * Return: 0 or a negative errno.
 */
int qae_pages_init(void)
{
	int err = qae_laundry_init();

	if (err)
		return err;
	err = qae_reserve_init();
	if (err)
		qae_laundry_exit();
	return err;
}

/** qae_pages_exit() - clear and give back what is left; nobody has a region any more */
void qae_pages_exit(void)
{
	qae_reserve_exit();
	qae_laundry_exit();
	WARN_ON(atomic_read(&spares));
}
