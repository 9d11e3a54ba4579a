// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses regions can have: those that all functions reach.
 *
 * IOVAs lie above the memory of the machine, so that none of them is a physical
 * address. If functions do not reach that far, they lie among physical addresses, and
 * then no region may have one of these.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dma/iommu.h"
#include "dma/space_internal.h"

/* Size of a window, if the functions reach that far: its bitmaps are 256 KiB each. */
#define MIN_WINDOW	(4ULL << 40)

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

/**
 * qae_space_admit() - narrow the addresses of regions to those that a function reaches, too
 * @space: the address space
 * @member: the function
 * @group: its group, which is attached
 * @reason: result: a sentence, on failure only
 *
 * Context: lock held for writing; may sleep.
 * Return: 0; -EBUSY if memory or functions in use stand against it; -EOPNOTSUPP; or -ENOMEM.
 */
int qae_space_admit(struct qae_space *space, struct qae_space_member *member,
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

/**
 * qae_space_close() - give up the window of IOVAs and what narrows it
 * @space: the address space; no region has an IOVA
 *
 * Context: lock held for writing, or nobody else uses the address space; may sleep.
 */
void qae_space_close(struct qae_space *space)
{
	set_window(space, NULL, false);
	drop_holes(space);
}

/**
 * qae_space_forget_functions() - forget which addresses the functions reached
 * @space: the address space
 *
 * Nothing happens while a domain is there or a region has an IOVA: the choice of
 * addresses has to mind them.
 *
 * Context: lock held for writing; may sleep.
 */
void qae_space_forget_functions(struct qae_space *space)
{
	if (!list_empty(&space->domains) || space->translated)
		return;
	qae_space_close(space);
	space->limit = U64_MAX - 1;
}
