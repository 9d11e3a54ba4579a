/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * qae - pinned memory and shared accelerator endpoints: the kernel ABI.
 *
 * Two interfaces, with one rule each:
 *
 *  - /dev/qae_mem (ioctl, mmap, poll): a descriptor *owns*. Memory, a section
 *    and dynamic instances belong to the open file and are released when its last
 *    reference is dropped. The file is the authority, not the process: a process
 *    that receives the descriptor acts on the same objects.
 *  - generic netlink, family "qae" (linux/qae_netlink.h): *talks*. It configures,
 *    lists and notifies, and never holds anything. Changes need CAP_SYS_ADMIN.
 *
 * Every ioctl takes one structure whose first field is its size as the caller
 * knows it. Structures grow at the end only: an older kernel refuses a non-zero
 * tail that it does not know (E2BIG), a newer one treats missing fields as zero.
 * Fields are of fixed width and naturally aligned, so that 32- and 64-bit
 * callers share one layout. Reserved fields and unknown flags must be zero; otherwise the
 * kernel answers EOPNOTSUPP, so that a caller can find out what it supports.
 *
 * Error numbers, here and in netlink, have one meaning each:
 *
 *   EINVAL      a field has a value that is never valid
 *   ENOTTY      no such command
 *   E2BIG       a field beyond the known structure is not zero
 *   EOPNOTSUPP  a known field holds a value this kernel does not support
 *   EFAULT      a user address is bad
 *   EMSGSIZE    the caller's array is too small; the count needed is returned
 *   ENOENT      no such object: region, instance, or section of that name
 *   ENODEV      no endpoint is up, no such endpoint, or it was removed
 *   EBUSY       it exists, but others hold all of it
 *   ENOSPC      more was requested than is configured
 *   ETIMEDOUT   the section's waiting policy ran out
 *   EINTR       a signal arrived before anything was done; call again
 *   ERANGE      a netlink attribute is outside the range of its policy
 *   EALREADY    the descriptor already holds or claims a section, or the endpoint is already in
 *               that state
 *   ENOTCONN    the descriptor holds no section
 *   EPERM       the caller lacks CAP_SYS_ADMIN
 *   ESTALE      the configuration changed since the caller looked
 *   ENXIO       no such NUMA node, or it has no memory
 *   EADDRNOTAVAIL  an endpoint in use does not reach the memory, or has no address left for it
 *   ENOMEM      the kernel found no memory (for regions: no contiguous run)
 *   EAGAIN      the endpoint is starting or being reset; ask again
 *   EIO         the endpoint's function reported an error and needs a reset
 *   EDQUOT      a limit of enum qae_limit: on pinned memory, which is named; from open(),
 *               QAE_LIMIT_DESCRIPTORS
 */
#ifndef _UAPI_LINUX_QAE_H
#define _UAPI_LINUX_QAE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define QAE_ABI_VERSION		1

#define QAE_NAME_SIZE		64	/* section and instance names, with NUL */
#define QAE_SECTION_SIZE	96	/* internal section names, with NUL */
#define QAE_TYPE_SIZE		16	/* endpoint type names, with NUL */

#define QAE_ENDPOINT_ANY	0xffffffffU
#define QAE_NODE_ANY		(-1)
#define QAE_CORE_NONE		(-1)

#define QAE_MAX_REGION_SIZE	(64ULL << 20)	/* bytes, one region */
#define QAE_MAX_ALIGNMENT	(4ULL << 20)	/* bytes, device address */

/* Services of an endpoint, as a mask; a Cy instance may have one or both of the first two. */
#define QAE_SVC_SYM		(1U << 0)
#define QAE_SVC_ASYM		(1U << 1)
#define QAE_SVC_DC		(1U << 2)
#define QAE_SVC_ALL		(QAE_SVC_SYM | QAE_SVC_ASYM | QAE_SVC_DC)

/* What an instance serves: the two kinds of the API. */
enum qae_service {
	QAE_SERVICE_CY = 0,
	QAE_SERVICE_DC = 1,
	__QAE_SERVICE_COUNT
};

/* How a user section, or the pools, use an instance. */
enum qae_instance_kind {
	QAE_INSTANCE_STATIC = 0,	/* of a user section */
	QAE_INSTANCE_DYN = 1,		/* of the shared pool, [DYN] */
	QAE_INSTANCE_KERNEL = 2,	/* reserved for the kernel, [KERNEL] */
};

/* Endpoint states. */
enum qae_endpoint_state {
	QAE_ENDPOINT_DOWN = 0,	/* bound, not configured */
	QAE_ENDPOINT_UP = 1,	/* configured, serving */
	QAE_ENDPOINT_GONE = 2,	/* removed, but still held */
	QAE_ENDPOINT_STARTING = 3,	/* a configuration is about to be put into force */
	QAE_ENDPOINT_RESETTING = 4,	/* reset or suspended; comes back by itself */
	QAE_ENDPOINT_ERROR = 5,	/* reported an error; a reset ends it */
	__QAE_ENDPOINT_STATE_COUNT
};

/* What the device addresses of regions are to an endpoint. */
enum qae_addresses {
	QAE_ADDRESSES_NONE = 0,		/* not configured, so not known */
	QAE_ADDRESSES_PHYSICAL = 1,	/* physical: the owner of memory learns where it is */
	QAE_ADDRESSES_IOVA = 2,		/* behind an IOMMU: it reaches regions, nothing else */
};

/* Values of Cy<i>IsPolled and Dc<i>IsPolled. */
enum qae_poll_mode {
	QAE_POLL_INTERRUPT = 0,
	QAE_POLL_POLLED = 1,
	QAE_POLL_EPOLL = 2,
};

/*
 * Limits on pinned bytes, and one on descriptors, which refuses an open(). If several would refuse,
 * the first one in this order is reported: the one that the caller can influence most.
 */
enum qae_limit {
	QAE_LIMIT_NONE = 0,	/* none refused */
	QAE_LIMIT_CLIENT = 1,	/* per open descriptor */
	QAE_LIMIT_USER = 2,	/* per user, over all descriptors that the user opened */
	QAE_LIMIT_CONTIG = 3,	/* system-wide, in regions above QAE_CONTIG_ABOVE */
	QAE_LIMIT_ALL = 4,	/* system-wide, kernel users included */
	QAE_LIMIT_CGROUP = 5,	/* the memory cgroup of the caller; set there, not here */
	QAE_LIMIT_DESCRIPTORS = 6,	/* open descriptors per user, whoever has them now */
	__QAE_LIMIT_COUNT
};

/* A limit that refuses nothing. A limit of 0 refuses everything. */
#define QAE_UNLIMITED		(~0ULL)

/* Bytes; larger regions come from contiguous ranges, which are charged to no memory cgroup. */
#define QAE_CONTIG_ABOVE	(4ULL << 20)

/* ------------------------------------------------------------------ ioctls */

#define QAE_IOC_MAGIC		'q'
#define QAE_IOC_BASE		0x40

/**
 * struct qae_info - ioctl(QAE_IOC_INFO): capabilities of this driver
 * @size: sizeof(struct qae_info)
 * @flags: must be 0
 * @abi_version: QAE_ABI_VERSION of the kernel
 * @endpoints_up: endpoints that are up now
 * @max_region_size: largest region, bytes; below QAE_MAX_REGION_SIZE where the kernel cannot
 *	allocate contiguous ranges
 * @max_alignment: largest alignment, bytes
 */
struct qae_info {
	__u32 size;
	__u32 flags;
	__u32 abi_version;
	__u32 endpoints_up;
	__aligned_u64 max_region_size;
	__aligned_u64 max_alignment;
};

#define QAE_IOC_INFO		_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 0)

/**
 * struct qae_mem_alloc - ioctl(QAE_IOC_MEM_ALLOC): allocate a pinned contiguous region
 * @size: sizeof(struct qae_mem_alloc)
 * @flags: 0 or QAE_MEM_ALLOC_OPTIONAL
 * @length: in: requested bytes, 1 … QAE_MAX_REGION_SIZE; out: allocated bytes (a power of two
 *	of pages up to 4 MiB, a multiple of 2 MiB above)
 * @alignment: device address alignment in bytes, a power of two up to QAE_MAX_ALIGNMENT
 * @node: in: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller, within its cpuset;
 *	out: the node of the memory
 * @id: out: the region's id within this descriptor
 * @device_address: out: device address of the first byte
 * @mmap_offset: out: mmap() offset of the first byte; any page-aligned part may be mapped
 * @limit: out: enum qae_limit; also set with EDQUOT, where the fields before it are unchanged
 * @__reserved: must be 0
 * @limit_most: out: bytes that this limit allows; 0 if none refused, and for QAE_LIMIT_CGROUP
 * @limit_bytes: out: bytes charged to it when it refused; 0 in the same cases
 *
 * The contents are zero. The first version of the structure ends with @mmap_offset, the second
 * with @__reserved. Errors: EINVAL, ENXIO, ENOMEM (also if the caller's cpuset lacks the node),
 * EDQUOT, EADDRNOTAVAIL, EOPNOTSUPP (memory encryption).
 */
struct qae_mem_alloc {
	__u32 size;
	__u32 flags;
	__aligned_u64 length;
	__aligned_u64 alignment;
	__s32 node;
	__u32 id;
	__aligned_u64 device_address;
	__aligned_u64 mmap_offset;
	__u32 limit;
	__u32 __reserved;
	__aligned_u64 limit_most;
	__aligned_u64 limit_bytes;
};

/*
 * The caller asks for more than it needs, and will ask for less: a refusal or a lack of memory is
 * reported to it and counted nowhere, so that the counters count what programs did not get.
 */
#define QAE_MEM_ALLOC_OPTIONAL	(1U << 0)

#define QAE_IOC_MEM_ALLOC	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 1)

/**
 * struct qae_mem_free - ioctl(QAE_IOC_MEM_FREE): free a region
 * @size: sizeof(struct qae_mem_free)
 * @flags: must be 0
 * @id: the region
 * @__reserved: must be 0
 *
 * The id becomes invalid at once. The memory is freed with its last mapping, and cleared before
 * anyone else can get it. Errors: ENOENT.
 */
struct qae_mem_free {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 __reserved;
};

#define QAE_IOC_MEM_FREE	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 2)

/**
 * struct qae_mem_query - ioctl(QAE_IOC_MEM_QUERY): properties of a region
 * @size: sizeof(struct qae_mem_query)
 * @flags: must be 0
 * @id: in: the region
 * @node: out: node of the memory
 * @length: out: bytes
 * @device_address: out: as returned by QAE_IOC_MEM_ALLOC
 *
 * Errors: ENOENT.
 */
struct qae_mem_query {
	__u32 size;
	__u32 flags;
	__u32 id;
	__s32 node;
	__aligned_u64 length;
	__aligned_u64 device_address;
};

#define QAE_IOC_MEM_QUERY	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 3)

/**
 * struct qae_instance - one instance as its holder sees it
 * @id: id within the descriptor that holds it
 * @endpoint: accelerator id of its endpoint
 * @service: enum qae_service
 * @services: QAE_SVC_* mask it can serve
 * @kind: enum qae_instance_kind
 * @poll_mode: enum qae_poll_mode
 * @endpoint_state: current enum qae_endpoint_state
 * @core: CPU from its CoreAffinity for this process, or QAE_CORE_NONE
 * @node: NUMA node of its endpoint, -1 unknown
 * @ring_pair: first ring pair of the endpoint that it uses
 * @ring_pairs: number of ring pairs that it uses (crypto with both services: 2)
 * @ring_pair2: second ring pair; equals @ring_pair if it uses one
 * @pci_device: PCI device id
 * @pci_domain: PCI domain; may exceed 16 bits
 * @pci_busdevfn: bus << 8 | device << 3 | function
 * @is_vf: 1 on a virtual function
 * @type: endpoint type, "c6xx"
 * @name: instance name from the configuration, "SSL0"
 */
struct qae_instance {
	__u32 id;
	__u32 endpoint;
	__u32 service;
	__u32 services;
	__u32 kind;
	__u32 poll_mode;
	__u32 endpoint_state;
	__s32 core;
	__s32 node;
	__u32 ring_pair;
	__u32 ring_pairs;
	__u32 pci_device;
	__u32 pci_domain;
	__u32 pci_busdevfn;
	__u32 is_vf;
	__u32 ring_pair2;
	__u8 type[QAE_TYPE_SIZE];
	__u8 name[QAE_NAME_SIZE];
};

/**
 * struct qae_section_claim - ioctl(QAE_IOC_SECTION_CLAIM): claim a free section by name
 * @size: sizeof(struct qae_section_claim)
 * @flags: must be 0
 * @name: in: section name of the configuration, NUL-terminated; without an exact match, a name
 *	that differs only in case matches if it is the only such name
 * @section: out: the internal section claimed, "SSL_DEV0_INT_2"
 * @instances: in: user address of an array of struct qae_instance
 * @num_instances: in: capacity of the array; out: instances of the section
 * @instance_size: in: sizeof(struct qae_instance) as the caller knows it
 * @deadline: end of the wait on CLOCK_MONOTONIC, ns; out: set with EINTR; in: 0, or as an
 *	interrupted call of this descriptor returned it, to continue that wait
 *
 * "DYN" claims no internal section, only the right to dynamic instances.
 * Sleeps only if the section's OnBusy policy is to wait. Waits for one name are served first
 * come, first served, and a release hands the section to the first. A claim that continues an
 * interrupted wait keeps its place and has the remaining time; with @deadline 0, or without the
 * field (the first version of the structure ends with @instance_size), a new wait begins. A wait
 * blocks no other ioctl of the descriptor. Errors: EINVAL, EALREADY (another thread's claim on
 * the descriptor included), ENODEV (no endpoint up), ENOENT (no such name), ENOSPC (configured
 * for no process), EBUSY, ETIMEDOUT, EINTR, EMSGSIZE (nothing is claimed, @num_instances is the
 * capacity needed).
 */
struct qae_section_claim {
	__u32 size;
	__u32 flags;
	__u8 name[QAE_NAME_SIZE];
	__u8 section[QAE_SECTION_SIZE];
	__aligned_u64 instances;
	__u32 num_instances;
	__u32 instance_size;
	__aligned_u64 deadline;
};

#define QAE_IOC_SECTION_CLAIM	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 4)

/**
 * struct qae_section_release - ioctl(QAE_IOC_SECTION_RELEASE): release the section
 * @size: sizeof(struct qae_section_release)
 * @flags: must be 0
 *
 * Also frees the dynamic instances, but not memory, and ends the watch of the descriptor: see
 * struct qae_pool_watch. Errors: ENOTCONN, EINTR.
 */
struct qae_section_release {
	__u32 size;
	__u32 flags;
};

#define QAE_IOC_SECTION_RELEASE	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 5)

/**
 * struct qae_instance_alloc - ioctl(QAE_IOC_INSTANCE_ALLOC): allocate dynamic instances
 * @size: sizeof(struct qae_instance_alloc)
 * @flags: must be 0
 * @service: enum qae_service
 * @endpoint: accelerator id, or QAE_ENDPOINT_ANY: spread, near and least loaded first
 * @count: number of instances, at least 1; all or nothing
 * @instance_size: sizeof(struct qae_instance) as the caller knows it
 * @instances: user address of an array of @count struct qae_instance
 *
 * Errors: EINVAL, ENOTCONN, ENODEV, ENOSPC (the pools have fewer in total), EBUSY (fewer
 * are free now), EINTR.
 */
struct qae_instance_alloc {
	__u32 size;
	__u32 flags;
	__u32 service;
	__u32 endpoint;
	__u32 count;
	__u32 instance_size;
	__aligned_u64 instances;
};

#define QAE_IOC_INSTANCE_ALLOC	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 6)

/**
 * struct qae_instance_free - ioctl(QAE_IOC_INSTANCE_FREE): free dynamic instances
 * @size: sizeof(struct qae_instance_free)
 * @flags: must be 0
 * @ids: user address of an array of __u32 ids
 * @count: length of the array, at least 1
 * @freed: out: number of instances freed
 *
 * Valid ids are freed even if others of the call are invalid. Errors: EINVAL, ENOENT (an
 * id is not a dynamic instance of this descriptor), EINTR.
 */
struct qae_instance_free {
	__u32 size;
	__u32 flags;
	__aligned_u64 ids;
	__u32 count;
	__u32 freed;
};

#define QAE_IOC_INSTANCE_FREE	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 7)

/**
 * struct qae_instance_query - ioctl(QAE_IOC_INSTANCE_QUERY): properties of a held instance
 * @size: sizeof(struct qae_instance_query)
 * @flags: must be 0
 * @id: the instance
 * @instance_size: sizeof(struct qae_instance) as the caller knows it
 * @instance: user address of one struct qae_instance
 *
 * Errors: ENOENT.
 */
struct qae_instance_query {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 instance_size;
	__aligned_u64 instance;
};

#define QAE_IOC_INSTANCE_QUERY	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 8)

/**
 * struct qae_pool_query - ioctl(QAE_IOC_POOL_QUERY): the pool of dynamic instances
 * @size: sizeof(struct qae_pool_query)
 * @flags: must be 0
 * @service: enum qae_service
 * @endpoint: accelerator id, or QAE_ENDPOINT_ANY for all
 * @available: out: free now
 * @total: out: configured
 *
 * Both are 0 for an unknown endpoint. Errors: EINVAL.
 */
struct qae_pool_query {
	__u32 size;
	__u32 flags;
	__u32 service;
	__u32 endpoint;
	__u32 available;
	__u32 total;
};

#define QAE_IOC_POOL_QUERY	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 9)

/**
 * struct qae_pool_watch - ioctl(QAE_IOC_POOL_WATCH): what poll() on this descriptor waits for
 * @size: sizeof(struct qae_pool_watch)
 * @flags: must be 0
 * @service: enum qae_service
 * @endpoint: accelerator id, or QAE_ENDPOINT_ANY
 * @count: poll() reports POLLIN while at least this many are free; 0 stops watching
 * @__reserved: must be 0
 *
 * Readiness is a hint: another process may be faster. POLLERR means that waiting cannot
 * succeed: fewer than @count are configured. While nothing is watched, poll() reports
 * nothing. QAE_IOC_SECTION_RELEASE ends the watch as a @count of 0 does: a poll() that waits
 * at that moment reports nothing and goes on waiting, until its timeout or a new watch.
 * Errors: EINVAL.
 */
struct qae_pool_watch {
	__u32 size;
	__u32 flags;
	__u32 service;
	__u32 endpoint;
	__u32 count;
	__u32 __reserved;
};

#define QAE_IOC_POOL_WATCH	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 10)

/**
 * struct qae_endpoint_query - ioctl(QAE_IOC_ENDPOINT_QUERY): endpoints, one by one
 * @size: sizeof(struct qae_endpoint_query)
 * @flags: must be 0
 * @endpoint: in: lowest accelerator id to report; out: id of the endpoint found
 * @state: out: enum qae_endpoint_state
 * @services: out: QAE_SVC_* of ServicesEnabled, all if it is not set
 * @node: out: NUMA node, -1 unknown
 * @pci_device: out: PCI device id
 * @pci_domain: out: PCI domain
 * @pci_busdevfn: out: bus << 8 | device << 3 | function
 * @is_vf: out: 1 on a virtual function
 * @ring_pairs: out: total ring pairs
 * @index: out: index among endpoints of its type (the N of <type>_dev<N>.conf)
 * @type: out: type name
 *
 * Finds the endpoint with the lowest accelerator id not below @endpoint. Errors: ENODEV.
 */
struct qae_endpoint_query {
	__u32 size;
	__u32 flags;
	__u32 endpoint;
	__u32 state;
	__u32 services;
	__s32 node;
	__u32 pci_device;
	__u32 pci_domain;
	__u32 pci_busdevfn;
	__u32 is_vf;
	__u32 ring_pairs;
	__u32 index;
	__u8 type[QAE_TYPE_SIZE];
};

#define QAE_IOC_ENDPOINT_QUERY	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 11)

/**
 * struct qae_section_query - ioctl(QAE_IOC_SECTION_QUERY): sections, one by one
 * @size: sizeof(struct qae_section_query)
 * @flags: must be 0
 * @index: in: 0, 1, 2 … in a stable order
 * @held: out: 1 if a descriptor holds it
 * @holder_pid: out: its process in the caller's pid namespace; 0 if it has none there, has exited,
 *	or is of another user and the caller lacks CAP_SYS_ADMIN
 * @num_instances: out: total instances
 * @user_name: out: section name of the configuration
 * @section: out: internal section name; empty for a name configured for no process
 *
 * Lets a program explain to its user why a claim failed. Errors: ENOENT (past the end).
 */
struct qae_section_query {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 held;
	__u32 holder_pid;
	__u32 num_instances;
	__u8 user_name[QAE_NAME_SIZE];
	__u8 section[QAE_SECTION_SIZE];
};

#define QAE_IOC_SECTION_QUERY	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 12)

/* ------------------------------------------------------------- configuration */

enum qae_section_state {
	QAE_SECTION_FREE = 0,
	QAE_SECTION_HELD = 1,
	QAE_SECTION_RETIRED = 2,	/* held, and removed when released */
};

/* Bounds of a configuration; the tool checks them first and names the line. */
#define QAE_MAX_SECTIONS	64	/* per endpoint, KERNEL and DYN included */
#define QAE_MAX_PROCESSES	1024	/* NumProcesses */
#define QAE_MAX_INSTANCES	128	/* per section and service */
#define QAE_MAX_CORES		4096	/* core numbers are below this */
#define QAE_MAX_CORE_LIST	128	/* elements of one CoreAffinity */
#define QAE_MAX_WAIT_MS		3600000	/* OnBusy = wait */

#endif /* _UAPI_LINUX_QAE_H */
