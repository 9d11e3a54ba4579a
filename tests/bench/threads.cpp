// SPDX-License-Identifier: BSD-3-Clause
// Several threads: each with blocks of its own, or one that allocates and one that frees.
#include "threads.h"

#include <immintrin.h>
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
        constexpr size_t COUNT = 1'000'000;
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

// One writer, one reader; each looks at the other's index only when its own copy of it is used up.
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
    static constexpr size_t SLOTS = 1024;

    static void wait() {
        static thread_local unsigned turns;
        if (++turns % 64 == 0)
            sched_yield();
        else
            _mm_pause();
    }

    std::array<void *, SLOTS> m_slots;
    alignas(64) std::atomic<size_t> m_published = 0;
    alignas(64) std::atomic<size_t> m_tail = 0;
    alignas(64) size_t m_head = 0;
    size_t m_seen_tail = 0;
    alignas(64) size_t m_next = 0;
    size_t m_seen_head = 0;
};

// CPU time of both threads per block, waiting included: the slower side decides.
class Handoff final : public Workload {
public:
    explicit Handoff(const Arguments &arguments) : m_size(arguments[0]) {
        start_peer({.bytes = m_size * 4096, .size = m_size, .objects = 4096});
    }

    double measure() override {
        constexpr size_t COUNT = 2'000'000;
        auto ring = std::make_unique<Ring>();
        const double time = run_threads(2, [this, &ring](size_t index) {
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
