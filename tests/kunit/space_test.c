// SPDX-License-Identifier: GPL-2.0-only
/* The address space, with an IOMMU that does what the test says. */
#include <kunit/test.h>

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "compat.h"
#include "dma/iommu.h"
#include "dma/space.h"
#include "suites.h"

#define MEMORY_END	((u64)SZ_1G)
#define WINDOW		((u64)SZ_4G)	/* where it begins: above 4 GiB, whatever memory there is */
#define MEMORY		((u64)SZ_64M)	/* of the regions */
#define WIDE		((1ULL << 48) - 1)
#define MSI_FIRST	0xfee00000ULL
#define MSI_LAST	0xfeefffffULL
#define MAX_ENTRIES	16

/* An IOMMU's domain: what is mapped in it. */
struct fake_domain {
	unsigned int unit;
	unsigned int groups;
	unsigned int entries;
	struct {
		u64 address;
		u64 memory;
		size_t size;
	} entry[MAX_ENTRIES];
};

/* A group; its unit is the IOMMU that it is behind. */
struct fake_group {
	unsigned int unit;
	bool foreign;
	bool claimed;
	unsigned int refs;
	struct fake_domain *domain;
};

static struct fake {
	struct fake_group group[3];
	struct fake_domain *domain[3];
	unsigned int domains;
	unsigned int others_told;
	unsigned int map_fails_in;	/* unit + 1 */
	unsigned int entries_left;	/* until map fails everywhere */
	u64 last;
} fake;

/* A function is the number of its group, from 1; the last one has none. */
#define FUNCTION(n)	((struct device *)(uintptr_t)((n) + 1))
#define NO_GROUP	3

static struct qae_space space;

static struct iommu_group *fake_group_get(struct device *dev)
{
	uintptr_t number = (uintptr_t)dev - 1;

	if (number >= NO_GROUP)
		return NULL;
	fake.group[number].refs++;
	return (struct iommu_group *)&fake.group[number];
}

static void fake_group_put(struct iommu_group *group)
{
	((struct fake_group *)group)->refs--;
}

static int fake_claim(struct iommu_group *group)
{
	struct fake_group *g = (struct fake_group *)group;

	if (g->foreign || g->claimed)
		return -EPERM;
	g->claimed = true;
	return 0;
}

static void fake_release(struct iommu_group *group)
{
	((struct fake_group *)group)->claimed = false;
}

static void fake_tell_other(struct device *dev, struct iommu_group *group)
{
	fake.others_told++;
}

static struct iommu_domain *fake_domain_alloc(struct device *dev)
{
	struct fake_domain *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d || fake.domains == ARRAY_SIZE(fake.domain)) {
		kfree(d);
		return ERR_PTR(-ENOMEM);
	}
	d->unit = fake.group[(uintptr_t)dev - 1].unit;
	fake.domain[fake.domains++] = d;
	return (struct iommu_domain *)d;
}

static void fake_domain_free(struct iommu_domain *domain)
{
	unsigned int i;

	for (i = 0; fake.domain[i] != (struct fake_domain *)domain; i++)
		;
	fake.domain[i] = fake.domain[--fake.domains];
	kfree(domain);
}

static int fake_attach(struct iommu_domain *domain, struct iommu_group *group)
{
	struct fake_domain *d = (struct fake_domain *)domain;
	struct fake_group *g = (struct fake_group *)group;

	if (g->unit != d->unit || !g->claimed || g->domain)
		return -EINVAL;
	d->groups++;
	g->domain = d;
	return 0;
}

static void fake_detach(struct iommu_domain *domain, struct iommu_group *group)
{
	((struct fake_domain *)domain)->groups--;
	((struct fake_group *)group)->domain = NULL;
}

static u64 fake_last_address(const struct iommu_domain *domain)
{
	return fake.last;
}

static int fake_reserved(struct device *dev, struct iommu_group *group, qae_reserved_fn tell,
			 void *context)
{
	return tell(context, MSI_FIRST, MSI_LAST);
}

static int fake_map(struct iommu_domain *domain, u64 address, u64 memory, size_t size)
{
	struct fake_domain *d = (struct fake_domain *)domain;

	if (fake.map_fails_in == d->unit + 1 || d->entries == MAX_ENTRIES || !fake.entries_left)
		return -ENOMEM;
	fake.entries_left--;
	d->entry[d->entries].address = address;
	d->entry[d->entries].memory = memory;
	d->entry[d->entries++].size = size;
	return 0;
}

static void fake_unmap(struct iommu_domain *domain, u64 address, size_t size)
{
	struct fake_domain *d = (struct fake_domain *)domain;
	size_t done = 0;
	unsigned int i;

	for (i = 0; i < d->entries;) {
		if (d->entry[i].address - address >= size) {
			i++;
			continue;
		}
		done += d->entry[i].size;
		d->entry[i] = d->entry[--d->entries];
	}
	WARN_ON(done != size);
}

static const struct qae_iommu_ops fake_ops = {
	.group_get = fake_group_get,
	.group_put = fake_group_put,
	.claim = fake_claim,
	.release = fake_release,
	.tell_other = fake_tell_other,
	.domain_alloc = fake_domain_alloc,
	.domain_free = fake_domain_free,
	.attach = fake_attach,
	.detach = fake_detach,
	.last_address = fake_last_address,
	.reserved = fake_reserved,
	.map = fake_map,
	.unmap = fake_unmap,
};

static u64 fake_memory_end(void)
{
	return MEMORY_END;
}

static int space_init(struct kunit *test)
{
	fake = (struct fake){ .last = WIDE, .entries_left = UINT_MAX };
	qae_space_init(&space, &fake_ops, fake_memory_end);
	return 0;
}

/* Nothing is left: no reference, claim or domain. */
static void space_exit(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fake.group); i++) {
		KUNIT_EXPECT_EQ(test, fake.group[i].refs, 0U);
		KUNIT_EXPECT_FALSE(test, fake.group[i].claimed);
	}
	KUNIT_EXPECT_EQ(test, fake.domains, 0U);
	qae_space_exit(&space);
}

static int join_mask(struct qae_space_member *member, unsigned int function, u64 mask,
		     const char **reason)
{
	*member = (struct qae_space_member){ .dev = FUNCTION(function), .mask = mask };
	*reason = NULL;
	return qae_space_join(&space, member, reason);
}

static void join(struct kunit *test, struct qae_space_member *member, unsigned int function)
{
	const char *reason;

	KUNIT_ASSERT_EQ(test, join_mask(member, function, WIDE, &reason), 0);
	KUNIT_EXPECT_EQ(test, qae_space_is_translated(member), function != NO_GROUP);
}

static void join_refused(struct kunit *test, unsigned int function, u64 mask, int err)
{
	struct qae_space_member member;
	const char *reason;

	KUNIT_EXPECT_EQ(test, join_mask(&member, function, mask, &reason), err);
	KUNIT_EXPECT_NOT_NULL(test, reason);
	KUNIT_EXPECT_FALSE(test, qae_space_is_translated(&member));
	/* Leaving is harmless then. */
	qae_space_leave(&space, &member);
}

static u64 map(struct kunit *test, struct qae_mapping *mapping, u64 memory, size_t size)
{
	KUNIT_ASSERT_EQ(test, qae_space_map(&space, mapping, memory, size, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, mapping->range.address % SZ_2M, memory % SZ_2M);
	return mapping->range.address;
}

/* Where the functions of a group get to by an address; U64_MAX: nowhere. */
static u64 reached(unsigned int group, u64 address)
{
	const struct fake_domain *d = fake.group[group].domain;
	unsigned int i;

	for (i = 0; d && i < d->entries; i++)
		if (address - d->entry[i].address < d->entry[i].size)
			return d->entry[i].memory + (address - d->entry[i].address);
	return U64_MAX;
}

static void physical_without_functions(struct kunit *test)
{
	struct qae_mapping mapping;

	KUNIT_EXPECT_EQ(test, map(test, &mapping, MEMORY, SZ_2M), MEMORY);
	qae_space_unmap(&space, &mapping);
}

static void physical_without_an_iommu(struct kunit *test)
{
	struct qae_space_member member;
	struct qae_mapping mapping;

	join(test, &member, NO_GROUP);
	KUNIT_EXPECT_EQ(test, map(test, &mapping, MEMORY, SZ_2M), MEMORY);
	qae_space_unmap(&space, &mapping);
	qae_space_leave(&space, &member);
}

static void iovas_behind_an_iommu(struct kunit *test)
{
	struct qae_space_member member;
	struct qae_mapping large, small;
	u64 address;

	join(test, &member, 0);
	address = map(test, &large, MEMORY, SZ_4M);
	KUNIT_EXPECT_GE(test, address, WINDOW);
	KUNIT_EXPECT_EQ(test, reached(0, address), MEMORY);
	KUNIT_EXPECT_EQ(test, reached(0, address + SZ_4M - 1), MEMORY + SZ_4M - 1);
	KUNIT_EXPECT_EQ(test, reached(0, address + SZ_4M), U64_MAX);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), U64_MAX);
	KUNIT_EXPECT_EQ(test, reached(0, map(test, &small, MEMORY + SZ_64M + SZ_4K, SZ_4K)),
			MEMORY + SZ_64M + SZ_4K);
	qae_space_unmap(&space, &large);
	KUNIT_EXPECT_EQ(test, reached(0, address), U64_MAX);
	qae_space_unmap(&space, &small);
	qae_space_leave(&space, &member);
}

static void pieces_are_one_run_for_functions(struct kunit *test)
{
	static const u64 pieces[] = { MEMORY + SZ_64M, MEMORY, MEMORY + SZ_2M };
	struct qae_space_member member, plain;
	struct qae_mapping mapping, other;
	u64 address;

	join(test, &member, 0);
	KUNIT_EXPECT_TRUE(test, qae_space_gives_iovas(&space));
	KUNIT_ASSERT_EQ(test, 0, qae_space_map_pieces(&space, &mapping, pieces, SZ_2M, 3 * SZ_2M,
						      SZ_2M));
	address = mapping.range.address;
	KUNIT_EXPECT_EQ(test, reached(0, address), pieces[0]);
	KUNIT_EXPECT_EQ(test, reached(0, address + SZ_2M + 5), pieces[1] + 5);
	KUNIT_EXPECT_EQ(test, reached(0, address + 3 * SZ_2M - 1), pieces[2] + SZ_2M - 1);
	qae_space_unmap(&space, &mapping);
	KUNIT_EXPECT_EQ(test, fake.group[0].domain->entries, 0U);
	/* Not where addresses are physical. */
	join(test, &plain, NO_GROUP);
	KUNIT_EXPECT_FALSE(test, qae_space_gives_iovas(&space));
	KUNIT_EXPECT_EQ(test, -EADDRNOTAVAIL, qae_space_map_pieces(&space, &other, pieces, SZ_2M,
								   3 * SZ_2M, SZ_2M));
	qae_space_leave(&space, &plain);
	/* A failure in the middle leaves nothing. */
	fake.entries_left = 2;
	KUNIT_EXPECT_EQ(test, -ENOMEM, qae_space_map_pieces(&space, &other, pieces, SZ_2M,
							    3 * SZ_2M, SZ_2M));
	KUNIT_EXPECT_EQ(test, fake.group[0].domain->entries, 0U);
	qae_space_leave(&space, &member);
}

/* A group is claimed once, however many of its functions join. */
static void functions_of_one_group(struct kunit *test)
{
	struct qae_space_member first, second;
	struct qae_mapping mapping;
	u64 address;

	join(test, &first, 0);
	join(test, &second, 0);
	address = map(test, &mapping, MEMORY, SZ_2M);
	qae_space_leave(&space, &first);
	KUNIT_EXPECT_EQ(test, reached(0, address), MEMORY);
	qae_space_leave(&space, &second);
	KUNIT_EXPECT_FALSE(test, fake.group[0].claimed);
	qae_space_unmap(&space, &mapping);
}

static void groups_share_a_domain_if_they_can(struct kunit *test)
{
	struct qae_space_member member[3];
	struct qae_mapping mapping[2];
	unsigned int i;

	fake.group[2].unit = 1;
	join(test, &member[0], 0);
	map(test, &mapping[0], MEMORY, SZ_2M);
	for (i = 1; i < 3; i++)
		join(test, &member[i], i);
	KUNIT_EXPECT_PTR_EQ(test, fake.group[0].domain, fake.group[1].domain);
	KUNIT_EXPECT_EQ(test, fake.domains, 2U);
	map(test, &mapping[1], MEMORY + SZ_64M, SZ_2M);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, reached(i, mapping[0].range.address), MEMORY);
		KUNIT_EXPECT_EQ(test, reached(i, mapping[1].range.address), MEMORY + SZ_64M);
	}
	qae_space_unmap(&space, &mapping[0]);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, reached(i, mapping[0].range.address), U64_MAX);
		qae_space_leave(&space, &member[i]);
	}
	qae_space_unmap(&space, &mapping[1]);
}

static void a_function_finds_what_is_there(struct kunit *test)
{
	struct qae_space_member member;
	struct qae_mapping early, late;
	u64 address;

	/* Allocated without any function: physical, and mapped one to one. */
	map(test, &early, MEMORY, SZ_2M);
	join(test, &member, 0);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), MEMORY);
	address = map(test, &late, MEMORY + SZ_64M, SZ_2M);
	/* The only one leaves and returns: addresses stay. */
	qae_space_leave(&space, &member);
	KUNIT_EXPECT_EQ(test, fake.domains, 0U);
	join(test, &member, 0);
	KUNIT_EXPECT_EQ(test, reached(0, address), MEMORY + SZ_64M);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), MEMORY);
	qae_space_unmap(&space, &early);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), U64_MAX);
	qae_space_unmap(&space, &late);
	qae_space_leave(&space, &member);
}

static void functions_of_both_kinds(struct kunit *test)
{
	struct qae_space_member translated, plain;
	struct qae_mapping mapping;

	join(test, &translated, 0);
	map(test, &mapping, MEMORY, SZ_2M);
	join_refused(test, NO_GROUP, WIDE, -EBUSY);
	qae_space_unmap(&space, &mapping);
	join(test, &plain, NO_GROUP);
	KUNIT_EXPECT_EQ(test, map(test, &mapping, MEMORY, SZ_2M), MEMORY);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), MEMORY);
	qae_space_unmap(&space, &mapping);
	KUNIT_EXPECT_EQ(test, reached(0, MEMORY), U64_MAX);
	qae_space_leave(&space, &plain);
	KUNIT_EXPECT_NE(test, map(test, &mapping, MEMORY, SZ_2M), MEMORY);
	qae_space_unmap(&space, &mapping);
	qae_space_leave(&space, &translated);
}

static void a_group_of_another_driver(struct kunit *test)
{
	struct qae_space_member member;

	fake.group[0].foreign = true;
	join_refused(test, 0, WIDE, -EBUSY);
	KUNIT_EXPECT_EQ(test, fake.others_told, 1U);
	fake.group[0].foreign = false;
	join(test, &member, 0);
	qae_space_leave(&space, &member);
}

static void a_narrow_function(struct kunit *test)
{
	struct qae_space_member wide, narrow;
	struct qae_mapping mapping;
	const char *reason;

	join(test, &wide, 0);
	map(test, &mapping, MEMORY, SZ_2M);
	join_refused(test, 1, DMA_BIT_MASK(28), -EBUSY);
	qae_space_unmap(&space, &mapping);
	/* Now all use low addresses, and none of them is physical. */
	KUNIT_ASSERT_EQ(test, join_mask(&narrow, 1, DMA_BIT_MASK(28), &reason), 0);
	KUNIT_EXPECT_LT(test, map(test, &mapping, MEMORY, SZ_2M), DMA_BIT_MASK(28));
	KUNIT_EXPECT_NE(test, mapping.range.address, MEMORY);
	KUNIT_EXPECT_NE(test, mapping.range.address, 0ULL);
	qae_space_unmap(&space, &mapping);
	join_refused(test, NO_GROUP, WIDE, -EBUSY);
	qae_space_leave(&space, &narrow);
	qae_space_leave(&space, &wide);
	/* Without them high addresses are back; with physical ones in use a narrow one waits. */
	map(test, &mapping, MEMORY, SZ_2M);
	join_refused(test, 1, DMA_BIT_MASK(28), -EBUSY);
	join(test, &wide, 0);
	qae_space_unmap(&space, &mapping);
	KUNIT_EXPECT_GE(test, map(test, &mapping, MEMORY, SZ_2M), WINDOW);
	qae_space_unmap(&space, &mapping);
	qae_space_leave(&space, &wide);
}

/* 4 GiB of addresses with a hole: nothing lies in it, whatever is taken. */
static void reserved_addresses_are_left_out(struct kunit *test)
{
	static struct qae_mapping mapping[MAX_ENTRIES];
	struct qae_space_member member;
	const char *reason;
	unsigned int i, round;

	fake.last = DMA_BIT_MASK(32);
	KUNIT_ASSERT_EQ(test, join_mask(&member, 0, WIDE, &reason), 0);
	for (round = 0; round < 30; round++) {
		for (i = 0; i < ARRAY_SIZE(mapping); i++) {
			u64 address = map(test, &mapping[i], MEMORY, 5 * SZ_2M);
			u64 last = address + 5 * SZ_2M - 1;

			KUNIT_EXPECT_LE(test, last, DMA_BIT_MASK(32));
			KUNIT_EXPECT_TRUE(test, address > MSI_LAST || last < MSI_FIRST);
		}
		for (i = 0; i < ARRAY_SIZE(mapping); i++)
			qae_space_unmap(&space, &mapping[i]);
	}
	qae_space_leave(&space, &member);
}

static void a_failure_leaves_nothing_mapped(struct kunit *test)
{
	struct qae_space_member member[2];
	struct qae_mapping mapping;
	unsigned long before;

	fake.group[1].unit = 1;
	join(test, &member[0], 0);
	join(test, &member[1], 1);
	before = space.iova->free;
	fake.map_fails_in = 2;
	KUNIT_EXPECT_EQ(test, qae_space_map(&space, &mapping, MEMORY, SZ_2M, PAGE_SIZE), -ENOMEM);
	KUNIT_EXPECT_EQ(test, fake.group[0].domain->entries, 0U);
	KUNIT_EXPECT_EQ(test, space.iova->free, before);
	qae_space_leave(&space, &member[1]);
	map(test, &mapping, MEMORY, SZ_2M);
	join_refused(test, 1, WIDE, -ENOMEM);
	KUNIT_EXPECT_FALSE(test, fake.group[1].claimed);
	fake.map_fails_in = 0;
	join(test, &member[1], 1);
	qae_space_unmap(&space, &mapping);
	qae_space_leave(&space, &member[1]);
	qae_space_leave(&space, &member[0]);
}

static struct kunit_case space_cases[] = {
	KUNIT_CASE(physical_without_functions),
	KUNIT_CASE(physical_without_an_iommu),
	KUNIT_CASE(iovas_behind_an_iommu),
	KUNIT_CASE(pieces_are_one_run_for_functions),
	KUNIT_CASE(functions_of_one_group),
	KUNIT_CASE(groups_share_a_domain_if_they_can),
	KUNIT_CASE(a_function_finds_what_is_there),
	KUNIT_CASE(functions_of_both_kinds),
	KUNIT_CASE(a_group_of_another_driver),
	KUNIT_CASE(a_narrow_function),
	KUNIT_CASE(reserved_addresses_are_left_out),
	KUNIT_CASE(a_failure_leaves_nothing_mapped),
	{}
};

struct kunit_suite qae_space_suite = {
	.name = "qae_space",
	.init = space_init,
	.exit = space_exit,
	.test_cases = space_cases,
};
