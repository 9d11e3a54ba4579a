/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client: one open of /dev/qae_mem, and the only object that both halves of
 * the module share.
 *
 *  session/	bookkeeping of endpoints, and of the sections and instances that their
 *		configuration divides them into. One lock.
 *  mem/	pinned regions, their pages, and charging. Clients share only the locks
 *		of the reserve and of the clear queue, each held for single list
 *		operations.
 *
 * Lock order, outermost first:
 *
 *  1  device_lock of the PCI core (probe, remove)
 *  2  client->session	mutex; serialises the release of the section and the
 *			instance ioctls of one descriptor, the user copies of
 *			their results included, so that an operation whose result
 *			cannot be copied is undone before anyone can see it. A
 *			claim does not take it, see session/claim.c. mmap and
 *			fault never take it.
 *  -  endpoint->bus_lock	mutex; keeps the function bound while its bus is asked. Under
 *			1, never under or above 2; 3 is taken under it
 *  3  qae_registry.lock	spinlock; protects all bookkeeping. A spinlock, because a throttled
 *			task must not keep it, see registry.h
 *  4  qae_users.lock	spinlock; user records. Taken when a descriptor is opened or
 *			released, never to allocate or free memory
 *  -  mmap_lock		taken by the core before mmap, fault, open and close of a
 *			mapping, and by user copies: under 2, never under 3, 4
 *  -  qae_space.lock	rw_semaphore of dma/space.c; for writing under 1 and bus_lock, for
 *			reading under mmap_lock too; never under 3, 4. Memory reclaim
 *			does not take it; no lock of this module but leaves is taken
 *			under it
 *  -  search_lock		mutex of contig.c; none of the above is held when it is
 *			taken, and no lock of this module is taken under it
 *  -  watches_lock	spinlock of watch.c; none of the above is held when it is taken, and
 *			no lock of this module but those of wait queues is taken under it
 *  5  xa_lock of client->regions and of the table of clients, locks of a node's reserve and
 *     clear queue: leaf locks
 */
#ifndef QAE_CLIENT_H
#define QAE_CLIENT_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <linux/qae.h>

#include "holder.h"

struct qae_region;
struct qae_section;
struct qae_user;
struct seq_file;

/**
 * struct qae_watch - what poll() on a descriptor waits for
 * @service: service of the pool
 * @endpoint: accelerator id or QAE_ENDPOINT_ANY
 * @count: instances that must be free; 0 if nothing is watched
 * @link: in the list of watches from the first qae_watch_set() on; the list has its own lock
 * @wait: tasks in poll() on this descriptor
 *
 * @service, @endpoint and @count change under qae_registry.lock.
 */
struct qae_watch {
	enum qae_service service;
	u32 endpoint;
	u32 count;
	struct list_head link;
	wait_queue_head_t wait;
};

/**
 * struct qae_paused_wait - wait for a section that a signal interrupted
 * @deadline: its end on CLOCK_MONOTONIC in ns; 0 if there is none. The caller's next claim
 *	shows it, to be recognised as the same wait.
 * @ticket: its place in the queue
 */
struct qae_paused_wait {
	u64 deadline;
	u64 ticket;
};

/**
 * struct qae_section_position - where QAE_IOC_SECTION_QUERY was last
 * @sequence: of the registry at that moment, so that a change since is noticed; 0: nowhere
 * @index: index of the section
 * @id: id of the section
 */
struct qae_section_position {
	u32 sequence;
	u32 index;
	u32 id;
};

/**
 * struct qae_client - one open of /dev/qae_mem, and everything that it owns
 * @rcu: frees it after the last listing that may read it, or reclaim that takes its spare
 * @id: id in listings; in qae_clients.by_id
 * @holder: process that opened it
 * @user: record of the holder's user, charged for memory even if the descriptor is passed on;
 *	counted reference
 * @session: serialises section and instance ioctls; see the lock order
 * @claiming: a claim is under way, so that another one is refused; registry lock
 * @paused: wait that a signal interrupted; registry lock
 * @insts: held instances by id; registry lock
 * @section: internal section held, or NULL; registry lock, see qae_client_section_name()
 * @started: holds @section, or only the right to dynamic instances; registry lock
 * @num_static: static instances held; registry lock
 * @num_dyn: dynamic instances held, by service; registry lock
 * @watch: what poll() waits for; see watch.c
 * @queried: section that was queried last; registry lock
 * @regions: pinned regions by id; own xa_lock
 * @spare: freed, uncleared region whose pages the next allocation reuses, or NULL; changed by
 *	atomic exchange, see pages.c
 * @num_regions: live regions, including those freed but still mapped
 * @bytes: bytes of these regions
 * @bytes_peak: highest @bytes
 * @refused: allocations that any limit refused
 */
struct qae_client {
	struct rcu_head rcu;
	u32 id;
	struct qae_holder holder;
	struct qae_user *user;

	struct mutex session;	/* section and instance ioctls */
	bool claiming;
	struct qae_paused_wait paused;
	struct xarray insts;
	struct qae_section *section;
	bool started;
	u32 num_static;
	u32 num_dyn[__QAE_SERVICE_COUNT];
	struct qae_watch watch;
	struct qae_section_position queried;

	struct xarray regions;
	struct qae_region *spare;
	atomic_t num_regions;
	atomic64_t bytes;
	atomic64_t bytes_peak;
	atomic64_t refused;
};

/**
 * struct qae_clients - all clients, for listings
 * @by_id: the clients; under RCU, a client's @holder and counts may be read, and its @spare taken
 * @next_id: where the search for a free id begins, so that ids are reused as late as possible
 */
struct qae_clients {
	struct xarray by_id;
	u32 next_id;
};

extern struct qae_clients qae_clients;

struct qae_client *qae_client_create(void);
void qae_client_destroy(struct qae_client *client);
int qae_clients_add(struct qae_client *client);
void qae_clients_remove(struct qae_client *client);
const char *qae_client_section_name(const struct qae_client *client);
u32 qae_client_instances(const struct qae_client *client);
void qae_client_show(struct qae_client *client, struct seq_file *file);

#endif /* QAE_CLIENT_H */
