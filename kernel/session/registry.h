/* SPDX-License-Identifier: GPL-2.0-only */
/* The registry: the root of all bookkeeping, guarded by one mutex. */
#ifndef QAE_SESSION_REGISTRY_H
#define QAE_SESSION_REGISTRY_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

/**
 * struct qae_registry - all bookkeeping
 * @lock: guards all bookkeeping of session/
 * @endpoints: registered endpoints, ordered by id
 * @endpoint_ids: the same by accelerator id; an id is reserved before its endpoint is stored
 * @up: number of endpoints that are up; may be read without the lock
 * @sections: internal sections, ordered by user name, device and index
 * @section_ids: the same by id, for listings; an id is reserved when the section is created
 * @instance_ids: published instances by id, for listings; ids are reserved likewise
 * @sequence: incremented when endpoints or sections change, so that dumps notice; never 0
 * @pool_sequence: incremented when a pool changes
 * @generation: of the configuration published last on any endpoint; shared, so that an
 *	endpoint that reuses an id is not mistaken for its predecessor
 * @freed: incremented when something became available; waiters read it without the lock
 * @wait: woken after @freed or a watch changed
 */
struct qae_registry {
	struct mutex lock;	/* all bookkeeping */
	struct list_head endpoints;
	struct xarray endpoint_ids;
	u32 up;
	struct list_head sections;
	struct xarray section_ids;
	struct xarray instance_ids;
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
