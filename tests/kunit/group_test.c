// SPDX-License-Identifier: GPL-2.0-only
/* The index of sections finds what a search of all of them would find. USR-06, USR-08. */
#include <linux/prandom.h>

#include "fixture.h"
#include "client.h"
#include "session/claim.h"
#include "session/endpoint.h"
#include "session/group.h"
#include "session/registry.h"
#include "session/section.h"
#include "suites.h"

#define ROUNDS	600

static u32 load_of(const struct qae_section *section)
{
	struct qae_slice *slice;
	u32 load = 0;

	list_for_each_entry(slice, &section->slices, section_link)
		load += slice->endpoint->held;
	return load;
}

/* What a claim has to find: the least loaded free section, the first one in the list of these. */
static const struct qae_section *search(const char *name)
{
	const struct qae_section *section, *best = NULL;

	list_for_each_entry(section, &qae_registry.sections, link)
		if (!section->retired && !section->holder &&
		    !strcmp(section->user_name, name) &&
		    (!best || load_of(section) < load_of(best)))
			best = section;
	return best;
}

/* Each section is found by its key, and each free one is in a span of its group. */
static void check_index(struct kunit *test)
{
	const struct qae_section *section, *last = NULL;
	u32 free = 0, found = 0;
	struct rb_node *node;

	spin_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_registry.sections, link) {
		if (last)
			KUNIT_EXPECT_LE(test, strcmp(last->user_name, section->user_name), 0);
		last = section;
		if (section->retired)
			continue;
		KUNIT_EXPECT_PTR_EQ(test, section,
				    qae_section_find(section->user_name, section->device,
						     section->index));
		free += !section->holder;
		found += !!section->free_slices;
		KUNIT_EXPECT_EQ(test, !section->holder, section->free_slices > 0);
		if (section->free_slices)
			KUNIT_EXPECT_EQ(test, section->free_slices, section->num_slices);
		if (!list_empty(&section->span))
			for (node = rb_first_cached(&section->peers); node; node = rb_next(node))
				KUNIT_EXPECT_LT(test, section->index,
						rb_entry(node, struct qae_section, peer)->index);
	}
	spin_unlock(&qae_registry.lock);
	KUNIT_EXPECT_EQ(test, free, found);
}

static void claim_and_compare(struct kunit *test, unsigned int i, const char *name)
{
	const struct qae_section *expected;
	int err;

	spin_lock(&qae_registry.lock);
	expected = search(name);
	spin_unlock(&qae_registry.lock);
	err = fixture_claim(test, i, name);
	KUNIT_EXPECT_EQ(test, err, expected ? 0 : -EBUSY);
	if (!err)
		KUNIT_EXPECT_PTR_EQ(test, expected, fixture_client(test, i)->section);
}

static const struct section_spec wide[2] = { { "APP", 6, true, 1 }, { "WEB", 5, false, 1 } };
static const struct section_spec narrow[2] = { { "APP", 4, true, 1 }, { "WEB", 3, false, 1 } };
static const struct section_spec other[2] = { { "APP", 5, true, 1 }, { "WEB", 4, false, 2 } };

/* Claims and releases in any order, with reloads that add, remove and change sections between. */
static void usr_06_the_index_finds_what_a_search_would(struct kunit *test)
{
	static const struct section_spec *const files[] = { wide, narrow, other };
	struct fixture *f = test->priv;
	struct rnd_state random;
	unsigned int round, i;

	prandom_seed_state(&random, 1);
	fixture_set_up(test, 1, "c6xx", wide, 2);
	fixture_set_up(test, 1, "c6xx", narrow, 2);
	fixture_set_up(test, 1, "c6xx", other, 2);
	for (round = 0; round < ROUNDS; round++) {
		i = prandom_u32_state(&random) % 24;
		if (fixture_client(test, i)->started)
			fixture_release(f->client[i]);
		else
			claim_and_compare(test, i, i % 2 ? "APP" : "WEB");
		if (round % 20 == 19)
			fixture_reload(test, f->ep[prandom_u32_state(&random) % 3],
				       files[prandom_u32_state(&random) % 3], 2);
		check_index(test);
	}
}

static unsigned int count_spans(const char *name)
{
	struct qae_section *section;
	unsigned int n = 0;

	spin_lock(&qae_registry.lock);
	list_for_each_entry(section, &qae_group_find(name)->free, span)
		n++;
	spin_unlock(&qae_registry.lock);
	return n;
}

/* The steps of a claim: as many as there are sets of endpoints, however many sections. */
static void usr_06_a_claim_compares_one_section_of_each_span(struct kunit *test)
{
	static const struct section_spec many[2] = { { "APP", 500, true }, { "WEB", 500, false } };
	static const struct section_spec few[2] = { { "APP", 500, true }, { "WEB", 100, false } };
	struct fixture *f = test->priv;
	unsigned int i;

	fixture_set_up(test, 3, "c6xx", many, 2);
	KUNIT_EXPECT_EQ(test, count_spans("APP"), 3);
	KUNIT_EXPECT_EQ(test, count_spans("WEB"), 1);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, fixture_claim(test, i, i % 2 ? "APP" : "WEB"), 0);
	KUNIT_EXPECT_EQ(test, count_spans("APP"), 3);
	KUNIT_EXPECT_EQ(test, count_spans("WEB"), 1);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[1], few, 2), 0);
	KUNIT_EXPECT_EQ(test, count_spans("WEB"), 2);
	check_index(test);
}

/* A name is known as long as a configuration has it, in any letter case that is not ambiguous. */
static void usr_08_names_come_and_go(struct kunit *test)
{
	static const struct section_spec first = { "Web", 1, true, 1 };
	static const struct section_spec second = { "WEB", 1, true, 1 };
	static const struct section_spec third = { "app", 1, true, 1 };
	struct fixture *f = test->priv;

	fixture_set_up(test, 1, "c6xx", &first, 1);
	fixture_set_up(test, 1, "c6xx", &second, 1);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "web"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "WEB"), 0);
	KUNIT_EXPECT_EQ(test, fixture_reload(test, f->ep[1], &third, 1), 0);
	/* Its section is held, but no configuration has it: the other one is not ambiguous now. */
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 1, "web"), 0);
	KUNIT_EXPECT_STREQ(test, fixture_section_of(test, 1), "Web_DEV0_INT_0");
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 2, "APP"), 0);
	fixture_release(f->client[0]);
	KUNIT_EXPECT_EQ(test, fixture_claim(test, 0, "WEB"), -EBUSY);
	check_index(test);
}

static struct kunit_case group_cases[] = {
	KUNIT_CASE(usr_06_the_index_finds_what_a_search_would),
	KUNIT_CASE(usr_06_a_claim_compares_one_section_of_each_span),
	KUNIT_CASE(usr_08_names_come_and_go),
	{ }
};

struct kunit_suite qae_group_suite = {
	.name = "qae_group",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = group_cases,
};
