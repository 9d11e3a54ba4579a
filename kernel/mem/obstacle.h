/* SPDX-License-Identifier: GPL-2.0-only */
/* What the search for contiguous ranges knows about pages: see obstacle.c. */
#ifndef QAE_MEM_OBSTACLE_H
#define QAE_MEM_OBSTACLE_H

#include <linux/types.h>

struct zone;

enum qae_page_kind {
	QAE_PAGE_FREE,		/* in the page allocator */
	QAE_PAGE_MOVABLE,	/* in use; the kernel can move it */
	QAE_PAGE_OBSTACLE,	/* in use, and will stay; or of another zone, or absent */
};

enum qae_page_kind qae_page_kind(const struct zone *zone, unsigned long pfn, unsigned long *count);
bool qae_pageblock_isolatable(unsigned long pfn);

#endif /* QAE_MEM_OBSTACLE_H */
