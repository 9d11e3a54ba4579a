// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that nobody uses, given back when the kernel is short of memory:
 *
 *  1. regions that wait to be cleared
 *  2. spares of clients
 *  3. free regions of the reserve
 *
 * The first two belong to one shrinker that frees half of them whenever the kernel
 * reclaims memory at all: the first must be cleared anyway, and a spare costs its
 * client one more clearing. The reserve has a shrinker of its own. Its regions are
 * hard to get again, so they go only if memory is short and reclaim makes little
 * progress elsewhere, and not before the node's queue is empty. The kernel also
 * reclaims if memory is in pieces: for a search of this module, for huge pages. That
 * is what the reserve is for, so it stays then. The OOM notifier does the same in
 * this order before the kernel kills a process.
 *
 * The reclaiming task clears the pages itself. It may be one of this module's own
 * allocations, it may hold mmap_lock or any lock under which someone allocates. So
 * nothing here allocates or takes a lock except the leaf locks of the queue and the
 * reserve. The clients, which lead to the spares, are walked under RCU.
 *
 * Reclaim of a memory cgroup below the root does not call these shrinkers.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/shrinker.h>

#include "client.h"
#include "compat.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/shrinker.h"
#include "mem/watermark.h"

#define BLOCK_PAGES		(QAE_BLOCK_SIZE >> PAGE_SHIFT)

/* One sixteenth of the pressure that other caches get. */
#define RESERVE_SEEKS		(16 * DEFAULT_SEEKS)

/* Longest wait of the OOM notifier for regions that others are clearing on a node. */
#define OOM_WAIT		HZ

/* Most regions of a node's reserve that the OOM notifier frees at a time. */
#define OOM_RESERVE_REGIONS	16

static struct shrinker *idle_shrinker, *reserve_shrinker;

/* Frees the spare of any client. Returns its size, or 0 if none was found. */
static size_t shrink_spare(void)
{
	struct qae_region *spare = NULL;
	struct qae_client *client;
	unsigned long id;
	size_t size;

	if (!qae_pages_spares())
		return 0;
	/* RCU keeps a client that is being destroyed meanwhile. It takes its spare as we do. */
	rcu_read_lock();
	xa_for_each(&qae_clients.by_id, id, client) {
		spare = qae_pages_take_spare(client);
		if (spare)
			break;
	}
	rcu_read_unlock();
	if (!spare)
		return 0;
	size = spare->size;
	qae_clear_queue_bypass(spare);
	return size;
}

/* What a scan callback returns if it freed @size bytes. */
static unsigned long scanned(struct shrink_control *sc, size_t size)
{
	if (!size)
		return SHRINK_STOP;
	sc->nr_scanned = size >> PAGE_SHIFT;
	return sc->nr_scanned;
}

/**
 * qae_shrink_idle_count() - count pages of spares and of regions that wait to be cleared
 * @shrinker: unused
 * @sc: the node; spares count on each node, because their node is not known
 *
 * Context: any.
 * Return: pages.
 */
unsigned long qae_shrink_idle_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return (qae_clear_queue_size(sc->nid) >> PAGE_SHIFT) + qae_pages_spares() * BLOCK_PAGES;
}
EXPORT_SYMBOL_IF_KUNIT(qae_shrink_idle_count);

/**
 * qae_shrink_idle_scan() - free regions that wait to be cleared, then spares
 * @shrinker: unused
 * @sc: the node and the number of pages
 *
 * Context: process context, may sleep if the allocation that reclaims may.
 * Return: pages freed, or SHRINK_STOP if there were none.
 */
unsigned long qae_shrink_idle_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	size_t enough = (size_t)sc->nr_to_scan << PAGE_SHIFT;
	size_t done, size;

	if (!gfpflags_allow_blocking(sc->gfp_mask))
		return SHRINK_STOP;
	done = qae_clear_queue_shrink(sc->nid, enough);
	while (done < enough) {
		size = shrink_spare();
		if (!size)
			break;
		done += size;
	}
	return scanned(sc, done);
}
EXPORT_SYMBOL_IF_KUNIT(qae_shrink_idle_scan);

/*
 * Whether single pages are short too, as far as the kernel itself takes them: not from
 * the movable zone.
 */
static bool is_short(int node)
{
	struct zone *zone = NODE_DATA(node)->node_zones;
	int i;

	for (i = 0; i <= ZONE_NORMAL; i++, zone++)
		if (populated_zone(zone) &&
		    zone_page_state(zone, NR_FREE_PAGES) >= qae_zone_wanted(zone))
			return false;
	return true;
}

/**
 * qae_shrink_reserve_count() - count pages of free regions of a node's reserve
 * @shrinker: unused
 * @sc: the node
 *
 * Context: any.
 * Return: pages, 0 while memory is not short or regions of the node wait to be cleared.
 */
unsigned long qae_shrink_reserve_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	if (qae_clear_queue_size(sc->nid) || !is_short(sc->nid))
		return 0;
	return qae_reserve_free(sc->nid) * BLOCK_PAGES;
}
EXPORT_SYMBOL_IF_KUNIT(qae_shrink_reserve_count);

/**
 * qae_shrink_reserve_scan() - free regions of a node's reserve
 * @shrinker: unused
 * @sc: the node and the number of pages
 *
 * Ends when memory is no longer short.
 *
 * Context: process context, may sleep if the allocation that reclaims may.
 * Return: pages freed, or SHRINK_STOP if there were none.
 */
unsigned long qae_shrink_reserve_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	size_t enough = (size_t)sc->nr_to_scan << PAGE_SHIFT;
	size_t done = 0, size;

	if (!gfpflags_allow_blocking(sc->gfp_mask))
		return SHRINK_STOP;
	while (done < enough && is_short(sc->nid)) {
		size = qae_reserve_shrink(sc->nid);
		if (!size)
			break;
		done += size;
	}
	return scanned(sc, done);
}
EXPORT_SYMBOL_IF_KUNIT(qae_shrink_reserve_scan);

static size_t shrink_reserve(int node)
{
	size_t done = 0, size;
	unsigned int i;

	for (i = 0; i < OOM_RESERVE_REGIONS; i++) {
		size = qae_reserve_shrink(node);
		if (!size)
			break;
		done += size;
	}
	return done;
}

/**
 * qae_shrink_before_oom() - free what nobody uses before the kernel kills a process
 *
 * Memory that others are clearing at the moment counts as freed as soon as they
 * are done; the wait is bounded. If anything was freed, the kernel tries its
 * allocation again, and comes back here if that was not enough.
 *
 * Context: process context, may sleep; locks as for a shrinker.
 * Return: bytes freed.
 */
size_t qae_shrink_before_oom(void)
{
	size_t done = 0, size;
	int node;

	for_each_node_state(node, N_MEMORY)
		done += qae_clear_queue_flush_timeout(node, OOM_WAIT);
	if (done)
		return done;
	while ((size = shrink_spare()))
		done += size;
	if (done)
		return done;
	for_each_node_state(node, N_MEMORY)
		done += shrink_reserve(node);
	return done;
}
EXPORT_SYMBOL_IF_KUNIT(qae_shrink_before_oom);

static int oom_notify(struct notifier_block *block, unsigned long unused, void *pages)
{
	unsigned long *freed = pages;

	*freed += qae_shrink_before_oom() >> PAGE_SHIFT;
	return NOTIFY_OK;
}

static struct notifier_block oom_block = {
	.notifier_call = oom_notify,
};

/**
 * qae_shrinker_init() - register the shrinkers and the OOM notifier
 *
 * Call after the queue and the reserves were created.
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int qae_shrinker_init(void)
{
	const struct shrinker idle = {
		.count_objects = qae_shrink_idle_count,
		.scan_objects = qae_shrink_idle_scan,
		.batch = BLOCK_PAGES,
		.seeks = 0,
		.flags = SHRINKER_NUMA_AWARE,
	};
	const struct shrinker reserve = {
		.count_objects = qae_shrink_reserve_count,
		.scan_objects = qae_shrink_reserve_scan,
		.batch = BLOCK_PAGES,
		.seeks = RESERVE_SEEKS,
		.flags = SHRINKER_NUMA_AWARE,
	};
	int err = -ENOMEM;

	idle_shrinker = qae_shrinker_register(&idle, "qae-idle");
	if (!idle_shrinker)
		return err;
	reserve_shrinker = qae_shrinker_register(&reserve, "qae-reserve");
	if (!reserve_shrinker)
		goto err_idle;
	err = register_oom_notifier(&oom_block);
	if (err)
		goto err_reserve;
	return 0;

err_reserve:
	qae_shrinker_free(reserve_shrinker);
err_idle:
	qae_shrinker_free(idle_shrinker);
	return err;
}

/* Returns after the last callback. */
void qae_shrinker_exit(void)
{
	unregister_oom_notifier(&oom_block);
	qae_shrinker_free(reserve_shrinker);
	qae_shrinker_free(idle_shrinker);
}
