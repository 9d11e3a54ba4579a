/* SPDX-License-Identifier: GPL-2.0-only */
/* Section groups: what one section name of the configurations stands for. */
#ifndef QAE_SESSION_GROUP_H
#define QAE_SESSION_GROUP_H

#include <linux/list.h>
#include <linux/types.h>

#include <linux/qae.h>

struct qae_config;
struct qae_config_section;
struct qae_section;

/**
 * struct qae_group - all that a claim needs to know about a section name
 * @node: in the index of names
 * @hash: of @name without letter case
 * @users: configurations, sections and claims that refer to it
 * @name: name in the configuration
 * @kind: QAE_INSTANCE_STATIC or QAE_INSTANCE_DYN
 * @wait_ms: the longest OnBusy of @configs: an endpoint that comes or goes must not turn a
 *	section that waits into one that fails at once
 * @configs: published entries with that name, one for each endpoint
 * @sections: number of its sections that are not retired
 * @free: the first free section of each span, ordered by device; see group.c
 * @claims: claims that wait for a section of the group, ordered by ticket
 *
 * Guarded by qae_registry.lock.
 */
struct qae_group {
	struct hlist_node node;
	u32 hash;
	u32 users;
	char name[QAE_NAME_SIZE];
	enum qae_instance_kind kind;
	u32 wait_ms;
	struct list_head configs;
	u32 sections;
	struct list_head free;
	struct list_head claims;
};

int qae_groups_reserve(struct qae_config *config);
void qae_groups_join(struct qae_config *config);
void qae_groups_leave(struct qae_config *config);
struct qae_group *qae_group_find(const char *name);
void qae_group_get(struct qae_group *group);
void qae_group_put(struct qae_group *group);
void qae_group_add_free(struct qae_section *section);
void qae_group_del_free(struct qae_section *section);

#endif /* QAE_SESSION_GROUP_H */
