// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned memory, counted in all, per client, per user and per node. Bytes that
 * a limit is held against are counted where they are charged, in limit.c.
 *
 * No lock: each counter is right by itself, a reader may see two of them at
 * slightly different moments.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"

struct node_account {
	atomic64_t bytes;
	atomic64_t regions;
};

struct qae_account qae_account;
EXPORT_SYMBOL_IF_KUNIT(qae_account);

static struct node_account nodes[MAX_NUMNODES];

/**
 * qae_account_add() - a region came to be
 * @client: whose it is, or NULL for the kernel
 * @node: NUMA node it lies on
 * @bytes: its size, charged before
 */
void qae_account_add(struct qae_client *client, int node, size_t bytes)
{
	qae_limit_note_peaks(client, bytes);
	atomic64_inc(&qae_account.regions);
	atomic64_add(bytes, &nodes[node].bytes);
	atomic64_inc(&nodes[node].regions);

	if (client) {
		atomic_inc(&client->num_regions);
		atomic64_inc(&client->user->regions);
	} else {
		atomic64_add(bytes, &qae_account.kernel_bytes);
	}
}

/**
 * qae_account_remove() - a region is no more; its charge goes too
 * @client: as added
 * @node: as added
 * @bytes: as added
 */
void qae_account_remove(struct qae_client *client, int node, size_t bytes)
{
	atomic64_dec(&qae_account.regions);
	atomic64_sub(bytes, &nodes[node].bytes);
	atomic64_dec(&nodes[node].regions);

	if (client) {
		atomic_dec(&client->num_regions);
		atomic64_dec(&client->user->regions);
	} else {
		atomic64_sub(bytes, &qae_account.kernel_bytes);
	}
	qae_limit_uncharge(client, bytes);
}

/**
 * qae_account_failure() - no memory was found for a region
 * @node: node asked for, or QAE_NODE_ANY
 * @bytes: size asked for
 *
 * Counted always; told every ten minutes at most, because a process can repeat it.
 */
void qae_account_failure(int node, size_t bytes)
{
	static DEFINE_RATELIMIT_STATE(once_in_a_while, 600 * HZ, 1);

	atomic64_inc(&qae_account.failures);
	ratelimit_set_flags(&once_in_a_while, RATELIMIT_MSG_ON_RELEASE);
	if (!__ratelimit(&once_in_a_while))
		return;
	if (node == QAE_NODE_ANY)
		pr_warn("no contiguous run of %zu KiB on any node: memory is short or fragmented\n",
			bytes >> 10);
	else
		pr_warn("no contiguous run of %zu KiB on node %d: memory there is short or fragmented\n",
			bytes >> 10, node);
}

/**
 * qae_account_node_bytes() - pinned bytes of a node
 * @node: the node
 * Return: bytes; 0 for a number that is no node.
 */
u64 qae_account_node_bytes(int node)
{
	if (node < 0 || node >= MAX_NUMNODES)
		return 0;
	return atomic64_read(&nodes[node].bytes);
}
EXPORT_SYMBOL_IF_KUNIT(qae_account_node_bytes);

/**
 * qae_account_node_regions() - pinned regions of a node
 * @node: the node
 * Return: regions; 0 for a number that is no node.
 */
u64 qae_account_node_regions(int node)
{
	if (node < 0 || node >= MAX_NUMNODES)
		return 0;
	return atomic64_read(&nodes[node].regions);
}
EXPORT_SYMBOL_IF_KUNIT(qae_account_node_regions);
