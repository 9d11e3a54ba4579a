// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches. Each descriptor has a wait queue of its own, so that a new watch wakes
 * the pollers of its own descriptor only.
 *
 * A change of a pool is noted under the registry lock, and a worker wakes the
 * pollers: those whose watch can be satisfied by the change, or has become
 * impossible. So a task that frees instances walks over no watch of others, and
 * changes that come in quick succession cause one walk.
 *
 * The worker judges a watch without the registry lock. That loses no wake-up: a
 * watch that changes meanwhile wakes its own pollers, and a poller looks at the
 * pools under the lock after it has entered its wait queue.
 */
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "client.h"
#include "compat.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/watch.h"

/* Watches judged before others get the lock of the list. */
#define CHUNK	32

/**
 * struct change - what changed in the pools since the last walk
 * @services: bit for each service; 0 if nothing changed
 * @endpoint: accelerator id, or QAE_ENDPOINT_ANY for several
 * @configured: a configuration changed too: a watch may have become impossible
 *
 * Registry lock.
 */
struct change {
	u32 services;
	u32 endpoint;
	bool configured;
};

/* The watches, in the order of their first setting. The lock also keeps them from being freed. */
static DEFINE_SPINLOCK(watches_lock);
static LIST_HEAD(watches);
static struct change pending;
static struct workqueue_struct *worker;

/* The counts are those of all endpoints: for a watch of a single one they are an upper bound. */
static bool may_hold(const struct qae_watch *watch, const struct change *change,
		     const u32 available[__QAE_SERVICE_COUNT], const u32 total[__QAE_SERVICE_COUNT])
{
	enum qae_service service = READ_ONCE(watch->service);
	u32 endpoint = READ_ONCE(watch->endpoint);
	u32 count = READ_ONCE(watch->count);

	if (!count || !(change->services & BIT(service)))
		return false;
	if (endpoint == QAE_ENDPOINT_ANY)
		return available[service] >= count || total[service] < count;
	if (change->endpoint != QAE_ENDPOINT_ANY && change->endpoint != endpoint)
		return false;
	return change->configured || available[service] >= count;
}

static void wake_pollers(struct work_struct *work)
{
	u32 available[__QAE_SERVICE_COUNT], total[__QAE_SERVICE_COUNT];
	enum qae_service service;
	struct qae_watch *watch;
	struct change change;
	unsigned int n = 0;
	LIST_HEAD(place);

	spin_lock(&qae_registry.lock);
	change = pending;
	pending.services = 0;
	for (service = 0; service < __QAE_SERVICE_COUNT; service++)
		qae_dyn_count(service, QAE_ENDPOINT_ANY, &available[service], &total[service]);
	spin_unlock(&qae_registry.lock);

	/* The worker is the only one that walks, so this is the only link without a watch. */
	spin_lock(&watches_lock);
	list_add(&place, &watches);
	while (!list_is_last(&place, &watches)) {
		watch = list_entry(place.next, struct qae_watch, link);
		list_move(&place, &watch->link);
		if (may_hold(watch, &change, available, total))
			wake_up_all(&watch->wait);
		if (++n % CHUNK)
			continue;
		spin_unlock(&watches_lock);
		cond_resched();
		spin_lock(&watches_lock);
	}
	list_del(&place);
	spin_unlock(&watches_lock);
}

static DECLARE_WORK(wake_work, wake_pollers);

static void note(u32 services, u32 endpoint, bool configured)
{
	qae_registry_assert();
	/* A watch that is being set now is looked at in poll(), after this change. */
	if (list_empty_careful(&watches))
		return;
	if (!pending.services) {
		pending.endpoint = endpoint;
		pending.configured = false;
	} else if (pending.endpoint != endpoint) {
		pending.endpoint = QAE_ENDPOINT_ANY;
	}
	pending.services |= services;
	pending.configured |= configured;
	queue_work(worker, &wake_work);
}

/**
 * qae_pool_freed() - wake tasks that poll for instances of a pool
 * @service: service of the pool
 * @endpoint: accelerator id
 *
 * Context: registry lock, after the change.
 */
void qae_pool_freed(enum qae_service service, u32 endpoint)
{
	note(BIT(service), endpoint, false);
}

/**
 * qae_registry_freed() - wake tasks that poll, because a configuration changed
 *
 * Context: registry lock, after the change.
 */
void qae_registry_freed(void)
{
	note(BIT(__QAE_SERVICE_COUNT) - 1, QAE_ENDPOINT_ANY, true);
}

/**
 * qae_watch_init() - prepare the watch of a new descriptor
 * @watch: zeroed
 */
void qae_watch_init(struct qae_watch *watch)
{
	INIT_LIST_HEAD(&watch->link);
	init_waitqueue_head(&watch->wait);
}
EXPORT_SYMBOL_IF_KUNIT(qae_watch_init);

/**
 * qae_watch_destroy() - the descriptor of a watch goes
 * @watch: watch that nobody polls; the worker does not use it after this
 *
 * Context: registry lock not held; may sleep.
 */
void qae_watch_destroy(struct qae_watch *watch)
{
	/* Nobody sets it any more. */
	if (list_empty_careful(&watch->link))
		return;
	spin_lock(&watches_lock);
	list_del(&watch->link);
	spin_unlock(&watches_lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_watch_destroy);

/**
 * qae_watch_set() - replace what poll() on a descriptor waits for
 * @watch: watch of the descriptor
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: instances that must be free; 0 for nothing
 *
 * Context: registry lock not held; may sleep.
 */
void qae_watch_set(struct qae_watch *watch, enum qae_service service, u32 endpoint, u32 count)
{
	if (list_empty_careful(&watch->link)) {
		spin_lock(&watches_lock);
		/* Another thread may have been first. */
		if (list_empty(&watch->link))
			list_add_tail(&watch->link, &watches);
		spin_unlock(&watches_lock);
	}
	spin_lock(&qae_registry.lock);
	WRITE_ONCE(watch->service, service);
	WRITE_ONCE(watch->endpoint, endpoint);
	WRITE_ONCE(watch->count, count);
	spin_unlock(&qae_registry.lock);
	/* Another thread may be in poll() with the previous watch. */
	qae_watch_wake(watch);
}
EXPORT_SYMBOL_IF_KUNIT(qae_watch_set);

/**
 * qae_watch_end() - watch nothing any more
 * @watch: watch of a descriptor whose section is being released
 *
 * Any number of tasks may poll the descriptor, so they are woken after the lock.
 *
 * Context: registry lock.
 * Return: whether the caller has to call qae_watch_wake() once it has dropped the lock.
 */
bool qae_watch_end(struct qae_watch *watch)
{
	bool watched = watch->count;

	qae_registry_assert();
	WRITE_ONCE(watch->count, 0);
	return watched;
}

/**
 * qae_watch_wake() - let the pollers of a descriptor look again
 * @watch: its watch
 *
 * Context: registry lock not held; may sleep.
 */
void qae_watch_wake(struct qae_watch *watch)
{
	wake_up_all(&watch->wait);
}

/**
 * qae_watches_init() - start the worker
 *
 * Context: before endpoints and descriptors; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init qae_watches_init(void)
{
	worker = alloc_ordered_workqueue("qae_watches", 0);
	return worker ? 0 : -ENOMEM;
}

/**
 * qae_watches_exit() - stop the worker
 *
 * Context: after endpoints and descriptors; may sleep.
 */
void qae_watches_exit(void)
{
	destroy_workqueue(worker);
	WARN_ON(!list_empty(&watches));
}
