// SPDX-License-Identifier: BSD-3-Clause
// Long random use of the allocator, from one thread and from many, checked against a model.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "mem/heap.h"
#include "support/cmocka_cpp.h"
#include "support/fake_source.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Heap;
using qae::test::FakeSource;
constexpr std::size_t kKeep = 8 << 20;    // idle bytes that stay pinned, per node
constexpr std::size_t kCached = 24 << 20; // regions that the caches of one thread may hold parts of

struct Shadow {
    unsigned char *pointer;
    std::size_t size;
    std::uint64_t device;
    std::uint32_t seed;
    int node;
};

// Every 61st byte and the last: enough to detect a foreign write, cheap enough to check often.
template <class F> void each_probe(std::size_t size, F &&visit) {
    for (std::size_t i = 0; i < size; i += 61) {
        visit(i);
    }
    visit(size - 1);
}

void fill(const Shadow &block) {
    each_probe(block.size,
               [&](std::size_t i) { block.pointer[i] = static_cast<unsigned char>(block.seed + i * 7); });
}

void check_content(const Shadow &block) {
    each_probe(block.size, [&](std::size_t i) {
        assert_int_equal(block.pointer[i], static_cast<unsigned char>(block.seed + i * 7));
    });
}

std::size_t random_size(std::mt19937_64 &random, std::size_t largest) {
    const std::size_t limit = std::size_t{64} << (random() % 17);
    return 1 + random() % std::min(limit, largest);
}

class Soak {
public:
    Soak(FakeSource &source, unsigned seed)
        : source_(source), random_(seed), largest_(std::min(source.fragmented_above, source.max_size)) {}

    void run(int steps, std::uint64_t most_bytes) {
        for (int step = 0; step < steps; ++step) {
            if (blocks_.empty() || (bytes_ < most_bytes && random_() % 100 < 55)) {
                allocate();
            } else {
                release(random_() % blocks_.size());
            }
            look_at_one();
        }
        while (!blocks_.empty()) {
            release(random_() % blocks_.size());
        }
    }

private:
    void allocate() {
        const std::size_t size = random_size(random_, largest_);
        const std::size_t alignment = std::size_t{1} << (random_() % (random_() % 16 == 0 ? 23 : 13));
        const int node = static_cast<int>(random_() % 3) - 1;
        auto *pointer = static_cast<unsigned char *>(qaeMemAllocNUMA(size, node, alignment));
        if (pointer == nullptr) {
            fail_msg("%zu bytes, alignment %zu, node %d: %s", size, alignment, node, qaeLastError());
        }
        const Shadow block = {pointer, size, qaeVirtToPhysNUMA(pointer),
                              static_cast<std::uint32_t>(random_()), node};
        assert_true(block.device != 0 && block.device % alignment == 0);
        if (node >= 0) {
            assert_int_equal(source_.node_at(block.device), node);
        }
        no_overlap(by_pointer_, reinterpret_cast<std::uintptr_t>(pointer), size);
        no_overlap(by_device_, block.device, size);
        fill(block);
        bytes_ += size;
        blocks_.push_back(block);
    }

    static void no_overlap(std::map<std::uint64_t, std::size_t> &ranges, std::uint64_t start,
                           std::size_t size) {
        const auto after = ranges.lower_bound(start);
        assert_true(after == ranges.end() || after->first >= start + size);
        assert_true(after == ranges.begin() || std::prev(after)->first + std::prev(after)->second <= start);
        ranges[start] = size;
    }

    void release(std::size_t index) {
        const Shadow block = blocks_[index];
        check_content(block);
        void *pointer = block.pointer;
        random_() % 2 == 0 ? qaeMemFreeNUMA(&pointer) : qaeMemFreeNonZeroNUMA(&pointer);
        assert_null(pointer);
        assert_true(qaeVirtToPhysNUMA(block.pointer) == 0);
        assert_null(qaePhysToVirtNUMA(block.device));
        by_pointer_.erase(reinterpret_cast<std::uintptr_t>(block.pointer));
        by_device_.erase(block.device);
        bytes_ -= block.size;
        blocks_[index] = blocks_.back();
        blocks_.pop_back();
    }

    void look_at_one() {
        if (blocks_.empty()) {
            return;
        }
        const Shadow &block = blocks_[random_() % blocks_.size()];
        const std::size_t offset = random_() % block.size;
        assert_true(qaeVirtToPhysNUMA(block.pointer + offset) == block.device + offset);
        assert_ptr_equal(qaePhysToVirtNUMA(block.device + offset), block.pointer + offset);
        if (offset != 0) {
            void *interior = block.pointer + offset;
            qaeMemFreeNUMA(&interior);
            assert_non_null(interior);
        }
    }

    FakeSource &source_;
    std::mt19937_64 random_;
    std::size_t largest_;
    std::vector<Shadow> blocks_;
    std::map<std::uint64_t, std::size_t> by_pointer_;
    std::map<std::uint64_t, std::size_t> by_device_;
    std::uint64_t bytes_ = 0;
};

void soak(FakeSource &source, unsigned seed, int steps, std::uint64_t most_bytes) {
    Heap::instance().set_source_for_test(&source);
    Soak(source, seed).run(steps, most_bytes);
    assert_int_equal(Heap::instance().stats().live_blocks, 0);
    assert_int_equal(Heap::instance().stats().pinned_bytes, source.live_bytes());
    assert_true(source.live_bytes() <= 2 * kKeep + kCached);
    static_cast<void>(Heap::instance().trim(0));
    assert_int_equal(source.live_bytes(), 0);
    Heap::instance().set_source_for_test(nullptr);
    assert_int_equal(source.live_bytes(), 0);
    assert_int_equal(source.wrong_frees(), 0);
}

void MEM_03_MEM_08_MEM_09_MEM_10_random_use_of_an_orderly_source(void **) {
    FakeSource source;
    soak(source, 1, 20000, 64 << 20);
}

void MEM_03_MEM_08_MEM_09_MEM_10_random_use_of_a_fragmented_source(void **) {
    FakeSource source;
    source.dense = true;
    for (unsigned shift = 12; shift <= 21; ++shift) {
        source.fragmented_above = 1ULL << shift;
        soak(source, shift, 3000, 16 << 20);
    }
}

// Blocks pass from thread to thread: each thread frees blocks of others.
struct Exchange {
    std::mutex mutex;
    std::vector<Shadow> blocks;
    std::atomic<bool> failed{false};
};

void work(Exchange &exchange, unsigned seed) {
    std::mt19937_64 random(seed);
    for (int step = 0; step < 3000 && !exchange.failed; ++step) {
        const std::size_t size = random_size(random, 65536);
        auto *pointer = static_cast<unsigned char *>(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
        const std::uint64_t device = pointer != nullptr ? qaeVirtToPhysNUMA(pointer) : 0;
        if (device == 0 || qaePhysToVirtNUMA(device + size - 1) != pointer + size - 1) {
            exchange.failed = true;
            return;
        }
        Shadow block = {pointer, size, device, static_cast<std::uint32_t>(random()), -1};
        fill(block);
        {
            std::lock_guard lock(exchange.mutex);
            exchange.blocks.push_back(block);
            std::swap(exchange.blocks[random() % exchange.blocks.size()], exchange.blocks.back());
            block = exchange.blocks.back();
            exchange.blocks.pop_back();
        }
        each_probe(block.size, [&](std::size_t i) {
            if (block.pointer[i] != static_cast<unsigned char>(block.seed + i * 7)) {
                exchange.failed = true;
            }
        });
        if (random() % 4 == 0) {
            std::lock_guard lock(exchange.mutex);
            exchange.blocks.push_back(block);
            continue;
        }
        void *freed = block.pointer;
        random() % 2 == 0 ? qaeMemFreeNUMA(&freed) : qaeMemFreeNonZeroNUMA(&freed);
        if (freed != nullptr) {
            exchange.failed = true;
        }
    }
}

void MEM_03_MEM_06_threads_free_what_others_allocated(void **) {
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    Exchange exchange;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 8; ++i) {
        threads.emplace_back(work, std::ref(exchange), i + 10);
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_false(exchange.failed);
    assert_int_equal(Heap::instance().stats().live_blocks, exchange.blocks.size());
    for (const Shadow &block : exchange.blocks) {
        check_content(block);
        void *pointer = block.pointer;
        qaeMemFreeNUMA(&pointer);
        assert_null(pointer);
    }
    Heap::instance().set_source_for_test(nullptr);
    assert_int_equal(source.live_bytes(), 0);
    assert_int_equal(source.wrong_frees(), 0);
}

// Several threads free the same block at the same time, and exactly one succeeds. This holds for threads
// without a cache, such as new ones. Two threads with caches may both succeed, see qae_mem.h.
void MEM_10_racing_double_frees_have_one_winner(void **) {
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    for (int round = 0; round < 200; ++round) {
        void *const block = qaeMemAllocNUMA(round % 2 == 0 ? 64 : 1 << 20, NUMA_ANY_NODE, 64);
        std::atomic<int> winners{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                void *mine = block;
                qaeMemFreeNUMA(&mine);
                winners += mine == nullptr ? 1 : 0;
            });
        }
        for (std::thread &thread : threads) {
            thread.join();
        }
        assert_int_equal(winners, 1);
    }
    Heap::instance().set_source_for_test(nullptr);
    assert_int_equal(source.live_bytes(), 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_03_MEM_08_MEM_09_MEM_10_random_use_of_an_orderly_source),
        cmocka_unit_test(MEM_03_MEM_08_MEM_09_MEM_10_random_use_of_a_fragmented_source),
        cmocka_unit_test(MEM_03_MEM_06_threads_free_what_others_allocated),
        cmocka_unit_test(MEM_10_racing_double_frees_have_one_winner),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
