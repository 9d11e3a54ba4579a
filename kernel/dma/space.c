// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address space: see space.h.
 *
 * An address never changes and is the same for all functions, so whoever comes later
 * takes what is there: a translated function gets all regions mapped at their
 * addresses before it can use any. A region with a physical address is mapped there,
 * one to one. A function without an IOMMU cannot join while a region has an IOVA.
 *
 * IOVAs lie above the memory of the machine, so that none of them is a physical
 * address. If functions do not reach that far, they lie among physical addresses, and
 * then no region may have one of these.
 *
 * Functions behind IOMMUs that can share a domain share one. The others get a domain
 * each, with the same contents.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#include "compat.h"
#include "dma/iommu.h"
#include "dma/space.h"

/* Size of a window, if the functions reach that far: its bitmaps are 256 KiB each. */
#define MIN_WINDOW	(4ULL << 40)

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

/**
 * struct hole - addresses that are never given out
 * @link: in qae_space.holes
 * @start: first one
 * @last: last one
 */
struct hole {
	struct list_head link;
	u64 start;
	u64 last;
};

struct qae_space qae_space;

static int refuse(const char **reason, int err, const char *why)
{
	*reason = why;
	return err;
}

static void drop_holes(struct qae_space *space)
{
	struct hole *hole, *next;

	list_for_each_entry_safe(hole, next, &space->holes, link) {
		list_del(&hole->link);
		kfree(hole);
	}
}

static void set_window(struct qae_space *space, struct qae_iova *iova, bool overlaps)
{
	qae_iova_destroy(space->iova);
	space->iova = iova;
	space->overlaps = overlaps;
}

/* Slots that would hold all memory of the machine once. */
static unsigned long enough_slots(const struct qae_space *space)
{
	return DIV_ROUND_UP(space->memory_end, QAE_IOVA_SLOT);
}

static struct qae_iova *open_window(struct qae_space *space, u64 start, u64 limit)
{
	u64 most = max_t(u64, 2 * space->memory_end, MIN_WINDOW);
	struct qae_iova *iova = qae_iova_create(start, min(limit + 1, start + most));
	struct hole *hole;

	if (IS_ERR(iova))
		return iova;
	list_for_each_entry(hole, &space->holes, link)
		qae_iova_close(iova, hole->start, hole->last);
	return iova;
}

static bool is_large(const struct qae_iova *iova, unsigned long slots)
{
	return !IS_ERR(iova) && iova->free >= slots;
}

static void close_window(struct qae_iova *iova)
{
	if (!IS_ERR(iova))
		qae_iova_destroy(iova);
}

/*
 * Opens a window up to @limit in place of the present one, which has no range. On
 * failure the present one stays. Address 0 is not given out: users take it for none.
 */
static int choose_window(struct qae_space *space, u64 limit, const char **reason)
{
	u64 above = round_up(max_t(u64, space->memory_end, SZ_4G), SZ_1G);
	struct qae_iova *iova = open_window(space, above, limit);

	if (is_large(iova, enough_slots(space))) {
		set_window(space, iova, false);
		return 0;
	}
	close_window(iova);
	if (!list_empty(&space->mappings) || space->untranslated)
		return refuse(reason, -EBUSY,
			      "the function reaches few addresses, and memory or functions in use have physical ones; end that first");
	iova = open_window(space, QAE_IOVA_SLOT, limit);
	if (is_large(iova, 1)) {
		set_window(space, iova, true);
		return 0;
	}
	close_window(iova);
	if (iova == ERR_PTR(-ENOMEM))
		return refuse(reason, -ENOMEM, "the kernel has no memory for the address space");
	return refuse(reason, -EOPNOTSUPP,
		      "the function reaches no addresses that regions could have");
}

/* What the function does not reach, or must not be given, is not in use already. */
static bool is_clear(struct qae_space *space, u64 limit, const struct list_head *holes)
{
	const struct qae_mapping *mapping;
	const struct hole *hole;

	list_for_each_entry(mapping, &space->mappings, link) {
		u64 last = mapping->range.address + mapping->range.size - 1;

		if (last > limit)
			return false;
		list_for_each_entry(hole, holes, link)
			if (hole->start <= last && hole->last >= mapping->range.address)
				return false;
	}
	return true;
}

static int add_hole(void *context, u64 start, u64 last)
{
	struct list_head *holes = context;
	struct hole *hole = kmalloc(sizeof(*hole), GFP_KERNEL);

	if (!hole)
		return -ENOMEM;
	hole->start = start;
	hole->last = last;
	list_add_tail(&hole->link, holes);
	return 0;
}

/* Narrows the addresses to those that the function reaches, too. May take @holes over. */
static int narrow(struct qae_space *space, u64 limit, struct list_head *holes, const char **reason)
{
	struct hole *hole;
	int err = 0;

	if (!is_clear(space, limit, holes))
		return refuse(reason, -EBUSY,
			      "memory in use has addresses that the function does not reach; free that first");
	limit = min(space->limit, limit);
	if (space->translated) {
		qae_iova_close(space->iova, limit + 1, U64_MAX);
		list_for_each_entry(hole, holes, link)
			qae_iova_close(space->iova, hole->start, hole->last);
		list_splice_tail_init(holes, &space->holes);
	} else {
		/* If that fails, the holes of this function do no harm to the others. */
		list_splice_tail_init(holes, &space->holes);
		err = choose_window(space, limit, reason);
	}
	if (!err)
		space->limit = limit;
	return err;
}

static int admit(struct qae_space *space, struct qae_space_member *member,
		 struct qae_space_group *group, const char **reason)
{
	u64 last = space->ops->last_address(group->domain->domain);
	struct hole *hole, *next;
	LIST_HEAD(holes);
	int err;

	err = space->ops->reserved(member->dev, group->group, add_hole, &holes);
	if (err)
		*reason = "the kernel does not tell the reserved addresses of the function";
	else
		err = narrow(space, min3(last, member->mask, U64_MAX - 1), &holes, reason);
	list_for_each_entry_safe(hole, next, &holes, link)
		kfree(hole);
	return err;
}

/* Maps all of a region in one domain, or nothing. */
static int map_one(struct qae_space *space, struct space_domain *d,
		   const struct qae_mapping *mapping)
{
	u64 address = mapping->range.address;
	size_t done;
	int err;

	if (!mapping->pieces)
		return space->ops->map(d->domain, address, mapping->memory, mapping->range.size);
	for (done = 0; done < mapping->range.size; done += mapping->piece) {
		err = space->ops->map(d->domain, address + done,
				      mapping->pieces[done / mapping->piece], mapping->piece);
		if (!err)
			continue;
		if (done)
			space->ops->unmap(d->domain, address, done);
		return err;
	}
	return 0;
}

static void unmap_all(struct qae_space *space, struct space_domain *d,
		      const struct qae_mapping *end)
{
	struct qae_mapping *mapping;

	list_for_each_entry(mapping, &space->mappings, link) {
		if (mapping == end)
			break;
		space->ops->unmap(d->domain, mapping->range.address, mapping->range.size);
	}
}

static int map_all(struct qae_space *space, struct space_domain *d)
{
	struct qae_mapping *mapping;
	int err;

	list_for_each_entry(mapping, &space->mappings, link) {
		err = map_one(space, d, mapping);
		if (err) {
			unmap_all(space, d, mapping);
			return err;
		}
	}
	return 0;
}

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
		unmap_all(space, d, NULL);
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
	int err = admit(space, member, group, reason);

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
	err = admit(space, member, group, reason);
	if (!err && is_new) {
		err = map_all(space, group->domain);
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

/* With the last of them, nothing is left that the choice of addresses has to mind. */
static void forget_functions(struct qae_space *space)
{
	if (!list_empty(&space->domains) || space->translated)
		return;
	set_window(space, NULL, false);
	drop_holes(space);
	space->limit = U64_MAX - 1;
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
	forget_functions(space);
	group = space->ops->group_get(member->dev);
	if (group)
		err = join_translated(space, member, group, reason);
	else
		err = join_untranslated(space, reason);
	if (err)
		forget_functions(space);
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
	forget_functions(space);
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

static int give_address(struct qae_space *space, struct qae_mapping *mapping, size_t size,
			size_t alignment)
{
	int err;

	mapping->is_iova = qae_space_gives_iovas(space);
	if (mapping->is_iova) {
		err = qae_iova_alloc(space->iova, &mapping->range, mapping->memory, size,
				     alignment);
		return err == -ENOSPC ? -EADDRNOTAVAIL : err;
	}
	if (mapping->pieces)
		return -EADDRNOTAVAIL;
	mapping->range = (struct qae_iova_range){ .address = mapping->memory, .size = size };
	/* Memory that was added after the window was chosen. */
	if (space->iova && (mapping->memory + size - 1 > space->limit ||
			    mapping->memory + size > space->iova->base))
		return -EADDRNOTAVAIL;
	return 0;
}

static void take_address(struct qae_space *space, struct qae_mapping *mapping)
{
	if (mapping->is_iova)
		qae_iova_free(space->iova, &mapping->range);
}

static void unmap_in_domains(struct qae_space *space, const struct qae_mapping *mapping,
			     const struct space_domain *end)
{
	struct space_domain *d;

	list_for_each_entry(d, &space->domains, link) {
		if (d == end)
			break;
		space->ops->unmap(d->domain, mapping->range.address, mapping->range.size);
	}
}

static int map_in_domains(struct qae_space *space, const struct qae_mapping *mapping)
{
	struct space_domain *d;
	int err;

	list_for_each_entry(d, &space->domains, link) {
		err = map_one(space, d, mapping);
		if (err) {
			unmap_in_domains(space, mapping, d);
			return err;
		}
	}
	return 0;
}

static int map_region(struct qae_space *space, struct qae_mapping *mapping, size_t size,
		      size_t alignment)
{
	int err;

	down_read(&space->lock);
	err = give_address(space, mapping, size, alignment);
	if (err)
		goto out;
	err = map_in_domains(space, mapping);
	if (err) {
		take_address(space, mapping);
		err = -ENOMEM;
		goto out;
	}
	spin_lock(&space->list_lock);
	list_add_tail(&mapping->link, &space->mappings);
	space->translated += mapping->is_iova;
	spin_unlock(&space->list_lock);
out:
	up_read(&space->lock);
	return err;
}

/**
 * qae_space_map() - give a region an address, at which all functions reach it
 * @space: the address space
 * @mapping: of the region; filled in
 * @memory: physical address of the region, which is contiguous
 * @size: bytes
 * @alignment: alignment of the address; @memory has it
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EADDRNOTAVAIL if no address is left that all functions reach.
 */
int qae_space_map(struct qae_space *space, struct qae_mapping *mapping, u64 memory, size_t size,
		  size_t alignment)
{
	*mapping = (struct qae_mapping){ .memory = memory };
	return map_region(space, mapping, size, alignment);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_map);

/**
 * qae_space_map_pieces() - qae_space_map() for a region that is contiguous for functions only
 * @space: the address space
 * @mapping: of the region; filled in
 * @pieces: physical addresses; must stay until the region is unmapped
 * @piece: bytes of each
 * @size: bytes of all, at least 2 MiB
 * @alignment: alignment of the address
 *
 * Context: process context, may sleep.
 * Return: as qae_space_map(); -EADDRNOTAVAIL also if a function without an IOMMU has joined.
 */
int qae_space_map_pieces(struct qae_space *space, struct qae_mapping *mapping, const u64 *pieces,
			 size_t piece, size_t size, size_t alignment)
{
	*mapping = (struct qae_mapping){ .memory = pieces[0], .pieces = pieces, .piece = piece };
	return map_region(space, mapping, size, alignment);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_map_pieces);

/**
 * qae_space_gives_iovas() - check what address the next region will probably have
 * @space: the address space
 *
 * Context: any; functions may join and leave meanwhile.
 * Return: true if it will be an IOVA.
 */
bool qae_space_gives_iovas(const struct qae_space *space)
{
	return READ_ONCE(space->iova) && !READ_ONCE(space->untranslated);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_gives_iovas);

/**
 * qae_space_unmap() - take the address of a region away
 * @space: the address space
 * @mapping: from qae_space_map()
 *
 * When it returns, no function behind an IOMMU reaches the memory any more.
 *
 * Context: process context, may sleep; mmap_lock may be held.
 */
void qae_space_unmap(struct qae_space *space, struct qae_mapping *mapping)
{
	down_read(&space->lock);
	spin_lock(&space->list_lock);
	list_del(&mapping->link);
	space->translated -= mapping->is_iova;
	spin_unlock(&space->list_lock);
	/* Nobody joins or leaves, so no domain is missed. Only then is the address free again. */
	unmap_in_domains(space, mapping, NULL);
	take_address(space, mapping);
	up_read(&space->lock);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_unmap);

/**
 * qae_memory_end() - end of the physical addresses of memory
 *
 * Context: any.
 * Return: bytes.
 */
u64 qae_memory_end(void)
{
	unsigned long end = 0;
	int node;

	for_each_node_state(node, N_MEMORY)
		end = max(end, node_end_pfn(node));
	return (u64)end << PAGE_SHIFT;
}

/**
 * qae_space_init() - an address space without functions and regions
 * @space: the address space
 * @ops: the IOMMU
 * @find_memory_end: returns the end of the machine's memory in bytes
 *
 * Context: any.
 */
void qae_space_init(struct qae_space *space, const struct qae_iommu_ops *ops,
		    u64 (*find_memory_end)(void))
{
	*space = (struct qae_space){
		.ops = ops,
		.find_memory_end = find_memory_end,
		.limit = U64_MAX - 1,
	};
	init_rwsem(&space->lock);
	spin_lock_init(&space->list_lock);
	INIT_LIST_HEAD(&space->domains);
	INIT_LIST_HEAD(&space->groups);
	INIT_LIST_HEAD(&space->holes);
	INIT_LIST_HEAD(&space->mappings);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_init);

/**
 * qae_space_exit() - end an address space
 * @space: without functions and regions
 *
 * Context: may sleep.
 */
void qae_space_exit(struct qae_space *space)
{
	WARN_ON(!list_empty(&space->groups) || !list_empty(&space->mappings));
	set_window(space, NULL, false);
	drop_holes(space);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_exit);
