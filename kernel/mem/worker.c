// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread on each node that has memory. It clears what was freed and fills the
 * node's reserve. It yields to all other work, except while somebody waits for it.
 *
 * A node that gets its memory later gets its thread then (hotplug.c). No thread ends
 * before the module does.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

#include "compat.h"
#include "mem/worker.h"

/**
 * struct node_worker - the thread of a node
 * @worker: the thread, NULL until the node has memory; read without a lock
 * @lock: protects @hurried and the priority
 * @hurried: tasks that wait for something that the thread may be doing
 */
struct node_worker {
	struct kthread_worker *worker;
	spinlock_t lock;	/* hurried, the priority */
	unsigned int hurried;
} ____cacheline_aligned_in_smp;

static struct node_worker *workers;

/**
 * qae_worker_of() - the worker of a node
 * @node: a number below nr_node_ids
 *
 * Context: any.
 * Return: the worker, or NULL if the node has not had memory yet.
 */
struct kthread_worker *qae_worker_of(int node)
{
	/* Pairs with the release in qae_worker_start(): a worker that is seen takes work. */
	return workers ? smp_load_acquire(&workers[node].worker) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_worker_of);

/**
 * qae_worker_hurry() - begin to wait for the worker of a node
 * @node: NUMA node, with or without a worker
 *
 * Until qae_worker_relax() the worker runs at normal priority. Otherwise a busy
 * processor could make the caller wait for seconds for one region.
 *
 * Context: process context.
 */
void qae_worker_hurry(int node)
{
	struct kthread_worker *worker = qae_worker_of(node);
	struct node_worker *w = &workers[node];

	spin_lock(&w->lock);
	if (!w->hurried++ && worker)
		set_user_nice(worker->task, 0);
	spin_unlock(&w->lock);
}

/**
 * qae_worker_relax() - end a wait that qae_worker_hurry() began
 * @node: the same node
 *
 * Context: process context.
 */
void qae_worker_relax(int node)
{
	struct kthread_worker *worker = qae_worker_of(node);
	struct node_worker *w = &workers[node];

	spin_lock(&w->lock);
	if (!--w->hurried && worker)
		set_user_nice(worker->task, MAX_NICE);
	spin_unlock(&w->lock);
}

/* Bind to the CPUs of the node, as far as kernel threads may run there at all. */
static void bind_worker(struct task_struct *task, int node)
{
	cpumask_var_t mask;

	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return;
	if (cpumask_and(mask, task->cpus_ptr, cpumask_of_node(node)))
		set_cpus_allowed_ptr(task, mask);
	free_cpumask_var(mask);
}

/**
 * qae_worker_start() - start the worker of a node that has memory
 * @node: the node; nothing happens if it has a worker
 *
 * Context: process context; calls do not overlap.
 * Return: 0 or a negative errno.
 */
int qae_worker_start(int node)
{
	struct kthread_worker *worker;

	if (workers[node].worker)
		return 0;
	worker = qae_kthread_run_worker(0, "qae_clear/%d", node);
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	set_user_nice(worker->task, MAX_NICE);
	bind_worker(worker->task, node);
	/* Pairs with the acquire in qae_worker_of(). */
	smp_store_release(&workers[node].worker, worker);
	return 0;
}

/**
 * qae_workers_init() - prepare the workers; qae_worker_start() starts each
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int qae_workers_init(void)
{
	int node;

	workers = kvcalloc(nr_node_ids, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	for (node = 0; node < nr_node_ids; node++)
		spin_lock_init(&workers[node].lock);
	return 0;
}

/* No work is queued any more. */
void qae_workers_exit(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++)
		if (workers[node].worker)
			kthread_destroy_worker(workers[node].worker);
	kvfree(workers);
	workers = NULL;
}
