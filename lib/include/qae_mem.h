/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Pinned memory that QAT endpoints can reach, and the addresses that they use for it.
 *
 * Pinned memory belongs to the process that allocated it. It is given back when the process ends,
 * also when the process is killed, and when the process executes another program.
 *
 * @par Errors
 * No function of this header changes errno, aborts the process or throws an exception. Each
 * failure leaves one sentence and one error number for the calling thread: see qaeLastError() and
 * qaeLastErrno().
 *
 * @par Threads
 * Every function may be called from any thread at any time. One thread may free what another
 * thread allocated. No function may be called from a signal handler.
 *
 * @par Cancellation
 * A request to cancel the thread (pthread_cancel()) stays pending while a function runs. It takes
 * effect at the next cancellation point of the thread after that. A thread with asynchronous
 * cancellation (PTHREAD_CANCEL_ASYNCHRONOUS) must disable cancellation around every call: POSIX
 * allows it to call three functions only.
 *
 * @par Fork
 * A child of fork() starts without pinned memory: the pointers of its parent are not valid there,
 * and it allocates its own. A signal handler may fork even if the signal interrupted a function of
 * this library; fork() then takes 0.3 seconds. That child executes another program or ends. It must
 * not return from the handler, because the interrupted function would go on with memory of the
 * parent. With VFIO, fork() takes up to 0.3 seconds too while another thread maps or unmaps memory
 * for devices.
 *
 * @par Input and output
 * Calls that copy take pinned memory as any other: read(), write(), send(), recv(). Calls that let
 * the kernel or a device work on the pages of the caller fail with EFAULT: files opened with
 * O_DIRECT, registered buffers of io_uring, vmsplice(), MSG_ZEROCOPY, AF_ALG, process_vm_readv(),
 * and a futex that processes share. Pass a copy in ordinary memory to them. With
 * QAT_USER_MODE=plain or VFIO they work. docs/memory.md has the whole table.
 *
 * @par Unloading
 * The shared library stays loaded. The archive may be part of a plugin that is unloaded by
 * dlclose(), when no thread is inside it: pinned memory, section and instances of the plugin are
 * then given back. Its other threads may live on.
 *
 * @par Clauses
 * Names such as MEM-03 stand for documented behaviour. docs/conformance.md in the sources lists
 * the tests of each.
 */
#ifndef QAE_MEM_H
#define QAE_MEM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Largest block of qaeMemAllocNUMA(), in bytes: 64 MiB.
 *
 * A block above 4 MiB needs memory that the kernel finds in one piece, so it may fail with ENOMEM
 * on a machine that has enough memory in smaller pieces.
 */
#define QAE_MAX_ALLOC_SIZE 0x4000000

/** @brief Largest alignment of qaeMemAllocNUMA(), in bytes: 4 MiB. */
#define QAE_MAX_PHYS_ALIGN 0x400000

/** @brief Stands for any NUMA node. */
#define NUMA_ANY_NODE (-1)

/**
 * @brief Allocates ordinary memory of the process.
 *
 * The memory is zeroed. It is neither pinned nor contiguous: use it for the application's own data.
 *
 * @param[in] memsize bytes; 0 gives a pointer that can only be freed
 *
 * @return the memory, to be freed with qaeMemFree(); NULL on failure
 *
 * @par Errors
 * - @c ENOMEM there is not enough memory
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() has its own copy of the memory and may free it.
 *
 * @par Clauses
 * MEM-01, MEM-18
 */
void *qaeMemAlloc(size_t memsize);

/**
 * @brief Frees memory of qaeMemAlloc() and sets the pointer to NULL.
 *
 * A failure changes nothing: @c *ptr stays as it was.
 *
 * @param[in,out] ptr address of the pointer that qaeMemAlloc() returned
 *
 * @par Errors
 * - @c EINVAL @p ptr or @c *ptr is NULL, or @c *ptr is pinned memory, which qaeMemFreeNUMA() frees
 * - @c ENOENT @c *ptr is not a live block of qaeMemAlloc(): it came from elsewhere, points into a
 *   block, or was freed already
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() frees its own copy; the memory of the parent stays.
 *
 * @par Clauses
 * MEM-02, MEM-10, MEM-18
 */
void qaeMemFree(void **ptr);

/**
 * @brief Allocates pinned memory that is contiguous for endpoints.
 *
 * From the qae driver it is physically contiguous. From VFIO it is contiguous in the addresses that
 * devices use, which qaeVirtToPhysNUMA() returns, and physically so within each page of 4 KiB, or
 * of 2 MiB with huge pages (QAT_USER_HUGEPAGES); it is mapped for devices while a container is
 * registered: see qaeRegisterDevice().
 *
 * The block is a whole number of 64-byte lines, so no two blocks share a line. It holds zeroes,
 * unless this process freed the memory before with qaeMemFreeNonZeroNUMA(). It never holds the
 * content of another process.
 *
 * @param[in] size bytes, 1 to #QAE_MAX_ALLOC_SIZE, or more where the loaded driver grants larger
 *            regions
 * @param[in] node NUMA node, or #NUMA_ANY_NODE. The node is honoured strictly: the block lies there
 *            or the call fails
 * @param[in] phys_alignment_byte alignment in bytes of the address that endpoints use: a power of
 *            two from 1 to #QAE_MAX_PHYS_ALIGN. The address is always aligned to 64 bytes at least.
 *            The pointer has the same alignment as the address, up to 2 MiB
 *
 * @return the block, to be freed with qaeMemFreeNUMA() or qaeMemFreeNonZeroNUMA(); NULL on failure
 *
 * @par Errors
 * - @c EINVAL @p size or @p phys_alignment_byte is out of range, or @p node is negative and not
 *   #NUMA_ANY_NODE
 * - @c ENXIO the machine has no such NUMA node, or the node has no memory
 * - @c EDQUOT a limit on pinned memory is reached. qaeLastError() names it: the limit of the
 *   process, of the user, of blocks above 4 MiB, of all processes together, or of the memory
 * cgroup; with VFIO that on locked memory (RLIMIT_MEMLOCK), or the mapping limit
 * - @c EAGAIN the process called mlockall(MCL_FUTURE), and its limit on locked memory leaves no
 * room
 * - @c ENOMEM there is no contiguous memory of that size (on that node)
 * - @c EOPNOTSUPP this machine encrypts memory, and endpoints could not read it
 * - @c EADDRNOTAVAIL an endpoint that is up does not reach the memory that was found
 * - @c ENOSPC the address space for pinned memory, or with VFIO that of the container, has no room
 * - @c ENODEV the last group has left the VFIO container that is registered
 * - @c EEXIST others mapped the addresses in the VFIO container that the library chose, 64 times
 * - @c EFAULT VFIO cannot pin the memory
 * - @c EPERM VFIO does not let this process map memory in the container
 * - @c EBADF the application closed the descriptor of the VFIO container that the library keeps
 * - @c ENOENT the device /dev/qae_mem does not exist
 * - @c EACCES the process may not open /dev/qae_mem. Other numbers say why else it cannot be opened
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() does not have the block. It allocates its own.
 *
 * @par Clauses
 * MEM-03, MEM-04, MEM-05, MEM-18, MEM-22, MEM-23
 */
void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte);

/**
 * @brief Clears and frees a block of qaeMemAllocNUMA() and sets the pointer to NULL.
 *
 * The content is cleared before anyone can get the memory again. No endpoint may still use the
 * block. A failure changes nothing: @c *ptr stays as it was.
 *
 * A second free of the same block is detected whenever the first one happened before it. If two
 * threads free one block at the same moment, and nothing orders them, it may go unnoticed.
 *
 * @param[in,out] ptr address of the pointer that qaeMemAllocNUMA() returned
 *
 * @par Errors
 * - @c EINVAL @p ptr or @c *ptr is NULL, or @c *ptr points into a block and not at its start
 * - @c ENOENT @c *ptr is not a live block of this process: it came from elsewhere, belongs to the
 *   parent, or was freed already
 *
 * @par Threads
 * Any thread, not only the one that allocated the block; not from a signal handler.
 *
 * @par Fork
 * A child of fork() cannot free a block of its parent: the call fails with ENOENT.
 *
 * @par Clauses
 * MEM-06, MEM-10, MEM-18
 */
void qaeMemFreeNUMA(void **ptr);

/**
 * @brief Frees a block of qaeMemAllocNUMA() without clearing it, and sets the pointer to NULL.
 *
 * A later block of this process may show the old content. Other processes never see it. Everything
 * else is as with qaeMemFreeNUMA().
 *
 * @param[in,out] ptr address of the pointer that qaeMemAllocNUMA() returned
 *
 * @par Errors
 * - @c EINVAL @p ptr or @c *ptr is NULL, or @c *ptr points into a block and not at its start
 * - @c ENOENT @c *ptr is not a live block of this process: it came from elsewhere, belongs to the
 *   parent, or was freed already
 *
 * @par Threads
 * Any thread, not only the one that allocated the block; not from a signal handler.
 *
 * @par Fork
 * A child of fork() cannot free a block of its parent: the call fails with ENOENT.
 *
 * @par Clauses
 * MEM-07, MEM-10, MEM-18
 */
void qaeMemFreeNonZeroNUMA(void **ptr);

/**
 * @brief Translates a pointer into a block to the address that endpoints use.
 *
 * @param[in] pVirtAddr any address from the first to the last byte of a live block of
 *            qaeMemAllocNUMA(), or of memory that qaeMemMapContiguousIova() mapped. The last byte
 * is that of the block as granted: the size asked for, rounded up to a multiple of 64 bytes at
 * least
 *
 * @return the address that endpoints use; 0 on failure
 *
 * @par Errors
 * - @c EINVAL @p pVirtAddr is NULL
 * - @c ENOENT @p pVirtAddr is not in a live block of this process
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the pointers of the parent fail with ENOENT.
 *
 * @par Clauses
 * MEM-08, MEM-18, MEM-24
 */
uint64_t qaeVirtToPhysNUMA(void *pVirtAddr);

/**
 * @brief Translates an address that endpoints use to a pointer of this process.
 *
 * @param[in] physAddress any address that qaeVirtToPhysNUMA() could return at this moment
 *
 * @return the pointer; NULL on failure
 *
 * @par Errors
 * - @c EINVAL @p physAddress is 0
 * - @c ENOENT @p physAddress is not in a live block of this process
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the addresses of the parent fail with ENOENT.
 *
 * @par Clauses
 * MEM-09, MEM-18, MEM-24
 */
void *qaePhysToVirtNUMA(uint64_t physAddress);

/**
 * @brief Prepares the library for use in a child of fork().
 *
 * The call is never needed: the library notices a fork by itself. It does no harm, however often it
 * is made, in a parent either.
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * Existing applications call it in the child, right after fork().
 *
 * @par Clauses
 * MEM-11
 */
void qaeAtFork(void);

/**
 * @brief Opens /dev/qae_mem now instead of at the first allocation.
 *
 * A program that calls chroot() calls it before that, and needs the device no more. A child that it
 * forks after chroot() opens the device for itself, so it needs /dev/qae_mem below the new root.
 *
 * @retval 0 the device is open, now or from before; or memory does not come from it (plain mode,
 * VFIO mode), and there is no device to open
 * @retval -ENOENT the device does not exist
 * @retval -EIO the device cannot be used for another reason
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() opens the device for itself, here or at its first allocation.
 *
 * @par Clauses
 * MEM-12
 */
int qaeMemInit(void);

/**
 * @brief Opens /dev/qae_mem as qaeMemInit() does, and returns the descriptor.
 *
 * The library keeps the descriptor, and the application must not close it: memory, section and
 * instances of the process depend on it.
 *
 * @param[out] mem_fd receives the descriptor; written on success only
 *
 * @retval 0 the device is open and @c *mem_fd is its descriptor
 * @retval -ENOENT the device does not exist
 * @retval -EIO the device cannot be used for another reason
 * @retval -EINVAL @p mem_fd is NULL
 * @retval -EOPNOTSUPP memory does not come from the device (plain mode, VFIO mode), and there is no
 *         descriptor
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * The number of the descriptor means nothing in a child of fork(): the library closes it there and
 * opens its own.
 *
 * @par Clauses
 * MEM-12
 */
int qaeMemInitAndReturnFd(int *mem_fd);

/**
 * @brief Gives back all pinned memory of this process.
 *
 * Every pointer of qaeMemAllocNUMA() becomes invalid. Later allocations work. The descriptor of the
 * device stays open, since a section of the process may depend on it, and a VFIO container stays
 * registered, with what qaeMemMapContiguousIova() mapped. The call is not needed before the process
 * exits.
 *
 * @par Threads
 * Any thread, but no other thread may use pinned memory at the same time.
 *
 * @par Fork
 * In a child of fork() it gives back the memory of the child; that of the parent stays.
 */
void qaeMemDestroy(void);

/**
 * @brief Registers a VFIO container, whose devices then use the memory of this process.
 *
 * All pinned memory of the process becomes mapped in the container at the addresses that it has
 * already, or nothing does and the call fails. From then on memory is mapped when it is allocated.
 * A process has one container. The same descriptor again is counted.
 *
 * The container must have a group, and VFIO_TYPE1v2_IOMMU (or VFIO_TYPE1_IOMMU) must be set. The
 * library keeps a duplicate of the descriptor, and uses the addresses that the container reports,
 * from the lowest on. An application that maps memory in the same container by itself chooses
 * addresses that the library has not used.
 *
 * A group must stay in the container until the last qaeUnregisterDevice(): the application keeps
 * the device open. VFIO unmaps all memory when the last group leaves. Mediated devices (vfio-mdev)
 * are not supported: VFIO pins memory for them later, when the library has moved it.
 *
 * With QAT_USER_MODE=vfio memory comes from VFIO from the beginning. With QAT_USER_MODE=auto, or
 * without the variable, it comes from the qae driver if /dev/qae_mem opens, and this function
 * fails; otherwise it comes from VFIO as soon as a container is registered.
 *
 * @param[in] fd descriptor of the container
 *
 * @return 0 on success, non-zero on failure
 *
 * @par Errors
 * - @c EOPNOTSUPP memory of this process does not come from VFIO; or the container is in no-IOMMU
 *   mode, has no type-1 IOMMU, or does not report its addresses
 * - @c EBADF, @c ENOTTY @p fd is not open, or not a container
 * - @c EINVAL no IOMMU is set in the container yet
 * - @c EBUSY another container is registered
 * - @c EADDRNOTAVAIL devices of the container cannot use an address of memory that was allocated
 *   before
 * - @c EDQUOT a limit is reached, which qaeLastError() names: that on locked memory
 *   (RLIMIT_MEMLOCK), or the mapping limit of VFIO
 * - @c EEXIST others mapped an address in the container that memory of this process has
 * - @c EFAULT VFIO cannot pin memory of this process
 * - @c EPERM VFIO does not let this process map memory in the container
 * - @c EAGAIN the process called mlockall(MCL_FUTURE), and its limit on locked memory leaves no
 *   room for the tables of the library
 * - @c ENOMEM the system is out of memory
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * A child of fork() has no container, and the devices of its parent keep the memory of the parent.
 * The child may register a container of its own.
 *
 * @par Clauses
 * MEM-13, MEM-18, MEM-19
 */
int qaeRegisterDevice(int fd);

/**
 * @brief Takes back one qaeRegisterDevice().
 *
 * The last call unmaps all memory from the container. Pinned memory stays allocated, with its
 * addresses, and is mapped again by the next qaeRegisterDevice(). Memory of
 * qaeMemMapContiguousIova() is no longer mapped, as after qaeMemUnmapContiguousIova(). No device
 * may still use the memory.
 *
 * @param[in] fd the descriptor that was given to qaeRegisterDevice(); it may be closed meanwhile
 *
 * @return 0 on success, non-zero on failure
 *
 * @par Errors
 * - @c EOPNOTSUPP memory of this process does not come from VFIO
 * - @c ENOENT @p fd is not registered
 * - any other: VFIO did not unmap some memory, though the container is unregistered; close it, its
 *   groups and its devices
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() the containers of the parent are not registered: the call fails with ENOENT.
 *
 * @par Clauses
 * MEM-14, MEM-18, MEM-19
 */
int qaeUnregisterDevice(int fd);

/**
 * @brief Maps memory of the application for devices, for reading and writing.
 *
 * The memory may be anonymous, in huge pages, of a memory file or of a file, as long as VFIO can
 * pin it. It must stay mapped in the process until qaeMemUnmapContiguousIova() or the last
 * qaeUnregisterDevice(). Afterwards qaeVirtToPhysNUMA() and qaePhysToVirtNUMA() translate each of
 * its addresses.
 *
 * With huge pages on (QAT_USER_HUGEPAGES is not 0), @p virt and @p size are multiples of 2 MiB
 * instead of 4 KiB.
 *
 * @param[in] virt start of the memory, a multiple of 4 KiB
 * @param[in] size bytes: a multiple of 4 KiB, at most 2 GiB
 *
 * @return the address that devices use, a multiple of 2 MiB; 0 on failure
 *
 * @par Errors
 * - @c EINVAL @p virt is NULL or misaligned; @p size is 0, not a multiple, or above 2 GiB; or some
 * of it is memory of qaeMemAllocNUMA(), which devices can use already
 * - @c EEXIST some of the memory is mapped already; or others mapped what the library chose in the
 *   container, 64 times
 * - @c ENODEV no container is registered, or the last group has left the one that is
 * - @c ENOSPC the container has no free range of that size, perhaps because what is free is
 *   fragmented
 * - @c EDQUOT a limit is reached, which qaeLastError() names: that on locked memory
 *   (RLIMIT_MEMLOCK), or the mapping limit of VFIO
 * - @c EFAULT some of the memory is not mapped in the process, is read-only, or cannot be pinned
 * - @c EPERM VFIO does not let this process map memory in the container
 * - @c EBADF the application closed the descriptor of the container that the library keeps
 * - @c EAGAIN the process called mlockall(MCL_FUTURE), and its limit on locked memory leaves no
 *   room for the tables of the library
 * - @c ENOMEM the system is out of memory
 * - @c EOPNOTSUPP memory of this process does not come from VFIO
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() nothing is mapped. The devices of its parent keep the pages of the parent.
 *
 * @par Clauses
 * MEM-15, MEM-16, MEM-18, MEM-19, MEM-20
 */
uint64_t qaeMemMapContiguousIova(void *virt, size_t size);

/**
 * @brief Unmaps memory of the application.
 *
 * The memory itself stays as it is. No device may still use it. A failure changes nothing.
 *
 * @param[in] virt the pointer that was given to qaeMemMapContiguousIova()
 * @param[in] size the size that was given there
 *
 * @retval 0 the memory is unmapped, and its address is free again; also if VFIO had unmapped it
 *         before: for another user of the container, or when the last group left
 * @retval 1 failure
 *
 * @par Errors
 * - @c EINVAL @p virt is NULL or misaligned; @p size is 0, not a multiple, or not the size of the
 *   mapping; or this is memory of qaeMemAllocNUMA()
 * - @c ENOENT no mapping begins at @p virt
 * - @c EOPNOTSUPP memory of this process does not come from VFIO
 * - any other: VFIO did not unmap the memory, which stays mapped
 *
 * @par Threads
 * Any thread, at any time; not from a signal handler.
 *
 * @par Fork
 * In a child of fork() nothing is mapped: the call fails with ENOENT.
 *
 * @par Clauses
 * MEM-17, MEM-18, MEM-19
 */
int qaeMemUnmapContiguousIova(void *virt, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* QAE_MEM_H */
