/* SPDX-License-Identifier: GPL-2.0-only */
/* How much free memory the kernel wants to have. */
#ifndef QAE_MEM_WATERMARK_H
#define QAE_MEM_WATERMARK_H

#include <linux/mmzone.h>

/**
 * qae_zone_wanted() - free pages of a zone that the kernel is content with
 * @zone: the zone
 *
 * Below that, it reclaims memory for an ordinary allocation, or is about to.
 *
 * Return: pages.
 */
static inline unsigned long qae_zone_wanted(const struct zone *zone)
{
	return high_wmark_pages(zone) + zone->lowmem_reserve[ZONE_NORMAL];
}

#endif /* QAE_MEM_WATERMARK_H */
