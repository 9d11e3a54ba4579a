/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixture for the memory suites: clients without a file, reserves in a known state,
 * and threads that have surely run before they are stopped.
 */
#ifndef QAE_KUNIT_MEM_FIXTURE_H
#define QAE_KUNIT_MEM_FIXTURE_H

#include <kunit/test.h>

#include <linux/completion.h>

#include "mem/region.h"
#include "mem/source.h"

struct qae_client;
struct task_struct;

int mem_fixture_suite_init(struct kunit_suite *suite);
void mem_fixture_suite_exit(struct kunit_suite *suite);
int mem_fixture_init(struct kunit *test);
void mem_fixture_exit(struct kunit *test);
bool mem_fixture_reserve_settles(int node, u32 free, u32 out);

struct qae_client *mem_fixture_client(struct kunit *test);
void mem_fixture_end_client(struct kunit *test, struct qae_client *client);
struct qae_region *mem_fixture_block(struct kunit *test, struct qae_client *client, int node,
				     const struct qae_page_source *source);

/**
 * struct mem_fixture_thread - a thread that has begun to run
 * @body: what it does; returns the number of things that went wrong
 * @data: argument of @body
 * @begun: completed when it runs
 * @task: the thread, with a reference
 */
struct mem_fixture_thread {
	int (*body)(void *data);
	void *data;
	struct completion begun;
	struct task_struct *task;
};

void mem_fixture_run(struct kunit *test, struct mem_fixture_thread *thread, int (*body)(void *data),
		     void *data);
int mem_fixture_stop(struct mem_fixture_thread *thread);

#endif /* QAE_KUNIT_MEM_FIXTURE_H */
