/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations that the parts of the netlink family share. Outside this folder
 * only main.c includes it; the bookkeeping reports events through
 * session/event.h.
 *
 * family.c    the family, its policies, and requests other than dumps
 * config.c    parse a configuration from its attributes
 * memory.c    apply memory settings from their attributes
 * fill.c      write an object as attributes, the same in replies, dumps and events
 * dump.c      listings
 * event.c     events: the subscriber of session/event.h
 */
#ifndef QAE_NETLINK_H
#define QAE_NETLINK_H

#include <linux/qae_netlink.h>
#include <net/genetlink.h>

struct qae_client;
struct qae_config;
struct qae_endpoint;
struct qae_instance_obj;
struct qae_reader;
struct qae_section;
struct qae_user;

int qae_netlink_init(void);
void qae_netlink_exit(void);

extern struct genl_family qae_family;

/* Positions in qae_family.mcgrps. */
enum qae_mcgrp {
	QAE_MCGRP_EVENTS,
};

/* config.c */
extern const struct nla_policy qae_config_policy[QAE_A_CONFIG_SECTION + 1];
int qae_config_parse(const struct genl_info *info, struct qae_config **config);

/* memory.c */
extern const struct nla_policy qae_memory_policy[QAE_A_LIMIT_DESCRIPTORS + 1];
int qae_memory_apply(struct nlattr **attrs, const char **reason, const struct nlattr **bad);

/* fill.c */
int qae_fill_endpoint(struct sk_buff *skb, const struct qae_endpoint *endpoint);
int qae_fill_section(struct sk_buff *skb, const struct qae_section *section,
		     const struct qae_reader *reader);
int qae_fill_instance(struct sk_buff *skb, const struct qae_instance_obj *inst,
		      const struct qae_reader *reader);
int qae_fill_client(struct sk_buff *skb, const struct qae_client *client,
		    const struct qae_reader *reader);
int qae_fill_user(struct sk_buff *skb, const struct qae_user *user,
		  const struct qae_reader *reader);
int qae_fill_memory(struct sk_buff *skb);
int qae_fill_memory_node(struct sk_buff *skb, int node);
int qae_fill_pool(struct sk_buff *skb, enum qae_service service);

/* event.c */
int qae_netlink_events_init(void);
void qae_netlink_events_exit(void);

/* dump.c */
int qae_dump_start(struct netlink_callback *cb);
int qae_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb);
int qae_dump_sections(struct sk_buff *skb, struct netlink_callback *cb);
int qae_dump_instances(struct sk_buff *skb, struct netlink_callback *cb);
int qae_dump_clients(struct sk_buff *skb, struct netlink_callback *cb);
int qae_dump_memory(struct sk_buff *skb, struct netlink_callback *cb);
int qae_dump_users(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* QAE_NETLINK_H */
