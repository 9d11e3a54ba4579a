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
    explicit ThreadedPair(const Arguments &arguments) : m_threads(arguments[0]), m_size(arguments[1]) {
        start_peer({.bytes = m_threads * m_size, .size = m_size, .objects = m_threads});
    }

    double measure() override {
        constexpr size_t COUNT = 500'000;
        const double time = run_threads(m_threads, [this](size_t) {
            for (size_t i = 0; i < COUNT; i++) {
                void *block = allocate(m_size);
                g_peer.free_dirty(&block);
            }
        });
        return time / static_cast<double>(m_threads * COUNT);
    }

private:
    size_t m_threads, m_size;
};

// A ring for one writer and one reader. Each reads the other's index only when its own copy is used up.
class Ring {
public:
    void put(void *block) {
        while (m_head - m_seen_tail == SLOTS) {
            m_seen_tail = m_tail.load(std::memory_order_acquire);
            if (m_head - m_seen_tail == SLOTS)
                wait();
        }
        m_slots[m_head++ % SLOTS] = block;
        m_published.store(m_head, std::memory_order_release);
    }

    void *get() {
        while (m_next == m_seen_head) {
            m_seen_head = m_published.load(std::memory_order_acquire);
            if (m_next == m_seen_head)
                wait();
        }
        void *block = m_slots[m_next++ % SLOTS];
        m_tail.store(m_next, std::memory_order_release);
        return block;
    }

private:
    static constexpr size_t SLOTS = 4096;

    // Sleeps, so that waiting for the other side takes no CPU time. It happens once in thousands of blocks.
    static void wait() {
        constexpr timespec WHILE = {.tv_sec = 0, .tv_nsec = 20'000};
        nanosleep(&WHILE, nullptr);
    }

    std::array<void *, SLOTS> m_slots;
    alignas(64) std::atomic<size_t> m_published = 0;
    alignas(64) std::atomic<size_t> m_tail = 0;
    alignas(64) size_t m_head = 0;
    size_t m_seen_tail = 0;
    alignas(64) size_t m_next = 0;
    size_t m_seen_head = 0;
};

// Keeps this thread on the index-th of its processors, so that blocks move between processors.
void stay_on_processor(size_t index) {
    cpu_set_t all, one;
    CPU_ZERO(&one);
    sched_getaffinity(0, sizeof all, &all);
    for (size_t processor = 0; processor < CPU_SETSIZE; processor++)
        if (CPU_ISSET(processor, &all) && index-- == 0) {
            CPU_SET(processor, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

// CPU time of both threads for each block.
class Handoff final : public Workload {
public:
    explicit Handoff(const Arguments &arguments) : m_size(arguments[0]) {
        start_peer({.bytes = m_size * 8192, .size = m_size, .objects = 8192});
    }

    double measure() override {
        constexpr size_t COUNT = 2'000'000;
        auto ring = std::make_unique<Ring>();
        const double time = run_threads(2, [this, &ring](size_t index) {
            stay_on_processor(index);
            for (size_t i = 0; i < COUNT; i++) {
                if (index == 0) {
                    ring->put(allocate(m_size));
                } else {
                    void *block = ring->get();
                    g_peer.free_dirty(&block);
                }
            }
        });
        return time / COUNT;
    }

private:
    size_t m_size;
};

} // namespace

const std::vector<Entry> g_threads = {
    {"threaded-pair", 2, make<ThreadedPair>}, // threads, size
    {"handoff", 1, make<Handoff>},            // size
};

} // namespace bench
