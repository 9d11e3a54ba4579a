// SPDX-License-Identifier: GPL-2.0-only
/* Endpoints: what the bookkeeping asks of the bus, and when. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sizes.h>

#include "client.h"
#include "fixture.h"
#include "mem/charge.h"
#include "mem/region.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "suites.h"

static void give_region(struct kunit *test, struct qae_client *client)
{
	struct qae_region *region = qae_region_alloc(client, SZ_2M, 1, QAE_NODE_ANY);
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(region));
	KUNIT_ASSERT_EQ(test, 0, xa_alloc(&client->regions, &id, region, xa_limit_31b,
					  GFP_KERNEL));
}

/* The instance is still its holder's, and so is the memory that it may be writing to. */
static void holder_has_its_memory(struct kunit *test, struct qae_instance_obj *inst)
{
	struct qae_client *client = inst->holder;

	KUNIT_ASSERT_NOT_NULL(test, client);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->num_regions), 2);
	KUNIT_EXPECT_FALSE(test, xa_empty(&client->regions));
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&client->insts, inst->id), (void *)inst);
}

static struct qae_client *client_with_everything(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_client *client = qae_client_create();

	KUNIT_ASSERT_FALSE(test, IS_ERR(client));
	f->client[0] = client;
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2), 0);
	f->client[0] = NULL;
	give_region(test, client);
	give_region(test, client);
	return client;
}

static void memory_outlives_instances_at_release(struct kunit *test)
{
	struct fixture *f = test->priv;
	s64 regions = atomic64_read(&qae_account.regions);
	struct qae_client *client;

	fixture_set_up(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	client = client_with_everything(test);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.regions), regions + 2);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 0);

	f->bus.on_quiesce = holder_has_its_memory;
	qae_client_destroy(client);
	f->bus.on_quiesce = NULL;
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 2 * 4 + 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.regions), regions);
}

/* More instances than are freed in one hold of the lock; each must be free for others again. */
static void a_client_with_many_instances_goes(struct kunit *test)
{
	static const struct section_spec w[2] = {
		{ "APP", .processes = 1, .cy = 2 }, { .name = "DYN", .cy = 30 },
	};
	struct fixture *f = test->priv;
	struct qae_client *client;
	unsigned int i;

	fixture_set_up(test, 3, "4xxx", w, 2);
	client = qae_client_create();
	KUNIT_ASSERT_FALSE(test, IS_ERR(client));
	f->client[0] = client;
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 90), 0);
	f->client[0] = NULL;
	KUNIT_EXPECT_EQ(test, qae_client_instances(client), 96U);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 0U);

	qae_client_destroy(client);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 96U);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, f->ep[i]->held, 0U);
		KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, i), 30U);
	}
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 1, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 90), 0);
}

static void instances_are_stopped_before_the_function_goes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_client *client;
	struct qae_endpoint *ep;

	fixture_set_up(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	client = client_with_everything(test);
	f->bus.on_quiesce = holder_has_its_memory;
	ep = f->ep[0];
	f->ep[0] = NULL;
	qae_endpoint_remove(ep);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 4 + client->num_dyn[QAE_SERVICE_CY] / 2);

	/* The bus of the removed one is not asked again. */
	f->bus.quiesced = 0;
	qae_client_destroy(client);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 4 + 1);
	f->bus.on_quiesce = NULL;
}

static void each_way_to_give_back_stops_the_instance(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long id;
	void *inst;

	fixture_set_up(test, 1, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 0);
	xa_for_each(&f->client[0]->insts, id, inst)
		if (!fixture_dyn_free(test, 0, id))
			break;
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 1);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 1 + 1 + 4);
}

static void endpoint_without_reach_stays_down(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_endpoint *ep = fixture_add_endpoint(test, "c6xx");

	f->bus.reach = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, fixture_up(test, ep, documented, ARRAY_SIZE(documented)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, ep->state, QAE_ENDPOINT_DOWN);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 0);
	f->bus.reach = 0;
	KUNIT_EXPECT_EQ(test, fixture_up(test, ep, documented, ARRAY_SIZE(documented)), 0);
	KUNIT_EXPECT_EQ(test, ep->state, QAE_ENDPOINT_UP);
}

static int take_down(struct qae_endpoint *endpoint)
{
	const char *reason;

	return qae_endpoint_down(endpoint->id, &reason);
}

static enum qae_endpoint_state state_of(struct kunit *test, unsigned int i)
{
	struct fixture *f = test->priv;

	return f->ep[i]->state;
}

static void a_reset_leaves_configuration_and_holders_alone(struct kunit *test)
{
	static const struct section_spec w[] = {
		{ "APP", 2, true, 1 }, { .name = "DYN", .cy = 2 },
	};
	struct fixture *f = test->priv;
	u32 available, total;

	fixture_set_up(test, 1, "c6xx", w, ARRAY_SIZE(w));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	qae_endpoint_reset_begin(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_RESETTING);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 1);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 0)->num_static, 1);

	/* The free section and the pool are there, and nobody gets them. */
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1),
			-EBUSY);
	spin_lock(&qae_registry.lock);
	qae_dyn_count(QAE_SERVICE_CY, QAE_ENDPOINT_ANY, &available, &total);
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, available, 0);
	KUNIT_EXPECT_EQ(test, total, 2);

	/* A second reset within the first changes nothing. */
	qae_endpoint_reset_begin(f->ep[0]);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 1);
	qae_endpoint_reset_end(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_UP);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2), 0);
}

static void an_error_ends_with_a_reset(struct kunit *test)
{
	static const struct section_spec w[] = {
		{ "APP", 1, true, 1 }, { .name = "DYN", .cy = 2 },
	};
	struct fixture *f = test->priv;
	const char *reason = NULL;
	u32 available, total;

	fixture_set_up(test, 2, "c6xx", w, ARRAY_SIZE(w));
	qae_endpoint_fail(f->ep[1]);
	KUNIT_EXPECT_EQ(test, state_of(test, 1), QAE_ENDPOINT_ERROR);
	/* Claims go to the other one; waiting for this one's pool would be waiting for nothing. */
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_STREQ(test, fixture_section_of(test, 0), "APP_DEV0_INT_0");
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), -EBUSY);
	spin_lock(&qae_registry.lock);
	qae_dyn_count(QAE_SERVICE_CY, 1, &available, &total);
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, total, 0);

	KUNIT_EXPECT_EQ(test, qae_endpoint_down(1, &reason), -EIO);
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[1], w, ARRAY_SIZE(w)), -EIO);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[1], w, ARRAY_SIZE(w)), -EIO);
	KUNIT_EXPECT_EQ(test, state_of(test, 1), QAE_ENDPOINT_ERROR);

	/* The end of a reset that did not begin is no recovery. */
	qae_endpoint_reset_end(f->ep[1]);
	KUNIT_EXPECT_EQ(test, state_of(test, 1), QAE_ENDPOINT_ERROR);
	qae_endpoint_reset_begin(f->ep[1]);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(1, &reason), -EAGAIN);
	qae_endpoint_reset_end(f->ep[1]);
	KUNIT_EXPECT_EQ(test, state_of(test, 1), QAE_ENDPOINT_UP);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
}

static void an_endpoint_without_configuration_returns_to_down(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_add_endpoint(test, "c6xx");
	qae_endpoint_reset_begin(f->ep[0]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), -ENODEV);
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)),
			-EAGAIN);
	qae_endpoint_fail(f->ep[0]);
	qae_endpoint_reset_begin(f->ep[0]);
	qae_endpoint_reset_end(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_DOWN);
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)), 0);
}

static void reset_while_starting(const struct qae_endpoint *endpoint)
{
	qae_endpoint_reset_begin((struct qae_endpoint *)endpoint);
	qae_endpoint_reset_end((struct qae_endpoint *)endpoint);
}

static void fail_while_starting(const struct qae_endpoint *endpoint)
{
	qae_endpoint_fail((struct qae_endpoint *)endpoint);
}

static void what_happens_while_starting_is_not_overwritten(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_add_endpoint(test, "c6xx");
	f->bus.on_check_reach = reset_while_starting;
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_DOWN);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 0);

	f->bus.on_check_reach = fail_while_starting;
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_ERROR);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 0);
}

static void a_waiting_claim_outlasts_a_reset(struct kunit *test)
{
	static const struct section_spec w = { "APP", 1, true, 1, 0, 30 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", &w, 1);
	qae_endpoint_reset_begin(f->ep[0]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), -ETIMEDOUT);
	qae_endpoint_reset_end(f->ep[0]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
}

/* A function can keep its state through a suspend, so a suspend cures nothing. */
static void a_suspend_is_no_cure(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "IPsec"), 0);
	qae_endpoint_suspend(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_RESETTING);
	KUNIT_EXPECT_EQ(test, f->bus.quiesced, 4);
	qae_endpoint_reset_end(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_UP);

	qae_endpoint_fail(f->ep[0]);
	qae_endpoint_suspend(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_ERROR);
	qae_endpoint_reset_end(f->ep[0]);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_ERROR);
}

static void an_endpoint_that_lent_its_ring_pairs_stays_down(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, qae_endpoint_lend(f->ep[0]), 0);
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, state_of(test, 0), QAE_ENDPOINT_DOWN);
	qae_endpoint_take_back(f->ep[0]);
	KUNIT_EXPECT_EQ(test, fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented)), 0);
	KUNIT_EXPECT_EQ(test, qae_endpoint_lend(f->ep[0]), -EBUSY);
}

/* Each source of pages: the page allocator, the reserve, a contiguous range. */
static void refused_pages_go_back(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_2M, SZ_8M };
	struct fixture *f = test->priv;
	s64 bytes = atomic64_read(&qae_account.bytes);
	s64 regions = atomic64_read(&qae_account.regions);
	struct qae_region *region;
	unsigned int i;
	int err;

	fixture_add_endpoint(test, "c6xx");
	f->bus.short_reach = true;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* An endpoint that is down reaches nothing, and nobody minds. */
		region = qae_region_alloc(NULL, sizes[i], 1, QAE_NODE_ANY);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		qae_region_put(region);

		err = fixture_up(test, f->ep[0], documented, ARRAY_SIZE(documented));
		KUNIT_ASSERT_EQ(test, err, 0);
		region = qae_region_alloc(NULL, sizes[i], 1, QAE_NODE_ANY);
		KUNIT_ASSERT_TRUE(test, IS_ERR(region));
		KUNIT_EXPECT_EQ(test, (int)PTR_ERR(region), -EADDRNOTAVAIL);
		KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.bytes), bytes);
		KUNIT_EXPECT_EQ(test, atomic64_read(&qae_account.regions), regions);

		f->bus.short_reach = false;
		region = qae_region_alloc(NULL, sizes[i], 1, QAE_NODE_ANY);
		KUNIT_ASSERT_FALSE(test, IS_ERR(region));
		qae_region_put(region);
		f->bus.short_reach = true;
		KUNIT_EXPECT_EQ(test, take_down(f->ep[0]), 0);
	}
}

static struct kunit_case endpoint_cases[] = {
	KUNIT_CASE(memory_outlives_instances_at_release),
	KUNIT_CASE(a_client_with_many_instances_goes),
	KUNIT_CASE(instances_are_stopped_before_the_function_goes),
	KUNIT_CASE(each_way_to_give_back_stops_the_instance),
	KUNIT_CASE(endpoint_without_reach_stays_down),
	KUNIT_CASE(a_reset_leaves_configuration_and_holders_alone),
	KUNIT_CASE(an_error_ends_with_a_reset),
	KUNIT_CASE(an_endpoint_without_configuration_returns_to_down),
	KUNIT_CASE(what_happens_while_starting_is_not_overwritten),
	KUNIT_CASE(a_waiting_claim_outlasts_a_reset),
	KUNIT_CASE(a_suspend_is_no_cure),
	KUNIT_CASE(an_endpoint_that_lent_its_ring_pairs_stays_down),
	KUNIT_CASE(refused_pages_go_back),
	{ }
};

struct kunit_suite qae_endpoint_suite = {
	.name = "qae_endpoint",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = endpoint_cases,
};
