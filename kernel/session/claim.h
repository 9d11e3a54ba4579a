/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims: how a client gets a section, and the queue of those that wait for one. */
#ifndef QAE_SESSION_CLAIM_H
#define QAE_SESSION_CLAIM_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>

struct qae_client;
struct qae_group;
struct qae_section;

/* Claims served in one hold of the registry lock. */
#define QAE_SERVE_BATCH		64

/**
 * struct qae_claim - one call that claims a section; lives on the stack of the caller
 * @link: in qae_registry.claims while it waits, else empty
 * @group_link: in group->claims while it waits
 * @client: the client, with its @claiming set from a successful begin, or the start of the wait,
 *	until commit or abort
 * @name: section name as the caller wrote it
 * @capacity: number of instances the caller has room for
 * @node: NUMA node of the caller
 * @ticket: place in the queue; lower tickets come first
 * @group: what @name stands for, from the last attempt; counted reference while it waits
 * @num_insts: result: instances of the section, also with -EMSGSIZE
 * @section: result: the section, held by @client; NULL for "DYN" alone
 * @result: outcome of a wait, valid once @link is empty
 * @done: completed after @result is set
 *
 * Guarded by qae_registry.lock. complete() runs under that lock, and the waiter
 * takes it before it returns, so @done outlives complete().
 */
struct qae_claim {
	struct list_head link;
	struct list_head group_link;
	struct qae_client *client;
	const char *name;
	u32 capacity;
	int node;
	u64 ticket;
	struct qae_group *group;
	u32 num_insts;
	struct qae_section *section;
	int result;
	struct completion done;
};

int qae_claim_begin(struct qae_claim *claim, struct qae_client *client, const char *name,
		    u32 capacity, u64 *deadline);
void qae_claim_commit(struct qae_claim *claim);
void qae_claim_abort(struct qae_claim *claim);
void qae_claims_serve(struct qae_group *group);
void qae_claims_exit(void);

#endif /* QAE_SESSION_CLAIM_H */
