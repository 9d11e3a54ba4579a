/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client: one open of /dev/qae_mem, and the only object that both halves of
 * the module share.
 *
 *  session/	bookkeeping of endpoints, and of the sections and instances that their
 *		configuration divides them into. One mutex.
 *  mem/	pinned regions, their pages, and charging. Clients share only the locks
 *		of the reserve and of the clear queue, each held for single list
 *		operations.
 *
 * Lock order, outermost first:
 *
 *  1  device_lock of the PCI core (probe, remove)
 *  2  client->session	mutex; serialises the section and instance ioctls of one
 *			descriptor, the user copies of their results included, so
 *			that an operation whose result cannot be copied is undone
 *			before anyone can see it. mmap and fault never take it.
 *  -  endpoint->bus_lock	mutex; keeps the function bound while its bus is asked. Under
 *			1, never under or above 2; 3 is taken under it
 *  3  qae_registry.lock	mutex; protects all bookkeeping. Never held across a user
 *			copy or a wait. Taken uninterruptibly: release() must not fail.
 *  4  qae_clients.lock	mutex; the list of clients. Memory reclaim, which may begin under
 *			any of these, only tries it; see shrinker.c
 *  5  qae_users.lock	mutex; user records. Taken when a descriptor is opened or
 *			released, never to allocate or free memory
 *  -  mmap_lock		taken by the core before mmap, fault, open and close of a
 *			mapping, and by user copies: under 2, never under 3, 4, 5
 *  -  search_lock		mutex of contig.c; none of the above is held when it is
 *			taken, and no lock of this module is taken under it
 *  6  xa_lock of client->regions, locks of a node's reserve and clear queue: leaf
 *     locks
 */
#ifndef QAE_CLIENT_H
#define QAE_CLIENT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>

#include <linux/qae.h>

struct pid;
struct pid_namespace;
struct qae_region;
struct qae_section;
struct qae_user;
struct seq_file;

/**
 * struct qae_watch - what poll() on a descriptor waits for
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: instances that must be free; 0 if nothing is watched
 */
struct qae_watch {
	enum qae_service service;
	u32 endpoint;
	u32 count;
};

/**
 * struct qae_client - one open of /dev/qae_mem, and everything that it owns
 * @link: in qae_clients.list
 * @id: id in listings
 * @pid: process that opened it; for display only, never for access checks
 * @uid: user that opened it; for display only
 * @comm: name of @pid; for display only
 * @user: record of @uid, charged for memory even if the descriptor is passed on; counted
 *	reference
 * @session: serialises section and instance ioctls; see the lock order
 * @waiting: a claim is waiting, or was interrupted while it waited; session mutex
 * @wait_until: deadline of the claim in jiffies, valid with @waiting; session mutex
 * @insts: held instances by id; registry lock
 * @section: internal section held, or NULL; registry lock
 * @started: holds @section, or only the right to dynamic instances; registry lock
 * @num_static: static instances held; registry lock
 * @num_dyn: dynamic instances held, by service; registry lock
 * @watch: what poll() waits for; registry lock
 * @regions: pinned regions by id; own xa_lock
 * @spare: freed, uncleared region whose pages the next allocation reuses, or NULL; changed by
 *	atomic exchange, see pages.c
 * @num_regions: live regions, including those freed but still mapped
 * @bytes: bytes of these regions
 * @bytes_peak: highest @bytes
 * @refused: allocations that any limit refused
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
 * @lock: protects @list and @next_id
 * @list: the clients, in the order of opening
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
void qae_client_show(struct qae_client *client, struct seq_file *file);
u32 qae_client_pid(const struct qae_client *client, struct pid_namespace *ns);

#endif /* QAE_CLIENT_H */
