/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the pages of regions come from and what becomes of them: between
 * region.c, which knows owners and lifetimes, and the page allocator.
 *
 *  pages.c	chooses a source, keeps a client's spare
 *  contig.c	contiguous ranges, above what the buddy allocator gives
 *  reserve.c	what is set aside on each node
 *  laundry.c	clears later what nobody can wait for now
 */
#ifndef QAE_PAGES_H
#define QAE_PAGES_H

#include <linux/log2.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <linux/qae.h>

#define QAE_BLOCK_SIZE		((size_t)SZ_2M)	/* what one huge entry maps */
#define QAE_BLOCK_ORDER		(ilog2(QAE_BLOCK_SIZE) - PAGE_SHIFT)
#define QAE_BUDDY_MAX		((size_t)SZ_4M)	/* larger regions are contiguous ranges */

struct kthread_worker;
struct page;
struct qae_client;
struct qae_region;

/* pages.c */
size_t qae_pages_size(u64 length, u64 alignment);
bool qae_pages_may_use(const struct qae_client *client, int node);
bool qae_pages_alloc(struct qae_region *region, u64 alignment, int node);
void qae_pages_clear(struct page *pages, size_t size);
void qae_pages_free(struct qae_region *region);
int qae_pages_look_again(struct qae_region *region, int node);
bool qae_pages_can_keep(const struct qae_region *region);
bool qae_pages_keep(struct qae_client *client, struct qae_region *region);
bool qae_pages_drop_spare(struct qae_client *client);
int qae_pages_init(void);
void qae_pages_exit(void);

/* contig.c */
struct page *qae_contig_alloc(size_t size, size_t alignment, int near, const nodemask_t *others);
void qae_contig_free(struct page *pages, size_t size);

/* laundry.c */
struct kthread_worker *qae_laundry_worker(int node);
void qae_laundry_add(struct qae_region *region);
void qae_laundry_help(int node, size_t enough);
bool qae_laundry_waits(void);
bool qae_laundry_finish(int node);
int qae_laundry_init(void);
void qae_laundry_exit(void);

/* reserve.c; to set and to read it: pinned.h */
struct page *qae_reserve_take(int node);
void qae_reserve_put(struct page *page);
bool qae_reserve_settle(int node);
int qae_reserve_init(void);
void qae_reserve_exit(void);

#endif /* QAE_PAGES_H */
