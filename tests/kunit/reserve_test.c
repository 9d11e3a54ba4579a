// SPDX-License-Identifier: GPL-2.0-only
/* The reserve of zeroed 2 MiB regions on each node. MEM-03, MEM-05, MEM-06, MEM-22. */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>

#include "mem/pages.h"
#include "mem/region.h"
#include "mem/reserve.h"
#include "mem/worker.h"
#include "mem_fixture.h"
#include "suites.h"

static void fills_serves_and_takes_back(struct kunit *test)
{
	int node = first_memory_node;
	struct qae_region *region[4];
	struct qae_reserve_stats before, stats;
	unsigned int round, i;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 3), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 3, 0));
	qae_reserve_get(node, &before);
	KUNIT_EXPECT_EQ(test, before.target, 3U);

	for (round = 1; round <= 3; round++) {
		for (i = 0; i < 3; i++)
			region[i] = mem_fixture_block(test, NULL, node, &qae_reserve_source);
		region[3] = mem_fixture_block(test, NULL, node, &qae_buddy_source);
		/* What is handed out is not replaced. */
		KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 0, 3));
		for (i = 0; i < 4; i++)
			qae_region_put(region[i]);
		KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 3, 0));
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
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
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
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
}

static void shrinks_as_regions_return(struct kunit *test)
{
	int node = first_memory_node;
	struct qae_region *region[2];

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 3), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 3, 0));
	region[0] = mem_fixture_block(test, NULL, node, &qae_reserve_source);
	region[1] = mem_fixture_block(test, NULL, node, &qae_reserve_source);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 0, 2));
	qae_region_put(region[0]);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 0, 1));
	qae_region_put(region[1]);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));

	region[0] = mem_fixture_block(test, NULL, node, &qae_reserve_source);
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 2), 0);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 1, 1));
	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 0), 0);
	qae_region_put(region[0]);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 0, 0));
}

static void serves_its_size_only(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_1M, SZ_4M, SZ_4M + 1 };
	int node = first_memory_node;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 2), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 2, 0));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct qae_region *region;

		if (sizes[i] > qae_region_max())
			continue;
		region = qae_region_alloc(NULL, sizes[i], 1, node);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		KUNIT_EXPECT_PTR_NE(test, region->source, &qae_reserve_source);
		qae_region_put(region);
	}
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 2, 0));
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
	kthread_queue_work(qae_worker_of(turn->node), &turn->look);
}

static void filling_lets_other_work_in(struct kunit *test)
{
	struct turn turn = { .node = first_memory_node, .err = -EIO, .free = U32_MAX };

	kthread_init_work(&turn.begin, begin);
	kthread_init_work(&turn.look, look);
	kthread_queue_work(qae_worker_of(turn.node), &turn.begin);
	kthread_flush_work(&turn.begin);
	kthread_flush_work(&turn.look);
	KUNIT_EXPECT_EQ(test, turn.err, 0);
	KUNIT_EXPECT_LE(test, turn.free, 1U);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(turn.node, 3, 0));
}

static void nodes_keep_apart(struct kunit *test)
{
	int node, other;

	for_each_node_state(node, N_MEMORY)
		KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 1), 0);
	for_each_node_state(node, N_MEMORY)
		KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
	for_each_node_state(node, N_MEMORY) {
		struct qae_region *first = mem_fixture_block(test, NULL, node, &qae_reserve_source);
		struct qae_region *second = mem_fixture_block(test, NULL, node, &qae_buddy_source);

		for_each_node_state(other, N_MEMORY)
			KUNIT_EXPECT_TRUE(test,
					  mem_fixture_reserve_settles(other, other != node,
								      other == node));
		qae_region_put(first);
		qae_region_put(second);
		KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
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
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
	region = mem_fixture_block(test, NULL, node, &qae_reserve_source);
	kept = region->pages;
	get_page(kept);
	qae_region_put(region);
	KUNIT_EXPECT_EQ(test, page_count(kept), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(kept), 0, SZ_2M));

	/* The reserve allocates a replacement. */
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(node, 1, 0));
	region = mem_fixture_block(test, NULL, node, &qae_reserve_source);
	KUNIT_EXPECT_PTR_NE(test, region->pages, kept);
	qae_region_put(region);
	put_page(kept);
}

#define HELD_NS		(10 * NSEC_PER_SEC)
#define ROUNDS		200

/* A processor that is kept busy, so that whatever runs there stands still. */
struct held_cpu {
	call_single_data_t call;
	bool held;
	bool release;
};

/* With interrupts off. The end is bounded, in case that the test fails. */
static void hold_cpu(void *data)
{
	struct held_cpu *cpu = data;
	u64 end = ktime_get_mono_fast_ns() + HELD_NS;

	WRITE_ONCE(cpu->held, true);
	while (!READ_ONCE(cpu->release) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
	WRITE_ONCE(cpu->held, false);
}

struct waiter {
	struct task_struct *task;
	struct completion begun;
	struct completion go;
	struct completion done;
};

static int wait_for_reserve(void *data)
{
	struct waiter *waiter = data;

	allow_signal(SIGKILL);
	complete(&waiter->begun);
	wait_for_completion(&waiter->go);
	qae_reserve_flush(first_memory_node);
	complete(&waiter->done);
	while (!kthread_should_stop()) {
		flush_signals(current);
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static void start_waiter(struct kunit *test, struct waiter *waiter, int cpu)
{
	init_completion(&waiter->begun);
	init_completion(&waiter->go);
	init_completion(&waiter->done);
	waiter->task = kthread_create(wait_for_reserve, waiter, "qae_wait");
	KUNIT_ASSERT_FALSE(test, IS_ERR(waiter->task));
	kthread_bind(waiter->task, cpu);
	wake_up_process(waiter->task);
	wait_for_completion(&waiter->begun);
}

/*
 * Stops the worker on its processor, perhaps while it is clearing the region. Returns
 * whether it was: then a task waited for it, and did not any more once it was killed.
 */
static bool killed_while_it_clears(struct kunit *test, int here, int there, unsigned int delay)
{
	struct held_cpu cpu = {};
	struct waiter waiter;
	bool waits, ends = false;

	start_waiter(test, &waiter, here);
	INIT_CSD(&cpu.call, hold_cpu, &cpu);
	qae_region_put(mem_fixture_block(test, NULL, first_memory_node, &qae_reserve_source));
	udelay(delay);
	KUNIT_ASSERT_EQ(test, smp_call_function_single_async(there, &cpu.call), 0);
	while (!READ_ONCE(cpu.held))
		cpu_relax();

	complete(&waiter.go);
	waits = !wait_for_completion_timeout(&waiter.done, HZ / 10 + 1);
	if (waits) {
		send_sig(SIGKILL, waiter.task, 1);
		ends = wait_for_completion_timeout(&waiter.done, 5 * HZ);
		KUNIT_EXPECT_TRUE(test, ends);
		KUNIT_EXPECT_TRUE(test, READ_ONCE(cpu.held));
	}
	WRITE_ONCE(cpu.release, true);
	while (READ_ONCE(cpu.held))
		cpu_relax();
	kthread_stop(waiter.task);
	KUNIT_EXPECT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 1, 0));
	return waits;
}

static void a_killed_task_waits_no_longer(struct kunit *test)
{
	int here = cpumask_first(cpu_online_mask), there = cpumask_next(here, cpu_online_mask);
	struct task_struct *worker = qae_worker_of(first_memory_node)->task;
	unsigned int round;

	if (there >= nr_cpu_ids)
		kunit_skip(test, "one processor");
	KUNIT_ASSERT_EQ(test, qae_reserve_set(first_memory_node, 1), 0);
	KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(first_memory_node, 1, 0));
	set_cpus_allowed_ptr(current, cpumask_of(here));
	set_cpus_allowed_ptr(worker, cpumask_of(there));
	for (round = 0; round < ROUNDS; round++)
		if (killed_while_it_clears(test, here, there, 10 * (round % 100)))
			break;
	set_cpus_allowed_ptr(worker, cpumask_of_node(first_memory_node));
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_LT(test, round, (unsigned int)ROUNDS);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(fills_serves_and_takes_back),
	KUNIT_CASE(returns_zeroed_at_once),
	KUNIT_CASE(shrinks_as_regions_return),
	KUNIT_CASE(serves_its_size_only),
	KUNIT_CASE(filling_lets_other_work_in),
	KUNIT_CASE(nodes_keep_apart),
	KUNIT_CASE(refuses_bad_targets),
	KUNIT_CASE(page_in_use_is_not_recycled),
	KUNIT_CASE(a_killed_task_waits_no_longer),
	{}
};

struct kunit_suite qae_reserve_suite = {
	.name = "qae_reserve",
	.suite_init = mem_fixture_suite_init,
	.suite_exit = mem_fixture_suite_exit,
	.init = mem_fixture_init,
	.exit = mem_fixture_exit,
	.test_cases = reserve_cases,
};
