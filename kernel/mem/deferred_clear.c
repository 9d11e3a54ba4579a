// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deferred clearing. Regions whose last reference is dropped where nobody can
 * wait for their clearing (at the exit of a process, under mmap_lock), and spares
 * that their client no longer needs, are queued. A worker on each node clears
 * them and frees their pages; it yields to all other work.
 *
 * Queued regions count as freed: a restarted process must not be refused because
 * of what its predecessor left. They stay charged to their memory cgroup until
 * the pages are really free. The backlog is bounded: a task that would queue more
 * than MAX_BACKLOG clears its region itself.
 *
 * Queueing takes no lock. Dequeueing takes one, held for one list operation and
 * shared by the worker, by allocations that clear, and by memory reclaim
 * (shrinker.c). An allocation that finds no memory waits until the regions that
 * others have dequeued are freed, see qae_clear_queue_flush().
 *
 * Clearing and freeing allocate nothing and take no lock of this module except
 * the leaf locks, so reclaim may do both whatever the reclaiming task holds.
 */
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
#include <linux/wait.h>

#include "compat.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/source.h"
#include "mem/worker.h"

/*
 * Most bytes that wait on one node. An ordinary exit stays below it and is fast. It
 * is also what a dead process can leave charged to its memory cgroup, whose
 * reclaim does not reach the queue.
 */
#define MAX_BACKLOG		SZ_128M

/* Let an exiting process finish first; it may need the only CPU. */
#define CLEAR_DELAY		(HZ / 50 + 1)

/**
 * struct clear_queue - regions to clear on one node
 * @regions: dirty regions, linked by region->clear_link
 * @added: bytes ever queued
 * @cleared: bytes cleared and freed; the rest is queued or being cleared
 * @wait: woken after @cleared changed
 * @take: serialises llist_del_first(), see llist.h
 * @work: clears one region and requeues itself while there are more
 */
struct clear_queue {
	struct llist_head regions;
	atomic64_t added;
	atomic64_t cleared;
	wait_queue_head_t wait;
	spinlock_t take;	/* llist_del_first() */
	struct kthread_delayed_work work;
} ____cacheline_aligned_in_smp;

static struct clear_queue *queues;

static struct qae_region *dequeue(struct clear_queue *q)
{
	struct llist_node *first;

	spin_lock(&q->take);
	first = llist_del_first(&q->regions);
	spin_unlock(&q->take);
	return first ? llist_entry(first, struct qae_region, clear_link) : NULL;
}

/* Pairs with the release in clear_region(): memory seen as freed here can be allocated. */
static s64 cleared(const struct clear_queue *q)
{
	return atomic64_read_acquire(&q->cleared);
}

/* Bytes not freed yet. Read @cleared first, so that the result is never too small. */
static s64 backlog(const struct clear_queue *q)
{
	s64 done = cleared(q);

	return atomic64_read(&q->added) - done;
}

static void clear_region(struct clear_queue *q, struct qae_region *region)
{
	size_t size = region->size;

	qae_pages_clear_region(region);
	qae_pages_free(region);
	kfree(region);
	(void)atomic64_fetch_add_release(size, &q->cleared);
	/* The barrier in wq_has_sleeper() pairs with the one in wait_event(). */
	if (wq_has_sleeper(&q->wait))
		wake_up_all(&q->wait);
}

/* Returns the size of the cleared region, or 0 if the queue is empty. */
static size_t clear_one(struct clear_queue *q)
{
	struct qae_region *region = dequeue(q);
	size_t size;

	if (!region)
		return 0;
	size = region->size;
	clear_region(q, region);
	return size;
}

/**
 * qae_clear_queue_add() - queue a region to be cleared and freed
 * @region: uncharged, without references and without a client, not from the reserve; owned by
 *	the queue from now on
 *
 * Clears it at once if the node has no worker, or if more than MAX_BACKLOG would wait.
 *
 * Context: process context, may sleep; mmap_lock may be held.
 */
void qae_clear_queue_add(struct qae_region *region)
{
	struct clear_queue *q = &queues[region->node];
	struct kthread_worker *worker = qae_worker_of(region->node);
	/* Read before the region is added, so that the backlog is never too small. */
	s64 done = cleared(q);
	s64 waiting = atomic64_add_return(region->size, &q->added) - done;

	if (waiting > MAX_BACKLOG || !worker)
		clear_region(q, region);
	else if (llist_add(&region->clear_link, &q->regions))
		kthread_queue_delayed_work(worker, &q->work, CLEAR_DELAY);
}

/**
 * qae_clear_queue_bypass() - clear and free a region in the caller's time
 * @region: as for qae_clear_queue_add()
 *
 * An allocation that finds no memory meanwhile waits for it, as for a queued region.
 *
 * Context: process context, may sleep.
 */
void qae_clear_queue_bypass(struct qae_region *region)
{
	struct clear_queue *q = &queues[region->node];

	atomic64_add(region->size, &q->added);
	clear_region(q, region);
}

/*
 * Clear one region per run, so that a waiter never waits for more of this
 * low-priority thread. Adding queues the work only for the first entry of the
 * list, so requeue while entries remain.
 */
static void clear_work(struct kthread_work *work)
{
	struct clear_queue *q = container_of(work, struct clear_queue, work.work);

	clear_one(q);
	if (!llist_empty(&q->regions))
		kthread_queue_delayed_work(qae_worker_of(q - queues), &q->work, 0);
}

/**
 * qae_clear_queue_size() - bytes that are queued or being cleared
 * @node: node of the queue
 *
 * Context: any.
 * Return: bytes.
 */
size_t qae_clear_queue_size(int node)
{
	return backlog(&queues[node]);
}

/**
 * qae_clear_queue_shrink() - clear queued regions in the caller's time
 * @node: node of the queue
 * @enough: bytes to clear
 *
 * Does not wait for regions that others are clearing.
 *
 * Context: process context, may sleep; any lock may be held under which memory may be allocated.
 * Return: bytes cleared and freed; more than @enough if the last region was larger.
 */
size_t qae_clear_queue_shrink(int node, size_t enough)
{
	size_t done = 0, size;

	while (done < enough && !fatal_signal_pending(current)) {
		size = clear_one(&queues[node]);
		if (!size)
			break;
		done += size;
	}
	return done;
}

/**
 * qae_clear_queue_pending() - check for memory that is queued or being cleared on any node
 *
 * Call before searching for memory: pages that become free only during a failed
 * search could not satisfy it, so the search is worth a retry.
 *
 * Context: any; writes nothing.
 * Return: true if a region on any node is not freed yet.
 */
bool qae_clear_queue_pending(void)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (backlog(&queues[node]))
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(qae_clear_queue_pending);

/**
 * qae_clear_queue_flush_timeout() - wait until everything queued now is freed
 * @node: node of the queue
 * @timeout: longest wait for regions that others are clearing, in jiffies
 *
 * The caller clears queued regions itself and then waits for those that others
 * are clearing, at most one each. Regions queued meanwhile are not waited for. A
 * fatal signal ends the wait.
 *
 * Context: process context, may sleep.
 * Return: bytes that any thread freed meanwhile.
 */
size_t qae_clear_queue_flush_timeout(int node, long timeout)
{
	struct clear_queue *q = &queues[node];
	s64 goal = atomic64_read(&q->added);
	s64 before = cleared(q);

	while (cleared(q) < goal && !fatal_signal_pending(current) && clear_one(q))
		;
	if (cleared(q) < goal) {
		qae_worker_hurry(node);
		wait_event_killable_timeout(q->wait, cleared(q) >= goal, timeout);
		qae_worker_relax(node);
	}
	return cleared(q) - before;
}

/**
 * qae_clear_queue_flush() - qae_clear_queue_flush_timeout() without a timeout
 * @node: node of the queue
 *
 * Context: process context, may sleep.
 * Return: true if there was anything to free.
 */
bool qae_clear_queue_flush(int node)
{
	if (!backlog(&queues[node]))
		return false;
	qae_clear_queue_flush_timeout(node, MAX_SCHEDULE_TIMEOUT);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(qae_clear_queue_flush);

/**
 * qae_clear_queue_init() - create the queues; their workers come with the nodes
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int qae_clear_queue_init(void)
{
	int node;

	queues = kvcalloc(nr_node_ids, sizeof(*queues), GFP_KERNEL);
	if (!queues)
		return -ENOMEM;
	for (node = 0; node < nr_node_ids; node++) {
		init_llist_head(&queues[node].regions);
		init_waitqueue_head(&queues[node].wait);
		spin_lock_init(&queues[node].take);
		kthread_init_delayed_work(&queues[node].work, clear_work);
	}
	return 0;
}

/* No region is added any more. Clears what is queued. Call before qae_workers_exit(). */
void qae_clear_queue_exit(void)
{
	int node;

	for (node = 0; node < nr_node_ids; node++) {
		struct clear_queue *q = &queues[node];

		/* The work requeues itself, so flushing it would not be enough. */
		kthread_cancel_delayed_work_sync(&q->work);
		while (clear_one(q))
			;
	}
	kvfree(queues);
	queues = NULL;
}
