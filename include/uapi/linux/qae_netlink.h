/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * qae - pinned memory and shared accelerator endpoints: the generic netlink family,
 * which configures, lists and notifies. Definitions shared with the ioctl interface,
 * error numbers and the enumerations that attributes carry, are in linux/qae.h.
 */
#ifndef _UAPI_LINUX_QAE_NETLINK_H
#define _UAPI_LINUX_QAE_NETLINK_H

#include <linux/qae.h>

#define QAE_GENL_NAME		"qae"
#define QAE_GENL_VERSION	1
#define QAE_GENL_MCGRP_EVENTS	"events"

/**
 * enum qae_cmd - commands of the family
 * @QAE_CMD_UNSPEC: never used
 * @QAE_CMD_ENDPOINT_GET: do (QAE_A_ENDPOINT_ID) and dump; replies carry QAE_A_ENDPOINT_*
 * @QAE_CMD_ENDPOINT_UP: QAE_A_ENDPOINT_ID, QAE_A_CONFIG, QAE_A_CONFIG_MORE; endpoint must be
 *	down. CAP_SYS_ADMIN
 * @QAE_CMD_ENDPOINT_DOWN: QAE_A_ENDPOINT_ID; fails with EBUSY while held. CAP_SYS_ADMIN
 * @QAE_CMD_CONFIG_RELOAD: as QAE_CMD_ENDPOINT_UP, optional QAE_A_GENERATION; endpoint must be
 *	up; free sections change at once, held ones when released. CAP_SYS_ADMIN
 * @QAE_CMD_SECTION_GET: dump; replies carry QAE_A_SECTION_*
 * @QAE_CMD_INSTANCE_GET: dump; replies carry QAE_A_INSTANCE_*
 * @QAE_CMD_CLIENT_GET: dump; replies carry QAE_A_CLIENT_*; one per open descriptor, see
 *	QAE_A_HOLDER_PID for those of others
 * @QAE_CMD_MEMORY_GET: do; reply carries QAE_A_MEMORY_*, and dump per NUMA node
 * @QAE_CMD_ENDPOINT_NTF: event: an endpoint appeared or changed state, as ENDPOINT_GET
 * @QAE_CMD_SECTION_NTF: event: a section was claimed or released, as SECTION_GET
 * @QAE_CMD_POOL_NTF: event: dynamic instances were taken or returned, QAE_A_POOL_*
 * @QAE_CMD_MEMORY_SET: any of QAE_A_LIMIT_CLIENT, _USER, _CONTIG, _ALL and _DESCRIPTORS: a
 *	limit below what is in use takes nothing away, but refuses from then on;
 *	QAE_A_MEMORY_RESERVE_TARGET for QAE_A_MEMORY_NODE, or for each node without it.
 *	All or nothing. CAP_SYS_ADMIN
 * @QAE_CMD_USER_GET: dump; replies carry QAE_A_USER_*; one per user with open descriptors. Without
 *	CAP_SYS_ADMIN the reader alone is listed
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

/* One attribute space for the family: an attribute means the same in every message. */
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
	QAE_A_ENDPOINT_RING_PAIRS,	/* u32: total */
	QAE_A_ENDPOINT_RING_PAIRS_USED,	/* u32: used by instances of the configuration */
	QAE_A_ENDPOINT_SERVICES,	/* u32: QAE_SVC_* enabled now */
	QAE_A_ENDPOINT_SECTIONS,	/* u32: internal sections with instances here */
	QAE_A_ENDPOINT_HELD,		/* u32: instances held by processes now */

	QAE_A_GENERATION,		/* u32: of an endpoint's configuration; 0: none yet */

	QAE_A_CONFIG,			/* nest: one endpoint's configuration */
	QAE_A_CONFIG_SERVICES,		/* u32: QAE_SVC_*; absent: those of the instances */
	QAE_A_CONFIG_SECTION,		/* nest, multi: one section */
	QAE_A_CONFIG_SECTION_NAME,	/* string */
	QAE_A_CONFIG_SECTION_PROCESSES,	/* u32: NumProcesses; not for KERNEL and DYN */
	QAE_A_CONFIG_SECTION_LIMIT_DEV,	/* u32: LimitDevAccess, 0 or 1 */
	QAE_A_CONFIG_SECTION_WAIT_MS,	/* u32: OnBusy = wait; absent: fail */
	QAE_A_CONFIG_INSTANCE,		/* nest, multi: one instance, in order */
	QAE_A_CONFIG_INSTANCE_SERVICE,	/* u32: enum qae_service */
	QAE_A_CONFIG_INSTANCE_NAME,	/* string */
	QAE_A_CONFIG_INSTANCE_POLL,	/* u32: enum qae_poll_mode */
	QAE_A_CONFIG_INSTANCE_CORES,	/* u32 array: process i uses [i % length] */

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
	QAE_A_INSTANCE_RETIRED,		/* flag: held, but its configuration was replaced */

	/*
	 * A reader may see a holder if it has the holder's user id or CAP_SYS_ADMIN, and
	 * the process has a number in its pid namespace. Otherwise QAE_A_HOLDER_PID is 0,
	 * and neither QAE_A_HOLDER_UID and _COMM nor QAE_A_CLIENT_REGIONS, _BYTES,
	 * _BYTES_PEAK and _REFUSED are there.
	 */
	QAE_A_HOLDER_PID,		/* u32: 0 if the reader may not see it, or it has exited */
	QAE_A_HOLDER_UID,		/* u32 */
	QAE_A_HOLDER_COMM,		/* string */

	QAE_A_CLIENT_ID,		/* u32 */
	QAE_A_CLIENT_STATIC,		/* u32: static instances held */
	QAE_A_CLIENT_DYN_CY,		/* u32: dynamic crypto instances held */
	QAE_A_CLIENT_DYN_DC,		/* u32: dynamic compression instances held */
	QAE_A_CLIENT_REGIONS,		/* u32 */
	QAE_A_CLIENT_BYTES,		/* u64: pinned now */
	QAE_A_CLIENT_BYTES_PEAK,	/* u64 */

	QAE_A_MEMORY_NODE,		/* s32: absent in the total */
	QAE_A_MEMORY_REGIONS,		/* u64: pinned regions now */
	QAE_A_MEMORY_BYTES,		/* u64: pinned bytes now */
	QAE_A_MEMORY_BYTES_PEAK,	/* u64: total only */
	QAE_A_MEMORY_FAILURES,		/* u64: total only: allocations that found no memory */
	QAE_A_MEMORY_KERNEL_BYTES,	/* u64: total only: pinned bytes of kernel users */

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
	QAE_A_MEMORY_CLIENT_PEAK,	/* u64: total only: highest of any one descriptor */
	QAE_A_MEMORY_USER_PEAK,		/* u64: total only: highest of any one user */
	QAE_A_MEMORY_CONTIG_BYTES,	/* u64: total only: in regions above QAE_CONTIG_ABOVE */
	QAE_A_MEMORY_CONTIG_PEAK,	/* u64: total only */

	QAE_A_CLIENT_REFUSED,		/* u64: allocations that any limit refused */

	QAE_A_USER_UID,			/* u32: absent if unmapped in the reader's user namespace */
	QAE_A_USER_CLIENTS,		/* u32: open descriptors */
	QAE_A_USER_REGIONS,		/* u64 */
	QAE_A_USER_BYTES,		/* u64: pinned now */
	QAE_A_USER_BYTES_PEAK,		/* u64: while the user had a descriptor open */
	QAE_A_USER_REFUSED,		/* u64: likewise: allocations that any limit refused */

	QAE_A_MEMORY_RESERVE_TARGET,	/* u32: per node: regions of 2 MiB, used ones included */
	QAE_A_MEMORY_RESERVE_FREE,	/* u32: available to requests */
	QAE_A_MEMORY_RESERVE_OUT,	/* u32: handed out */
	QAE_A_MEMORY_RESERVE_HITS,	/* u64: requests served */
	QAE_A_MEMORY_RESERVE_MISSES,	/* u64: requests that found none */

	QAE_A_LIMIT_DESCRIPTORS,	/* u64: open descriptors of one user, or QAE_UNLIMITED */
	QAE_A_LIMIT_DESCRIPTORS_REFUSED, /* u64: calls of open() that this limit refused */

	QAE_A_ENDPOINT_ADDRESSES,	/* u32: enum qae_addresses */
	/*
	 * nest, multi: more sections, for a configuration that is larger than one nest. A section
	 * with the name of an earlier one has only QAE_A_CONFIG_INSTANCE and continues that one.
	 */
	QAE_A_CONFIG_MORE,

	__QAE_A_MAX
};

#define QAE_A_MAX (__QAE_A_MAX - 1)

#endif /* _UAPI_LINUX_QAE_NETLINK_H */
