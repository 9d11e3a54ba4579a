// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listings.
 *
 * A dump fills one skb per call, under the registry lock for that time only:
 * a reader who stops reading keeps nobody waiting. Between two skbs the lists
 * may change. Endpoints, clients and users are resumed by id, so none of those that
 * stay is missed or told twice (client ids begin again after 2^31 opens; a
 * listing then may miss some). Sections and instances are resumed by their
 * position, and a sequence number makes netlink mark a listing that spans a
 * change (NLM_F_DUMP_INTR), for the reader to ask again.
 */
#include <linux/nodemask.h>
#include <linux/pid_namespace.h>
#include <linux/user_namespace.h>

#include "client.h"
#include "mem/charge.h"
#include "netlink/netlink.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

/**
 * struct cursor - where a dump goes on; zeroed by netlink when it begins
 * @next: lowest id, or position, not yet told
 */
struct cursor {
	u32 next;
};

static struct cursor *dump_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

/* Dumps run in the reader's context: in its sendmsg() first, then its recvmsg(). */
static void reader_init(struct qae_reader *reader)
{
	reader->pid_ns = task_active_pid_ns(current);
	reader->user_ns = current_user_ns();
}

static void *message_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &qae_family,
			   NLM_F_MULTI, cmd);
}

static int message_end(struct sk_buff *skb, struct netlink_callback *cb, void *header, int err)
{
	if (err) {
		genlmsg_cancel(skb, header);
		return err;
	}
	genl_dump_check_consistent(cb, header);
	genlmsg_end(skb, header);
	return 0;
}

/*
 * A full skb is success: the dump is called again. One that is too small for
 * a single message must not look like the end of the listing.
 */
static int dump_result(const struct sk_buff *skb, int err)
{
	if (err && !skb->len)
		return err;
	return skb->len;
}

/**
 * qae_dump_start() - refuse attributes, which no listing takes
 * @cb: the dump
 *
 * The policy cannot: it is that of the command, and its do-request may take some.
 *
 * Return: 0 or -EINVAL.
 */
int qae_dump_start(struct netlink_callback *cb)
{
	if (nlmsg_attrlen(cb->nlh, GENL_HDRLEN) > 0) {
		NL_SET_ERR_MSG(cb->extack, "a listing takes no attributes");
		return -EINVAL;
	}
	return 0;
}

/**
 * qae_dump_endpoints() - QAE_CMD_ENDPOINT_GET
 * @skb: to fill
 * @cb: the dump
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = dump_cursor(cb);
	struct qae_endpoint *endpoint;
	void *header;
	int err = 0;

	mutex_lock(&qae_registry.lock);
	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		if (endpoint->id < cursor->next)
			continue;
		header = message_begin(skb, cb, QAE_CMD_ENDPOINT_GET);
		if (!header) {
			err = -EMSGSIZE;
			break;
		}
		err = message_end(skb, cb, header, qae_fill_endpoint(skb, endpoint));
		if (err)
			break;
		cursor->next = endpoint->id + 1;
	}
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

/**
 * qae_dump_sections() - QAE_CMD_SECTION_GET
 * @skb: to fill
 * @cb: the dump
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_sections(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = dump_cursor(cb);
	struct qae_section *section;
	struct qae_reader reader;
	u32 position = 0;
	void *header;
	int err = 0;

	reader_init(&reader);
	mutex_lock(&qae_registry.lock);
	cb->seq = qae_registry.sequence;
	list_for_each_entry(section, &qae_registry.sections, link) {
		if (position++ < cursor->next)
			continue;
		header = message_begin(skb, cb, QAE_CMD_SECTION_GET);
		if (!header) {
			err = -EMSGSIZE;
			break;
		}
		err = message_end(skb, cb, header, qae_fill_section(skb, section, &reader));
		if (err)
			break;
		cursor->next = position;
	}
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

/**
 * struct walk - one pass over all instances
 * @skb: to fill
 * @cb: the dump
 * @reader: for whom
 * @position: of the instance met next
 */
struct walk {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct qae_reader reader;
	u32 position;
};

static int walk_instance(struct walk *walk, const struct qae_inst *inst)
{
	struct cursor *cursor = dump_cursor(walk->cb);
	void *header;
	int err;

	if (walk->position++ < cursor->next)
		return 0;
	header = message_begin(walk->skb, walk->cb, QAE_CMD_INSTANCE_GET);
	if (!header)
		return -EMSGSIZE;
	err = message_end(walk->skb, walk->cb, header,
			  qae_fill_instance(walk->skb, inst, &walk->reader));
	if (!err)
		cursor->next = walk->position;
	return err;
}

static int walk_list(struct walk *walk, const struct list_head *insts)
{
	const struct qae_inst *inst;
	int err;

	list_for_each_entry(inst, insts, link) {
		err = walk_instance(walk, inst);
		if (err)
			return err;
	}
	return 0;
}

static int walk_sections(struct walk *walk)
{
	const struct qae_section *section;
	const struct qae_slice *slice;
	int err;

	list_for_each_entry(section, &qae_registry.sections, link) {
		list_for_each_entry(slice, &section->slices, section_link) {
			err = walk_list(walk, &slice->insts);
			if (err)
				return err;
		}
	}
	return 0;
}

static int walk_pools(struct walk *walk)
{
	const struct qae_endpoint *endpoint;
	unsigned int service;
	int err;

	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
			err = walk_list(walk, &endpoint->dyn[service].insts);
			if (!err)
				err = walk_list(walk, &endpoint->kernel[service].insts);
			if (err)
				return err;
		}
	}
	return 0;
}

/*
 * Dynamic instances of an endpoint that is gone: no list of the registry leads
 * to them any more, only their holders do.
 */
static int walk_orphans(struct walk *walk)
{
	struct qae_client *client;
	struct qae_inst *inst;
	unsigned long id;
	int err = 0;

	mutex_lock(&qae_clients.lock);
	list_for_each_entry(client, &qae_clients.list, link) {
		xa_for_each(&client->insts, id, inst) {
			if (inst->slice || inst->endpoint->state != QAE_ENDPOINT_GONE)
				continue;
			err = walk_instance(walk, inst);
			if (err)
				goto out_unlock;
		}
	}
out_unlock:
	mutex_unlock(&qae_clients.lock);
	return err;
}

/**
 * qae_dump_instances() - QAE_CMD_INSTANCE_GET
 * @skb: to fill
 * @cb: the dump
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_instances(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct walk walk = { .skb = skb, .cb = cb };
	int err;

	reader_init(&walk.reader);
	mutex_lock(&qae_registry.lock);
	cb->seq = (qae_registry.sequence + qae_registry.pool_sequence) ?: 1;
	err = walk_sections(&walk);
	if (!err)
		err = walk_pools(&walk);
	if (!err)
		err = walk_orphans(&walk);
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

/**
 * qae_dump_clients() - QAE_CMD_CLIENT_GET
 * @skb: to fill
 * @cb: the dump
 *
 * Clients are listed in order of opening, and ids only grow.
 *
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = dump_cursor(cb);
	struct qae_client *client;
	struct qae_reader reader;
	void *header;
	int err = 0;

	reader_init(&reader);
	mutex_lock(&qae_registry.lock);
	mutex_lock(&qae_clients.lock);
	list_for_each_entry(client, &qae_clients.list, link) {
		if (client->id < cursor->next)
			continue;
		header = message_begin(skb, cb, QAE_CMD_CLIENT_GET);
		if (!header) {
			err = -EMSGSIZE;
			break;
		}
		err = message_end(skb, cb, header, qae_fill_client(skb, client, &reader));
		if (err)
			break;
		cursor->next = client->id + 1;
	}
	mutex_unlock(&qae_clients.lock);
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

/**
 * qae_dump_users() - QAE_CMD_USER_GET
 * @skb: to fill
 * @cb: the dump
 *
 * Users are listed by the number of their uid in the initial namespace.
 *
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_users(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = dump_cursor(cb);
	struct qae_reader reader;
	struct rb_node *node;
	void *header;
	int err = 0;

	reader_init(&reader);
	mutex_lock(&qae_users.lock);
	for (node = rb_first(&qae_users.by_uid); node; node = rb_next(node)) {
		const struct qae_user *user = rb_entry(node, struct qae_user, node);

		if (__kuid_val(user->uid) < cursor->next)
			continue;
		header = message_begin(skb, cb, QAE_CMD_USER_GET);
		if (!header) {
			err = -EMSGSIZE;
			break;
		}
		err = message_end(skb, cb, header, qae_fill_user(skb, user, &reader));
		if (err)
			break;
		/* No uid is the largest number, which means none. */
		cursor->next = __kuid_val(user->uid) + 1;
	}
	mutex_unlock(&qae_users.lock);
	return dump_result(skb, err);
}

/**
 * qae_dump_memory() - QAE_CMD_MEMORY_GET: one message per NUMA node
 * @skb: to fill
 * @cb: the dump
 * Return: bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_memory(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = dump_cursor(cb);
	void *header;
	int err = 0;
	int node;

	for_each_node_state(node, N_MEMORY) {
		if (node < cursor->next)
			continue;
		header = message_begin(skb, cb, QAE_CMD_MEMORY_GET);
		if (!header) {
			err = -EMSGSIZE;
			break;
		}
		err = message_end(skb, cb, header, qae_fill_memory_node(skb, node));
		if (err)
			break;
		cursor->next = node + 1;
	}
	return dump_result(skb, err);
}
