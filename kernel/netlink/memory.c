// SPDX-License-Identifier: GPL-2.0-only
/*
 * QAE_CMD_MEMORY_SET: limits and reserves. Everything is checked before anything
 * is set, and setting cannot fail, so a refused request changes nothing.
 */
#include <linux/nodemask.h>

#include "mem/charge.h"
#include "mem/reserve.h"
#include "netlink/netlink.h"

/* Every 64-bit value is a valid limit. */
const struct nla_policy qae_memory_policy[QAE_A_LIMIT_DESCRIPTORS + 1] = {
	[QAE_A_MEMORY_NODE] = NLA_POLICY_MIN(NLA_S32, 0),
	[QAE_A_LIMIT_CLIENT] = { .type = NLA_U64 },
	[QAE_A_LIMIT_USER] = { .type = NLA_U64 },
	[QAE_A_LIMIT_CONTIG] = { .type = NLA_U64 },
	[QAE_A_LIMIT_ALL] = { .type = NLA_U64 },
	[QAE_A_MEMORY_RESERVE_TARGET] = { .type = NLA_U32 },
	[QAE_A_LIMIT_DESCRIPTORS] = { .type = NLA_U64 },
};

static const struct {
	enum qae_attr attr;
	enum qae_limit limit;
} settable[] = {
	{ QAE_A_LIMIT_CLIENT, QAE_LIMIT_CLIENT },
	{ QAE_A_LIMIT_USER, QAE_LIMIT_USER },
	{ QAE_A_LIMIT_CONTIG, QAE_LIMIT_CONTIG },
	{ QAE_A_LIMIT_ALL, QAE_LIMIT_ALL },
	{ QAE_A_LIMIT_DESCRIPTORS, QAE_LIMIT_DESCRIPTORS },
};

static unsigned int set_limits(struct nlattr **attrs)
{
	unsigned int i, found = 0;

	for (i = 0; i < ARRAY_SIZE(settable); i++) {
		const struct nlattr *attr = attrs[settable[i].attr];

		if (!attr)
			continue;
		atomic64_set(&qae_limits[settable[i].limit].most, nla_get_u64(attr));
		found++;
	}
	return found;
}

/*
 * QAE_NODE_ANY means all nodes. A node whose memory came online after the module
 * was loaded cannot have a reserve: skip it, unless the request names it.
 */
static int check_reserves(int only, u32 regions)
{
	int node, err;

	if (only != QAE_NODE_ANY)
		return qae_reserve_check(only, regions);
	for_each_node_state(node, N_MEMORY) {
		err = qae_reserve_check(node, regions);
		if (err == -EINVAL)
			return err;
	}
	return 0;
}

static void set_reserves(int only, u32 regions)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		if (only == QAE_NODE_ANY || node == only)
			qae_reserve_set(node, regions);
}

/**
 * qae_memory_apply() - apply the settings of a request
 * @attrs: its attributes, checked by qae_memory_policy
 * @reason: result: a sentence, on failure only
 * @bad: result: the attribute that is wrong, if it is one; on failure only
 *
 * On failure nothing has changed.
 *
 * Context: process context.
 * Return: 0, -EINVAL if there is nothing to set or a reserve exceeds the node's
 * memory, or -ENXIO if there is no such node.
 */
int qae_memory_apply(struct nlattr **attrs, const char **reason, const struct nlattr **bad)
{
	const struct nlattr *target = attrs[QAE_A_MEMORY_RESERVE_TARGET];
	const struct nlattr *node = attrs[QAE_A_MEMORY_NODE];
	int only = node ? nla_get_s32(node) : QAE_NODE_ANY;
	int err;

	if (node && !target) {
		*reason = "the request names a NUMA node but not what to set there";
		*bad = node;
		return -EINVAL;
	}
	err = target ? check_reserves(only, nla_get_u32(target)) : 0;
	if (err) {
		*reason = err == -ENXIO ? "there is no such NUMA node with memory" :
					  "a NUMA node has less memory than this reserve takes";
		*bad = err == -ENXIO ? node : target;
		return err;
	}
	if (target)
		set_reserves(only, nla_get_u32(target));
	if (!set_limits(attrs) && !target) {
		*reason = "the request does not say what to set";
		return -EINVAL;
	}
	return 0;
}
