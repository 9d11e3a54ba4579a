// SPDX-License-Identifier: GPL-2.0-only
/*
 * QAE_CMD_MEMORY_SET: limits and reserves. Everything is checked before
 * anything is set, and setting cannot fail.
 */
#include <linux/nodemask.h>

#include "mem/charge.h"
#include "mem/reserve.h"
#include "netlink/netlink.h"

/* Any number of bytes is a limit. */
const struct nla_policy qae_memory_policy[QAE_A_MEMORY_RESERVE_TARGET + 1] = {
	[QAE_A_MEMORY_NODE] = NLA_POLICY_MIN(NLA_S32, 0),
	[QAE_A_LIMIT_CLIENT] = { .type = NLA_U64 },
	[QAE_A_LIMIT_USER] = { .type = NLA_U64 },
	[QAE_A_LIMIT_CONTIG] = { .type = NLA_U64 },
	[QAE_A_LIMIT_ALL] = { .type = NLA_U64 },
	[QAE_A_MEMORY_RESERVE_TARGET] = { .type = NLA_U32 },
};

static const struct {
	enum qae_attr attr;
	enum qae_limit limit;
} settable[] = {
	{ QAE_A_LIMIT_CLIENT, QAE_LIMIT_CLIENT },
	{ QAE_A_LIMIT_USER, QAE_LIMIT_USER },
	{ QAE_A_LIMIT_CONTIG, QAE_LIMIT_CONTIG },
	{ QAE_A_LIMIT_ALL, QAE_LIMIT_ALL },
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
 * Node QAE_NODE_ANY stands for all. A node that has memory only since after the
 * module was loaded can have no reserve: it is passed over unless it was named.
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
 * qae_memory_apply() - set what a request says
 * @attrs: its attributes, as qae_memory_policy lets them through
 * @reason: set to a sentence where it is refused
 * @blamed: likewise to the attribute, if it is one
 *
 * Context: process context.
 * Return: 0; -EINVAL (nothing to set, or more than a node has) or -ENXIO (no such node).
 */
int qae_memory_apply(struct nlattr **attrs, const char **reason, const struct nlattr **blamed)
{
	const struct nlattr *target = attrs[QAE_A_MEMORY_RESERVE_TARGET];
	const struct nlattr *node = attrs[QAE_A_MEMORY_NODE];
	int only = node ? nla_get_s32(node) : QAE_NODE_ANY;
	int err;

	if (node && !target) {
		*reason = "the request names a NUMA node and does not say what to set there";
		*blamed = node;
		return -EINVAL;
	}
	err = target ? check_reserves(only, nla_get_u32(target)) : 0;
	if (err) {
		*reason = err == -ENXIO ? "there is no such NUMA node with memory" :
					  "a NUMA node has less memory than this reserve takes";
		*blamed = err == -ENXIO ? node : target;
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
