// SPDX-License-Identifier: GPL-2.0-only
/* Hardware-poisoned pages reach no other client. MEM-22, MEM-24. */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/page-flags.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "client.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/reserve.h"
#include "mem_fixture.h"
#include "suites.h"

#define BAD	5	/* the page of a block that fails */

static struct qae_client *client;

static int poison_test_init(struct kunit *test)
{
	client = mem_fixture_client(test);
	return mem_fixture_init(test);
}

static void poison_test_exit(struct kunit *test)
{
	mem_fixture_end_client(test, client);
	mem_fixture_exit(test);
}

static struct qae_region *block(struct kunit *test, size_t size)
{
	struct qae_region *region = qae_region_alloc(client, size, 1, first_memory_node);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	memset(page_address(region->pages), 0x5a, size);
	return region;
}

static void is_cleared_around(struct kunit *test, struct page *pages)
{
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages), 0, BAD * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages + BAD), 0x5a, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages + BAD + 1), 0,
					   SZ_2M - (BAD + 1) * PAGE_SIZE));
}

/* The module keeps the only reference; the test ends the failure and gives the block back. */
static void is_kept(struct kunit *test, struct page *pages, unsigned int order)
{
	KUNIT_EXPECT_EQ(test, page_count(pages), 1);
	ClearPageHWPoison(pages + BAD);
	qae_block_free(pages, order);
}

static void skip_without_poison(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "this kernel marks no pages as poisoned");
}

static void freed_block_is_kept(struct kunit *test)
{
	struct qae_region *region;
	struct page *pages;

	skip_without_poison(test);
	region = block(test, SZ_4M);
	pages = region->pages;
	SetPageHWPoison(pages + BAD);
	qae_region_put(region);
	is_cleared_around(test, pages);
	is_kept(test, pages, get_order(SZ_4M));
}

static void deferred_block_is_kept(struct kunit *test)
{
	struct qae_region *region;
	struct page *pages;

	skip_without_poison(test);
	region = block(test, SZ_2M);
	pages = region->pages;
	SetPageHWPoison(pages + BAD);
	qae_region_put_deferred(region);
	qae_clear_queue_flush(first_memory_node);
	is_cleared_around(test, pages);
	is_kept(test, pages, QAE_BLOCK_ORDER);
}

static void spare_is_not_used_again(struct kunit *test)
{
	struct qae_region *region;
	struct page *pages;

	skip_without_poison(test);
	region = block(test, SZ_2M);
	pages = region->pages;
	qae_region_put(region);
	KUNIT_ASSERT_PTR_EQ(test, client->spare, region);
	SetPageHWPoison(pages + BAD);
	region = block(test, SZ_2M);
	KUNIT_EXPECT_PTR_NE(test, region->pages, pages);
	qae_region_put(region);
	qae_clear_queue_flush(first_memory_node);
	is_cleared_around(test, pages);
	is_kept(test, pages, QAE_BLOCK_ORDER);
}

/* Memory fails while a region is out, and while it waits in the reserve. */
static void reserve_gives_the_region_up(struct kunit *test)
{
	struct qae_region *region;
	struct page *pages;
	bool out;

	skip_without_poison(test);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 1), 0);
	for (out = false;; out = true) {
		KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 1, 0));
		region = block(test, SZ_2M);
		KUNIT_EXPECT_PTR_EQ(test, region->source, &qae_reserve_source);
		pages = region->pages;
		if (out)
			SetPageHWPoison(pages + BAD);
		qae_region_put(region);
		KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 1, 0));
		if (out)
			break;
		SetPageHWPoison(pages + BAD);
		region = block(test, SZ_2M);
		KUNIT_EXPECT_PTR_NE(test, region->pages, pages);
		qae_region_put(region);
		is_kept(test, pages, QAE_BLOCK_ORDER);
		qae_pages_drop_spare(client);
	}
	is_cleared_around(test, pages);
	is_kept(test, pages, QAE_BLOCK_ORDER);
}

static struct kunit_case poison_cases[] = {
	KUNIT_CASE(freed_block_is_kept),
	KUNIT_CASE(deferred_block_is_kept),
	KUNIT_CASE(spare_is_not_used_again),
	KUNIT_CASE(reserve_gives_the_region_up),
	{}
};

struct kunit_suite qae_poison_suite = {
	.name = "qae_poison",
	.suite_init = mem_fixture_suite_init,
	.suite_exit = mem_fixture_suite_exit,
	.init = poison_test_init,
	.exit = poison_test_exit,
	.test_cases = poison_cases,
};
