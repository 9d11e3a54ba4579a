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

#include "client.h"
#include "mem/charge.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/reserve.h"
#include "suites.h"

#define WAIT_MS		30000

static u32 *targets;

/* Waits for a state of the reserve. */
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

/* Every case begins and ends without reserves, so that the source of pages is known. */
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

/* An allocation right after a free gets zeroes, whether it or the worker clears them. */
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
			qae_region_put_deferred(region);
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

static int flush_here(void *node)
{
	qae_clear_queue_flush((long)node);
	return 0;
}

/*
 * The second of two flushes finds an empty queue, bytes that the first is still
 * clearing, and a worker whose delay has not expired. It must wait for the first.
 */
static void two_flush_at_once(struct kunit *test)
{
	int node = first_memory_node;
	unsigned int round;

	for (round = 0; round < 10; round++) {
		struct qae_region *region[3];
		struct task_struct *other;
		unsigned int i;

		other = kthread_create(flush_here, (void *)(long)node, "qae_flush");
		KUNIT_ASSERT_FALSE(test, IS_ERR(other));
		get_task_struct(other);
		for (i = 0; i < ARRAY_SIZE(region); i++)
			region[i] = qae_region_alloc(NULL, SZ_4M, 1, node);
		for (i = 0; i < ARRAY_SIZE(region); i++)
			if (!IS_ERR(region[i]))
				qae_region_put_deferred(region[i]);
		wake_up_process(other);
		schedule_timeout_uninterruptible(1);
		qae_clear_queue_flush(node);
		KUNIT_EXPECT_FALSE(test, qae_clear_queue_flush(node));
		while (!READ_ONCE(other->exit_state))
			msleep(20);
		put_task_struct(other);
	}
}

/*
 * The queue is pending from the moment a region is added until its pages are freed,
 * no matter which thread clears it.
 */
static void pending_until_the_pages_are_back(struct kunit *test)
{
	struct qae_region *region;
	int node;

	for_each_node_state(node, N_MEMORY)
		qae_clear_queue_flush(node);
	KUNIT_ASSERT_FALSE(test, qae_clear_queue_pending());
	for_each_node_state(node, N_MEMORY) {
		struct page *page;

		region = qae_region_alloc(NULL, SZ_4M, 1, node);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		page = region->pages;
		get_page(page);
		qae_region_put_deferred(region);
		while (page_count(page) > 1) {
			/* Read before page_count(): the worker may free the pages in between. */
			bool waits = qae_clear_queue_pending();

			KUNIT_EXPECT_TRUE(test, waits || page_count(page) == 1);
			cond_resched();
		}
		put_page(page);
		qae_clear_queue_flush(node);
		KUNIT_EXPECT_FALSE(test, qae_clear_queue_pending());
	}
}

#define ADDERS	3

static int keep_adding(void *unused)
{
	while (!kthread_should_stop()) {
		struct qae_region *region = qae_region_alloc(NULL, SZ_1M, 1, first_memory_node);

		if (!IS_ERR(region))
			qae_region_put_deferred(region);
		cond_resched();
	}
	return 0;
}

/* Several threads clear the queue, which never becomes empty meanwhile. */
static void flush_ends_while_others_add(struct kunit *test)
{
	struct task_struct *thread[ADDERS];
	struct qae_region *last;
	unsigned int i, waited;
	struct page *page;

	for (i = 0; i < ADDERS; i++) {
		thread[i] = kthread_run(keep_adding, NULL, "qae_add/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(thread[i]));
	}
	for (i = 0; i < 5; i++)
		qae_clear_queue_flush(first_memory_node);
	for (i = 0; i < ADDERS; i++)
		kthread_stop(thread[i]);

	/* The worker continues without help from allocations. */
	last = qae_region_alloc(NULL, SZ_1M, 1, first_memory_node);
	KUNIT_ASSERT_FALSE(test, IS_ERR(last));
	page = last->pages;
	get_page(page);
	qae_region_put_deferred(last);
	for (waited = 0; waited < WAIT_MS && page_count(page) > 1; waited += 20)
		msleep(20);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

struct turn {
	struct kthread_work begin;
	struct kthread_work look;
	int node;
	int err;
	u32 free;
};

static void look(struct kthread_work *work)
{
	struct turn *turn = container_of(work, struct turn, look);
	struct qae_reserve_stats stats;

	qae_reserve_get(turn->node, &stats);
	turn->free = stats.free;
}

/* Runs in the worker, so that it starts nothing before everything is queued. */
static void begin(struct kthread_work *work)
{
	struct turn *turn = container_of(work, struct turn, begin);

	turn->err = qae_reserve_set(turn->node, 3);
	kthread_queue_work(qae_clear_queue_worker(turn->node), &turn->look);
}

static void filling_lets_other_work_in(struct kunit *test)
{
	struct turn turn = { .node = first_memory_node, .err = -EIO, .free = U32_MAX };

	kthread_init_work(&turn.begin, begin);
	kthread_init_work(&turn.look, look);
	kthread_queue_work(qae_clear_queue_worker(turn.node), &turn.begin);
	kthread_flush_work(&turn.begin);
	kthread_flush_work(&turn.look);
	KUNIT_EXPECT_EQ(test, turn.err, 0);
	KUNIT_EXPECT_LE(test, turn.free, 1U);
	KUNIT_EXPECT_TRUE(test, settles(turn.node, 3, 0));
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

/* A holder of a page reference must not see what the next owner writes. */
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

	/* The reserve allocates a replacement. */
	KUNIT_EXPECT_TRUE(test, settles(node, 1, 0));
	region = alloc_block(test, NULL, node, QAE_SOURCE_RESERVE);
	KUNIT_EXPECT_PTR_NE(test, region->pages, kept);
	qae_region_put(region);
	put_page(kept);
}

/* A client with only its memory part initialised; all are of the same user. */
static struct qae_client *some_client(struct kunit *test)
{
	struct qae_client *client = kunit_kzalloc(test, sizeof(*client), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, client);
	client->user = qae_user_get(KUIDT_INIT(4713));
	KUNIT_ASSERT_FALSE(test, IS_ERR(client->user));
	return client;
}

static void end_client(struct qae_client *client)
{
	qae_pages_drop_spare(client);
	qae_user_put(client->user);
}

/* Frees a region filled with 0x5a, which becomes the client's spare. */
static struct page *leave_spare(struct kunit *test, struct qae_client *client, int node)
{
	struct qae_region *region = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	struct page *pages = region->pages;

	qae_region_put(region);
	KUNIT_ASSERT_PTR_EQ(test, client->spare, region);
	return pages;
}

/* The contents stay until the same client reuses the spare: alloc_block() expects zeroes. */
static void spare_goes_round_in_one_client(struct kunit *test)
{
	struct qae_client *client = some_client(test);
	struct qae_client *other = some_client(test);
	int node = first_memory_node;
	struct page *pages = leave_spare(test, client, node);
	struct qae_region *region;

	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0x5a, SZ_2M));

	/* Another client does not get it, and a deferred put leaves no spare. */
	region = alloc_block(test, other, node, QAE_SOURCE_BUDDY);
	KUNIT_EXPECT_PTR_NE(test, region->pages, pages);
	qae_region_put_deferred(region);
	KUNIT_EXPECT_NULL(test, other->spare);
	region = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	KUNIT_EXPECT_PTR_EQ(test, region->pages, pages);
	KUNIT_EXPECT_NULL(test, client->spare);
	qae_region_put(region);
	end_client(client);
	end_client(other);
}

/* Only one spare is kept, and never a region with a foreign page reference. */
static void spare_is_one_and_nobody_elses(struct kunit *test)
{
	struct qae_client *client = some_client(test);
	int node = first_memory_node;
	struct qae_region *first, *second;
	struct page *pages;

	first = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	pages = first->pages;
	get_page(pages);
	qae_region_put(first);
	KUNIT_EXPECT_NULL(test, client->spare);
	KUNIT_EXPECT_EQ(test, page_count(pages), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, SZ_2M));
	put_page(pages);

	first = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	second = alloc_block(test, client, node, QAE_SOURCE_BUDDY);
	qae_clear_queue_flush(node);
	qae_region_put(first);
	qae_region_put(second);
	KUNIT_EXPECT_PTR_EQ(test, client->spare, first);
	KUNIT_EXPECT_FALSE(test, qae_clear_queue_flush(node));
	end_client(client);
	KUNIT_EXPECT_NULL(test, client->spare);
}

/* qae_pages_drop_spare() reports a spare no matter how fast the worker clears it. */
static void dropping_a_spare_is_reported(struct kunit *test)
{
	struct qae_client *client = some_client(test);

	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(NULL));
	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(client));
	leave_spare(test, client, first_memory_node);
	KUNIT_EXPECT_TRUE(test, qae_pages_drop_spare(client));
	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(client));
	end_client(client);
}

/* Only the reference of the test is left, and the pages are zero. */
static void is_clean_and_gone(struct kunit *test, int node, struct page *pages)
{
	qae_clear_queue_flush(node);
	KUNIT_EXPECT_EQ(test, page_count(pages), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, SZ_2M));
	put_page(pages);
}

/* A page reference taken while the region is the spare shows that it was cleared. */
static void spare_is_cleared_when_it_goes(struct kunit *test)
{
	struct qae_client *client = some_client(test);
	int node = first_memory_node;
	struct page *pages = leave_spare(test, client, node);

	get_page(pages);
	end_client(client);
	KUNIT_EXPECT_NULL(test, client->spare);
	is_clean_and_gone(test, node, pages);
}

static void spare_of_another_node_goes(struct kunit *test)
{
	int node = first_memory_node, other = next_node(node, node_states[N_MEMORY]);
	struct qae_client *client;
	struct qae_region *region;
	struct page *pages;

	if (other >= MAX_NUMNODES)
		kunit_skip(test, "one node");
	client = some_client(test);
	pages = leave_spare(test, client, node);
	get_page(pages);
	region = alloc_block(test, client, other, QAE_SOURCE_BUDDY);
	KUNIT_EXPECT_NULL(test, client->spare);
	is_clean_and_gone(test, node, pages);
	qae_region_put(region);
	end_client(client);
}

#define RACE_THREADS	4
#define RACE_ROUNDS	200

static int take_and_free(void *client)
{
	unsigned int round;
	int bad = 0;

	for (round = 0; round < RACE_ROUNDS; round++) {
		struct qae_region *region = qae_region_alloc(client, SZ_2M, 1, first_memory_node);

		if (IS_ERR(region)) {
			bad++;
			continue;
		}
		bad += !!memchr_inv(page_address(region->pages), 0, SZ_2M);
		memset(page_address(region->pages), 0x5a, SZ_2M);
		qae_region_put(region);
	}
	return bad;
}

static int take_and_free_then_wait(void *client)
{
	int bad = take_and_free(client);

	while (!kthread_should_stop())
		msleep(20);
	return bad;
}

static void threads_of_one_client_race_for_the_spare(struct kunit *test)
{
	struct qae_client *client = some_client(test);
	struct task_struct *thread[RACE_THREADS];
	unsigned int i;

	for (i = 0; i < RACE_THREADS; i++) {
		thread[i] = kthread_run(take_and_free_then_wait, client, "qae_spare/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(thread[i]));
	}
	KUNIT_EXPECT_EQ(test, take_and_free(client), 0);
	/* A thread that is stopped before its first run never runs, which is not a failure. */
	for (i = 0; i < RACE_THREADS; i++) {
		int bad = kthread_stop(thread[i]);

		KUNIT_EXPECT_TRUE(test, !bad || bad == -EINTR);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	end_client(client);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(fills_serves_and_takes_back),
	KUNIT_CASE(returns_zeroed_at_once),
	KUNIT_CASE(shrinks_as_regions_return),
	KUNIT_CASE(serves_its_size_only),
	KUNIT_CASE(filling_lets_other_work_in),
	KUNIT_CASE(nodes_keep_apart),
	KUNIT_CASE(two_flush_at_once),
	KUNIT_CASE(pending_until_the_pages_are_back),
	KUNIT_CASE(flush_ends_while_others_add),
	KUNIT_CASE(refuses_bad_targets),
	KUNIT_CASE(page_in_use_is_not_recycled),
	KUNIT_CASE(spare_goes_round_in_one_client),
	KUNIT_CASE(spare_is_one_and_nobody_elses),
	KUNIT_CASE(dropping_a_spare_is_reported),
	KUNIT_CASE(spare_is_cleared_when_it_goes),
	KUNIT_CASE(spare_of_another_node_goes),
	KUNIT_CASE(threads_of_one_client_race_for_the_spare),
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
