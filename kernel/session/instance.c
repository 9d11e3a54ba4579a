// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances: creation, ownership, and the shared pool of dynamic instances.
 *
 * An instance keeps its ring pairs for its whole life. Static instances are
 * granted and revoked with their section (section.c), dynamic ones singly
 * (here).
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"
#include "compat.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/watch.h"
#include "trace.h"

/* Instances looked at before others get the registry lock. */
#define FREE_BATCH	64

/**
 * qae_instance_create() - allocate an instance, without endpoint and ring pairs yet
 * @config: its entry in the configuration
 * @process: process index, selects an element of the core list
 *
 * Reserves its id in listings, so that listing it later cannot fail.
 *
 * Context: may sleep.
 * Return: the instance, in no list, or NULL if out of memory.
 */
struct qae_instance_obj *qae_instance_create(const struct qae_config_instance *config, u32 process)
{
	struct qae_instance_obj *inst = kzalloc(sizeof(*inst), GFP_KERNEL);

	if (!inst)
		return NULL;
	if (xa_alloc(&qae_registry.instance_ids, &inst->listing_id, NULL, xa_limit_31b,
		     GFP_KERNEL)) {
		kfree(inst);
		return NULL;
	}
	INIT_LIST_HEAD(&inst->link);
	inst->service = config->service;
	inst->poll_mode = config->poll_mode;
	inst->core = qae_config_core(config, process);
	strscpy(inst->name, config->name, sizeof(inst->name));
	return inst;
}

/**
 * qae_instance_free() - free an instance that was never published
 * @inst: not bound to an endpoint, in no list
 *
 * Gives its id back, once: a configuration that is being prepared, without the
 * registry lock, may take the id at any time after that.
 *
 * Context: any.
 */
void qae_instance_free(struct qae_instance_obj *inst)
{
	xa_erase(&qae_registry.instance_ids, inst->listing_id);
	kfree(inst);
}

/**
 * qae_instance_list() - show an instance in listings
 * @inst: instance that was published
 *
 * Context: registry lock; never fails.
 */
void qae_instance_list(struct qae_instance_obj *inst)
{
	qae_registry_assert();
	/* The id is reserved: the store allocates nothing and cannot fail. */
	WARN_ON(xa_err(xa_store(&qae_registry.instance_ids, inst->listing_id, inst, GFP_NOWAIT)));
}

/**
 * qae_instance_destroy() - free an instance that has no holder
 * @inst: in a list or not
 *
 * The caller frees its ring pairs.
 *
 * Context: registry lock.
 */
void qae_instance_destroy(struct qae_instance_obj *inst)
{
	qae_registry_assert();
	WARN_ON(inst->holder);
	list_del(&inst->link);
	qae_endpoint_put(inst->endpoint);
	qae_instance_free(inst);
}

/**
 * qae_instance_hold() - make a client the holder of an instance
 * @inst: free instance
 * @client: new holder
 *
 * Context: registry lock; never fails.
 */
void qae_instance_hold(struct qae_instance_obj *inst, struct qae_client *client)
{
	qae_registry_assert();
	inst->holder = client;
	inst->endpoint->held++;
	if (inst->kind == QAE_INSTANCE_STATIC)
		client->num_static++;
	else
		client->num_dyn[inst->service]++;
}

/**
 * qae_ids_reserve() - reserve ids in the table of a client
 * @client: the client
 * @count: number of ids; may be 0
 *
 * The memory is charged to the caller's cgroup, which may have to reclaim first.
 *
 * Context: registry lock not held, so that no other client waits for that; may sleep.
 * Return: array of @count ids, or NULL if out of memory. The caller gives each to
 * qae_instance_number() or all to qae_ids_release(), and frees the array with kvfree().
 */
u32 *qae_ids_reserve(struct qae_client *client, u32 count)
{
	u32 *ids = kvcalloc(max(count, 1U), sizeof(*ids), GFP_KERNEL);
	u32 i;

	for (i = 0; ids && i < count; i++) {
		if (xa_alloc(&client->insts, &ids[i], NULL, xa_limit_31b, GFP_KERNEL)) {
			qae_ids_release(client, ids, i);
			kvfree(ids);
			return NULL;
		}
	}
	return ids;
}

/**
 * qae_ids_release() - give back reserved ids that no instance has
 * @client: the client
 * @ids: the ids
 * @count: number of ids
 *
 * Context: any context that may take spinlocks.
 */
void qae_ids_release(struct qae_client *client, const u32 *ids, u32 count)
{
	while (count)
		xa_release(&client->insts, ids[--count]);
}

/**
 * qae_instance_number() - give a held instance its id in the holder's table
 * @inst: held instance without an id
 * @id: reserved id of the holder
 *
 * Context: registry lock; never fails.
 */
void qae_instance_number(struct qae_instance_obj *inst, u32 id)
{
	qae_registry_assert();
	inst->id = id;
	/* The slot is reserved: the store allocates nothing. */
	WARN_ON(xa_err(xa_store(&inst->holder->insts, id, inst, GFP_NOWAIT)));
}

/**
 * qae_instance_revoke() - take an instance from its holder
 * @inst: held instance, with or without an id
 *
 * The only way in which an instance loses its holder. So a client that holds no
 * instance has none that still accesses its memory.
 *
 * Context: registry lock; never fails.
 */
void qae_instance_revoke(struct qae_instance_obj *inst)
{
	struct qae_client *client = inst->holder;

	qae_registry_assert();
	inst->endpoint->ops->quiesce(inst);
	if (inst->id)
		xa_erase(&client->insts, inst->id);
	inst->id = 0;
	inst->holder = NULL;
	inst->endpoint->held--;
	if (inst->kind == QAE_INSTANCE_STATIC)
		client->num_static--;
	else
		client->num_dyn[inst->service]--;
}

/**
 * qae_instance_describe() - fill in the description that user space gets
 * @inst: held instance
 * @info: result; every byte is written
 *
 * Context: registry lock.
 */
void qae_instance_describe(const struct qae_instance_obj *inst, struct qae_instance *info)
{
	const struct qae_endpoint *endpoint = inst->endpoint;

	qae_registry_assert();
	memset(info, 0, sizeof(*info));
	info->id = inst->id;
	info->endpoint = endpoint->id;
	info->service = inst->service;
	info->services = inst->services;
	info->kind = inst->kind;
	info->poll_mode = inst->poll_mode;
	info->endpoint_state = endpoint->state;
	info->core = inst->core;
	info->node = endpoint->node;
	info->ring_pair = inst->pairs.first;
	info->ring_pairs = inst->pairs.count;
	info->ring_pair2 = inst->pairs.second;
	info->pci_device = endpoint->model->device;
	info->pci_domain = endpoint->pci_domain;
	info->pci_busdevfn = endpoint->pci_busdevfn;
	info->is_vf = endpoint->model->is_vf;
	strscpy(info->type, endpoint->model->type, sizeof(info->type));
	strscpy(info->name, inst->name, sizeof(info->name));
}

/**
 * qae_dyn_count() - count the instances in the pool, or in one endpoint's part of it
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @available: result: free instances of endpoints that are up
 * @total: result: configured instances, except those of endpoints in state error: nobody can
 *	know whether they come back
 *
 * Context: registry lock.
 */
void qae_dyn_count(enum qae_service service, u32 endpoint, u32 *available, u32 *total)
{
	struct qae_endpoint *ep;

	qae_registry_assert();
	*available = 0;
	*total = 0;
	list_for_each_entry(ep, &qae_registry.endpoints, link) {
		if (endpoint != QAE_ENDPOINT_ANY && ep->id != endpoint)
			continue;
		if (ep->state == QAE_ENDPOINT_UP)
			*available += ep->dyn[service].available;
		if (ep->state != QAE_ENDPOINT_ERROR)
			*total += ep->dyn[service].total;
	}
}
EXPORT_SYMBOL_IF_KUNIT(qae_dyn_count);

/* Every pool event is sent here, so that the counts reported last are known. */
static void report_pool(enum qae_service service, bool even_if_unchanged)
{
	struct qae_pool_counts *last = &qae_registry.reported[service];
	struct qae_pool_counts now;

	qae_dyn_count(service, QAE_ENDPOINT_ANY, &now.available, &now.total);
	if (!even_if_unchanged && now.available == last->available && now.total == last->total)
		return;
	*last = now;
	qae_event_pool(service);
}

/**
 * qae_pools_report_changed() - report the pools that differ from what was reported last
 *
 * Call it after the configuration or the state of an endpoint changed.
 *
 * Context: registry lock.
 */
void qae_pools_report_changed(void)
{
	enum qae_service service;

	qae_registry_assert();
	for (service = 0; service < __QAE_SERVICE_COUNT; service++)
		report_pool(service, false);
}

/*
 * Choose the endpoint for the next dynamic instance: prefer the caller's node,
 * then the endpoint with the fewest held instances.
 */
static struct qae_endpoint *pick_endpoint(enum qae_service service, u32 id, int node)
{
	struct qae_endpoint *best = NULL, *ep;
	bool near, best_near = false;

	list_for_each_entry(ep, &qae_registry.endpoints, link) {
		if (ep->state != QAE_ENDPOINT_UP || !ep->dyn[service].available ||
		    (id != QAE_ENDPOINT_ANY && ep->id != id))
			continue;
		near = ep->node == node;
		if (!best || near > best_near || (near == best_near && ep->held < best->held)) {
			best = ep;
			best_near = near;
		}
	}
	return best;
}

static struct qae_instance_obj *pick_free(struct qae_pool *pool)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, &pool->insts, link)
		if (!inst->holder && !inst->retired)
			return inst;
	return NULL;
}

static struct qae_instance_obj *dyn_get(struct qae_client *client, enum qae_service service,
					u32 endpoint, u32 id)
{
	struct qae_endpoint *ep = pick_endpoint(service, endpoint, numa_node_id());
	struct qae_instance_obj *inst = pick_free(&ep->dyn[service]);

	qae_instance_hold(inst, client);
	qae_instance_number(inst, id);
	ep->dyn[service].available--;
	trace_qae_instance_alloc(ep->id, service, inst->ordinal, client->id);
	/* Rotate the list, so that the instance freed last is reused last. */
	list_move_tail(&inst->link, &ep->dyn[service].insts);
	return inst;
}

static void dyn_put(struct qae_instance_obj *inst)
{
	struct qae_endpoint *ep = inst->endpoint;
	enum qae_service service = inst->service;

	trace_qae_instance_free(ep->id, service, inst->ordinal, inst->holder->id);
	qae_instance_revoke(inst);
	if (inst->retired) {
		__clear_bit(inst->ordinal, ep->used[service]);
		qae_instance_destroy(inst);
	} else {
		ep->dyn[service].available++;
	}
}

/* Whether a client could have so many instances now. */
static int dyn_check(const struct qae_client *client, enum qae_service service, u32 endpoint,
		     u32 count)
{
	u32 available, total;

	qae_registry_assert();
	if (!client->started)
		return -ENOTCONN;
	if (endpoint == QAE_ENDPOINT_ANY ? !qae_endpoints_expected() : !qae_endpoint_find(endpoint))
		return -ENODEV;
	qae_dyn_count(service, endpoint, &available, &total);
	if (count > total)
		return -ENOSPC;
	return count > available ? -EBUSY : 0;
}

static int dyn_take(struct qae_client *client, enum qae_service service, u32 endpoint,
		    u32 count, const u32 *ids, struct qae_instance *infos)
{
	u32 i;
	int err;

	spin_lock(&qae_registry.lock);
	err = dyn_check(client, service, endpoint, count);
	if (!err) {
		for (i = 0; i < count; i++)
			qae_instance_describe(dyn_get(client, service, endpoint, ids[i]),
					      &infos[i]);
		qae_pools_changed();
		report_pool(service, true);
	}
	spin_unlock(&qae_registry.lock);
	return err;
}

/**
 * qae_dyn_alloc() - allocate dynamic instances, all or none
 * @client: client that claimed a section, or "DYN" alone
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: number of instances, at least 1
 * @infos: result: descriptions of the instances; the caller frees the array with kvfree()
 *
 * Checks twice: first because the number of configured instances bounds what is
 * allocated, then because the instances may be gone.
 *
 * Context: registry lock not held, may sleep.
 * Return: 0, -ENOTCONN if the client claimed nothing, -ENODEV, -ENOSPC if fewer
 * are configured, -EBUSY if fewer are free, or -ENOMEM.
 */
int qae_dyn_alloc(struct qae_client *client, enum qae_service service, u32 endpoint, u32 count,
		  struct qae_instance **infos)
{
	u32 *ids = NULL;
	int err;

	spin_lock(&qae_registry.lock);
	err = dyn_check(client, service, endpoint, count);
	spin_unlock(&qae_registry.lock);
	if (err)
		return err;

	*infos = kvcalloc(count, sizeof(**infos), GFP_KERNEL);
	if (*infos)
		ids = qae_ids_reserve(client, count);
	err = ids ? dyn_take(client, service, endpoint, count, ids, *infos) : -ENOMEM;
	if (err) {
		if (ids)
			qae_ids_release(client, ids, count);
		kvfree(*infos);
		*infos = NULL;
	}
	kvfree(ids);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_dyn_alloc);

/* Free one instance. @services: in and out: bits of the services that have more free ones now */
static int dyn_free(struct qae_client *client, u32 id, u32 *services)
{
	struct qae_instance_obj *inst = xa_load(&client->insts, id);
	enum qae_service service;
	u32 endpoint;

	if (!inst || inst->kind != QAE_INSTANCE_DYN)
		return -ENOENT;
	service = inst->service;
	endpoint = inst->endpoint->id;
	dyn_put(inst);
	qae_pool_freed(service, endpoint);
	*services |= BIT(service);
	return 0;
}

/* Report what dyn_free() did, once for each service. */
static void dyn_freed(u32 services)
{
	enum qae_service service;

	if (!services)
		return;
	qae_pools_changed();
	for (service = 0; service < __QAE_SERVICE_COUNT; service++)
		if (services & BIT(service))
			report_pool(service, true);
}

/**
 * qae_dyn_free() - free dynamic instances
 * @client: their holder
 * @ids: their ids in the holder's table
 * @count: number of ids
 *
 * Frees every valid id, even if others are not.
 *
 * Context: registry lock.
 * Return: number of instances freed.
 */
u32 qae_dyn_free(struct qae_client *client, const u32 *ids, u32 count)
{
	u32 services = 0, freed = 0;
	u32 i;

	qae_registry_assert();
	for (i = 0; i < count; i++)
		freed += !dyn_free(client, ids[i], &services);
	dyn_freed(services);
	return freed;
}
EXPORT_SYMBOL_IF_KUNIT(qae_dyn_free);

/**
 * qae_dyn_free_some() - free dynamic instances of a client
 * @client: client; may have none
 * @first: in and out: where in the client's table the search begins; 0 at first
 *
 * Frees a batch, so that the caller can drop the lock in between.
 *
 * Context: registry lock; never fails.
 * Return: whether there may be more.
 */
bool qae_dyn_free_some(struct qae_client *client, unsigned long *first)
{
	struct qae_instance_obj *inst;
	u32 services = 0, seen = 0;

	qae_registry_assert();
	xa_for_each_start(&client->insts, *first, inst, *first) {
		if (seen++ == FREE_BATCH)
			break;
		if (inst->kind == QAE_INSTANCE_DYN)
			dyn_free(client, *first, &services);
	}
	dyn_freed(services);
	return inst;
}
