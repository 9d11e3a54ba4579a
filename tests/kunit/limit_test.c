// SPDX-License-Identifier: GPL-2.0-only
/* Limits: bounds, order, threads, peaks, user records. MEM-23. */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/nodemask.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>

#include "client.h"
#include "mem/charge.h"
#include "mem/region.h"
#include "qae_kapi.h"
#include "suites.h"

#define UID_A	4711
#define UID_B	4712

/**
 * struct limit_bench - two clients of one user and one of another
 * @client: the clients
 * @most: limits as the test found them
 * @base: pinned in all before the test
 * @contig_base: of these, contiguous ranges
 */
struct limit_bench {
	struct qae_client client[3];
	s64 most[__QAE_LIMIT_COUNT];
	s64 base;
	s64 contig_base;
};

static void set_limit(enum qae_limit limit, u64 most)
{
	atomic64_set(&qae_limits[limit].most, most);
}

static s64 refused(enum qae_limit limit)
{
	return atomic64_read(&qae_limits[limit].refused);
}

static int limit_test_init(struct kunit *test)
{
	struct limit_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < __QAE_LIMIT_COUNT; i++)
		b->most[i] = atomic64_read(&qae_limits[i].most);
	b->base = atomic64_read(&qae_account.bytes);
	b->contig_base = atomic64_read(&qae_account.contig_bytes);
	for (i = 0; i < ARRAY_SIZE(b->client); i++) {
		b->client[i].user = qae_user_get(KUIDT_INIT(i < 2 ? UID_A : UID_B));
		KUNIT_ASSERT_FALSE(test, IS_ERR(b->client[i].user));
	}
	for (i = 0; i < __QAE_LIMIT_COUNT; i++)
		set_limit(i, QAE_UNLIMITED);
	test->priv = b;
	return 0;
}

static void limit_test_exit(struct kunit *test)
{
	struct limit_bench *b = test->priv;
	unsigned int i;

	if (!b)
		return;
	for (i = 0; i < ARRAY_SIZE(b->client); i++) {
		KUNIT_EXPECT_EQ(test, atomic64_read(&b->client[i].bytes), 0LL);
		qae_user_put(b->client[i].user);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), b->base);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.contig_bytes), b->contig_base);
	for (i = 0; i < __QAE_LIMIT_COUNT; i++)
		atomic64_set(&qae_limits[i].most, b->most[i]);
}

/* Returns the limit that refused the charge, or QAE_LIMIT_NONE, and checks its numbers. */
static enum qae_limit charge(struct kunit *test, struct qae_client *client, u64 bytes)
{
	struct qae_refusal refusal = { __QAE_LIMIT_COUNT, U64_MAX, U64_MAX };
	int err = qae_charge(client, bytes, &refusal);

	if (refusal.limit == QAE_LIMIT_NONE) {
		KUNIT_EXPECT_EQ(test, err, 0);
		KUNIT_EXPECT_EQ(test, refusal.most, 0ULL);
		KUNIT_EXPECT_EQ(test, refusal.bytes, 0ULL);
		return QAE_LIMIT_NONE;
	}
	KUNIT_EXPECT_EQ(test, err, -EDQUOT);
	KUNIT_EXPECT_EQ(test, refusal.most,
			min_t(u64, atomic64_read(&qae_limits[refusal.limit].most), S64_MAX));
	KUNIT_EXPECT_TRUE(test, bytes > refusal.most || refusal.bytes > refusal.most - bytes);
	return refusal.limit;
}

/* Takes back what charge() charged, without counting a reason. */
static void cancel(struct qae_client *client, u64 bytes)
{
	struct qae_refusal refusal = { QAE_LIMIT_NONE };

	qae_charge_cancel(client, QAE_NODE_ANY, bytes, -EINTR, &refusal);
}

static void exact_bounds(struct kunit *test)
{
	struct limit_bench *b = test->priv;
	struct qae_client *c = &b->client[0];
	s64 before = refused(QAE_LIMIT_CLIENT);

	set_limit(QAE_LIMIT_CLIENT, SZ_64K);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_64K + SZ_4K), QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes), 0LL);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_64K - SZ_4K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_8K), QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_4K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, c, 1), QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, refused(QAE_LIMIT_CLIENT), before + 3);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->refused), 3LL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->user->refused), 3LL);

	/* Lowering a limit below the usage frees nothing; raising it makes room again. */
	set_limit(QAE_LIMIT_CLIENT, SZ_4K);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_4K), QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes), (s64)SZ_64K);
	set_limit(QAE_LIMIT_CLIENT, SZ_64K + 1);
	KUNIT_EXPECT_EQ(test, charge(test, c, 1), QAE_LIMIT_NONE);
	cancel(c, SZ_64K + 1);

	set_limit(QAE_LIMIT_CLIENT, 0);
	KUNIT_EXPECT_EQ(test, charge(test, c, 1), QAE_LIMIT_CLIENT);
}

static void sums_that_would_overflow(struct kunit *test)
{
	static const u64 huge[] = { S64_MAX, (u64)S64_MAX + 1, U64_MAX - SZ_4K, U64_MAX };
	struct limit_bench *b = test->priv;
	struct qae_client *c = &b->client[0];
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(huge); i++) {
		set_limit(QAE_LIMIT_CLIENT, huge[i]);
		KUNIT_ASSERT_EQ(test, charge(test, c, SZ_8K), QAE_LIMIT_NONE);
		for (k = 0; k < ARRAY_SIZE(huge); k++)
			KUNIT_EXPECT_EQ(test, charge(test, c, huge[k]), QAE_LIMIT_CLIENT);
		KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes), (s64)SZ_8K);
		cancel(c, SZ_8K);
	}
	KUNIT_EXPECT_EQ(test, charge(test, NULL, U64_MAX), QAE_LIMIT_CONTIG);
}

/* The narrowest limit that refuses is reported; earlier charges are undone. */
static void order_of_limits(struct kunit *test)
{
	static const enum qae_limit order[] = { QAE_LIMIT_CLIENT, QAE_LIMIT_USER,
						QAE_LIMIT_CONTIG, QAE_LIMIT_ALL };
	struct limit_bench *b = test->priv;
	struct qae_client *c = &b->client[0];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		set_limit(order[i], SZ_4M);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		KUNIT_EXPECT_EQ(test, charge(test, c, SZ_8M), order[i]);
		KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes), 0LL);
		KUNIT_EXPECT_EQ(test, atomic64_read(&c->user->bytes), 0LL);
		KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.contig_bytes), b->contig_base);
		KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), b->base);
		set_limit(order[i], QAE_UNLIMITED);
	}
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_8M), QAE_LIMIT_NONE);
	cancel(c, SZ_8M);
}

static void user_is_the_sum_of_its_clients(struct kunit *test)
{
	struct limit_bench *b = test->priv;

	set_limit(QAE_LIMIT_USER, SZ_16K);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[0], SZ_8K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[1], SZ_8K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[0], SZ_4K), QAE_LIMIT_USER);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[2], SZ_16K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, NULL, SZ_32K), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, atomic64_read(&b->client[2].refused), 0LL);
	cancel(&b->client[1], SZ_8K);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[0], SZ_8K), QAE_LIMIT_NONE);
	cancel(&b->client[0], SZ_16K);
	cancel(&b->client[2], SZ_16K);
	cancel(NULL, SZ_32K);
}

static void contiguous_ranges_have_their_own(struct kunit *test)
{
	struct limit_bench *b = test->priv;

	set_limit(QAE_LIMIT_CONTIG, b->contig_base + SZ_16M);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[0], SZ_8M), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, NULL, SZ_8M), QAE_LIMIT_NONE);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[2], SZ_4M + SZ_4K), QAE_LIMIT_CONTIG);
	KUNIT_EXPECT_EQ(test, charge(test, &b->client[2], QAE_CONTIG_ABOVE), QAE_LIMIT_NONE);
	cancel(NULL, SZ_8M);
	cancel(&b->client[0], SZ_8M);
	cancel(&b->client[2], QAE_CONTIG_ABOVE);
}

/* With regions, not only charges: a refused region does not exist and raises no peak. */
static void peaks_and_regions(struct kunit *test)
{
	struct limit_bench *b = test->priv;
	struct qae_client *c = &b->client[0];
	struct qae_region *first, *second;
	struct qae_refusal refusal = { QAE_LIMIT_NONE };

	set_limit(QAE_LIMIT_CLIENT, SZ_128K);
	first = qae_region_alloc_within(c, SZ_64K, 1, QAE_NODE_ANY, &refusal);
	KUNIT_ASSERT_FALSE(test, IS_ERR(first));
	KUNIT_EXPECT_EQ(test, refusal.limit, QAE_LIMIT_NONE);
	second = qae_region_alloc_within(c, SZ_128K, 1, QAE_NODE_ANY, &refusal);
	KUNIT_ASSERT_TRUE(test, IS_ERR(second));
	KUNIT_EXPECT_EQ(test, PTR_ERR(second), (long)-EDQUOT);
	KUNIT_EXPECT_EQ(test, refusal.limit, QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, refusal.most, (u64)SZ_128K);
	KUNIT_EXPECT_EQ(test, refusal.bytes, (u64)SZ_64K);
	KUNIT_EXPECT_EQ(test, atomic_read(&c->num_regions), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes_peak), (s64)SZ_64K);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->user->bytes_peak), (s64)SZ_64K);
	KUNIT_EXPECT_GE(test, atomic64_read(&qae_account.client_peak), (s64)SZ_64K);
	KUNIT_EXPECT_GE(test, atomic64_read(&qae_account.user_peak), (s64)SZ_64K);
	qae_region_put(first);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->bytes_peak), (s64)SZ_64K);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->user->regions), 0LL);
}

/* A caller that will ask for less learns the limit; administrators learn nothing. */
static void what_a_caller_can_do_without_is_not_counted(struct kunit *test)
{
	struct limit_bench *b = test->priv;
	struct qae_client *c = &b->client[0];
	struct qae_refusal refusal = { .uncounted = true };
	s64 before = refused(QAE_LIMIT_CLIENT);

	set_limit(QAE_LIMIT_CLIENT, SZ_64K);
	KUNIT_EXPECT_EQ(test, qae_charge(c, SZ_128K, &refusal), -EDQUOT);
	KUNIT_EXPECT_EQ(test, refusal.limit, QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, refused(QAE_LIMIT_CLIENT), before);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->refused), 0LL);
	KUNIT_EXPECT_EQ(test, qae_charge(c, SZ_64K, &refusal), 0);
	before = atomic64_read(&qae_account.failures);
	qae_charge_cancel(c, QAE_NODE_ANY, SZ_64K, -ENOMEM, &refusal);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.failures), before);
	KUNIT_EXPECT_TRUE(test, refusal.uncounted);
	KUNIT_EXPECT_EQ(test, charge(test, c, SZ_128K), QAE_LIMIT_CLIENT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&c->refused), 1LL);
}

static void kernel_users_obey_the_limit_of_all(struct kunit *test)
{
	struct limit_bench *b = test->priv;
	s64 before = refused(QAE_LIMIT_ALL);
	void *p, *q;

	set_limit(QAE_LIMIT_CLIENT, 0);
	set_limit(QAE_LIMIT_USER, 0);
	set_limit(QAE_LIMIT_ALL, b->base + SZ_64K);
	p = qaeMemAlloc(SZ_64K);
	KUNIT_ASSERT_NOT_NULL(test, p);
	q = qaeMemAlloc(1);
	KUNIT_EXPECT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, refused(QAE_LIMIT_ALL), before + 1);
	qaeMemFree(&p);
	q = qaeMemAlloc(1);
	KUNIT_EXPECT_NOT_NULL(test, q);
	qaeMemFree(&q);
}

#define THREADS		8
#define ROUNDS		20000

/**
 * struct thrash - threads that charge as fast as they can
 * @bench: clients
 * @number: of the next thread
 * @over: a thread saw more than a limit allows
 * @got: charges that went through
 * @running: threads that are not done
 * @done: none is
 */
struct thrash {
	struct limit_bench *bench;
	atomic_t number;
	atomic_t over;
	atomic_t got;
	atomic_t running;
	struct completion done;
};

#define CLIENT_MOST	(3 * SZ_8K)
#define USER_MOST	(4 * SZ_8K)
#define ALL_MOST	(5 * SZ_8K)

static void look(struct thrash *t)
{
	struct limit_bench *b = t->bench;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(b->client); i++) {
		struct qae_client *c = &b->client[i];

		if (atomic64_read(&c->bytes) > CLIENT_MOST ||
		    atomic64_read(&c->user->bytes) > USER_MOST)
			atomic_inc(&t->over);
	}
	if (atomic64_read(&qae_account.bytes) > b->base + ALL_MOST)
		atomic_inc(&t->over);
}

static int thrash_limits(void *data)
{
	struct thrash *t = data;
	unsigned int number = atomic_inc_return(&t->number);
	struct qae_client *c = &t->bench->client[number % ARRAY_SIZE(t->bench->client)];
	struct qae_refusal refusal;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		u64 bytes = (i + number) % 2 ? SZ_8K : SZ_4K;

		if (!qae_charge(c, bytes, &refusal)) {
			qae_charge_commit(c, first_memory_node, bytes);
			look(t);
			qae_uncharge(c, first_memory_node, bytes);
			atomic_inc(&t->got);
		}
		cond_resched();
	}
	if (atomic_dec_and_test(&t->running))
		complete(&t->done);
	return 0;
}

static void threads_never_exceed_a_limit(struct kunit *test)
{
	struct thrash t = { .bench = test->priv, .running = ATOMIC_INIT(THREADS) };
	struct task_struct *threads[THREADS];
	unsigned int i;

	set_limit(QAE_LIMIT_CLIENT, CLIENT_MOST);
	set_limit(QAE_LIMIT_USER, USER_MOST);
	set_limit(QAE_LIMIT_ALL, t.bench->base + ALL_MOST);
	init_completion(&t.done);
	for (i = 0; i < THREADS; i++) {
		threads[i] = kthread_create(thrash_limits, &t, "qae_thrash/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(threads[i]));
		get_task_struct(threads[i]);
	}
	for (i = 0; i < THREADS; i++)
		wake_up_process(threads[i]);
	/* kthread_stop() before the first run would keep a thread from running at all. */
	wait_for_completion(&t.done);
	for (i = 0; i < THREADS; i++) {
		KUNIT_EXPECT_EQ(test, kthread_stop(threads[i]), 0);
		put_task_struct(threads[i]);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t.over), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&t.got), 0);
	for (i = 0; i < ARRAY_SIZE(t.bench->client); i++) {
		KUNIT_EXPECT_LE(test, atomic64_read(&t.bench->client[i].bytes_peak),
				(s64)CLIENT_MOST);
		KUNIT_EXPECT_LE(test, atomic64_read(&t.bench->client[i].user->bytes_peak),
				(s64)USER_MOST);
	}
}

static struct qae_user *listed_user(uid_t uid)
{
	struct rb_node *node;

	for (node = rb_first(&qae_users.by_uid); node; node = rb_next(node)) {
		struct qae_user *user = rb_entry(node, struct qae_user, node);

		if (__kuid_val(user->uid) == uid)
			return user;
	}
	return NULL;
}

static void user_records_live_with_their_clients(struct kunit *test)
{
	static const uid_t uids[] = { 90000, 0x7fffffff, 0x80000000, 0xfffffffe, 90001 };
	struct limit_bench *b = test->priv;
	struct qae_user *first[ARRAY_SIZE(uids)];
	struct rb_node *node, *next;
	unsigned int i;

	KUNIT_EXPECT_PTR_EQ(test, b->client[0].user, b->client[1].user);
	KUNIT_EXPECT_PTR_NE(test, b->client[0].user, b->client[2].user);
	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		KUNIT_EXPECT_NULL(test, listed_user(uids[i]));
		first[i] = qae_user_get(KUIDT_INIT(uids[i]));
		KUNIT_ASSERT_FALSE(test, IS_ERR(first[i]));
		KUNIT_EXPECT_PTR_EQ(test, qae_user_get(KUIDT_INIT(uids[i])), first[i]);
		KUNIT_EXPECT_EQ(test, first[i]->clients, 2U);
	}
	/* A listing continues after the last uid it reported, so uids must be in order. */
	for (node = rb_first(&qae_users.by_uid); (next = rb_next(node)); node = next)
		KUNIT_EXPECT_LT(test, __kuid_val(rb_entry(node, struct qae_user, node)->uid),
				__kuid_val(rb_entry(next, struct qae_user, node)->uid));
	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		qae_user_put(first[i]);
		KUNIT_EXPECT_PTR_EQ(test, listed_user(uids[i]), first[i]);
		qae_user_put(first[i]);
		KUNIT_EXPECT_NULL(test, listed_user(uids[i]));
	}
}

static void defaults_follow_the_machine(struct kunit *test)
{
	static const struct {
		u64 ram;
		u64 user;
		u64 contig;
		u64 all;
	} machines[] = {
		{ SZ_1G, SZ_128M, SZ_64M, SZ_512M },
		{ SZ_1G - SZ_4K, SZ_128M - SZ_1M, SZ_64M - SZ_1M, SZ_512M - SZ_1M },
		{ 4ULL * SZ_1G, SZ_512M, SZ_256M, SZ_2G },
		{ 64ULL * SZ_1G, 8ULL * SZ_1G, SZ_256M, 32ULL * SZ_1G },
		{ 4096ULL * SZ_1G, 512ULL * SZ_1G, SZ_256M, 2048ULL * SZ_1G },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		u64 ram = machines[i].ram;

		KUNIT_EXPECT_EQ(test, qae_limit_default(QAE_LIMIT_USER, ram), machines[i].user);
		KUNIT_EXPECT_EQ(test, qae_limit_default(QAE_LIMIT_CONTIG, ram), machines[i].contig);
		KUNIT_EXPECT_EQ(test, qae_limit_default(QAE_LIMIT_ALL, ram), machines[i].all);
		KUNIT_EXPECT_EQ(test, qae_limit_default(QAE_LIMIT_CLIENT, ram), QAE_UNLIMITED);
		KUNIT_EXPECT_EQ(test, qae_limit_default(QAE_LIMIT_DESCRIPTORS, ram),
				(u64)QAE_DESCRIPTORS_DEFAULT);
	}
}

/* A refused descriptor leaves no record of a user that has none. */
static void descriptors_of_a_user_are_bounded(struct kunit *test)
{
	s64 before = refused(QAE_LIMIT_DESCRIPTORS);
	struct qae_user *user[3];
	unsigned int i;

	set_limit(QAE_LIMIT_DESCRIPTORS, ARRAY_SIZE(user));
	for (i = 0; i < ARRAY_SIZE(user); i++) {
		user[i] = qae_user_get(KUIDT_INIT(90002));
		KUNIT_ASSERT_FALSE(test, IS_ERR(user[i]));
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR(qae_user_get(KUIDT_INIT(90002))), (long)-EDQUOT);
	KUNIT_EXPECT_EQ(test, user[0]->clients, 3U);
	qae_user_put(user[2]);
	KUNIT_EXPECT_PTR_EQ(test, qae_user_get(KUIDT_INIT(90002)), user[0]);

	set_limit(QAE_LIMIT_DESCRIPTORS, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(qae_user_get(KUIDT_INIT(90003))), (long)-EDQUOT);
	KUNIT_EXPECT_NULL(test, listed_user(90003));
	KUNIT_EXPECT_EQ(test, refused(QAE_LIMIT_DESCRIPTORS), before + 2);
	for (i = 0; i < ARRAY_SIZE(user); i++)
		qae_user_put(user[0]);
	KUNIT_EXPECT_NULL(test, listed_user(90002));
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(descriptors_of_a_user_are_bounded),
	KUNIT_CASE(defaults_follow_the_machine),
	KUNIT_CASE(exact_bounds),
	KUNIT_CASE(sums_that_would_overflow),
	KUNIT_CASE(order_of_limits),
	KUNIT_CASE(user_is_the_sum_of_its_clients),
	KUNIT_CASE(contiguous_ranges_have_their_own),
	KUNIT_CASE(peaks_and_regions),
	KUNIT_CASE(what_a_caller_can_do_without_is_not_counted),
	KUNIT_CASE(kernel_users_obey_the_limit_of_all),
	KUNIT_CASE(threads_never_exceed_a_limit),
	KUNIT_CASE(user_records_live_with_their_clients),
	{}
};

struct kunit_suite qae_limit_suite = {
	.name = "qae_limit",
	.init = limit_test_init,
	.exit = limit_test_exit,
	.test_cases = limit_cases,
};
