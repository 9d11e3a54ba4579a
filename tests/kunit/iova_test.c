// SPDX-License-Identifier: GPL-2.0-only
/* The choice of IO virtual addresses. */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/sizes.h>

#include "compat.h"
#include "dma/iova.h"
#include "suites.h"

#define BASE	(3 * QAE_IOVA_SLOT)	/* odd, so that alignment beyond a slot is seen */
#define SLOTS	64

static int iova_init(struct kunit *test)
{
	struct qae_iova *iova = qae_iova_create(BASE, BASE + SLOTS * QAE_IOVA_SLOT + SZ_1M);

	KUNIT_ASSERT_FALSE(test, IS_ERR(iova));
	KUNIT_ASSERT_EQ(test, iova->slots, (unsigned long)SLOTS);
	test->priv = iova;
	return 0;
}

static void iova_exit(struct kunit *test)
{
	struct qae_iova *iova = test->priv;

	if (IS_ERR_OR_NULL(iova))
		return;
	KUNIT_EXPECT_TRUE(test, list_empty(&iova->shared));
	qae_iova_destroy(iova);
}

static u64 take(struct kunit *test, struct qae_iova_range *range, u64 memory, size_t size)
{
	KUNIT_ASSERT_EQ(test, 0, qae_iova_alloc(test->priv, range, memory, size, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, range->address % SZ_2M, memory % SZ_2M);
	KUNIT_EXPECT_NE(test, range->address, memory);
	KUNIT_EXPECT_GE(test, range->address, BASE);
	KUNIT_EXPECT_LE(test, range->address + size, BASE + SLOTS * QAE_IOVA_SLOT);
	return range->address;
}

static void no_window_without_a_slot(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR(qae_iova_create(BASE, BASE + SZ_2M - 1)), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(qae_iova_create(BASE, 0)), (long)-EINVAL);
}

/* All slots, one by one, then none; what returns is found again. */
static void whole_slots_until_full(struct kunit *test)
{
	struct qae_iova *iova = test->priv;
	struct qae_iova_range ranges[SLOTS], more;
	DECLARE_BITMAP(seen, SLOTS);
	unsigned int i;

	bitmap_zero(seen, SLOTS);
	for (i = 0; i < SLOTS; i++) {
		u64 address = take(test, &ranges[i], SZ_4G + i * SZ_2M, SZ_2M);

		KUNIT_EXPECT_FALSE(test, __test_and_set_bit((address - BASE) / SZ_2M, seen));
	}
	KUNIT_EXPECT_EQ(test, qae_iova_alloc(iova, &more, SZ_4G, SZ_2M, PAGE_SIZE), -ENOSPC);
	KUNIT_EXPECT_EQ(test, qae_iova_alloc(iova, &more, SZ_4G, PAGE_SIZE, PAGE_SIZE), -ENOSPC);
	qae_iova_free(iova, &ranges[17]);
	KUNIT_EXPECT_EQ(test, take(test, &more, SZ_4G, SZ_2M), ranges[17].address);
	ranges[17] = more;
	for (i = 0; i < SLOTS; i++)
		qae_iova_free(iova, &ranges[i]);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS);
}

/* A device that uses an address too late must not hit the next region. */
static void addresses_are_reused_late(struct kunit *test)
{
	struct qae_iova_range range;
	u64 first = take(test, &range, SZ_4G, SZ_2M), address = 0;
	unsigned int others = 0;

	do {
		qae_iova_free(test->priv, &range);
		address = take(test, &range, SZ_4G, SZ_2M);
		others++;
	} while (address != first && others < 2 * SLOTS);
	KUNIT_EXPECT_EQ(test, others, (unsigned int)SLOTS);
	qae_iova_free(test->priv, &range);
}

static void alignment_beyond_a_slot(struct kunit *test)
{
	struct qae_iova_range ranges[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		KUNIT_ASSERT_EQ(test, 0,
				qae_iova_alloc(test->priv, &ranges[i], SZ_4G, 3 * SZ_2M, SZ_4M));
		KUNIT_EXPECT_EQ(test, ranges[i].address % SZ_4M, 0ULL);
	}
	while (i--)
		qae_iova_free(test->priv, &ranges[i]);
}

static void closed_slots_are_never_given_out(struct kunit *test)
{
	struct qae_iova *iova = test->priv;
	struct qae_iova_range ranges[SLOTS];
	unsigned int i, count = 0;

	/* Below, above, two slots in the middle of which it touches parts, and one twice. */
	qae_iova_close(iova, 0, BASE - 1);
	qae_iova_close(iova, BASE + SLOTS * QAE_IOVA_SLOT, U64_MAX);
	qae_iova_close(iova, BASE + 11 * QAE_IOVA_SLOT - 1, BASE + 11 * QAE_IOVA_SLOT);
	qae_iova_close(iova, BASE + 10 * QAE_IOVA_SLOT, BASE + 10 * QAE_IOVA_SLOT);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS - 2);
	while (!qae_iova_alloc(iova, &ranges[count], SZ_4G, SZ_2M, PAGE_SIZE)) {
		u64 slot = (ranges[count].address - BASE) / QAE_IOVA_SLOT;

		KUNIT_EXPECT_TRUE(test, slot < 10 || slot > 11);
		if (++count == SLOTS)
			break;
	}
	KUNIT_EXPECT_EQ(test, count, (unsigned int)SLOTS - 2);
	for (i = 0; i < count; i++)
		qae_iova_free(iova, &ranges[i]);
}

/* A function joins whose reserved addresses are beside a small range that is in use. */
static void a_slot_that_is_closed_in_use_takes_no_more(struct kunit *test)
{
	struct qae_iova *iova = test->priv;
	struct qae_iova_range first, more;
	u64 slot = round_down(take(test, &first, SZ_4G, PAGE_SIZE), QAE_IOVA_SLOT);

	qae_iova_close(iova, slot + SZ_1M, slot + SZ_1M + PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS - 1);
	KUNIT_EXPECT_NE(test, slot, round_down(take(test, &more, SZ_4G + SZ_1M, PAGE_SIZE),
					       QAE_IOVA_SLOT));
	qae_iova_free(iova, &more);
	qae_iova_free(iova, &first);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS - 1);
	KUNIT_EXPECT_TRUE(test, test_bit((slot - BASE) / QAE_IOVA_SLOT, iova->busy));
}

static void small_ranges_share_a_slot(struct kunit *test)
{
	struct qae_iova *iova = test->priv;
	struct qae_iova_range ranges[4];
	unsigned int i;

	/* Different places within 2 MiB: one slot, in the last eighth. */
	take(test, &ranges[0], SZ_4G + SZ_64K, SZ_64K);
	take(test, &ranges[1], SZ_4G + SZ_2M, PAGE_SIZE);
	take(test, &ranges[2], SZ_4G + SZ_1M, SZ_1M);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS - 1);
	KUNIT_EXPECT_GE(test, ranges[0].address, BASE + (SLOTS - SLOTS / 8) * QAE_IOVA_SLOT);
	/* The same place: another one. */
	take(test, &ranges[3], SZ_4G + 5 * SZ_2M + SZ_64K + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS - 2);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		qae_iova_free(iova, &ranges[i]);
	KUNIT_EXPECT_EQ(test, iova->free, (unsigned long)SLOTS);
}

/* The window may lie among physical addresses. */
static void an_address_is_never_the_physical_one(struct kunit *test)
{
	struct qae_iova_range large, small;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		take(test, &large, BASE + i * QAE_IOVA_SLOT, SZ_2M);
		take(test, &small, BASE + i * QAE_IOVA_SLOT + SZ_4K, SZ_4K);
		qae_iova_free(test->priv, &large);
		qae_iova_free(test->priv, &small);
	}
	/* Memory of another small range lies where the slot is that the first one shares. */
	take(test, &small, SZ_4G, SZ_4K);
	take(test, &large, small.address + SZ_8K, SZ_4K);
	qae_iova_free(test->priv, &large);
	qae_iova_free(test->priv, &small);
}

static struct kunit_case iova_cases[] = {
	KUNIT_CASE(no_window_without_a_slot),
	KUNIT_CASE(whole_slots_until_full),
	KUNIT_CASE(addresses_are_reused_late),
	KUNIT_CASE(alignment_beyond_a_slot),
	KUNIT_CASE(closed_slots_are_never_given_out),
	KUNIT_CASE(a_slot_that_is_closed_in_use_takes_no_more),
	KUNIT_CASE(small_ranges_share_a_slot),
	KUNIT_CASE(an_address_is_never_the_physical_one),
	{}
};

struct kunit_suite qae_iova_suite = {
	.name = "qae_iova",
	.init = iova_init,
	.exit = iova_exit,
	.test_cases = iova_cases,
};
