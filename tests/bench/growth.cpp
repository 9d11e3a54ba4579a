// SPDX-License-Identifier: BSD-3-Clause
// The cost of a pair and of a translation as the number of blocks, regions and threads grows.
#include "threads.h"

namespace bench {
namespace {

constexpr size_t SMALL = 64;

// Replaces a random live block by a new one.
class Replace final : public Workload {
public:
    explicit Replace(const Arguments &arguments) : m_size(arguments[1]) {
        start_peer({.bytes = arguments[0] * m_size, .size = m_size, .objects = arguments[0] + 1});
        m_live = std::make_unique<LiveBlocks>(arguments[0], m_size);
    }

    double measure() override {
        return m_timer([this](size_t count) {
            auto &blocks = m_live->blocks;
            for (size_t i = 0; i < count; i++) {
                void *&block = blocks[m_random.below(blocks.size())];
                g_peer.free_dirty(&block);
                block = allocate(m_size);
            }
        });
    }

private:
    size_t m_size;
    std::unique_ptr<LiveBlocks> m_live;
    Random m_random;
    Timer m_timer;
};

// Allocates and frees a small block while many large blocks are live.
class PairBeside final : public Workload {
public:
    explicit PairBeside(const Arguments &arguments) {
        start_peer({.bytes = arguments[0] * arguments[1], .size = 0, .objects = arguments[0]});
        m_live = std::make_unique<LiveBlocks>(arguments[0], arguments[1]);
    }

    double measure() override {
        return m_timer([](size_t count) {
            for (size_t i = 0; i < count; i++) {
                void *block = allocate(SMALL);
                g_peer.free_dirty(&block);
            }
        });
    }

private:
    std::unique_ptr<LiveBlocks> m_live;
    Timer m_timer;
};

// Threads that translate addresses of the same blocks.
class ThreadedTranslation final : public Workload {
public:
    explicit ThreadedTranslation(const Arguments &arguments) : m_threads(arguments[0]) {
        if (!g_peer.virt_to_phys)
            throw Refusal("no translation");
        constexpr size_t BLOCKS = 1024, SIZE = 65536;
        start_peer({.bytes = BLOCKS * SIZE, .size = SIZE, .objects = BLOCKS});
        m_live = std::make_unique<LiveBlocks>(BLOCKS, SIZE);
    }

    double measure() override {
        constexpr size_t COUNT = 2'000'000;
        const double time = run_threads(m_threads, [this](size_t index) {
            Random random(index + 1);
            const auto &blocks = m_live->blocks;
            uint64_t sum = 0;
            for (size_t i = 0; i < COUNT; i++)
                sum += g_peer.virt_to_phys(blocks[random.below(blocks.size())]);
            asm volatile("" : : "r"(sum));
        });
        return time / static_cast<double>(m_threads * COUNT);
    }

private:
    size_t m_threads;
    std::unique_ptr<LiveBlocks> m_live;
};

} // namespace

const std::vector<Entry> g_growth = {
    {"replace", 2, make<Replace>},                          // blocks, size
    {"pair-beside", 2, make<PairBeside>},                   // blocks, size
    {"threaded-translation", 1, make<ThreadedTranslation>}, // threads
};

} // namespace bench
