// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listings.
 *
 * A dump fills one skb per call and holds its locks for that call only, so a
 * receiver that stops reading blocks nobody. The lists may change between two
 * calls. Dumps of endpoints, clients and users resume by id: an object that
 * exists throughout is sent exactly once (client ids wrap after 2^31 opens; a
 * listing at that moment may miss clients). Dumps of sections and instances
 * resume by position, and a sequence number makes netlink mark a listing that
 * spans a change (NLM_F_DUMP_INTR), so that the receiver can request it again.
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
 * struct cursor - where the next call resumes; netlink zeroes it when a dump begins
 * @next: lowest id or position not sent yet
 */
struct cursor {
	u32 next;
};

/**
 * struct dump - one call of a dump
 * @skb: message buffer to fill
 * @cb: the dump
 * @cmd: command of each message
 * @fill: puts the attributes of one object
 * @namespaces: those of the receiver
 * @position: of the next object, where objects have no id
 */
struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	u8 cmd;
	int (*fill)(const struct dump *dump, const void *object);
	struct qae_namespaces namespaces;
	u32 position;
};

/* A dump runs in the receiver's context: in its sendmsg() first, then its recvmsg(). */
#define DUMP_INIT(_skb, _cb, _cmd, _fill) {			\
	.skb = (_skb),						\
	.cb = (_cb),						\
	.cmd = (_cmd),						\
	.fill = (_fill),					\
	.namespaces = {						\
		.pid_ns = task_active_pid_ns(current),		\
		.user_ns = current_user_ns(),			\
	},							\
}

/* Send one object, unless an earlier call did. */
static int dump_object(const struct dump *dump, u32 position, const void *object)
{
	struct cursor *cursor = (struct cursor *)dump->cb->ctx;
	void *header;
	int err;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(dump->cb->ctx));
	if (position < cursor->next)
		return 0;
	header = genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid,
			     dump->cb->nlh->nlmsg_seq, &qae_family, NLM_F_MULTI, dump->cmd);
	if (!header)
		return -EMSGSIZE;
	err = dump->fill(dump, object);
	if (err) {
		genlmsg_cancel(dump->skb, header);
		return err;
	}
	genl_dump_check_consistent(dump->cb, header);
	genlmsg_end(dump->skb, header);
	cursor->next = position + 1;
	return 0;
}

/*
 * A full skb is a success: netlink calls the dump again. An skb too small for a
 * single message must be an error, because 0 means the end of the listing.
 */
static int dump_result(const struct sk_buff *skb, int err)
{
	if (err && !skb->len)
		return err;
	return skb->len;
}

/**
 * qae_dump_start() - refuse attributes, because no listing takes any
 * @cb: the dump
 *
 * The policy cannot do it: the command's do-request shares it, and may take
 * attributes.
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

static int fill_endpoint(const struct dump *dump, const void *object)
{
	return qae_fill_endpoint(dump->skb, object);
}

/**
 * qae_dump_endpoints() - list endpoints (QAE_CMD_ENDPOINT_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_ENDPOINT_GET, fill_endpoint);
	struct qae_endpoint *endpoint;
	int err = 0;

	mutex_lock(&qae_registry.lock);
	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		err = dump_object(&dump, endpoint->id, endpoint);
		if (err)
			break;
	}
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

static int fill_section(const struct dump *dump, const void *object)
{
	return qae_fill_section(dump->skb, object, &dump->namespaces);
}

/**
 * qae_dump_sections() - list internal sections (QAE_CMD_SECTION_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_sections(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_SECTION_GET, fill_section);
	struct qae_section *section;
	int err = 0;

	mutex_lock(&qae_registry.lock);
	cb->seq = qae_registry.sequence;
	list_for_each_entry(section, &qae_registry.sections, link) {
		err = dump_object(&dump, dump.position++, section);
		if (err)
			break;
	}
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

/* The walk_*() functions send all instances that a group of lists leads to. */
static int walk_list(struct dump *dump, const struct list_head *insts)
{
	const struct qae_instance_obj *inst;
	int err;

	list_for_each_entry(inst, insts, link) {
		err = dump_object(dump, dump->position++, inst);
		if (err)
			return err;
	}
	return 0;
}

static int walk_sections(struct dump *dump)
{
	const struct qae_section *section;
	const struct qae_slice *slice;
	int err;

	list_for_each_entry(section, &qae_registry.sections, link) {
		list_for_each_entry(slice, &section->slices, section_link) {
			err = walk_list(dump, &slice->insts);
			if (err)
				return err;
		}
	}
	return 0;
}

static int walk_pools(struct dump *dump)
{
	const struct qae_endpoint *endpoint;
	unsigned int service;
	int err;

	list_for_each_entry(endpoint, &qae_registry.endpoints, link) {
		for (service = 0; service < __QAE_SERVICE_COUNT; service++) {
			err = walk_list(dump, &endpoint->dyn[service].insts);
			if (!err)
				err = walk_list(dump, &endpoint->kernel[service].insts);
			if (err)
				return err;
		}
	}
	return 0;
}

/*
 * Send the dynamic instances of endpoints that are gone. The registry no longer
 * lists these endpoints, so their instances are found through the holders.
 */
static int walk_gone(struct dump *dump)
{
	struct qae_client *client;
	struct qae_instance_obj *inst;
	unsigned long id;
	int err = 0;

	mutex_lock(&qae_clients.lock);
	list_for_each_entry(client, &qae_clients.list, link) {
		xa_for_each(&client->insts, id, inst) {
			if (inst->slice || inst->endpoint->state != QAE_ENDPOINT_GONE)
				continue;
			err = dump_object(dump, dump->position++, inst);
			if (err)
				goto out_unlock;
		}
	}
out_unlock:
	mutex_unlock(&qae_clients.lock);
	return err;
}

static int fill_instance(const struct dump *dump, const void *object)
{
	return qae_fill_instance(dump->skb, object, &dump->namespaces);
}

/**
 * qae_dump_instances() - list all instances (QAE_CMD_INSTANCE_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_instances(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_INSTANCE_GET, fill_instance);
	int err;

	mutex_lock(&qae_registry.lock);
	cb->seq = (qae_registry.sequence + qae_registry.pool_sequence) ?: 1;
	err = walk_sections(&dump);
	if (!err)
		err = walk_pools(&dump);
	if (!err)
		err = walk_gone(&dump);
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

static int fill_client(const struct dump *dump, const void *object)
{
	return qae_fill_client(dump->skb, object, &dump->namespaces);
}

/**
 * qae_dump_clients() - list open descriptors (QAE_CMD_CLIENT_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * The list is in order of opening, which is the order of ids.
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_CLIENT_GET, fill_client);
	struct qae_client *client;
	int err = 0;

	mutex_lock(&qae_registry.lock);
	mutex_lock(&qae_clients.lock);
	list_for_each_entry(client, &qae_clients.list, link) {
		err = dump_object(&dump, client->id, client);
		if (err)
			break;
	}
	mutex_unlock(&qae_clients.lock);
	mutex_unlock(&qae_registry.lock);
	return dump_result(skb, err);
}

static int fill_user(const struct dump *dump, const void *object)
{
	return qae_fill_user(dump->skb, object, &dump->namespaces);
}

/**
 * qae_dump_users() - list users with open descriptors (QAE_CMD_USER_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * The tree is in order of the uid in the initial namespace.
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_users(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_USER_GET, fill_user);
	struct rb_node *node;
	int err = 0;

	mutex_lock(&qae_users.lock);
	for (node = rb_first(&qae_users.by_uid); node; node = rb_next(node)) {
		const struct qae_user *user = rb_entry(node, struct qae_user, node);

		/* The largest number is INVALID_UID: adding 1 does not wrap. */
		err = dump_object(&dump, __kuid_val(user->uid), user);
		if (err)
			break;
	}
	mutex_unlock(&qae_users.lock);
	return dump_result(skb, err);
}

static int fill_memory_node(const struct dump *dump, const void *object)
{
	return qae_fill_memory_node(dump->skb, *(const int *)object);
}

/**
 * qae_dump_memory() - list the memory of each NUMA node (QAE_CMD_MEMORY_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_memory(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct dump dump = DUMP_INIT(skb, cb, QAE_CMD_MEMORY_GET, fill_memory_node);
	int err = 0;
	int node;

	for_each_node_state(node, N_MEMORY) {
		err = dump_object(&dump, node, &node);
		if (err)
			break;
	}
	return dump_result(skb, err);
}
