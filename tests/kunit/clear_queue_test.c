// SPDX-License-Identifier: GPL-2.0-only
/* Deferred clearing: who waits for whom. MEM-06, MEM-22. */
#include <kunit/test.h>

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>

#include "mem/pages.h"
#include "mem/region.h"
#include "mem_fixture.h"
#include "suites.h"

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
#define WAIT_MS	30000

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
	struct mem_fixture_thread thread[ADDERS];
	struct qae_region *last;
	unsigned int i, waited;
	struct page *page;

	for (i = 0; i < ADDERS; i++)
		mem_fixture_run(test, &thread[i], keep_adding, NULL);
	for (i = 0; i < 5; i++)
		qae_clear_queue_flush(first_memory_node);
	for (i = 0; i < ADDERS; i++)
		mem_fixture_stop(&thread[i]);

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

static struct kunit_case clear_queue_cases[] = {
	KUNIT_CASE(two_flush_at_once),
	KUNIT_CASE(pending_until_the_pages_are_back),
	KUNIT_CASE(flush_ends_while_others_add),
	{}
};

struct kunit_suite qae_clear_queue_suite = {
	.name = "qae_clear_queue",
	.suite_init = mem_fixture_suite_init,
	.suite_exit = mem_fixture_suite_exit,
	.init = mem_fixture_init,
	.exit = mem_fixture_exit,
	.test_cases = clear_queue_cases,
};
