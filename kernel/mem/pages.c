// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of regions: which source they come from, and when they are cleared.
 *
 * Pages change owner twice, from the kernel to a client and back, and are cleared
 * once each time: on the way in by the page allocator (__GFP_ZERO); on the way
 * out by this module, because the owner may have stored keys in them and the
 * kernel may leave freed pages as they are for long. Pages that stay with one
 * client do not change owner: see spare.c.
 */
#include <linux/cpuset.h>
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
#include "mem/contig.h"
#include "mem/hotplug.h"
#include "mem/pages.h"
#include "mem/pieces.h"
#include "mem/region.h"
#include "mem/shrinker.h"
#include "mem/source.h"
#include "mem/worker.h"

static_assert(QAE_BUDDY_MAX == QAE_CONTIG_ABOVE);
static_assert(QAE_BUDDY_MAX <= (u64)MAX_ORDER_NR_PAGES << PAGE_SHIFT);
static_assert(QAE_MAX_ALIGNMENT <= QAE_BUDDY_MAX);
static_assert(QAE_MAX_REGION_SIZE % QAE_BLOCK_SIZE == 0);

/**
 * qae_pages_size() - size of the pages of a region
 * @length: requested bytes, within bounds
 * @alignment: alignment of the device address, within bounds
 *
 * Up to QAE_BUDDY_MAX the size is a power of two of pages that covers both
 * arguments, because the buddy allocator aligns a run to its size. Above, it is a
 * multiple of 2 MiB.
 *
 * Context: any.
 * Return: bytes.
 */
size_t qae_pages_size(u64 length, u64 alignment)
{
	if (length > QAE_BUDDY_MAX)
		return ALIGN(length, QAE_BLOCK_SIZE);
	return PAGE_SIZE << get_order(max(length, alignment));
}

/**
 * struct alloc_request - one request for the pages of a region
 * @region: region to fill
 * @pages: what the sources are asked for
 */
struct alloc_request {
	struct qae_region *region;
	struct qae_page_request pages;
};

/*
 * A client may use the nodes of its caller's cpuset, a kernel user all nodes.
 *
 * The cpuset can change at any time. A test of one node sees the old or the new
 * mask, and both are right: the request might as well have come a moment sooner or
 * later, and the page allocator checks again. Only nearest_allowed(), which
 * compares several nodes, needs a consistent snapshot of the mask.
 */
static const nodemask_t *allowed_nodes(const struct qae_client *client)
{
	return client ? &cpuset_current_mems_allowed : &node_states[N_MEMORY];
}

static int find_nearest(int here, const nodemask_t *allowed)
{
	int nearest = here;
	int node;

	for_each_node_state(node, N_MEMORY)
		if (node_isset(node, *allowed) &&
		    (nearest == here ||
		     node_distance(here, node) < node_distance(here, nearest)))
			nearest = node;
	return nearest;
}

/*
 * The mask is never empty, but a reader that races with an update may see neither
 * the old nor the new node. read_mems_allowed_begin() cannot be used: the static
 * keys that it tests are not exported.
 */
static int nearest_allowed(int here, const nodemask_t *allowed)
{
#ifdef CONFIG_CPUSETS
	unsigned int seq;
	int nearest;

	do {
		seq = read_seqcount_begin(&current->mems_allowed_seq);
		nearest = find_nearest(here, allowed);
	} while (read_seqcount_retry(&current->mems_allowed_seq, seq));
	return nearest;
#else
	return find_nearest(here, allowed);
#endif
}

/* The caller's node, or the nearest one that the caller may use. */
static int preferred_node(const nodemask_t *allowed)
{
	int here = numa_mem_id();

	return node_isset(here, *allowed) ? here : nearest_allowed(here, allowed);
}

static bool is_block(const struct alloc_request *req)
{
	return req->pages.size == QAE_BLOCK_SIZE;
}

static bool is_range(const struct alloc_request *req)
{
	return req->pages.size > QAE_BUDDY_MAX;
}

/*
 * Kernel users have their memory in one run, because they use the kernel's own mapping
 * of it.
 */
static bool may_have_pieces(const struct alloc_request *req)
{
	return is_range(req) && req->region->client && qae_space_gives_iovas(&qae_space);
}

static bool node_usable(const struct alloc_request *req, int node)
{
	return node == req->pages.preferred ||
	       (req->pages.fallback && node_isset(node, *req->pages.fallback));
}

/**
 * qae_pages_node_allowed() - check a node against the cpuset of the caller
 * @client: client that requests memory, NULL for the kernel
 * @node: NUMA node or QAE_NODE_ANY
 *
 * Context: the requesting process.
 * Return: true if @client may have memory of @node.
 */
bool qae_pages_node_allowed(const struct qae_client *client, int node)
{
	return node == QAE_NODE_ANY || node_isset(node, *allowed_nodes(client));
}

static bool set_pages(struct qae_region *region, struct page *pages,
		      const struct qae_page_source *source)
{
	region->source = source;
	region->pages = pages;
	return pages;
}

static bool try_source(struct alloc_request *req, const struct qae_page_source *source)
{
	return set_pages(req->region, source->alloc(&req->pages), source);
}

/*
 * Drop a spare on the wrong node, because it would block the slot for the next one,
 * and one with a hardware-poisoned page.
 */
static bool try_spare(const struct alloc_request *req)
{
	struct qae_region *region = req->region;
	struct qae_region *spare = qae_pages_take_spare(region->client);

	if (!spare)
		return false;
	if (spare->node != req->pages.preferred || qae_pages_poisoned(spare->pages, spare->size)) {
		qae_clear_queue_add(spare);
		return false;
	}
	set_pages(region, spare->pages, spare->source);
	kfree(spare);
	qae_pages_clear(region->pages, region->size);
	return true;
}

/* Without a requested node the page allocator tried all nodes; so does this. */
static bool try_remote_reserves(const struct alloc_request *req)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (node != req->pages.preferred && node_usable(req, node) &&
		    set_pages(req->region, qae_reserve_take(node), &qae_reserve_source))
			return true;
	return false;
}

/* Takes what is there already; for requests of 2 MiB first the client's spare and the reserve. */
static bool try_at_hand(struct alloc_request *req)
{
	if (is_range(req))
		return false;
	if (is_block(req) && (try_spare(req) || try_source(req, &qae_reserve_source)))
		return true;
	req->pages.search = false;
	return try_source(req, &qae_buddy_source);
}

/*
 * A region of the reserve that the worker is clearing is at hand sooner than a search
 * ends. Besides, a search can make the kernel reclaim memory, which may take that
 * region away from the reserve as soon as it is clear.
 */
static bool try_being_cleared(struct alloc_request *req)
{
	return is_block(req) && qae_reserve_flush(req->pages.preferred) &&
	       try_source(req, &qae_reserve_source);
}

static bool try_pieces(struct alloc_request *req)
{
	struct qae_region *region = req->region;

	region->pieces = qae_pieces_alloc(&req->pages);
	if (region->pieces)
		region->pages = pfn_to_page(qae_pieces_pfn(region->pieces, 0));
	return region->pieces;
}

static bool try_search(struct alloc_request *req)
{
	if (!req->pages.contig && is_range(req))
		return try_pieces(req);
	if (is_range(req))
		return try_source(req, &qae_contig_source);
	req->pages.search = true;
	return try_source(req, &qae_buddy_source) || (is_block(req) && try_remote_reserves(req));
}

/*
 * Flush the queues of all nodes, not only of those that can serve the request: if
 * the memory cgroup of the caller refused, queued regions on any node are charged
 * to it. Returns whether memory was freed, so that a retry makes sense.
 */
static bool flush_deferred(const struct alloc_request *req)
{
	/* Remember the spare: the worker may free it before qae_clear_queue_flush() looks. */
	bool retry = qae_pages_drop_spare(req->region->client);
	int node;

	for_each_node_state(node, N_MEMORY) {
		retry |= qae_clear_queue_flush(node);
		if (is_block(req) && node_usable(req, node))
			retry |= qae_reserve_flush(node);
	}
	return retry;
}

static bool try_all(struct alloc_request *req)
{
	bool retry;

	if (try_at_hand(req))
		return true;
	/* Check before: the worker may free the last region during a failed attempt. */
	retry = qae_clear_queue_pending();
	if (try_being_cleared(req) || try_search(req))
		return true;
	if (fatal_signal_pending(current))
		return false;
	retry |= flush_deferred(req);
	return retry && (try_at_hand(req) || try_search(req));
}

/**
 * qae_pages_alloc() - allocate zeroed pages for a region
 * @region: region with @client and @size set; @pages and @source are filled in
 * @alignment: alignment of the device address in bytes
 * @node: NUMA node that the client may use, honoured strictly, or QAE_NODE_ANY: near the
 *	caller, within its cpuset
 *
 * Does not fail while memory is queued for clearing, held as the caller's spare,
 * or was being cleared during the first attempt. A fatal signal ends the wait.
 *
 * Context: process context, may sleep for long.
 * Return: 0, -EDQUOT (the memory cgroup of the caller refuses), -ENOMEM, or -EINTR (a fatal signal
 * cut the search short, so that the failure says nothing about memory).
 */
int qae_pages_alloc(struct qae_region *region, u64 alignment, int node)
{
	const nodemask_t *allowed = allowed_nodes(region->client);
	struct qae_contig_request contig;
	struct alloc_request req = {
		.region = region,
		.pages = {
			.size = region->size,
			.charged = region->client,
			.preferred = node == QAE_NODE_ANY ? preferred_node(allowed) : node,
			.fallback = node == QAE_NODE_ANY ? allowed : NULL,
		},
	};
	bool found;

	if (is_range(&req) && !may_have_pieces(&req)) {
		req.pages.contig = &contig;
		qae_contig_begin(&contig, region->size, alignment, req.pages.preferred,
				 req.pages.fallback);
		found = try_all(&req);
		qae_contig_end(&contig, found);
	} else {
		found = try_all(&req);
	}
	if (found)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	return req.pages.refused ? -EDQUOT : -ENOMEM;
}

/**
 * qae_pages_are_cleared_later() - check who clears the pages of a region
 * @region: the region
 *
 * Context: any.
 * Return: true if their source clears them after qae_pages_free(), false if the caller has to
 * before it.
 */
bool qae_pages_are_cleared_later(const struct qae_region *region)
{
	return !region->pieces && region->source->clears;
}

/**
 * qae_pages_clear_region() - overwrite the pages of a region with zeroes
 * @region: the region
 *
 * Context: as qae_pages_clear().
 */
void qae_pages_clear_region(struct qae_region *region)
{
	if (region->pieces)
		qae_pieces_clear(region->pieces);
	else
		qae_pages_clear(region->pages, region->size);
}

/**
 * qae_pages_free() - give the pages of a region back to where they came from
 * @region: region that no device reaches; cleared, unless qae_pages_are_cleared_later()
 *
 * Context: process context, may sleep; mmap_lock may be held.
 */
void qae_pages_free(struct qae_region *region)
{
	if (region->pieces)
		qae_pieces_free(region->pieces);
	else
		region->source->free(region->pages, region->size);
}

/**
 * qae_pages_init() - start the workers, begin to fill the reserves, register the shrinkers
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int qae_pages_init(void)
{
	int err = qae_workers_init();

	if (err)
		return err;
	err = qae_contig_init();
	if (err)
		goto err_workers;
	err = qae_clear_queue_init();
	if (err)
		goto err_contig;
	err = qae_reserve_init();
	if (err)
		goto err_queue;
	err = qae_shrinker_init();
	if (err)
		goto err_reserve;
	err = qae_hotplug_init();
	if (err)
		goto err_shrinker;
	return 0;

err_shrinker:
	qae_shrinker_exit();
err_reserve:
	qae_reserve_exit();
err_queue:
	qae_clear_queue_exit();
err_contig:
	qae_contig_exit();
err_workers:
	qae_workers_exit();
	return err;
}

/* Clears and frees what is left. No region is in use any more. */
void qae_pages_exit(void)
{
	qae_hotplug_exit();
	qae_shrinker_exit();
	qae_reserve_exit();
	qae_clear_queue_exit();
	qae_contig_exit();
	qae_workers_exit();
	WARN_ON(qae_pages_spares());
}
