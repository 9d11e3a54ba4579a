// SPDX-License-Identifier: GPL-2.0-only
/*
 * The laundry: regions whose last reference went where nobody can wait for
 * their clearing, at the exit of a process or under its mmap_lock, and spares
 * that their client has no more use for. A worker on each node clears them and
 * gives the pages back; it yields to all other work.
 *
 * They count as freed: a process that is restarted must not be refused for
 * what the one before it has left. They stay charged to their memory cgroup
 * until they are really free. A backlog cannot grow by repetition, because
 * from BACKLOG on who allocates clears as much first.
 *
 * Adding takes no lock. Taking has a lock, held for one list operation, which
 * the worker shares with allocations that help. Who finds no memory waits for
 * what they have taken and not yet given back, see qae_laundry_finish().
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>
#include <linux/wait.h>

#include "compat.h"
#include "mem/pages.h"
#include "mem/region.h"

#define BACKLOG		SZ_64M

/* Until a process that exits is through, for whom a processor may be all there is. */
#define DELAY		(HZ / 50 + 1)

/**
 * struct laundry - of one node
 * @regions: dirty, by region->laundry
 * @added: bytes that ever came
 * @washed: of these, clear and given back; the rest waits, or someone clears it
 * @wait: woken after @washed changed
 * @take: for who removes one, see llist.h
 * @worker: NULL: the node had no memory when the module was loaded
 * @work: clears one, and queues itself while there are more
 */
struct laundry {
	struct llist_head regions;
	atomic64_t added;
	atomic64_t washed;
	wait_queue_head_t wait;
	spinlock_t take;	/* removal from @regions */
	struct kthread_worker *worker;
	struct kthread_delayed_work work;
} ____cacheline_aligned_in_smp;

static struct laundry *laundries;

/**
 * qae_laundry_worker() - the thread that clears memory of a node
 * @node: a number below nr_node_ids
 * Return: it, or NULL: the node had no memory when the module was loaded.
 */
struct kthread_worker *qae_laundry_worker(int node)
{
	return laundries ? laundries[node].worker : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_laundry_worker);

static struct qae_region *take_one(struct laundry *l)
{
	struct llist_node *first;

	spin_lock(&l->take);
	first = llist_del_first(&l->regions);
	spin_unlock(&l->take);
	return first ? llist_entry(first, struct qae_region, laundry) : NULL;
}

/* Acquire: whoever sees that it was given back can allocate it. */
static s64 washed(const struct laundry *l)
{
	return atomic64_read_acquire(&l->washed);
}

/* Bytes not given back yet. The smaller first, so that it is never less than there is. */
static s64 backlog(const struct laundry *l)
{
	s64 done = washed(l);

	return atomic64_read(&l->added) - done;
}

static void wash(struct laundry *l, struct qae_region *region)
{
	size_t size = region->size;

	qae_pages_clear(region->pages, size);
	qae_pages_free(region);
	kfree(region);
	(void)atomic64_fetch_add_release(size, &l->washed);
	/* Its barrier is the other half of that in wait_event(). */
	if (wq_has_sleeper(&l->wait))
		wake_up_all(&l->wait);
}

/* Returns its bytes, or 0: none waits. */
static size_t wash_one(struct laundry *l)
{
	struct qae_region *region = take_one(l);
	size_t size;

	if (!region)
		return 0;
	size = region->size;
	wash(l, region);
	return size;
}

/**
 * qae_laundry_add() - clear a region and give its pages back, later
 * @region: without a reference or a client, uncharged; taken over. Not of the reserve.
 *
 * Context: process context.
 */
void qae_laundry_add(struct qae_region *region)
{
	struct laundry *l = &laundries[region->node];

	atomic64_add(region->size, &l->added);
	if (!l->worker)
		wash(l, region);
	else if (llist_add(&region->laundry, &l->regions))
		kthread_queue_delayed_work(l->worker, &l->work, DELAY);
}

/*
 * One region each time, so that who waits for it waits for no more of a thread
 * of the lowest priority. While regions are left nobody adds the first, which
 * would queue this: so it queues itself.
 */
static void laundry_work(struct kthread_work *work)
{
	struct laundry *l = container_of(work, struct laundry, work.work);

	wash_one(l);
	if (!llist_empty(&l->regions))
		kthread_queue_delayed_work(l->worker, &l->work, 0);
}

/**
 * qae_laundry_help() - clear some of what waits
 * @node: of which node
 * @enough: bytes
 *
 * Only if there is a backlog, see the top of this file.
 *
 * Context: process context, may sleep.
 */
void qae_laundry_help(int node, size_t enough)
{
	struct laundry *l = &laundries[node];
	size_t done = 0, size;

	if (backlog(l) <= BACKLOG)
		return;
	while (done < enough && !fatal_signal_pending(current)) {
		size = wash_one(l);
		if (!size)
			break;
		done += size;
	}
}

/**
 * qae_laundry_waits() - is there memory that waits to be cleared, or is just being cleared?
 *
 * For who is about to look for memory: what is clear when he finds none was of no
 * use to him if it was not yet when he began.
 *
 * Context: any; writes nothing.
 * Return: on some node.
 */
bool qae_laundry_waits(void)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (backlog(&laundries[node]))
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(qae_laundry_waits);

/**
 * qae_laundry_finish() - return when as much is given back as waits now
 * @node: of which node
 *
 * The caller clears what nobody else does, and then waits for what others have
 * in hand: each at most one region. What is added meanwhile is not waited for.
 *
 * Context: process context, may sleep.
 * Return: memory came free.
 */
bool qae_laundry_finish(int node)
{
	struct laundry *l = &laundries[node];
	s64 goal = atomic64_read(&l->added);

	if (washed(l) >= goal)
		return false;
	while (washed(l) < goal && !fatal_signal_pending(current) && wash_one(l))
		;
	wait_event_killable(l->wait, washed(l) >= goal);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(qae_laundry_finish);

/* On the node's processors, as far as kernel threads may run there at all. */
static void bind_worker(struct task_struct *task, int node)
{
	cpumask_var_t mask;

	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return;
	if (cpumask_and(mask, task->cpus_ptr, cpumask_of_node(node)))
		set_cpus_allowed_ptr(task, mask);
	free_cpumask_var(mask);
}

static int start_worker(int node)
{
	struct laundry *l = &laundries[node];
	struct kthread_worker *worker = qae_kthread_run_worker(0, "qae_clear/%d", node);

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	set_user_nice(worker->task, MAX_NICE);
	bind_worker(worker->task, node);
	l->worker = worker;
	return 0;
}

/**
 * qae_laundry_init() - a worker for each node that has memory
 * Return: 0 or a negative errno.
 */
int qae_laundry_init(void)
{
	int node, err;

	laundries = kvcalloc(nr_node_ids, sizeof(*laundries), GFP_KERNEL);
	if (!laundries)
		return -ENOMEM;
	for (node = 0; node < nr_node_ids; node++) {
		init_llist_head(&laundries[node].regions);
		init_waitqueue_head(&laundries[node].wait);
		spin_lock_init(&laundries[node].take);
		kthread_init_delayed_work(&laundries[node].work, laundry_work);
	}
	for_each_node_state(node, N_MEMORY) {
		err = start_worker(node);
		if (err) {
			qae_laundry_exit();
			return err;
		}
	}
	return 0;
}

/** qae_laundry_exit() - all is clean before the workers end */
void qae_laundry_exit(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++) {
		struct laundry *l = &laundries[node];

		if (!l->worker)
			continue;
		/* It queues itself, so it is no use to flush it. */
		kthread_cancel_delayed_work_sync(&l->work);
		while (wash_one(l))
			;
		kthread_destroy_worker(l->worker);
	}
	kvfree(laundries);
	laundries = NULL;
}
