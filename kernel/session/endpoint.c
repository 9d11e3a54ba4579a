// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: the states down, up and gone.
 *
 * An endpoint outlives its PCI function while a client holds one of its
 * instances. It is then a tombstone: no longer in the registry, in state gone.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "compat.h"
#include "model/model.h"
#include "session/claim.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/pci.h"
#include "session/publication.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"
#include "trace.h"

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
	if (endpoint->node != NUMA_NO_NODE)
		qae_registry.on_node[endpoint->node]++;
}

/**
 * qae_endpoint_add() - register a PCI function that was bound
 * @pdev: the function, or NULL in tests
 * @model: type of the function
 *
 * Context: may sleep.
 * Return: the endpoint, owned by the caller until qae_endpoint_remove(), or
 * NULL if out of memory.
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

/* What others wait for may have appeared, or may no longer exist. */
static void configurations_changed(void)
{
	qae_claims_serve(NULL);
	qae_registry_freed();
}

/**
 * qae_endpoint_remove() - unregister an endpoint whose PCI function is gone
 * @endpoint: from qae_endpoint_add(); the caller's reference is dropped
 *
 * Free instances and sections are destroyed at once. Held ones stay with their
 * holder, unusable, until it releases them. Waiters are woken, because the
 * instances they wait for may no longer exist.
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_remove(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	qae_unpublish(endpoint);
	endpoint->pdev = NULL;
	list_del_init(&endpoint->link);
	if (endpoint->node != NUMA_NO_NODE)
		qae_registry.on_node[endpoint->node]--;
	set_state(endpoint, QAE_ENDPOINT_GONE);
	configurations_changed();
	mutex_unlock(&qae_registry.lock);
	qae_endpoint_put(endpoint);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_remove);

/*
 * This driver hands out physical addresses as device addresses. That is right
 * without a translating IOMMU only; behind one every transfer would fault, so
 * refuse the endpoint here.
 */
static int check_iommu(const struct qae_endpoint *endpoint, const char **reason)
{
	if (endpoint->pdev && qae_pci_translated(endpoint->pdev)) {
		*reason = "behind a translating IOMMU; boot with iommu=pt or intel_iommu=off";
		return -EOPNOTSUPP;
	}
	return 0;
}

static int endpoint_publish(struct qae_endpoint *endpoint, struct qae_publication *pub,
			    struct qae_config **config, const char **reason)
{
	int err = qae_publish(endpoint, pub, *config, reason);

	if (err)
		return err;
	*config = NULL;
	if (!++qae_registry.generation)
		qae_registry.generation = 1;
	endpoint->generation = qae_registry.generation;
	trace_qae_config_publish(endpoint->id, endpoint->generation,
				 endpoint->config->num_sections);
	set_state(endpoint, QAE_ENDPOINT_UP);
	configurations_changed();
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

static struct qae_publication *prepare(struct qae_config *config, const char **reason)
{
	struct qae_publication *pub = qae_publication_prepare(config);

	if (!pub)
		*reason = "the kernel has no memory for the configuration";
	return pub;
}

static int endpoint_up(u32 id, struct qae_publication *pub, struct qae_config **config,
		       const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	if (endpoint->state == QAE_ENDPOINT_UP) {
		*reason = "the endpoint is up already; use reload to change its configuration";
		err = -EALREADY;
	} else {
		err = check_iommu(endpoint, reason);
		if (!err)
			err = endpoint_publish(endpoint, pub, config, reason);
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}

/**
 * qae_endpoint_up() - configure an endpoint that is down
 * @id: accelerator id
 * @config: checked configuration; the endpoint takes it over, and the pointer becomes NULL,
 *	on success only
 * @reason: result: a sentence, on failure only
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -EALREADY, -EOPNOTSUPP, or an error of qae_publish().
 */
int qae_endpoint_up(u32 id, struct qae_config **config, const char **reason)
{
	struct qae_publication *pub = prepare(*config, reason);
	int err = pub ? endpoint_up(id, pub, config, reason) : -ENOMEM;

	qae_publication_free(pub);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_up);

static int endpoint_reload(u32 id, const u32 *generation, struct qae_publication *pub,
			   struct qae_config **config, const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	if (endpoint->state != QAE_ENDPOINT_UP) {
		*reason = "the endpoint is down; bring it up first";
		err = -EALREADY;
	} else if (generation && *generation != endpoint->generation) {
		*reason = "the configuration has changed in the meantime; read it again";
		err = -ESTALE;
	} else {
		err = endpoint_publish(endpoint, pub, config, reason);
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}

/**
 * qae_endpoint_reload() - exchange the configuration of an endpoint that is up
 * @id: accelerator id
 * @generation: generation that the caller's plan is based on, or NULL for any
 * @config: as for qae_endpoint_up()
 * @reason: result: a sentence, on failure only
 *
 * On failure nothing has changed.
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -EALREADY if the endpoint is down, -ESTALE if its
 * generation differs, or an error of qae_publish().
 */
int qae_endpoint_reload(u32 id, const u32 *generation, struct qae_config **config,
			const char **reason)
{
	struct qae_publication *pub = prepare(*config, reason);
	int err = pub ? endpoint_reload(id, generation, pub, config, reason) : -ENOMEM;

	qae_publication_free(pub);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_reload);

/* A held section counts even if it has no instance on the endpoint. */
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
 * qae_endpoint_down() - remove the configuration of an endpoint
 * @id: accelerator id
 * @reason: result: a sentence, on failure only
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -EALREADY, or -EBUSY while one of its sections or
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
		/* Waiters must notice that their instances no longer exist. */
		configurations_changed();
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_down);
