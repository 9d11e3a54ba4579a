// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve of zeroed 2 MiB regions on each node, and spares of clients.
 * MEM-03, MEM-05, MEM-06, MEM-22.
 */
#include <kunit/test.h>

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pages.h"
#include "qae.h"
#include "suites.h"

#define WAIT_MS		30000

static u32 *targets;

/* Every case begins and ends without reserves, so that it knows where pages come from. */
static bool settles(int node, u32 free, u32 out)
{
	struct qae_reserve_stats stats;
	unsigned int waited;

	for (waited = 0; waited < WAIT_MS; waited += 20) {
		qae_reserve_get(node, &stats);
		if (stats.free == free && stats.out == out && stats.settled)
			return true;
		msleep(20);
	}
	return false;
}

static int no_reserves(struct kunit *test)
{
	int node;

	for_each_node_state(node, N_MEMORY) {
		KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 0), 0);
		KUNIT_ASSERT_TRUE(test, settles(node, 0, 0));
	}
	return 0;
}

static int suite_init(struct kunit_suite *suite)
{
	struct qae_reserve_stats stats;
	int node;

	targets = kcalloc(MAX_NUMNODES, sizeof(*targets), GFP_KERNEL);
	if (!targets)
		return -ENOMEM;
	for_each_node_state(node, N_MEMORY) {
		qae_reserve_get(node, &stats);
		targets[node] = stats.target;
	}
	return 0;
}

static void suite_exit(struct kunit_suite *suite)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		qae_reserve_set(node, targets[node]);
	kfree(targets);
}

static struct qae_region *alloc_block(struct kunit *test, struct qae_client *client, int node,
				      enum qae_source source)
{
	struct qae_region *region = qae_region_alloc(client, SZ_2M, 1, node);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	KUNIT_EXPECT_EQ(test, (int)region->source, (int)source);
	KUNIT_EXPECT_EQ(test, page_to_nid(region->pages), node);
	KUNIT_EXPECT_EQ(test, region->device_address & (SZ_2M - 1), 0ULL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(region->pages), 0, SZ_2M));
	memset(page_address(region->pages), 0x5a, SZ_2M);
	return region;
}

static void fills_serves_and_takes_back(struct kunit *test)
{
	int node = first_memory_node;
	struct qae_region *region[4];
	struct qae_reserve_stats before, stats;
	unsigned int round, i;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 3), 0);
	KUNIT_ASSERT_TRUE(test, settles(node, 3, 0));
	qae_reserve_get(node, &before);
	KUNIT_EXPECT_EQ(test, before.target, 3U);

	for (round = 1; round <= 3; round++) {
		for (i = 0; i < 3; i++)
			region[i] = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
		region[3] = alloc_block(test, NULL, node, QAE_SOURCE_BUDDY);
		/* What is handed out is not replaced. */
		KUNIT_EXPECT_TRUE(test, settles(node, 0, 3));
		for (i = 0; i < 4; i++)
			qae_region_put(region[i]);
		KUNIT_EXPECT_TRUE(test, settles(node, 3, 0));
		qae_reserve_get(node, &stats);
		KUNIT_EXPECT_EQ(test, stats.hits, before.hits + 3 * round);
		KUNIT_EXPECT_EQ(test, stats.misses, before.misses + round);
	}
}

/* Between the worker and an allocation that comes at once, one clears it. */
static void returns_zeroed_at_once(struct kunit *test)
{
	int node = first_memory_node;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	KUNIT_ASSERT_TRUE(test, settles(node, 1, 0));
	for (i = 0; i < 50; i++) {
		struct qae_region *region = qae_region_alloc(NULL, SZ_2M, 1, node);

		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_ASSERT_NULL(test, memchr_inv(page_address(region->pages), 0, SZ_2M));
		memset(page_address(region->pages), 0x5a, SZ_2M);
		if (i % 2)
			qae_region_put_later(region);
		else
			qae_region_put(region);
	}
	KUNIT_EXPECT_TRUE(test, settles(node, 1, 0));
}

static void shrinks_as_regions_return(struct kunit *test)
{
	int node = first_memory_node;
	struct qae_region *region[2];

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 3), 0);
	KUNIT_ASSERT_TRUE(test, settles(node, 3, 0));
	region[0] = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	region[1] = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	KUNIT_EXPECT_TRUE(test, settles(node, 0, 2));
	qae_region_put(region[0]);
	KUNIT_EXPECT_TRUE(test, settles(node, 0, 1));
	qae_region_put(region[1]);
	KUNIT_EXPECT_TRUE(test, settles(node, 1, 0));

	region[0] = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 2), 0);
	KUNIT_EXPECT_TRUE(test, settles(node, 1, 1));
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 0), 0);
	qae_region_put(region[0]);
	KUNIT_EXPECT_TRUE(test, settles(node, 0, 0));
}

static void serves_its_size_only(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_1M, SZ_4M, SZ_4M + 1 };
	int node = first_memory_node;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 2), 0);
	KUNIT_ASSERT_TRUE(test, settles(node, 2, 0));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct qae_region *region;

		if (sizes[i] > qae_region_max())
			continue;
		region = qae_region_alloc(NULL, sizes[i], 1, node);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_NE(test, (int)region->source, (int)QAE_SOURCE_RESERVE);
		qae_region_put(region);
	}
	KUNIT_EXPECT_TRUE(test, settles(node, 2, 0));
}

static int finish_here(void *node)
{
	qae_laundry_finish((long)node);
	return 0;
}

/*
 * The second of two finds nothing to clear, bytes that the first still clears,
 * and a worker whose delay has not passed.
 */
static void two_finish_what_waits(struct kunit *test)
{
	int node = first_memory_node;
	unsigned int round;

	for (round = 0; round < 10; round++) {
		struct qae_region *region[3];
		struct task_struct *other;
		unsigned int i;

		other = kthread_create(finish_here, (void *)(long)node, "qae_finish");
		KUNIT_ASSERT_FALSE(test, IS_ERR(other));
		get_task_struct(other);
		for (i = 0; i < ARRAY_SIZE(region); i++)
			region[i] = qae_region_alloc(NULL, SZ_4M, 1, node);
		for (i = 0; i < ARRAY_SIZE(region); i++)
			if (!IS_ERR(region[i]))
				qae_region_put_later(region[i]);
		wake_up_process(other);
		schedule_timeout_uninterruptible(1);
		qae_laundry_finish(node);
		while (!READ_ONCE(other->exit_state))
			msleep(20);
		put_task_struct(other);
		KUNIT_EXPECT_FALSE(test, qae_laundry_finish(node));
	}
}

static void nodes_keep_apart(struct kunit *test)
{
	int node, other;

	for_each_node_state(node, N_MEMORY)
		KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	for_each_node_state(node, N_MEMORY)
		KUNIT_ASSERT_TRUE(test, settles(node, 1, 0));
	for_each_node_state(node, N_MEMORY) {
		struct qae_region *first = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
		struct qae_region *second = alloc_block(test, NULL, node, QAE_SOURCE_BUDDY);

		for_each_node_state(other, N_MEMORY)
			KUNIT_EXPECT_TRUE(test, settles(other, other != node, other == node));
		qae_region_put(first);
		qae_region_put(second);
		KUNIT_ASSERT_TRUE(test, settles(node, 1, 0));
	}
}

static void refuses_bad_targets(struct kunit *test)
{
	struct qae_reserve_stats stats;

	KUNIT_EXPECT_EQ(test, qae_reserve_set(-1, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, qae_reserve_set(MAX_NUMNODES, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, qae_reserve_set(MAX_NUMNODES - 1, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, qae_reserve_set(first_memory_node, U32_MAX), -EINVAL);
	qae_reserve_get(first_memory_node, &stats);
	KUNIT_EXPECT_EQ(test, stats.target, 0U);
	memset(&stats, 0xff, sizeof(stats));
	qae_reserve_get(INT_MAX, &stats);
	KUNIT_EXPECT_NULL(test, memchr_inv(&stats, 0, sizeof(stats)));
}

/* Who kept a page reference must not see what the next owner writes. */
static void page_in_use_is_not_recycled(struct kunit *test)
{
	int node = first_memory_node;
	struct qae_region *region;
	struct page *kept;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	KUNIT_ASSERT_TRUE(test, settles(node, 1, 0));
	region = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	kept = region->pages;
	get_page(kept);
	qae_region_put(region);
	KUNIT_EXPECT_EQ(test, page_count(kept), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(kept), 0, SZ_2M));

	/* Another takes its place. */
	KUNIT_EXPECT_TRUE(test, settles(node, 1, 0));
	region = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	KUNIT_EXPECT_PTR_NE(test, region->pages, kept);
	qae_region_put(region);
	put_page(kept);
}

static void spare_goes_round_in_one_client(struct kunit *test)
{
	struct qae_client *client = kunit_kzalloc(test, sizeof(*client), GFP_KERNEL);
	struct qae_client *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct qae_user *user = qae_user_get(KUIDT_INIT(4713));
	int node = first_memory_node;
	struct qae_region *region;
	struct page *pages;

	KUNIT_ASSERT_NOT_NULL(test, client);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_ASSERT_FALSE(test, IS_ERR(user));
	client->user = user;
	other->user = user;
	region = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	pages = region->pages;
	qae_region_put(region);
	KUNIT_EXPECT_PTR_EQ(test, client->spare, pages);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, SZ_2M));

	/* Not another's, and not again if someone still has a reference. */
	region = alloc_block(test, other, node, QAE_SOURCE_BUDDY);
	KUNIT_EXPECT_PTR_NE(test, region->pages, pages);
	qae_region_put_later(region);
	KUNIT_EXPECT_NULL(test, other->spare);
	region = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	KUNIT_EXPECT_PTR_EQ(test, region->pages, pages);
	KUNIT_EXPECT_NULL(test, client->spare);
	get_page(pages);
	qae_region_put(region);
	KUNIT_EXPECT_NULL(test, client->spare);
	KUNIT_EXPECT_EQ(test, page_count(pages), 1);
	put_page(pages);
	qae_user_put(user);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(fills_serves_and_takes_back),
	KUNIT_CASE(returns_zeroed_at_once),
	KUNIT_CASE(shrinks_as_regions_return),
	KUNIT_CASE(serves_its_size_only),
	KUNIT_CASE(nodes_keep_apart),
	KUNIT_CASE(two_finish_what_waits),
	KUNIT_CASE(refuses_bad_targets),
	KUNIT_CASE(page_in_use_is_not_recycled),
	KUNIT_CASE(spare_goes_round_in_one_client),
	{}
};

static void no_reserves_after(struct kunit *test)
{
	no_reserves(test);
}

struct kunit_suite qae_reserve_suite = {
	.name = "qae_reserve",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.init = no_reserves,
	.exit = no_reserves_after,
	.test_cases = reserve_cases,
};
