// SPDX-License-Identifier: BSD-3-Clause
// Several threads: each with blocks of its own, or one that allocates and one that frees.
#include "threads.h"

#include <sched.h>

#include <array>
#include <atomic>

namespace bench {
namespace {

class ThreadedPair final : public Workload {
public:
    explicit ThreadedPair(const Arguments &arguments) : threads_(arguments[0]), size_(arguments[1]) {
        start_peer({.bytes = threads_ * size_, .size = size_, .objects = threads_});
    }

    double measure() override {
        constexpr size_t kCount = 500'000;
        const double time = run_threads(threads_, [this](size_t) {
            for (size_t i = 0; i < kCount; ++i) {
                void *block = allocate(size_);
                g_peer.free_dirty(&block);
            }
        });
        return time / static_cast<double>(threads_ * kCount);
    }

private:
    size_t threads_, size_;
};

// A ring for one writer and one reader. Each reads the other's index only when its own copy is used up.
class Ring {
public:
    void put(void *block) {
        while (head_ - seen_tail_ == kSlots) {
            seen_tail_ = tail_.load(std::memory_order_acquire);
            if (head_ - seen_tail_ == kSlots) {
                wait();
            }
        }
        slots_[head_++ % kSlots] = block;
        published_.store(head_, std::memory_order_release);
    }

    void *get() {
        while (next_ == seen_head_) {
            seen_head_ = published_.load(std::memory_order_acquire);
            if (next_ == seen_head_) {
                wait();
            }
        }
        void *block = slots_[next_++ % kSlots];
        tail_.store(next_, std::memory_order_release);
        return block;
    }

private:
    static constexpr size_t kSlots = 4096;

    // Sleeps, so that waiting for the other side takes no CPU time. It happens once in thousands of blocks.
    static void wait() {
        constexpr timespec kWhile = {.tv_sec = 0, .tv_nsec = 20'000};
        nanosleep(&kWhile, nullptr);
    }

    std::array<void *, kSlots> slots_;
    alignas(64) std::atomic<size_t> published_ = 0;
    alignas(64) std::atomic<size_t> tail_ = 0;
    alignas(64) size_t head_ = 0;
    size_t seen_tail_ = 0;
    alignas(64) size_t next_ = 0;
    size_t seen_head_ = 0;
};

// Keeps this thread on the index-th of its processors, so that blocks move between processors.
void stay_on_processor(size_t index) {
    cpu_set_t all, one;
    CPU_ZERO(&one);
    sched_getaffinity(0, sizeof all, &all);
    for (size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
        if (CPU_ISSET(processor, &all) && index-- == 0) {
            CPU_SET(processor, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
    }
}

// CPU time of both threads for each block.
class Handoff final : public Workload {
public:
    explicit Handoff(const Arguments &arguments) : size_(arguments[0]) {
        start_peer({.bytes = size_ * 8192, .size = size_, .objects = 8192});
    }

    double measure() override {
        constexpr size_t kCount = 2'000'000;
        auto ring = std::make_unique<Ring>();
        const double time = run_threads(2, [this, &ring](size_t index) {
            stay_on_processor(index);
            for (size_t i = 0; i < kCount; ++i) {
                if (index == 0) {
                    ring->put(allocate(size_));
                } else {
                    void *block = ring->get();
                    g_peer.free_dirty(&block);
                }
            }
        });
        return time / kCount;
    }

private:
    size_t size_;
};

} // namespace

const std::vector<Entry> g_threads = {
    {"threaded-pair", 2, make<ThreadedPair>}, // threads, size
    {"handoff", 1, make<Handoff>},            // size
};

} // namespace bench
