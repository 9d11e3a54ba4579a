/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation and freeing of the pages of regions: the layer between region.c,
 * which knows owners and lifetimes, and the page allocator.
 *
 *  pages.c		chooses a source
 *  source.h		what a source is; there are three:
 *  buddy.c		the page allocator
 *  reserve.c		regions set aside on each node
 *  contig.c		contiguous ranges, larger than the buddy allocator supports
 *  pieces.c		pages that are contiguous for devices only
 *  obstacle.c		pages that cannot be moved out of such a range
 *  spare.c		the region that a client keeps for its next request
 *  clear.c		overwrites pages with zeroes
 *  deferred_clear.c	clears freed regions later, where the caller cannot wait
 *  worker.c		the thread of each node
 *  poison.c		keeps hardware-poisoned pages from the next owner
 *  hotplug.c		memory that comes and goes while the module is loaded
 *  shrinker.c		gives memory that nobody uses back to the kernel when it is short
 */
#ifndef QAE_PAGES_H
#define QAE_PAGES_H

#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <linux/qae.h>

#define QAE_BLOCK_SIZE		((size_t)SZ_2M)	/* mapped by one PMD entry */
#define QAE_BLOCK_ORDER		(ilog2(QAE_BLOCK_SIZE) - PAGE_SHIFT)
#define QAE_BUDDY_MAX		((size_t)SZ_4M)	/* larger regions come from contig.c */

struct page;
struct qae_client;
struct qae_region;

/* pages.c */
size_t qae_pages_size(u64 length, u64 alignment);
bool qae_pages_node_allowed(const struct qae_client *client, int node);
int qae_pages_alloc(struct qae_region *region, u64 alignment, int node);
bool qae_pages_are_cleared_later(const struct qae_region *region);
void qae_pages_clear_region(struct qae_region *region);
void qae_pages_free(struct qae_region *region);
int qae_pages_init(void);
void qae_pages_exit(void);

/* spare.c */
bool qae_pages_can_keep_spare(const struct qae_region *region);
bool qae_pages_keep_spare(struct qae_client *client, struct qae_region *region);
bool qae_pages_drop_spare(struct qae_client *client);
struct qae_region *qae_pages_take_spare(struct qae_client *client);
unsigned int qae_pages_spares(void);

/* clear.c */
void qae_pages_clear(struct page *pages, size_t size);

/* poison.c */
bool qae_pages_poisoned(struct page *pages, size_t size);
void qae_block_free(struct page *block, unsigned int order);

/* deferred_clear.c */
void qae_clear_queue_add(struct qae_region *region);
void qae_clear_queue_bypass(struct qae_region *region);
size_t qae_clear_queue_size(int node);
size_t qae_clear_queue_shrink(int node, size_t enough);
size_t qae_clear_queue_flush_timeout(int node, long timeout);
bool qae_clear_queue_pending(void);
bool qae_clear_queue_flush(int node);
int qae_clear_queue_init(void);
void qae_clear_queue_exit(void);

/* reserve.c; for configuration and statistics see reserve.h */
struct page *qae_reserve_take(int node);
bool qae_reserve_flush(int node);
u32 qae_reserve_free(int node);
size_t qae_reserve_shrink(int node);
void qae_reserve_add_node(int node);
int qae_reserve_init(void);
void qae_reserve_exit(void);

#endif /* QAE_PAGES_H */
