/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qae: the map of the module. Every object, who owns it, which lock guards it.
 *
 * Two halves that meet only in struct qae_client:
 *
 *  bookkeeping  endpoint.c config.c publish.c section.c instance.c: endpoints
 *		 and what their configuration divides them into. One mutex.
 *  memory	 pinned.h. region.c region_map.c: pinned regions. pages.c contig.c reserve.c
 *		 laundry.c, see pages.h: their pages. limit.c user.c account.c: who may
 *		 have how many, and has. No lock that two clients share, but those of
 *		 single list operations in the reserve and the laundry.
 *
 * Doors: chardev.c (ioctl dispatch), netlink*.c, pci.c, kapi.c. They hold no
 * policy. Pure code, which knows no lock and no device and which KUnit calls
 * directly: model.c, layout.c, config.c, names in section.c.
 *
 * Lock order, outermost first:
 *
 *  1  device_lock of the PCI core (probe, remove)
 *  2  client->session	mutex; serialises the section and instance ioctls of one
 *			descriptor, the user copies of their results included, so
 *			that a result which cannot be delivered is undone before
 *			anyone can see it. mmap and fault never take it.
 *  3  qae_registry.lock	mutex; all bookkeeping. Never held across a user copy or
 *			a wait. Taken uninterruptibly: release() must not fail.
 *  4  qae_clients.lock	mutex; the list of clients
 *  5  qae_users.lock	mutex; user records. Taken when a descriptor is opened and
 *			when it is released, never to allocate or free
 *  -  mmap_lock		taken by the core before mmap, fault, open and close of a
 *			mapping, and by user copies: so under 2, never under 3, 4, 5
 *  -  searching		mutex of contig.c; none of the above is held when it is taken,
 *			and none of ours is taken under it
 *  6  xa_lock of client->regions, the locks of a node's reserve and laundry: leaves
 */
#ifndef QAE_H
#define QAE_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <linux/qae.h>

#include "compat.h"
#include "model/layout.h"
#include "model/model.h"
#include "mem/pinned.h"

struct netlink_callback;
struct netlink_ext_ack;
struct pci_dev;
struct pid;
struct pid_namespace;
struct sk_buff;

/* ------------------------------------------------------------ configuration */

/**
 * struct qae_config_instance - one Cy<i> or Dc<i> of a section
 * @service: QAE_SERVICE_CY or QAE_SERVICE_DC
 * @poll_mode: enum qae_poll_mode
 * @num_cores: elements of @cores
 * @cores: CoreAffinity list; process i gets element i modulo @num_cores
 * @name: instance name
 */
struct qae_config_instance {
	u8 service;
	u8 poll_mode;
	u16 num_cores;
	u16 *cores;
	char name[QAE_NAME_SIZE];
};

/**
 * struct qae_config_section - one [section]
 * @name: as written
 * @kind: QAE_INSTANCE_STATIC for a user section, _DYN, _KERNEL
 * @processes: NumProcesses; 1 for the other kinds
 * @limit_dev: LimitDevAccess
 * @wait_ms: how long a claim waits for a free one, 0: it fails
 * @num_instances: elements of @instances
 * @count: instances by service
 * @instances: in the order of the file
 */
struct qae_config_section {
	char name[QAE_NAME_SIZE];
	enum qae_instance_kind kind;
	u32 processes;
	bool limit_dev;
	u32 wait_ms;
	u32 num_instances;
	u32 count[__QAE_SERVICE_COUNT];
	struct qae_config_instance *instances;
};

/**
 * struct qae_config - configuration of one endpoint, typed and bounded
 * @services: QAE_SVC_* of ServicesEnabled, 0 if not given
 * @num_sections: elements of @sections
 * @sections: user sections, KERNEL and DYN
 *
 * Built by netlink_config.c, immutable once published, owned by its endpoint.
 */
struct qae_config {
	u32 services;
	u32 num_sections;
	struct qae_config_section *sections;
};

struct qae_config *qae_config_alloc(u32 num_sections);
int qae_config_section_alloc(struct qae_config_section *section, u32 num_instances);
void qae_config_free(struct qae_config *config);
int qae_config_check(const struct qae_config *config, const char **reason);
u64 qae_config_total(const struct qae_config *config, enum qae_service service);
int qae_config_fits(const struct qae_config *config, const struct qae_model *model,
		    const u32 held[__QAE_SERVICE_COUNT], struct qae_layout *layout,
		    const char **reason);

/* -------------------------------------------------------------- bookkeeping */

#define QAE_MAX_ORDINALS	256	/* instances of one service on one endpoint */

struct qae_client;
struct qae_endpoint;
struct qae_section;
struct qae_slice;

/**
 * struct qae_inst - an instance: a claim on ring pairs of an endpoint
 * @link: in its slice (static) or its endpoint's pool (DYN, KERNEL)
 * @endpoint: counted reference; a tombstone when the function was removed
 * @slice: of a static instance, else NULL
 * @holder: client that has it now, or NULL
 * @id: its id in the holder's table; meaningful with @holder
 * @kind: static, DYN or KERNEL
 * @service: QAE_SERVICE_CY or QAE_SERVICE_DC
 * @services: QAE_SVC_* it can serve
 * @poll_mode: enum qae_poll_mode
 * @core: CPU for this process, or QAE_CORE_NONE
 * @ordinal: number among the instances of its service on the endpoint
 * @pairs: ring pairs
 * @retired: its configuration is gone; it is destroyed when its holder lets go
 * @adopted: DYN, while a configuration is published: the new pool has it too
 * @name: instance name
 *
 * Guarded by qae_registry.lock.
 */
struct qae_inst {
	struct list_head link;
	struct qae_endpoint *endpoint;
	struct qae_slice *slice;
	struct qae_client *holder;
	u32 id;
	enum qae_instance_kind kind;
	enum qae_service service;
	u32 services;
	u32 poll_mode;
	s32 core;
	u32 ordinal;
	struct qae_ring_pairs pairs;
	bool retired;
	bool adopted;
	char name[QAE_NAME_SIZE];
};

/**
 * struct qae_slice - what one endpoint contributes to one internal section
 * @endpoint_link: in endpoint->slices
 * @section_link: in section->slices, by accelerator id
 * @endpoint: counted reference
 * @section: owner
 * @spare: a section of its own to move to, should the one it joined end with its present
 *	holder; made beforehand, because then nothing may fail; NULL once granted
 * @insts: its instances, Cy before Dc, in order of the file
 * @granted: the section's holder has these instances; a slice that joined a held section
 *	waits for the next holder
 * @retired: its configuration is gone; destroyed when the holder lets go
 */
struct qae_slice {
	struct list_head endpoint_link;
	struct list_head section_link;
	struct qae_endpoint *endpoint;
	struct qae_section *section;
	struct qae_section *spare;
	struct list_head insts;
	bool granted;
	bool retired;
};

/**
 * struct qae_section - an internal section: what one process can claim
 * @link: in qae_registry.sections, ordered by name of section, device, index
 * @name: "SSL_DEV0_INT_2", "IPsec_INT_0"
 * @user_name: "SSL", "IPsec"
 * @device: accelerator id with LimitDevAccess, else QAE_ENDPOINT_ANY
 * @index: process index
 * @slices: contributions of the endpoints
 * @holder: client that has it, or NULL
 * @retired: nothing its holder has is alive; claims and new configurations do not see it
 *
 * Lives while it has a slice.
 */
struct qae_section {
	struct list_head link;
	char name[QAE_SECTION_SIZE];
	char user_name[QAE_NAME_SIZE];
	u32 device;
	u32 index;
	struct list_head slices;
	struct qae_client *holder;
	bool retired;
};

/**
 * struct qae_pool - dynamic or kernel instances of an endpoint, by service
 * @insts: the instances
 * @total: not retired
 * @available: of these, free
 */
struct qae_pool {
	struct list_head insts;
	u32 total;
	u32 available;
};

/**
 * struct qae_endpoint - a PCI function and what it is divided into
 * @ref: registry (until removal), instances, slices
 * @link: in qae_registry.endpoints, by @id; empty once removed
 * @id: accelerator id, lowest free at probe: the N of qat_dev<N>
 * @index: index within its type: the N of <type>_dev<N>.conf
 * @model: what it is
 * @pdev: the function, until removal
 * @pci_domain: kept for listings, survives @pdev
 * @pci_busdevfn: likewise
 * @node: NUMA node or NUMA_NO_NODE
 * @state: enum qae_endpoint_state
 * @generation: number of the configuration published last, 0 never
 * @config: what is published, NULL when down
 * @layout: division of the ring pairs
 * @used: ordinals given out, by service
 * @slices: static instances
 * @dyn: the shared pool's part, by service
 * @kernel: reserved for the kernel, by service
 * @held: instances of it that clients hold
 */
struct qae_endpoint {
	struct kref ref;
	struct list_head link;
	u32 id;
	u32 index;
	const struct qae_model *model;
	struct pci_dev *pdev;
	u32 pci_domain;
	u32 pci_busdevfn;
	int node;
	enum qae_endpoint_state state;
	u32 generation;
	struct qae_config *config;
	struct qae_layout layout;
	DECLARE_BITMAP(used[__QAE_SERVICE_COUNT], QAE_MAX_ORDINALS);
	struct list_head slices;
	struct qae_pool dyn[__QAE_SERVICE_COUNT];
	struct qae_pool kernel[__QAE_SERVICE_COUNT];
	u32 held;
};

/**
 * struct qae_registry - all bookkeeping
 * @lock: guards everything in this half
 * @endpoints: registered endpoints, by id
 * @sections: internal sections, in order
 * @sequence: changes with every change of the lists but the pools; lets dumps notice
 * @pool_sequence: changes with every change of a pool
 * @generation: of the configuration published last, over all endpoints, so that an
 *	endpoint which takes over an id cannot be mistaken for the one before
 * @freed: counts what became available; read without the lock by waiters
 * @wait: woken after @freed changed
 */
struct qae_registry {
	struct mutex lock;	/* all bookkeeping */
	struct list_head endpoints;
	struct list_head sections;
	u32 sequence;
	u32 pool_sequence;
	u32 generation;
	u32 freed;
	wait_queue_head_t wait;
};

extern struct qae_registry qae_registry;

static inline void qae_registry_assert(void)
{
	lockdep_assert_held(&qae_registry.lock);
}

void qae_registry_changed(void);
void qae_pools_changed(void);
void qae_registry_freed(void);

/* endpoint.c */
struct qae_endpoint *qae_endpoint_add(struct pci_dev *pdev, const struct qae_model *model);
void qae_endpoint_remove(struct qae_endpoint *endpoint);
void qae_endpoint_get(struct qae_endpoint *endpoint);
void qae_endpoint_put(struct qae_endpoint *endpoint);
struct qae_endpoint *qae_endpoint_find(u32 id);
int qae_endpoint_up(u32 id, struct qae_config **config, const char **reason);
int qae_endpoint_reload(u32 id, const u32 *generation, struct qae_config **config,
			const char **reason);
int qae_endpoint_down(u32 id, const char **reason);
u32 qae_endpoint_ring_pairs_used(const struct qae_endpoint *endpoint);
u32 qae_endpoints_up(void);

/* publish.c: the swap of an endpoint's configuration */
int qae_publish(struct qae_endpoint *endpoint, struct qae_config *config, const char **reason);
void qae_unpublish(struct qae_endpoint *endpoint);

/* section.c */
void qae_section_name(char name[QAE_SECTION_SIZE], const char *user_name, u32 device, u32 index);
struct qae_section *qae_section_find(const char *user_name, u32 device, u32 index);
void qae_section_insert(struct qae_section *section);
void qae_section_update(struct qae_section *section);
bool qae_section_is_configured(const char *user_name);
int qae_section_claim(struct qae_client *client, const char *name, u32 capacity, u32 *num_insts);
void qae_section_release(struct qae_client *client);
bool qae_section_has(const struct qae_section *section, const struct qae_slice *slice);
void qae_section_counts(const struct qae_section *section, u32 count[__QAE_SERVICE_COUNT]);

/* instance.c */
struct qae_inst *qae_inst_create(struct qae_endpoint *endpoint,
				 const struct qae_config_instance *config, u32 process);
void qae_inst_destroy(struct qae_inst *inst);
int qae_inst_grant(struct qae_inst *inst, struct qae_client *client);
void qae_inst_revoke(struct qae_inst *inst);
void qae_inst_describe(const struct qae_inst *inst, struct qae_instance *info);
int qae_dyn_alloc(struct qae_client *client, enum qae_service service, u32 endpoint, u32 count,
		  struct qae_inst ***insts);
int qae_dyn_free(struct qae_client *client, u32 id);
void qae_dyn_free_all(struct qae_client *client);
void qae_dyn_count(enum qae_service service, u32 endpoint, u32 *available, u32 *total);

/* ------------------------------------------------------------------- client */

/**
 * struct qae_watch - what poll() on a descriptor waits for
 * @service: which pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: instances that must be free; 0: nothing is watched
 */
struct qae_watch {
	enum qae_service service;
	u32 endpoint;
	u32 count;
};

/**
 * struct qae_client - one open of /dev/qae_mem: everything a process can lose by dying
 * @link: in qae_clients.list
 * @id: for listings
 * @pid: who opened it; display only, never consulted for access
 * @uid: likewise
 * @comm: likewise
 * @user: of @uid, whom memory is charged to wherever the descriptor goes; counted reference
 * @session: serialises section and instance ioctls; see the lock order
 * @waiting: a claim waits, or was interrupted while it did; session mutex
 * @wait_until: with @waiting: when it gives up, in jiffies
 * @insts: held instances by id; registry lock
 * @section: internal section held, or NULL; registry lock
 * @started: holds @section, or the right to dynamic instances alone; registry lock
 * @num_static: static instances held; registry lock
 * @num_dyn: dynamic instances held, by service; registry lock
 * @watch: for poll; registry lock
 * @regions: pinned regions by id; own xa_lock
 * @spare: a freed region, not cleared, whose pages the next one gets, or NULL; changed by
 *	exchange, see pages.c
 * @num_regions: regions alive, freed but still mapped ones included
 * @bytes: of these
 * @bytes_peak: highest @bytes
 * @refused: allocations that some limit refused
 */
struct qae_client {
	struct list_head link;
	u32 id;
	struct pid *pid;
	kuid_t uid;
	char comm[TASK_COMM_LEN];
	struct qae_user *user;

	struct mutex session;	/* section and instance ioctls */
	bool waiting;
	unsigned long wait_until;
	struct xarray insts;
	struct qae_section *section;
	bool started;
	u32 num_static;
	u32 num_dyn[__QAE_SERVICE_COUNT];
	struct qae_watch watch;

	struct xarray regions;
	struct qae_region *spare;
	atomic_t num_regions;
	atomic64_t bytes;
	atomic64_t bytes_peak;
	atomic64_t refused;
};

/**
 * struct qae_clients - all clients, for listings
 * @lock: guards @list and @next_id
 * @list: in order of opening
 * @next_id: next client id
 */
struct qae_clients {
	struct mutex lock;	/* list, next_id */
	struct list_head list;
	u32 next_id;
};

extern struct qae_clients qae_clients;

struct qae_client *qae_client_create(void);
void qae_client_destroy(struct qae_client *client);
u32 qae_client_pid(const struct qae_client *client, struct pid_namespace *ns);

/* -------------------------------------------------------------------- doors */

/* Room for any ioctl structure. */
union qae_ucmd_buffer {
	struct qae_info info;
	struct qae_mem_alloc mem_alloc;
	struct qae_mem_free mem_free;
	struct qae_mem_query mem_query;
	struct qae_section_claim section_claim;
	struct qae_section_release section_release;
	struct qae_instance_alloc instance_alloc;
	struct qae_instance_free instance_free;
	struct qae_instance_query instance_query;
	struct qae_pool_query pool_query;
	struct qae_pool_watch pool_watch;
	struct qae_endpoint_query endpoint_query;
	struct qae_section_query section_query;
};

/**
 * struct qae_ucmd - one ioctl under way
 * @client: of the descriptor
 * @ubuffer: the caller's structure
 * @user_size: its size there
 * @cmd: kernel copy, padded with zeroes
 */
struct qae_ucmd {
	struct qae_client *client;
	void __user *ubuffer;
	u32 user_size;
	union qae_ucmd_buffer *cmd;
};

/* chardev.c */
int qae_ucmd_respond(struct qae_ucmd *ucmd, size_t size);
int qae_chardev_init(void);
void qae_chardev_exit(void);

/* mem_ioctl.c, session_ioctl.c, query_ioctl.c: one handler per ioctl */
int qae_ioctl_mem_alloc(struct qae_ucmd *ucmd);
int qae_ioctl_mem_free(struct qae_ucmd *ucmd);
int qae_ioctl_mem_query(struct qae_ucmd *ucmd);
int qae_ioctl_section_claim(struct qae_ucmd *ucmd);
int qae_ioctl_section_release(struct qae_ucmd *ucmd);
int qae_ioctl_instance_alloc(struct qae_ucmd *ucmd);
int qae_ioctl_instance_free(struct qae_ucmd *ucmd);
int qae_ioctl_instance_query(struct qae_ucmd *ucmd);
int qae_ioctl_info(struct qae_ucmd *ucmd);
int qae_ioctl_pool_query(struct qae_ucmd *ucmd);
int qae_ioctl_pool_watch(struct qae_ucmd *ucmd);
int qae_ioctl_endpoint_query(struct qae_ucmd *ucmd);
int qae_ioctl_section_query(struct qae_ucmd *ucmd);
__poll_t qae_poll(struct file *file, struct poll_table_struct *wait);

/* pci.c */
int qae_pci_init(void);
void qae_pci_exit(void);
bool qae_pci_translated(struct pci_dev *pdev);

/* netlink.c, netlink_event.c */
int qae_netlink_init(void);
void qae_netlink_exit(void);
void qae_event_endpoint(struct qae_endpoint *endpoint);
void qae_event_section(struct qae_section *section);
void qae_event_pool(enum qae_service service);

#endif /* QAE_H */
