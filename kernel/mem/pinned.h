/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory half: regions, who is charged for them, and within which limits.
 * What a client has of it is in struct qae_client, see qae.h, as is the lock
 * order; where the pages come from: pages.h.
 */
#ifndef QAE_PINNED_H
#define QAE_PINNED_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include <linux/qae.h>

struct file;
struct page;
struct qae_client;
struct qae_refusal;
struct vm_area_struct;

/* ------------------------------------------------------------------ regions */

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

/* ----------------------------------------- who is charged, within which limits */

/**
 * struct qae_user - a user who has a descriptor open, in whichever user namespaces
 * @node: in qae_users.by_uid
 * @uid: the user
 * @clients: references: clients alive; qae_users.lock
 * @regions: their regions
 * @bytes: of these
 * @bytes_peak: highest @bytes
 * @refused: allocations that some limit refused
 *
 * Lives while it has a client, so a client may charge it without a lock.
 */
struct qae_user {
	struct rb_node node;
	kuid_t uid;
	u32 clients;
	atomic64_t regions;
	atomic64_t bytes;
	atomic64_t bytes_peak;
	atomic64_t refused;
};

/**
 * struct qae_users - all users, for listings and for the next client of one
 * @lock: guards @by_uid and the references
 * @by_uid: by the number of the uid in the initial namespace
 */
struct qae_users {
	struct mutex lock;	/* by_uid, clients of a user */
	struct rb_root by_uid;
};

extern struct qae_users qae_users;

struct qae_user *qae_user_get(kuid_t uid);
void qae_user_put(struct qae_user *user);

/* limit.c */
#define QAE_LIMIT_CONTIG_DEFAULT	(256ULL << 20)	/* bytes */

/**
 * struct qae_limit_state - one of enum qae_limit
 * @most: bytes allowed, as u64; QAE_UNLIMITED
 * @refused: allocations that it refused
 */
struct qae_limit_state {
	atomic64_t most;
	atomic64_t refused;
};

extern struct qae_limit_state qae_limits[__QAE_LIMIT_COUNT];

/**
 * struct qae_refusal - why a limit refused: the numbers that it compared
 * @limit: which one, or QAE_LIMIT_NONE
 * @most: bytes that it allows; 0 for QAE_LIMIT_CGROUP, whose numbers are the kernel's
 * @bytes: charged to it then; likewise
 */
struct qae_refusal {
	enum qae_limit limit;
	u64 most;
	u64 bytes;
};

int qae_limit_charge(struct qae_client *client, u64 bytes, struct qae_refusal *refusal);
void qae_limit_uncharge(struct qae_client *client, u64 bytes);
void qae_limit_refused(struct qae_client *client, u64 bytes, enum qae_limit limit);
void qae_limit_note_peaks(struct qae_client *client, u64 bytes);

/* reserve.c; its inner side and the other sources of pages: pages.h */
/**
 * struct qae_reserve_stats - a node's reserve of regions of 2 MiB
 * @target: regions wanted, handed out ones included
 * @free: regions that are not handed out
 * @settled: all of them are cleared: until then the one at work cannot be handed out
 * @out: regions handed out; above @target after that was lowered
 * @hits: requests served, since the module was loaded
 * @misses: requests that found the reserve empty
 */
struct qae_reserve_stats {
	u32 target;
	u32 free;
	bool settled;
	u32 out;
	u64 hits;
	u64 misses;
};

int qae_reserve_check(int node, u32 regions);
int qae_reserve_set(int node, u32 regions);
void qae_reserve_get(int node, struct qae_reserve_stats *stats);

/* account.c */
/**
 * struct qae_account - pinned memory in all
 * @bytes: now; changed by limit.c, as all bytes of clients and users are
 * @bytes_peak: highest
 * @contig_bytes: of @bytes, in regions above QAE_CONTIG_ABOVE; likewise
 * @contig_peak: highest
 * @client_peak: highest of any one client
 * @user_peak: highest of any one user
 * @regions: now
 * @failures: allocations that found no memory
 * @kernel_bytes: of @bytes, by kernel users
 */
struct qae_account {
	atomic64_t bytes;
	atomic64_t bytes_peak;
	atomic64_t contig_bytes;
	atomic64_t contig_peak;
	atomic64_t client_peak;
	atomic64_t user_peak;
	atomic64_t regions;
	atomic64_t failures;
	atomic64_t kernel_bytes;
};

extern struct qae_account qae_account;

void qae_account_add(struct qae_client *client, int node, size_t bytes);
void qae_account_remove(struct qae_client *client, int node, size_t bytes);
void qae_account_failure(int node, size_t bytes);
u64 qae_account_node_bytes(int node);
u64 qae_account_node_regions(int node);

/* kapi.c: the exported API is declared in qae_kapi.h */
void qae_kapi_exit(void);

#endif /* QAE_PINNED_H */
