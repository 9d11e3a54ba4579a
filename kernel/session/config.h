/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of one endpoint, typed and bounded. */
#ifndef QAE_SESSION_CONFIG_H
#define QAE_SESSION_CONFIG_H

#include <linux/list.h>
#include <linux/types.h>

#include <linux/qae.h>

#include "model/layout.h"
#include "model/model.h"

struct qae_group;

/**
 * struct qae_config_instance - one Cy<i> or Dc<i> of a section
 * @service: QAE_SERVICE_CY or QAE_SERVICE_DC
 * @poll_mode: enum qae_poll_mode
 * @num_cores: elements of @cores
 * @cores: CoreAffinity list; process i gets element i modulo @num_cores
 * @name: instance name
 */
struct qae_config_instance {
	u8 service;
	u8 poll_mode;
	u16 num_cores;
	u16 *cores;
	char name[QAE_NAME_SIZE];
};

/**
 * struct qae_config_section - one [section]
 * @name: as written in the file
 * @kind: QAE_INSTANCE_STATIC for a user section, else QAE_INSTANCE_DYN or _KERNEL
 * @processes: NumProcesses; 1 for the other kinds
 * @limit_dev: LimitDevAccess
 * @wait_ms: how long a claim waits while all sections are held; 0: it fails at once
 * @num_instances: elements of @instances
 * @count: number of instances by service
 * @instances: in file order
 * @spare_group: group to add to the index if there is none with that name
 * @group: group of that name while the configuration is in force, else NULL; NULL for [KERNEL]
 * @link: in group->configs
 */
struct qae_config_section {
	char name[QAE_NAME_SIZE];
	enum qae_instance_kind kind;
	u32 processes;
	bool limit_dev;
	u32 wait_ms;
	u32 num_instances;
	u32 count[__QAE_SERVICE_COUNT];
	struct qae_config_instance *instances;
	struct qae_group *spare_group;
	struct qae_group *group;
	struct list_head link;
};

/**
 * struct qae_config - configuration of one endpoint
 * @services: QAE_SVC_* of ServicesEnabled, 0 if not given
 * @num_sections: elements of @sections
 * @sections: user sections, [KERNEL] and [DYN]
 *
 * Built by netlink/config.c. Once published it belongs to its endpoint, and what
 * the operator wrote does not change.
 */
struct qae_config {
	u32 services;
	u32 num_sections;
	struct qae_config_section *sections;
};

/* A name with NumProcesses 0: it is listed, and has no section. */
static inline bool qae_config_is_unused(const struct qae_config_section *section)
{
	return section->kind == QAE_INSTANCE_STATIC && !section->processes;
}

struct qae_config *qae_config_alloc(u32 num_sections);
int qae_config_section_alloc(struct qae_config_section *section, u32 num_instances);
void qae_config_free(struct qae_config *config);
int qae_config_check(const struct qae_config *config, const char **reason);
s32 qae_config_core(const struct qae_config_instance *instance, u32 process);
u64 qae_config_total(const struct qae_config *config, enum qae_service service);
int qae_config_fits(const struct qae_config *config, const struct qae_model *model,
		    const u32 held[__QAE_SERVICE_COUNT], struct qae_layout *layout,
		    const char **reason);

#endif /* QAE_SESSION_CONFIG_H */
