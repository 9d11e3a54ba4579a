// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Division of the ring pairs of an endpoint: see layout.h. */
#include <linux/qae.h>

#include "layout.h"

#ifdef __KERNEL__
#include "compat.h"
#else
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

/**
 * qae_layout_init() - divide an endpoint
 * @layout: result
 * @model: the endpoint's model
 * @enabled: QAE_SVC_* of ServicesEnabled; 0 if not given, which means all
 * @num_cy: total number of requested crypto instances
 * @num_dc: total number of requested compression instances
 *
 * Only services with requested instances get columns, so that an endpoint used
 * for one service gives it everything. A requested service that is not enabled
 * has capacity 0. The caller compares the capacities with the requested numbers.
 */
void qae_layout_init(struct qae_layout *layout, const struct qae_model *model,
		     __u32 enabled, __u32 num_cy, __u32 num_dc)
{
	__u32 all = enabled ? enabled : QAE_SVC_ALL;
	__u32 cy = all & (QAE_SVC_SYM | QAE_SVC_ASYM);
	bool dc = num_dc && (all & QAE_SVC_DC);
	__u32 per_column = (__u32)model->groups * model->slots;
	__u32 cy_columns;

	if (!num_cy)
		cy = 0;
	cy_columns = !cy ? 0 : dc ? QAE_LAYOUT_COLUMNS / 2 : QAE_LAYOUT_COLUMNS;

	layout->services = cy | (dc ? QAE_SVC_DC : 0);
	layout->cy_services = cy;
	layout->cy_width = cy == (QAE_SVC_SYM | QAE_SVC_ASYM) ? 2 : 1;
	layout->cy_capacity = cy_columns / layout->cy_width * per_column;
	layout->dc_column = cy_columns;
	layout->dc_capacity =
		dc ? (QAE_LAYOUT_COLUMNS - cy_columns) * per_column : 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_layout_init);

static __u32 ring_pair(const struct qae_model *model, __u32 group, __u32 column,
		       __u32 slot)
{
	return (group * QAE_LAYOUT_COLUMNS + column) * model->slots + slot;
}

/* Spread instances over the groups first, so that few of them share a bank. */
static void place(const struct qae_model *model, __u32 ordinal, __u32 column,
		  __u32 width, struct qae_ring_pairs *pairs)
{
	__u32 group = ordinal % model->groups;
	__u32 step = ordinal / model->groups;
	__u32 slot = step % model->slots;

	column += step / model->slots * width;
	pairs->count = width;
	pairs->first = ring_pair(model, group, column, slot);
	pairs->second = ring_pair(model, group, column + width - 1, slot);
}

/**
 * qae_layout_cy() - ring pairs of a crypto instance
 * @layout: division of the endpoint
 * @model: the endpoint's model
 * @ordinal: 0 … layout->cy_capacity - 1
 * @pairs: result; if there are two, the first one is for asymmetric crypto
 */
void qae_layout_cy(const struct qae_layout *layout,
		   const struct qae_model *model, __u32 ordinal,
		   struct qae_ring_pairs *pairs)
{
	place(model, ordinal, 0, layout->cy_width, pairs);
}
EXPORT_SYMBOL_IF_KUNIT(qae_layout_cy);

/**
 * qae_layout_dc() - ring pair of a compression instance
 * @layout: division of the endpoint
 * @model: the endpoint's model
 * @ordinal: 0 … layout->dc_capacity - 1
 * @pairs: result
 */
void qae_layout_dc(const struct qae_layout *layout,
		   const struct qae_model *model, __u32 ordinal,
		   struct qae_ring_pairs *pairs)
{
	place(model, ordinal, layout->dc_column, 1, pairs);
}
EXPORT_SYMBOL_IF_KUNIT(qae_layout_dc);
