// SPDX-License-Identifier: GPL-2.0-only
/* Regions above 4 MiB: contiguous ranges. MEM-03, MEM-04, MEM-06, MEM-08, MEM-22. */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "mem/charge.h"
#include "mem/obstacle.h"
#include "mem/pages.h"
#include "mem/region.h"
#include "mem/source.h"
#include "mem/worker.h"
#include "mem_fixture.h"
#include "qae_kapi.h"
#include "suites.h"

#define MANY	64	/* ranges of 64 MiB: more than a test machine has */

static s64 limits[__QAE_LIMIT_COUNT];

/* Every case exceeds the default limits of a small machine. */
static int no_limit(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < __QAE_LIMIT_COUNT; i++)
		limits[i] = atomic64_xchg(&qae_limits[i].most, QAE_UNLIMITED);
	return 0;
}

static void limit_again(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < __QAE_LIMIT_COUNT; i++)
		atomic64_set(&qae_limits[i].most, limits[i]);
}

static void skip_without_ranges(struct kunit *test)
{
	if (qae_region_max() < QAE_MAX_REGION_SIZE)
		kunit_skip(test, "this kernel allocates no contiguous ranges");
}

static void bounds_without_ranges(struct kunit *test)
{
	if (qae_region_max() == QAE_MAX_REGION_SIZE)
		kunit_skip(test, "this kernel allocates contiguous ranges");
	KUNIT_EXPECT_EQ(test, qae_region_max(), (u64)SZ_4M);
	KUNIT_EXPECT_EQ(test, qae_region_check(SZ_4M + 1, 1, QAE_NODE_ANY), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, qae_region_check(QAE_MAX_REGION_SIZE + 1, 1, QAE_NODE_ANY), -EINVAL);
}

static void sizes_and_content(struct kunit *test)
{
	static const struct {
		u64 length;
		u64 alignment;
		size_t size;
	} sizes[] = {
		{ SZ_4M + 1, 1, SZ_4M + SZ_2M }, { SZ_8M, SZ_4M, SZ_8M },
		{ SZ_8M + SZ_1M, SZ_2M, SZ_8M + SZ_2M }, { SZ_64M, 64, SZ_64M },
	};
	unsigned int i, n;
	size_t at;

	skip_without_ranges(test);
	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		struct qae_region *region;

		n = i % ARRAY_SIZE(sizes);
		region = qae_region_alloc(NULL, sizes[n].length, sizes[n].alignment,
					  QAE_NODE_ANY);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_PTR_EQ(test, region->source, &qae_contig_source);
		KUNIT_EXPECT_EQ(test, qae_region_size(region), sizes[n].size);
		KUNIT_EXPECT_EQ(test, qae_region_address(region) &
				(max_t(u64, sizes[n].alignment, SZ_2M) - 1), 0ULL);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(region->pages), 0, region->size));
		for (at = 0; at < region->size; at += PAGE_SIZE)
			KUNIT_ASSERT_EQ(test, page_count(region->pages + at / PAGE_SIZE), 1);
		memset(page_address(region->pages), 0x5a, region->size);
		if (i % 2)
			qae_region_put_deferred(region);
		else
			qae_region_put(region);
	}
}

/* A page reference of the test keeps a page after the region is freed. */
static void cleared_when_freed(struct kunit *test)
{
	struct qae_region *region;
	struct page *kept;

	skip_without_ranges(test);
	region = qae_region_alloc(NULL, SZ_8M, 1, QAE_NODE_ANY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	kept = region->pages + 700;
	get_page(kept);
	memset(page_address(region->pages), 0x5a, region->size);
	qae_region_put(region);
	KUNIT_EXPECT_EQ(test, page_count(kept), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(kept), 0, PAGE_SIZE));
	put_page(kept);
}

/* Not one page of a block is mistaken for a free one, although only the first has a count. */
static void blocks_in_use_are_obstacles(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_64K, SZ_2M, SZ_4M };
	unsigned long pfn, count;
	unsigned int i;

	skip_without_ranges(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct qae_region *region = qae_region_alloc(NULL, sizes[i], 1, QAE_NODE_ANY);
		struct zone *zone;

		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		zone = page_zone(region->pages);
		pfn = page_to_pfn(region->pages);
		for (; pfn < page_to_pfn(region->pages) + sizes[i] / PAGE_SIZE; pfn++)
			KUNIT_ASSERT_EQ(test, (int)qae_page_kind(zone, pfn, &count),
					(int)QAE_PAGE_OBSTACLE);
		/* No page lies there. */
		pfn = zone_end_pfn(zone) + MAX_ORDER_NR_PAGES;
		KUNIT_EXPECT_EQ(test, (int)qae_page_kind(zone, pfn, &count),
				(int)QAE_PAGE_OBSTACLE);
		qae_region_put(region);
	}
}

static void on_each_node(struct kunit *test)
{
	int node;

	skip_without_ranges(test);
	for_each_node_state(node, N_MEMORY) {
		struct qae_region *region = qae_region_alloc(NULL, SZ_16M, 1, node);
		size_t at;

		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_EQ(test, region->node, node);
		for (at = 0; at < SZ_16M / PAGE_SIZE; at++)
			KUNIT_ASSERT_EQ(test, page_to_nid(region->pages + at), node);
		qae_region_put(region);
	}
}

/* Without the check of watermarks, ranges would leave no memory for the rest of the system. */
static void runs_out_before_the_system_does(struct kunit *test)
{
	struct qae_region **regions = kunit_kcalloc(test, MANY, sizeof(*regions), GFP_KERNEL);
	s64 bytes = atomic64_read(&qae_account.bytes);
	s64 failures = atomic64_read(&qae_account.failures);
	struct page *page;
	int i, n;

	skip_without_ranges(test);
	KUNIT_ASSERT_NOT_NULL(test, regions);
	for (n = 0; n < MANY; n++) {
		regions[n] = qae_region_alloc(NULL, SZ_64M, 1, QAE_NODE_ANY);
		if (IS_ERR(regions[n]))
			break;
	}
	KUNIT_EXPECT_GT(test, n, 0);
	KUNIT_EXPECT_LT(test, n, MANY);
	if (n < MANY) {
		KUNIT_EXPECT_EQ(test, (int)PTR_ERR(regions[n]), -ENOMEM);
		KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.failures), failures + 1);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes + n * (s64)SZ_64M);
	page = alloc_page(GFP_NOWAIT);
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page)
		__free_page(page);
	for (i = 0; i < n; i++)
		qae_region_put(regions[i]);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes);
}

/* A fatal signal says nothing about memory, so no failure is counted. */
static void killed_while_searching(struct kunit *test)
{
	s64 failures = atomic64_read(&qae_account.failures);
	s64 bytes = atomic64_read(&qae_account.bytes);
	struct qae_region *region;

	skip_without_ranges(test);
	sigaddset(&current->pending.signal, SIGKILL);
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	region = qae_region_alloc(NULL, SZ_8M, 1, QAE_NODE_ANY);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);

	KUNIT_EXPECT_PTR_EQ(test, region, (struct qae_region *)ERR_PTR(-EINTR));
	if (!IS_ERR(region))
		qae_region_put(region);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.failures), failures);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes);
}

/*
 * An allocation fails only after it has flushed the clear queues of all nodes. The
 * worker of the remote node is kept busy, as a low-priority thread may be.
 */
struct busy {
	struct kthread_work work;
	struct completion begun;
	struct completion end;
};

static void be_busy(struct kthread_work *work)
{
	struct busy *busy = container_of(work, struct busy, work);

	complete(&busy->begun);
	wait_for_completion(&busy->end);
}

static void queues_are_empty_when_there_is_none(struct kunit *test)
{
	struct qae_region **regions = kunit_kcalloc(test, MANY, sizeof(*regions), GFP_KERNEL);
	int near = first_memory_node, far = next_node(near, node_states[N_MEMORY]);
	struct qae_region *dirty;
	struct busy busy;
	unsigned int i, n;

	skip_without_ranges(test);
	if (far >= MAX_NUMNODES)
		kunit_skip(test, "one node");
	KUNIT_ASSERT_NOT_NULL(test, regions);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of_node(near)), 0);
	dirty = qae_region_alloc(NULL, SZ_64M, 1, far);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dirty));
	kthread_init_work(&busy.work, be_busy);
	init_completion(&busy.begun);
	init_completion(&busy.end);
	kthread_queue_work(qae_worker_of(far), &busy.work);
	wait_for_completion(&busy.begun);

	qae_region_put_deferred(dirty);
	for (n = 0; n < MANY; n++) {
		regions[n] = qae_region_alloc(NULL, SZ_64M, 1, QAE_NODE_ANY);
		if (IS_ERR(regions[n]))
			break;
	}
	KUNIT_EXPECT_GT(test, n, 0U);
	KUNIT_EXPECT_LT(test, n, (unsigned int)MANY);
	KUNIT_EXPECT_FALSE(test, qae_clear_queue_flush(far));
	for (i = 0; i < n; i++)
		qae_region_put(regions[i]);
	complete(&busy.end);
	kthread_flush_work(&busy.work);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

#define SEARCHERS	4

/* Checks that each page contains @before, and writes @after. */
static bool mark(struct qae_region *region, unsigned long before, unsigned long after)
{
	unsigned long *page = page_address(region->pages);
	unsigned long *end = page + SZ_8M / sizeof(*page);

	for (; page < end; page += PAGE_SIZE / sizeof(*page)) {
		if (*page != before)
			return false;
		*page = after;
	}
	return true;
}

static int search_and_free(void *unused)
{
	struct qae_region *regions[4];
	unsigned int round, i;
	int bad = 0;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(regions); i++) {
			regions[i] = qae_region_alloc(NULL, SZ_8M, 1, QAE_NODE_ANY);
			bad += IS_ERR(regions[i]) ||
			       !mark(regions[i], 0, (unsigned long)regions[i]);
		}
		for (i = 0; i < ARRAY_SIZE(regions); i++) {
			if (IS_ERR(regions[i]))
				continue;
			bad += !mark(regions[i], (unsigned long)regions[i], 0);
			qae_region_put(regions[i]);
		}
	}
	return bad;
}

/* Each thread finds ranges, and no range is given to two threads. */
static void many_search_at_once(struct kunit *test)
{
	struct mem_fixture_thread thread[SEARCHERS];
	unsigned int i;

	skip_without_ranges(test);
	for (i = 0; i < SEARCHERS; i++)
		mem_fixture_run(test, &thread[i], search_and_free, NULL);
	for (i = 0; i < SEARCHERS; i++)
		KUNIT_EXPECT_EQ(test, mem_fixture_stop(&thread[i]), 0);
}

static void kernel_users_get_them_too(struct kunit *test)
{
	u8 *ptr, *gone;
	void *inside;
	size_t at;

	skip_without_ranges(test);
	ptr = qaeMemAllocNUMA(SZ_64M, QAE_NODE_ANY, SZ_4M);
	KUNIT_ASSERT_NOT_NULL(test, ptr);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(ptr) & (SZ_4M - 1), 0ULL);
	for (at = 0; at < SZ_64M; at += SZ_64K - 1)
		KUNIT_ASSERT_EQ(test, qaeVirtToPhysNUMA(ptr + at), (u64)virt_to_phys(ptr) + at);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(ptr + SZ_64M), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(ptr - 1), 0ULL);
	inside = ptr + SZ_2M;
	qaeMemFreeNUMA(&inside);
	KUNIT_EXPECT_NOT_NULL(test, inside);
	gone = ptr;
	qaeMemFree((void **)&ptr);
	KUNIT_EXPECT_NULL(test, ptr);
	for (at = 0; at < SZ_64M; at += SZ_2M)
		KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(gone + at), 0ULL);
}

static struct kunit_case contig_cases[] = {
	KUNIT_CASE(bounds_without_ranges),
	KUNIT_CASE(sizes_and_content),
	KUNIT_CASE(cleared_when_freed),
	KUNIT_CASE(blocks_in_use_are_obstacles),
	KUNIT_CASE(on_each_node),
	KUNIT_CASE(runs_out_before_the_system_does),
	KUNIT_CASE(killed_while_searching),
	KUNIT_CASE(queues_are_empty_when_there_is_none),
	KUNIT_CASE(many_search_at_once),
	KUNIT_CASE(kernel_users_get_them_too),
	{}
};

struct kunit_suite qae_contig_suite = {
	.name = "qae_contig",
	.init = no_limit,
	.exit = limit_again,
	.test_cases = contig_cases,
};
