/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address space: which address each region has for the devices. An address is the
 * same for all functions, and stays as long as its region lives.
 *
 * It is physical if a function is bound that no IOMMU translates, or if none is bound.
 * Otherwise it is an IOVA. When the last function behind an IOMMU goes while regions have
 * IOVAs, new regions still get some, until no region has one and a function comes.
 */
#ifndef QAE_DMA_SPACE_H
#define QAE_DMA_SPACE_H

#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "dma/iova.h"

struct device;
struct qae_iommu_ops;
struct qae_space_group;

/**
 * struct qae_space - an address space
 * @ops: the IOMMU
 * @find_memory_end: finds the end of physical addresses of memory
 * @memory_end: its last result
 * @lock: held for writing by functions that join or leave, for reading by regions that come and
 *	go. Page tables are allocated under it, so memory reclaim must not take it, and does not:
 *	regions are unmapped before anything that reclaim frees
 * @domains: IOMMU domains, each with all regions mapped
 * @groups: IOMMU groups that this module owns
 * @untranslated: functions without an IOMMU
 * @limit: last address that all translated functions reach
 * @holes: reserved addresses of translated functions
 * @overlaps: the window lies among physical addresses, because the functions do not reach beyond
 *	them. Then no region has a physical address, and no function is untranslated
 * @iova: the window of IOVAs, NULL if no translated function has joined
 * @list_lock: protects @mappings and @translated; a leaf
 * @mappings: regions
 * @translated: those of them with an IOVA
 */
struct qae_space {
	const struct qae_iommu_ops *ops;
	u64 (*find_memory_end)(void);
	u64 memory_end;
	struct rw_semaphore lock;	/* all below */
	struct list_head domains;
	struct list_head groups;
	unsigned int untranslated;
	u64 limit;
	struct list_head holes;
	bool overlaps;
	struct qae_iova *iova;
	spinlock_t list_lock;	/* mappings, translated */
	struct list_head mappings;
	unsigned long translated;
};

/**
 * struct qae_mapping - the address of a region
 * @link: in the list of the address space
 * @range: its IOVA; @range.address is the address that is given out, physical or not
 * @memory: physical address of the first byte
 * @pieces: physical addresses of the pieces that the region is made of, NULL if it is contiguous
 * @piece: bytes of each
 * @is_iova: it is an IOVA
 */
struct qae_mapping {
	struct list_head link;
	struct qae_iova_range range;
	u64 memory;
	const u64 *pieces;
	size_t piece;
	bool is_iova;
};

/**
 * struct qae_space_member - a function in the address space
 * @dev: the function; set by the caller
 * @mask: last address that it can put on its bus; set by the caller
 * @joined: it is in
 * @group: its group, or NULL if no IOMMU translates it
 */
struct qae_space_member {
	struct device *dev;
	u64 mask;
	bool joined;
	struct qae_space_group *group;
};

extern struct qae_space qae_space;

u64 qae_memory_end(void);

void qae_space_init(struct qae_space *space, const struct qae_iommu_ops *ops,
		    u64 (*find_memory_end)(void));
void qae_space_exit(struct qae_space *space);
int qae_space_join(struct qae_space *space, struct qae_space_member *member, const char **reason);
void qae_space_leave(struct qae_space *space, struct qae_space_member *member);
bool qae_space_is_translated(const struct qae_space_member *member);
int qae_space_map(struct qae_space *space, struct qae_mapping *mapping, u64 memory, size_t size,
		  size_t alignment);
int qae_space_map_pieces(struct qae_space *space, struct qae_mapping *mapping, const u64 *pieces,
			 size_t piece, size_t size, size_t alignment);
bool qae_space_gives_iovas(const struct qae_space *space);
void qae_space_unmap(struct qae_space *space, struct qae_mapping *mapping);

#endif /* QAE_DMA_SPACE_H */
