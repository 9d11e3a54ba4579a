// SPDX-License-Identifier: GPL-2.0-only
/* The fixture: see mem_fixture.h. */
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
#include "mem/reserve.h"
#include "mem_fixture.h"

#define WAIT_MS		60000
#define UID		4713	/* of all clients */

static u32 targets[MAX_NUMNODES];

/**
 * mem_fixture_reserve_settles() - wait for a state of a reserve
 * @node: the node
 * @free: expected free regions, all of them cleared
 * @out: expected regions that are handed out
 *
 * Return: false if the state did not come.
 */
bool mem_fixture_reserve_settles(int node, u32 free, u32 out)
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

/**
 * mem_fixture_suite_init() - remember the reserves
 * @suite: the suite
 *
 * Return: 0.
 */
int mem_fixture_suite_init(struct kunit_suite *suite)
{
	struct qae_reserve_stats stats;
	int node;

	for_each_node_state(node, N_MEMORY) {
		qae_reserve_get(node, &stats);
		targets[node] = stats.target;
	}
	return 0;
}

/**
 * mem_fixture_suite_exit() - restore the reserves
 * @suite: the suite
 */
void mem_fixture_suite_exit(struct kunit_suite *suite)
{
	int node;

	for_each_node_state(node, N_MEMORY)
		qae_reserve_set(node, targets[node]);
}

/**
 * mem_fixture_init() - begin a case without reserves and with nothing to clear
 * @test: the test
 *
 * So the source of pages is known.
 *
 * Return: 0.
 */
int mem_fixture_init(struct kunit *test)
{
	int node;

	for_each_node_state(node, N_MEMORY) {
		KUNIT_ASSERT_EQ(test, qae_reserve_set(node, 0), 0);
		KUNIT_ASSERT_TRUE(test, mem_fixture_reserve_settles(node, 0, 0));
		qae_clear_queue_flush(node);
	}
	return 0;
}

/**
 * mem_fixture_exit() - end a case
 * @test: the test; what it took of a reserve must be back
 */
void mem_fixture_exit(struct kunit *test)
{
	mem_fixture_init(test);
}

/**
 * mem_fixture_client() - a client with only its memory part initialised
 * @test: the test
 *
 * Return: the client; end it with mem_fixture_end_client().
 */
struct qae_client *mem_fixture_client(struct kunit *test)
{
	struct qae_client *client = kunit_kzalloc(test, sizeof(*client), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, client);
	client->user = qae_user_get(KUIDT_INIT(UID));
	KUNIT_ASSERT_FALSE(test, IS_ERR(client->user));
	return client;
}

/**
 * mem_fixture_end_client() - drop the spare of a client, which has no region any more
 * @test: the test
 * @client: the client
 */
void mem_fixture_end_client(struct kunit *test, struct qae_client *client)
{
	qae_pages_drop_spare(client);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->bytes), 0LL);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 0);
	qae_user_put(client->user);
}

/**
 * mem_fixture_block() - allocate 2 MiB, check that they are zero, and fill them with 0x5a
 * @test: the test
 * @client: client to charge, or NULL
 * @node: the node
 * @source: expected source
 *
 * Return: the region.
 */
struct qae_region *mem_fixture_block(struct kunit *test, struct qae_client *client, int node,
				     const struct qae_page_source *source)
{
	struct qae_region *region = qae_region_alloc(client, SZ_2M, 1, node);

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	KUNIT_EXPECT_PTR_EQ(test, region->source, source);
	KUNIT_EXPECT_EQ(test, page_to_nid(region->pages), node);
	KUNIT_EXPECT_EQ(test, qae_region_address(region) & (SZ_2M - 1), 0ULL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(region->pages), 0, SZ_2M));
	memset(page_address(region->pages), 0x5a, SZ_2M);
	return region;
}

static int run_body(void *data)
{
	struct mem_fixture_thread *thread = data;
	int result;

	complete(&thread->begun);
	result = thread->body(thread->data);
	/* A thread that has ended cannot be stopped. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return result;
}

/**
 * mem_fixture_run() - start a thread
 * @test: the test
 * @thread: filled in
 * @body: what it does
 * @data: argument of @body
 *
 * Returns when the thread runs: one that is stopped before never does.
 */
void mem_fixture_run(struct kunit *test, struct mem_fixture_thread *thread, int (*body)(void *data),
		     void *data)
{
	thread->body = body;
	thread->data = data;
	init_completion(&thread->begun);
	thread->task = kthread_run(run_body, thread, "qae_kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread->task));
	wait_for_completion(&thread->begun);
}

/**
 * mem_fixture_stop() - wait until a thread has ended
 * @thread: the thread; kthread_should_stop() becomes true in it
 *
 * Return: the result of its body.
 */
int mem_fixture_stop(struct mem_fixture_thread *thread)
{
	return kthread_stop(thread->task);
}
