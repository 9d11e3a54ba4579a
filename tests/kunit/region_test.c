// SPDX-License-Identifier: GPL-2.0-only
/* Regions: bounds, content, lifetime, accounting. MEM-03 … MEM-06, MEM-22. */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "client.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "suites.h"

/**
 * struct bounds - arguments of qae_region_check() and the expected result
 * @length: bytes
 * @alignment: bytes
 * @node: NUMA node
 * @err: expected result
 */
struct bounds {
	u64 length;
	u64 alignment;
	int node;
	int err;
};

static const struct bounds bounds[] = {
	{ 1, 1, QAE_NODE_ANY, 0 },
	{ SZ_4K, 64, QAE_NODE_ANY, 0 },
	{ QAE_MAX_REGION_SIZE, QAE_MAX_ALIGNMENT, QAE_NODE_ANY, 0 },
	{ 0, 1, QAE_NODE_ANY, -EINVAL },
	{ QAE_MAX_REGION_SIZE + 1, 1, QAE_NODE_ANY, -EINVAL },
	{ U64_MAX, 1, QAE_NODE_ANY, -EINVAL },
	{ U64_MAX - PAGE_SIZE + 2, 1, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, 0, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, 3, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, SZ_4K + 64, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, QAE_MAX_ALIGNMENT * 2, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, 1ULL << 63, QAE_NODE_ANY, -EINVAL },
	{ SZ_4K, 1, -2, -ENXIO },
	{ SZ_4K, 1, INT_MIN, -ENXIO },
	{ SZ_4K, 1, MAX_NUMNODES, -ENXIO },
	{ SZ_4K, 1, INT_MAX, -ENXIO },
};

static void describe_bounds(const struct bounds *b, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "length %llu alignment %llu node %d", b->length,
		 b->alignment, b->node);
}

KUNIT_ARRAY_PARAM(bounds, bounds, describe_bounds);

static void check_bounds(struct kunit *test)
{
	const struct bounds *b = test->param_value;
	struct qae_region *region;

	KUNIT_ASSERT_EQ(test, qae_region_check(b->length, b->alignment, b->node), b->err);
	if (!b->err)
		return;
	region = qae_region_alloc(NULL, b->length, b->alignment, b->node);
	KUNIT_ASSERT_TRUE(test, IS_ERR(region));
	KUNIT_EXPECT_EQ(test, (int)PTR_ERR(region), b->err);
}

static void check_nodes(struct kunit *test)
{
	int node;

	for (node = 0; node < MAX_NUMNODES; node++) {
		int err = node_state(node, N_MEMORY) ? 0 : -ENXIO;

		KUNIT_ASSERT_EQ(test, qae_region_check(SZ_4K, 1, node), err);
	}
}

/* Returns dirty memory to the kernel, so that a later region is not zero by accident. */
static void soil(struct kunit *test, unsigned int order)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	memset(page_address(pages), 0xa5, PAGE_SIZE << order);
	__free_pages(pages, order);
}

static void alloc_sizes(struct kunit *test)
{
	static const struct {
		u64 length;
		u64 alignment;
		size_t size;
	} sizes[] = {
		{ 1, 1, SZ_4K }, { SZ_4K, SZ_4K, SZ_4K }, { SZ_4K + 1, 64, SZ_8K },
		{ 100000, 1, SZ_128K }, { 64, SZ_64K, SZ_64K }, { SZ_2M, SZ_2M, SZ_2M },
		{ SZ_2M + 1, 1, SZ_4M }, { 1, SZ_4M, SZ_4M },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct qae_region *region;

		soil(test, get_order(sizes[i].size));
		region = qae_region_alloc(NULL, sizes[i].length, sizes[i].alignment,
					  QAE_NODE_ANY);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_EQ(test, qae_region_size(region), sizes[i].size);
		KUNIT_EXPECT_EQ(test, qae_region_address(region) & (sizes[i].size - 1), 0ULL);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(region->pages), 0, sizes[i].size));
		qae_region_put(region);
	}
}

static void alloc_on_each_node(struct kunit *test)
{
	int node;

	for_each_node_state(node, N_MEMORY) {
		u64 bytes = qae_account_node_bytes(node);
		u64 regions = qae_account_node_regions(node);
		struct qae_region *region = qae_region_alloc(NULL, SZ_64K, 1, node);

		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_EQ(test, region->node, node);
		KUNIT_EXPECT_EQ(test, page_to_nid(region->pages), node);
		KUNIT_EXPECT_EQ(test, qae_account_node_bytes(node), bytes + SZ_64K);
		KUNIT_EXPECT_EQ(test, qae_account_node_regions(node), regions + 1);
		qae_region_put(region);
		KUNIT_EXPECT_EQ(test, qae_account_node_bytes(node), bytes);
		KUNIT_EXPECT_EQ(test, qae_account_node_regions(node), regions);
	}
	KUNIT_EXPECT_EQ(test, qae_account_node_bytes(-1), 0ULL);
	KUNIT_EXPECT_EQ(test, qae_account_node_regions(MAX_NUMNODES), 0ULL);
}

static void lives_until_last_reference(struct kunit *test)
{
	s64 regions = atomic64_read(&qae_account.regions);
	struct qae_region *region = qae_region_alloc(NULL, SZ_8K, 1, QAE_NODE_ANY);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	memset(page_address(region->pages), 0x5a, SZ_8K);
	qae_region_get(region);
	qae_region_put(region);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.regions), regions + 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(region->pages), 0x5a, SZ_8K));
	qae_region_put(region);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.regions), regions);
}

/* A page reference of the test keeps the pages after the region is freed. */
static void cleared_when_freed(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_16K, SZ_2M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct qae_region *region = qae_region_alloc(NULL, sizes[i], 1, QAE_NODE_ANY);
		struct page *pages;

		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		pages = region->pages;
		get_page(pages);
		memset(page_address(pages), 0x5a, sizes[i]);
		qae_region_put(region);
		KUNIT_EXPECT_EQ(test, page_count(pages), 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, sizes[i]));
		put_page(pages);
	}
}

static void charged_to_client(struct kunit *test)
{
	struct qae_client *client = kunit_kzalloc(test, sizeof(*client), GFP_KERNEL);
	s64 bytes = atomic64_read(&qae_account.bytes);
	s64 kernel_bytes = atomic64_read(&qae_account.kernel_bytes);
	struct qae_region *small, *large;

	KUNIT_ASSERT_NOT_NULL(test, client);
	client->user = qae_user_get(KUIDT_INIT(4711));
	KUNIT_ASSERT_FALSE(test, IS_ERR(client->user));
	small = qae_region_alloc(client, SZ_4K, 1, QAE_NODE_ANY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(small));
	large = qae_region_alloc(client, SZ_128K, 1, QAE_NODE_ANY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(large));
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), (s64)(SZ_128K + SZ_4K));
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->user->regions), 2LL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->user->bytes), (s64)(SZ_128K + SZ_4K));
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes + SZ_128K + SZ_4K);
	KUNIT_EXPECT_GE(test, atomic64_read(&qae_account.bytes_peak), bytes + SZ_128K + SZ_4K);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.kernel_bytes), kernel_bytes);

	qae_region_put(large);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), (s64)SZ_4K);
	qae_region_put(small);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes_peak), (s64)(SZ_128K + SZ_4K));
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->user->bytes), 0LL);
	qae_user_put(client->user);
}

static struct kunit_case region_cases[] = {
	KUNIT_CASE_PARAM(check_bounds, bounds_gen_params),
	KUNIT_CASE(check_nodes),
	KUNIT_CASE(alloc_sizes),
	KUNIT_CASE(alloc_on_each_node),
	KUNIT_CASE(lives_until_last_reference),
	KUNIT_CASE(cleared_when_freed),
	KUNIT_CASE(charged_to_client),
	{}
};

struct kunit_suite qae_region_suite = {
	.name = "qae_region",
	.test_cases = region_cases,
};
