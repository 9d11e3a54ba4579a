// SPDX-License-Identifier: GPL-2.0-only
/* Pinned memory for kernel modules. MEM-01 … MEM-06, MEM-08, MEM-10. */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mem/charge.h"
#include "mem_fixture.h"
#include "qae_kapi.h"
#include "suites.h"

/* Remembers the bytes pinned before the test; it must not leave more. */
static int kapi_test_init(struct kunit *test)
{
	s64 *bytes = kunit_kzalloc(test, sizeof(*bytes), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	*bytes = atomic64_read(&qae_account.kernel_bytes);
	test->priv = bytes;
	return 0;
}

static s64 pinned(struct kunit *test)
{
	return atomic64_read(&qae_account.kernel_bytes) - *(s64 *)test->priv;
}

static void alloc_and_free(struct kunit *test)
{
	void *plain = qaeMemAlloc(5000);
	void *aligned = qaeMemAllocNUMA(SZ_4K, QAE_NODE_ANY, SZ_64K);

	KUNIT_ASSERT_NOT_NULL(test, plain);
	KUNIT_ASSERT_NOT_NULL(test, aligned);
	KUNIT_EXPECT_EQ(test, pinned(test), (s64)(SZ_8K + SZ_64K));
	KUNIT_EXPECT_NULL(test, memchr_inv(plain, 0, 5000));
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(aligned) & (SZ_64K - 1), 0ULL);
	memset(plain, 1, 5000);
	memset(aligned, 2, SZ_4K);

	/* Each free function accepts memory of each alloc function. */
	qaeMemFreeNUMA(&plain);
	qaeMemFree(&aligned);
	KUNIT_EXPECT_NULL(test, plain);
	KUNIT_EXPECT_NULL(test, aligned);
	KUNIT_EXPECT_EQ(test, pinned(test), 0LL);
}

static void refuses_bad_values(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, qaeMemAlloc(0));
	KUNIT_EXPECT_NULL(test, qaeMemAlloc(QAE_MAX_REGION_SIZE + 1));
	KUNIT_EXPECT_NULL(test, qaeMemAlloc(SIZE_MAX));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(0, QAE_NODE_ANY, 64));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(64, QAE_NODE_ANY, 0));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(64, QAE_NODE_ANY, 48));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(64, QAE_NODE_ANY, QAE_MAX_ALIGNMENT * 2));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(64, -2, 64));
	KUNIT_EXPECT_NULL(test, qaeMemAllocNUMA(64, MAX_NUMNODES, 64));
	KUNIT_EXPECT_EQ(test, pinned(test), 0LL);
}

static void honours_node(struct kunit *test)
{
	int node;

	for_each_node_state(node, N_MEMORY) {
		void *ptr = qaeMemAllocNUMA(SZ_2M, node, SZ_2M);

		KUNIT_ASSERT_NOT_NULL(test, ptr);
		KUNIT_EXPECT_EQ(test, page_to_nid(virt_to_page(ptr)), node);
		qaeMemFreeNUMA(&ptr);
	}
}

static void translates(struct kunit *test)
{
	void *foreign = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	u8 *ptr = qaeMemAllocNUMA(SZ_2M, QAE_NODE_ANY, SZ_2M);
	void *gone = ptr;
	size_t offset;
	u8 on_stack = 0;

	KUNIT_ASSERT_NOT_NULL(test, foreign);
	KUNIT_ASSERT_NOT_NULL(test, ptr);
	for (offset = 0; offset < SZ_2M; offset += 4095)
		KUNIT_ASSERT_EQ(test, qaeVirtToPhysNUMA(ptr + offset),
				(u64)virt_to_phys(ptr) + offset);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(ptr + SZ_2M - 1),
			(u64)virt_to_phys(ptr) + SZ_2M - 1);

	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(NULL), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA((void *)0x1000), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA((void *)ULONG_MAX), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(foreign), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(&on_stack), 0ULL);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(ptr + SZ_2M), 0ULL);
	qaeMemFreeNUMA((void **)&ptr);
	KUNIT_EXPECT_EQ(test, qaeVirtToPhysNUMA(gone), 0ULL);
}

/* The rate-limited warnings of the free functions are not checked here. */
static void refuses_foreign_frees(struct kunit *test)
{
	void *foreign = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	u8 *ptr = qaeMemAlloc(SZ_64K);
	void *other = qaeMemAlloc(SZ_64K);
	void *bad[] = { ptr + 1, ptr + SZ_4K, ptr + SZ_64K - 1, foreign, (void *)0x1000 };
	void *again = ptr;
	void *none = NULL;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, foreign);
	KUNIT_ASSERT_NOT_NULL(test, ptr);
	KUNIT_ASSERT_NOT_NULL(test, other);
	memset(ptr, 3, SZ_64K);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		void *given = bad[i];

		qaeMemFreeNUMA(&given);
		KUNIT_EXPECT_PTR_EQ(test, given, bad[i]);
	}
	qaeMemFree(NULL);
	qaeMemFreeNUMA(NULL);
	qaeMemFree(&none);
	KUNIT_EXPECT_EQ(test, pinned(test), (s64)SZ_128K);
	KUNIT_EXPECT_NULL(test, memchr_inv(ptr, 3, SZ_64K));

	qaeMemFree((void **)&ptr);
	qaeMemFree(&again);
	KUNIT_EXPECT_NOT_NULL(test, again);
	KUNIT_EXPECT_EQ(test, pinned(test), (s64)SZ_64K);
	KUNIT_EXPECT_NE(test, qaeVirtToPhysNUMA(other), 0ULL);
	qaeMemFree(&other);
	KUNIT_EXPECT_EQ(test, pinned(test), 0LL);
}

/* Of two threads that free the same pointer, one succeeds and one is refused. */
struct race {
	void *ptr;
	atomic_t freed;
	struct completion go;
};

static int free_in_thread(void *data)
{
	struct race *race = data;
	void *mine = race->ptr;

	wait_for_completion(&race->go);
	qaeMemFreeNUMA(&mine);
	if (!mine)
		atomic_inc(&race->freed);
	return 0;
}

static void frees_once(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct mem_fixture_thread thread[2];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->ptr = qaeMemAlloc(SZ_64K);
	KUNIT_ASSERT_NOT_NULL(test, race->ptr);
	init_completion(&race->go);
	for (i = 0; i < 2; i++)
		mem_fixture_run(test, &thread[i], free_in_thread, race);
	complete_all(&race->go);
	for (i = 0; i < 2; i++)
		mem_fixture_stop(&thread[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->freed), 1);
	KUNIT_EXPECT_EQ(test, pinned(test), 0LL);
}

static long module_references(struct kunit *test)
{
	struct file *file = filp_open("/sys/module/qae/refcnt", O_RDONLY, 0);
	char text[24] = "";
	loff_t at = 0;
	long count;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_GT(test, kernel_read(file, text, sizeof(text) - 1, &at), (ssize_t)0);
	filp_close(file, NULL);
	KUNIT_ASSERT_EQ(test, kstrtol(strim(text), 10, &count), 0);
	return count;
}

static void holds_the_module(struct kunit *test)
{
	long before = module_references(test);
	void *ptr = qaeMemAlloc(SZ_4K);

	KUNIT_ASSERT_NOT_NULL(test, ptr);
	KUNIT_EXPECT_EQ(test, module_references(test), before + 1);
	qaeMemFree(&ptr);
	KUNIT_EXPECT_EQ(test, module_references(test), before);
	KUNIT_EXPECT_NULL(test, qaeMemAlloc(0));
	KUNIT_EXPECT_EQ(test, module_references(test), before);
}

static struct kunit_case kapi_cases[] = {
	KUNIT_CASE(alloc_and_free),
	KUNIT_CASE(refuses_bad_values),
	KUNIT_CASE(honours_node),
	KUNIT_CASE(translates),
	KUNIT_CASE(refuses_foreign_frees),
	KUNIT_CASE(frees_once),
	KUNIT_CASE(holds_the_module),
	{}
};

struct kunit_suite qae_kapi_suite = {
	.name = "qae_kapi",
	.init = kapi_test_init,
	.test_cases = kapi_cases,
};
