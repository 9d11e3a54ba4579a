/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Extensions to the memory functions: the reason of a failure, facts about blocks,
 * statistics, and giving back idle memory.
 *
 * A structure begins with its size as the caller was compiled with it. A library that knows fewer
 * fields leaves the others alone, and stores in the same place how many bytes it filled.
 *
 * @par Errors
 * No function of this header changes errno, aborts the process or throws an exception.
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the functions report on the child's own memory, which is none at first. It
 * makes no difference how the child was forked.
 */
#ifndef QAE_MEM_EXT_H
#define QAE_MEM_EXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Returns the reason of the last failure in this thread.
 *
 * Every function of qae_mem.h and icp_sal_user.h that fails records one sentence: what went wrong
 * and what to do about it. As with errno, success does not change the record. To see whether a
 * function without a result failed, such as qaeMemFreeNUMA(), call qaeClearLastError() first.
 *
 * With QAT_USER_LOG=1 in the environment, each sentence is also written to stderr.
 *
 * @return the sentence, never NULL; "" if nothing failed in this thread yet. It is valid until the
 *         next failure in the same thread
 *
 * @par Threads
 * Any thread; each thread has its own record. Not from a signal handler.
 *
 * @par Fork
 * A child of fork() keeps the record of the thread that forked.
 */
const char *qaeLastError(void);

/**
 * @brief Returns the error number that belongs to qaeLastError().
 *
 * @return a positive errno value, for example EDQUOT for a limit, ENOMEM for no memory, ENXIO for a
 *         NUMA node that does not exist; 0 if nothing failed in this thread yet
 *
 * @par Threads
 * Any thread; each thread has its own record. Not from a signal handler.
 *
 * @par Fork
 * A child of fork() keeps the record of the thread that forked.
 */
int qaeLastErrno(void);

/**
 * @brief Forgets the last failure of this thread.
 *
 * @par Threads
 * Any thread; the records of other threads stay. Not from a signal handler.
 *
 * @par Fork
 * The records of a child of fork() and of its parent are separate.
 */
void qaeClearLastError(void);

/** @brief A live block of qaeMemAllocNUMA(), as qaeMemGetInfo() describes it. */
struct qae_mem_block {
    uint32_t size;           /**< in: sizeof(struct qae_mem_block); out: bytes that were filled */
    int32_t node;            /**< NUMA node where the block really lies */
    void *start;             /**< the pointer that qaeMemAllocNUMA() returned */
    uint64_t length;         /**< bytes as granted: the size asked for, rounded up */
    uint64_t device_address; /**< address of @p start for endpoints: see qaeVirtToPhysNUMA() */
    /**
     * @brief The alignment that @p device_address really has, in bytes.
     *
     * It is the largest power of two that divides the address, but never more than
     * #QAE_MAX_PHYS_ALIGN (4 MiB), and at least what was asked for.
     */
    uint64_t alignment;
    void *region_start; /**< start of the region, the memory that the driver pinned in one piece */
    uint64_t region_length; /**< bytes of the region */
    uint32_t
        region_id; /**< number of the region for qaectl and the driver, unique in this process */
    uint32_t reserved; /**< 0 */
};

/**
 * @brief Describes the block that an address lies in.
 *
 * The block must stay allocated while the function runs. The function takes a lock: do not call it
 * on hot paths.
 *
 * @param[in] ptr any address from the first to the last byte of a live block of qaeMemAllocNUMA()
 * @param[in,out] info receives the answer; the caller sets its @c size. Nothing is written on
 *                failure
 *
 * @retval 0 success
 * @retval -EINVAL @p ptr or @p info is NULL, or the @c size of @p info is less than that of the
 *         fields shown here
 * @retval -ENOENT @p ptr is not in a live block of this process
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the pointers of the parent fail with -ENOENT.
 *
 * @par Clauses
 * MEM-05
 */
int qaeMemGetInfo(const void *ptr, struct qae_mem_block *info);

/**
 * @brief The pinned memory of this process, in bytes where a field does not say otherwise.
 *
 * @p pinned is more than the sum of @p live, @p cached, @p spare and @p idle. The difference is
 * free pages of regions in use.
 */
struct qae_mem_stats {
    uint32_t size;        /**< in: sizeof(struct qae_mem_stats); out: bytes that were filled */
    uint32_t regions;     /**< number of regions: pieces of memory that the driver pinned */
    uint64_t pinned;      /**< bytes of all regions */
    uint64_t pinned_peak; /**< the most that was ever pinned at once */
    uint64_t live_blocks; /**< number of blocks allocated and not freed */
    uint64_t live;        /**< bytes of these blocks, as granted */
    uint64_t cached;      /**< free blocks that threads keep for themselves */
    uint64_t spare;       /**< free blocks that all threads share */
    /**
     * @brief Regions that hold no block, be it live, cached or spare.
     *
     * They are given back when they exceed @p keep.
     */
    uint64_t idle;
    uint64_t keep;     /**< idle bytes that each NUMA node may keep pinned: see qaeMemSetKeep() */
    uint32_t caches;   /**< number of threads that keep free blocks for themselves */
    uint32_t reserved; /**< 0 */
    uint64_t huge;     /**< VFIO mode: regions in huge pages of 2 MiB (QAT_USER_HUGEPAGES) */
    /**
     * @brief VFIO mode: number of regions that got pages of 4 KiB instead of huge ones.
     *
     * Either the system had no huge page left, or the process has as many as QAT_USER_HUGEPAGES
     * allows.
     */
    uint64_t huge_misses;
};

/**
 * @brief Reports how much memory this process has pinned, and what for.
 *
 * The numbers are exact while no other thread is inside a function of qae_mem.h. Otherwise blocks
 * on their way between one thread and the others may be counted twice or not at all.
 *
 * The call takes some microseconds, growing with the number of threads and of size classes.
 *
 * @param[in,out] stats receives the answer; the caller sets its @c size. Nothing is written on
 *                failure
 *
 * @retval 0 success
 * @retval -EINVAL @p stats is NULL, or its @c size is less than that of the fields shown here
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the numbers are those of the child.
 */
int qaeMemStats(struct qae_mem_stats *stats);

/**
 * @brief Gives all pinned memory that is not in use back to the system.
 *
 * The call empties the caches of all threads, also of those that sleep. It gives back every region
 * without a live block, whatever qaeMemSetKeep() says. A region with a single live block stays.
 *
 * Later allocations work, and cost more until enough memory is pinned again. The call is worthwhile
 * after a phase that used much memory. Without it, idle regions beyond the amount to keep are given
 * back automatically.
 *
 * @return bytes given back; 0 if there were none
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() it gives back the memory of the child; that of the parent stays.
 */
uint64_t qaeMemTrim(void);

/**
 * @brief Sets how much idle memory stays pinned for the next allocations.
 *
 * Idle memory beyond this amount is given back at once, and later whenever the last block of a
 * region is freed. The default is 8 MiB, or the value of QAT_USER_MEM_KEEP in the environment at
 * the first use: bytes, or a number with K, M, G or T.
 *
 * @param[in] bytes regions without a block that each NUMA node may keep, in bytes; any number, and
 *            0 keeps none
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() keeps the setting of its parent.
 */
void qaeMemSetKeep(uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* QAE_MEM_EXT_H */
