/* SPDX-License-Identifier: GPL-2.0-only */
/* Charging of pinned memory: users, limits, statistics. */
#ifndef QAE_MEM_CHARGE_H
#define QAE_MEM_CHARGE_H

#include <linux/atomic.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include <linux/qae.h>

struct qae_client;

/**
 * struct qae_user - a user with open descriptors, whatever the user namespace
 * @node: in qae_users.by_uid
 * @uid: the user
 * @clients: open clients, each holds a reference; under qae_users.lock
 * @regions: regions of these clients
 * @bytes: bytes of these regions
 * @bytes_peak: highest @bytes
 * @refused: allocations that any limit refused
 *
 * Lives as long as it has a client, so a client charges it without a lock.
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
 * struct qae_users - all users, for listings and for further clients of a user
 * @lock: guards @by_uid and the references
 * @by_uid: ordered by uid in the initial user namespace
 */
struct qae_users {
	spinlock_t lock;	/* by_uid, clients of a user */
	struct rb_root by_uid;
};

extern struct qae_users qae_users;

struct qae_user *qae_user_get(kuid_t uid);
void qae_user_put(struct qae_user *user);
struct qae_user *qae_user_from(kuid_t uid);

/* charge.c */
#define QAE_DESCRIPTORS_DEFAULT	4096	/* of one user */

/**
 * struct qae_limit_state - state of one of enum qae_limit
 * @most: bytes (or descriptors) allowed, read as u64; QAE_UNLIMITED: no limit
 * @refused: allocations (or calls of open()) refused by this limit
 */
struct qae_limit_state {
	atomic64_t most;
	atomic64_t refused;
};

extern struct qae_limit_state qae_limits[__QAE_LIMIT_COUNT];

/**
 * struct qae_refusal - which limit refused, and the numbers that it compared
 * @limit: the limit, or QAE_LIMIT_NONE
 * @most: bytes that it allows; 0 for QAE_LIMIT_CGROUP: the kernel keeps those numbers
 * @bytes: bytes charged to it at that moment; 0 for QAE_LIMIT_CGROUP
 * @uncounted: in: the caller will ask for less, so count neither refusals nor failures
 */
struct qae_refusal {
	enum qae_limit limit;
	u64 most;
	u64 bytes;
	bool uncounted;
};

/**
 * struct qae_account - pinned memory of the whole system
 * @bytes: bytes charged now
 * @bytes_peak: highest @bytes
 * @contig_bytes: part of @bytes in regions above QAE_CONTIG_ABOVE
 * @contig_peak: highest @contig_bytes
 * @client_peak: highest number of bytes of any client
 * @user_peak: highest number of bytes of any user
 * @regions: regions now
 * @failures: allocations that found no memory
 * @kernel_bytes: part of @bytes held by kernel users
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

u64 qae_limit_default(enum qae_limit limit, u64 ram);
void qae_limits_init(void);
int qae_charge(struct qae_client *client, u64 bytes, struct qae_refusal *refusal);
void qae_charge_commit(struct qae_client *client, int node, size_t bytes);
void qae_charge_cancel(struct qae_client *client, int node, size_t bytes, int err,
		       struct qae_refusal *refusal);
void qae_uncharge(struct qae_client *client, int node, size_t bytes);
u64 qae_account_node_bytes(int node);
u64 qae_account_node_regions(int node);

#endif /* QAE_MEM_CHARGE_H */
