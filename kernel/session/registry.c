// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry: the lock, the lists, and what is looked up in them. Everything
 * else in this folder is built on it, and it uses none of it.
 */
#include <linux/slab.h>

#include "compat.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/registry.h"

struct qae_registry qae_registry = {
	.lock = __SPIN_LOCK_UNLOCKED(qae_registry.lock),
	.endpoints = LIST_HEAD_INIT(qae_registry.endpoints),
	.endpoint_ids = XARRAY_INIT(qae_registry.endpoint_ids, XA_FLAGS_ALLOC),
	.sections = LIST_HEAD_INIT(qae_registry.sections),
	.section_tree = RB_ROOT,
	.section_ids = XARRAY_INIT(qae_registry.section_ids, XA_FLAGS_ALLOC),
	.instance_ids = XARRAY_INIT(qae_registry.instance_ids, XA_FLAGS_ALLOC),
	/* netlink does not check the consistency of a dump with sequence 0. */
	.sequence = 1,
	.claims = LIST_HEAD_INIT(qae_registry.claims),
};
EXPORT_SYMBOL_IF_KUNIT(qae_registry);

/**
 * qae_registry_changed() - let running dumps notice that the lists changed
 *
 * Context: registry lock.
 */
void qae_registry_changed(void)
{
	qae_registry_assert();
	if (!++qae_registry.sequence)
		qae_registry.sequence = 1;
}

/**
 * qae_pools_changed() - let running dumps of instances notice that a pool changed
 *
 * Context: registry lock.
 */
void qae_pools_changed(void)
{
	qae_registry_assert();
	qae_registry.pool_sequence++;
}

static void endpoint_release(struct kref *ref)
{
	struct qae_endpoint *endpoint = container_of(ref, struct qae_endpoint, ref);

	WARN_ON(!list_empty(&endpoint->slices));
	mutex_destroy(&endpoint->bus_lock);
	kfree(endpoint);
}

/**
 * qae_endpoint_get() - take a reference
 * @endpoint: endpoint that the caller or the registry references already
 */
void qae_endpoint_get(struct qae_endpoint *endpoint)
{
	kref_get(&endpoint->ref);
}

/**
 * qae_endpoint_put() - drop a reference
 * @endpoint: may be freed
 */
void qae_endpoint_put(struct qae_endpoint *endpoint)
{
	kref_put(&endpoint->ref, endpoint_release);
}

/**
 * qae_endpoint_find() - find a registered endpoint
 * @id: accelerator id
 *
 * Context: registry lock.
 * Return: the endpoint, without an extra reference, or NULL.
 */
struct qae_endpoint *qae_endpoint_find(u32 id)
{
	qae_registry_assert();
	return xa_load(&qae_registry.endpoint_ids, id);
}

/**
 * qae_endpoints_up() - count the endpoints that are up
 *
 * Context: any; stable under the registry lock.
 * Return: the number of endpoints in state up.
 */
u32 qae_endpoints_up(void)
{
	return READ_ONCE(qae_registry.up);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoints_up);

/**
 * qae_events_subscribe() - choose who records events
 * @subscriber: its functions, or NULL for none
 *
 * When this returns, no function of the previous subscriber runs any more.
 *
 * Context: may sleep.
 * Return: the previous subscriber.
 */
const struct qae_event_subscriber *
qae_events_subscribe(const struct qae_event_subscriber *subscriber)
{
	const struct qae_event_subscriber *previous;

	spin_lock(&qae_registry.lock);
	previous = qae_registry.subscriber;
	qae_registry.subscriber = subscriber;
	spin_unlock(&qae_registry.lock);
	return previous;
}
EXPORT_SYMBOL_IF_KUNIT(qae_events_subscribe);

/**
 * qae_event_endpoint() - report a new endpoint, or a new state or configuration
 * @endpoint: already changed
 *
 * Context: registry lock.
 */
void qae_event_endpoint(const struct qae_endpoint *endpoint)
{
	qae_registry_assert();
	if (qae_registry.subscriber)
		qae_registry.subscriber->endpoint(endpoint);
}

/**
 * qae_event_section() - report that a section was claimed or released
 * @section: already changed
 *
 * Context: registry lock.
 */
void qae_event_section(const struct qae_section *section)
{
	qae_registry_assert();
	if (qae_registry.subscriber)
		qae_registry.subscriber->section(section);
}

/**
 * qae_event_pool() - report that dynamic instances were allocated or freed, came or went
 * @service: service of the instances
 *
 * Context: registry lock.
 */
void qae_event_pool(enum qae_service service)
{
	qae_registry_assert();
	if (qae_registry.subscriber)
		qae_registry.subscriber->pool(service);
}
