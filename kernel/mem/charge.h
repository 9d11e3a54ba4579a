/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is charged for pinned memory, within which limits, and how much there is. */
#ifndef QAE_MEM_CHARGE_H
#define QAE_MEM_CHARGE_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include <linux/qae.h>

struct qae_client;

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

#endif /* QAE_MEM_CHARGE_H */
