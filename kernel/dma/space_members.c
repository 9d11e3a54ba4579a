// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions come to the address space and leave it.
 *
 * A translated function gets all regions mapped at their addresses before it can use
 * any: an address never changes. A function without an IOMMU cannot join while a region
 * has an IOVA.
 *
 * Functions behind IOMMUs that can share a domain share one. The others get a domain
 * each, with the same contents.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "compat.h"
#include "dma/iommu.h"
#include "dma/space_internal.h"

/* Attaches the group to a domain that is there, or to one of its own. */
static int attach(struct qae_space *space, struct device *dev, struct qae_space_group *group)
{
	struct space_domain *d;
	int err;

	list_for_each_entry(d, &space->domains, link) {
		if (!space->ops->attach(d->domain, group->group))
			goto attached;
	}
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	d->domain = space->ops->domain_alloc(dev);
	if (IS_ERR(d->domain)) {
		err = PTR_ERR(d->domain);
		kfree(d);
		return err;
	}
	err = space->ops->attach(d->domain, group->group);
	if (err) {
		space->ops->domain_free(d->domain);
		kfree(d);
		return err;
	}
	list_add_tail(&d->link, &space->domains);
attached:
	d->groups++;
	group->domain = d;
	return 0;
}

/* @mapped: the domain has all regions mapped. */
static void detach(struct qae_space *space, struct qae_space_group *group, bool mapped)
{
	struct space_domain *d = group->domain;

	space->ops->detach(d->domain, group->group);
	if (--d->groups)
		return;
	list_del(&d->link);
	if (mapped)
		qae_space_unmap_all(space, d, NULL);
	space->ops->domain_free(d->domain);
	kfree(d);
}

static struct qae_space_group *find_group(struct qae_space *space, struct iommu_group *group)
{
	struct qae_space_group *found;

	list_for_each_entry(found, &space->groups, link)
		if (found->group == group)
			return found;
	return NULL;
}

/* The group is this module's already: its functions reach what the new one is to reach. */
static int join_group(struct qae_space *space, struct qae_space_member *member,
		      struct qae_space_group *group, const char **reason)
{
	int err = qae_space_admit(space, member, group, reason);

	if (err)
		return err;
	group->members++;
	member->group = group;
	return 0;
}

static int enter_domain(struct qae_space *space, struct qae_space_member *member,
			struct qae_space_group *group, const char **reason)
{
	bool is_new;
	int err;

	err = attach(space, member->dev, group);
	if (err)
		return refuse(reason, err,
			      "the IOMMU does not let this driver map memory for the function");
	is_new = group->domain->groups == 1;
	err = qae_space_admit(space, member, group, reason);
	if (!err && is_new) {
		err = qae_space_map_all(space, group->domain);
		if (err)
			*reason = "memory in use cannot be mapped for the function";
	}
	if (err)
		detach(space, group, false);
	return err;
}

static int claim_group(struct qae_space *space, struct qae_space_member *member,
		       struct iommu_group *group, const char **reason)
{
	struct qae_space_group *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int err;

	if (!fresh)
		return refuse(reason, -ENOMEM, "the kernel has no memory for the address space");
	err = space->ops->claim(group);
	if (err) {
		space->ops->tell_other(member->dev, group);
		err = refuse(reason, -EBUSY,
			     "its IOMMU group is shared with another driver, which the kernel log names; unbind that");
		goto err_free;
	}
	fresh->group = group;
	err = enter_domain(space, member, fresh, reason);
	if (err)
		goto err_release;
	fresh->members = 1;
	list_add_tail(&fresh->link, &space->groups);
	member->group = fresh;
	return 0;

err_release:
	space->ops->release(group);
err_free:
	kfree(fresh);
	return err;
}

static int join_translated(struct qae_space *space, struct qae_space_member *member,
			   struct iommu_group *group, const char **reason)
{
	struct qae_space_group *mine = find_group(space, group);
	int err;

	space->memory_end = space->find_memory_end();
	err = mine ? join_group(space, member, mine, reason) :
		     claim_group(space, member, group, reason);
	/* The group keeps the reference that it was found with. */
	if (err || mine)
		space->ops->group_put(group);
	return err;
}

static int join_untranslated(struct qae_space *space, const char **reason)
{
	if (space->translated || space->overlaps)
		return refuse(reason, -EBUSY,
			      "no IOMMU translates for the function, but memory or functions in use depend on one; end that first");
	space->untranslated++;
	return 0;
}

/**
 * qae_space_join() - let a function reach the regions
 * @space: the address space
 * @member: the function; @dev and @mask are set. Nothing happens if it has joined
 * @reason: result: a sentence, on failure only
 *
 * If an IOMMU translates for the function, the DMA API must not be used for it from
 * now on. It reaches the regions and nothing else.
 *
 * Context: may sleep; the driver of the function is bound and stays so.
 * Return: 0; -EBUSY if another driver has a function of the group, or memory or functions in use
 * stand against it; -EOPNOTSUPP; -ENOMEM; or an error of the IOMMU.
 */
int qae_space_join(struct qae_space *space, struct qae_space_member *member, const char **reason)
{
	struct iommu_group *group;
	int err = 0;

	down_write(&space->lock);
	if (member->joined)
		goto out;
	qae_space_forget_functions(space);
	group = space->ops->group_get(member->dev);
	if (group)
		err = join_translated(space, member, group, reason);
	else
		err = join_untranslated(space, reason);
	if (err)
		qae_space_forget_functions(space);
	WRITE_ONCE(member->joined, !err);
out:
	up_write(&space->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_join);

/**
 * qae_space_leave() - end what qae_space_join() did
 * @space: the address space
 * @member: the function, which does no DMA any more. Nothing happens unless it has joined
 *
 * Context: may sleep; never fails.
 */
void qae_space_leave(struct qae_space *space, struct qae_space_member *member)
{
	struct qae_space_group *group = member->group;

	down_write(&space->lock);
	if (!member->joined)
		goto out;
	WRITE_ONCE(member->joined, false);
	member->group = NULL;
	if (!group) {
		space->untranslated--;
	} else if (!--group->members) {
		list_del(&group->link);
		detach(space, group, true);
		space->ops->release(group->group);
		space->ops->group_put(group->group);
		kfree(group);
	}
	qae_space_forget_functions(space);
out:
	up_write(&space->lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_leave);

/**
 * qae_space_is_translated() - check whether an IOMMU translates for a function
 * @member: the function
 *
 * Context: any.
 * Return: true if it has joined and an IOMMU translates for it.
 */
bool qae_space_is_translated(const struct qae_space_member *member)
{
	return READ_ONCE(member->joined) && READ_ONCE(member->group);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_is_translated);
