// SPDX-License-Identifier: GPL-2.0-only
/*
 * Models and the division of ring pairs. The expected capacities are constants
 * and not computed, so that the test cannot repeat a mistake of the code.
 * CFG-07, CFG-11, DYN-11.
 */
#include <kunit/test.h>

#include <linux/bitmap.h>
#include <linux/string.h>

#include "model/layout.h"
#include "model/model.h"
#include "session/instance.h"
#include "suites.h"

#define BOTH	(QAE_SVC_SYM | QAE_SVC_ASYM)

/**
 * struct expected - expected numbers of a model
 * @type: its name
 * @device: its PCI device id
 * @ring_pairs: total number of ring pairs
 * @cy: crypto instances of both services, with nothing else enabled
 * @one: crypto instances of one service, with nothing else enabled
 * @dc: compression instances, with nothing else enabled
 * @cy_with_dc: crypto instances of both services beside compression
 * @one_with_dc: crypto instances of one service beside compression
 * @dc_beside: compression instances beside crypto
 */
struct expected {
	const char *type;
	u16 device;
	u32 ring_pairs;
	u32 cy;
	u32 one;
	u32 dc;
	u32 cy_with_dc;
	u32 one_with_dc;
	u32 dc_beside;
};

static const struct expected expected[] = {
	{ "dh895xcc",	0x0435, 256, 128, 256, 256, 64, 128, 128 },
	{ "dh895xccvf",	0x0443,   8,   4,   8,   8,  2,   4,   4 },
	{ "c6xx",	0x37c8, 128,  64, 128, 128, 32,  64,  64 },
	{ "c6xxvf",	0x37c9,   8,   4,   8,   8,  2,   4,   4 },
	{ "c3xxx",	0x19e2, 128,  64, 128, 128, 32,  64,  64 },
	{ "c3xxxvf",	0x19e3,   8,   4,   8,   8,  2,   4,   4 },
	{ "200xx",	0x18ee, 128,  64, 128, 128, 32,  64,  64 },
	{ "200xxvf",	0x18ef,   8,   4,   8,   8,  2,   4,   4 },
	{ "d15xx",	0x6f54, 128,  64, 128, 128, 32,  64,  64 },
	{ "d15xxvf",	0x6f55,   8,   4,   8,   8,  2,   4,   4 },
	{ "4xxx",	0x4940,  64,  32,  64,  64, 16,  32,  32 },
	{ "4xxxvf",	0x4941,   4,   2,   4,   4,  1,   2,   2 },
	{ "401xx",	0x4942,  64,  32,  64,  64, 16,  32,  32 },
	{ "401xxvf",	0x4943,   4,   2,   4,   4,  1,   2,   2 },
	{ "402xx",	0x4944,  64,  32,  64,  64, 16,  32,  32 },
	{ "402xxvf",	0x4945,   4,   2,   4,   4,  1,   2,   2 },
	{ "420xx",	0x4946,  64,  32,  64,  64, 16,  32,  32 },
	{ "420xxvf",	0x4947,   4,   2,   4,   4,  1,   2,   2 },
};

static void expected_desc(const struct expected *row, char *desc)
{
	strscpy(desc, row->type, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(expected, expected, expected_desc);

static const struct qae_model *model_of(struct kunit *test)
{
	const struct expected *row = test->param_value;
	const struct qae_model *model = qae_model_by_type(row->type);

	KUNIT_ASSERT_NOT_NULL(test, model);
	return model;
}

static void model_is_found_by_type_and_device(struct kunit *test)
{
	const struct expected *row = test->param_value;
	const struct qae_model *model = model_of(test);

	KUNIT_EXPECT_EQ(test, model->device, row->device);
	KUNIT_EXPECT_PTR_EQ(test, qae_model_by_device(row->device), model);
	KUNIT_EXPECT_EQ(test, model->is_vf, !!strstr(row->type, "vf"));
	KUNIT_EXPECT_EQ(test, qae_model_ring_pairs(model), row->ring_pairs);
	KUNIT_EXPECT_LT(test, strlen(model->type), (size_t)QAE_TYPE_SIZE);
}

static void model_table_has_these_and_no_others(struct kunit *test)
{
	size_t i = 0;

	while (qae_model_at(i))
		i++;
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(expected));
	KUNIT_EXPECT_NULL(test, qae_model_at(SIZE_MAX));
	KUNIT_EXPECT_NULL(test, qae_model_by_device(0x0000));
	KUNIT_EXPECT_NULL(test, qae_model_by_device(0xffff));
	KUNIT_EXPECT_NULL(test, qae_model_by_type(""));
	KUNIT_EXPECT_NULL(test, qae_model_by_type("c6x"));
	KUNIT_EXPECT_NULL(test, qae_model_by_type("c6xxx"));
	KUNIT_EXPECT_NULL(test, qae_model_by_type("C6XX"));
}

static void expect_capacity(struct kunit *test, u32 enabled, u32 num_cy, u32 num_dc, u32 cy,
			    u32 dc)
{
	struct qae_layout layout;

	qae_layout_init(&layout, model_of(test), enabled, num_cy, num_dc);
	KUNIT_EXPECT_EQ_MSG(test, layout.cy_capacity, cy, "enabled %x, asked %u+%u", enabled,
			    num_cy, num_dc);
	KUNIT_EXPECT_EQ_MSG(test, layout.dc_capacity, dc, "enabled %x, asked %u+%u", enabled,
			    num_cy, num_dc);
	KUNIT_EXPECT_LE(test, layout.cy_capacity, (u32)QAE_MAX_ORDINALS);
	KUNIT_EXPECT_LE(test, layout.dc_capacity, (u32)QAE_MAX_ORDINALS);
}

static void capacity_of_one_kind(struct kunit *test)
{
	const struct expected *row = test->param_value;

	expect_capacity(test, BOTH, 1, 0, row->cy, 0);
	expect_capacity(test, QAE_SVC_SYM, 1, 0, row->one, 0);
	expect_capacity(test, QAE_SVC_ASYM, 1, 0, row->one, 0);
	expect_capacity(test, QAE_SVC_DC, 0, 1, 0, row->dc);
}

static void capacity_of_two_kinds(struct kunit *test)
{
	const struct expected *row = test->param_value;

	expect_capacity(test, QAE_SVC_ALL, 1, 1, row->cy_with_dc, row->dc_beside);
	expect_capacity(test, QAE_SVC_SYM | QAE_SVC_DC, 1, 1, row->one_with_dc, row->dc_beside);
	expect_capacity(test, QAE_SVC_ASYM | QAE_SVC_DC, 1, 1, row->one_with_dc, row->dc_beside);
}

static void capacity_goes_to_requested_services(struct kunit *test)
{
	const struct expected *row = test->param_value;

	/* Without ServicesEnabled every service is enabled. */
	expect_capacity(test, 0, 1, 1, row->cy_with_dc, row->dc_beside);
	expect_capacity(test, 0, 1, 0, row->cy, 0);
	expect_capacity(test, 0, 0, 1, 0, row->dc);
	/* A service that is enabled but not requested gets no capacity. */
	expect_capacity(test, QAE_SVC_ALL, 5, 0, row->cy, 0);
	expect_capacity(test, QAE_SVC_ALL, 0, 5, 0, row->dc);
	expect_capacity(test, QAE_SVC_ALL, 0, 0, 0, 0);
	/* Requests beyond the capacity do not change the division. */
	expect_capacity(test, 0, U32_MAX, U32_MAX, row->cy_with_dc, row->dc_beside);
}

static void service_not_enabled_has_no_capacity(struct kunit *test)
{
	const struct expected *row = test->param_value;

	expect_capacity(test, QAE_SVC_DC, 1, 1, 0, row->dc);
	expect_capacity(test, QAE_SVC_DC, 1, 0, 0, 0);
	expect_capacity(test, BOTH, 1, 1, row->cy, 0);
	expect_capacity(test, QAE_SVC_SYM, 0, 1, 0, 0);
}

static void take(struct kunit *test, unsigned long *taken, u32 pair)
{
	KUNIT_ASSERT_LT(test, pair, qae_model_ring_pairs(model_of(test)));
	KUNIT_EXPECT_FALSE_MSG(test, test_and_set_bit(pair, taken), "ring pair %u twice", pair);
}

static void take_both(struct kunit *test, unsigned long *taken, const struct qae_ring_pairs *pairs,
		      u32 width)
{
	KUNIT_EXPECT_EQ(test, pairs->count, width);
	take(test, taken, pairs->first);
	if (width == 2)
		take(test, taken, pairs->second);
	else
		KUNIT_EXPECT_EQ(test, pairs->first, pairs->second);
}

static void expect_disjoint(struct kunit *test, u32 enabled, u32 num_cy, u32 num_dc)
{
	const struct qae_model *model = model_of(test);
	DECLARE_BITMAP(taken, QAE_MAX_ORDINALS) = {};
	struct qae_ring_pairs pairs;
	struct qae_layout layout;
	u32 i;

	qae_layout_init(&layout, model, enabled, num_cy, num_dc);
	for (i = 0; i < layout.cy_capacity; i++) {
		qae_layout_cy(&layout, model, i, &pairs);
		take_both(test, taken, &pairs, layout.cy_services == BOTH ? 2 : 1);
	}
	for (i = 0; i < layout.dc_capacity; i++) {
		qae_layout_dc(&layout, model, i, &pairs);
		take_both(test, taken, &pairs, 1);
	}
	/* No ring pair is used twice; none is unused if there are any instances. */
	KUNIT_EXPECT_EQ_MSG(test, bitmap_weight(taken, QAE_MAX_ORDINALS),
			    layout.services ? qae_model_ring_pairs(model) : 0,
			    "enabled %x, asked %u+%u", enabled, num_cy, num_dc);
}

static void no_ring_pair_has_two_instances(struct kunit *test)
{
	u32 enabled;

	for (enabled = 0; enabled <= QAE_SVC_ALL; enabled++) {
		expect_disjoint(test, enabled, 0, 0);
		expect_disjoint(test, enabled, 1, 0);
		expect_disjoint(test, enabled, 0, 1);
		expect_disjoint(test, enabled, 1, 1);
	}
}

static u32 column_of(const struct qae_model *model, u32 pair)
{
	return pair / model->slots % QAE_LAYOUT_COLUMNS;
}

static u32 group_of(const struct qae_model *model, u32 pair)
{
	return pair / model->slots / QAE_LAYOUT_COLUMNS;
}

/* The first ring pair, in an even column, is asymmetric; its neighbour is symmetric. */
static void crypto_instance_has_neighbouring_columns(struct kunit *test)
{
	const struct qae_model *model = model_of(test);
	struct qae_ring_pairs pairs;
	struct qae_layout layout;
	u32 i;

	qae_layout_init(&layout, model, 0, 1, 0);
	for (i = 0; i < layout.cy_capacity; i++) {
		qae_layout_cy(&layout, model, i, &pairs);
		KUNIT_EXPECT_EQ(test, group_of(model, pairs.first),
				group_of(model, pairs.second));
		KUNIT_EXPECT_EQ(test, column_of(model, pairs.first) % 2, 0u);
		KUNIT_EXPECT_EQ(test, column_of(model, pairs.second),
				column_of(model, pairs.first) + 1);
	}
}

static void compression_beside_crypto_has_the_upper_columns(struct kunit *test)
{
	const struct qae_model *model = model_of(test);
	struct qae_ring_pairs pairs;
	struct qae_layout layout;
	u32 i;

	qae_layout_init(&layout, model, 0, 1, 1);
	for (i = 0; i < layout.cy_capacity; i++) {
		qae_layout_cy(&layout, model, i, &pairs);
		KUNIT_EXPECT_EQ(test, column_of(model, pairs.first), 0u);
		KUNIT_EXPECT_EQ(test, column_of(model, pairs.second), 1u);
	}
	for (i = 0; i < layout.dc_capacity; i++) {
		qae_layout_dc(&layout, model, i, &pairs);
		KUNIT_EXPECT_GE(test, column_of(model, pairs.first), 2u);
	}
}

static void first_instances_share_no_group(struct kunit *test)
{
	const struct qae_model *model = model_of(test);
	struct qae_ring_pairs pairs;
	struct qae_layout layout;
	u32 i;

	qae_layout_init(&layout, model, 0, 1, 1);
	for (i = 0; i < model->groups; i++) {
		qae_layout_dc(&layout, model, i, &pairs);
		KUNIT_EXPECT_EQ(test, group_of(model, pairs.first), i);
		if (i >= layout.cy_capacity)
			continue;
		qae_layout_cy(&layout, model, i, &pairs);
		KUNIT_EXPECT_EQ(test, group_of(model, pairs.first), i);
	}
}

static struct kunit_case layout_cases[] = {
	KUNIT_CASE(model_table_has_these_and_no_others),
	KUNIT_CASE_PARAM(model_is_found_by_type_and_device, expected_gen_params),
	KUNIT_CASE_PARAM(capacity_of_one_kind, expected_gen_params),
	KUNIT_CASE_PARAM(capacity_of_two_kinds, expected_gen_params),
	KUNIT_CASE_PARAM(capacity_goes_to_requested_services, expected_gen_params),
	KUNIT_CASE_PARAM(service_not_enabled_has_no_capacity, expected_gen_params),
	KUNIT_CASE_PARAM(no_ring_pair_has_two_instances, expected_gen_params),
	KUNIT_CASE_PARAM(crypto_instance_has_neighbouring_columns, expected_gen_params),
	KUNIT_CASE_PARAM(compression_beside_crypto_has_the_upper_columns, expected_gen_params),
	KUNIT_CASE_PARAM(first_instances_share_no_group, expected_gen_params),
	{}
};

struct kunit_suite qae_layout_suite = {
	.name = "qae_layout",
	.test_cases = layout_cases,
};
