/* SPDX-License-Identifier: GPL-2.0-only */
/* The search for contiguous ranges: see contig.c. They go back by qae_contig_source. */
#ifndef QAE_MEM_CONTIG_H
#define QAE_MEM_CONTIG_H

#include <linux/nodemask.h>
#include <linux/types.h>

struct page;

/**
 * struct qae_contig_request - one request for a contiguous range
 * @size: bytes, a multiple of QAE_BLOCK_SIZE
 * @alignment: alignment of the start in bytes, at least QAE_BLOCK_SIZE
 * @preferred: NUMA node to search first
 * @fallback: nodes to search after it, or NULL for none
 * @budget: pages that may still be moved for this request
 * @moved: pages moved or dropped so far
 * @tries: ranges that the kernel was asked to empty so far
 *
 * A request may search more than once: qae_contig_begin(), qae_contig_alloc() until there
 * is no reason to try again, qae_contig_end().
 */
struct qae_contig_request {
	size_t size;
	size_t alignment;
	int preferred;
	const nodemask_t *fallback;
	unsigned long budget;
	unsigned long moved;
	unsigned int tries;
};

void qae_contig_begin(struct qae_contig_request *req, size_t size, size_t alignment, int preferred,
		      const nodemask_t *fallback);
struct page *qae_contig_alloc(struct qae_contig_request *req);
void qae_contig_end(struct qae_contig_request *req, bool found);
void qae_contig_drain(void);
int qae_contig_init(void);
void qae_contig_exit(void);

#endif /* QAE_MEM_CONTIG_H */
