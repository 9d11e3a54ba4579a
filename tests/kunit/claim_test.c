// SPDX-License-Identifier: GPL-2.0-only
/* Claims that wait: their order, the hand-over, and what ends them. USR-12. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "fixture.h"
#include "client.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/registry.h"
#include "session/section.h"
#include "suites.h"

/* Long enough that no wait of these tests ends by itself. */
#define LONG_MS		600000

/**
 * struct waiter - a thread that claims "APP"
 * @client: its client
 * @task: the thread
 * @capacity: as for qae_claim_begin()
 * @deadline: in and out, likewise
 * @err: outcome, valid after @done
 * @done: completed when the thread ends
 */
struct waiter {
	struct qae_client *client;
	struct task_struct *task;
	u32 capacity;
	u64 deadline;
	int err;
	struct completion done;
};

static int wait_and_claim(void *arg)
{
	struct waiter *w = arg;
	struct qae_claim claim;

	allow_signal(SIGUSR1);
	w->err = qae_claim_begin(&claim, w->client, "APP", w->capacity, &w->deadline);
	if (!w->err)
		qae_claim_commit(&claim);
	kthread_complete_and_exit(&w->done, 0);
}

/* Context: registry lock. */
static unsigned int length_of_queue(void)
{
	struct list_head *link;
	unsigned int n = 0;

	list_for_each(link, &qae_registry.claims)
		n++;
	return n;
}

static unsigned int count_waiting(void)
{
	unsigned int n;

	spin_lock(&qae_registry.lock);
	n = length_of_queue();
	spin_unlock(&qae_registry.lock);
	return n;
}

static void run_waiter(struct kunit *test, struct waiter *w, unsigned int i, u32 capacity,
		       u64 deadline)
{
	w->client = fixture_client(test, i);
	w->capacity = capacity;
	w->deadline = deadline;
	init_completion(&w->done);
	w->task = kthread_run(wait_and_claim, w, "qae_waiter%u", i);
	KUNIT_ASSERT_FALSE(test, IS_ERR(w->task));
}

static void await_waiting(unsigned int number)
{
	while (count_waiting() != number)
		msleep(20);
}

/* Start a thread that claims for client @i, and return when it is in the queue. */
static void start_waiter(struct kunit *test, struct waiter *w, unsigned int i, u64 deadline)
{
	unsigned int before = count_waiting();

	run_waiter(test, w, i, 4096, deadline);
	await_waiting(before + 1);
}

static int join_waiter(struct waiter *w)
{
	wait_for_completion(&w->done);
	return w->err;
}

static const struct qae_client *holder_of_first(void)
{
	const struct qae_client *holder;

	spin_lock(&qae_registry.lock);
	holder = list_first_entry(&qae_registry.sections, struct qae_section, link)->holder;
	spin_unlock(&qae_registry.lock);
	return holder;
}

static const struct section_spec one = { "APP", 1, true, 2, 0, LONG_MS };

/* The release itself hands the section over, in the order of arrival; nobody can overtake. */
static void usr_12_first_come_first_served(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct waiter w[3];
	unsigned int i;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	for (i = 0; i < 3; i++)
		start_waiter(test, &w[i], i + 1, 0);
	for (i = 0; i < 3; i++) {
		fixture_release(f->client[i]);
		/* Before the waiter ran, the section is its own already. */
		KUNIT_EXPECT_PTR_EQ(test, holder_of_first(), w[i].client);
		KUNIT_EXPECT_EQ(test, count_waiting(), 2 - i);
		KUNIT_EXPECT_EQ(test, join_waiter(&w[i]), 0);
		KUNIT_EXPECT_TRUE(test, w[i].client->started);
		KUNIT_EXPECT_EQ(test, w[i].client->num_static, 2);
	}
}

/* While a claim waits, the descriptor can neither claim nor release, and holds nothing. */
static void usr_12_one_claim_for_each_descriptor(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct waiter w;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	start_waiter(test, &w, 1, 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), -EALREADY);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "other"), -EALREADY);
	KUNIT_EXPECT_EQ(test, count_waiting(), 1);
	KUNIT_EXPECT_FALSE(test, w.client->started);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&w.client->session));
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, join_waiter(&w), 0);
}

/* A claim that is undone, as when its results cannot be copied, serves the next one. */
static void usr_12_abort_hands_over(struct kunit *test)
{
	struct qae_claim claim;
	u64 deadline = 0;
	struct waiter w;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, 0, qae_claim_begin(&claim, fixture_client(test, 0), "APP", 4096,
						 &deadline));
	KUNIT_EXPECT_EQ(test, deadline, 0);
	start_waiter(test, &w, 1, 0);
	qae_claim_abort(&claim);
	KUNIT_EXPECT_PTR_EQ(test, holder_of_first(), w.client);
	KUNIT_EXPECT_EQ(test, join_waiter(&w), 0);
	KUNIT_EXPECT_FALSE(test, fixture_client(test, 0)->claiming);
}

/* An interrupted claim that continues has its deadline and its place; another claim has neither. */
static void usr_12_interrupted_wait_continues(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct waiter first, second;
	u64 deadline;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	start_waiter(test, &first, 1, 0);
	start_waiter(test, &second, 2, 0);
	send_sig(SIGUSR1, first.task, 1);
	KUNIT_EXPECT_EQ(test, join_waiter(&first), -ERESTARTSYS);
	KUNIT_EXPECT_FALSE(test, first.client->claiming);
	deadline = first.deadline;
	KUNIT_EXPECT_NE(test, deadline, 0);

	start_waiter(test, &first, 1, deadline);
	KUNIT_EXPECT_EQ(test, first.deadline, deadline);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, join_waiter(&first), 0);
	fixture_release(f->client[1]);
	KUNIT_EXPECT_EQ(test, join_waiter(&second), 0);

	/* The deadline is forgotten: a new wait begins with the whole time, at the end. */
	start_waiter(test, &first, 0, 0);
	KUNIT_EXPECT_GT(test, first.deadline, deadline);
	start_waiter(test, &second, 1, deadline);
	KUNIT_EXPECT_EQ(test, second.deadline, deadline);
	fixture_release(f->client[2]);
	KUNIT_EXPECT_EQ(test, join_waiter(&first), 0);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, join_waiter(&second), 0);
}

/* A deadline can only shorten a wait. */
static void usr_12_deadline_of_the_caller(struct kunit *test)
{
	static const struct section_spec brief = { "APP", 1, true, 1, 0, 30 };
	struct qae_claim claim;
	u64 deadline = 1;

	fixture_set_up(test, 1, "c6xx", &brief, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, qae_claim_begin(&claim, fixture_client(test, 1), "APP",
							  4096, &deadline));
	KUNIT_EXPECT_EQ(test, deadline, 1);
	deadline = U64_MAX;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, qae_claim_begin(&claim, fixture_client(test, 1), "APP",
							  4096, &deadline));
	KUNIT_EXPECT_NE(test, deadline, U64_MAX);
	KUNIT_EXPECT_EQ(test, count_waiting(), 0);
}

/* A reload that adds sections serves the queue; one that removes the name ends the wait. */
static void usr_12_reload_serves_or_ends_waits(struct kunit *test)
{
	static const struct section_spec two = { "APP", 2, true, 2, 0, LONG_MS };
	static const struct section_spec other = { "WEB", 1, true, 2, 0, LONG_MS };
	struct fixture *f = test->priv;
	struct waiter first, second;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	start_waiter(test, &first, 1, 0);
	start_waiter(test, &second, 2, 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &two, 1), 0);
	KUNIT_EXPECT_EQ(test, join_waiter(&first), 0);
	KUNIT_EXPECT_EQ(test, count_waiting(), 1);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &other, 1), 0);
	KUNIT_EXPECT_EQ(test, join_waiter(&second), -ENOENT);
	KUNIT_EXPECT_FALSE(test, second.client->claiming);
}

/* When the last endpoint goes, the waits end; what was handed over stays with its holder. */
static void usr_12_removal_ends_waits(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct waiter first, second;
	struct qae_endpoint *ep;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	start_waiter(test, &first, 1, 0);
	start_waiter(test, &second, 2, 0);
	ep = f->ep[0];
	f->ep[0] = NULL;
	fixture_release(f->client[0]);
	qae_endpoint_remove(ep);
	KUNIT_EXPECT_EQ(test, join_waiter(&first), 0);
	KUNIT_EXPECT_EQ(test, first.client->num_static, 2);
	KUNIT_EXPECT_EQ(test, join_waiter(&second), -ENODEV);
}

#define MANY	(2 * QAE_SERVE_BATCH + 1)

/* Release what client 0 holds, but keep the worker from going on with the round. */
static void release_and_stop_the_round(struct kunit *test)
{
	struct qae_client *client = fixture_client(test, 0);
	struct qae_section *section = client->section;
	unsigned int left;
	bool goes_on;

	spin_lock(&qae_registry.lock);
	client->started = false;
	client->section = NULL;
	qae_section_give_back(section);
	left = length_of_queue();
	goes_on = qae_registry.unserved;
	qae_registry.unserved = NULL;
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, left, MANY - QAE_SERVE_BATCH);
	KUNIT_EXPECT_TRUE(test, goes_on);
}

/*
 * One release can answer claims without end: all that have no room for the section. The
 * last one has. Until it is served, the section is free, and nobody else gets it.
 */
static void usr_12_many_claims_are_served_in_batches(struct kunit *test)
{
	struct waiter *w = kunit_kcalloc(test, MANY, sizeof(*w), GFP_KERNEL);
	struct qae_claim late;
	u64 deadline = 1;
	unsigned int i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, w);
	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	for (i = 0; i < MANY - 1; i++)
		run_waiter(test, &w[i], i + 2, 1, 0);
	await_waiting(MANY - 1);
	start_waiter(test, &w[MANY - 1], MANY + 1, 0);

	release_and_stop_the_round(test);
	KUNIT_EXPECT_NULL(test, holder_of_first());
	err = qae_claim_begin(&late, fixture_client(test, 1), "APP", 4096, &deadline);
	KUNIT_EXPECT_EQ(test, err, -ETIMEDOUT);
	/* Otherwise the last one would wait forever. */
	if (!err)
		qae_claim_abort(&late);
	spin_lock(&qae_registry.lock);
	qae_claims_serve(NULL);
	spin_unlock(&qae_registry.lock);
	for (i = 0; i < MANY - 1; i++)
		KUNIT_EXPECT_EQ(test, join_waiter(&w[i]), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, join_waiter(&w[MANY - 1]), 0);
	KUNIT_EXPECT_PTR_EQ(test, holder_of_first(), w[MANY - 1].client);
}

static struct kunit_case claim_cases[] = {
	KUNIT_CASE(usr_12_first_come_first_served),
	KUNIT_CASE(usr_12_one_claim_for_each_descriptor),
	KUNIT_CASE(usr_12_abort_hands_over),
	KUNIT_CASE(usr_12_interrupted_wait_continues),
	KUNIT_CASE(usr_12_deadline_of_the_caller),
	KUNIT_CASE(usr_12_reload_serves_or_ends_waits),
	KUNIT_CASE(usr_12_removal_ends_waits),
	KUNIT_CASE(usr_12_many_claims_are_served_in_batches),
	{ }
};

struct kunit_suite qae_claim_suite = {
	.name = "qae_claim",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = claim_cases,
};
