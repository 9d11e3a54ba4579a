/* SPDX-License-Identifier: GPL-2.0-only */
/* Configuration and statistics of a node's reserve. For taking pages see pages.h. */
#ifndef QAE_MEM_RESERVE_H
#define QAE_MEM_RESERVE_H

#include <linux/types.h>

/**
 * struct qae_reserve_stats - state of a node's reserve of regions of 2 MiB
 * @target: desired number of regions, those handed out included
 * @free: regions that are not handed out
 * @settled: all free regions are cleared; until then the one being cleared is not available
 * @out: regions handed out; may exceed @target after it was lowered
 * @hits: requests served since the module was loaded
 * @misses: requests that found the reserve empty
 */
struct qae_reserve_stats {
	u32 target;
	u32 free;
	bool settled;
	u32 out;
	u64 hits;
	u64 misses;
};

int qae_reserve_check(int node, u32 regions);
int qae_reserve_set(int node, u32 regions);
void qae_reserve_get(int node, struct qae_reserve_stats *stats);

#endif /* QAE_MEM_RESERVE_H */
