/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qae_mem_ext.h - what libqat_user offers beyond the documented functions: the reason of a failure, what a
 * pointer is, how much is pinned, and giving back what is idle.
 *
 * Every function may be called from any thread at any time, but not from signal handlers. None of them
 * changes errno, aborts or throws. In a forked child they tell of the child's own memory, of which there is
 * none at first, however it was forked.
 *
 * Structures begin with their size as the caller was compiled with it. A library that knows fewer fields
 * leaves the others alone and says in the same place how many bytes it filled.
 */
#ifndef QAE_MEM_EXT_H
#define QAE_MEM_EXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * qaeLastError - the reason of the last failure in this thread
 *
 * Every function of qae_mem.h and icp_sal_user.h that fails records one sentence that says what went wrong
 * and what to do. As with errno, success does not change it; call qaeClearLastError() first to tell the two
 * apart for functions without a result, such as qaeMemFreeNUMA(). With QAT_USER_LOG=1 in the environment each
 * sentence is also written to stderr.
 *
 * Result: never NULL; "" if nothing failed in this thread yet. Valid until the next failure in the same
 * thread.
 */
const char *qaeLastError(void);

/**
 * qaeLastErrno - the error number that belongs to qaeLastError()
 *
 * Result: a positive errno value, for example EDQUOT for a limit, ENOMEM for no memory, ENXIO for a NUMA node
 * that does not exist; 0 if nothing failed in this thread yet.
 */
int qaeLastErrno(void);

/**
 * qaeClearLastError - forget the last failure of this thread
 */
void qaeClearLastError(void);

/**
 * struct qae_mem_block - a live block of qaeMemAllocNUMA()
 * @size: in: sizeof(struct qae_mem_block); out: bytes of it that were filled
 * @node: NUMA node where the block really lies
 * @start: what qaeMemAllocNUMA() returned, also if an address inside the block was asked about
 * @length: bytes as granted: the size asked for, rounded up
 * @device_address: of @start; what qaeVirtToPhysNUMA() returns for it
 * @alignment: of @device_address: the largest power of two that divides it, but never more than
 *	QAE_MAX_PHYS_ALIGN (4 MiB). At least what was asked for
 * @region_start: of the region that the block is part of: the memory that the driver pinned in one piece
 * @region_length: bytes of the region
 * @region_id: its number, as "qaectl" and the driver know it; of this process only
 * @reserved: 0
 */
struct qae_mem_block {
    uint32_t size;
    int32_t node;
    void *start;
    uint64_t length;
    uint64_t device_address;
    uint64_t alignment;
    void *region_start;
    uint64_t region_length;
    uint32_t region_id;
    uint32_t reserved;
};

/**
 * qaeMemGetInfo - what is known about the block that an address is in
 * @ptr: any address from the first to the last byte of a live block of qaeMemAllocNUMA()
 * @info: where the answer goes; @info->size is set by the caller
 *
 * The block must stay allocated meanwhile. Takes a lock: not for hot paths.
 *
 * Result: 0, or a negative error number with nothing written:
 *   -EINVAL  @ptr or @info is NULL, or @info->size is less than that of the fields shown here
 *   -ENOENT  @ptr is not in a live block of this process
 */
int qaeMemGetInfo(const void *ptr, struct qae_mem_block *info);

/**
 * struct qae_mem_stats - pinned memory of this process, in bytes unless it says otherwise
 * @size: in: sizeof(struct qae_mem_stats); out: bytes of it that were filled
 * @regions: number of regions: pieces that the driver pinned
 * @pinned: of all regions
 * @pinned_peak: the most that was ever pinned at once
 * @live_blocks: number of blocks allocated and not freed
 * @live: of these, as granted
 * @cached: free blocks that threads keep for themselves
 * @spare: free blocks that all threads share
 * @idle: regions without any block in them, live, cached or spare; they go back beyond @keep
 * @keep: idle bytes that each NUMA node may keep pinned; see qaeMemSetKeep()
 * @caches: number of threads that keep free blocks for themselves
 * @reserved: 0
 *
 * What @pinned has beyond @live, @cached, @spare and @idle is free pages of regions in use.
 */
struct qae_mem_stats {
    uint32_t size;
    uint32_t regions;
    uint64_t pinned;
    uint64_t pinned_peak;
    uint64_t live_blocks;
    uint64_t live;
    uint64_t cached;
    uint64_t spare;
    uint64_t idle;
    uint64_t keep;
    uint32_t caches;
    uint32_t reserved;
};

/**
 * qaeMemStats - how much this process has pinned, and for what
 * @stats: where the answer goes; @stats->size is set by the caller
 *
 * Exact while no other thread is inside a function of qae_mem.h; else blocks on their way between a thread
 * and the others may be counted twice or not at all. Costs time with the number of threads and size classes:
 * some microseconds.
 *
 * Result: 0, or -EINVAL: @stats is NULL, or @stats->size is less than that of the fields shown here.
 */
int qaeMemStats(struct qae_mem_stats *stats);

/**
 * qaeMemTrim - give back to the system all pinned memory that is not in use
 *
 * Empties the caches of all threads, also of those that sleep, and gives back every region without a live
 * block, whatever qaeMemSetKeep() says. A region with a single live block stays. Allocations afterwards work,
 * and cost more until enough is pinned again. Worth a call after a phase with much memory; without it idle
 * regions beyond what is kept go back by themselves.
 *
 * Result: bytes given back; 0 if there was nothing.
 */
uint64_t qaeMemTrim(void);

/**
 * qaeMemSetKeep - how much idle memory stays pinned for the next allocations
 * @bytes: of regions without a block, on each NUMA node; any number, 0: none
 *
 * More than that is given back at once, and from then on when the last block of a region goes. The default is
 * 8 MiB, or what QAT_USER_MEM_KEEP in the environment says at the first use: bytes, or a number with K, M, G
 * or T. A forked child keeps its parent's setting.
 */
void qaeMemSetKeep(uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* QAE_MEM_EXT_H */
