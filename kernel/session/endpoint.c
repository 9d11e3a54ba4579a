// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: registration, removal, and what is counted over them.
 *
 * An endpoint outlives its function while a client holds one of its instances. It
 * is then a tombstone: no longer in the registry, in state gone.
 */
#include <linux/slab.h>

#include "compat.h"
#include "session/endpoint.h"
#include "session/endpoint_state.h"
#include "session/event.h"
#include "session/publication.h"
#include "session/registry.h"
#include "trace.h"

/**
 * qae_endpoints_expected() - whether waiting for an endpoint makes sense
 *
 * Context: registry lock.
 * Return: true if one is up, or will be as soon as its reset is over.
 */
bool qae_endpoints_expected(void)
{
	struct qae_endpoint *endpoint;

	qae_registry_assert();
	list_for_each_entry(endpoint, &qae_registry.endpoints, link)
		if (endpoint->state == QAE_ENDPOINT_UP ||
		    (endpoint->state == QAE_ENDPOINT_RESETTING && endpoint->config))
			return true;
	return false;
}

/**
 * qae_endpoint_ring_pairs_used() - count the ring pairs of existing instances
 * @endpoint: endpoint in any state
 *
 * Context: registry lock.
 * Return: the number of ring pairs.
 */
u32 qae_endpoint_ring_pairs_used(const struct qae_endpoint *endpoint)
{
	qae_registry_assert();
	return bitmap_weight(endpoint->used[QAE_SERVICE_CY], QAE_MAX_ORDINALS) *
		       endpoint->layout.cy_width +
	       bitmap_weight(endpoint->used[QAE_SERVICE_DC], QAE_MAX_ORDINALS);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_ring_pairs_used);

static void pool_init(struct qae_pool *pool)
{
	INIT_LIST_HEAD(&pool->insts);
}

/*
 * Give the endpoint the lowest free index within its type, and its places in the
 * table and in the list, which is ordered by id.
 */
static void endpoint_register(struct qae_endpoint *endpoint)
{
	struct list_head *place = &qae_registry.endpoints;
	struct qae_endpoint *other;
	u32 index = 0;
	bool again;

	list_for_each_entry(other, &qae_registry.endpoints, link) {
		if (other->id > endpoint->id)
			break;
		place = &other->link;
	}
	do {
		again = false;
		list_for_each_entry(other, &qae_registry.endpoints, link) {
			if (other->model == endpoint->model && other->index == index) {
				index++;
				again = true;
			}
		}
	} while (again);

	endpoint->index = index;
	list_add(&endpoint->link, place);
	/* The id is reserved: the store allocates nothing and cannot fail. */
	WARN_ON(xa_err(xa_store(&qae_registry.endpoint_ids, endpoint->id, endpoint, GFP_NOWAIT)));
	if (endpoint->node != NUMA_NO_NODE)
		qae_registry.on_node[endpoint->node]++;
}

/**
 * qae_endpoint_add() - register a function that was bound
 * @model: type of the function
 * @ops: operations of its bus
 * @bus: for the operations: endpoint->bus
 * @place: where the function is
 *
 * Context: may sleep.
 * Return: the endpoint, owned by the caller until qae_endpoint_remove(), or
 * NULL if out of memory.
 */
struct qae_endpoint *qae_endpoint_add(const struct qae_model *model,
				      const struct qae_endpoint_ops *ops, void *bus,
				      const struct qae_endpoint_place *place)
{
	struct qae_endpoint *endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);
	unsigned int service;

	if (!endpoint)
		return NULL;
	/* The lowest free id. Before the lock is taken, because it may wait for memory. */
	if (xa_alloc(&qae_registry.endpoint_ids, &endpoint->id, NULL, xa_limit_31b, GFP_KERNEL)) {
		kfree(endpoint);
		return NULL;
	}

	kref_init(&endpoint->ref);
	endpoint->model = model;
	endpoint->ops = ops;
	endpoint->bus = bus;
	mutex_init(&endpoint->bus_lock);
	endpoint->pci_domain = place->pci_domain;
	endpoint->pci_busdevfn = place->pci_busdevfn;
	endpoint->node = place->node;
	endpoint->state = QAE_ENDPOINT_DOWN;
	INIT_LIST_HEAD(&endpoint->slices);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		pool_init(&endpoint->dyn[service]);
		pool_init(&endpoint->kernel[service]);
	}

	spin_lock(&qae_registry.lock);
	endpoint_register(endpoint);
	qae_reach_add(endpoint);
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, endpoint->state);
	qae_event_endpoint(endpoint);
	spin_unlock(&qae_registry.lock);
	return endpoint;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_add);

static int removed_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	*reason = "the function was removed";
	return -ENODEV;
}

static enum qae_addresses removed_addresses(const struct qae_endpoint *endpoint)
{
	return QAE_ADDRESSES_NONE;
}

/* A function that is not bound any more was stopped when it was unbound. */
static void removed_quiesce(struct qae_instance_obj *inst)
{
}

/* check_range() is missing: reach.c does not know the endpoint any more. */
static const struct qae_endpoint_ops removed_ops = {
	.check_reach = removed_check_reach,
	.addresses = removed_addresses,
	.quiesce = removed_quiesce,
};

/**
 * qae_endpoint_remove() - unregister an endpoint whose function is gone
 * @endpoint: from qae_endpoint_add(); the caller's reference is dropped
 *
 * Instances are stopped first: the caller unbinds the function next, and then
 * nobody could stop them any more. Free instances and sections are destroyed at
 * once. Held ones stay with their holder, unusable, until it releases them.
 * Waiters are woken, because the instances they wait for may no longer exist.
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_remove(struct qae_endpoint *endpoint)
{
	qae_reach_remove(endpoint);
	mutex_lock(&endpoint->bus_lock);
	spin_lock(&qae_registry.lock);
	qae_endpoint_quiesce(endpoint);
	qae_unpublish(endpoint);
	endpoint->ops = &removed_ops;
	endpoint->bus = NULL;
	list_del_init(&endpoint->link);
	xa_erase(&qae_registry.endpoint_ids, endpoint->id);
	if (endpoint->node != NUMA_NO_NODE)
		qae_registry.on_node[endpoint->node]--;
	qae_endpoint_set_state(endpoint, QAE_ENDPOINT_GONE);
	qae_endpoint_availability_changed();
	spin_unlock(&qae_registry.lock);
	mutex_unlock(&endpoint->bus_lock);
	qae_endpoint_put(endpoint);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_remove);
