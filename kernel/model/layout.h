/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Layout: how the ring pairs of an endpoint are divided among services, and
 * which ring pairs the n-th instance of a service has. It is pure arithmetic;
 * the module uses it to assign ring pairs, the tool to check and explain files.
 *
 * The ring pairs of an endpoint are groups × 4 columns × slots. All groups are
 * alike; each column belongs to one service:
 *
 *	crypto only, both services	asym sym  asym sym
 *	crypto only, one service	 x    x    x    x
 *	compression only		 dc   dc   dc   dc
 *	crypto (both) + compression	asym sym   dc   dc
 *	crypto (one) + compression	 x    x    dc   dc
 *
 * A crypto instance of both services takes one ring pair in each of two
 * neighbouring columns of one group; any other instance takes one ring pair.
 */
#ifndef QAE_LAYOUT_H
#define QAE_LAYOUT_H

#include "model.h"

#if !defined(__KERNEL__) && defined(__cplusplus)
extern "C" {
#endif

/**
 * struct qae_layout - the division of one endpoint
 * @services: QAE_SVC_* that have columns; 0 if no instance is requested
 * @cy_services: QAE_SVC_* of a crypto instance; 0 if there are no such instances
 * @cy_width: ring pairs of one crypto instance
 * @cy_capacity: crypto instances that fit
 * @dc_capacity: compression instances that fit
 * @dc_column: first column of compression
 */
struct qae_layout {
	__u32 services;
	__u32 cy_services;
	__u32 cy_width;
	__u32 cy_capacity;
	__u32 dc_capacity;
	__u32 dc_column;
};

/**
 * struct qae_ring_pairs - ring pairs of one instance
 * @first: number within the endpoint
 * @second: number of the other ring pair; equal to @first if there is only one
 * @count: 1 or 2
 */
struct qae_ring_pairs {
	__u32 first;
	__u32 second;
	__u32 count;
};

void qae_layout_init(struct qae_layout *layout, const struct qae_model *model,
		     __u32 enabled, __u32 num_cy, __u32 num_dc);
void qae_layout_cy(const struct qae_layout *layout,
		   const struct qae_model *model, __u32 ordinal,
		   struct qae_ring_pairs *pairs);
void qae_layout_dc(const struct qae_layout *layout,
		   const struct qae_model *model, __u32 ordinal,
		   struct qae_ring_pairs *pairs);

#if !defined(__KERNEL__) && defined(__cplusplus)
}
#endif
#endif /* QAE_LAYOUT_H */
