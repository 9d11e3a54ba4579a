// SPDX-License-Identifier: GPL-2.0-only
/* Events are reported in order, and only watches that can be satisfied are woken. */
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/wait.h>

#include "fixture.h"
#include "client.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/event.h"
#include "session/registry.h"
#include "session/section.h"
#include "session/watch.h"
#include "suites.h"

#define MAX_RECORDS	16

static char records[MAX_RECORDS];
static unsigned int num_records;

static void record(char what)
{
	if (num_records < MAX_RECORDS - 1)
		records[num_records++] = what;
}

static void record_endpoint(const struct qae_endpoint *endpoint)
{
	record(endpoint->state == QAE_ENDPOINT_UP ? 'U' : 'D');
}

static void record_section(const struct qae_section *section)
{
	record(section->holder ? 'H' : 'F');
}

static void record_pool(enum qae_service service)
{
	record('P');
}

static const struct qae_event_subscriber recorder = {
	.endpoint = record_endpoint,
	.section = record_section,
	.pool = record_pool,
};

/* Each call is one event, in the order of the calls, and shows the object as it was then. */
static void events_tell_each_change_in_order(struct kunit *test)
{
	static const struct section_spec w[2] = {
		{ "APP", 1, true, 1 }, { .name = "DYN", .cy = 2 },
	};
	const struct qae_event_subscriber *before;
	struct fixture *f = test->priv;
	int err[3];

	fixture_set_up(test, 1, "c6xx", w, 2);
	fixture_client(test, 0);
	memset(records, 0, sizeof(records));
	num_records = 0;
	before = qae_events_subscribe(&recorder);
	err[0] = fixture_claim(test, 0, "APP");
	err[1] = fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2);
	fixture_release(f->client[0]);
	err[2] = fixture_claim(test, 0, "APP");
	fixture_reload(test, f->ep[0], w, 2);
	/* Before any expectation, which could leave the test. */
	qae_events_subscribe(before);
	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], 0);
	KUNIT_EXPECT_EQ(test, err[2], 0);
	KUNIT_EXPECT_STREQ(test, records, "HPPFHU");
}

/* A pool changes with the configuration of an endpoint too, and only if its size changes. */
static void events_tell_that_a_pool_grew_or_shrank(struct kunit *test)
{
	static const struct section_spec two = { .name = "DYN", .cy = 2 };
	static const struct section_spec three = { .name = "DYN", .cy = 2, .dc = 1 };
	const struct qae_event_subscriber *before;
	struct fixture *f = test->priv;
	const char *reason;
	int err;

	fixture_set_up(test, 1, "c6xx", &two, 1);
	memset(records, 0, sizeof(records));
	num_records = 0;
	before = qae_events_subscribe(&recorder);
	fixture_reload(test, f->ep[0], &two, 1);
	fixture_reload(test, f->ep[0], &three, 1);
	err = qae_endpoint_down(f->ep[0]->id, &reason);
	qae_events_subscribe(before);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_STREQ(test, records, "UUPDPP");
}

/* An event says how many are free and how many there are, so each change of these is one. */
static void events_tell_each_state_that_changes_a_pool(struct kunit *test)
{
	static const struct section_spec two = { .name = "DYN", .cy = 2 };
	const struct qae_event_subscriber *before;
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", &two, 1);
	memset(records, 0, sizeof(records));
	num_records = 0;
	before = qae_events_subscribe(&recorder);
	/* Free ones of all: at first 2 of 2, then 0 of 2, 0 of 0, 0 of 2, 2 of 2. */
	qae_endpoint_reset_begin(f->ep[0]);
	qae_endpoint_fail(f->ep[0]);
	qae_endpoint_reset_begin(f->ep[0]);
	qae_endpoint_reset_end(f->ep[0]);
	qae_events_subscribe(before);
	KUNIT_EXPECT_STREQ(test, records, "DPDPDPUP");
}

/* The pool is as large as before, but a free instance takes the place of the held one. */
static void events_tell_that_a_held_instance_was_replaced(struct kunit *test)
{
	static const struct section_spec one = { .name = "DYN", .cy = 1 };
	const struct qae_event_subscriber *before;
	struct fixture *f = test->priv;
	struct qae_config *config;
	const char *reason = "";
	int err;

	fixture_set_up(test, 1, "c6xx", &one, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	KUNIT_ASSERT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 1), 0);
	config = fixture_make_config(test, &one, 1);
	strscpy(config->sections[0].instances[0].name, "Other", QAE_NAME_SIZE);
	memset(records, 0, sizeof(records));
	num_records = 0;
	before = qae_events_subscribe(&recorder);
	err = qae_endpoint_reload(f->ep[0]->id, NULL, &config, &reason);
	qae_events_subscribe(before);
	qae_config_free(config);
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", reason);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, 0), 1U);
	KUNIT_EXPECT_STREQ(test, records, "UP");
}

/**
 * struct poller - a poller that counts how often it was woken
 * @entry: in the wait queue of a watch
 * @woken: times
 * @under_lock: times that the waking task held the registry lock
 */
struct poller {
	struct wait_queue_entry entry;
	atomic_t woken;
	atomic_t under_lock;
};

static int count_wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct poller *poller = container_of(entry, struct poller, entry);

	if (IS_ENABLED(CONFIG_LOCKDEP) && lockdep_is_held(&qae_registry.lock))
		atomic_inc(&poller->under_lock);
	atomic_inc(&poller->woken);
	return 0;
}

static void start_poller(struct poller *poller, struct qae_watch *watch)
{
	init_waitqueue_func_entry(&poller->entry, count_wake);
	atomic_set(&poller->woken, 0);
	atomic_set(&poller->under_lock, 0);
	add_wait_queue(&watch->wait, &poller->entry);
}

/* The worker judges the watches in the order of their setting, so those before it are judged. */
static void await_wake(struct poller *poller)
{
	while (!atomic_read(&poller->woken))
		msleep(20);
}

enum { TOO_MANY, OTHER_SERVICE, OTHER_ENDPOINT, ENDED, SATISFIED, POLLERS };

static void set_watches(struct kunit *test, struct poller pollers[POLLERS])
{
	struct qae_watch *watch[POLLERS];
	unsigned int i;

	for (i = 0; i < POLLERS; i++)
		watch[i] = &fixture_client(test, i + 1)->watch;
	qae_watch_set(watch[TOO_MANY], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2);
	qae_watch_set(watch[OTHER_SERVICE], QAE_SERVICE_DC, QAE_ENDPOINT_ANY, 1);
	qae_watch_set(watch[OTHER_ENDPOINT], QAE_SERVICE_CY, 1, 1);
	qae_watch_set(watch[ENDED], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1);
	qae_watch_set(watch[ENDED], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 0);
	qae_watch_set(watch[SATISFIED], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1);
	for (i = 0; i < POLLERS; i++)
		start_poller(&pollers[i], watch[i]);
}

/* DYN-17: an instance that becomes free wakes the pollers that it is enough for. */
static void dyn_17_only_pollers_whose_condition_can_hold_are_woken(struct kunit *test)
{
	static const struct section_spec w = { .name = "DYN", .cy = 2, .dc = 2 };
	struct poller pollers[POLLERS];
	unsigned int i;

	fixture_set_up(test, 2, "c6xx", &w, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	KUNIT_ASSERT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 2), 0);
	KUNIT_ASSERT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 1, 2), 0);
	set_watches(test, pollers);
	/* The first id is one of endpoint 0. */
	KUNIT_EXPECT_EQ(test, fixture_dyn_free(test, 0, 1), 0);
	await_wake(&pollers[SATISFIED]);
	for (i = 0; i < SATISFIED; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&pollers[i].woken), 0, "poller %u", i);
	for (i = 0; i < POLLERS; i++)
		remove_wait_queue(&fixture_client(test, i + 1)->watch.wait, &pollers[i].entry);
}

/* A watch that becomes impossible ends the poll; a new watch wakes its own pollers only. */
static void dyn_17_a_configuration_or_a_new_watch_wakes(struct kunit *test)
{
	static const struct section_spec four = { .name = "DYN", .cy = 4 };
	static const struct section_spec two = { .name = "DYN", .cy = 2 };
	struct fixture *f = test->priv;
	struct poller bystander, impossible;
	struct qae_watch *watch[2];

	fixture_set_up(test, 1, "c6xx", &four, 1);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	KUNIT_ASSERT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 4), 0);
	watch[0] = &fixture_client(test, 1)->watch;
	watch[1] = &fixture_client(test, 2)->watch;
	qae_watch_set(watch[0], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1);
	start_poller(&bystander, watch[0]);
	start_poller(&impossible, watch[1]);
	qae_watch_set(watch[1], QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&impossible.woken), 1);
	atomic_set(&impossible.woken, 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &two, 1), 0);
	await_wake(&impossible);
	KUNIT_EXPECT_EQ(test, atomic_read(&bystander.woken), 0);
	remove_wait_queue(&watch[0]->wait, &bystander.entry);
	remove_wait_queue(&watch[1]->wait, &impossible.entry);
}

/* Their number is up to the process, and all others wait for the registry lock. */
static void pollers_of_a_released_descriptor_are_woken_without_the_lock(struct kunit *test)
{
	static const struct section_spec w = { .name = "DYN", .cy = 2 };
	struct qae_client *client;
	struct poller poller;

	if (!IS_ENABLED(CONFIG_LOCKDEP) || !debug_locks)
		kunit_skip(test, "only lockdep knows which task holds the lock");
	fixture_set_up(test, 1, "c6xx", &w, 1);
	client = fixture_client(test, 0);
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	qae_watch_set(&client->watch, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 3);
	start_poller(&poller, &client->watch);
	fixture_release(client);
	remove_wait_queue(&client->watch.wait, &poller.entry);
	KUNIT_EXPECT_EQ(test, client->watch.count, 0U);
	KUNIT_EXPECT_GE(test, atomic_read(&poller.woken), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&poller.under_lock), 0);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(events_tell_each_change_in_order),
	KUNIT_CASE(events_tell_that_a_pool_grew_or_shrank),
	KUNIT_CASE(events_tell_each_state_that_changes_a_pool),
	KUNIT_CASE(events_tell_that_a_held_instance_was_replaced),
	KUNIT_CASE(dyn_17_only_pollers_whose_condition_can_hold_are_woken),
	KUNIT_CASE(dyn_17_a_configuration_or_a_new_watch_wakes),
	KUNIT_CASE(pollers_of_a_released_descriptor_are_woken_without_the_lock),
	{ }
};

struct kunit_suite qae_event_suite = {
	.name = "qae_event",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = event_cases,
};
