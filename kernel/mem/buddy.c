// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator as a source of pages: compound pages of up to QAE_BUDDY_MAX,
 * charged to the memory cgroup of the caller.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "compat.h"
#include "mem/pages.h"
#include "mem/source.h"

/*
 * HARDWALL: without it the page allocator leaves the cpuset when memory is short.
 * THISNODE: a requested node is a requirement, not a hint.
 */
static struct page *get_pages(const struct qae_page_request *req, gfp_t gfp)
{
	gfp |= __GFP_COMP | __GFP_NOWARN;
	if (req->charged)
		gfp |= __GFP_HARDWALL;
	if (!req->fallback)
		gfp |= __GFP_THISNODE;
	return alloc_pages_node(req->preferred, gfp, get_order(req->size));
}

/*
 * RETRY_MAYFAIL: the caller has a fallback (smaller regions, unpinned memory), and
 * the OOM killer must not kill a process for the sake of a contiguous run.
 */
#define GFP_SEARCH	(GFP_KERNEL | __GFP_RETRY_MAYFAIL)

/* Whether there are pages, whatever the memory cgroup of the caller allows. */
static bool finds_pages(const struct qae_page_request *req, gfp_t gfp)
{
	struct page *pages = get_pages(req, gfp);

	if (pages)
		__free_pages(pages, get_order(req->size));
	return pages;
}

/*
 * The kernel takes pages first and charges them to the memory cgroup of the caller
 * afterwards, with one set of flags for both, and does not tell which of the two
 * failed. They want different efforts. A run of pages is worth a long search. A
 * charge is not: at the limit of the cgroup it would take away the last pages of the
 * caller's own program, again and again, for a few regions more.
 *
 * So first without any effort, which succeeds unless memory or the cgroup is short.
 * Then search without a charge. If that finds pages, they are still at hand for the
 * attempt after it, which needs no search: what can refuse it is the cgroup, after
 * reclaiming once (NORETRY). It is not the cgroup if someone else has taken the
 * pages meanwhile.
 */
static struct page *alloc_charged(struct qae_page_request *req)
{
	struct page *pages = get_pages(req, GFP_NOWAIT | __GFP_ZERO | __GFP_ACCOUNT);

	req->refused = false;
	if (pages || !finds_pages(req, GFP_SEARCH))
		return pages;
	pages = get_pages(req, GFP_KERNEL | __GFP_NORETRY | __GFP_ZERO | __GFP_ACCOUNT);
	req->refused = !pages && finds_pages(req, GFP_NOWAIT);
	return pages;
}

static struct page *buddy_alloc(struct qae_page_request *req)
{
	return req->charged ? alloc_charged(req) : get_pages(req, GFP_SEARCH | __GFP_ZERO);
}

static void buddy_free(struct page *pages, size_t size)
{
	qae_block_free(pages, get_order(size));
}

const struct qae_page_source qae_buddy_source = {
	.alloc = buddy_alloc,
	.free = buddy_free,
};
EXPORT_SYMBOL_IF_KUNIT(qae_buddy_source);
