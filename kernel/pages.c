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
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "kunit_export.h"
#include "pages.h"
#include "qae.h"

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

/*
 * RETRY_MAYFAIL, because a caller that gets no memory has another way out
 * (smaller regions, unpinned memory) and no process should be killed for a
 * contiguous run. THISNODE, because a node was asked for, not suggested.
 */
static struct page *alloc_run(const struct qae_client *client, size_t size, int node)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_COMP | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

	if (client)
		gfp |= __GFP_ACCOUNT;
	if (node != QAE_NODE_ANY)
		gfp |= __GFP_THISNODE;
	return alloc_pages_node(node, gfp, get_order(size));
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
 */
void qae_pages_drop_spare(struct qae_client *client)
{
	struct qae_region *spare = take_spare(client);

	if (spare)
		qae_laundry_add(spare);
}

QAE_EXPORT_FOR_KUNIT(qae_pages_drop_spare);

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
static bool try_spare(struct qae_region *region, int near)
{
	struct qae_region *spare = take_spare(region->client);

	if (!spare)
		return false;
	if (spare->node != near) {
		qae_laundry_add(spare);
		return false;
	}
	set_source(region, spare->pages, QAE_SOURCE_BUDDY);
	kfree(spare);
	qae_pages_clear(region->pages, region->size);
	return true;
}

static bool try_ready(struct qae_region *region, int near)
{
	return try_spare(region, near) ||
	       set_source(region, qae_reserve_take(near), QAE_SOURCE_RESERVE);
}

static bool try_kernel(struct qae_region *region, size_t alignment, int node)
{
	if (region->size > QAE_BUDDY_MAX)
		return set_source(region,
				  qae_contig_alloc(region->size, max(alignment, QAE_BLOCK_SIZE),
						   node), QAE_SOURCE_CONTIG);
	return set_source(region, alloc_run(region->client, region->size, node), QAE_SOURCE_BUDDY);
}

/* With no node asked for, the kernel's search went over all; so does this. */
static bool try_far_reserves(struct qae_region *region, int near)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (node != near && set_source(region, qae_reserve_take(node), QAE_SOURCE_RESERVE))
			return true;
	return false;
}

/**
 * qae_pages_alloc() - zeroed pages for a region
 * @region: with @client and @size; @pages and @source are filled
 * @alignment: of the device address, bytes
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller
 *
 * What is ready first, for requests of 2 MiB: the client's spare, the reserve.
 * Nobody is told that there is no memory while some waits to be cleared, or
 * lies in his own spare.
 *
 * Context: process context, may sleep for long.
 * Return: there were such pages.
 */
bool qae_pages_alloc(struct qae_region *region, u64 alignment, int node)
{
	int near = node == QAE_NODE_ANY ? numa_mem_id() : node;
	bool block = region->size == QAE_BLOCK_SIZE;
	bool again;

	if (block && try_ready(region, near))
		return true;
	qae_laundry_help(near, region->size);
	if (try_kernel(region, alignment, node))
		return true;
	if (block && node == QAE_NODE_ANY && try_far_reserves(region, near))
		return true;

	qae_pages_drop_spare(region->client);
	again = qae_laundry_finish(near);
	again |= block && qae_reserve_settle(near);
	return again && ((block && try_ready(region, near)) || try_kernel(region, alignment, node));
}

/**
 * qae_pages_cgroup_refused() - was it the memory cgroup?
 * @region: for which qae_pages_alloc() found nothing
 * @node: as there
 *
 * Was there memory, and the caller's cgroup refused it? The kernel takes pages
 * first and charges them second, so in that case they lie where they were
 * found, and taking them costs no search.
 */
bool qae_pages_cgroup_refused(const struct qae_region *region, int node)
{
	gfp_t gfp = __GFP_COMP | __GFP_NOWARN | (node == QAE_NODE_ANY ? 0 : __GFP_THISNODE);
	unsigned int order = get_order(region->size);
	struct page *pages;

	if (!region->client || region->size > QAE_BUDDY_MAX)
		return false;
	pages = alloc_pages_node(node, gfp, order);
	if (!pages)
		return false;
	__free_pages(pages, order);
	return true;
}

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
