/* SPDX-License-Identifier: GPL-2.0-only */
/* What the address space needs of IOMMUs. */
#ifndef QAE_DMA_IOMMU_H
#define QAE_DMA_IOMMU_H

#include <linux/types.h>

struct device;
struct iommu_domain;
struct iommu_group;

/**
 * typedef qae_reserved_fn - told of addresses that a function must not be given
 * @context: of the caller
 * @start: first address
 * @last: last address
 *
 * Return: 0, or a negative errno that ends the listing.
 */
typedef int (*qae_reserved_fn)(void *context, u64 start, u64 last);

/**
 * struct qae_iommu_ops - an IOMMU, as far as the address space uses it
 * @group_get: the group of a function with a reference, or NULL if no IOMMU translates it
 * @group_put: drops the reference
 * @claim: makes this module the only owner of the group's DMA; until the attach its functions
 *	reach nothing. -EPERM or -EBUSY if another driver has a function of the group
 * @release: undoes @claim
 * @tell_other: writes to the kernel log which driver shares the group of a function
 * @domain_alloc: a domain for the IOMMU of the function, or an ERR_PTR
 * @domain_free: frees a domain that no group is attached to
 * @attach: lets the functions of the group reach what is mapped in the domain
 * @detach: undoes @attach; the functions reach nothing
 * @last_address: last address that can be mapped; known after the first @attach
 * @reserved: lists the reserved addresses of a function in a group
 * @map: maps contiguous memory; may sleep. The addresses are free
 * @unmap: unmaps what one or more calls of @map mapped, one behind the other. When it returns, no
 *	function reaches the memory any more: translations that the IOMMU had cached are flushed
 */
struct qae_iommu_ops {
	struct iommu_group *(*group_get)(struct device *dev);
	void (*group_put)(struct iommu_group *group);
	int (*claim)(struct iommu_group *group);
	void (*release)(struct iommu_group *group);
	void (*tell_other)(struct device *dev, struct iommu_group *group);
	struct iommu_domain *(*domain_alloc)(struct device *dev);
	void (*domain_free)(struct iommu_domain *domain);
	int (*attach)(struct iommu_domain *domain, struct iommu_group *group);
	void (*detach)(struct iommu_domain *domain, struct iommu_group *group);
	u64 (*last_address)(const struct iommu_domain *domain);
	int (*reserved)(struct device *dev, struct iommu_group *group, qae_reserved_fn tell,
			void *context);
	int (*map)(struct iommu_domain *domain, u64 address, u64 memory, size_t size);
	void (*unmap)(struct iommu_domain *domain, u64 address, size_t size);
};

extern const struct qae_iommu_ops qae_iommu;	/* the kernel's */

#endif /* QAE_DMA_IOMMU_H */
