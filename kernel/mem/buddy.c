// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator as a source of pages: compound pages of up to QAE_BUDDY_MAX,
 * charged to the memory cgroup of the caller.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>

#include "compat.h"
#include "mem/cgroup.h"
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

/* NORETRY: the kernel reclaims once for a page. */
#define GFP_PROBE	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN | __GFP_HARDWALL)

static void free_list(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/*
 * Charges as many single pages as @size has, and frees them. If it gets fewer, the
 * cgroup is the cause only if it has no room for the others, and a page that is not
 * charged can be had. One of the two is not enough: a page becomes free at any moment
 * while memory is short, and page cache fills a cgroup that refuses nothing.
 */
static bool cgroup_refuses(size_t size)
{
	struct page *page;
	LIST_HEAD(pages);
	size_t charged;
	bool full;

	for (charged = 0; charged < size; charged += PAGE_SIZE) {
		page = alloc_page(GFP_PROBE | __GFP_ACCOUNT);
		if (!page)
			break;
		list_add(&page->lru, &pages);
	}
	full = charged < size && qae_cgroup_room() < (size - charged) >> PAGE_SHIFT;
	free_list(&pages);
	if (!full)
		return false;
	page = alloc_page(GFP_NOWAIT | __GFP_NOWARN | __GFP_HARDWALL);
	if (page)
		__free_page(page);
	return page;
}

/*
 * The kernel takes pages first and charges them to the memory cgroup of the caller
 * afterwards, with one set of flags for both, and does not tell which of the two
 * failed. They want different efforts. A run of pages is worth a long search. A
 * charge is not: at the limit of the cgroup it would take away the last pages of the
 * caller's own program, again and again, for a few regions more.
 *
 * So ask the cgroup first, with single pages, which are there unless memory itself
 * is short. If it has room, search: the charge then needs no effort, unless another
 * process of the cgroup takes the room meanwhile.
 *
 * Not the other way round, a search without a charge first: the run that it finds
 * would have to be freed before it is charged. A free run of 2 MiB may be kept on a
 * list of its processor, where the kernel looks for it only if it sees others.
 */
static struct page *search_charged(struct qae_page_request *req)
{
	req->refused = cgroup_refuses(req->size);
	return req->refused ? NULL : get_pages(req, GFP_SEARCH | __GFP_ZERO | __GFP_ACCOUNT);
}

/* Without a search this succeeds unless memory or the memory cgroup is short. */
static struct page *buddy_alloc(struct qae_page_request *req)
{
	gfp_t charge = req->charged ? __GFP_ACCOUNT : 0;

	req->refused = false;
	if (!req->search)
		return get_pages(req, GFP_NOWAIT | __GFP_ZERO | charge);
	return req->charged ? search_charged(req) : get_pages(req, GFP_SEARCH | __GFP_ZERO);
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
