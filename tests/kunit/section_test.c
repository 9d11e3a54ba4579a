// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sections, claims, the pool, and removal of endpoints. CFG-02 … CFG-04, CFG-07,
 * USR-04 … USR-08, DYN-01, DYN-02, DYN-05, DYN-08, DYN-11, DYN-16.
 */
#include "fixture.h"
#include "client.h"
#include "model/model.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "suites.h"

/* CFG-02, CFG-03: the documented files make nine sections, with these names and instances. */
static void cfg_02_documented_sections(struct kunit *test)
{
	static const char * const names[] = {
		"IPsec_INT_0", "SSL_DEV0_INT_0", "SSL_DEV0_INT_1", "SSL_DEV0_INT_2",
		"SSL_DEV0_INT_3", "SSL_DEV1_INT_0", "SSL_DEV1_INT_1", "SSL_DEV1_INT_2",
		"SSL_DEV1_INT_3",
	};
	struct qae_section *section;
	u32 count[__QAE_SERVICE_COUNT];
	unsigned int n = 0;

	fixture_set_up(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	spin_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link) {
		if (n < ARRAY_SIZE(names))
			KUNIT_EXPECT_STREQ(test, section->name, names[n]);
		qae_section_counts(section, count);
		KUNIT_EXPECT_EQ(test, count[QAE_SERVICE_CY], n ? 1 : 8);
		KUNIT_EXPECT_EQ(test, count[QAE_SERVICE_DC], 0);
		n++;
	}
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(names));
}

/* CFG-04, USR-06, USR-08: nine claims succeed in any letter case, the tenth fails. */
static void cfg_04_nine_claims(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i, j;

	fixture_set_up(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, fixture_claim(test, i, "SSL"), 0);
		KUNIT_EXPECT_EQ(test, fixture_client(test, i)->num_static, 1);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, fixture_section_of(test, i),
					    fixture_section_of(test, j));
	}
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 8, "IPSec"), 0);
	KUNIT_EXPECT_STREQ(test, fixture_section_of(test, 8), "IPsec_INT_0");
	KUNIT_EXPECT_EQ(test, fixture_client(test, 8)->num_static, 8);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 9, "SSL"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 9, "IPsec"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 9, "SLL"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->ep[0]->held, 8);

	fixture_release(f->client[3]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 9, "ssl"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 9, "SSL"), -EALREADY);
}

/* USR-08: if two names differ in case only, a claim must be exact. */
static void usr_08_ambiguous_case(struct kunit *test)
{
	static const struct section_spec w[] = {
		{ .name = "App", .processes = 1, .cy = 1 },
		{ .name = "APP", .processes = 1, .cy = 1 },
	};

	fixture_set_up(test, 1, "c6xx", w, ARRAY_SIZE(w));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "app"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_STREQ(test, fixture_section_of(test, 0), "APP_INT_0");
}

static void usr_no_endpoint_up(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), -ENODEV);
	fixture_add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), -ENODEV);
}

static void usr_no_process_configured(struct kunit *test)
{
	static const struct section_spec w[] = { { .name = "SSL", .processes = 0, .cy = 1 } };

	fixture_set_up(test, 1, "c6xx", w, ARRAY_SIZE(w));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), -ENOSPC);
}

/* USR-04, USR-05: M endpoints × N processes, with and without LimitDevAccess. */
static void usr_04_usr_05_m_by_n(struct kunit *test)
{
	unsigned int m, n, limit, i, want;

	for (m = 1; m <= MAX_ENDPOINTS; m++) {
		for (n = 1; n <= 8; n += 7) {
			for (limit = 0; limit < 2; limit++) {
				struct section_spec w = { "APP", n, limit, 2, 1 };
				struct fixture *f = test->priv;

				fixture_set_up(test, m, "c6xx", &w, 1);
				want = limit ? m * n : n;
				KUNIT_EXPECT_EQ(test, fixture_count_sections(), want);
				for (i = 0; i < want; i++) {
					KUNIT_EXPECT_EQ(test, fixture_claim(test, i, "APP"), 0);
					KUNIT_EXPECT_EQ(test, fixture_client(test, i)->num_static,
							limit ? 3 : 3 * m);
				}
				KUNIT_EXPECT_EQ(test, fixture_claim(test, want, "APP"), -EBUSY);
				for (i = 0; i < want; i++)
					fixture_release(f->client[i]);
				while (f->eps)
					qae_endpoint_remove(f->ep[--f->eps]);
			}
		}
	}
}

/* NumProcesses differs: process i gets the endpoints with more than i processes. */
static void usr_04_uneven_processes(struct kunit *test)
{
	static const struct section_spec one = { "APP", 1, false, 1 };
	static const struct section_spec two = { "APP", 2, false, 1 };

	fixture_set_up(test, 1, "c6xx", &one, 1);
	fixture_set_up(test, 1, "c6xx", &two, 1);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 2);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, 3, fixture_client(test, 0)->num_static +
			fixture_client(test, 1)->num_static);
}

/* DYN-16: claims choose the least loaded endpoint first. */
static void usr_claims_spread(struct kunit *test)
{
	static const struct section_spec w = { "APP", 4, true, 1 };
	struct fixture *f = test->priv;
	unsigned int i;

	fixture_set_up(test, 4, "c6xx", &w, 1);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, fixture_claim(test, i, "APP"), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, f->ep[i]->held, 2);
}

/* CFG-07: a configuration that does not fit is refused, and the endpoint stays down. */
static void cfg_07_too_many(struct kunit *test)
{
	static const struct section_spec fits = { "APP", 16, true, 4 };
	static const struct section_spec over[] = {
		{ "APP", 16, true, 4 }, { .name = "DYN", .cy = 1 },
	};
	struct qae_endpoint *ep = fixture_add_endpoint(test, "c6xx");

	KUNIT_EXPECT_EQ(test, fixture_up(test, ep, over, ARRAY_SIZE(over)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ep->state, QAE_ENDPOINT_DOWN);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 0);
	KUNIT_EXPECT_EQ(test, fixture_up(test, ep, &fits, 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 16);
	spin_lock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, qae_endpoint_ring_pairs_used(ep), 128);
	spin_unlock(&qae_registry.lock);
}

static void dyn_01_to_08_pool(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long id;
	void *inst;

	fixture_set_up(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 8);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_DC, QAE_ENDPOINT_ANY), 4);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, 1), 4);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, 7), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 1),
			-ENOTCONN);

	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 7, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 9),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, 0, 4), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 1, QAE_SERVICE_CY, 0, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 1, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 5),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 1, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 4), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 0);

	/* Unknown, static and freed ids are refused; every dynamic one is freed. */
	KUNIT_EXPECT_EQ(test, fixture_dyn_free(test, 0, 999), -ENOENT);
	xa_for_each(&f->client[0]->insts, id, inst) {
		bool is_static = ((struct qae_instance_obj *)inst)->kind == QAE_INSTANCE_STATIC;

		KUNIT_EXPECT_EQ(test, fixture_dyn_free(test, 0, id), is_static ? -ENOENT : 0);
		KUNIT_EXPECT_EQ(test, fixture_dyn_free(test, 0, id), -ENOENT);
	}
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	/* DYN-02: another client can allocate the freed instances. */
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 1, QAE_SERVICE_CY, 0, 4), 0);
	fixture_release(f->client[1]);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 8);
}

/* DYN-11: every model has a pool, and no two instances share a ring pair. */
static void dyn_11_every_model(struct kunit *test)
{
	static const struct section_spec w = { .name = "DYN", .cy = 1, .dc = 1 };
	const struct qae_model *model;
	struct fixture *f = test->priv;
	size_t i;

	for (i = 0; (model = qae_model_at(i)); i++) {
		fixture_set_up(test, 1, model->type, &w, 1);
		KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
		KUNIT_EXPECT_EQ(test, 0, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY,
							   QAE_ENDPOINT_ANY, 1));
		KUNIT_EXPECT_EQ(test, 0, fixture_dyn_alloc(test, 0, QAE_SERVICE_DC,
							   QAE_ENDPOINT_ANY, 1));
		fixture_release(f->client[0]);
		qae_endpoint_remove(f->ep[--f->eps]);
	}
}

static void endpoint_down_refused_while_held(struct kunit *test)
{
	static const struct section_spec empty = { "APP", 1, true, 0, 0 };
	struct fixture *f = test->priv;
	const char *reason;

	fixture_set_up(test, 1, "c6xx", &empty, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), -EBUSY);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), 0);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(0, &reason), -EALREADY);
	KUNIT_EXPECT_EQ(test, qae_endpoint_down(9, &reason), -ENODEV);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 0);
}

/* Holders keep the instances of a removed endpoint; other endpoints work on. */
static void endpoint_removed_while_held(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_endpoint *ep;

	fixture_set_up(test, 2, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 2, QAE_SERVICE_CY, 0, 2), 0);
	ep = f->ep[0];
	f->ep[0] = NULL;
	qae_endpoint_remove(ep);

	KUNIT_EXPECT_EQ(test, fixture_client(test, 2)->num_static, 8);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 2)->num_dyn[QAE_SERVICE_CY], 2);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 4);
	fixture_release(f->client[2]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 2)->num_static, 4);
	fixture_release(f->client[0]);
	fixture_release(f->client[1]);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 5);

	/* A new endpoint gets the free id, and its sections the same names. */
	fixture_set_up(test, 1, "c6xx", documented_dyn, ARRAY_SIZE(documented_dyn));
	KUNIT_EXPECT_EQ(test, f->ep[f->eps - 1]->id, 0);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 9);
	/* The holder has what it claimed; slices that joined later go to the next one. */
	KUNIT_EXPECT_EQ(test, fixture_client(test, 2)->num_static, 4);
	fixture_release(f->client[2]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 2)->num_static, 8);
}

static void claim_reports_the_size_needed(struct kunit *test)
{
	struct qae_client *c = fixture_client(test, 0);
	struct qae_claim claim;
	u64 deadline = 0;

	fixture_set_up(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, qae_claim_begin(&claim, c, "IPsec", 7, &deadline), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, claim.num_insts, 8);
	KUNIT_EXPECT_FALSE(test, c->started);
	KUNIT_ASSERT_EQ(test, qae_claim_begin(&claim, c, "IPsec", 8, &deadline), 0);
	qae_claim_abort(&claim);
	KUNIT_EXPECT_FALSE(test, c->started);
	KUNIT_EXPECT_TRUE(test, xa_empty(&c->insts));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "IPsec"), 0);
}

/* USR-12: a claim that waits too long returns -ETIMEDOUT, not -EBUSY. */
static void usr_12_wait_times_out(struct kunit *test)
{
	static const struct section_spec w = { "APP", 1, true, 1, 0, 30 };

	fixture_set_up(test, 1, "c6xx", &w, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), -ETIMEDOUT);
}

static u32 index_of_section_at(struct qae_section_position *last, u32 index)
{
	struct qae_section *section;
	u32 beyond;

	spin_lock(&qae_registry.lock);
	section = qae_section_at(last, index, &beyond);
	spin_unlock(&qae_registry.lock);
	return section ? section->index : U32_MAX;
}

/* A caller may go to any index. Each call starts where the previous one was, if that is nearer. */
static void sections_are_found_at_their_index(struct kunit *test)
{
	static const u32 indexes[] = { 0, 1, 7, 6, 5, 1, 0, 7, 3, 4, 2 };
	static const struct section_spec w = { "APP", 8, true, 1 };
	struct qae_section_position last = {};
	unsigned int i;

	fixture_set_up(test, 1, "c6xx", &w, 1);
	for (i = 0; i < ARRAY_SIZE(indexes); i++)
		KUNIT_EXPECT_EQ(test, index_of_section_at(&last, indexes[i]), indexes[i]);
	/* The position does not outlive a change. */
	last.index = 0;
	last.sequence--;
	KUNIT_EXPECT_EQ(test, index_of_section_at(&last, 3), 3U);
}

/* Without a look at the list, which is as long as root wants: it is hidden meanwhile. */
static void an_index_past_the_last_section_costs_no_walk(struct kunit *test)
{
	static const struct section_spec w[2] = {
		{ "APP", 8, true, 1 }, { .name = "OFF", .cy = 1 },
	};
	struct qae_section_position last = {};
	struct qae_section *first, *far;
	u32 beyond_first = 1, beyond_far = 0;
	LIST_HEAD(hidden);

	fixture_set_up(test, 1, "c6xx", w, 2);
	KUNIT_EXPECT_EQ(test, qae_registry.num_unused, 1U);
	spin_lock(&qae_registry.lock);
	list_splice_init(&qae_registry.sections, &hidden);
	first = qae_section_at(&last, 8, &beyond_first);
	far = qae_section_at(&last, U32_MAX, &beyond_far);
	list_splice(&hidden, &qae_registry.sections);
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_NULL(test, first);
	KUNIT_EXPECT_EQ(test, beyond_first, 0U);
	KUNIT_EXPECT_NULL(test, far);
	KUNIT_EXPECT_EQ(test, beyond_far, U32_MAX - 8);
}

static void endpoint_numbers(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_add_endpoint(test, "c6xx");
	fixture_add_endpoint(test, "4xxx");
	fixture_add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, f->ep[2]->id, 2);
	KUNIT_EXPECT_EQ(test, f->ep[1]->index, 0);
	KUNIT_EXPECT_EQ(test, f->ep[2]->index, 1);
	qae_endpoint_remove(f->ep[0]);
	f->ep[0] = NULL;
	fixture_add_endpoint(test, "c6xx");
	KUNIT_EXPECT_EQ(test, f->ep[3]->id, 0);
	KUNIT_EXPECT_EQ(test, f->ep[3]->index, 0);
}

static struct kunit_case section_cases[] = {
	KUNIT_CASE(cfg_02_documented_sections),
	KUNIT_CASE(cfg_04_nine_claims),
	KUNIT_CASE(usr_08_ambiguous_case),
	KUNIT_CASE(usr_no_endpoint_up),
	KUNIT_CASE(usr_no_process_configured),
	KUNIT_CASE(usr_04_usr_05_m_by_n),
	KUNIT_CASE(usr_04_uneven_processes),
	KUNIT_CASE(usr_claims_spread),
	KUNIT_CASE(cfg_07_too_many),
	KUNIT_CASE(dyn_01_to_08_pool),
	KUNIT_CASE(dyn_11_every_model),
	KUNIT_CASE(endpoint_down_refused_while_held),
	KUNIT_CASE(endpoint_removed_while_held),
	KUNIT_CASE(claim_reports_the_size_needed),
	KUNIT_CASE(usr_12_wait_times_out),
	KUNIT_CASE(sections_are_found_at_their_index),
	KUNIT_CASE(an_index_past_the_last_section_costs_no_walk),
	KUNIT_CASE(endpoint_numbers),
	{ }
};

struct kunit_suite qae_section_suite = {
	.name = "qae_section",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = section_cases,
};
