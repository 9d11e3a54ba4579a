// SPDX-License-Identifier: GPL-2.0-only
/*
 * Obstacles: pages that the kernel will not move out of a contiguous range.
 *
 * Everything here reads struct page without a lock, so each answer is a guess. A wrong
 * one costs the search one range: it either skips a range that could have been emptied
 * or tries one that cannot. A folio is looked at with a reference. Without one it may
 * become part of a larger folio meanwhile, and a debug kernel checks that nobody asks
 * a tail page for the properties of a folio.
 *
 * The kernel moves pages that are on an LRU list, unless somebody holds a reference
 * that it does not know: a device that reads or writes the page (a pin), a pipe
 * (vmsplice). Such references may last as long as a process does.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>

#include "compat.h"
#include "mem/obstacle.h"

/*
 * References that the kernel can account for: that of the caller; one of each mapping;
 * of each page of a file or of swap one of the page cache; one of the buffers of a file
 * system.
 * A reference that comes and goes counts as one that stays: the search passes the
 * page once more, see PASS_OVERLAP in contig.c.
 */
static bool has_unknown_reference(struct folio *folio)
{
	long known = 1 + qae_folio_mapcount(folio);

	if (!folio_test_anon(folio))
		known += folio_nr_pages(folio) + folio_has_private(folio);
	else if (folio_test_swapcache(folio))
		known += folio_nr_pages(folio);
	return folio_ref_count(folio) > known;
}

/* Caller holds a reference of the folio, which @page may have been part of before that. */
static enum qae_page_kind kind_of_folio(struct folio *folio, struct page *page,
					unsigned long *count)
{
	if (page_folio(page) != folio || !folio_test_lru(folio))
		return QAE_PAGE_OBSTACLE;
	if (folio_maybe_dma_pinned(folio) || has_unknown_reference(folio))
		return QAE_PAGE_OBSTACLE;
	*count = folio_nr_pages(folio) - folio_page_idx(folio, page);
	return QAE_PAGE_MOVABLE;
}

static enum qae_page_kind kind_of_buddy(struct page *page, unsigned long *count)
{
	/* Read without a lock: the value may be stale, so check its bounds. */
	unsigned long order = READ_ONCE(page->private);

	if (order < 32 && 1UL << order <= MAX_ORDER_NR_PAGES)
		*count = 1UL << order;
	return QAE_PAGE_FREE;
}

/**
 * qae_page_kind() - guess whether a page can be part of a contiguous range
 * @zone: zone of the range
 * @pfn: page frame number, of an absent page perhaps
 * @count: set to the number of pages from @pfn on that are of this kind, as far as it is known
 *
 * Context: process context; memory cannot be removed during the call, see contig.c.
 * Return: the kind.
 */
enum qae_page_kind qae_page_kind(const struct zone *zone, unsigned long pfn, unsigned long *count)
{
	struct page *page = pfn_to_online_page(pfn);
	enum qae_page_kind kind;
	struct folio *folio;

	*count = 1;
	if (!page || page_zone(page) != zone || PageReserved(page))
		return QAE_PAGE_OBSTACLE;
	if (PageBuddy(page))
		return kind_of_buddy(page, count);
	if (PageHWPoison(page))
		return QAE_PAGE_OBSTACLE;
	/* On a per-CPU list, or in transit. Not a page inside a larger block: it has no count. */
	if (!PageCompound(page) && !page_count(page))
		return QAE_PAGE_FREE;
	if (!PageLRU(page) || PageHuge(page))
		return QAE_PAGE_OBSTACLE;
	folio = page_folio(page);
	/* If it has no reference left, it is being freed. */
	if (!folio_try_get(folio))
		return QAE_PAGE_FREE;
	kind = kind_of_folio(folio, page, count);
	folio_put(folio);
	return kind;
}
EXPORT_SYMBOL_IF_KUNIT(qae_page_kind);

#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_HUGETLB_PAGE_SIZE_VARIABLE)

/**
 * qae_pageblock_isolatable() - guess whether the kernel lets a range include a pageblock
 * @pfn: an online page of the block
 *
 * It does not if someone else is emptying the block, nor if the block belongs to
 * the contiguous memory allocator. The kernel's function that tells is not exported.
 *
 * Context: as for qae_page_kind().
 * Return: false if it would refuse.
 */
bool qae_pageblock_isolatable(unsigned long pfn)
{
	unsigned long block = (pfn & (PAGES_PER_SECTION - 1)) >> pageblock_order;
	unsigned long *flags = section_to_usemap(__pfn_to_section(pfn));
	unsigned long bit = block * NR_PAGEBLOCK_BITS;

	return qae_pageblock_flags_isolatable(READ_ONCE(flags[bit / BITS_PER_LONG]) >>
					      (bit % BITS_PER_LONG));
}

#else

/* The kernel refuses at once what it does not let go, and the search continues. */
bool qae_pageblock_isolatable(unsigned long pfn)
{
	return true;
}

#endif /* CONFIG_SPARSEMEM */
