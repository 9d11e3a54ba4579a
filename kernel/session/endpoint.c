// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: the registry, and the states of an endpoint.
 *
 *  down	bound, without a configuration
 *  starting	the bus is asked whether the function can serve; then up, or down again
 *  up		configured and serving
 *  resetting	the function is being reset or is suspended, and comes back by itself
 *  error	the function reported an error; a reset ends that
 *  gone	unbound
 *
 * A reset and an error leave configuration and holders alone: whoever holds an
 * instance keeps it, sees the state, and goes on when the function is back. Until
 * then nobody gets a section or an instance that only such functions serve.
 *
 * An endpoint outlives its function while a client holds one of its instances. It
 * is then a tombstone: no longer in the registry, in state gone.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/slab.h>

#include "compat.h"
#include "model/model.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "trace.h"

struct qae_registry qae_registry = {
	.lock = __MUTEX_INITIALIZER(qae_registry.lock),
	.endpoints = LIST_HEAD_INIT(qae_registry.endpoints),
	.sections = LIST_HEAD_INIT(qae_registry.sections),
	/* netlink does not check the consistency of a dump with sequence 0. */
	.sequence = 1,
	.wait = __WAIT_QUEUE_HEAD_INITIALIZER(qae_registry.wait),
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
 * qae_registry_freed() - wake tasks that wait for a section or an instance
 *
 * Call it after the change: waiters read the counter before they look, so they
 * cannot miss the increment.
 *
 * Context: registry lock.
 */
void qae_registry_freed(void)
{
	qae_registry_assert();
	WRITE_ONCE(qae_registry.freed, qae_registry.freed + 1);
	wake_up_all(&qae_registry.wait);
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
	struct qae_endpoint *endpoint;

	qae_registry_assert();
	list_for_each_entry(endpoint, &qae_registry.endpoints, link)
		if (endpoint->id == id)
			return endpoint;
	return NULL;
}

/**
 * qae_endpoints_up() - count the endpoints that are up
 *
 * Context: registry lock.
 * Return: the number of endpoints in state up.
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

	mutex_lock(&qae_registry.lock);
	endpoint_register(endpoint);
	qae_reach_add(endpoint);
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, endpoint->state);
	qae_event_endpoint(endpoint);
	mutex_unlock(&qae_registry.lock);
	return endpoint;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_add);

/* The states that may follow each state. */
static const unsigned long successors[__QAE_ENDPOINT_STATE_COUNT] = {
	[QAE_ENDPOINT_DOWN] = BIT(QAE_ENDPOINT_STARTING) | BIT(QAE_ENDPOINT_RESETTING) |
			      BIT(QAE_ENDPOINT_ERROR) | BIT(QAE_ENDPOINT_GONE),
	[QAE_ENDPOINT_STARTING] = BIT(QAE_ENDPOINT_UP) | BIT(QAE_ENDPOINT_DOWN) |
				  BIT(QAE_ENDPOINT_RESETTING) | BIT(QAE_ENDPOINT_ERROR) |
				  BIT(QAE_ENDPOINT_GONE),
	[QAE_ENDPOINT_UP] = BIT(QAE_ENDPOINT_DOWN) | BIT(QAE_ENDPOINT_RESETTING) |
			    BIT(QAE_ENDPOINT_ERROR) | BIT(QAE_ENDPOINT_GONE),
	[QAE_ENDPOINT_RESETTING] = BIT(QAE_ENDPOINT_DOWN) | BIT(QAE_ENDPOINT_UP) |
				   BIT(QAE_ENDPOINT_ERROR) | BIT(QAE_ENDPOINT_GONE),
	[QAE_ENDPOINT_ERROR] = BIT(QAE_ENDPOINT_RESETTING) | BIT(QAE_ENDPOINT_GONE),
};

/* Every change of the state happens here, so that none goes unreported. */
static void set_state(struct qae_endpoint *endpoint, enum qae_endpoint_state state)
{
	WARN_ON_ONCE(!(successors[endpoint->state] & BIT(state)));
	WRITE_ONCE(endpoint->state, state);
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, state);
	qae_event_endpoint(endpoint);
}

/* What others wait for may have appeared, or may no longer exist. */
static void availability_changed(void)
{
	qae_pools_changed();
	qae_registry_freed();
}

static void quiesce_pool(const struct qae_endpoint *endpoint, const struct qae_pool *pool)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, &pool->insts, link)
		if (inst->holder)
			endpoint->ops->quiesce(inst);
}

/* Stop all instances that clients hold. */
static void quiesce_held(const struct qae_endpoint *endpoint)
{
	struct qae_instance_obj *inst;
	enum qae_service service;
	struct qae_slice *slice;

	list_for_each_entry(slice, &endpoint->slices, endpoint_link)
		list_for_each_entry(inst, &slice->insts, link)
			if (inst->holder)
				endpoint->ops->quiesce(inst);
	for (service = 0; service < __QAE_SERVICE_COUNT; service++)
		quiesce_pool(endpoint, &endpoint->dyn[service]);
}

static int removed_check_reach(const struct qae_endpoint *endpoint, const char **reason)
{
	*reason = "the function was removed";
	return -ENODEV;
}

/* A function that is not bound any more was stopped when it was unbound. */
static void removed_quiesce(struct qae_instance_obj *inst)
{
}

/* check_range() is missing: reach.c does not know the endpoint any more. */
static const struct qae_endpoint_ops removed_ops = {
	.check_reach = removed_check_reach,
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
	mutex_lock(&qae_registry.lock);
	quiesce_held(endpoint);
	qae_unpublish(endpoint);
	endpoint->ops = &removed_ops;
	endpoint->bus = NULL;
	list_del_init(&endpoint->link);
	set_state(endpoint, QAE_ENDPOINT_GONE);
	availability_changed();
	mutex_unlock(&qae_registry.lock);
	mutex_unlock(&endpoint->bus_lock);
	qae_endpoint_put(endpoint);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_remove);

static void interrupt_service(struct qae_endpoint *endpoint, enum qae_endpoint_state state)
{
	qae_registry_assert();
	if (endpoint->state == state)
		return;
	quiesce_held(endpoint);
	set_state(endpoint, state);
	availability_changed();
}

/**
 * qae_endpoint_reset_begin() - the function is about to be reset
 * @endpoint: registered endpoint in any state
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_reset_begin(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	interrupt_service(endpoint, QAE_ENDPOINT_RESETTING);
	mutex_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_reset_begin);

/**
 * qae_endpoint_suspend() - the function is about to lose its power
 * @endpoint: registered endpoint in any state
 *
 * As a reset, except that it does not end an error: a function can keep its state
 * through a suspend.
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_suspend(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	if (endpoint->state != QAE_ENDPOINT_ERROR)
		interrupt_service(endpoint, QAE_ENDPOINT_RESETTING);
	mutex_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_suspend);

/**
 * qae_endpoint_fail() - the function reported an error
 * @endpoint: registered endpoint in any state
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_fail(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	interrupt_service(endpoint, QAE_ENDPOINT_ERROR);
	mutex_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_fail);

/**
 * qae_endpoint_reset_end() - the function is back after a reset or a suspend
 * @endpoint: registered endpoint; nothing happens unless its state is resetting
 *
 * It serves again what it served before.
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_reset_end(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	if (endpoint->state == QAE_ENDPOINT_RESETTING) {
		set_state(endpoint, endpoint->config ? QAE_ENDPOINT_UP : QAE_ENDPOINT_DOWN);
		availability_changed();
	}
	mutex_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_reset_end);

/**
 * qae_endpoint_lend() - let virtual functions have the ring pairs
 * @endpoint: registered endpoint
 *
 * Context: may sleep.
 * Return: 0, or -EBUSY unless it is down.
 */
int qae_endpoint_lend(struct qae_endpoint *endpoint)
{
	int err = -EBUSY;

	mutex_lock(&qae_registry.lock);
	if (endpoint->state == QAE_ENDPOINT_DOWN) {
		endpoint->lent = true;
		err = 0;
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_lend);

/**
 * qae_endpoint_take_back() - there are no virtual functions any more
 * @endpoint: registered endpoint
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_take_back(struct qae_endpoint *endpoint)
{
	mutex_lock(&qae_registry.lock);
	endpoint->lent = false;
	mutex_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_take_back);

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
	if (endpoint->state == QAE_ENDPOINT_UP) {
		qae_registry_changed();
		qae_event_endpoint(endpoint);
	} else {
		set_state(endpoint, QAE_ENDPOINT_UP);
	}
	availability_changed();
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

/* Whether the state is one in which the configuration may change at all: down or up. */
static int check_settled(const struct qae_endpoint *endpoint, const char **reason)
{
	switch (endpoint->state) {
	case QAE_ENDPOINT_STARTING:
		*reason = "another process is bringing the endpoint up";
		return -EAGAIN;
	case QAE_ENDPOINT_RESETTING:
		*reason = "the function is being reset or is suspended";
		return -EAGAIN;
	case QAE_ENDPOINT_ERROR:
		*reason = "the function reported an error; write 1 to its file reset in sysfs";
		return -EIO;
	default:
		return 0;
	}
}

/*
 * The second half of qae_endpoint_up(). The bus is asked without the registry lock,
 * so that nobody waits for it. A reset, an error or a removal can come in between,
 * and then the state is not ours any more.
 */
static int finish_start(struct qae_endpoint *endpoint, u32 start, struct qae_config **config,
			const char **reason)
{
	int err;

	mutex_lock(&endpoint->bus_lock);
	err = endpoint->ops->check_reach(endpoint, reason);
	mutex_lock(&qae_registry.lock);
	if (endpoint->state == QAE_ENDPOINT_STARTING && endpoint->starts == start) {
		if (!err)
			err = endpoint_publish(endpoint, config, reason);
		if (err)
			set_state(endpoint, QAE_ENDPOINT_DOWN);
		else
			pr_notice_once("device addresses are physical addresses; whoever may open /dev/qae_mem learns those of their own memory\n");
	} else if (endpoint->state == QAE_ENDPOINT_GONE) {
		*reason = "the function was removed";
		err = -ENODEV;
	} else {
		*reason = "the function was reset or reported an error meanwhile";
		err = -EAGAIN;
	}
	mutex_unlock(&qae_registry.lock);
	mutex_unlock(&endpoint->bus_lock);
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
 * Return: 0; -ENODEV; -EALREADY; -EAGAIN or -EIO in a state that forbids it; -EBUSY if virtual
 * functions have its ring pairs; -EOPNOTSUPP if the function does not reach memory; or an error of
 * qae_publish().
 */
int qae_endpoint_up(u32 id, struct qae_config **config, const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	u32 start = 0;
	int err;

	if (!endpoint)
		return -ENODEV;
	err = check_settled(endpoint, reason);
	if (!err && endpoint->state == QAE_ENDPOINT_UP) {
		*reason = "the endpoint is up already; use reload to change its configuration";
		err = -EALREADY;
	} else if (!err && endpoint->lent) {
		*reason = "its virtual functions have the ring pairs; see sriov_numvfs";
		err = -EBUSY;
	}
	if (!err) {
		set_state(endpoint, QAE_ENDPOINT_STARTING);
		start = ++endpoint->starts;
		qae_endpoint_get(endpoint);
	}
	mutex_unlock(&qae_registry.lock);
	if (err)
		return err;
	err = finish_start(endpoint, start, config, reason);
	qae_endpoint_put(endpoint);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_up);

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
 * Return: 0; -ENODEV; -EALREADY if the endpoint is down; -EAGAIN or -EIO in a state that forbids
 * it; -ESTALE if its generation differs; or an error of qae_publish().
 */
int qae_endpoint_reload(u32 id, const u32 *generation, struct qae_config **config,
			const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	err = check_settled(endpoint, reason);
	if (err) {
		/* The reason is set. */
	} else if (endpoint->state != QAE_ENDPOINT_UP) {
		*reason = "the endpoint is down; bring it up first";
		err = -EALREADY;
	} else if (generation && *generation != endpoint->generation) {
		*reason = "the configuration has changed in the meantime; read it again";
		err = -ESTALE;
	} else {
		err = endpoint_publish(endpoint, config, reason);
	}
	mutex_unlock(&qae_registry.lock);
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
 * Return: 0; -ENODEV; -EALREADY; -EAGAIN or -EIO in a state that forbids it; or -EBUSY while one
 * of its sections or instances is held.
 */
int qae_endpoint_down(u32 id, const char **reason)
{
	struct qae_endpoint *endpoint = lock_endpoint(id, reason);
	int err;

	if (!endpoint)
		return -ENODEV;
	err = check_settled(endpoint, reason);
	if (err) {
		/* The reason is set. */
	} else if (endpoint->state == QAE_ENDPOINT_DOWN) {
		*reason = "the endpoint is down already";
		err = -EALREADY;
	} else if (endpoint_is_held(endpoint)) {
		*reason = "processes hold sections or instances of the endpoint";
		err = -EBUSY;
	} else {
		qae_unpublish(endpoint);
		set_state(endpoint, QAE_ENDPOINT_DOWN);
		availability_changed();
	}
	mutex_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_down);
