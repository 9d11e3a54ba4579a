/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * qae - pinned memory and shared accelerator endpoints: the kernel ABI.
 *
 * Two doors, with one rule each:
 *
 *  - /dev/qae_mem (ioctl, mmap, poll): a descriptor *owns*. Memory, a section
 *    and dynamic instances belong to the open file and return when its last
 *    reference goes. The file is the authority, not the process: whoever is
 *    handed the descriptor acts on the same objects.
 *  - generic netlink, family "qae": *talks*. It configures, lists and notifies,
 *    and never holds anything. Changes need CAP_SYS_ADMIN.
 *
 * Every ioctl takes one structure whose first field is its size as the caller
 * knows it. Structures grow at the end only: an older kernel refuses a non-zero
 * tail that it does not know (E2BIG), a newer one takes missing fields as zero.
 * Fields are of fixed width and naturally aligned, so that 32- and 64-bit
 * callers share one layout. Reserved fields and unknown flags must be zero.
 *
 * Error numbers, here and in netlink, are vocabulary; each has one meaning:
 *
 *   EINVAL      a field has a value that can never be right
 *   ENOTTY      no such command
 *   E2BIG       a field behind the known structure is set
 *   EOPNOTSUPP  a known field holds a value this kernel does not support
 *   EFAULT      a user address is bad
 *   EMSGSIZE    the caller's array is too small; the count needed is returned
 *   ENOENT      no such object: region, instance, or section of that name
 *   ENODEV      no endpoint is up, or no such endpoint, or it is gone
 *   EBUSY       it exists, and others hold all of it
 *   ENOSPC      more is asked for than is configured
 *   ETIMEDOUT   the section's waiting policy ran out
 *   EINTR       a signal came before anything was done; call again
 *   ERANGE      a netlink attribute is outside the range of its policy
 *   EALREADY    the descriptor holds a section, or the endpoint is in that state
 *   ENOTCONN    the descriptor holds no section
 *   EPERM       the caller lacks CAP_SYS_ADMIN
 *   ESTALE      the configuration changed since the caller looked
 *   ENXIO       no such NUMA node, or it has no memory
 *   ENOMEM      the kernel found no memory (for regions: no contiguous run)
 *   EDQUOT      a limit on pinned memory: enum qae_limit says which
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
	QAE_ENDPOINT_GONE = 2,	/* removed; holders have yet to let go */
};

/* Values of Cy<i>IsPolled and Dc<i>IsPolled. */
enum qae_poll_mode {
	QAE_POLL_INTERRUPT = 0,
	QAE_POLL_POLLED = 1,
	QAE_POLL_EPOLL = 2,
};

/*
 * Limits on pinned bytes. Where several would refuse, the first of this order is named: the
 * one that the caller can do most about.
 */
enum qae_limit {
	QAE_LIMIT_NONE = 0,	/* none refused */
	QAE_LIMIT_CLIENT = 1,	/* of one open descriptor */
	QAE_LIMIT_USER = 2,	/* of one user, over all descriptors that the user opened */
	QAE_LIMIT_CONTIG = 3,	/* of all, in regions above QAE_CONTIG_ABOVE */
	QAE_LIMIT_ALL = 4,	/* of all, kernel users included */
	QAE_LIMIT_CGROUP = 5,	/* the memory cgroup of the caller; set there, not here */
	__QAE_LIMIT_COUNT
};

/* A limit that refuses nothing. A limit of 0 refuses everything. */
#define QAE_UNLIMITED		(~0ULL)

/* Bytes; larger regions come from contiguous ranges, which no memory cgroup is charged for. */
#define QAE_CONTIG_ABOVE	(4ULL << 20)

/* ------------------------------------------------------------------ ioctls */

#define QAE_IOC_MAGIC		'q'
#define QAE_IOC_BASE		0x40

/**
 * struct qae_info - ioctl(QAE_IOC_INFO): what this driver offers
 * @size: sizeof(struct qae_info)
 * @flags: must be 0
 * @abi_version: QAE_ABI_VERSION of the kernel
 * @endpoints_up: endpoints in state up now
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
 * struct qae_mem_alloc - ioctl(QAE_IOC_MEM_ALLOC): a pinned contiguous region
 * @size: sizeof(struct qae_mem_alloc)
 * @flags: must be 0
 * @length: in: bytes wanted, 1 … QAE_MAX_REGION_SIZE; out: bytes got (a power of two of pages up
 *	to 4 MiB, a multiple of 2 MiB above)
 * @alignment: device address alignment in bytes, a power of two up to QAE_MAX_ALIGNMENT
 * @node: in: NUMA node, honoured strictly, or QAE_NODE_ANY: near the caller, within its cpuset;
 *	out: the node it lies on
 * @id: out: the region's id within this descriptor
 * @device_address: out: address for devices of the first byte
 * @mmap_offset: out: offset for mmap() of the first byte; any page-aligned part may be mapped
 * @limit: out: enum qae_limit; with EDQUOT too, where nothing before it has changed
 * @__reserved: must be 0
 * @limit_most: out: bytes that this limit allows; 0 if none refused, and for QAE_LIMIT_CGROUP
 * @limit_bytes: out: bytes charged to it when it refused; likewise
 *
 * The content is zero. Callers of the first version end at @mmap_offset, of the second at
 * @__reserved. Errors: EINVAL, ENXIO, ENOMEM (also a node that is not in the caller's cpuset),
 * EDQUOT, EOPNOTSUPP (memory encryption).
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

#define QAE_IOC_MEM_ALLOC	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 1)

/**
 * struct qae_mem_free - ioctl(QAE_IOC_MEM_FREE): give a region's id back
 * @size: sizeof(struct qae_mem_free)
 * @flags: must be 0
 * @id: the region
 * @__reserved: must be 0
 *
 * The id is gone at once; the memory goes with its last mapping, and is cleared before
 * anyone else can have it.
 * Errors: ENOENT.
 */
struct qae_mem_free {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 __reserved;
};

#define QAE_IOC_MEM_FREE	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 2)

/**
 * struct qae_mem_query - ioctl(QAE_IOC_MEM_QUERY): facts of one's own region
 * @size: sizeof(struct qae_mem_query)
 * @flags: must be 0
 * @id: in: the region
 * @node: out: the node it lies on
 * @length: out: bytes
 * @device_address: out: as QAE_IOC_MEM_ALLOC gave it
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
 * @endpoint_state: enum qae_endpoint_state at this moment
 * @core: CPU of its CoreAffinity for this process, or QAE_CORE_NONE
 * @node: NUMA node of its endpoint, -1 unknown
 * @ring_pair: first ring pair of the endpoint it uses
 * @ring_pairs: how many it uses (crypto with both services: 2)
 * @ring_pair2: second ring pair; the first again if it uses one
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
 * struct qae_section_claim - ioctl(QAE_IOC_SECTION_CLAIM): claim a free section of a name
 * @size: sizeof(struct qae_section_claim)
 * @flags: must be 0
 * @name: in: section name of the configuration, NUL-terminated; where no name is exactly
 *	this one, a name that differs in letter case only counts if it is the only one
 * @section: out: the internal section claimed, "SSL_DEV0_INT_2"
 * @instances: in: user address of an array of struct qae_instance
 * @num_instances: in: its capacity; out: instances of the section
 * @instance_size: in: sizeof(struct qae_instance) as the caller knows it
 *
 * "DYN" claims no internal section, only the right to dynamic instances.
 * Sleeps only where the section's OnBusy policy says wait; called again after EINTR it
 * goes on with the time that is left. Errors: EINVAL, EALREADY, ENODEV
 * (no endpoint up), ENOENT (no such name), ENOSPC (configured for no process), EBUSY,
 * ETIMEDOUT, EINTR, EMSGSIZE (nothing is claimed, @num_instances says how many).
 */
struct qae_section_claim {
	__u32 size;
	__u32 flags;
	__u8 name[QAE_NAME_SIZE];
	__u8 section[QAE_SECTION_SIZE];
	__aligned_u64 instances;
	__u32 num_instances;
	__u32 instance_size;
};

#define QAE_IOC_SECTION_CLAIM	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 4)

/**
 * struct qae_section_release - ioctl(QAE_IOC_SECTION_RELEASE): give the section back
 * @size: sizeof(struct qae_section_release)
 * @flags: must be 0
 *
 * Dynamic instances return with it; memory stays. Errors: ENOTCONN, EINTR.
 */
struct qae_section_release {
	__u32 size;
	__u32 flags;
};

#define QAE_IOC_SECTION_RELEASE	_IO(QAE_IOC_MAGIC, QAE_IOC_BASE + 5)

/**
 * struct qae_instance_alloc - ioctl(QAE_IOC_INSTANCE_ALLOC): take dynamic instances
 * @size: sizeof(struct qae_instance_alloc)
 * @flags: must be 0
 * @service: enum qae_service
 * @endpoint: accelerator id, or QAE_ENDPOINT_ANY: spread, near and least loaded first
 * @count: how many, all or nothing; at least 1
 * @instance_size: sizeof(struct qae_instance) as the caller knows it
 * @instances: user address of an array of @count struct qae_instance
 *
 * Errors: EINVAL, ENOTCONN, ENODEV, ENOSPC (the pools hold fewer in all), EBUSY (fewer
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
 * struct qae_instance_free - ioctl(QAE_IOC_INSTANCE_FREE): return dynamic instances
 * @size: sizeof(struct qae_instance_free)
 * @flags: must be 0
 * @ids: user address of an array of __u32 ids
 * @count: its length, at least 1
 * @freed: out: how many were returned
 *
 * Valid ids are returned even if others of the call are not. Errors: EINVAL, ENOENT (some
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
 * struct qae_instance_query - ioctl(QAE_IOC_INSTANCE_QUERY): facts of one's own instance
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
 * An unknown endpoint has 0 of both. Errors: EINVAL.
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
 * @count: poll() reports POLLIN while at least so many are free; 0 stops watching
 * @__reserved: must be 0
 *
 * Readiness is a hint: another process may be faster. POLLERR says that waiting is in
 * vain: nothing is watched, or fewer are configured. Errors: EINVAL.
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
 * @endpoint: in: first accelerator id to look at; out: the id found
 * @state: out: enum qae_endpoint_state
 * @services: out: QAE_SVC_* of ServicesEnabled, all where nothing is said
 * @node: out: NUMA node, -1 unknown
 * @pci_device: out: PCI device id
 * @pci_domain: out: PCI domain
 * @pci_busdevfn: out: bus << 8 | device << 3 | function
 * @is_vf: out: 1 on a virtual function
 * @ring_pairs: out: ring pairs in all
 * @index: out: index among endpoints of its type (the N of <type>_dev<N>.conf)
 * @type: out: type name
 *
 * Finds the lowest accelerator id that is not below @endpoint. Errors: ENODEV.
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
 * @held: out: 1 if some descriptor holds it
 * @holder_pid: out: its process in the caller's pid namespace, 0 if unknown there
 * @num_instances: out: instances in all
 * @user_name: out: section name of the configuration
 * @section: out: internal section name; empty for a name configured for no process
 *
 * For telling a person why a claim failed. Errors: ENOENT (past the end).
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

/* --------------------------------------------------------- generic netlink */

#define QAE_GENL_NAME		"qae"
#define QAE_GENL_VERSION	1
#define QAE_GENL_MCGRP_EVENTS	"events"

/**
 * enum qae_cmd - commands of the family
 * @QAE_CMD_UNSPEC: never used
 * @QAE_CMD_ENDPOINT_GET: do (QAE_A_ENDPOINT_ID) and dump; replies carry QAE_A_ENDPOINT_*
 * @QAE_CMD_ENDPOINT_UP: QAE_A_ENDPOINT_ID, QAE_A_CONFIG; endpoint must be down. CAP_SYS_ADMIN
 * @QAE_CMD_ENDPOINT_DOWN: QAE_A_ENDPOINT_ID; refused (EBUSY) while held. CAP_SYS_ADMIN
 * @QAE_CMD_CONFIG_RELOAD: QAE_A_ENDPOINT_ID, QAE_A_CONFIG, optional QAE_A_GENERATION;
 *	endpoint must be up; free sections change at once, held ones when released. CAP_SYS_ADMIN
 * @QAE_CMD_SECTION_GET: dump; replies carry QAE_A_SECTION_*
 * @QAE_CMD_INSTANCE_GET: dump; replies carry QAE_A_INSTANCE_*
 * @QAE_CMD_CLIENT_GET: dump; replies carry QAE_A_CLIENT_*; one per open descriptor
 * @QAE_CMD_MEMORY_GET: do; reply carries QAE_A_MEMORY_*, and dump per NUMA node
 * @QAE_CMD_ENDPOINT_NTF: event: an endpoint appeared or changed state, as ENDPOINT_GET
 * @QAE_CMD_SECTION_NTF: event: a section was claimed or released, as SECTION_GET
 * @QAE_CMD_POOL_NTF: event: dynamic instances were taken or returned, QAE_A_POOL_*
 * @QAE_CMD_MEMORY_SET: any of QAE_A_LIMIT_CLIENT, _USER, _CONTIG and _ALL: a limit below what
 *	is pinned takes nothing away and refuses from then on; QAE_A_MEMORY_RESERVE_TARGET with
 *	QAE_A_MEMORY_NODE, or without: of each node. All or nothing. CAP_SYS_ADMIN
 * @QAE_CMD_USER_GET: dump; replies carry QAE_A_USER_*; one per user with open descriptors
 * @__QAE_CMD_MAX: one more than the last
 */
enum qae_cmd {
	QAE_CMD_UNSPEC,
	QAE_CMD_ENDPOINT_GET,
	QAE_CMD_ENDPOINT_UP,
	QAE_CMD_ENDPOINT_DOWN,
	QAE_CMD_CONFIG_RELOAD,
	QAE_CMD_SECTION_GET,
	QAE_CMD_INSTANCE_GET,
	QAE_CMD_CLIENT_GET,
	QAE_CMD_MEMORY_GET,
	QAE_CMD_ENDPOINT_NTF,
	QAE_CMD_SECTION_NTF,
	QAE_CMD_POOL_NTF,
	QAE_CMD_MEMORY_SET,
	QAE_CMD_USER_GET,
	__QAE_CMD_MAX
};

#define QAE_CMD_MAX (__QAE_CMD_MAX - 1)

/* One attribute space for the family: a number means the same in every message. */
enum qae_attr {
	QAE_A_UNSPEC,
	QAE_A_PAD,

	QAE_A_ENDPOINT_ID,		/* u32: accelerator id, the N of qat_dev<N> */
	QAE_A_ENDPOINT_TYPE,		/* string: "c6xx" */
	QAE_A_ENDPOINT_INDEX,		/* u32: index within the type */
	QAE_A_ENDPOINT_STATE,		/* u32: enum qae_endpoint_state */
	QAE_A_ENDPOINT_NODE,		/* s32: NUMA node, -1 unknown */
	QAE_A_ENDPOINT_PCI_DOMAIN,	/* u32 */
	QAE_A_ENDPOINT_PCI_BUSDEVFN,	/* u32: bus << 8 | devfn */
	QAE_A_ENDPOINT_PCI_DEVICE,	/* u32: device id */
	QAE_A_ENDPOINT_IS_VF,		/* u32: 0 or 1 */
	QAE_A_ENDPOINT_RING_PAIRS,	/* u32: in all */
	QAE_A_ENDPOINT_RING_PAIRS_USED,	/* u32: given to instances of the configuration */
	QAE_A_ENDPOINT_SERVICES,	/* u32: QAE_SVC_* enabled now */
	QAE_A_ENDPOINT_SECTIONS,	/* u32: internal sections with instances here */
	QAE_A_ENDPOINT_HELD,		/* u32: instances held by processes now */

	QAE_A_GENERATION,		/* u32: of an endpoint's configuration; 0 never */

	QAE_A_CONFIG,			/* nest: one endpoint's configuration */
	QAE_A_CONFIG_SERVICES,		/* u32: QAE_SVC_*; absent: as asked for */
	QAE_A_CONFIG_SECTION,		/* nest, multi: one section */
	QAE_A_CONFIG_SECTION_NAME,	/* string */
	QAE_A_CONFIG_SECTION_PROCESSES,	/* u32: NumProcesses; not for KERNEL and DYN */
	QAE_A_CONFIG_SECTION_LIMIT_DEV,	/* u32: LimitDevAccess, 0 or 1 */
	QAE_A_CONFIG_SECTION_WAIT_MS,	/* u32: OnBusy = wait; absent: fail */
	QAE_A_CONFIG_INSTANCE,		/* nest, multi: one instance, in order */
	QAE_A_CONFIG_INSTANCE_SERVICE,	/* u32: enum qae_service */
	QAE_A_CONFIG_INSTANCE_NAME,	/* string */
	QAE_A_CONFIG_INSTANCE_POLL,	/* u32: enum qae_poll_mode */
	QAE_A_CONFIG_INSTANCE_CORES,	/* u32 array: process i has [i % length] */

	QAE_A_SECTION_NAME,		/* string: internal name */
	QAE_A_SECTION_USER_NAME,	/* string: name in the configuration */
	QAE_A_SECTION_STATE,		/* u32: enum qae_section_state */
	QAE_A_SECTION_CY,		/* u32: crypto instances */
	QAE_A_SECTION_DC,		/* u32: compression instances */
	QAE_A_SECTION_ENDPOINT,		/* u32, multi: endpoints with instances in it */

	QAE_A_INSTANCE_NAME,		/* string */
	QAE_A_INSTANCE_SERVICE,		/* u32: enum qae_service */
	QAE_A_INSTANCE_SERVICES,	/* u32: QAE_SVC_* */
	QAE_A_INSTANCE_KIND,		/* u32: enum qae_instance_kind */
	QAE_A_INSTANCE_POLL,		/* u32: enum qae_poll_mode */
	QAE_A_INSTANCE_CORE,		/* s32 */
	QAE_A_INSTANCE_RING_PAIR,	/* u32: first */
	QAE_A_INSTANCE_RING_PAIRS,	/* u32: how many */
	QAE_A_INSTANCE_RETIRED,		/* flag: held, of a configuration that is no more */

	QAE_A_HOLDER_PID,		/* u32: in the reader's pid namespace, 0 unknown there */
	QAE_A_HOLDER_UID,		/* u32 */
	QAE_A_HOLDER_COMM,		/* string */

	QAE_A_CLIENT_ID,		/* u32 */
	QAE_A_CLIENT_STATIC,		/* u32: static instances held */
	QAE_A_CLIENT_DYN_CY,		/* u32: dynamic crypto instances held */
	QAE_A_CLIENT_DYN_DC,		/* u32: dynamic compression instances held */
	QAE_A_CLIENT_REGIONS,		/* u32 */
	QAE_A_CLIENT_BYTES,		/* u64: pinned now */
	QAE_A_CLIENT_BYTES_PEAK,	/* u64 */

	QAE_A_MEMORY_NODE,		/* s32: absent in the sum */
	QAE_A_MEMORY_REGIONS,		/* u64: pinned regions now */
	QAE_A_MEMORY_BYTES,		/* u64: pinned bytes now */
	QAE_A_MEMORY_BYTES_PEAK,	/* u64: sum only */
	QAE_A_MEMORY_FAILURES,		/* u64: sum only: allocations that found no memory */
	QAE_A_MEMORY_KERNEL_BYTES,	/* u64: sum only: of these, by kernel users */

	QAE_A_POOL_SERVICE,		/* u32: enum qae_service */
	QAE_A_POOL_AVAILABLE,		/* u32 */
	QAE_A_POOL_TOTAL,		/* u32 */

	QAE_A_INSTANCE_RING_PAIR2,	/* u32: second; absent if it has one */

	QAE_A_LIMIT_CLIENT,		/* u64: bytes, or QAE_UNLIMITED; as enum qae_limit */
	QAE_A_LIMIT_USER,		/* u64: likewise */
	QAE_A_LIMIT_CONTIG,		/* u64: likewise */
	QAE_A_LIMIT_ALL,		/* u64: likewise */
	QAE_A_LIMIT_CLIENT_REFUSED,	/* u64: allocations that this limit refused */
	QAE_A_LIMIT_USER_REFUSED,	/* u64: likewise */
	QAE_A_LIMIT_CONTIG_REFUSED,	/* u64: likewise */
	QAE_A_LIMIT_ALL_REFUSED,	/* u64: likewise */
	QAE_A_LIMIT_CGROUP_REFUSED,	/* u64: likewise, by the caller's memory cgroup */
	QAE_A_MEMORY_CLIENT_PEAK,	/* u64: sum only: most that one descriptor ever had */
	QAE_A_MEMORY_USER_PEAK,		/* u64: sum only: most that one user ever had */
	QAE_A_MEMORY_CONTIG_BYTES,	/* u64: sum only: in regions above QAE_CONTIG_ABOVE */
	QAE_A_MEMORY_CONTIG_PEAK,	/* u64: sum only */

	QAE_A_CLIENT_REFUSED,		/* u64: allocations that some limit refused */

	QAE_A_USER_UID,			/* u32: absent: unknown in the reader's user namespace */
	QAE_A_USER_CLIENTS,		/* u32: open descriptors */
	QAE_A_USER_REGIONS,		/* u64 */
	QAE_A_USER_BYTES,		/* u64: pinned now */
	QAE_A_USER_BYTES_PEAK,		/* u64: while the user had a descriptor open */
	QAE_A_USER_REFUSED,		/* u64: likewise: allocations that some limit refused */

	QAE_A_MEMORY_RESERVE_TARGET,	/* u32: of a node: regions of 2 MiB, used ones too */
	QAE_A_MEMORY_RESERVE_FREE,	/* u32: there for requests to come */
	QAE_A_MEMORY_RESERVE_OUT,	/* u32: handed out */
	QAE_A_MEMORY_RESERVE_HITS,	/* u64: requests served */
	QAE_A_MEMORY_RESERVE_MISSES,	/* u64: requests that found it empty */

	__QAE_A_MAX
};

#define QAE_A_MAX (__QAE_A_MAX - 1)

enum qae_section_state {
	QAE_SECTION_FREE = 0,
	QAE_SECTION_HELD = 1,
	QAE_SECTION_RETIRED = 2,	/* held, and gone with its holder */
};

/* Bounds of a configuration; the tool checks them first and names the line. */
#define QAE_MAX_SECTIONS	64	/* per endpoint, KERNEL and DYN included */
#define QAE_MAX_PROCESSES	1024	/* NumProcesses */
#define QAE_MAX_INSTANCES	128	/* per section and service */
#define QAE_MAX_CORES		4096	/* a core number is below this */
#define QAE_MAX_CORE_LIST	128	/* elements of one CoreAffinity */
#define QAE_MAX_WAIT_MS		3600000	/* OnBusy = wait */

#endif /* _UAPI_LINUX_QAE_H */
