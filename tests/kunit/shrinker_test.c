// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that nobody uses is bounded and goes back to the kernel: the queue of
 * regions to clear, spares, the reserve. MEM-03, MEM-06, MEM-22.
 *
 * The worker of the node is held back in each case, so that only the caller can
 * have cleared what is clear.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "client.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/reserve.h"
#include "mem/shrinker.h"
#include "mem/worker.h"
#include "mem_fixture.h"
#include "suites.h"

#define BLOCK_PAGES	(SZ_2M >> PAGE_SHIFT)
#define BACKLOG_BLOCKS	(SZ_128M / SZ_2M)

/* A work that keeps the worker of the node until it is released. */
static struct {
	struct kthread_work work;
	struct completion begun;
	struct completion release;
	bool held;
} block;

static void block_work(struct kthread_work *work)
{
	complete(&block.begun);
	wait_for_completion(&block.release);
}

static void hold_worker(void)
{
	kthread_init_work(&block.work, block_work);
	reinit_completion(&block.begun);
	reinit_completion(&block.release);
	kthread_queue_work(qae_worker_of(first_memory_node), &block.work);
	wait_for_completion(&block.begun);
	block.held = true;
}

static void release_worker(void)
{
	complete(&block.release);
	kthread_flush_work(&block.work);
	block.held = false;
}

/* Watermarks as they were, while the node looks short of memory. */
static struct {
	unsigned long high[ZONE_NORMAL + 1];
	bool raised;
} watermarks;

static struct zone *zone_of_node(int i)
{
	return &NODE_DATA(first_memory_node)->node_zones[i];
}

/* The kernel wants more free memory than the node has. */
static void look_short(void)
{
	int i;

	for (i = 0; i <= ZONE_NORMAL; i++) {
		watermarks.high[i] = zone_of_node(i)->_watermark[WMARK_HIGH];
		WRITE_ONCE(zone_of_node(i)->_watermark[WMARK_HIGH],
			   zone_managed_pages(zone_of_node(i)) + 1);
	}
	watermarks.raised = true;
}

static void look_plentiful(void)
{
	int i;

	for (i = 0; i <= ZONE_NORMAL; i++)
		WRITE_ONCE(zone_of_node(i)->_watermark[WMARK_HIGH], watermarks.high[i]);
	watermarks.raised = false;
}

static int shrinker_init(struct kunit *test)
{
	init_completion(&block.begun);
	init_completion(&block.release);
	return mem_fixture_init(test);
}

static void shrinker_exit(struct kunit *test)
{
	/* What a case that failed may have left. */
	if (block.held)
		release_worker();
	if (watermarks.raised)
		look_plentiful();
	mem_fixture_exit(test);
}

static struct shrink_control pressure(unsigned long pages)
{
	return (struct shrink_control){
		.gfp_mask = GFP_KERNEL,
		.nid = first_memory_node,
		.nr_to_scan = pages,
		.nr_scanned = pages,
	};
}

static unsigned long count_idle(void)
{
	struct shrink_control sc = pressure(0);

	return qae_shrink_idle_count(NULL, &sc);
}

static unsigned long count_reserve(void)
{
	struct shrink_control sc = pressure(0);

	return qae_shrink_reserve_count(NULL, &sc);
}

static struct qae_region *dirty_region(struct kunit *test, struct qae_client *client)
{
	struct qae_region *region = qae_region_alloc(client, SZ_2M, 1, first_memory_node);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	memset(page_address(region->pages), 0x5a, SZ_2M);
	return region;
}

/* Queues a dirty region. The reference to its pages shows when they are freed. */
static struct page *queue_dirty(struct kunit *test)
{
	struct qae_region *region = dirty_region(test, NULL);
	struct page *pages = region->pages;

	get_page(pages);
	qae_region_put_deferred(region);
	return pages;
}

static bool is_clear_and_freed(struct page *pages)
{
	return page_count(pages) == 1 && !memchr_inv(page_address(pages), 0, SZ_2M);
}

static bool is_dirty_and_kept(struct page *pages)
{
	return page_count(pages) == 2 && !memchr_inv(page_address(pages), 0x5a, SZ_2M);
}

static void reclaim_clears_what_it_asks_for(struct kunit *test)
{
	struct shrink_control sc = pressure(1);
	unsigned int i, freed = 0;
	struct page *pages[3];

	hold_worker();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = queue_dirty(test);
	KUNIT_EXPECT_EQ(test, count_idle(), 3UL * BLOCK_PAGES);

	sc.gfp_mask = GFP_NOWAIT;
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, count_idle(), 3UL * BLOCK_PAGES);

	sc = pressure(1);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, sc.nr_scanned, (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, count_idle(), 2UL * BLOCK_PAGES);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		freed += is_clear_and_freed(pages[i]);
		KUNIT_EXPECT_NE(test, is_clear_and_freed(pages[i]), is_dirty_and_kept(pages[i]));
	}
	KUNIT_EXPECT_EQ(test, freed, 1U);

	sc = pressure(10 * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), 2UL * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, count_idle(), 0UL);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), SHRINK_STOP);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_TRUE(test, is_clear_and_freed(pages[i]));
		put_page(pages[i]);
	}
	release_worker();
}

static void backlog_is_bounded(struct kunit *test)
{
	static struct qae_region *region[BACKLOG_BLOCKS + 3];
	static struct page *pages[ARRAY_SIZE(region)];
	struct shrink_control sc = pressure(2 * BACKLOG_BLOCKS * BLOCK_PAGES);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		region[i] = dirty_region(test, NULL);
	hold_worker();
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = region[i]->pages;
		get_page(pages[i]);
		qae_region_put_deferred(region[i]);
		if (i < BACKLOG_BLOCKS)
			KUNIT_EXPECT_EQ(test, page_count(pages[i]), 2);
		else
			KUNIT_EXPECT_TRUE(test, is_clear_and_freed(pages[i]));
	}
	KUNIT_EXPECT_EQ(test, count_idle(), (unsigned long)BACKLOG_BLOCKS * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc),
			(unsigned long)BACKLOG_BLOCKS * BLOCK_PAGES);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		put_page(pages[i]);
	release_worker();
}

/* A client in the list of all clients, as if it had a file. */
static struct qae_client *listed_client(struct kunit *test)
{
	struct qae_client *client = mem_fixture_client(test);

	KUNIT_ASSERT_EQ(test, qae_clients_add(client), 0);
	return client;
}

static void unlist_client(struct kunit *test, struct qae_client *client)
{
	qae_clients_remove(client);
	/* Reclaim may have found it. */
	synchronize_rcu();
	mem_fixture_end_client(test, client);
}

static void spares_go_after_the_queue(struct kunit *test)
{
	struct qae_client *client = listed_client(test);
	struct qae_region *region = dirty_region(test, client);
	struct shrink_control sc = pressure(BLOCK_PAGES);
	struct page *spare = region->pages, *queued;

	qae_region_put(region);
	KUNIT_ASSERT_PTR_EQ(test, client->spare, region);
	get_page(spare);
	hold_worker();
	queued = queue_dirty(test);
	KUNIT_EXPECT_EQ(test, count_idle(), 2UL * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_TRUE(test, is_clear_and_freed(queued));
	KUNIT_EXPECT_TRUE(test, is_dirty_and_kept(spare));

	sc = pressure(BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_NULL(test, client->spare);
	KUNIT_EXPECT_TRUE(test, is_clear_and_freed(spare));
	KUNIT_EXPECT_EQ(test, count_idle(), 0UL);
	put_page(queued);
	put_page(spare);
	release_worker();
	unlist_client(test, client);
}

/* Not from the reserve, which has regions of 2 MiB only. */
static void queue_4m(struct kunit *test)
{
	struct qae_region *region = qae_region_alloc(NULL, SZ_4M, 1, first_memory_node);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	qae_region_put_deferred(region);
}

static void reserve_goes_after_the_queue_and_refills(struct kunit *test)
{
	struct shrink_control sc = pressure(2 * BLOCK_PAGES);

	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 3), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 3, 0));
	hold_worker();
	look_short();
	queue_4m(test);
	KUNIT_EXPECT_EQ(test, count_reserve(), 0UL);
	KUNIT_EXPECT_EQ(test, qae_shrink_idle_scan(NULL, &sc), 2UL * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, count_reserve(), 3UL * BLOCK_PAGES);

	sc.gfp_mask = GFP_NOWAIT;
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), SHRINK_STOP);
	sc.gfp_mask = GFP_KERNEL;
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), 2UL * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, sc.nr_scanned, 2UL * BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, count_reserve(), (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), (unsigned long)BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, count_reserve(), 0UL);
	look_plentiful();
	release_worker();
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 3, 0));
}

/* The kernel reclaims then, for the sake of a run of pages. */
static void reserve_stays_while_memory_is_only_in_pieces(struct kunit *test)
{
	struct shrink_control sc = pressure(2 * BLOCK_PAGES);

	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 2), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 2, 0));
	KUNIT_EXPECT_EQ(test, count_reserve(), 0UL);
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 2, 0));

	look_short();
	KUNIT_EXPECT_EQ(test, count_reserve(), 2UL * BLOCK_PAGES);
	look_plentiful();
}

static void returned_reserve_region_is_cleared_when_it_goes(struct kunit *test)
{
	struct shrink_control sc = pressure(BLOCK_PAGES);
	struct qae_region *region;
	struct page *pages;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 1), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 1, 0));
	hold_worker();
	region = dirty_region(test, NULL);
	KUNIT_EXPECT_PTR_EQ(test, region->source, &qae_reserve_source);
	pages = region->pages;
	qae_region_put(region);
	get_page(pages);
	look_short();
	KUNIT_EXPECT_EQ(test, qae_shrink_reserve_scan(NULL, &sc), (unsigned long)BLOCK_PAGES);
	look_plentiful();
	KUNIT_EXPECT_TRUE(test, is_clear_and_freed(pages));
	put_page(pages);
	release_worker();
}

static void oom_notifier_frees_in_order(struct kunit *test)
{
	struct qae_client *client = listed_client(test);
	struct qae_region *region = dirty_region(test, client);

	qae_region_put(region);
	KUNIT_ASSERT_PTR_EQ(test, client->spare, region);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 2), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 2, 0));
	hold_worker();
	look_short();
	queue_4m(test);
	KUNIT_EXPECT_EQ(test, qae_shrink_before_oom(), (size_t)SZ_4M);
	KUNIT_EXPECT_PTR_EQ(test, client->spare, region);
	KUNIT_EXPECT_EQ(test, qae_shrink_before_oom(), (size_t)SZ_2M);
	KUNIT_EXPECT_NULL(test, client->spare);
	KUNIT_EXPECT_EQ(test, count_reserve(), 2UL * BLOCK_PAGES);
	/* At least: other nodes may have a reserve too. */
	KUNIT_EXPECT_GE(test, qae_shrink_before_oom(), (size_t)SZ_4M);
	KUNIT_EXPECT_EQ(test, count_reserve(), 0UL);
	KUNIT_EXPECT_EQ(test, qae_shrink_before_oom(), (size_t)0);
	look_plentiful();
	release_worker();
	unlist_client(test, client);
}

static struct kunit_case shrinker_cases[] = {
	KUNIT_CASE(reclaim_clears_what_it_asks_for),
	KUNIT_CASE(backlog_is_bounded),
	KUNIT_CASE(spares_go_after_the_queue),
	KUNIT_CASE(reserve_goes_after_the_queue_and_refills),
	KUNIT_CASE(reserve_stays_while_memory_is_only_in_pieces),
	KUNIT_CASE(returned_reserve_region_is_cleared_when_it_goes),
	KUNIT_CASE(oom_notifier_frees_in_order),
	{}
};

struct kunit_suite qae_shrinker_suite = {
	.name = "qae_shrinker",
	.suite_init = mem_fixture_suite_init,
	.suite_exit = mem_fixture_suite_exit,
	.init = shrinker_init,
	.exit = shrinker_exit,
	.test_cases = shrinker_cases,
};
