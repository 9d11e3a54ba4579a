/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qae_mem.h - memory that QAT endpoints can reach, and its addresses.
 *
 * Every function may be called from any thread at any time; a block may be freed by another thread than the
 * one that allocated it. None of them changes errno, aborts or throws. Each failure leaves one sentence and
 * one error number for the calling thread: qaeLastError() and qaeLastErrno() of qae_mem_ext.h.
 *
 * The cancellation of a thread (pthread_cancel) is held off while a function runs and acts at the thread's
 * next cancellation point after it.
 *
 * Pinned memory belongs to the process that allocated it and ends with it, also when it is killed. A forked
 * child has none of it: there the parent's pointers are not valid, and the child allocates its own. exec()
 * ends it too. Not to be called from signal handlers.
 *
 * Names in brackets are the clauses of the conformance table.
 */
#ifndef QAE_MEM_H
#define QAE_MEM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Largest block of qaeMemAllocNUMA(), in bytes: 64 MiB. Above 4 MiB it depends on whether the kernel
 * finds memory in one piece.
 */
#define QAE_MAX_ALLOC_SIZE 0x4000000

/* Largest alignment of qaeMemAllocNUMA(), in bytes: 4 MiB. */
#define QAE_MAX_PHYS_ALIGN 0x400000

/* Any NUMA node will do. */
#define NUMA_ANY_NODE (-1)

/**
 * qaeMemAlloc - ordinary memory of the process [MEM-01]
 * @memsize: bytes; 0 gives a pointer that can only be freed
 *
 * Zeroed, neither pinned nor contiguous: for the application's own data. Safe across fork: the child has its
 * copy.
 *
 * Result: the memory, to be freed with qaeMemFree(), or NULL (ENOMEM).
 */
void *qaeMemAlloc(size_t memsize);

/**
 * qaeMemFree - free memory of qaeMemAlloc() [MEM-02, MEM-10]
 * @ptr: address of the pointer
 *
 * The memory is freed and *@ptr becomes NULL.
 *
 * Errors change nothing, not even *@ptr:
 *   EINVAL  @ptr or *@ptr is NULL, or *@ptr is pinned memory, which qaeMemFreeNUMA() frees
 *   ENOENT  *@ptr is no live block of qaeMemAlloc(): foreign, inside a block, or already freed
 */
void qaeMemFree(void **ptr);

/**
 * qaeMemAllocNUMA - pinned, physically contiguous memory for endpoints [MEM-03, MEM-04, MEM-05]
 * @size: bytes, 1 to QAE_MAX_ALLOC_SIZE (more where the loaded driver grants larger regions)
 * @node: NUMA node, honoured strictly: the block lies there or there is none; or NUMA_ANY_NODE
 * @phys_alignment_byte: alignment of the address that endpoints use, in bytes: a power of two from 1 to
 *	QAE_MAX_PHYS_ALIGN; at least 64 in any case. The pointer itself has the same alignment up to 2 MiB
 *
 * The block is a whole number of 64-byte lines: no two blocks share one. It holds zeroes, unless it was freed
 * before with qaeMemFreeNonZeroNUMA() by this same process. Content of another process never appears in it.
 *
 * Result: the block, to be freed with qaeMemFreeNUMA() or qaeMemFreeNonZeroNUMA(), or NULL:
 *   EINVAL      @size or @phys_alignment_byte is out of range, or @node can never be one
 *   ENXIO       there is no such NUMA node, or it has no memory
 *   EDQUOT      a limit on pinned memory is reached; qaeLastError() says which: of the process, of the
 *               user, of blocks above 4 MiB, of all together, or of the memory cgroup
 *   EAGAIN      mlockall(MCL_FUTURE) of the process and its limit on locked memory leave no room
 *   ENOMEM      no contiguous memory (on that node)
 *   EOPNOTSUPP  this machine encrypts memory that endpoints could not read
 *   ENOENT, EACCES, …  /dev/qae_mem cannot be opened
 */
void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte);

/**
 * qaeMemFreeNUMA - clear and free a block of qaeMemAllocNUMA() [MEM-06, MEM-10]
 * @ptr: address of the pointer that qaeMemAllocNUMA() returned
 *
 * The content is cleared before anyone can get the memory again, and *@ptr becomes NULL. No endpoint may
 * still use it.
 *
 * Errors change nothing, not even *@ptr:
 *   EINVAL  @ptr or *@ptr is NULL, or *@ptr points into a block and not at its start
 *   ENOENT  *@ptr is no live block of this process: foreign, a parent's, or already freed
 *
 * A second free is found whenever the first one happened before it. Two threads that free one block at the
 * very same moment, with nothing that orders them, are not told apart.
 */
void qaeMemFreeNUMA(void **ptr);

/**
 * qaeMemFreeNonZeroNUMA - free a block without clearing it [MEM-07, MEM-10]
 * @ptr: address of the pointer that qaeMemAllocNUMA() returned
 *
 * As qaeMemFreeNUMA(), but a later block of this process may show the old content. Other processes never see
 * it.
 */
void qaeMemFreeNonZeroNUMA(void **ptr);

/**
 * qaeVirtToPhysNUMA - the address that endpoints use for an address of a block [MEM-08]
 * @pVirtAddr: any address from the first to the last byte of a live block of qaeMemAllocNUMA()
 *
 * The last byte is that of the block as granted: @size rounded up, to a multiple of 64 bytes at least.
 *
 * Result: the address, or 0: EINVAL for NULL, ENOENT for what is not in a live block of this process.
 */
uint64_t qaeVirtToPhysNUMA(void *pVirtAddr);

/**
 * qaePhysToVirtNUMA - the pointer for an address that endpoints use [MEM-09]
 * @physAddress: any address that qaeVirtToPhysNUMA() could return now
 *
 * Result: the pointer, or NULL: EINVAL for 0, ENOENT for what is not in a live block of this process.
 */
void *qaePhysToVirtNUMA(uint64_t physAddress);

/**
 * qaeAtFork - tell the library that this is a forked child [MEM-11]
 *
 * Never needed: the library notices by itself. Harmless everywhere, any number of times, in parents too.
 */
void qaeAtFork(void);

/**
 * qaeMemInit - open /dev/qae_mem now instead of at the first allocation
 *
 * Result: 0, also if it is open already, and with QAT_USER_MODE=plain, where there is none to open; -ENOENT
 * if the device does not exist; -EIO if it cannot be used otherwise.
 */
int qaeMemInit(void);

/**
 * qaeMemInitAndReturnFd - qaeMemInit() that tells the descriptor [MEM-12]
 * @mem_fd: where the descriptor goes
 *
 * The descriptor stays the library's. The application must not close it: memory, section and instances hang
 * off it. Its number means nothing in a forked child, where the library closes it and opens its own.
 *
 * Result: that of qaeMemInit(); -EINVAL if @mem_fd is NULL; -EOPNOTSUPP with QAT_USER_MODE=plain, where there
 * is no descriptor. *@mem_fd is written only with 0.
 */
int qaeMemInitAndReturnFd(int *mem_fd);

/**
 * qaeMemDestroy - give back all pinned memory of this process
 *
 * Every pointer of qaeMemAllocNUMA() becomes invalid; later allocations work. The descriptor stays open,
 * since a section may hang off it. No thread may use pinned memory meanwhile. Not needed before exit.
 */
void qaeMemDestroy(void);

/**
 * qaeRegisterDevice - register a VFIO container [MEM-19]
 * @fd: descriptor of the container
 *
 * Has a meaning with VFIO only. With the driver of this release it does nothing and fails.
 *
 * Result: 0, or non-zero: EOPNOTSUPP.
 */
int qaeRegisterDevice(int fd);

/**
 * qaeUnregisterDevice - take back qaeRegisterDevice() [MEM-19]
 * @fd: descriptor of the container
 *
 * Result: 0, or non-zero: EOPNOTSUPP.
 */
int qaeUnregisterDevice(int fd);

/**
 * qaeMemMapContiguousIova - let endpoints reach the application's own memory [MEM-19]
 * @virt: start of the memory
 * @size: bytes
 *
 * Has a meaning with VFIO only. With the driver of this release it does nothing and fails.
 *
 * Result: the address that endpoints use, or 0: EOPNOTSUPP.
 */
uint64_t qaeMemMapContiguousIova(void *virt, size_t size);

/**
 * qaeMemUnmapContiguousIova - take back qaeMemMapContiguousIova() [MEM-19]
 * @virt: start of the memory
 * @size: bytes
 *
 * Result: 0, or 1: EOPNOTSUPP.
 */
int qaeMemUnmapContiguousIova(void *virt, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* QAE_MEM_H */
