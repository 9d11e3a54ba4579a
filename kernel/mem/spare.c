// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spares: pages that stay with one client do not change owner, so a client that frees
 * a region of 2 MiB keeps it, uncleared, for its next request. The spare is cleared
 * by that request, or by the clear queue when the client exits or cannot use it. There
 * is one spare per client and MAX_SPARES in all, because spares are not charged to
 * any limit (they stay charged to the memory cgroup that allocated them).
 */
#include <linux/atomic.h>
#include <linux/mm.h>

#include "client.h"
#include "compat.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/source.h"

#define MAX_SPARES	16

static atomic_t spares;

/**
 * qae_pages_spares() - number of spares of all clients
 *
 * Context: any.
 * Return: regions of 2 MiB.
 */
unsigned int qae_pages_spares(void)
{
	return atomic_read(&spares);
}

/**
 * qae_pages_take_spare() - take the spare of a client
 * @client: the client, or NULL
 *
 * No lock: threads of the client and memory reclaim take and leave it by atomic exchange.
 *
 * Context: any; the client is not freed during the call.
 * Return: the spare, not cleared, or NULL.
 */
struct qae_region *qae_pages_take_spare(struct qae_client *client)
{
	struct qae_region *spare;

	if (!client || !READ_ONCE(client->spare))
		return NULL;
	spare = xchg(&client->spare, NULL);
	if (spare)
		atomic_dec(&spares);
	return spare;
}

/**
 * qae_pages_drop_spare() - free the spare of a client
 * @client: the client, or NULL
 *
 * Context: process context.
 * Return: true if there was one; it is in the clear queue now, or already freed.
 */
bool qae_pages_drop_spare(struct qae_client *client)
{
	struct qae_region *spare = qae_pages_take_spare(client);

	if (spare)
		qae_clear_queue_add(spare);
	return spare;
}
EXPORT_SYMBOL_IF_KUNIT(qae_pages_drop_spare);

/**
 * qae_pages_can_keep_spare() - check whether a region can become its client's spare
 * @region: region whose last reference was dropped
 *
 * Not if anyone else holds a page reference: they could read the next contents.
 *
 * Context: any.
 * Return: true if it can, unless another thread is faster.
 */
bool qae_pages_can_keep_spare(const struct qae_region *region)
{
	return region->client && region->source == &qae_buddy_source &&
	       region->size == QAE_BLOCK_SIZE && !READ_ONCE(region->client->spare) &&
	       page_count(region->pages) == 1 && atomic_read(&spares) < MAX_SPARES;
}

/**
 * qae_pages_keep_spare() - make a region its client's spare
 * @client: the client, which cannot be destroyed during the call
 * @region: uncharged, not cleared; once kept, another thread may free it at any time
 *
 * Context: any.
 * Return: true if @client has taken over @region.
 */
bool qae_pages_keep_spare(struct qae_client *client, struct qae_region *region)
{
	if (atomic_inc_return(&spares) <= MAX_SPARES && !cmpxchg(&client->spare, NULL, region))
		return true;
	atomic_dec(&spares);
	return false;
}
