// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned memory, counted in all, per client and per node.
 *
 * No lock: each counter is right by itself, a reader may see two of them at
 * slightly different moments. A peak is the largest sum that a charge saw, so
 * it is never below what was pinned at once.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "kunit_export.h"
#include "qae.h"

struct node_account {
	atomic64_t bytes;
	atomic64_t regions;
};

struct qae_account qae_account;

QAE_EXPORT_FOR_KUNIT(qae_account);

static struct node_account nodes[MAX_NUMNODES];

static void raise_peak(atomic64_t *peak, s64 now)
{
	s64 seen = atomic64_read(peak);

	while (seen < now && !atomic64_try_cmpxchg(peak, &seen, now))
		;
}

/**
 * qae_account_charge() - a region came to be
 * @client: whose it is, or NULL for the kernel
 * @node: NUMA node it lies on
 * @bytes: its size
 */
void qae_account_charge(struct qae_client *client, int node, size_t bytes)
{
	raise_peak(&qae_account.bytes_peak, atomic64_add_return(bytes, &qae_account.bytes));
	atomic64_inc(&qae_account.regions);
	atomic64_add(bytes, &nodes[node].bytes);
	atomic64_inc(&nodes[node].regions);

	if (!client) {
		atomic64_add(bytes, &qae_account.kernel_bytes);
		return;
	}
	raise_peak(&client->bytes_peak, atomic64_add_return(bytes, &client->bytes));
	atomic_inc(&client->num_regions);
}

/**
 * qae_account_uncharge() - a region is no more
 * @client: as charged
 * @node: as charged
 * @bytes: as charged
 */
void qae_account_uncharge(struct qae_client *client, int node, size_t bytes)
{
	atomic64_sub(bytes, &qae_account.bytes);
	atomic64_dec(&qae_account.regions);
	atomic64_sub(bytes, &nodes[node].bytes);
	atomic64_dec(&nodes[node].regions);

	if (!client) {
		atomic64_sub(bytes, &qae_account.kernel_bytes);
		return;
	}
	atomic64_sub(bytes, &client->bytes);
	atomic_dec(&client->num_regions);
}

/**
 * qae_account_failure() - no memory was found for a region
 * @node: node asked for, or NUMA_NO_NODE
 * @bytes: size asked for
 *
 * Counted always; told every ten minutes at most, because a process can repeat it.
 */
void qae_account_failure(int node, size_t bytes)
{
	static DEFINE_RATELIMIT_STATE(once_in_a_while, 600 * HZ, 1);

	atomic64_inc(&qae_account.failures);
	ratelimit_set_flags(&once_in_a_while, RATELIMIT_MSG_ON_RELEASE);
	if (__ratelimit(&once_in_a_while))
		pr_warn("no contiguous run of %zu KiB on node %d: memory is fragmented, or a memory cgroup is full\n",
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

QAE_EXPORT_FOR_KUNIT(qae_account_node_bytes);

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

QAE_EXPORT_FOR_KUNIT(qae_account_node_regions);
