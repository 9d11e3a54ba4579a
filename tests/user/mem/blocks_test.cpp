// SPDX-License-Identifier: BSD-3-Clause
// Blocks of the allocator over a fake source: alignment, translation, content, nodes, misuse, and the memory
// that is returned.
#include <cerrno>
#include <cstring>
#include <vector>

#include "mem/heap.h"
#include "support/cmocka_cpp.h"
#include "support/fake_heap.h"
#include "support/reason.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Heap;
using qae::test::g_source;

constexpr std::size_t kKeep = qae::test::kDefaultKeep;
constexpr std::size_t kCached = 8 << 20; // regions that the caches of one thread may hold parts of

unsigned char *alloc(std::size_t size, std::size_t alignment = 1, int node = NUMA_ANY_NODE) {
    return static_cast<unsigned char *>(qaeMemAllocNUMA(size, node, alignment));
}

void release(void *block) {
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

void release_dirty(void *block) {
    qaeMemFreeNonZeroNUMA(&block);
    assert_null(block);
}

bool all_bytes(const unsigned char *p, std::size_t size, unsigned char value) {
    return p[0] == value && std::memcmp(p, p + 1, size - 1) == 0;
}

// Each needs a frame of device addresses, but not all of its memory.
void MEM_03_a_large_alignment_costs_little(void **) {
    for (std::size_t alignment = 256 << 10; alignment <= QAE_MAX_PHYS_ALIGN; alignment *= 2) {
        std::vector<void *> blocks;
        for (int i = 0; i < 100; ++i) {
            blocks.push_back(alloc(1, alignment));
            assert_non_null(blocks.back());
            assert_true(qaeVirtToPhysNUMA(blocks.back()) % alignment == 0);
        }
        assert_true(g_source->live_bytes() <= 100 * 4096);
        for (void *&block : blocks) {
            qaeMemFreeNUMA(&block);
        }
        qaeMemTrim();
    }
}

void MEM_03_every_power_of_two_is_an_alignment(void **) {
    std::vector<unsigned char *> blocks;
    for (std::size_t alignment = 1; alignment <= QAE_MAX_PHYS_ALIGN; alignment *= 2) {
        for (const std::size_t size : {1UL, 63UL, 64UL, 65UL, 1000UL, 1024UL, 3584UL, 3585UL, 4096UL, 5000UL,
                                       65536UL, 1500000UL, 2097152UL, 2097153UL, 4194304UL}) {
            unsigned char *p = alloc(size, alignment);
            assert_non_null(p);
            const std::uint64_t device = qaeVirtToPhysNUMA(p);
            assert_true(device != 0 && device % alignment == 0 && device % 64 == 0);
            assert_true(reinterpret_cast<std::uintptr_t>(p) % (2 << 20) == device % (2 << 20));
            p[0] = 1;
            p[size - 1] = 2;
            blocks.push_back(p);
        }
    }
    for (unsigned char *p : blocks) {
        release(p);
    }
}

void MEM_03_blocks_are_contiguous_for_the_device(void **) {
    for (const std::size_t size : {64UL, 3000UL, 10000UL, 1UL << 20, 3UL << 20}) {
        unsigned char *p = alloc(size);
        for (std::size_t i = 0; i < size; ++i) {
            p[i] = static_cast<unsigned char>(i * 31 + i / 256);
        }
        std::vector<unsigned char> seen(size);
        g_source->read(qaeVirtToPhysNUMA(p), seen.data(), size);
        assert_memory_equal(p, seen.data(), size);
        release(p);
    }
}

void MEM_06_freed_content_is_cleared_at_once(void **) {
    for (const std::size_t size : {64UL, 4096UL, 100000UL, 2UL << 20}) {
        unsigned char *keep = alloc(64); // holds the region of small blocks
        unsigned char *p = alloc(size);
        const std::uint64_t device = qaeVirtToPhysNUMA(p);
        std::memset(p, 0xee, size);
        release(p);
        std::vector<unsigned char> seen(size);
        g_source->read(device, seen.data(), size);
        assert_true(all_bytes(seen.data(), size, 0));
        release(keep);
    }
}

void MEM_03_new_blocks_are_zero_after_clearing_frees(void **) {
    for (int round = 0; round < 50; ++round) {
        std::vector<unsigned char *> blocks;
        for (std::size_t size = 1; size < 300000; size = size * 3 + 7) {
            unsigned char *p = alloc(size);
            assert_true(size == 1 ? p[0] == 0 : all_bytes(p, size, 0));
            std::memset(p, 0x77, size);
            blocks.push_back(p);
        }
        for (unsigned char *p : blocks) {
            release(p);
        }
    }
}

void MEM_07_uncleared_content_stays_in_the_process(void **) {
    unsigned char *keep = alloc(64);
    unsigned char *p = alloc(4096);
    const std::uint64_t device = qaeVirtToPhysNUMA(p);
    std::memset(p, 0x3c, 4096);
    release_dirty(p);
    unsigned char seen[4096];
    g_source->read(device, seen, sizeof(seen));
    assert_true(all_bytes(seen, sizeof(seen), 0x3c)); // not cleared, as requested
    assert_true(qaeVirtToPhysNUMA(p) == 0);
    release(keep);
}

void MEM_05_nodes_are_honoured(void **) {
    std::vector<unsigned char *> blocks;
    for (int i = 0; i < 400; ++i) {
        for (const int node : {0, 1}) {
            unsigned char *p = alloc(static_cast<std::size_t>(100 + i * 37), 64, node);
            assert_int_equal(g_source->node_at(qaeVirtToPhysNUMA(p)), node);
            blocks.push_back(p);
            p = alloc(64);
            assert_non_null(p);
            blocks.push_back(p);
        }
        if (i % 3 == 0) {
            release(blocks[blocks.size() / 2]);
            blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 2));
        }
    }
    for (unsigned char *p : blocks) {
        release(p);
    }
}

void MEM_05_any_node_falls_back_when_the_callers_node_is_full(void **) {
    unsigned char *far = alloc(64, 1, 1);
    g_source->fail_with = ENOMEM;
    unsigned char *p = alloc(64);
    assert_non_null(p);
    assert_int_equal(g_source->node_at(qaeVirtToPhysNUMA(p)), 1);
    assert_null(alloc(64, 1, 0));
    g_source->fail_with = 0;
    release(p);
    release(far);
}

// Blocks share the regions that the source found, even on a distant node.
void MEM_05_any_node_works_when_the_callers_node_has_no_memory(void **) {
    for (const int node : {0, 1}) {
        g_source->any_node = node;
        std::vector<unsigned char *> blocks;
        for (int i = 0; i < 1000; ++i) {
            blocks.push_back(alloc(i % 100 == 0 ? 128 << 10 : 64));
            assert_non_null(blocks.back());
        }
        assert_int_equal(g_source->node_at(qaeVirtToPhysNUMA(blocks[0])), node);
        assert_true(g_source->live_regions() <= 4);
        for (unsigned char *block : blocks) {
            release(block);
        }
        qaeMemTrim();
    }
}

void MEM_08_only_live_blocks_translate(void **) {
    unsigned char *keep = alloc(64);
    for (const std::size_t size : {64UL, 192UL, 3584UL, 4096UL, 12288UL, 1UL << 20, 4UL << 20}) {
        unsigned char *p = alloc(size);
        const std::uint64_t device = qaeVirtToPhysNUMA(p);
        for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, size / 2, size - 1}) {
            assert_true(qaeVirtToPhysNUMA(p + offset) == device + offset);
            assert_ptr_equal(qaePhysToVirtNUMA(device + offset), p + offset);
        }
        release(p);
        for (const std::size_t offset : {std::size_t{0}, std::size_t{1}, size / 2, size - 1}) {
            assert_true(qaeVirtToPhysNUMA(p + offset) == 0);
            assert_null(qaePhysToVirtNUMA(device + offset));
        }
    }
    release(keep);
}

void MEM_08_gaps_between_blocks_do_not_translate(void **) {
    unsigned char *a = alloc(64);
    unsigned char *b = alloc(64);
    unsigned char *c = alloc(64);
    assert_ptr_equal(b, a + 64);
    release(b);
    assert_true(qaeVirtToPhysNUMA(a + 63) != 0 && qaeVirtToPhysNUMA(c) != 0);
    assert_true(qaeVirtToPhysNUMA(a + 64) == 0 && qaeVirtToPhysNUMA(a + 127) == 0);
    unsigned char *odd = alloc(448); // nine of them leave 64 bytes of their page
    const auto page = reinterpret_cast<unsigned char *>(reinterpret_cast<std::uintptr_t>(odd) & ~4095UL);
    assert_ptr_equal(page, odd);
    assert_true(qaeVirtToPhysNUMA(page) != 0);
    assert_true(qaeVirtToPhysNUMA(page + 4095) == 0);
    release(odd);
    release(a);
    release(c);
}

void MEM_09_small_regions_of_one_frame_translate(void **) {
    g_source->dense = true;
    g_source->fragmented_above = 64 << 10;
    std::vector<unsigned char *> blocks;
    for (int i = 0; i < 200; ++i) {
        unsigned char *p = alloc(static_cast<std::size_t>(3000 + i * 300));
        assert_non_null(p);
        p[0] = static_cast<unsigned char>(i);
        blocks.push_back(p);
    }
    assert_true(g_source->live_regions() > 50);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::uint64_t device = qaeVirtToPhysNUMA(blocks[i]);
        unsigned char seen = 0;
        g_source->read(device, &seen, 1);
        assert_int_equal(seen, i);
        assert_ptr_equal(qaePhysToVirtNUMA(device + 2999), blocks[i] + 2999);
    }
    assert_null(alloc(128 << 10));
    assert_int_equal(qaeLastErrno(), ENOMEM);
    assert_says(qaeLastError(), "no contiguous memory");
    for (unsigned char *p : blocks) {
        release(p);
    }
}

void misuse(void *pointer, int err) {
    for (const auto function : {qaeMemFreeNUMA, qaeMemFreeNonZeroNUMA}) {
        void *p = pointer;
        qaeClearLastError();
        function(&p);
        assert_int_equal(qaeLastErrno(), err);
        assert_ptr_equal(p, pointer);
    }
}

void MEM_10_misuse_frees_nothing(void **) {
    int local = 0;
    for (const std::size_t size : {64UL, 1500UL, 4096UL, 9000UL, 2UL << 20, 4UL << 20}) {
        unsigned char *before = alloc(size);
        unsigned char *p = alloc(size);
        unsigned char *after = alloc(size);
        for (unsigned char *block : {before, p, after}) {
            std::memset(block, 0x42, size);
        }
        misuse(p + 1, EINVAL);
        misuse(p + size - 1, EINVAL);
        misuse(p + size / 2, EINVAL);
        misuse(&local, ENOENT);
        misuse(g_source, ENOENT);
        misuse(reinterpret_cast<void *>(16), ENOENT);
        misuse(reinterpret_cast<void *>(UINTPTR_MAX), ENOENT);
        misuse(reinterpret_cast<void *>(qaeVirtToPhysNUMA(p)), ENOENT);
        release(p);
        misuse(p, ENOENT);
        misuse(p + 1, ENOENT);
        assert_true(all_bytes(before, size, 0x42) && all_bytes(after, size, 0x42));
        release(before);
        release(after);
        misuse(before, ENOENT);
    }
    assert_int_equal(Heap::instance().stats().live_blocks, 0);
}

// The message claims no more than the library can tell.
void MEM_10_misuse_is_reported_by_kind(void **) {
    unsigned char *p = alloc(4096);
    unsigned char *last = p + 4096;
    while (qaeVirtToPhysNUMA(last) != 0) {
        last += 4096;
    }
    int local = 0;
    misuse(p + 64, EINVAL);
    assert_says(qaeLastError(), " points into a block; pass the pointer that qaeMemAllocNUMA");
    misuse(last, ENOENT);
    assert_says(qaeLastError(), " is not allocated: it was freed already, or never was a block");
    misuse(&local, ENOENT);
    assert_says(qaeLastError(), " is not pinned memory of this process: it came from else");
    release(p);
    misuse(p, ENOENT);
    assert_says(qaeLastError(), "freed already");
}

void MEM_10_double_free_after_the_region_was_returned_fails(void **) {
    std::vector<unsigned char *> blocks;
    for (int i = 0; i < 8; ++i) {
        blocks.push_back(alloc(4 << 20));
    }
    for (unsigned char *p : blocks) {
        release(p);
    }
    assert_true(g_source->live_regions() < 8);
    for (unsigned char *p : blocks) {
        misuse(p, ENOENT);
        assert_true(qaeVirtToPhysNUMA(p) == 0);
    }
}

void idle_memory_beyond_the_watermark_is_returned(void **) {
    std::vector<unsigned char *> blocks;
    for (int i = 0; i < 64; ++i) {
        blocks.push_back(alloc(1 << 20, 1, i % 2));
    }
    assert_int_equal(g_source->live_bytes(), 64 << 20);
    for (unsigned char *p : blocks) {
        release(p);
    }
    assert_true(g_source->live_bytes() <= 2 * kKeep + kCached);
    assert_int_equal(Heap::instance().stats().pinned_bytes, g_source->live_bytes());
    static_cast<void>(Heap::instance().trim(0));
    assert_int_equal(g_source->live_bytes(), 0);
}

std::uint32_t region_of(const void *block) {
    qae_mem_block info{};
    info.size = sizeof(info);
    assert_int_equal(qaeMemGetInfo(block, &info), 0);
    return info.region_id;
}

// Otherwise a loop over blocks that need a region each would return it and fetch another one in every round.
void the_longest_idle_region_is_returned_first(void **) {
    std::vector<void *> blocks;
    for (int i = 0; i < 3; ++i) {
        blocks.push_back(qaeMemAllocNUMA(2 << 20, 0, 2 << 20));
    }
    for (void *&block : blocks) {
        qaeMemFreeNUMA(&block);
    }
    qaeMemSetKeep(8 << 20);
    std::uint32_t region = 0;
    for (int round = 0; round < 4; ++round) {
        void *block = qaeMemAllocNUMA(5 << 20, 0, 64);
        assert_non_null(block);
        assert_true(round < 2 || region_of(block) == region);
        region = region_of(block);
        qaeMemFreeNUMA(&block);
    }
}

void small_live_sets_share_one_region(void **) {
    std::vector<unsigned char *> blocks;
    for (std::size_t size = 1; size <= 65536; size = size * 5 / 4 + 1) {
        blocks.push_back(alloc(size, 1, 0));
    }
    assert_int_equal(g_source->live_regions(), 1);
    for (unsigned char *p : blocks) {
        release(p);
    }
}

void destroy_ends_all_blocks_and_later_ones_work(void **) {
    unsigned char *p = alloc(5000);
    unsigned char *q = alloc(64);
    qaeMemDestroy();
    assert_int_equal(g_source->live_bytes(), 0);
    misuse(p, ENOENT);
    misuse(q, ENOENT);
    p = alloc(64);
    assert_non_null(p);
    assert_true(all_bytes(p, 64, 0));
    release(p);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        FAKE_SOURCE_TEST(MEM_03_a_large_alignment_costs_little),
        FAKE_SOURCE_TEST(MEM_03_every_power_of_two_is_an_alignment),
        FAKE_SOURCE_TEST(MEM_03_blocks_are_contiguous_for_the_device),
        FAKE_SOURCE_TEST(MEM_06_freed_content_is_cleared_at_once),
        FAKE_SOURCE_TEST(MEM_03_new_blocks_are_zero_after_clearing_frees),
        FAKE_SOURCE_TEST(MEM_07_uncleared_content_stays_in_the_process),
        FAKE_SOURCE_TEST(MEM_05_nodes_are_honoured),
        FAKE_SOURCE_TEST(MEM_05_any_node_falls_back_when_the_callers_node_is_full),
        FAKE_SOURCE_TEST(MEM_05_any_node_works_when_the_callers_node_has_no_memory),
        FAKE_SOURCE_TEST(MEM_08_only_live_blocks_translate),
        FAKE_SOURCE_TEST(MEM_08_gaps_between_blocks_do_not_translate),
        FAKE_SOURCE_TEST(MEM_09_small_regions_of_one_frame_translate),
        FAKE_SOURCE_TEST(MEM_10_misuse_frees_nothing),
        FAKE_SOURCE_TEST(MEM_10_misuse_is_reported_by_kind),
        FAKE_SOURCE_TEST(MEM_10_double_free_after_the_region_was_returned_fails),
        FAKE_SOURCE_TEST(idle_memory_beyond_the_watermark_is_returned),
        FAKE_SOURCE_TEST(the_longest_idle_region_is_returned_first),
        FAKE_SOURCE_TEST(small_live_sets_share_one_region),
        FAKE_SOURCE_TEST(destroy_ends_all_blocks_and_later_ones_work),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
