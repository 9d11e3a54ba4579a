// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of what listings rely on: ids, order, and who sees whom. */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/user_namespace.h>

#include "client.h"
#include "fixture.h"
#include "holder.h"
#include "mem/charge.h"
#include "reader.h"
#include "session/registry.h"
#include "suites.h"

#define ALICE	KUIDT_INIT(1001)
#define BOB	KUIDT_INIT(1002)

static struct qae_client *add_client(struct kunit *test)
{
	struct qae_client *client = kunit_kzalloc(test, sizeof(*client), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, client);
	KUNIT_ASSERT_EQ(test, qae_clients_add(client), 0);
	return client;
}

/* Ids are used up, and the search begins with one that an old client still has. */
static void ids_of_living_clients_are_not_reused(struct kunit *test)
{
	struct qae_client *client[6];
	unsigned long id = 0;
	unsigned int i;

	qae_clients.next_id = 1;
	client[0] = add_client(test);
	client[1] = add_client(test);
	KUNIT_EXPECT_EQ(test, client[0]->id, 1U);
	KUNIT_EXPECT_EQ(test, client[1]->id, 2U);
	qae_clients.next_id = INT_MAX - 1;
	for (i = 2; i < ARRAY_SIZE(client); i++)
		client[i] = add_client(test);
	KUNIT_EXPECT_EQ(test, client[2]->id, (u32)INT_MAX - 1);
	KUNIT_EXPECT_EQ(test, client[3]->id, (u32)INT_MAX);
	KUNIT_EXPECT_EQ(test, client[4]->id, 3U);
	KUNIT_EXPECT_EQ(test, client[5]->id, 4U);

	/* A listing that was at id 2 goes on with the next one, whatever its age. */
	id = client[1]->id + 1;
	KUNIT_EXPECT_PTR_EQ(test, xa_find(&qae_clients.by_id, &id, U32_MAX, XA_PRESENT), client[4]);
	for (i = 0; i < ARRAY_SIZE(client); i++)
		qae_clients_remove(client[i]);
	KUNIT_EXPECT_TRUE(test, xa_empty(&qae_clients.by_id));
}

static void users_are_found_from_any_uid(struct kunit *test)
{
	static const uid_t uids[] = { 90000, 90001, 0x7fffffff, 0x80000000, 0xfffffffe };
	struct qae_user *user[ARRAY_SIZE(uids)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		user[i] = qae_user_get(KUIDT_INIT(uids[i]));
		KUNIT_ASSERT_FALSE(test, IS_ERR(user[i]));
	}
	spin_lock(&qae_users.lock);
	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		KUNIT_EXPECT_PTR_EQ(test, qae_user_from(KUIDT_INIT(uids[i])), user[i]);
		KUNIT_EXPECT_PTR_EQ(test, qae_user_from(KUIDT_INIT(uids[i] + 1)),
				    i + 1 < ARRAY_SIZE(uids) ? user[i + 1] : NULL);
	}
	KUNIT_EXPECT_PTR_EQ(test, qae_user_from(KUIDT_INIT(90002)), user[2]);
	spin_unlock(&qae_users.lock);
	for (i = 0; i < ARRAY_SIZE(uids); i++)
		qae_user_put(user[i]);
}

static void the_reader_and_the_opener_must_both_be_allowed(struct kunit *test)
{
	static const struct {
		kuid_t uid;
		bool admin;
		kuid_t opener;
		bool opener_admin;
		bool alice;
		bool bob;
	} readers[] = {
		{ GLOBAL_ROOT_UID, true, GLOBAL_ROOT_UID, true, true, true },
		{ GLOBAL_ROOT_UID, false, GLOBAL_ROOT_UID, false, false, false },
		{ ALICE, false, ALICE, false, true, false },
		{ BOB, false, BOB, false, false, true },
		{ ALICE, false, BOB, false, false, false },
		{ ALICE, true, BOB, false, false, true },
		{ ALICE, false, BOB, true, true, false },
		{ INVALID_UID, false, INVALID_UID, false, false, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		const struct qae_reader reader = {
			.pid_ns = &init_pid_ns,
			.user_ns = &init_user_ns,
			.uid = readers[i].uid,
			.admin = readers[i].admin,
			.opener = readers[i].opener,
			.opener_admin = readers[i].opener_admin,
		};

		KUNIT_EXPECT_EQ(test, qae_reader_sees_user(&reader, ALICE), readers[i].alice);
		KUNIT_EXPECT_EQ(test, qae_reader_sees_user(&reader, BOB), readers[i].bob);
	}
}

static int record_itself(void *data)
{
	qae_holder_init(data);
	return 0;
}

/* Its number goes with it, and may be another's by now; who it was stays known. */
static void an_exited_holder_has_no_pid(struct kunit *test)
{
	const struct qae_reader root = {
		.pid_ns = &init_pid_ns,
		.user_ns = &init_user_ns,
		.uid = GLOBAL_ROOT_UID,
		.opener = GLOBAL_ROOT_UID,
	};
	struct qae_holder here, gone = {};
	struct task_struct *task;
	unsigned int i;

	qae_holder_init(&here);
	KUNIT_EXPECT_EQ(test, qae_holder_pid(&here, &init_pid_ns), (u32)task_tgid_nr(current));
	KUNIT_EXPECT_STREQ(test, here.comm, current->group_leader->comm);
	qae_holder_destroy(&here);

	task = kthread_run(record_itself, &gone, "qae_holder");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (i = 0; i < 500 && (!READ_ONCE(gone.pid) || qae_holder_pid(&gone, &init_pid_ns)); i++)
		msleep(20);
	KUNIT_ASSERT_NOT_NULL(test, gone.pid);
	KUNIT_EXPECT_EQ(test, qae_holder_pid(&gone, &init_pid_ns), 0U);
	KUNIT_EXPECT_STREQ(test, gone.comm, "qae_holder");
	KUNIT_EXPECT_TRUE(test, qae_reader_sees(&root, &gone));
	qae_holder_destroy(&gone);
}

static u32 count_ids(struct xarray *ids)
{
	unsigned long id;
	void *object;
	u32 count = 0;

	xa_for_each(ids, id, object)
		count++;
	return count;
}

/* What is reserved and not yet published, or a spare, is in no listing. */
static void only_what_is_published_is_listed(struct kunit *test)
{
	fixture_set_up(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.endpoint_ids), 2U);
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.section_ids), fixture_count_sections());
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.section_ids), 9U);
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.instance_ids), 2U * (4 + 4 + 6));
	KUNIT_EXPECT_EQ(test, qae_endpoints_up(), 2U);
}

static void a_retired_instance_is_listed_until_it_is_released(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_ASSERT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
	KUNIT_ASSERT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2), 0);
	qae_endpoint_remove(f->ep[0]);
	f->ep[0] = NULL;
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.endpoint_ids), 0U);
	KUNIT_EXPECT_EQ(test, qae_endpoints_up(), 0U);
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.section_ids), 1U);
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.instance_ids), 3U);
	fixture_release(fixture_client(test, 0));
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.section_ids), 0U);
	KUNIT_EXPECT_EQ(test, count_ids(&qae_registry.instance_ids), 0U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ids_of_living_clients_are_not_reused),
	KUNIT_CASE(users_are_found_from_any_uid),
	KUNIT_CASE(the_reader_and_the_opener_must_both_be_allowed),
	KUNIT_CASE(an_exited_holder_has_no_pid),
	KUNIT_CASE(only_what_is_published_is_listed),
	KUNIT_CASE(a_retired_instance_is_listed_until_it_is_released),
	{}
};

struct kunit_suite qae_listing_suite = {
	.name = "qae_listing",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cases,
};
