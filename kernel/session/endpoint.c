// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: the registry, and the states down, up and gone.
 *
 * An endpoint outlives its PCI function for as long as somebody holds an
 * instance of it: then it is a tombstone, off the registry, in state gone.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "compat.h"
#include "model/model.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/pci.h"
#include "session/registry.h"
#include "session/section.h"
#include "trace.h"

struct qae_registry qae_registry = {
	.lock = __MUTEX_INITIALIZER(qae_registry.lock),
	.endpoints = LIST_HEAD_INIT(qae_registry.endpoints),
	.sections = LIST_HEAD_INIT(qae_registry.sections),
	/* A dump's sequence must not be 0: that means "not checked". */
	.sequence = 1,
	.wait = __WAIT_QUEUE_HEAD_INITIALIZER(qae_registry.wait),
};
EXPORT_SYMBOL_IF_KUNIT(qae_registry);

/**
 * qae_registry_changed() - let running dumps notice that the lists changed
 */
void qae_registry_changed(void)
{
	qae_registry_assert();
	if (!++qae_registry.sequence)
		qae_registry.sequence = 1;
}

/**
 * qae_registry_freed() - wake whoever waits for a section or an instance
 *
 * Waiters read the counter first and look second, so an increment after the
 * change cannot be missed.
 */
void qae_registry_freed(void)
{
	qae_registry_assert();
	WRITE_ONCE(qae_registry.freed, qae_registry.freed + 1);
	wake_up_all(&qae_registry.wait);
}

/**
 * qae_pools_changed() - the same for listings of instances only
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
	kfree(endpoint);
}

/**
 * qae_endpoint_get() - take a reference
 * @endpoint: referenced already
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
 * qae_endpoint_find() - a registered endpoint
 * @id: accelerator id
 * Context: registry lock. Return: the endpoint, not referenced, or NULL.
 */
struct qae_endpoint *qae_endpoint_find(u32 id)
{
	struct qae_endpoint *endpoint;

	qae_registry_assert();
	list_for_each_entry(endpoint, &qae_registry.endpoints, link)
		if (endpoint->id == id)
			return endpoint;
	return NULL;
}

/**
 * qae_endpoints_up() - how many serve
 * Context: registry lock.
 */
u32 qae_endpoints_up(void)
{
	struct qae_endpoint *endpoint;
	u32 up = 0;

	qae_registry_assert();
	list_for_each_entry(endpoint, &qae_registry.endpoints, link)
		up += endpoint->state == QAE_ENDPOINT_UP;
	return up;
}

/**
 * qae_endpoint_ring_pairs_used() - ring pairs that instances have
 * @endpoint: any
 * Context: registry lock.
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
 * Give the endpoint the lowest free accelerator id, the lowest free index
 * within its type, and its place in the list, which is ordered by id.
 */
static void endpoint_register(struct qae_endpoint *endpoint)
{
	struct list_head *place = &qae_registry.endpoints;
	struct qae_endpoint *other;
	u32 id = 0, index = 0;
	bool again;

	list_for_each_entry(other, &qae_registry.endpoints, link) {
		if (other->id != id)
			break;
		place = &other->link;
		id++;
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

	endpoint->id = id;
	endpoint->index = index;
	list_add(&endpoint->link, place);
}

/**
 * qae_endpoint_add() - register a function that was bound
 * @pdev: the function, or NULL in tests
 * @model: what it is
 *
 * Context: may sleep. Return: the endpoint, owned by the caller until
 * qae_endpoint_remove(), or NULL without memory.
 */
struct qae_endpoint *qae_endpoint_add(struct pci_dev *pdev, const struct qae_model *model)
{
	struct qae_endpoint *endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);
	unsigned int service;

	if (!endpoint)
		return NULL;

	kref_init(&endpoint->ref);
	endpoint->model = model;
	endpoint->pdev = pdev;
	endpoint->node = NUMA_NO_NODE;
	endpoint->state = QAE_ENDPOINT_DOWN;
	INIT_LIST_HEAD(&endpoint->slices);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
		pool_init(&endpoint->dyn[service]);
		pool_init(&endpoint->kernel[service]);
	}
	if (pdev) {
		endpoint->pci_domain = pci_domain_nr(pdev->bus);
		endpoint->pci_busdevfn = pdev->bus->number << 8 | pdev->devfn;
		endpoint->node = dev_to_node(&pdev->dev);
	}

	mutex_lock(&qae_registry.lock);
	endpoint_register(endpoint);
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, endpoint->state);
	qae_event_endpoint(endpoint);
	mutex_unlock(&qae_registry.lock);
	return endpoint;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_add);

static void set_state(struct qae_endpoint *endpoint, enum qae_endpoint_state state)
{
	endpoint->state = state;
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, state);
	qae_event_endpoint(endpoint);
}

/**
 * qae_endpoint_remove() - the function is gone
 * @endpoint: from qae_endpoint_add(); not the caller's any more
 *
 * What nobody holds goes at once. What is held stays with its holder, dead,
 * until that lets go; waiters are woken to see that there is less to wait for.
 * Context: may sleep; never fails.
 */
void qae_endpoint_remove(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	qae_unpublish(endpoint);
	endpoint->pdev = NULL;
	list_del_init(&endpoint->link);
	set_state(endpoint, QAE_ENDPOINT_GONE);
	qae_registry_freed();
	mutex_unlock(&qae_registry.lock);
	qae_endpoint_put(endpoint);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_remove);

/*
 * Without a translating IOMMU the device address of memory is its physical
 * address, and that is all this driver hands out: behind a translating one
 * every transfer would fault, so say so before anybody tries.
 */
static int check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	if (endpoint->pdev && qae_pci_translated(endpoint->pdev)) {
		*reason = "behind a translating IOMMU; boot with iommu=pt or intel_iommu=off";
		return -EOPNOTSUPP;
	}
	return 0;
}

static int endpoint_publish(struct qae_endpoint *endpoint, struct qae_config **config,
			    const char **reason)
{
	int err = qae_publish(endpoint, *config, reason);

	if (err)
		return err;
	*config = NULL;
	if (!++qae_registry.generation)
		qae_registry.generation = 1;
	endpoint->generation = qae_registry.generation;
	trace_qae_config_publish(endpoint->id, endpoint->generation,
				 endpoint->config->num_sections);
	set_state(endpoint, QAE_ENDPOINT_UP);
	qae_registry_freed();
	return 0;
}

/* Take the registry lock; without such an endpoint, drop it and return NULL. */
static struct qae_endpoint *lock_endpoint(u32 id, const char **reason)
{
	struct qae_endpoint *endpoint;

	mutex_lock(&qae_registry.lock);
	endpoint = qae_endpoint_find(id);
	if (!endpoint) {
		mutex_unlock(&qae_registry.lock);
		*reason = "no such endpoint";
	}
	return endpoint;
}

/**
 * qae_endpoint_up() - configure an endpoint that is down
 * @id: accelerator id
 * @config: checked configuration; taken over, and set to NULL, on success only
 * @reason: a sentence on failure
 *
 * Context: may sleep. Return: 0, -ENODEV, -EALREADY, -EOPNOTSUPP, or what
 * qae_publish() says.
 */
int qae_endpoint_up(u32 id, struct qae_config **config, const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	if (endpoint->state == QAE_ENDPOINT_UP) {
		*reason = "the endpoint is up already; use reload to change its configuration";
		err = -EALREADY;
	} else {
		err = check_reach(endpoint, reason);
		if (!err)
			err = endpoint_publish(endpoint, config, reason);
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_up);

/**
 * qae_endpoint_reload() - exchange the configuration of an endpoint that is up
 * @id: accelerator id
 * @generation: the one the caller planned on, or NULL for any
 * @config: as for qae_endpoint_up()
 * @reason: a sentence on failure
 *
 * All or nothing. Context: may sleep. Return: 0, -ENODEV, -EALREADY (it is
 * down), -ESTALE, or what qae_publish() says.
 */
int qae_endpoint_reload(u32 id, const u32 *generation, struct qae_config **config,
			const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	if (endpoint->state != QAE_ENDPOINT_UP) {
		*reason = "the endpoint is down; use up";
		err = -EALREADY;
	} else if (generation && *generation != endpoint->generation) {
		*reason = "the configuration changed meanwhile; look again";
		err = -ESTALE;
	} else {
		err = endpoint_publish(endpoint, config, reason);
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_reload);

/* A section without instances on it is held just the same. */
static bool endpoint_is_held(const struct qae_endpoint *endpoint)
{
	const struct qae_slice *slice;

	if (endpoint->held)
		return true;
	list_for_each_entry(slice, &endpoint->slices, endpoint_link)
		if (slice->granted)
			return true;
	return false;
}

/**
 * qae_endpoint_down() - take the configuration away
 * @id: accelerator id
 * @reason: a sentence on failure
 *
 * Context: may sleep. Return: 0, -ENODEV, -EALREADY, -EBUSY while any of its
 * instances is held.
 */
int qae_endpoint_down(u32 id, const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err = 0;

	if (!endpoint)
		return -ENODEV;
	if (endpoint->state == QAE_ENDPOINT_DOWN) {
		*reason = "the endpoint is down already";
		err = -EALREADY;
	} else if (endpoint_is_held(endpoint)) {
		*reason = "processes hold sections or instances of the endpoint";
		err = -EBUSY;
	} else {
		qae_unpublish(endpoint);
		set_state(endpoint, QAE_ENDPOINT_DOWN);
		/* For waiters to see that there is less to wait for. */
		qae_registry_freed();
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_down);
