// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reach: each endpoint in use must reach each region at the address that clients get. A
 * region that one of them does not reach is refused, and so is an endpoint that does
 * not reach memory. Behind an IOMMU the address space sees to that (dma/space.h). This
 * file is about the others, for which addresses are physical.
 *
 * An endpoint is asked about all memory when it comes up, and about each region
 * that is created from then on. There is no gap: it is in state starting, and so
 * is asked about new regions, before it is asked about memory.
 *
 * Regions are created without the registry lock, so readers walk a list of their
 * own under RCU. The pages are asked about only once they are found, because only
 * the DMA API knows whether a bounce buffer, an offset or a hypervisor is between.
 */
#define pr_fmt(fmt) "qae: " fmt

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "mem/region.h"
#include "session/endpoint.h"
#include "session/registry.h"

static LIST_HEAD(endpoints);	/* writers: registry lock */

static int check_pages(struct page *pages, size_t size)
{
	struct qae_endpoint *endpoint;
	u32 unreached = QAE_ENDPOINT_ANY;

	rcu_read_lock();
	list_for_each_entry_rcu(endpoint, &endpoints, reach_link) {
		if (READ_ONCE(endpoint->state) == QAE_ENDPOINT_DOWN)
			continue;
		if (!endpoint->ops->check_range(endpoint, pages, size)) {
			unreached = endpoint->id;
			break;
		}
	}
	rcu_read_unlock();
	if (unreached == QAE_ENDPOINT_ANY)
		return 0;
	/* No address: the log is not for the owner of the memory only. */
	pr_warn_ratelimited("qat_dev%u does not reach memory that was found on node %d; refused a region of %zu KiB\n",
			    unreached, page_to_nid(pages), size >> 10);
	return -EADDRNOTAVAIL;
}

/**
 * qae_reach_init() - have each new region checked
 *
 * Context: process context, before the first endpoint and the first region.
 */
void qae_reach_init(void)
{
	qae_region_set_check(check_pages);
}

/**
 * qae_reach_add() - have an endpoint asked about new regions while it is in use
 * @endpoint: new endpoint
 *
 * Context: registry lock.
 */
void qae_reach_add(struct qae_endpoint *endpoint)
{
	qae_registry_assert();
	list_add_tail_rcu(&endpoint->reach_link, &endpoints);
}

/**
 * qae_reach_remove() - stop asking an endpoint
 * @endpoint: endpoint that is being removed
 *
 * When it returns, nobody is asking the endpoint any more.
 *
 * Context: no lock that a reader needs; sleeps for a grace period.
 */
void qae_reach_remove(struct qae_endpoint *endpoint)
{
	spin_lock(&qae_registry.lock);
	list_del_rcu(&endpoint->reach_link);
	spin_unlock(&qae_registry.lock);
	synchronize_rcu();
}
