/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the address space share: space.c, space_window.c, space_members.c. */
#ifndef QAE_DMA_SPACE_INTERNAL_H
#define QAE_DMA_SPACE_INTERNAL_H

#include <linux/list.h>
#include <linux/types.h>

#include "dma/space.h"

struct iommu_domain;
struct iommu_group;

/**
 * struct space_domain - an IOMMU domain
 * @link: in qae_space.domains
 * @domain: the IOMMU's
 * @groups: groups that are attached
 */
struct space_domain {
	struct list_head link;
	struct iommu_domain *domain;
	unsigned int groups;
};

/**
 * struct qae_space_group - an IOMMU group that this module owns
 * @link: in qae_space.groups
 * @group: the IOMMU's; counted reference
 * @domain: domain that it is attached to
 * @members: functions of it that joined
 */
struct qae_space_group {
	struct list_head link;
	struct iommu_group *group;
	struct space_domain *domain;
	unsigned int members;
};

static inline int refuse(const char **reason, int err, const char *why)
{
	*reason = why;
	return err;
}

/* space_window.c */
int qae_space_admit(struct qae_space *space, struct qae_space_member *member,
		    struct qae_space_group *group, const char **reason);
void qae_space_forget_functions(struct qae_space *space);
void qae_space_close(struct qae_space *space);

/* space.c */
int qae_space_map_all(struct qae_space *space, struct space_domain *d);
void qae_space_unmap_all(struct qae_space *space, struct space_domain *d,
			 const struct qae_mapping *end);

#endif /* QAE_DMA_SPACE_INTERNAL_H */
