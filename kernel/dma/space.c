// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address space: see space.h. Here regions get their addresses and lose them.
 *
 * An address never changes and is the same for all functions, so a region is mapped at
 * it in each domain. A region with a physical address is mapped there, one to one.
 */
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>

#include "compat.h"
#include "dma/iommu.h"
#include "dma/space_internal.h"

struct qae_space qae_space;

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

/**
 * qae_space_unmap_all() - unmap regions in a domain
 * @space: the address space
 * @d: the domain
 * @end: region to stop before, or NULL
 *
 * Context: lock held for writing; may sleep.
 */
void qae_space_unmap_all(struct qae_space *space, struct space_domain *d,
			 const struct qae_mapping *end)
{
	struct qae_mapping *mapping;

	list_for_each_entry(mapping, &space->mappings, link) {
		if (mapping == end)
			break;
		space->ops->unmap(d->domain, mapping->range.address, mapping->range.size);
	}
}

/**
 * qae_space_map_all() - map all regions in a domain, or none
 * @space: the address space
 * @d: the domain
 *
 * Context: lock held for writing; may sleep.
 * Return: 0 or an error of the IOMMU.
 */
int qae_space_map_all(struct qae_space *space, struct space_domain *d)
{
	struct qae_mapping *mapping;
	int err;

	list_for_each_entry(mapping, &space->mappings, link) {
		err = map_one(space, d, mapping);
		if (err) {
			qae_space_unmap_all(space, d, mapping);
			return err;
		}
	}
	return 0;
}

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
	qae_space_close(space);
}
EXPORT_SYMBOL_IF_KUNIT(qae_space_exit);
