// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: pinned memory and its lifetime.
 *
 * Regions of up to 4 MiB are a compound page of the buddy allocator, so that a
 * short-lived reference to any page (by a page walker) keeps the whole compound
 * page alive until it is dropped, instead of a part of it. Larger regions are
 * ranges of order-0 pages, each with its own reference, or are made of compound pages
 * (pieces.c). Nothing that walks page tables can get a lasting reference: see
 * region_map.c.
 */
#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/pieces.h"
#include "mem/region.h"
#include "mem/source.h"
#include "trace.h"

/**
 * qae_region_max() - size of the largest region that this kernel supports
 *
 * Context: any.
 * Return: bytes.
 */
u64 qae_region_max(void)
{
	return IS_ENABLED(CONFIG_CONTIG_ALLOC) ? QAE_MAX_REGION_SIZE : QAE_BUDDY_MAX;
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_max);

/**
 * qae_region_check() - validate the parameters of a region
 * @length: bytes
 * @alignment: bytes
 * @node: NUMA node or QAE_NODE_ANY
 *
 * The bounds of the raw values are checked first, so that no later arithmetic overflows.
 *
 * Context: any.
 * Return: 0, -EINVAL, -ENXIO (no such node, or it has no memory), or -EOPNOTSUPP (this kernel
 * cannot allocate contiguous ranges, or memory is encrypted and a device would read ciphertext).
 */
int qae_region_check(u64 length, u64 alignment, int node)
{
	if (!length || length > QAE_MAX_REGION_SIZE)
		return -EINVAL;
	if (alignment > QAE_MAX_ALIGNMENT || !is_power_of_2(alignment))
		return -EINVAL;
	if (node != QAE_NODE_ANY &&
	    (node < 0 || node >= MAX_NUMNODES || !node_state(node, N_MEMORY)))
		return -ENXIO;
	if (length > qae_region_max() || cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return -EOPNOTSUPP;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_check);

/*
 * Show the pages where administrators look for pinned memory: in VmPin of the
 * process that allocates them, which need not be the one that opened the
 * descriptor. This is a display and no limit: RLIMIT_MEMLOCK, small for ordinary
 * users, would take the device away from those whom root let in; see charge.c for
 * the limits. After execve() the region is no longer shown, although the descriptor
 * may live on: its address space is gone.
 */
static void show_pinned(struct qae_region *region)
{
	struct mm_struct *mm = current->mm;

	if (!region->client || !mm)
		return;
	mmgrab(mm);
	atomic64_add(region->size >> PAGE_SHIFT, &mm->pinned_vm);
	region->mm = mm;
}

static void hide_pinned(struct qae_region *region)
{
	struct mm_struct *mm = region->mm;

	if (!mm)
		return;
	region->mm = NULL;
	atomic64_sub(region->size >> PAGE_SHIFT, &mm->pinned_vm);
	mmdrop(mm);
}

static int (*check_pages)(struct page *pages, size_t size);

/**
 * qae_region_set_check() - register a function that can refuse the pages of new regions
 * @check: returns 0, or a negative errno with which the allocation fails; must not sleep. NULL
 *	accepts all pages
 *
 * Context: process context, before the first region.
 */
void qae_region_set_check(int (*check)(struct page *pages, size_t size))
{
	check_pages = check;
}

/* Have the functions reach the pages. Nothing is done with pages that one does not reach. */
static int give_address(struct qae_region *region, u64 alignment)
{
	int err;

	/* Pieces are for functions behind IOMMUs only, which reach all memory. */
	if (region->pieces)
		return qae_space_map_pieces(&qae_space, &region->mapping, region->pieces->memory,
					    region->pieces->size, region->size, alignment);
	err = check_pages ? check_pages(region->pages, region->size) : 0;
	return err ?: qae_space_map(&qae_space, &region->mapping, page_to_phys(region->pages),
				    region->size, alignment);
}

/* Find pages for a charged region. On failure the charge is undone. */
static int find_pages(struct qae_region *region, u64 alignment, int node,
		      struct qae_refusal *refusal)
{
	int err = qae_pages_alloc(region, alignment, node);

	if (!err) {
		err = give_address(region, alignment);
		/* Still zero, so nothing is to be cleared. */
		if (err)
			qae_pages_free(region);
	}
	if (err)
		qae_charge_cancel(region->client, node, region->size, err, refusal);
	return err;
}

/**
 * qae_region_alloc_within() - allocate a zeroed region within the limits
 * @client: client to charge, NULL for the kernel
 * @length: requested bytes
 * @alignment: alignment of the device address in bytes
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller, within its cpuset
 * @refusal: set to the limit that refused, QAE_LIMIT_NONE if none did; @uncounted is the caller's
 *
 * Context: process context, may sleep for long.
 * Return: the region with one reference, or an ERR_PTR: an error of qae_region_check(), -EDQUOT,
 * -EINTR (the caller was killed), -EADDRNOTAVAIL (see qae_region_set_check()), or -ENOMEM, also if
 * the cpuset of the caller lacks @node.
 */
struct qae_region *qae_region_alloc_within(struct qae_client *client, u64 length, u64 alignment,
					   int node, struct qae_refusal *refusal)
{
	int err = qae_region_check(length, alignment, node);
	struct qae_region *region;

	*refusal = (struct qae_refusal){ QAE_LIMIT_NONE, .uncounted = refusal->uncounted };
	if (err)
		return ERR_PTR(err);
	/* Same error as from the page allocator. Memory is not short, so count no failure. */
	if (!qae_pages_node_allowed(client, node))
		return ERR_PTR(-ENOMEM);
	region = kzalloc(sizeof(*region), client ? GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);

	kref_init(&region->ref);
	region->client = client;
	region->size = qae_pages_size(length, alignment);
	err = qae_charge(client, region->size, refusal);
	if (err)
		goto err_free;
	err = find_pages(region, alignment, node, refusal);
	if (err)
		goto err_free;
	region->node = page_to_nid(region->pages);
	WARN_ON_ONCE(qae_region_address(region) & (alignment - 1));

	show_pinned(region);
	qae_charge_commit(client, region->node, region->size);
	trace_qae_region_alloc(client ? client->id : 0, region->size, region->node);
	return region;

err_free:
	kfree(region);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_alloc_within);

/**
 * qae_region_alloc() - qae_region_alloc_within() without the reason of a refusal
 * @client: client to charge, NULL for the kernel
 * @length: requested bytes
 * @alignment: alignment of the device address in bytes
 * @node: NUMA node or QAE_NODE_ANY
 *
 * Context: process context, may sleep for long.
 * Return: as qae_region_alloc_within().
 */
struct qae_region *qae_region_alloc(struct qae_client *client, u64 length, u64 alignment, int node)
{
	struct qae_refusal refusal = { QAE_LIMIT_NONE };

	return qae_region_alloc_within(client, length, alignment, node, &refusal);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_alloc);

static void uncharge(struct qae_region *region)
{
	struct qae_client *client = region->client;

	hide_pinned(region);
	trace_qae_region_free(client ? client->id : 0, region->size, region->node);
	qae_uncharge(client, region->node, region->size);
}

/*
 * Keep the region as the client's spare, uncleared, or clear it here, in the
 * freeing task's time, unless its source clears it.
 */
static void release_now(struct kref *ref)
{
	struct qae_region *region = container_of(ref, struct qae_region, ref);
	struct qae_client *client = region->client;

	/* Whatever becomes of the pages, no device reaches them from here on. */
	qae_space_unmap(&qae_space, &region->mapping);
	if (qae_pages_can_keep_spare(region)) {
		/* Uncharge first: once it is the spare, another thread may free it. */
		uncharge(region);
		region->client = NULL;
		if (!qae_pages_keep_spare(client, region))
			qae_clear_queue_add(region);
		return;
	}
	if (!qae_pages_are_cleared_later(region))
		qae_pages_clear_region(region);
	qae_pages_free(region);
	uncharge(region);
	kfree(region);
}

static void release_deferred(struct kref *ref)
{
	struct qae_region *region = container_of(ref, struct qae_region, ref);

	/* Not later with the clearing: the pages may not wait where a device reaches them. */
	qae_space_unmap(&qae_space, &region->mapping);
	/* The client may be destroyed before the pages are freed. */
	uncharge(region);
	region->client = NULL;
	if (!qae_pages_are_cleared_later(region)) {
		qae_clear_queue_add(region);
		return;
	}
	qae_pages_free(region);
	kfree(region);
}

/**
 * qae_region_get() - take a reference
 * @region: region that the caller has a reference to, or found under the lock of the table
 *	that has one
 *
 * Context: any.
 */
void qae_region_get(struct qae_region *region)
{
	kref_get(&region->ref);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_get);

/**
 * qae_region_put() - drop a reference
 * @region: the region
 *
 * The last reference clears and frees the pages, or makes them the client's spare, which keeps
 * the contents until it is used again or dropped.
 *
 * Context: process context, no lock held, may sleep. The client cannot be destroyed during the
 * call.
 */
void qae_region_put(struct qae_region *region)
{
	might_sleep();
	kref_put(&region->ref, release_now);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_put);

/**
 * qae_region_put_deferred() - drop a reference without clearing in the caller's time
 * @region: the region
 *
 * The last reference queues the pages to be cleared and freed. For the exit of a
 * process, which should be fast, and for vm_ops->close, which runs under mmap_lock.
 *
 * Context: process context.
 */
void qae_region_put_deferred(struct qae_region *region)
{
	kref_put(&region->ref, release_deferred);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_put_deferred);

/**
 * qae_region_find() - look up a region of a client
 * @client: the client
 * @id: id of the region in the client
 *
 * The reference of the table keeps the region until the lock is dropped, so a
 * MEM_FREE of another thread comes before or after, never in between.
 *
 * Context: any but interrupts.
 * Return: the region with a reference for the caller, or NULL.
 */
struct qae_region *qae_region_find(struct qae_client *client, u32 id)
{
	struct qae_region *region;

	xa_lock(&client->regions);
	region = xa_load(&client->regions, id);
	if (region)
		qae_region_get(region);
	xa_unlock(&client->regions);
	return region;
}
