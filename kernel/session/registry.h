/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registry: the root of all bookkeeping, guarded by one lock.
 *
 * It is a spinlock, because tasks that anyone may throttle take it. A cgroup that has
 * used its share of processor time does not run for a tenth of a second or longer; a
 * task in it would keep a mutex all that time if it were preempted with it, or if the
 * mutex were handed to it while it waits. So nothing sleeps under the lock, and what
 * a client causes under it is bounded or done in batches.
 */
#ifndef QAE_SESSION_REGISTRY_H
#define QAE_SESSION_REGISTRY_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/numa.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <linux/qae.h>

struct qae_claim;
struct qae_event_subscriber;

/**
 * struct qae_pool_counts - what a pool event says about the pool
 * @available: free instances of endpoints that are up
 * @total: configured instances
 */
struct qae_pool_counts {
	u32 available;
	u32 total;
};

/**
 * struct qae_registry - all bookkeeping
 * @lock: guards all bookkeeping of session/
 * @endpoints: registered endpoints, ordered by id
 * @endpoint_ids: the same by accelerator id; an id is reserved before its endpoint is stored
 * @up: number of endpoints that are up; may be read without the lock
 * @on_node: number of registered endpoints on each NUMA node
 * @sections: internal sections, ordered by user name, device and index
 * @num_sections: their number
 * @num_unused: published entries with NumProcesses 0, which have no section
 * @section_tree: the same in a tree
 * @section_ids: the same by id, for listings; an id is reserved when the section is created
 * @instance_ids: published instances by id, for listings; ids are reserved likewise
 * @sequence: incremented when endpoints or sections change, so that dumps notice; never 0
 * @pool_sequence: incremented when a pool changes
 * @reported: what the last event said about each pool, whether anybody listened or not
 * @generation: of the configuration published last on any endpoint; shared, so that an
 *	endpoint that reuses an id is not mistaken for its predecessor
 * @claims: claims that wait for a section, ordered by ticket; unless a round is under way, no
 *	section that one of them waits for is free when the lock is dropped
 * @unserved: the claim that the round comes to next, or NULL if none is under way; see claim.c
 * @tickets: ticket given out last
 * @subscriber: records events; NULL for none
 */
struct qae_registry {
	spinlock_t lock;	/* all bookkeeping */
	struct list_head endpoints;
	struct xarray endpoint_ids;
	u32 up;
	u32 on_node[MAX_NUMNODES];
	struct list_head sections;
	u32 num_sections;
	u32 num_unused;
	struct rb_root section_tree;
	struct xarray section_ids;
	struct xarray instance_ids;
	u32 sequence;
	u32 pool_sequence;
	struct qae_pool_counts reported[__QAE_SERVICE_COUNT];
	u32 generation;
	struct list_head claims;
	struct qae_claim *unserved;
	u64 tickets;
	const struct qae_event_subscriber *subscriber;
};

extern struct qae_registry qae_registry;

static inline void qae_registry_assert(void)
{
	lockdep_assert_held(&qae_registry.lock);
}

void qae_registry_changed(void);
void qae_pools_changed(void);

#endif /* QAE_SESSION_REGISTRY_H */
