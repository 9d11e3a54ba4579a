/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Regions: the pinned memory that clients and kernel users have. Where the pages
 * come from: pages.h; who is charged for them, and within which limits: charge.h.
 */
#ifndef QAE_MEM_REGION_H
#define QAE_MEM_REGION_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/types.h>

#include <linux/qae.h>

struct file;
struct page;
struct qae_client;
struct qae_refusal;
struct vm_area_struct;

/* Where a region's pages come from, and return to. */
enum qae_source {
	QAE_SOURCE_BUDDY,	/* the page allocator, up to 4 MiB */
	QAE_SOURCE_RESERVE,	/* the node's reserve, 2 MiB */
	QAE_SOURCE_CONTIG,	/* a contiguous range, above 4 MiB */
};

/**
 * struct qae_region - pinned, physically contiguous, zeroed memory
 * @ref: its id (in a client or in kapi.c), each mapping
 * @pages: the first; with QAE_SOURCE_CONTIG of single pages, else head of a compound page
 * @size: bytes
 * @source: of @pages
 * @node: NUMA node they lie on
 * @device_address: of the first byte
 * @client: charged for it, or NULL for the kernel; outlives it, because a mapping holds
 *	the file and the file owns the client
 * @laundry: while it waits to be cleared
 *
 * A PFN mapping of RAM is sound only because each mapping holds a reference:
 * pages never leave while a user can reach them.
 */
struct qae_region {
	struct kref ref;
	struct page *pages;
	size_t size;
	enum qae_source source;
	int node;
	u64 device_address;
	struct qae_client *client;
	struct llist_node laundry;
};

static inline size_t qae_region_size(const struct qae_region *region)
{
	return region->size;
}

/* region.c */
struct qae_region *qae_region_alloc(struct qae_client *client, u64 length, u64 alignment, int node);
struct qae_region *qae_region_alloc_within(struct qae_client *client, u64 length, u64 alignment,
					   int node, struct qae_refusal *refusal);
void qae_region_get(struct qae_region *region);
void qae_region_put(struct qae_region *region);
void qae_region_put_later(struct qae_region *region);
struct qae_region *qae_region_find(struct qae_client *client, u32 id);
int qae_region_check(u64 length, u64 alignment, int node);
u64 qae_region_max(void);

/* region_map.c */
u64 qae_region_mmap_offset(u32 id);
int qae_region_mmap(struct file *file, struct vm_area_struct *vma);

/* kapi.c: the exported API is declared in qae_kapi.h */
void qae_kapi_exit(void);

#endif /* QAE_MEM_REGION_H */
