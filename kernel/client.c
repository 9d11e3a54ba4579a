// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients: one for each open of /dev/qae_mem. A client owns everything that must
 * be released when a process dies. qae_client_destroy() releases it, and can
 * neither be interrupted nor fail.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"
#include "trace.h"

struct qae_clients qae_clients = {
	.by_id = XARRAY_INIT(qae_clients.by_id, XA_FLAGS_ALLOC1),
};
EXPORT_SYMBOL_IF_KUNIT(qae_clients);

/**
 * qae_clients_add() - give a client an id, and show it in listings
 * @client: complete but for the id
 *
 * No other client has the id as long as this one lives.
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int qae_clients_add(struct qae_client *client)
{
	int err = xa_alloc_cyclic(&qae_clients.by_id, &client->id, client, xa_limit_31b,
				  &qae_clients.next_id, GFP_KERNEL);

	/* 1 says that ids begin at the lowest again. */
	return err < 0 ? -ENOMEM : 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_clients_add);

/**
 * qae_clients_remove() - end what qae_clients_add() did
 * @client: listings and memory reclaim may use it until an RCU grace period has passed
 *
 * Context: process context.
 */
void qae_clients_remove(struct qae_client *client)
{
	xa_erase(&qae_clients.by_id, client->id);
}
EXPORT_SYMBOL_IF_KUNIT(qae_clients_remove);

static void client_free(struct qae_client *client)
{
	mutex_destroy(&client->session);
	qae_holder_destroy(&client->holder);
	kfree(client);
}

static void client_free_rcu(struct rcu_head *rcu)
{
	client_free(container_of(rcu, struct qae_client, rcu));
}

/**
 * qae_client_create() - create a client for the file that current is opening
 *
 * Context: process context.
 * Return: the client, already in listings, ERR_PTR(-ENOMEM), or ERR_PTR(-EDQUOT) if the user has
 * as many descriptors open as allowed.
 */
struct qae_client *qae_client_create(void)
{
	struct qae_user *user = qae_user_get(current_uid());
	struct qae_client *client;

	if (IS_ERR(user))
		return ERR_CAST(user);
	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client) {
		qae_user_put(user);
		return ERR_PTR(-ENOMEM);
	}

	qae_holder_init(&client->holder);
	client->user = user;
	mutex_init(&client->session);
	qae_watch_init(&client->watch);
	xa_init_flags(&client->insts, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&client->regions, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);

	if (qae_clients_add(client)) {
		client_free(client);
		qae_user_put(user);
		return ERR_PTR(-ENOMEM);
	}
	trace_qae_client_open(client->id, pid_nr(client->holder.pid));
	return client;
}
EXPORT_SYMBOL_IF_KUNIT(qae_client_create);

/* Each instance is stopped before it leaves client->insts, see qae_instance_revoke(). */
static void release_claims(struct qae_client *client)
{
	/* No other user is left, so @started is stable: skip the registry lock if it is false. */
	if (client->started)
		qae_section_release(client);
}

/*
 * An instance that is still in the table may write to the regions, and then they
 * must not get another owner: leak them, which is the lesser harm.
 */
static void release_memory(struct qae_client *client)
{
	struct qae_region *region;
	unsigned long id;

	if (WARN_ON(!xa_empty(&client->insts)))
		return;
	xa_for_each(&client->regions, id, region) {
		qae_region_put_deferred(region);
		cond_resched();
	}
	qae_pages_drop_spare(client);
	WARN_ON(atomic_read(&client->num_regions));
}

/**
 * qae_client_destroy() - release everything that a client owns
 * @client: client of a file whose last reference was dropped, so that no ioctl and no mapping
 *	of it is left
 *
 * Releases claims before memory, so that no instance outlives the buffers that it
 * works on. The client leaves the list after its claims are released, so that
 * a listing that shows it as a holder finds it there too.
 *
 * Context: process context.
 */
void qae_client_destroy(struct qae_client *client)
{
	release_claims(client);

	qae_watch_destroy(&client->watch);
	qae_clients_remove(client);

	release_memory(client);
	xa_destroy(&client->regions);

	trace_qae_client_close(client->id, pid_nr(client->holder.pid));
	xa_destroy(&client->insts);
	qae_user_put(client->user);
	call_rcu(&client->rcu, client_free_rcu);
}
EXPORT_SYMBOL_IF_KUNIT(qae_client_destroy);

/**
 * qae_client_section_name() - name of the section that a client holds
 * @client: the client
 *
 * Does without the registry lock: a name never changes, and a section is freed
 * after an RCU grace period.
 *
 * Context: RCU read side, or the registry lock.
 * Return: the name, or NULL if the client holds no section.
 */
const char *qae_client_section_name(const struct qae_client *client)
{
	const struct qae_section *section = READ_ONCE(client->section);

	return section ? section->name : NULL;
}

/**
 * qae_client_instances() - number of instances that a client holds
 * @client: the client
 *
 * Context: any; without the registry lock a claim may be under way.
 * Return: the number, static and dynamic.
 */
u32 qae_client_instances(const struct qae_client *client)
{
	return READ_ONCE(client->num_static) + READ_ONCE(client->num_dyn[QAE_SERVICE_CY]) +
	       READ_ONCE(client->num_dyn[QAE_SERVICE_DC]);
}
EXPORT_SYMBOL_IF_KUNIT(qae_client_instances);

/**
 * qae_client_show() - describe what a client holds, for /proc/PID/fdinfo
 * @client: the client
 * @file: output
 *
 * The kernel lets only those read it who may trace the process. Even so, device
 * addresses and ids of regions stay with the owner. No lock is taken: whoever
 * reads it may be throttled, and nobody waits for that.
 *
 * Context: process context.
 */
void qae_client_show(struct qae_client *client, struct seq_file *file)
{
	const char *section;

	seq_printf(file, "qae-client:\t%u\n", client->id);
	seq_printf(file, "qae-regions:\t%d\n", atomic_read(&client->num_regions));
	seq_printf(file, "qae-bytes:\t%lld\n", atomic64_read(&client->bytes));

	rcu_read_lock();
	section = qae_client_section_name(client);
	seq_printf(file, "qae-section:\t%s\n", section ?: "");
	rcu_read_unlock();
	seq_printf(file, "qae-instances:\t%u\n", qae_client_instances(client));
}
