// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: the new state of an object, sent to the multicast group "events".
 *
 * The bookkeeping calls this file under the registry lock, which all clients
 * share. So a message is only written there, from memory that is at hand, and
 * queued; a worker sends it. The queue keeps the order of the changes. Sending
 * yields to listeners that are slow, and then only the worker waits.
 *
 * A listener that misses an event reads ENOBUFS from its socket and should
 * request the listing again. It misses one if its socket is full, if there was no
 * memory for the message, or if QUEUE_MOST messages wait for the worker. The worker
 * reports that too: it means a walk over all netlink sockets, which would last too
 * long under the registry lock.
 *
 * All listeners get the same message whatever their namespaces are, so process
 * and user ids are those of the initial namespaces.
 */
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/pid_namespace.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "netlink/netlink.h"
#include "reader.h"
#include "session/event.h"
#include "session/registry.h"

#define QUEUE_MOST	1024

/* A listener gets no more than a listing would tell it. */
static const struct qae_reader listeners = {
	.pid_ns = &init_pid_ns,
	.user_ns = &init_user_ns,
	.uid = INVALID_UID,
	.admin = QAE_MCGRP_IS_ADMIN,
	.opener = INVALID_UID,
	.opener_admin = QAE_MCGRP_IS_ADMIN,
};

static struct sk_buff_head queue;
static atomic_t lost;		/* 1: listeners have to learn that they missed an event */
static struct workqueue_struct *worker;

static void report_loss(void)
{
	lockdep_assert_not_held(&qae_registry.lock);
	genl_set_err(&qae_family, &init_net, 0, QAE_MCGRP_EVENTS, -ENOBUFS);
}

/* The messages that were queued before the loss go first. Nobody else takes any out. */
static void send_queued(struct work_struct *work)
{
	struct sk_buff *skb;
	unsigned int n;
	bool report;

	do {
		report = atomic_xchg(&lost, 0);
		for (n = skb_queue_len_lockless(&queue); n; n--) {
			skb = skb_dequeue(&queue);
			genlmsg_multicast(&qae_family, skb, 0, QAE_MCGRP_EVENTS, GFP_KERNEL);
		}
		if (report)
			report_loss();
	} while (!skb_queue_empty_lockless(&queue));
}

static DECLARE_WORK(send_work, send_queued);

static void event_lost(void)
{
	atomic_set(&lost, 1);
	/* If it is queued already, it begins after this and sees the loss. */
	queue_work(worker, &send_work);
}

/* Start a message, if there are listeners and memory. */
static struct sk_buff *event_begin(u8 cmd, void **header)
{
	struct sk_buff *skb = NULL;

	qae_registry_assert();
	if (!genl_has_listeners(&qae_family, &init_net, QAE_MCGRP_EVENTS))
		return NULL;
	if (skb_queue_len_lockless(&queue) < QUEUE_MOST)
		skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_NOWAIT | __GFP_NOWARN);
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
	skb_queue_tail(&queue, skb);
	queue_work(worker, &send_work);
}

static void record_endpoint(const struct qae_endpoint *endpoint)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_ENDPOINT_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_endpoint(skb, endpoint));
}

static void record_section(const struct qae_section *section)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_SECTION_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_section(skb, section, &listeners));
}

static void record_pool(enum qae_service service)
{
	void *header;
	struct sk_buff *skb = event_begin(QAE_CMD_POOL_NTF, &header);

	if (skb)
		event_end(skb, header, qae_fill_pool(skb, service));
}

static const struct qae_event_subscriber subscriber = {
	.endpoint = record_endpoint,
	.section = record_section,
	.pool = record_pool,
};

/**
 * qae_netlink_events_init() - send events to the group from now on
 *
 * Context: after the family was registered; may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init qae_netlink_events_init(void)
{
	skb_queue_head_init(&queue);
	worker = alloc_ordered_workqueue("qae_events", 0);
	if (!worker)
		return -ENOMEM;
	qae_events_subscribe(&subscriber);
	return 0;
}

/**
 * qae_netlink_events_exit() - send what is queued, and no more
 *
 * Context: before the family is unregistered; may sleep.
 */
void qae_netlink_events_exit(void)
{
	qae_events_subscribe(NULL);
	destroy_workqueue(worker);
}
