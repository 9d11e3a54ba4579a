// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: pinned, physically contiguous memory and its lifetime.
 *
 * Up to 4 MiB the pages are a compound page of the buddy allocator, so that a
 * short-lived reference to any one of them (a page walker) keeps the whole
 * alive until it is dropped, instead of a part of it. Larger regions are
 * single pages in a row, for which no reference is shared. Nothing that walks
 * page tables can get a lasting reference: see region_map.c.
 */
#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "trace.h"

/**
 * qae_region_max() - the largest region that this kernel can grant
 * Return: bytes.
 */
u64 qae_region_max(void)
{
	return IS_ENABLED(CONFIG_CONTIG_ALLOC) ? QAE_MAX_REGION_SIZE : QAE_BUDDY_MAX;
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_max);

/**
 * qae_region_check() - can such a region be?
 * @length: bytes
 * @alignment: bytes
 * @node: NUMA node or QAE_NODE_ANY
 *
 * Bounds of the raw values come first; after them no arithmetic overflows.
 *
 * Return: 0, -EINVAL, -ENXIO (no such node, or it has no memory), or -EOPNOTSUPP: this kernel
 * has no contiguous ranges, or memory is encrypted: a device would read ciphertext.
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

/* A charged region found no pages. Returns why, or 0: it has some now. */
static int no_pages(struct qae_region *region, int node, struct qae_refusal *refusal)
{
	int err;

	/* Its search ended where the signal met it, which tells nothing of the memory. */
	err = fatal_signal_pending(current) ? -EINTR : qae_pages_look_again(region, node);
	if (!err)
		return 0;
	qae_charge_cancel(region->client, node, region->size, err, refusal);
	return err;
}

/**
 * qae_region_alloc_within() - a zeroed region within the limits
 * @client: charged for it, NULL for the kernel
 * @length: bytes wanted
 * @alignment: of the device address, bytes
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller, within its cpuset
 * @refusal: set; QAE_LIMIT_NONE if no limit refused
 *
 * Context: process context, may sleep for long.
 * Return: the region with one reference, or an ERR_PTR: as qae_region_check(), -EDQUOT, -EINTR
 * (the caller is killed), or -ENOMEM, also for a node that is not in the cpuset of a client's
 * caller.
 */
struct qae_region *qae_region_alloc_within(struct qae_client *client, u64 length, u64 alignment,
					   int node, struct qae_refusal *refusal)
{
	int err = qae_region_check(length, alignment, node);
	struct qae_region *region;

	*refusal = (struct qae_refusal){ QAE_LIMIT_NONE };
	if (err)
		return ERR_PTR(err);
	/* As the page allocator has it. No memory is short, so this is no failure to be counted. */
	if (!qae_pages_may_use(client, node))
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
	if (!qae_pages_alloc(region, alignment, node)) {
		err = no_pages(region, node, refusal);
		if (err)
			goto err_free;
	}
	region->node = page_to_nid(region->pages);
	region->device_address = page_to_phys(region->pages);
	WARN_ON_ONCE(region->device_address & (alignment - 1));

	qae_charge_commit(client, region->node, region->size);
	trace_qae_region_alloc(client ? client->id : 0, region->size, region->node);
	return region;

err_free:
	kfree(region);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_alloc_within);

/**
 * qae_region_alloc() - qae_region_alloc_within() for who does not ask which limit refused
 * @client: as there
 * @length: as there
 * @alignment: as there
 * @node: as there
 *
 * Context: process context, may sleep for long.
 * Return: as there.
 */
struct qae_region *qae_region_alloc(struct qae_client *client, u64 length, u64 alignment, int node)
{
	struct qae_refusal refusal;

	return qae_region_alloc_within(client, length, alignment, node, &refusal);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_alloc);

static void forget(const struct qae_region *region)
{
	struct qae_client *client = region->client;

	trace_qae_region_free(client ? client->id : 0, region->size, region->node);
	qae_uncharge(client, region->node, region->size);
}

/*
 * Kept by the client as it is, or cleared by whoever frees: it is his content
 * and his time. The reserve clears by itself.
 */
static void release_now(struct kref *ref)
{
	struct qae_region *region = container_of(ref, struct qae_region, ref);
	struct qae_client *client = region->client;

	if (qae_pages_can_keep(region)) {
		/* Before: once it is the spare, another thread may take it apart. */
		forget(region);
		region->client = NULL;
		if (!qae_pages_keep(client, region))
			qae_laundry_add(region);
		return;
	}
	if (region->source != QAE_SOURCE_RESERVE)
		qae_pages_clear(region->pages, region->size);
	qae_pages_free(region);
	forget(region);
	kfree(region);
}

static void release_later(struct kref *ref)
{
	struct qae_region *region = container_of(ref, struct qae_region, ref);

	/* The client may be gone before the pages are. */
	forget(region);
	region->client = NULL;
	if (region->source != QAE_SOURCE_RESERVE) {
		qae_laundry_add(region);
		return;
	}
	qae_pages_free(region);
	kfree(region);
}

/**
 * qae_region_get() - one more reference
 * @region: that the caller has one of, or found under the lock of the table that has one
 */
void qae_region_get(struct qae_region *region)
{
	kref_get(&region->ref);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_get);

/**
 * qae_region_put() - one reference less; the last frees the pages, cleared
 * @region: the region
 *
 * Or makes them the client's spare, which keeps the content until it is used again or goes.
 *
 * Context: process context, nothing locked, may sleep. The region's client cannot go meanwhile.
 */
void qae_region_put(struct qae_region *region)
{
	might_sleep();
	kref_put(&region->ref, release_now);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_put);

/**
 * qae_region_put_later() - one reference less; what the last has to clear is cleared later
 * @region: the region
 *
 * For the exit of a process, which nothing should make long, and for
 * vm_ops->close, which runs under mmap_lock.
 *
 * Context: process context.
 */
void qae_region_put_later(struct qae_region *region)
{
	kref_put(&region->ref, release_later);
}
EXPORT_SYMBOL_IF_KUNIT(qae_region_put_later);

/**
 * qae_region_find() - a client's region by id
 * @client: the client
 * @id: its id there
 *
 * The table's own reference keeps the region until the lock is dropped, so a
 * MEM_FREE of another thread comes before or after, never between.
 *
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
