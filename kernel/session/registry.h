/* SPDX-License-Identifier: GPL-2.0-only */
/* The registry: all bookkeeping hangs on it, and one mutex guards it. */
#ifndef QAE_SESSION_REGISTRY_H
#define QAE_SESSION_REGISTRY_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct qae_registry - all bookkeeping
 * @lock: guards everything in this half
 * @endpoints: registered endpoints, by id
 * @sections: internal sections, in order
 * @sequence: changes with every change of the lists but the pools; lets dumps notice
 * @pool_sequence: changes with every change of a pool
 * @generation: of the configuration published last, over all endpoints, so that an
 *	endpoint which takes over an id cannot be mistaken for the one before
 * @freed: counts what became available; read without the lock by waiters
 * @wait: woken after @freed changed
 */
struct qae_registry {
	struct mutex lock;	/* all bookkeeping */
	struct list_head endpoints;
	struct list_head sections;
	u32 sequence;
	u32 pool_sequence;
	u32 generation;
	u32 freed;
	wait_queue_head_t wait;
};

extern struct qae_registry qae_registry;

static inline void qae_registry_assert(void)
{
	lockdep_assert_held(&qae_registry.lock);
}

void qae_registry_changed(void);
void qae_pools_changed(void);
void qae_registry_freed(void);

#endif /* QAE_SESSION_REGISTRY_H */
