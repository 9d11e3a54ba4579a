// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients: one for each open of /dev/qae_mem. Whatever a process can lose by
 * dying hangs here and returns in qae_client_destroy(), which nothing can
 * interrupt or make fail.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "client.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "session/registry.h"
#include "session/section.h"
#include "trace.h"

struct qae_clients qae_clients = {
	.lock = __MUTEX_INITIALIZER(qae_clients.lock),
	.list = LIST_HEAD_INIT(qae_clients.list),
	.next_id = 1,
};

/**
 * qae_client_create() - a client for the file that current is opening
 *
 * Context: process context.
 * Return: the client, listed, or ERR_PTR(-ENOMEM).
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

	/* The process, not the thread: the thread may end long before the file. */
	client->pid = get_pid(task_tgid(current));
	client->uid = user->uid;
	client->user = user;
	get_task_comm(client->comm, current->group_leader);
	mutex_init(&client->session);
	xa_init_flags(&client->insts, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&client->regions, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);

	mutex_lock(&qae_clients.lock);
	client->id = qae_clients.next_id;
	qae_clients.next_id = client->id < INT_MAX ? client->id + 1 : 1;
	list_add_tail(&client->link, &qae_clients.list);
	mutex_unlock(&qae_clients.lock);

	trace_qae_client_open(client->id, pid_nr(client->pid));
	return client;
}

/**
 * qae_client_destroy() - take everything back
 * @client: of a file whose last reference went, so no ioctl and no mapping of it is left
 *
 * Claims before memory: an instance may not outlive the buffers it works on.
 * The client leaves the list after its claims, so that a listing which finds
 * it as a holder finds it there too.
 *
 * Context: process context.
 */
void qae_client_destroy(struct qae_client *client)
{
	struct qae_region *region;
	unsigned long id;

	/* Nobody else can change it now; who has no section need not queue for the lock. */
	if (client->started) {
		mutex_lock(&qae_registry.lock);
		qae_section_release(client);
		mutex_unlock(&qae_registry.lock);
	}

	mutex_lock(&qae_clients.lock);
	list_del(&client->link);
	mutex_unlock(&qae_clients.lock);

	xa_for_each(&client->regions, id, region) {
		qae_region_put_later(region);
		cond_resched();
	}
	qae_pages_drop_spare(client);
	xa_destroy(&client->regions);

	trace_qae_client_close(client->id, pid_nr(client->pid));
	WARN_ON(!xa_empty(&client->insts));
	WARN_ON(atomic_read(&client->num_regions));
	xa_destroy(&client->insts);
	mutex_destroy(&client->session);
	qae_user_put(client->user);
	put_pid(client->pid);
	kfree(client);
}

/**
 * qae_client_pid() - the opener as a reader sees it
 * @client: the client
 * @ns: the reader's pid namespace
 *
 * Return: process id, or 0 if it is not visible there or has ended.
 */
u32 qae_client_pid(const struct qae_client *client, struct pid_namespace *ns)
{
	/* A number whose process ended may be another's by now. */
	return pid_has_task(client->pid, PIDTYPE_TGID) ? pid_nr_ns(client->pid, ns) : 0;
}
