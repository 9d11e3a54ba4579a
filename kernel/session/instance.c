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
#include "trace.h"

/**
 * qae_instance_create() - allocate an instance, without ring pairs yet
 * @endpoint: endpoint; the instance takes a reference
 * @config: its entry in the configuration
 * @process: process index, selects an element of the core list
 *
 * Context: may sleep.
 * Return: the instance, in no list, or NULL if out of memory.
 */
struct qae_instance_obj *qae_instance_create(struct qae_endpoint *endpoint,
					     const struct qae_config_instance *config, u32 process)
{
	struct qae_instance_obj *inst = kzalloc(sizeof(*inst), GFP_KERNEL);

	if (!inst)
		return NULL;
	INIT_LIST_HEAD(&inst->link);
	qae_endpoint_get(endpoint);
	inst->endpoint = endpoint;
	inst->service = config->service;
	inst->poll_mode = config->poll_mode;
	inst->core = qae_config_core(config, process);
	strscpy(inst->name, config->name, sizeof(inst->name));
	return inst;
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
	kfree(inst);
}

/**
 * qae_instance_grant() - give an instance to a client
 * @inst: free instance
 * @client: new holder
 *
 * Context: registry lock, may sleep.
 * Return: 0 or -ENOMEM.
 */
int qae_instance_grant(struct qae_instance_obj *inst, struct qae_client *client)
{
	int err;

	qae_registry_assert();
	err = xa_alloc(&client->insts, &inst->id, inst, xa_limit_31b, GFP_KERNEL);
	if (err)
		return -ENOMEM;
	inst->holder = client;
	inst->endpoint->held++;
	if (inst->kind == QAE_INSTANCE_STATIC)
		client->num_static++;
	else
		client->num_dyn[inst->service]++;
	return 0;
}

/**
 * qae_instance_revoke() - take an instance from its holder
 * @inst: held instance
 *
 * The only way in which an instance loses its holder. So a client that holds no
 * instance has none that still accesses its memory.
 *
 * Context: registry lock, may sleep; never fails.
 */
void qae_instance_revoke(struct qae_instance_obj *inst)
{
	struct qae_client *client = inst->holder;

	qae_registry_assert();
	inst->endpoint->ops->quiesce(inst);
	xa_erase(&client->insts, inst->id);
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

static int dyn_get(struct qae_client *client, enum qae_service service, u32 endpoint,
		   struct qae_instance_obj **result)
{
	struct qae_endpoint *ep = pick_endpoint(service, endpoint, numa_node_id());
	struct qae_instance_obj *inst = ep ? pick_free(&ep->dyn[service]) : NULL;
	int err;

	if (WARN_ON(!inst))
		return -EBUSY;
	err = qae_instance_grant(inst, client);
	if (err)
		return err;
	ep->dyn[service].available--;
	trace_qae_instance_alloc(ep->id, service, inst->ordinal, client->id);
	/* Rotate the list, so that the instance freed last is reused last. */
	list_move_tail(&inst->link, &ep->dyn[service].insts);
	*result = inst;
	return 0;
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

/**
 * qae_dyn_alloc() - allocate dynamic instances, all or none
 * @client: client that claimed a section, or "DYN" alone
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: number of instances, at least 1
 * @insts: result: array of @count elements; the caller frees it with kvfree()
 *
 * Context: registry lock, may sleep.
 * Return: 0, -ENOTCONN if the client claimed nothing, -ENODEV, -ENOSPC if fewer
 * are configured, -EBUSY if fewer are free, or -ENOMEM.
 */
int qae_dyn_alloc(struct qae_client *client, enum qae_service service, u32 endpoint, u32 count,
		  struct qae_instance_obj ***insts)
{
	struct qae_instance_obj **taken;
	u32 available, total, i;
	int err;

	qae_registry_assert();
	if (!client->started)
		return -ENOTCONN;
	if (endpoint == QAE_ENDPOINT_ANY ? !qae_endpoints_expected() : !qae_endpoint_find(endpoint))
		return -ENODEV;
	qae_dyn_count(service, endpoint, &available, &total);
	if (count > total)
		return -ENOSPC;
	if (count > available)
		return -EBUSY;

	/* The checks above have bounded the size of the array. */
	taken = kvcalloc(count, sizeof(*taken), GFP_KERNEL);
	if (!taken)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		err = dyn_get(client, service, endpoint, &taken[i]);
		if (err)
			goto err_put;
	}
	*insts = taken;
	qae_pools_changed();
	qae_event_pool(service);
	return 0;

err_put:
	while (i--)
		dyn_put(taken[i]);
	qae_pools_changed();
	kvfree(taken);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_dyn_alloc);

/**
 * qae_dyn_free() - free one dynamic instance
 * @client: its holder
 * @id: its id in the holder's table
 *
 * Context: registry lock.
 * Return: 0, or -ENOENT if the client has no dynamic instance with that id.
 */
int qae_dyn_free(struct qae_client *client, u32 id)
{
	struct qae_instance_obj *inst;
	enum qae_service service;

	qae_registry_assert();
	inst = xa_load(&client->insts, id);
	if (!inst || inst->kind != QAE_INSTANCE_DYN)
		return -ENOENT;
	service = inst->service;
	dyn_put(inst);
	qae_pools_changed();
	qae_registry_freed();
	qae_event_pool(service);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_dyn_free);

/**
 * qae_dyn_free_all() - free all dynamic instances of a client
 * @client: client; may have none
 *
 * Context: registry lock; never fails.
 */
void qae_dyn_free_all(struct qae_client *client)
{
	struct qae_instance_obj *inst;
	unsigned long id;

	qae_registry_assert();
	xa_for_each(&client->insts, id, inst)
		if (inst->kind == QAE_INSTANCE_DYN)
			qae_dyn_free(client, id);
}
