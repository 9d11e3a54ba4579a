// SPDX-License-Identifier: BSD-3-Clause
// The cost of a pair and of a translation as the number of blocks, regions and threads grows.
#include "threads.h"

namespace bench {
namespace {

constexpr size_t kSmall = 64;

// Replaces a random live block by a new one.
class Replace final : public Workload {
public:
    explicit Replace(const Arguments &arguments) : size_(arguments[1]) {
        start_peer({.bytes = arguments[0] * size_, .size = size_, .objects = arguments[0] + 1});
        live_ = std::make_unique<LiveBlocks>(arguments[0], size_);
    }

    double measure() override {
        return timer_([this](size_t count) {
            auto &blocks = live_->blocks;
            for (size_t i = 0; i < count; ++i) {
                void *&block = blocks[random_.below(blocks.size())];
                g_peer.free_dirty(&block);
                block = allocate(size_);
            }
        });
    }

private:
    size_t size_;
    std::unique_ptr<LiveBlocks> live_;
    Random random_;
    Timer timer_;
};

// Allocates and frees a small block while many large blocks are live.
class PairBeside final : public Workload {
public:
    explicit PairBeside(const Arguments &arguments) {
        start_peer({.bytes = arguments[0] * arguments[1], .size = 0, .objects = arguments[0]});
        live_ = std::make_unique<LiveBlocks>(arguments[0], arguments[1]);
    }

    double measure() override {
        return timer_([](size_t count) {
            for (size_t i = 0; i < count; ++i) {
                void *block = allocate(kSmall);
                g_peer.free_dirty(&block);
            }
        });
    }

private:
    std::unique_ptr<LiveBlocks> live_;
    Timer timer_;
};

// Threads that translate addresses of the same blocks.
class ThreadedTranslation final : public Workload {
public:
    explicit ThreadedTranslation(const Arguments &arguments) : threads_(arguments[0]) {
        if (!g_peer.virt_to_phys) {
            throw Refusal("no translation");
        }
        constexpr size_t kBlocks = 1024, kSize = 65536;
        start_peer({.bytes = kBlocks * kSize, .size = kSize, .objects = kBlocks});
        live_ = std::make_unique<LiveBlocks>(kBlocks, kSize);
    }

    double measure() override {
        constexpr size_t kCount = 2'000'000;
        const double time = run_threads(threads_, [this](size_t index) {
            Random random(index + 1);
            const auto &blocks = live_->blocks;
            uint64_t sum = 0;
            for (size_t i = 0; i < kCount; ++i) {
                sum += g_peer.virt_to_phys(blocks[random.below(blocks.size())]);
            }
            asm volatile("" : : "r"(sum));
        });
        return time / static_cast<double>(threads_ * kCount);
    }

private:
    size_t threads_;
    std::unique_ptr<LiveBlocks> live_;
};

} // namespace

const std::vector<Entry> g_growth = {
    {"replace", 2, make<Replace>},                          // blocks, size
    {"pair-beside", 2, make<PairBeside>},                   // blocks, size
    {"threaded-translation", 1, make<ThreadedTranslation>}, // threads
};

} // namespace bench
