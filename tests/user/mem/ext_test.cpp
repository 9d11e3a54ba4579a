// SPDX-License-Identifier: BSD-3-Clause
// qae_mem_ext.h over a fake source: information about pointers, statistics, returning memory.
#include <cerrno>
#include <climits>
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

constexpr std::uint64_t kKeep = qae::test::kDefaultKeep;

void *alloc(std::size_t size, std::size_t alignment = 1, int node = NUMA_ANY_NODE) {
    void *block = qaeMemAllocNUMA(size, node, alignment);
    assert_non_null(block);
    return block;
}

void release(void *block) {
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

qae_mem_stats stats() {
    qae_mem_stats stats;
    std::memset(&stats, 0xaa, sizeof(stats));
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    assert_int_equal(stats.size, sizeof(stats));
    assert_int_equal(stats.reserved, 0);
    assert_int_equal(stats.pinned, g_source->live_bytes());
    assert_int_equal(stats.regions, g_source->live_regions());
    assert_true(stats.live + stats.cached + stats.spare + stats.idle <= stats.pinned);
    assert_true(stats.pinned_peak >= stats.pinned);
    return stats;
}

qae_mem_block info_of(const void *pointer) {
    qae_mem_block info;
    std::memset(&info, 0xaa, sizeof(info));
    info.size = sizeof(info);
    assert_int_equal(qaeMemGetInfo(pointer, &info), 0);
    assert_int_equal(info.size, sizeof(info));
    assert_int_equal(info.reserved, 0);
    return info;
}

void MEM_03_MEM_05_info_describes_the_granted_block(void **) {
    for (const std::size_t size : {1UL, 64UL, 65UL, 511UL, 512UL, 4096UL, 5000UL, 65536UL, 65537UL, 1UL << 20,
                                   3UL << 20, 4UL << 20, 5UL << 20}) {
        for (const std::size_t alignment : {1UL, 128UL, 4096UL, 65536UL, 4UL << 20}) {
            for (const int node : {NUMA_ANY_NODE, 0, 1}) {
                void *block = alloc(size, alignment, node);
                const qae_mem_block info = info_of(block);
                assert_ptr_equal(info.start, block);
                assert_true(info.length >= size && info.length % 64 == 0);
                assert_true(info.length <= size + 63 || info.length - size <= size / 8 + 4096 + alignment);
                assert_true(info.device_address == qaeVirtToPhysNUMA(block));
                assert_true(info.alignment >= alignment && info.device_address % info.alignment == 0);
                assert_true(info.alignment == QAE_MAX_PHYS_ALIGN ||
                            info.device_address % (info.alignment * 2) != 0);
                assert_int_equal(info.node, g_source->node_at(info.device_address));
                assert_true(node == NUMA_ANY_NODE || info.node == node);
                const auto start = reinterpret_cast<std::uintptr_t>(block);
                const auto region = reinterpret_cast<std::uintptr_t>(info.region_start);
                assert_true(region <= start && start + info.length <= region + info.region_length);
                assert_int_equal(start - region,
                                 info.device_address -
                                     qae::g_heap.window().device_of(region - qae::g_heap.window().base()));
                release(block);
            }
        }
    }
}

void MEM_08_info_of_an_interior_address_describes_the_block(void **) {
    for (const std::size_t size : {64UL, 3000UL, 60000UL, 1UL << 20}) {
        auto *block = static_cast<unsigned char *>(alloc(size));
        const qae_mem_block whole = info_of(block);
        for (const std::size_t offset : {std::size_t{1}, size / 2, size - 1, whole.length - 1}) {
            const qae_mem_block same = info_of(block + offset);
            assert_memory_equal(&same, &whole, sizeof(whole));
        }
        release(block);
    }
}

void MEM_08_info_refuses_pointers_outside_live_blocks(void **) {
    auto *block = static_cast<unsigned char *>(alloc(100));
    void *keep = alloc(64);
    qae_mem_block info;
    std::memset(&info, 0x55, sizeof(info));
    info.size = sizeof(info);
    const qae_mem_block before = info;
    release(block);
    int local = 0;
    for (const void *bad : {static_cast<void *>(block), static_cast<void *>(block + 1),
                            static_cast<void *>(&local), reinterpret_cast<void *>(UINTPTR_MAX)}) {
        assert_int_equal(qaeMemGetInfo(bad, &info), -ENOENT);
        expect_reason(ENOENT, "not in a live block");
    }
    assert_int_equal(qaeMemGetInfo(nullptr, &info), -EINVAL);
    expect_reason(EINVAL, "the pointer is NULL");
    assert_int_equal(qaeMemGetInfo(keep, nullptr), -EINVAL);
    expect_reason(EINVAL, "info is NULL");
    assert_memory_equal(&info, &before, sizeof(info));
    for (const std::uint32_t size : {0U, 4U, 63U}) {
        info.size = size;
        assert_int_equal(qaeMemGetInfo(keep, &info), -EINVAL);
        expect_reason(EINVAL, "sizeof(struct qae_mem_block)");
    }
    release(keep);
}

// A caller compiled with a later release knows more fields than this library.
void structures_of_other_sizes_are_served(void **) {
    void *block = alloc(100);
    struct {
        qae_mem_block known;
        unsigned char more[32];
    } info;
    std::memset(&info, 0x55, sizeof(info));
    info.known.size = sizeof(info);
    assert_int_equal(qaeMemGetInfo(block, &info.known), 0);
    assert_int_equal(info.known.size, sizeof(qae_mem_block));
    assert_int_equal(info.more[0], 0x55);
    struct {
        qae_mem_stats known;
        unsigned char more[32];
    } numbers;
    std::memset(&numbers, 0x55, sizeof(numbers));
    numbers.known.size = sizeof(numbers);
    assert_int_equal(qaeMemStats(&numbers.known), 0);
    assert_int_equal(numbers.known.size, sizeof(qae_mem_stats));
    assert_int_equal(numbers.more[31], 0x55);
    constexpr std::uint32_t kFirstSize = 80; // of the first release, which had no huge pages
    std::memset(&numbers, 0x55, sizeof(numbers));
    numbers.known.size = kFirstSize;
    assert_int_equal(qaeMemStats(&numbers.known), 0);
    assert_int_equal(numbers.known.size, kFirstSize);
    assert_int_equal(numbers.known.live_blocks, 1);
    assert_int_equal(numbers.known.huge, 0x5555555555555555);
    numbers.known.size = kFirstSize - 1;
    assert_int_equal(qaeMemStats(&numbers.known), -EINVAL);
    expect_reason(EINVAL, "sizeof(struct qae_mem_stats)");
    assert_int_equal(qaeMemStats(nullptr), -EINVAL);
    expect_reason(EINVAL, "NULL");
    release(block);
}

void MEM_23_stats_are_exact(void **) {
    assert_int_equal(stats().live_blocks, 0);
    std::vector<void *> blocks;
    std::uint64_t bytes = 0;
    for (std::size_t size = 1; size < (2UL << 20); size = size * 3 / 2 + 1) {
        for (int i = 0; i < 20; ++i) {
            blocks.push_back(alloc(size, 1, i % 2));
            bytes += info_of(blocks.back()).length;
            assert_int_equal(stats().live_blocks, blocks.size());
            assert_int_equal(stats().live, bytes);
        }
    }
    const std::uint64_t peak = stats().pinned;
    while (!blocks.empty()) {
        bytes -= info_of(blocks.back()).length;
        release(blocks.back());
        blocks.pop_back();
        assert_int_equal(stats().live_blocks, blocks.size());
        assert_int_equal(stats().live, bytes);
    }
    assert_int_equal(stats().pinned_peak, peak);
    assert_int_equal(stats().caches, 1);
    release(alloc(64)); // leaves an object in the cache
    assert_true(stats().cached > 0);
}

void MEM_22_trim_returns_all_idle_memory(void **) {
    assert_int_equal(qaeMemTrim(), 0);
    std::vector<void *> blocks;
    for (int i = 0; i < 30000; ++i) {
        blocks.push_back(alloc(static_cast<std::size_t>(64 + i % 5000), 1, i % 2));
    }
    const std::uint64_t most = stats().pinned;
    assert_int_equal(qaeMemTrim(), most - stats().pinned);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        assert_true(qaeVirtToPhysNUMA(blocks[i]) != 0); // blocks in use stay
    }
    for (void *block : blocks) {
        release(block);
    }
    const std::uint64_t left = stats().pinned;
    assert_true(left > 0);
    assert_int_equal(qaeMemTrim(), left);
    assert_int_equal(stats().pinned, 0);
    assert_int_equal(stats().cached + stats().spare + stats().idle, 0);
    assert_int_equal(qaeMemTrim(), 0);
    release(alloc(64)); // allocation still works
    assert_true(stats().pinned > 0);
}

void MEM_22_the_watermark_can_be_set(void **) {
    const auto fill = [] {
        std::vector<void *> blocks;
        for (int i = 0; i < 64; ++i) {
            blocks.push_back(alloc(2 << 20, 1, 0));
        }
        for (void *block : blocks) {
            release(block);
        }
    };
    constexpr std::uint64_t kParked = 4 << 20; // runs in the cache of this thread
    for (const std::uint64_t keep :
         {std::uint64_t{0}, std::uint64_t{2} << 20, kKeep, std::uint64_t{64} << 20}) {
        qaeMemSetKeep(keep);
        assert_int_equal(stats().keep, keep);
        assert_true(stats().idle <= keep);
        fill();
        assert_true(stats().idle <= keep);
        assert_true(stats().pinned <= keep + kParked);
        assert_true(stats().pinned >= std::min<std::uint64_t>(keep, 120 << 20));
    }
    qaeMemSetKeep(UINT64_MAX);
    fill();
    assert_true(stats().pinned >= 128 << 20);
    qaeMemSetKeep(0); // takes effect at once
    assert_int_equal(stats().idle, 0);
    assert_true(stats().pinned <= kParked);
}

void errno_and_the_last_reason_are_preserved(void **) {
    void *block = alloc(64);
    assert_int_equal(qaeMemGetInfo(nullptr, nullptr), -EINVAL);
    qae_mem_block info{};
    info.size = sizeof(info);
    errno = 4711;
    assert_int_equal(qaeMemGetInfo(block, &info), 0);
    release(block);
    assert_true(qaeMemTrim() > 0);
    qaeMemSetKeep(kKeep);
    stats();
    assert_int_equal(errno, 4711);
    expect_reason(EINVAL, "is NULL");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        FAKE_SOURCE_TEST(MEM_03_MEM_05_info_describes_the_granted_block),
        FAKE_SOURCE_TEST(MEM_08_info_of_an_interior_address_describes_the_block),
        FAKE_SOURCE_TEST(MEM_08_info_refuses_pointers_outside_live_blocks),
        FAKE_SOURCE_TEST(structures_of_other_sizes_are_served),
        FAKE_SOURCE_TEST(MEM_23_stats_are_exact),
        FAKE_SOURCE_TEST(MEM_22_trim_returns_all_idle_memory),
        FAKE_SOURCE_TEST(MEM_22_the_watermark_can_be_set),
        FAKE_SOURCE_TEST(errno_and_the_last_reason_are_preserved),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
