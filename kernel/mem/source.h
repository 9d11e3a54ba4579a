/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources of pages. pages.c chooses one for a request; the region remembers it, and
 * its pages go back there.
 */
#ifndef QAE_MEM_SOURCE_H
#define QAE_MEM_SOURCE_H

#include <linux/nodemask.h>
#include <linux/types.h>

struct page;
struct qae_contig_request;

/**
 * struct qae_page_request - one request for pages
 * @size: bytes, from qae_pages_size()
 * @charged: charge the memory cgroup of the caller and keep to its cpuset
 * @preferred: node to try first
 * @fallback: nodes to try after it, or NULL if the caller requested a node
 * @search: make an effort; without it, take what is at hand
 * @refused: set if the memory cgroup of the caller refused the last attempt
 * @contig: the search, NULL unless the request is for a contiguous range
 */
struct qae_page_request {
	size_t size;
	bool charged;
	int preferred;
	const nodemask_t *fallback;
	bool search;
	bool refused;
	struct qae_contig_request *contig;
};

/**
 * struct qae_page_source - where pages come from
 * @alloc: allocates zeroed pages; NULL if there are none. May sleep for long.
 * @free: takes pages back. May sleep; mmap_lock may be held.
 * @clears: takes them back uncleared, and clears them itself
 */
struct qae_page_source {
	struct page *(*alloc)(struct qae_page_request *req);
	void (*free)(struct page *pages, size_t size);
	bool clears;
};

extern const struct qae_page_source qae_buddy_source;	/* the page allocator, up to 4 MiB */
extern const struct qae_page_source qae_reserve_source;	/* the preferred node's reserve, 2 MiB */
extern const struct qae_page_source qae_contig_source;	/* a contiguous range, above 4 MiB */

#endif /* QAE_MEM_SOURCE_H */
