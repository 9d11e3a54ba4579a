// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: pinned, physically contiguous memory and its lifetime.
 *
 * The pages are a compound page of the buddy allocator, hence of a power of
 * two and aligned by nature to their size. Compound, so that a short-lived
 * reference to any one of them (a page walker, fast GUP on a 2 MiB entry)
 * keeps the whole alive until it is dropped, instead of a part of it.
 */
#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#include "kunit_export.h"
#include "qae.h"
#include "trace.h"

static_assert(QAE_MAX_REGION_SIZE <= (u64)MAX_ORDER_NR_PAGES << PAGE_SHIFT);
static_assert(QAE_MAX_ALIGNMENT <= (u64)MAX_ORDER_NR_PAGES << PAGE_SHIFT);

/**
 * qae_region_check() - can such a region be?
 * @length: bytes
 * @alignment: bytes
 * @node: NUMA node or QAE_NODE_ANY
 *
 * Bounds of the raw values come first; after them no arithmetic overflows.
 *
 * Return: 0, -EINVAL, -ENXIO (no such node, or it has no memory), or -EOPNOTSUPP where
 * memory is encrypted: a device would read ciphertext.
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
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return -EOPNOTSUPP;
	return 0;
}

QAE_EXPORT_FOR_KUNIT(qae_region_check);

/*
 * RETRY_MAYFAIL, because a caller that gets no memory has another way out
 * (smaller regions, unpinned memory) and no process should be killed for a
 * contiguous run. THISNODE, because a node was asked for, not suggested.
 */
static struct page *alloc_run(const struct qae_client *client, unsigned int order, int node)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_COMP | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

	if (client)
		gfp |= __GFP_ACCOUNT;
	if (node != QAE_NODE_ANY)
		gfp |= __GFP_THISNODE;
	return alloc_pages_node(node, gfp, order);
}

/*
 * After a charged allocation failed: was there memory, and the caller's memory
 * cgroup refused it? The kernel takes pages first and charges them second, so
 * in that case they lie where they were found, and taking them costs no search.
 */
static bool cgroup_refused(const struct qae_client *client, unsigned int order, int node)
{
	gfp_t gfp = __GFP_COMP | __GFP_NOWARN | (node == QAE_NODE_ANY ? 0 : __GFP_THISNODE);
	struct page *pages = client ? alloc_pages_node(node, gfp, order) : NULL;

	if (!pages)
		return false;
	__free_pages(pages, order);
	return true;
}

/* A charged region found no pages. Returns why. */
static int no_pages(const struct qae_region *region, int node, enum qae_limit *refused)
{
	size_t size = qae_region_size(region);

	qae_limit_uncharge(region->client, size);
	if (cgroup_refused(region->client, region->order, node)) {
		*refused = QAE_LIMIT_CGROUP;
		qae_limit_refused(region->client, size, *refused);
		return -EDQUOT;
	}
	qae_account_failure(node, size);
	return -ENOMEM;
}

/**
 * qae_region_alloc_within() - a zeroed region within the limits
 * @client: charged for it, NULL for the kernel
 * @length: bytes wanted
 * @alignment: of the device address, bytes
 * @node: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller
 * @refused: set to the limit that refused, or QAE_LIMIT_NONE
 *
 * The size is the next power of two of pages that holds both @length and
 * @alignment: the buddy allocator aligns a run to its size and to nothing else.
 *
 * Context: process context, may sleep for long.
 * Return: the region with one reference, or an ERR_PTR: as qae_region_check(), -EDQUOT, or
 * -ENOMEM.
 */
struct qae_region *qae_region_alloc_within(struct qae_client *client, u64 length, u64 alignment,
					   int node, enum qae_limit *refused)
{
	int err = qae_region_check(length, alignment, node);
	struct qae_region *region;

	*refused = QAE_LIMIT_NONE;
	if (err)
		return ERR_PTR(err);
	region = kzalloc(sizeof(*region), client ? GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);

	kref_init(&region->ref);
	region->client = client;
	region->order = get_order(max(length, alignment));
	err = qae_limit_charge(client, qae_region_size(region), refused);
	if (err)
		goto err_free;
	region->pages = alloc_run(client, region->order, node);
	if (!region->pages) {
		err = no_pages(region, node, refused);
		goto err_free;
	}
	region->node = page_to_nid(region->pages);
	region->device_address = page_to_phys(region->pages);
	WARN_ON_ONCE(region->device_address & (alignment - 1));

	qae_account_add(client, region->node, qae_region_size(region));
	trace_qae_region_alloc(client ? client->id : 0, qae_region_size(region), region->node);
	return region;

err_free:
	kfree(region);
	return ERR_PTR(err);
}

QAE_EXPORT_FOR_KUNIT(qae_region_alloc_within);

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
	enum qae_limit refused;

	return qae_region_alloc_within(client, length, alignment, node, &refused);
}

QAE_EXPORT_FOR_KUNIT(qae_region_alloc);

/*
 * Cleared here although every allocation is zeroed as well: the pages go back
 * to a kernel that hands them to anyone, and what the owner wrote may be keys.
 */
static void release(struct kref *ref)
{
	struct qae_region *region = container_of(ref, struct qae_region, ref);
	struct qae_client *client = region->client;
	size_t size = qae_region_size(region);
	unsigned int i;

	for (i = 0; i < 1U << region->order; i++) {
		clear_highpage(region->pages + i);
		cond_resched();
	}
	trace_qae_region_free(client ? client->id : 0, size, region->node);
	__free_pages(region->pages, region->order);
	qae_account_remove(client, region->node, size);
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

QAE_EXPORT_FOR_KUNIT(qae_region_get);

/**
 * qae_region_put() - one reference less; the last clears the content and frees the pages
 * @region: the region
 *
 * The last one may be that of a mapping, put in vm_ops->close under mmap_lock
 * held for writing. Sleeping is allowed there, and no lock is taken here.
 *
 * Context: process context, may sleep.
 */
void qae_region_put(struct qae_region *region)
{
	might_sleep();
	kref_put(&region->ref, release);
}

QAE_EXPORT_FOR_KUNIT(qae_region_put);

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
