// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that comes and goes while the module is loaded.
 *
 * A node that gets its first memory gets a worker, and a reserve once it is large
 * enough. Both stay when the memory goes, for the time when it comes back. A region
 * keeps the memory that it lies in from going at all.
 *
 * Before memory goes, the search for contiguous ranges must have ended that may have
 * seen it: the struct pages that it reads are freed soon after.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/notifier.h>
#include <linux/printk.h>

#include "mem/contig.h"
#include "mem/hotplug.h"
#include "mem/pages.h"
#include "mem/worker.h"

/* The notifier may run while the nodes of the start are being set up. */
static DEFINE_MUTEX(nodes_lock);

/* Sets up each node that has memory and was not set up before. */
static int add_nodes(void)
{
	int node, err = 0;

	mutex_lock(&nodes_lock);
	for_each_node_state(node, N_MEMORY) {
		err = qae_worker_start(node);
		if (err)
			break;
		qae_reserve_add_node(node);
	}
	mutex_unlock(&nodes_lock);
	return err;
}

static int memory_changed(struct notifier_block *block, unsigned long action, void *unused)
{
	if (action == MEM_ONLINE && add_nodes())
		pr_warn("no thread for a node with new memory: it has no reserve; what is freed there is cleared at once\n");
	else if (action == MEM_OFFLINE)
		qae_contig_drain();
	return NOTIFY_OK;
}

static struct notifier_block memory_block = {
	.notifier_call = memory_changed,
};

/**
 * qae_hotplug_init() - set up the nodes that have memory, now and later
 *
 * Call after qae_workers_init() and qae_reserve_init().
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int qae_hotplug_init(void)
{
	int err = register_memory_notifier(&memory_block);

	if (err)
		return err;
	err = add_nodes();
	if (err)
		unregister_memory_notifier(&memory_block);
	return err;
}

/* Returns after the last callback. The workers of nodes end with their queues. */
void qae_hotplug_exit(void)
{
	unregister_memory_notifier(&memory_block);
}
