/* SPDX-License-Identifier: GPL-2.0-only */
/* Endpoints: PCI functions, and how their configuration divides them. */
#ifndef QAE_SESSION_ENDPOINT_H
#define QAE_SESSION_ENDPOINT_H

#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include <linux/qae.h>

#include "model/layout.h"
#include "session/instance.h"

struct page;
struct qae_config;
struct qae_endpoint;
struct qae_model;
struct qae_publication;

/**
 * struct qae_endpoint_ops - what the bookkeeping asks of the bus that a function is on
 * @check_reach: whether the function reaches pinned memory at the addresses that clients get.
 *	Returns 0, or a negative errno with a sentence in @reason. Context: the endpoint's bus_lock;
 *	may sleep.
 * @check_range: whether the function reaches these pages at the addresses that clients get. Called
 *	for each new region while the endpoint is in use. Context: RCU read side; must not sleep.
 * @addresses: what the addresses of regions are to the function. Context: registry lock; must not
 *	sleep.
 * @quiesce: stop the instance: when it returns, the function no longer accesses memory on its
 *	behalf. Called before the instance loses its holder, so before the holder's memory can be
 *	freed, and before the function is removed. Context: registry lock; must not sleep, never
 *	fails.
 * @came_back: the function answers again after a reset or a suspend. Context: registry lock; must
 *	not sleep, never fails.
 *
 * No function is called any more once qae_endpoint_remove() has returned.
 */
struct qae_endpoint_ops {
	int (*check_reach)(const struct qae_endpoint *endpoint, const char **reason);
	bool (*check_range)(const struct qae_endpoint *endpoint, struct page *pages, size_t size);
	enum qae_addresses (*addresses)(const struct qae_endpoint *endpoint);
	void (*quiesce)(struct qae_instance_obj *inst);
	void (*came_back)(const struct qae_endpoint *endpoint);
};

/**
 * struct qae_endpoint_place - where a function is
 * @pci_domain: PCI domain
 * @pci_busdevfn: PCI address within the domain
 * @node: NUMA node or NUMA_NO_NODE
 */
struct qae_endpoint_place {
	u32 pci_domain;
	u32 pci_busdevfn;
	int node;
};

/**
 * struct qae_pool - dynamic or kernel instances of an endpoint, by service
 * @insts: the instances
 * @total: instances that are not retired
 * @available: instances that are neither retired nor held
 */
struct qae_pool {
	struct list_head insts;
	u32 total;
	u32 available;
};

/**
 * struct qae_endpoint - a PCI function and its division into instances
 * @ref: held by the registry (until removal), by instances and by slices
 * @link: in qae_registry.endpoints, ordered by @id; empty once removed
 * @reach_link: in the list of reach.c, which readers walk under RCU
 * @id: accelerator id, the lowest free one at probe: the N of qat_dev<N>
 * @index: index within its type: the N of <type>_dev<N>.conf
 * @model: type of the function
 * @ops: of its bus until removal, then operations that do nothing; changed under @bus_lock and
 *	the registry lock, either of which is enough to call one
 * @bus: the bus's own pointer to the function, until removal
 * @bus_lock: keeps the function bound during check_reach(), which needs no registry lock
 * @pci_domain: PCI domain
 * @pci_busdevfn: PCI address within the domain
 * @node: NUMA node or NUMA_NO_NODE
 * @state: enum qae_endpoint_state; reach.c reads it without the registry lock
 * @lent: its ring pairs belong to virtual functions, so it cannot come up
 * @starts: how often it was in state starting; tells one attempt from the next
 * @generation: of the configuration published last; 0 if there was none
 * @config: published configuration, NULL when down
 * @layout: division of the ring pairs
 * @used: ordinals in use, by service
 * @slices: static instances
 * @dyn: its part of the shared pool, by service
 * @kernel: instances reserved for the kernel, by service
 * @held: number of its instances that clients hold
 */
struct qae_endpoint {
	struct kref ref;
	struct list_head link;
	struct list_head reach_link;
	u32 id;
	u32 index;
	const struct qae_model *model;
	const struct qae_endpoint_ops *ops;
	void *bus;
	struct mutex bus_lock;	/* ops, bus */
	u32 pci_domain;
	u32 pci_busdevfn;
	int node;
	enum qae_endpoint_state state;
	bool lent;
	u32 starts;
	u32 generation;
	struct qae_config *config;
	struct qae_layout layout;
	DECLARE_BITMAP(used[__QAE_SERVICE_COUNT], QAE_MAX_ORDINALS);
	struct list_head slices;
	struct qae_pool dyn[__QAE_SERVICE_COUNT];
	struct qae_pool kernel[__QAE_SERVICE_COUNT];
	u32 held;
};

struct qae_endpoint *qae_endpoint_add(const struct qae_model *model,
				      const struct qae_endpoint_ops *ops, void *bus,
				      const struct qae_endpoint_place *place);
void qae_endpoint_remove(struct qae_endpoint *endpoint);
void qae_endpoint_reset_begin(struct qae_endpoint *endpoint);
void qae_endpoint_suspend(struct qae_endpoint *endpoint);
void qae_endpoint_reset_end(struct qae_endpoint *endpoint);
void qae_endpoint_fail(struct qae_endpoint *endpoint);
int qae_endpoint_lend(struct qae_endpoint *endpoint);
void qae_endpoint_take_back(struct qae_endpoint *endpoint);
void qae_endpoint_get(struct qae_endpoint *endpoint);
void qae_endpoint_put(struct qae_endpoint *endpoint);
struct qae_endpoint *qae_endpoint_find(u32 id);
int qae_endpoint_up(u32 id, struct qae_config **config, const char **reason);
int qae_endpoint_reload(u32 id, const u32 *generation, struct qae_config **config,
			const char **reason);
int qae_endpoint_down(u32 id, const char **reason);
u32 qae_endpoint_ring_pairs_used(const struct qae_endpoint *endpoint);
u32 qae_endpoints_up(void);
bool qae_endpoints_expected(void);

/* reach.c: whether endpoints reach memory */
void qae_reach_init(void);
void qae_reach_add(struct qae_endpoint *endpoint);
void qae_reach_remove(struct qae_endpoint *endpoint);

/* publish.c: exchange of an endpoint's configuration */
int qae_publish(struct qae_endpoint *endpoint, struct qae_publication *pub,
		struct qae_config *config, const char **reason);
void qae_unpublish(struct qae_endpoint *endpoint);

#endif /* QAE_SESSION_ENDPOINT_H */
