// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listings.
 *
 * A dump fills one skb per call. A receiver that stops reading blocks nobody.
 * Objects are sent in order of their ids, and the next call resumes by id in
 * constant time. So an object that exists throughout is sent exactly once, and a
 * listing takes time in proportion to its objects.
 *
 * The objects may change between two batches. For sections and instances a
 * sequence number makes netlink mark a listing that spans a change
 * (NLM_F_DUMP_INTR), so that the receiver can request it again.
 *
 * Anyone may list, so a listing must not delay others: a lock is held for a batch
 * of BATCH objects.
 */
#include <linux/net.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "client.h"
#include "mem/charge.h"
#include "netlink/netlink.h"
#include "reader.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"

/* Objects sent, or skipped, with a lock held. */
#define BATCH	16

/**
 * struct cursor - where the next batch resumes; netlink zeroes it when a dump begins
 * @next: lowest id not sent yet
 */
struct cursor {
	unsigned long next;
};

/**
 * struct listing - one kind of object
 * @cmd: command of each message
 * @lock: keeps the objects; says which state they are in, where a change must be noticed
 * @unlock: ends that
 * @find: the object with the lowest id from *@id on, and its id; or NULL
 * @sees: whether the reader gets a message about the object; NULL: always
 * @fill: puts the attributes of an object
 */
struct listing {
	u8 cmd;
	void (*lock)(struct netlink_callback *cb);
	void (*unlock)(void);
	const void *(*find)(unsigned long *id);
	bool (*sees)(const struct qae_reader *reader, const void *object);
	int (*fill)(struct sk_buff *skb, const void *object, const struct qae_reader *reader);
};

static int dump_object(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct listing *listing, const struct qae_reader *reader,
		       const void *object)
{
	void *header;
	int err;

	if (listing->sees && !listing->sees(reader, object))
		return 0;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &qae_family,
			     NLM_F_MULTI, listing->cmd);
	if (!header)
		return -EMSGSIZE;
	err = listing->fill(skb, object, reader);
	if (err) {
		genlmsg_cancel(skb, header);
		return err;
	}
	genl_dump_check_consistent(cb, header);
	genlmsg_end(skb, header);
	return 0;
}

/* Returns 1 if there may be more, 0 at the end, or -EMSGSIZE. */
static int dump_batch(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct listing *listing, const struct qae_reader *reader)
{
	struct cursor *cursor = (struct cursor *)cb->ctx;
	unsigned int i;
	int err = 1;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));
	listing->lock(cb);
	for (i = 0; i < BATCH; i++) {
		const void *object = listing->find(&cursor->next);

		err = object ? dump_object(skb, cb, listing, reader, object) : 0;
		if (err || !object)
			break;
		cursor->next++;
		err = 1;
	}
	listing->unlock();
	return err;
}

/*
 * A dump runs in the receiver's context: in its sendmsg() first, then its
 * recvmsg(). A full skb is a success: netlink calls the dump again. An skb too
 * small for a single message must be an error, because 0 means the end.
 */
static int dump(struct sk_buff *skb, struct netlink_callback *cb, const struct listing *listing)
{
	const struct qae_reader reader =
		qae_reader_current(NETLINK_CB(cb->skb).sk->sk_socket->file);
	int more;

	do {
		more = dump_batch(skb, cb, listing, &reader);
		cond_resched();
	} while (more > 0);
	if (more < 0 && !skb->len)
		return more;
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

static void lock_registry(struct netlink_callback *cb)
__acquires(&qae_registry.lock)
{
	spin_lock(&qae_registry.lock);
}

/* A change of the sequence number marks the listing as interrupted. */
static void lock_sections(struct netlink_callback *cb)
__acquires(&qae_registry.lock)
{
	spin_lock(&qae_registry.lock);
	cb->seq = qae_registry.sequence;
}

static void lock_instances(struct netlink_callback *cb)
__acquires(&qae_registry.lock)
{
	spin_lock(&qae_registry.lock);
	/* Netlink does not check the consistency of a dump with sequence 0. */
	cb->seq = (qae_registry.sequence + qae_registry.pool_sequence) ?: 1;
}

static void unlock_registry(void)
__releases(&qae_registry.lock)
{
	spin_unlock(&qae_registry.lock);
}

static const void *endpoint_from(unsigned long *id)
{
	return xa_find(&qae_registry.endpoint_ids, id, U32_MAX, XA_PRESENT);
}

static int fill_endpoint(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_endpoint(skb, object);
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
	static const struct listing endpoints = {
		.cmd = QAE_CMD_ENDPOINT_GET,
		.lock = lock_registry,
		.unlock = unlock_registry,
		.find = endpoint_from,
		.fill = fill_endpoint,
	};

	return dump(skb, cb, &endpoints);
}

static const void *section_from(unsigned long *id)
{
	return xa_find(&qae_registry.section_ids, id, U32_MAX, XA_PRESENT);
}

static int fill_section(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_section(skb, object, reader);
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
	static const struct listing sections = {
		.cmd = QAE_CMD_SECTION_GET,
		.lock = lock_sections,
		.unlock = unlock_registry,
		.find = section_from,
		.fill = fill_section,
	};

	return dump(skb, cb, &sections);
}

static const void *instance_from(unsigned long *id)
{
	return xa_find(&qae_registry.instance_ids, id, U32_MAX, XA_PRESENT);
}

static int fill_instance(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_instance(skb, object, reader);
}

/**
 * qae_dump_instances() - list all instances (QAE_CMD_INSTANCE_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Includes those of endpoints that are gone, as long as a client holds them.
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_instances(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct listing instances = {
		.cmd = QAE_CMD_INSTANCE_GET,
		.lock = lock_instances,
		.unlock = unlock_registry,
		.find = instance_from,
		.fill = fill_instance,
	};

	return dump(skb, cb, &instances);
}

static void lock_clients(struct netlink_callback *cb)
__acquires(RCU)
{
	rcu_read_lock();
}

static void unlock_clients(void)
__releases(RCU)
{
	rcu_read_unlock();
}

static const void *client_from(unsigned long *id)
{
	return xa_find(&qae_clients.by_id, id, U32_MAX, XA_PRESENT);
}

static int fill_client(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_client(skb, object, reader);
}

/**
 * qae_dump_clients() - list open descriptors (QAE_CMD_CLIENT_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Takes no lock, so that a listing never waits for a claim, nor a claim for it.
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_clients(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct listing clients = {
		.cmd = QAE_CMD_CLIENT_GET,
		.lock = lock_clients,
		.unlock = unlock_clients,
		.find = client_from,
		.fill = fill_client,
	};

	return dump(skb, cb, &clients);
}

static void lock_users(struct netlink_callback *cb)
__acquires(&qae_users.lock)
{
	spin_lock(&qae_users.lock);
}

static void unlock_users(void)
__releases(&qae_users.lock)
{
	spin_unlock(&qae_users.lock);
}

/* The id of a user is its uid in the initial namespace. The largest is INVALID_UID. */
static const void *user_from(unsigned long *id)
{
	const struct qae_user *user = *id < (uid_t)-1 ? qae_user_from(KUIDT_INIT(*id)) : NULL;

	if (user)
		*id = __kuid_val(user->uid);
	return user;
}

static bool sees_user(const struct qae_reader *reader, const void *object)
{
	const struct qae_user *user = object;

	return qae_reader_sees_user(reader, user->uid);
}

static int fill_user(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_user(skb, object, reader);
}

/**
 * qae_dump_users() - list users with open descriptors (QAE_CMD_USER_GET)
 * @skb: message buffer to fill
 * @cb: the dump
 *
 * Return: number of bytes filled, 0 at the end, or -EMSGSIZE.
 */
int qae_dump_users(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct listing users = {
		.cmd = QAE_CMD_USER_GET,
		.lock = lock_users,
		.unlock = unlock_users,
		.find = user_from,
		.sees = sees_user,
		.fill = fill_user,
	};

	return dump(skb, cb, &users);
}

static void lock_nothing(struct netlink_callback *cb)
{
}

static void unlock_nothing(void)
{
}

/* The object is the number of the node. */
static const void *node_from(unsigned long *id)
{
	*id = find_next_bit(node_states[N_MEMORY].bits, MAX_NUMNODES, *id);
	return *id < MAX_NUMNODES ? id : NULL;
}

static int fill_node(struct sk_buff *skb, const void *object, const struct qae_reader *reader)
{
	return qae_fill_memory_node(skb, *(const unsigned long *)object);
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
	static const struct listing memory = {
		.cmd = QAE_CMD_MEMORY_GET,
		.lock = lock_nothing,
		.unlock = unlock_nothing,
		.find = node_from,
		.fill = fill_node,
	};

	return dump(skb, cb, &memory);
}
