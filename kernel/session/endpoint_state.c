// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of an endpoint:
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
 */
#include <linux/bits.h>

#include "compat.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/endpoint_state.h"
#include "session/event.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"
#include "trace.h"

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

/**
 * qae_endpoint_set_state() - change the state of an endpoint
 * @endpoint: registered endpoint
 * @state: a successor of its present state
 *
 * Every change of the state happens here, so that none goes unreported.
 *
 * Context: registry lock.
 */
void qae_endpoint_set_state(struct qae_endpoint *endpoint, enum qae_endpoint_state state)
{
	int more = (state == QAE_ENDPOINT_UP) - (endpoint->state == QAE_ENDPOINT_UP);

	WARN_ON_ONCE(!(successors[endpoint->state] & BIT(state)));
	WRITE_ONCE(endpoint->state, state);
	/* One store, so that a reader without the lock sees no number in between. */
	if (more)
		WRITE_ONCE(qae_registry.up, qae_registry.up + more);
	qae_registry_changed();
	trace_qae_endpoint_state(endpoint->id, state);
	qae_event_endpoint(endpoint);
}

/**
 * qae_endpoint_availability_changed() - report pools, serve claims and wake pollers
 *
 * Call it after the change: what others wait for may have appeared, or may no
 * longer exist.
 *
 * Context: registry lock.
 */
void qae_endpoint_availability_changed(void)
{
	qae_pools_changed();
	qae_pools_report_changed();
	qae_claims_serve(NULL);
	qae_registry_freed();
}

static void quiesce_pool(const struct qae_endpoint *endpoint, const struct qae_pool *pool)
{
	struct qae_instance_obj *inst;

	list_for_each_entry(inst, &pool->insts, link)
		if (inst->holder)
			endpoint->ops->quiesce(inst);
}

/**
 * qae_endpoint_quiesce() - stop all instances of an endpoint that clients hold
 * @endpoint: endpoint whose function is still bound
 *
 * Context: registry lock; never fails.
 */
void qae_endpoint_quiesce(const struct qae_endpoint *endpoint)
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

static void interrupt_service(struct qae_endpoint *endpoint, enum qae_endpoint_state state)
{
	qae_registry_assert();
	if (endpoint->state == state)
		return;
	qae_endpoint_quiesce(endpoint);
	qae_endpoint_set_state(endpoint, state);
	qae_endpoint_availability_changed();
}

/**
 * qae_endpoint_reset_begin() - the function is about to be reset
 * @endpoint: registered endpoint in any state
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_reset_begin(struct qae_endpoint *endpoint)
{
	spin_lock(&qae_registry.lock);
	interrupt_service(endpoint, QAE_ENDPOINT_RESETTING);
	spin_unlock(&qae_registry.lock);
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
	spin_lock(&qae_registry.lock);
	if (endpoint->state != QAE_ENDPOINT_ERROR)
		interrupt_service(endpoint, QAE_ENDPOINT_RESETTING);
	spin_unlock(&qae_registry.lock);
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
	spin_lock(&qae_registry.lock);
	interrupt_service(endpoint, QAE_ENDPOINT_ERROR);
	spin_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_fail);

/**
 * qae_endpoint_reset_end() - the function is back after a reset or a suspend
 * @endpoint: registered endpoint; its state stays unless that is resetting
 *
 * It serves again what it served before.
 *
 * Context: may sleep; never fails.
 */
void qae_endpoint_reset_end(struct qae_endpoint *endpoint)
{
	spin_lock(&qae_registry.lock);
	endpoint->ops->came_back(endpoint);
	if (endpoint->state == QAE_ENDPOINT_RESETTING) {
		qae_endpoint_set_state(endpoint, endpoint->config ? QAE_ENDPOINT_UP :
								    QAE_ENDPOINT_DOWN);
		qae_endpoint_availability_changed();
	}
	spin_unlock(&qae_registry.lock);
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

	spin_lock(&qae_registry.lock);
	if (endpoint->state == QAE_ENDPOINT_DOWN) {
		endpoint->lent = true;
		err = 0;
	}
	spin_unlock(&qae_registry.lock);
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
	spin_lock(&qae_registry.lock);
	endpoint->lent = false;
	spin_unlock(&qae_registry.lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_take_back);
