/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Regions: the pinned memory of clients and kernel users. For the source of their
 * pages see pages.h, for charging and limits see charge.h.
 */
#ifndef QAE_MEM_REGION_H
#define QAE_MEM_REGION_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/types.h>

#include <linux/qae.h>

#include "dma/space.h"

struct file;
struct mm_struct;
struct page;
struct qae_client;
struct qae_page_source;
struct qae_pieces;
struct qae_refusal;
struct vm_area_struct;

/**
 * struct qae_region - pinned, zeroed memory that is contiguous for devices
 * @ref: references: one of the id (in a client or in kapi.c), one of each mapping
 * @pages: first page: an order-0 page for a contiguous range, else head of a compound page
 * @pieces: pieces that the region is made of, which begin with @pages; NULL if it is contiguous
 * @size: bytes
 * @source: source of @pages, to which they return; not used with @pieces
 * @node: NUMA node of @pages
 * @mapping: its place in the address space; @mapping.range.address is the device address of the
 *	first byte. From the allocation to the last reference: a spare and a queued region have none
 * @client: client that is charged, NULL for the kernel; outlives the region, because a mapping
 *	holds the file and the file owns the client
 * @mm: address space of the process that allocated the region, whose VmPin shows its pages; NULL
 *	if the kernel did; counted reference (mmgrab), because the process may be gone long before
 * @clear_link: entry of the clear queue
 *
 * A PFN mapping of RAM is sound only because each mapping holds a reference:
 * pages are never freed while user space can reach them.
 */
struct qae_region {
	struct kref ref;
	struct page *pages;
	struct qae_pieces *pieces;
	size_t size;
	const struct qae_page_source *source;
	int node;
	struct qae_mapping mapping;
	struct qae_client *client;
	struct mm_struct *mm;
	struct llist_node clear_link;
};

static inline u64 qae_region_address(const struct qae_region *region)
{
	return region->mapping.range.address;
}

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
void qae_region_put_deferred(struct qae_region *region);
struct qae_region *qae_region_find(struct qae_client *client, u32 id);
void qae_region_set_check(int (*check)(struct page *pages, size_t size));
int qae_region_check(u64 length, u64 alignment, int node);
u64 qae_region_max(void);

/* region_map.c */
u64 qae_region_mmap_offset(u32 id);
int qae_region_mmap(struct file *file, struct vm_area_struct *vma);

/* kapi.c: the exported API is declared in qae_kapi.h */
void qae_kapi_exit(void);

#endif /* QAE_MEM_REGION_H */
