// SPDX-License-Identifier: GPL-2.0-only
/* An endpoint gets a configuration, another one, or none: up, reload, down. */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/mutex.h>

#include "compat.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/endpoint_state.h"
#include "session/event.h"
#include "session/publication.h"
#include "session/registry.h"
#include "session/section.h"
#include "trace.h"

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
	if (endpoint->state == QAE_ENDPOINT_UP) {
		qae_registry_changed();
		qae_event_endpoint(endpoint);
	} else {
		qae_endpoint_set_state(endpoint, QAE_ENDPOINT_UP);
	}
	qae_endpoint_availability_changed();
	return 0;
}

/*
 * Whether there is an endpoint, and in a state in which the configuration may change at all:
 * down or up. Under the registry lock.
 */
static int check_settled(const struct qae_endpoint *endpoint, const char **reason)
{
	if (!endpoint) {
		*reason = "no such endpoint";
		return -ENODEV;
	}
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
static int finish_start(struct qae_endpoint *endpoint, u32 start, struct qae_publication *pub,
			struct qae_config **config, const char **reason)
{
	int err;

	mutex_lock(&endpoint->bus_lock);
	err = endpoint->ops->check_reach(endpoint, reason);
	spin_lock(&qae_registry.lock);
	if (endpoint->state == QAE_ENDPOINT_STARTING && endpoint->starts == start) {
		if (!err)
			err = endpoint_publish(endpoint, pub, config, reason);
		if (err)
			qae_endpoint_set_state(endpoint, QAE_ENDPOINT_DOWN);
		else if (endpoint->ops->addresses(endpoint) == QAE_ADDRESSES_PHYSICAL)
			pr_notice_once("device addresses are physical addresses; whoever may open /dev/qae_mem learns those of their own memory\n");
	} else if (endpoint->state == QAE_ENDPOINT_GONE) {
		*reason = "the function was removed";
		err = -ENODEV;
	} else {
		*reason = "the function was reset or reported an error meanwhile";
		err = -EAGAIN;
	}
	spin_unlock(&qae_registry.lock);
	mutex_unlock(&endpoint->bus_lock);
	return err;
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
	struct qae_endpoint *endpoint;
	u32 start = 0;
	int err;

	spin_lock(&qae_registry.lock);
	endpoint = qae_endpoint_find(id);
	err = check_settled(endpoint, reason);
	if (!err && endpoint->state == QAE_ENDPOINT_UP) {
		*reason = "the endpoint is up already; use reload to change its configuration";
		err = -EALREADY;
	} else if (!err && endpoint->lent) {
		*reason = "its virtual functions have the ring pairs; see sriov_numvfs";
		err = -EBUSY;
	}
	if (!err) {
		qae_endpoint_set_state(endpoint, QAE_ENDPOINT_STARTING);
		start = ++endpoint->starts;
		qae_endpoint_get(endpoint);
	}
	spin_unlock(&qae_registry.lock);
	if (err)
		return err;
	err = finish_start(endpoint, start, pub, config, reason);
	qae_endpoint_put(endpoint);
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
 * functions have its ring pairs, or another driver shares its IOMMU group; -EOPNOTSUPP if the
 * function does not reach memory; -ENOMEM; or an error of the IOMMU or of qae_publish().
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
	struct qae_endpoint *endpoint;
	int err;

	spin_lock(&qae_registry.lock);
	endpoint = qae_endpoint_find(id);
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
		err = endpoint_publish(endpoint, pub, config, reason);
	}
	spin_unlock(&qae_registry.lock);
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
 * Return: 0; -ENODEV; -EALREADY if the endpoint is down; -EAGAIN or -EIO in a state that forbids
 * it; -ESTALE if its generation differs; or an error of qae_publish().
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
 * Return: 0; -ENODEV; -EALREADY; -EAGAIN or -EIO in a state that forbids it; or -EBUSY while one
 * of its sections or instances is held.
 */
int qae_endpoint_down(u32 id, const char **reason)
{
	struct qae_endpoint *endpoint;
	int err;

	spin_lock(&qae_registry.lock);
	endpoint = qae_endpoint_find(id);
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
		qae_endpoint_set_state(endpoint, QAE_ENDPOINT_DOWN);
		qae_endpoint_availability_changed();
	}
	spin_unlock(&qae_registry.lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_endpoint_down);
