// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions made of pieces. Behind an IOMMU what a device sees in one run need not be one
 * in memory. So a region that is larger than what the page allocator gives is put
 * together of what it does give: no other process's page has to be moved, fragmented
 * memory is good enough, and the memory cgroup of the caller is charged.
 *
 * All pieces of a region have one size: 2 MiB, which is one large entry for the IOMMU and
 * for the processor, or else 64 KiB, or else single pages.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "compat.h"
#include "mem/pages.h"
#include "mem/pieces.h"
#include "mem/source.h"

static const size_t sizes[] = { QAE_BLOCK_SIZE, SZ_64K, PAGE_SIZE };

static struct page *piece_page(const struct qae_pieces *pieces, unsigned int i)
{
	return pfn_to_page(pieces->memory[i] >> PAGE_SHIFT);
}

/* Takes what is at hand, and searches only if nothing is. */
static struct page *alloc_piece(struct qae_page_request *one)
{
	struct page *page;

	one->search = false;
	page = qae_buddy_source.alloc(one);
	if (page)
		return page;
	one->search = true;
	return qae_buddy_source.alloc(one);
}

/* Fills the list, or leaves it in part. If the cgroup refused, @req says so. */
static bool fill(struct qae_pieces *pieces, struct qae_page_request *req, unsigned int count)
{
	struct qae_page_request one = *req;
	struct page *page;

	one.size = pieces->size;
	while (pieces->count < count) {
		page = fatal_signal_pending(current) ? NULL : alloc_piece(&one);
		if (!page) {
			req->refused = one.refused;
			return false;
		}
		pieces->memory[pieces->count++] = page_to_phys(page);
		cond_resched();
	}
	return true;
}

static struct qae_pieces *alloc_of_size(struct qae_page_request *req, size_t size)
{
	unsigned int count = req->size / size;
	gfp_t gfp = req->charged ? GFP_KERNEL_ACCOUNT : GFP_KERNEL;
	struct qae_pieces *pieces = kvmalloc(struct_size(pieces, memory, count), gfp);

	if (!pieces)
		return NULL;
	pieces->size = size;
	pieces->count = 0;
	if (fill(pieces, req, count))
		return pieces;
	qae_pieces_free(pieces);
	return NULL;
}

/**
 * qae_pieces_alloc() - allocate zeroed pieces for a region
 * @req: the request; @size is a multiple of QAE_BLOCK_SIZE
 *
 * Context: process context, may sleep for long.
 * Return: the pieces, or NULL if there is no memory, the memory cgroup of the caller refused, or
 * the caller was killed.
 */
struct qae_pieces *qae_pieces_alloc(struct qae_page_request *req)
{
	struct qae_pieces *pieces = NULL;
	unsigned int i;

	req->refused = false;
	/* A smaller size is no help against a cgroup that is full. */
	for (i = 0; i < ARRAY_SIZE(sizes) && !pieces && !req->refused; i++) {
		if (fatal_signal_pending(current))
			break;
		pieces = alloc_of_size(req, sizes[i]);
	}
	return pieces;
}

/**
 * qae_pieces_clear() - overwrite pieces with zeroes
 * @pieces: the pieces
 *
 * Context: as qae_pages_clear().
 */
void qae_pieces_clear(const struct qae_pieces *pieces)
{
	unsigned int i;

	for (i = 0; i < pieces->count; i++)
		qae_pages_clear(piece_page(pieces, i), pieces->size);
}

/**
 * qae_pieces_free() - give pieces back to the page allocator
 * @pieces: cleared pieces, and the list itself
 *
 * Context: process context, may sleep; mmap_lock may be held.
 */
void qae_pieces_free(struct qae_pieces *pieces)
{
	unsigned int i;

	for (i = 0; i < pieces->count; i++) {
		qae_buddy_source.free(piece_page(pieces, i), pieces->size);
		if (!(i % 512))
			cond_resched();
	}
	kvfree(pieces);
}
