// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: an object as it is now, to whoever listens to the group "events".
 *
 * Called under the registry lock, so that events have the order of the changes
 * they tell of. Delivery never waits for a listener. Whoever misses an event,
 * be it a full socket or no memory for the message, reads ENOBUFS from the
 * socket and should list again.
 *
 * A listener may be in any namespace that could join, and one message goes to
 * all of them: processes and users are told as the initial namespaces see them.
 */
#include <linux/pid_namespace.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "netlink/netlink.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/registry.h"
#include "session/section.h"

static const struct qae_reader everyone = {
	.pid_ns = &init_pid_ns,
	.user_ns = &init_user_ns,
};

static bool nobody_listens(void)
{
	return !genl_has_listeners(&qae_family, &init_net, QAE_MCGRP_EVENTS);
}

static void event_lost(void)
{
	genl_set_err(&qae_family, &init_net, 0, QAE_MCGRP_EVENTS, -ENOBUFS);
}

static struct sk_buff *event_begin(u8 cmd, void **header)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb) {
		event_lost();
		return NULL;
	}
	/* The header of an empty message always fits. */
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
 * qae_event_endpoint() - an endpoint appeared, or its state or configuration changed
 * @endpoint: as it is now
 * Context: registry lock, may sleep.
 */
void qae_event_endpoint(struct qae_endpoint *endpoint)
{
	struct sk_buff *skb;
	void *header;

	qae_registry_assert();
	if (nobody_listens())
		return;
	skb = event_begin(QAE_CMD_ENDPOINT_NTF, &header);
	if (skb)
		event_end(skb, header, qae_fill_endpoint(skb, endpoint));
}

/**
 * qae_event_section() - a section was claimed or released
 * @section: as it is now
 * Context: registry lock, may sleep.
 */
void qae_event_section(struct qae_section *section)
{
	struct sk_buff *skb;
	void *header;

	qae_registry_assert();
	if (nobody_listens())
		return;
	skb = event_begin(QAE_CMD_SECTION_NTF, &header);
	if (skb)
		event_end(skb, header, qae_fill_section(skb, section, &everyone));
}

/**
 * qae_event_pool() - dynamic instances were taken or returned
 * @service: of which service
 * Context: registry lock, may sleep.
 */
void qae_event_pool(enum qae_service service)
{
	struct sk_buff *skb;
	void *header;

	qae_registry_assert();
	if (nobody_listens())
		return;
	skb = event_begin(QAE_CMD_POOL_NTF, &header);
	if (skb)
		event_end(skb, header, qae_fill_pool(skb, service));
}
