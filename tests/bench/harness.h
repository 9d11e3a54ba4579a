// SPDX-License-Identifier: BSD-3-Clause
// Workloads, and how one of them is measured.
#ifndef QAE_TESTS_BENCH_HARNESS_H
#define QAE_TESTS_BENCH_HARNESS_H

#include "peer.h"

#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

constexpr int kNode = 0;
constexpr size_t kAlign = 64;

// Thrown if the peer cannot run a workload. The reason goes into the table.
struct Refusal : std::runtime_error {
    using runtime_error::runtime_error;
};

// One workload with one peer. The constructor prepares it.
class Workload {
public:
    Workload() = default;
    Workload(const Workload &) = delete;
    Workload &operator=(const Workload &) = delete;
    virtual ~Workload() = default;
    virtual double measure() = 0; // one value in the unit of its row
};

using Arguments = std::vector<size_t>;
using Factory = std::unique_ptr<Workload> (*)(const Arguments &);

struct Entry {
    const char *name;
    size_t arguments;
    Factory make;
};

// The families, each in a file of its own.
extern const std::vector<Entry> g_pairs, g_batches, g_mixes, g_footprints, g_translations, g_threads,
    g_growth;

template <class Kind> std::unique_ptr<Workload> make(const Arguments &arguments) {
    return std::make_unique<Kind>(arguments);
}

inline double clock_ns(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

inline double thread_cpu_ns() { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

// Long enough to hide the cost of reading the clock and of preemption.
constexpr double kShortestNs = 25e6;

// Runs work() at a stack position that changes with @round. If the low twelve bits of a load's address equal
// those of a recent store, the processor takes the load for a dependent one and waits. At one stack position
// in a few dozen this slows some allocator down by half. No number should depend on a single position.
template <class Work> [[gnu::noinline]] void away_from(size_t round, Work work) {
    constexpr size_t kStep = 37 * 16,
                     kPage = 4096; // visits all positions of a page, successive ones far apart
    auto *gap = static_cast<volatile char *>(__builtin_alloca(16 + round * kStep % kPage));
    gap[0] = 0;
    [&]() __attribute__((noinline)) { work(); }
    ();
}

// Finds the number of repetitions that takes SHORTEST_NS, and keeps it, so that all rounds do the same.
class Timer {
public:
    // CPU time of this thread, in ns, for each of the count repetitions that loop(count) does.
    template <class Loop> double operator()(Loop &&loop) {
        while (count_ == 0 || last_ < kShortestNs) {
            count_ = count_ == 0 ? first_ : grown();
            last_ = time(loop);
        }
        last_ = kShortestNs; // later rounds keep the count
        return time(loop) / static_cast<double>(count_);
    }

    explicit Timer(size_t first = 64) : first_(first) {}

private:
    template <class Loop> double time(Loop &loop) {
        const double begin = thread_cpu_ns();
        away_from(round_++, [&] { loop(count_); });
        return thread_cpu_ns() - begin;
    }

    size_t grown() const {
        const double factor = last_ > 0 ? kShortestNs * 1.2 / last_ : 16;
        return static_cast<size_t>(static_cast<double>(count_) * (factor > 16    ? 16
                                                                  : factor < 1.2 ? 1.2
                                                                                 : factor)) +
               1;
    }

    size_t first_, count_ = 0, round_ = 0;
    double last_ = 0;
};

// xorshift64*: takes a few cycles, and gives every peer the same sequence.
class Random {
public:
    explicit Random(uint64_t seed = 0x9e3779b97f4a7c15) : state_(seed) {}
    uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545f4914f6cdd1d;
    }
    // A number below limit, without a division.
    size_t below(size_t limit) {
        return static_cast<size_t>((static_cast<unsigned __int128>(next()) * limit) >> 64);
    }

private:
    uint64_t state_;
};

// Starts the peer, or throws its Refusal.
void start_peer(const Plan &plan);

// A block of the peer. Throws a Refusal if there is none, because no workload can go on without its memory.
inline void *allocate(size_t size) {
    void *block = g_peer.alloc(size, kNode, kAlign);
    if (!block) [[unlikely]] {
        throw Refusal(g_peer.why ? g_peer.why() : "an allocation failed");
    }
    return block;
}

// Blocks that stay allocated while a workload runs.
class LiveBlocks {
public:
    LiveBlocks(size_t count, size_t size);
    ~LiveBlocks();
    LiveBlocks(const LiveBlocks &) = delete;
    LiveBlocks &operator=(const LiveBlocks &) = delete;
    std::vector<void *> blocks;
};

} // namespace bench

#endif // QAE_TESTS_BENCH_HARNESS_H
