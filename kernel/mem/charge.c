// SPDX-License-Identifier: GPL-2.0-only
/*
 * Charging: pinned memory is counted in all, per client, per user and per node,
 * and held against limits.
 *
 *  qae_charge()		before memory is searched for: do the limits allow it?
 *  qae_charge_commit()		memory was found: the region counts
 *  qae_charge_cancel()		no memory was found: undo the charge, count the reason
 *  qae_uncharge()		the region is gone
 *
 * Charge before allocating: a refusal costs nothing, and usage never exceeds a
 * limit, not even briefly.
 *
 * No lock. A limited counter grows only by a compare-and-exchange that saw room,
 * so it never exceeds its limit. A region is charged to up to four of them, from
 * the narrowest to the widest; if one refuses, those before it are uncharged.
 * Until then such a charge can make the allocation of another thread fail. As a
 * rule that is a thread of the same user, because counters shared between users
 * come last; it can be another user's only if a contiguous range reached the last
 * limit. The other counters are each exact, but a reader can see two of them at
 * slightly different moments.
 *
 * The limits are finite from the start: pinned memory cannot be swapped, and the OOM
 * killer does not see it, because it is part of no process's resident set. So a
 * member of the device's group must not be able to take the machine. Root changes
 * the limits at run time.
 *
 * Refusals are not logged: any process could flood the log. The caller learns
 * which limit refused, administrators read the counters, and there is a
 * tracepoint. A request that its caller can do without is neither counted nor
 * traced: the counters are for alarms, and nothing is missing yet.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sizes.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"
#include "trace.h"

struct qae_account qae_account;
EXPORT_SYMBOL_IF_KUNIT(qae_account);

struct qae_limit_state qae_limits[__QAE_LIMIT_COUNT];
EXPORT_SYMBOL_IF_KUNIT(qae_limits);

/**
 * qae_limit_default() - a limit as installed
 * @limit: the limit
 * @ram: memory of the machine in bytes
 *
 * A user may have an eighth of the memory, everything together half of it. No memory
 * cgroup is charged for contiguous ranges, so a container could leave its own limit
 * by them: they get a sixteenth, and no more than 256 MiB on any machine. Everything
 * is whole MiB, for those who read it.
 *
 * A descriptor has no limit of its own: it ends at that of its user.
 *
 * The number of descriptors bounds what a user can add to listings. It has nothing to
 * do with memory, and suits a service with thousands of processes.
 *
 * Context: any.
 * Return: bytes (or descriptors), or QAE_UNLIMITED.
 */
u64 qae_limit_default(enum qae_limit limit, u64 ram)
{
	switch (limit) {
	case QAE_LIMIT_USER:
		return ALIGN_DOWN(ram / 8, SZ_1M);
	case QAE_LIMIT_CONTIG:
		return min_t(u64, ALIGN_DOWN(ram / 16, SZ_1M), SZ_256M);
	case QAE_LIMIT_ALL:
		return ALIGN_DOWN(ram / 2, SZ_1M);
	case QAE_LIMIT_DESCRIPTORS:
		return QAE_DESCRIPTORS_DEFAULT;
	default:
		return QAE_UNLIMITED;
	}
}
EXPORT_SYMBOL_IF_KUNIT(qae_limit_default);

/**
 * qae_limits_init() - set all limits to their defaults on this machine
 *
 * Call before anything can be charged.
 *
 * Context: process context.
 */
void qae_limits_init(void)
{
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;
	enum qae_limit limit;

	for (limit = 0; limit < __QAE_LIMIT_COUNT; limit++)
		atomic64_set(&qae_limits[limit].most, qae_limit_default(limit, ram));
}

struct node_account {
	atomic64_t bytes;
	atomic64_t regions;
};

static struct node_account nodes[MAX_NUMNODES];

/**
 * struct counter - a limited counter that a region is charged to
 * @limit: the limit
 * @bytes: bytes charged now
 * @peak: highest number of bytes that were pinned
 */
struct counter {
	enum qae_limit limit;
	atomic64_t *bytes;
	atomic64_t *peak;
};

#define MAX_COUNTERS	4

/* Fills @counters in the order of charging and returns their number. */
static unsigned int counters_of(struct qae_client *client, u64 bytes,
				struct counter counters[MAX_COUNTERS])
{
	struct qae_account *all = &qae_account;
	unsigned int n = 0;

	if (client) {
		counters[n++] = (struct counter){ QAE_LIMIT_CLIENT, &client->bytes,
						  &client->bytes_peak };
		counters[n++] = (struct counter){ QAE_LIMIT_USER, &client->user->bytes,
						  &client->user->bytes_peak };
	}
	if (bytes > QAE_CONTIG_ABOVE)
		counters[n++] = (struct counter){ QAE_LIMIT_CONTIG, &all->contig_bytes,
						  &all->contig_peak };
	counters[n++] = (struct counter){ QAE_LIMIT_ALL, &all->bytes, &all->bytes_peak };
	return n;
}

static void set_refusal(struct qae_refusal *refusal, enum qae_limit limit, u64 most, u64 bytes)
{
	refusal->limit = limit;
	refusal->most = most;
	refusal->bytes = bytes;
}

/* Counters are signed: no limit exceeds S64_MAX, so the sum cannot overflow. */
static bool try_charge(const struct counter *counter, u64 bytes, struct qae_refusal *refusal)
{
	u64 most = min_t(u64, atomic64_read(&qae_limits[counter->limit].most), S64_MAX);
	s64 seen = atomic64_read(counter->bytes);

	do {
		if (bytes > most || (u64)seen > most - bytes) {
			set_refusal(refusal, counter->limit, most, seen);
			return false;
		}
	} while (!atomic64_try_cmpxchg(counter->bytes, &seen, seen + bytes));
	return true;
}

static void uncharge_limits(struct qae_client *client, u64 bytes)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);

	while (n--)
		atomic64_sub(bytes, counters[n].bytes);
}

static void count_refusal(struct qae_client *client, u64 bytes, const struct qae_refusal *refusal)
{
	enum qae_limit limit = refusal->limit;

	if (refusal->uncounted)
		return;
	atomic64_inc(&qae_limits[limit].refused);
	if (client) {
		atomic64_inc(&client->refused);
		atomic64_inc(&client->user->refused);
	}
	trace_qae_limit_refused(client ? client->id : 0, bytes, limit);
}

/**
 * qae_charge() - charge a region to its limits before memory is searched for
 * @client: owner of the region, or NULL for the kernel
 * @bytes: size of the region
 * @refusal: set to the limit that refused, QAE_LIMIT_NONE if none did; @uncounted is the caller's
 *
 * A successful charge ends with qae_charge_commit() or qae_charge_cancel().
 *
 * Context: any.
 * Return: 0, or -EDQUOT: only the counts of refusals have changed.
 */
int qae_charge(struct qae_client *client, u64 bytes, struct qae_refusal *refusal)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);
	unsigned int i;

	set_refusal(refusal, QAE_LIMIT_NONE, 0, 0);
	for (i = 0; i < n; i++)
		if (!try_charge(&counters[i], bytes, refusal))
			break;
	if (i == n)
		return 0;

	while (i--)
		atomic64_sub(bytes, counters[i].bytes);
	count_refusal(client, bytes, refusal);
	return -EDQUOT;
}
EXPORT_SYMBOL_IF_KUNIT(qae_charge);

static void raise_peak(atomic64_t *peak, s64 now)
{
	s64 seen = atomic64_read(peak);

	while (seen < now && !atomic64_try_cmpxchg(peak, &seen, now))
		;
}

/*
 * Called when memory was found, not when the region is charged: a charge that is
 * refused or finds no memory must not raise a peak. A peak may include the charge
 * of another thread that is still searching. It is never below what was pinned at
 * one time: the last of these regions to arrive here sees the charges of all.
 */
static void update_peaks(struct qae_client *client, u64 bytes)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);

	while (n--)
		raise_peak(counters[n].peak, atomic64_read(counters[n].bytes));
	if (client) {
		raise_peak(&qae_account.client_peak, atomic64_read(&client->bytes_peak));
		raise_peak(&qae_account.user_peak, atomic64_read(&client->user->bytes_peak));
	}
}

/**
 * qae_charge_commit() - count a charged region whose memory was found
 * @client: as charged
 * @node: NUMA node of the memory
 * @bytes: as charged
 *
 * Context: any.
 */
void qae_charge_commit(struct qae_client *client, int node, size_t bytes)
{
	update_peaks(client, bytes);
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
EXPORT_SYMBOL_IF_KUNIT(qae_charge_commit);

/*
 * Always counted; logged at most once in ten minutes, because user space can
 * trigger it at will.
 */
static void count_failure(int node, size_t bytes)
{
	/*
	 * Not by ratelimit_set_flags() at each call: since 6.16 the flags also say that
	 * the state is initialised, and a state that is not starts a new interval.
	 */
	static struct ratelimit_state ratelimit =
		RATELIMIT_STATE_INIT_FLAGS(ratelimit, 600 * HZ, 1, RATELIMIT_MSG_ON_RELEASE);

	atomic64_inc(&qae_account.failures);
	if (!__ratelimit(&ratelimit))
		return;
	if (node == QAE_NODE_ANY)
		pr_warn("no contiguous run of %zu KiB on any node: memory is short or fragmented\n",
			bytes >> 10);
	else
		pr_warn("no contiguous run of %zu KiB on node %d: memory there is short or fragmented\n",
			bytes >> 10, node);
}

/**
 * qae_charge_cancel() - undo the charge of a region whose memory was not found
 * @client: as charged
 * @node: requested NUMA node, or QAE_NODE_ANY
 * @bytes: as charged
 * @err: why: -EDQUOT is counted as a refusal by the caller's memory cgroup, -ENOMEM as a
 *	failure; anything else (the caller is killed) is not counted
 * @refusal: set to QAE_LIMIT_CGROUP for -EDQUOT, else left alone
 *
 * Context: any.
 */
void qae_charge_cancel(struct qae_client *client, int node, size_t bytes, int err,
		       struct qae_refusal *refusal)
{
	uncharge_limits(client, bytes);
	if (err == -EDQUOT) {
		set_refusal(refusal, QAE_LIMIT_CGROUP, 0, 0);
		count_refusal(client, bytes, refusal);
	} else if (err == -ENOMEM && !refusal->uncounted) {
		count_failure(node, bytes);
	}
}
EXPORT_SYMBOL_IF_KUNIT(qae_charge_cancel);

/**
 * qae_uncharge() - a committed region is gone
 * @client: as committed
 * @node: as committed
 * @bytes: as committed
 *
 * Context: any.
 */
void qae_uncharge(struct qae_client *client, int node, size_t bytes)
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
	uncharge_limits(client, bytes);
}
EXPORT_SYMBOL_IF_KUNIT(qae_uncharge);

/**
 * qae_account_node_bytes() - pinned bytes of a node
 * @node: the node
 *
 * Return: bytes, 0 if @node is not a valid node.
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
 *
 * Return: regions, 0 if @node is not a valid node.
 */
u64 qae_account_node_regions(int node)
{
	if (node < 0 || node >= MAX_NUMNODES)
		return 0;
	return atomic64_read(&nodes[node].regions);
}
EXPORT_SYMBOL_IF_KUNIT(qae_account_node_regions);
