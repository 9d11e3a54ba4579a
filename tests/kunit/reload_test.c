// SPDX-License-Identifier: GPL-2.0-only
/* Reload of configurations while sections and instances are held: CFG-10. */
#include "fixture.h"
#include "session/config.h"
#include "session/endpoint.h"
#include "session/instance.h"
#include "session/registry.h"
#include "session/section.h"
#include "suites.h"

/* CFG-10: a reload keeps held sections that are unchanged, with their holders. */
static void cfg_10_reload_keeps(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_section *before;

	fixture_set_up(test, 2, "c6xx", documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "IPsec"), 0);
	before = fixture_client(test, 0)->section;
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], documented_dyn, 3), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[1], documented_dyn, 3), 0);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 9);
	KUNIT_EXPECT_PTR_EQ(test, fixture_client(test, 0)->section, before);
	KUNIT_EXPECT_FALSE(test, before->retired);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 1)->num_static, 8);
}

/* CFG-10: a held section whose configuration changed goes when it is released. */
static void cfg_10_reload_retires(struct kunit *test)
{
	static const struct section_spec old = { "APP", 2, true, 2 };
	static const struct section_spec new = { "APP", 2, true, 3 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", &old, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &new, 1), 0);
	KUNIT_EXPECT_TRUE(test, fixture_client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 0)->num_static, 2);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 3);

	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "APP"), 0);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 1)->num_static, 3);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 3, "APP"), -EBUSY);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 2);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 3, "APP"), -EBUSY);
}

/* A reload that does not fit beside what is held changes nothing. */
static void cfg_10_reload_refused(struct kunit *test)
{
	static const struct section_spec full = { "APP", 16, true, 4 };
	static const struct section_spec other = { "SSL", 16, true, 4 };
	struct fixture *f = test->priv;
	u32 generation;

	fixture_set_up(test, 1, "c6xx", &full, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), 0);
	generation = f->ep[0]->generation;
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &other, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, f->ep[0]->generation, generation);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "APP"), 0);
	fixture_release(f->client[0]);
	fixture_release(f->client[1]);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &other, 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "APP"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
}

/* A pool that shrinks below the number of held instances shrinks as they are freed. */
static void cfg_10_reload_shrinks_pool(struct kunit *test)
{
	static const struct section_spec four = { .name = "DYN", .cy = 4 };
	static const struct section_spec one = { .name = "DYN", .cy = 1 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", &four, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 3), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &one, 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 0);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 0)->num_dyn[QAE_SERVICE_CY], 3);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 1);
	spin_lock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, qae_endpoint_ring_pairs_used(f->ep[0]), 2);
	spin_unlock(&qae_registry.lock);
}

static const char *name_of(struct kunit *test, unsigned int i)
{
	struct qae_client *client = fixture_client(test, i);
	unsigned long id = 0;
	struct qae_instance_obj *inst = xa_find(&client->insts, &id, ULONG_MAX, XA_PRESENT);

	return inst ? inst->name : "";
}

static u32 count_pool(const struct qae_endpoint *ep, const char *name)
{
	struct qae_instance_obj *inst;
	u32 n = 0;

	spin_lock(&qae_registry.lock);
	list_for_each_entry(inst, &ep->dyn[QAE_SERVICE_CY].insts, link)
		n += !strcmp(inst->name, name);
	spin_unlock(&qae_registry.lock);
	return n;
}

/* A reload matches held dynamic instances by their properties, not by their count. */
static void cfg_10_reload_matches_by_identity(struct kunit *test)
{
	static const struct section_spec four = { .name = "DYN", .cy = 4 };
	struct fixture *f = test->priv;
	unsigned int i;
	char name[8];

	fixture_set_up(test, 1, "c6xx", &four, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "DYN"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_CY, QAE_ENDPOINT_ANY, 2), 0);
	KUNIT_EXPECT_STREQ(test, name_of(test, 0), "DYN0");
	KUNIT_EXPECT_EQ(test, fixture_dyn_free(test, 0, 1), 0);
	KUNIT_EXPECT_STREQ(test, name_of(test, 0), "DYN1");
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &four, 1), 0);
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "DYN%u", i);
		KUNIT_EXPECT_EQ(test, count_pool(f->ep[0], name), 1);
	}
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_CY, QAE_ENDPOINT_ANY), 3);
}

/* A process that holds only retired slices does not make other claims wait. */
static void cfg_10_reload_of_a_spanning_section(struct kunit *test)
{
	static const struct section_spec old = { "IPsec", 1, false, 2 };
	static const struct section_spec new = { "IPsec", 1, false, 3 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 2, "c6xx", &old, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &new, 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "IPsec"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[1], &new, 1), 0);
	KUNIT_EXPECT_TRUE(test, fixture_client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 0)->num_static, 4);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "IPsec"), 0);
	KUNIT_EXPECT_EQ(test, fixture_client(test, 1)->num_static, 6);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "IPsec"), -EBUSY);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, fixture_count_sections(), 1);
}

/* A reload may remove the last section of a service while it is held. */
static void cfg_10_reload_drops_a_service(struct kunit *test)
{
	static const struct section_spec both[] = {
		{ "SSL", 1, true, 1 }, { .name = "DYN", .dc = 2 },
	};
	static const struct section_spec dc = { .name = "DYN", .dc = 2 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", both, ARRAY_SIZE(both));
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "SSL"), 0);
	KUNIT_EXPECT_EQ(test, fixture_dyn_alloc(test, 0, QAE_SERVICE_DC, QAE_ENDPOINT_ANY, 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[0], &dc, 1), 0);
	KUNIT_EXPECT_TRUE(test, fixture_client(test, 0)->section->retired);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "SSL"), -ENOENT);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, fixture_dyn_available(QAE_SERVICE_DC, QAE_ENDPOINT_ANY), 2);
}

static void cfg_generation_is_checked(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct qae_config *config;
	const char *reason;
	u32 stale;

	fixture_set_up(test, 1, "c6xx", documented, ARRAY_SIZE(documented));
	stale = f->ep[0]->generation - 1;
	config = fixture_make_config(test, documented, ARRAY_SIZE(documented));
	KUNIT_EXPECT_EQ(test, qae_endpoint_reload(0, &stale, &config, &reason), -ESTALE);
	stale++;
	KUNIT_EXPECT_EQ(test, qae_endpoint_reload(0, &stale, &config, &reason), 0);
	KUNIT_EXPECT_NULL(test, config);
}

static struct kunit_case reload_cases[] = {
	KUNIT_CASE(cfg_10_reload_keeps),
	KUNIT_CASE(cfg_10_reload_retires),
	KUNIT_CASE(cfg_10_reload_refused),
	KUNIT_CASE(cfg_10_reload_shrinks_pool),
	KUNIT_CASE(cfg_10_reload_matches_by_identity),
	KUNIT_CASE(cfg_10_reload_of_a_spanning_section),
	KUNIT_CASE(cfg_10_reload_drops_a_service),
	KUNIT_CASE(cfg_generation_is_checked),
	{ }
};

struct kunit_suite qae_reload_suite = {
	.name = "qae_reload",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = reload_cases,
};
