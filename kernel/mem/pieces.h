/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions made of pieces: contiguous for devices only. See pieces.c. */
#ifndef QAE_MEM_PIECES_H
#define QAE_MEM_PIECES_H

#include <linux/types.h>

struct qae_page_request;

/**
 * struct qae_pieces - where the pieces of a region are
 * @size: bytes of each, a power of two; compound pages of the page allocator
 * @count: number of pieces
 * @memory: their physical addresses
 */
struct qae_pieces {
	size_t size;
	unsigned int count;
	u64 memory[];
};

struct qae_pieces *qae_pieces_alloc(struct qae_page_request *req);
void qae_pieces_clear(const struct qae_pieces *pieces);
void qae_pieces_free(struct qae_pieces *pieces);

/**
 * qae_pieces_pfn() - find a page of a region
 * @pieces: the pieces
 * @page: index of the page
 *
 * Return: its page frame number.
 */
static inline unsigned long qae_pieces_pfn(const struct qae_pieces *pieces, unsigned long page)
{
	unsigned long each = pieces->size >> PAGE_SHIFT;

	return (pieces->memory[page / each] >> PAGE_SHIFT) + page % each;
}

#endif /* QAE_MEM_PIECES_H */
