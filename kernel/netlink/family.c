// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "qae": its policies, and the requests other than
 * dumps. A netlink socket holds no resource; everything that a process can hold
 * belongs to a descriptor of /dev/qae_mem.
 *
 * The family is in all network namespaces, because most containers have one of
 * their own. Rights do not depend on it. Events go to the initial one only: a
 * listener elsewhere need not have any right outside its container.
 *
 * The family uses plain genl_ops, because split ops and the present type of
 * pre_doit are newer than Linux 6.1. Commands run in parallel; the registry
 * does the locking.
 *
 * Changes need CAP_SYS_ADMIN. netlink_capable() checks it here, for the opener
 * of the socket and for the sender of the message; the flag GENL_ADMIN_PERM
 * would mean CAP_NET_ADMIN.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/netlink.h>

#include "compat.h"
#include "netlink/netlink.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/registry.h"

/* A command refuses attributes that are not in its policy. */
static const struct nla_policy nothing_policy[QAE_A_PAD + 1] = {};

static const struct nla_policy endpoint_policy[QAE_A_ENDPOINT_ID + 1] = {
	[QAE_A_ENDPOINT_ID] = { .type = NLA_U32 },
};

static const struct nla_policy up_policy[QAE_A_CONFIG_MORE + 1] = {
	[QAE_A_ENDPOINT_ID] = { .type = NLA_U32 },
	[QAE_A_CONFIG] = NLA_POLICY_NESTED(qae_config_policy),
	[QAE_A_CONFIG_MORE] = NLA_POLICY_NESTED(qae_config_policy),
};

static const struct nla_policy reload_policy[QAE_A_CONFIG_MORE + 1] = {
	[QAE_A_ENDPOINT_ID] = { .type = NLA_U32 },
	[QAE_A_GENERATION] = { .type = NLA_U32 },
	[QAE_A_CONFIG] = NLA_POLICY_NESTED(qae_config_policy),
	[QAE_A_CONFIG_MORE] = NLA_POLICY_NESTED(qae_config_policy),
};

static int require_admin(struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	NL_SET_ERR_MSG(info->extack, "this needs CAP_SYS_ADMIN");
	return -EPERM;
}

static int require_endpoint(struct genl_info *info, u32 *id)
{
	if (!info->attrs[QAE_A_ENDPOINT_ID]) {
		NL_SET_ERR_MSG(info->extack, "the request does not say which endpoint");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QAE_A_ENDPOINT_ID);
		return -EINVAL;
	}
	*id = nla_get_u32(info->attrs[QAE_A_ENDPOINT_ID]);
	return 0;
}

static int require_config(struct genl_info *info, struct qae_config **config)
{
	if (!info->attrs[QAE_A_CONFIG]) {
		NL_SET_ERR_MSG(info->extack, "the request has no configuration");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QAE_A_CONFIG);
		return -EINVAL;
	}
	return qae_config_parse(info, config);
}

/*
 * @reason must be a string literal, because netlink reads it after the handler
 * has returned, when it builds the acknowledgment.
 */
static int refuse(struct genl_info *info, int err, const char *reason, const struct nlattr *bad)
{
	info->extack->_msg = reason ?: "the kernel has no memory for this";
	if (bad)
		NL_SET_BAD_ATTR(info->extack, bad);
	return err;
}

/* The attribute that caused an error, in a request with a configuration. */
static const struct nlattr *bad_attr(const struct genl_info *info, int err)
{
	switch (err) {
	case -EINVAL:
	case -ENOSPC:
		return info->attrs[QAE_A_CONFIG];
	case -ESTALE:
		return info->attrs[QAE_A_GENERATION];
	case -ENOMEM:
		return NULL;
	default:
		return info->attrs[QAE_A_ENDPOINT_ID];
	}
}

static struct sk_buff *reply_begin(struct genl_info *info, void **header)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb) {
		NL_SET_ERR_MSG(info->extack, "the kernel has no memory for the reply");
		return NULL;
	}
	/* Cannot fail: the header always fits into an empty message. */
	*header = genlmsg_put_reply(skb, info, &qae_family, 0, info->genlhdr->cmd);
	return skb;
}

static int reply_end(struct genl_info *info, struct sk_buff *skb, void *header, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int get_endpoint(struct sk_buff *request, struct genl_info *info)
{
	struct qae_endpoint *endpoint;
	struct sk_buff *skb;
	void *header;
	u32 id;
	int err;

	err = require_endpoint(info, &id);
	if (err)
		return err;
	skb = reply_begin(info, &header);
	if (!skb)
		return -ENOMEM;

	spin_lock(&qae_registry.lock);
	endpoint = qae_endpoint_find(id);
	if (endpoint)
		err = qae_fill_endpoint(skb, endpoint);
	else
		err = refuse(info, -ENODEV, "no such endpoint",
			     info->attrs[QAE_A_ENDPOINT_ID]);
	spin_unlock(&qae_registry.lock);
	return reply_end(info, skb, header, err);
}

static int get_memory(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb;
	void *header;

	skb = reply_begin(info, &header);
	if (!skb)
		return -ENOMEM;
	return reply_end(info, skb, header, qae_fill_memory(skb));
}

static int set_memory(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *bad = NULL;
	const char *reason = NULL;
	int err;

	err = require_admin(request, info);
	if (err)
		return err;
	err = qae_memory_apply(info->attrs, &reason, &bad);
	return err ? refuse(info, err, reason, bad) : 0;
}

static int bring_up(struct sk_buff *request, struct genl_info *info)
{
	struct qae_config *config = NULL;
	const char *reason = NULL;
	u32 id;
	int err;

	err = require_admin(request, info);
	if (!err)
		err = require_endpoint(info, &id);
	if (!err)
		err = require_config(info, &config);
	if (err)
		return err;

	err = qae_endpoint_up(id, &config, &reason);
	qae_config_free(config);
	return err ? refuse(info, err, reason, bad_attr(info, err)) : 0;
}

static int take_down(struct sk_buff *request, struct genl_info *info)
{
	const char *reason = NULL;
	u32 id;
	int err;

	err = require_admin(request, info);
	if (!err)
		err = require_endpoint(info, &id);
	if (err)
		return err;

	err = qae_endpoint_down(id, &reason);
	return err ? refuse(info, err, reason, info->attrs[QAE_A_ENDPOINT_ID]) : 0;
}

static int reload_config(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[QAE_A_GENERATION];
	u32 generation = attr ? nla_get_u32(attr) : 0;
	struct qae_config *config = NULL;
	const char *reason = NULL;
	u32 id;
	int err;

	err = require_admin(request, info);
	if (!err)
		err = require_endpoint(info, &id);
	if (!err)
		err = require_config(info, &config);
	if (err)
		return err;

	err = qae_endpoint_reload(id, attr ? &generation : NULL, &config, &reason);
	qae_config_free(config);
	return err ? refuse(info, err, reason, bad_attr(info, err)) : 0;
}

static const struct genl_ops qae_ops[] = {
	{
		.cmd = QAE_CMD_ENDPOINT_GET,
		.doit = get_endpoint,
		.start = qae_dump_start,
		.dumpit = qae_dump_endpoints,
		.policy = endpoint_policy,
		.maxattr = ARRAY_SIZE(endpoint_policy) - 1,
	},
	{
		.cmd = QAE_CMD_ENDPOINT_UP,
		.doit = bring_up,
		.policy = up_policy,
		.maxattr = ARRAY_SIZE(up_policy) - 1,
	},
	{
		.cmd = QAE_CMD_ENDPOINT_DOWN,
		.doit = take_down,
		.policy = endpoint_policy,
		.maxattr = ARRAY_SIZE(endpoint_policy) - 1,
	},
	{
		.cmd = QAE_CMD_CONFIG_RELOAD,
		.doit = reload_config,
		.policy = reload_policy,
		.maxattr = ARRAY_SIZE(reload_policy) - 1,
	},
	{
		.cmd = QAE_CMD_SECTION_GET,
		.start = qae_dump_start,
		.dumpit = qae_dump_sections,
		.policy = nothing_policy,
		.maxattr = ARRAY_SIZE(nothing_policy) - 1,
	},
	{
		.cmd = QAE_CMD_INSTANCE_GET,
		.start = qae_dump_start,
		.dumpit = qae_dump_instances,
		.policy = nothing_policy,
		.maxattr = ARRAY_SIZE(nothing_policy) - 1,
	},
	{
		.cmd = QAE_CMD_CLIENT_GET,
		.start = qae_dump_start,
		.dumpit = qae_dump_clients,
		.policy = nothing_policy,
		.maxattr = ARRAY_SIZE(nothing_policy) - 1,
	},
	{
		.cmd = QAE_CMD_MEMORY_GET,
		.doit = get_memory,
		.start = qae_dump_start,
		.dumpit = qae_dump_memory,
		.policy = nothing_policy,
		.maxattr = ARRAY_SIZE(nothing_policy) - 1,
	},
	{
		.cmd = QAE_CMD_MEMORY_SET,
		.doit = set_memory,
		.policy = qae_memory_policy,
		.maxattr = ARRAY_SIZE(qae_memory_policy) - 1,
	},
	{
		.cmd = QAE_CMD_USER_GET,
		.start = qae_dump_start,
		.dumpit = qae_dump_users,
		.policy = nothing_policy,
		.maxattr = ARRAY_SIZE(nothing_policy) - 1,
	},
};

static const struct genl_multicast_group qae_mcgrps[] = {
	/* Events contain process ids of the initial namespace. */
	[QAE_MCGRP_EVENTS] = {
		.name = QAE_GENL_MCGRP_EVENTS,
		QAE_MCGRP_NEEDS_ADMIN
	},
};

struct genl_family qae_family __ro_after_init = {
	.name = QAE_GENL_NAME,
	.version = QAE_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = qae_ops,
	.n_ops = ARRAY_SIZE(qae_ops),
	.mcgrps = qae_mcgrps,
	.n_mcgrps = ARRAY_SIZE(qae_mcgrps),
};

/**
 * qae_netlink_init() - register the generic netlink family
 *
 * Return: 0, -ENOMEM, or an error of genl_register_family().
 */
int __init qae_netlink_init(void)
{
	int err = genl_register_family(&qae_family);

	if (err)
		return err;
	err = qae_netlink_events_init();
	if (err)
		genl_unregister_family(&qae_family);
	return err;
}

/**
 * qae_netlink_exit() - unregister the family; waits for running requests
 */
void qae_netlink_exit(void)
{
	qae_netlink_events_exit();
	genl_unregister_family(&qae_family);
}
