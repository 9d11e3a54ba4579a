// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spares: the region of 2 MiB that a client keeps for its next request. MEM-03, MEM-06,
 * MEM-22.
 */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "client.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem_fixture.h"
#include "suites.h"

/* Frees a region filled with 0x5a, which becomes the client's spare. */
static struct page *leave_spare(struct kunit *test, struct qae_client *client, int node)
{
	struct qae_region *region = mem_fixture_block(test, client, node, &qae_buddy_source);
	struct page *pages = region->pages;

	qae_region_put(region);
	KUNIT_ASSERT_PTR_EQ(test, client->spare, region);
	return pages;
}

/* The contents stay until the same client reuses the spare: mem_fixture_block() expects zeroes. */
static void spare_goes_round_in_one_client(struct kunit *test)
{
	struct qae_client *client = mem_fixture_client(test);
	struct qae_client *other = mem_fixture_client(test);
	int node = first_memory_node;
	struct page *pages = leave_spare(test, client, node);
	struct qae_region *region;

	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0x5a, SZ_2M));

	/* Another client does not get it, and a deferred put leaves no spare. */
	region = mem_fixture_block(test, other, node, &qae_buddy_source);
	KUNIT_EXPECT_PTR_NE(test, region->pages, pages);
	qae_region_put_deferred(region);
	KUNIT_EXPECT_NULL(test, other->spare);
	region = mem_fixture_block(test, client, node, &qae_buddy_source);
	KUNIT_EXPECT_PTR_EQ(test, region->pages, pages);
	KUNIT_EXPECT_NULL(test, client->spare);
	qae_region_put(region);
	mem_fixture_end_client(test, client);
	mem_fixture_end_client(test, other);
}

/* Only one spare is kept, and never a region with a foreign page reference. */
static void spare_is_one_and_nobody_elses(struct kunit *test)
{
	struct qae_client *client = mem_fixture_client(test);
	int node = first_memory_node;
	struct qae_region *first, *second;
	struct page *pages;

	first = mem_fixture_block(test, client, node, &qae_buddy_source);
	pages = first->pages;
	get_page(pages);
	qae_region_put(first);
	KUNIT_EXPECT_NULL(test, client->spare);
	KUNIT_EXPECT_EQ(test, page_count(pages), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, SZ_2M));
	put_page(pages);

	first = mem_fixture_block(test, client, node, &qae_buddy_source);
	second = mem_fixture_block(test, client, node, &qae_buddy_source);
	qae_clear_queue_flush(node);
	qae_region_put(first);
	qae_region_put(second);
	KUNIT_EXPECT_PTR_EQ(test, client->spare, first);
	KUNIT_EXPECT_FALSE(test, qae_clear_queue_flush(node));
	mem_fixture_end_client(test, client);
	KUNIT_EXPECT_NULL(test, client->spare);
}

/* qae_pages_drop_spare() reports a spare no matter how fast the worker clears it. */
static void dropping_a_spare_is_reported(struct kunit *test)
{
	struct qae_client *client = mem_fixture_client(test);

	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(NULL));
	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(client));
	leave_spare(test, client, first_memory_node);
	KUNIT_EXPECT_TRUE(test, qae_pages_drop_spare(client));
	KUNIT_EXPECT_FALSE(test, qae_pages_drop_spare(client));
	mem_fixture_end_client(test, client);
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
	struct qae_client *client = mem_fixture_client(test);
	int node = first_memory_node;
	struct page *pages = leave_spare(test, client, node);

	get_page(pages);
	mem_fixture_end_client(test, client);
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
	client = mem_fixture_client(test);
	pages = leave_spare(test, client, node);
	get_page(pages);
	region = mem_fixture_block(test, client, other, &qae_buddy_source);
	KUNIT_EXPECT_NULL(test, client->spare);
	is_clean_and_gone(test, node, pages);
	qae_region_put(region);
	mem_fixture_end_client(test, client);
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

static void threads_of_one_client_race_for_the_spare(struct kunit *test)
{
	struct qae_client *client = mem_fixture_client(test);
	struct mem_fixture_thread thread[RACE_THREADS];
	unsigned int i;

	for (i = 0; i < RACE_THREADS; i++)
		mem_fixture_run(test, &thread[i], take_and_free, client);
	KUNIT_EXPECT_EQ(test, take_and_free(client), 0);
	for (i = 0; i < RACE_THREADS; i++)
		KUNIT_EXPECT_EQ(test, mem_fixture_stop(&thread[i]), 0);
	mem_fixture_end_client(test, client);
}

static struct kunit_case spare_cases[] = {
	KUNIT_CASE(spare_goes_round_in_one_client),
	KUNIT_CASE(spare_is_one_and_nobody_elses),
	KUNIT_CASE(dropping_a_spare_is_reported),
	KUNIT_CASE(spare_is_cleared_when_it_goes),
	KUNIT_CASE(spare_of_another_node_goes),
	KUNIT_CASE(threads_of_one_client_race_for_the_spare),
	{}
};

struct kunit_suite qae_spare_suite = {
	.name = "qae_spare",
	.suite_init = mem_fixture_suite_init,
	.suite_exit = mem_fixture_suite_exit,
	.init = mem_fixture_init,
	.exit = mem_fixture_exit,
	.test_cases = spare_cases,
};
