// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: the present state of an object, sent to the multicast group "events".
 *
 * Events are sent under the registry lock, so they arrive in the order of the
 * changes they report. Delivery never waits for a listener. A listener that
 * misses an event, because its socket is full or there is no memory for the
 * message, reads ENOBUFS from the socket and should request the listing again.
 *
 * All listeners get the same message whatever their namespaces are, so process
 * and user ids are those of the initial namespaces.
 */
#include <linux/pid_namespace.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "netlink/netlink.h"
#include "reader.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/registry.h"
#include "session/section.h"

/* A listener gets no more than a listing would tell it. */
static const struct qae_reader listeners = {
	.pid_ns = &init_pid_ns,
	.user_ns = &init_user_ns,
	.uid = INVALID_UID,
	.admin = QAE_MCGRP_IS_ADMIN,
	.opener = INVALID_UID,
	.opener_admin = QAE_MCGRP_IS_ADMIN,
};

static void event_lost(void)
{
	genl_set_err(&qae_family, &init_net, 0, QAE_MCGRP_EVENTS, -ENOBUFS);
}

/* Start a message, if there are listeners and memory. */
static struct sk_buff *event_begin(u8 cmd, void **header)
{
	struct sk_buff *skb;

	qae_registry_assert();
	if (!genl_has_listeners(&qae_family, &init_net, QAE_MCGRP_EVENTS))
		return NULL;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb) {
		event_lost();
		return NULL;
	}
	/* Cannot fail: the header always fits into an empty message. */
	*header = genlmsg_put(skb, 0, 0, &qae_family, 0, cmd);
	return skb;
}

static void event_end(struct sk_buff *skb, void *header, int err)
{
	if (err) {
		nlmsg_free(skb);
		event_lost();
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&qae_family, skb, 0, QAE_MCGRP_EVENTS, GFP_KERNEL);
}

/**
 * qae_event_endpoint() - report a new endpoint, or a new state or configuration
 * @endpoint: already changed
 *
 * Context: registry lock, may sleep.
 */
void qae_event_endpoint(struct qae_endpoint *endpoint)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_ENDPOINT_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_endpoint(skb, endpoint));
}

/**
 * qae_event_section() - report that a section was claimed or released
 * @section: already changed
 *
 * Context: registry lock, may sleep.
 */
void qae_event_section(struct qae_section *section)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_SECTION_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_section(skb, section, &listeners));
}

/**
 * qae_event_pool() - report that dynamic instances were allocated or freed
 * @service: service of the instances
 *
 * Context: registry lock, may sleep.
 */
void qae_event_pool(enum qae_service service)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_POOL_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_pool(skb, service));
}
