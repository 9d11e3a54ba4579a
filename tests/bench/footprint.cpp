// SPDX-License-Identifier: BSD-3-Clause
// Memory held from the system for each byte that the application asked for.
#include "mix.h"

#include <algorithm>
#include <cstring>

namespace bench {
namespace {

size_t held_now() {
    const size_t held = g_peer.held ? g_peer.held() : 0;
    if (held == 0) {
        throw Refusal("cannot tell what it holds");
    }
    return held;
}

// The program's own share of resident memory, which does not count. Allocators that report what they hold do
// not include it.
size_t held_before() { return g_peer.held == resident_bytes ? resident_bytes() : 0; }

double ratio(size_t before, size_t live) {
    const size_t now = held_now();
    return static_cast<double>(now > before ? now - before : 0) / static_cast<double>(live);
}

// Blocks of one size.
class Uniform final : public Workload {
public:
    explicit Uniform(const Arguments &arguments) : size_(arguments[0]), blocks_(arguments[1] / arguments[0]) {
        before_ = held_before(); // starting may take memory already
        start_peer({.bytes = arguments[1], .size = size_, .objects = blocks_.size()});
    }

    // Call it once: the peer may keep what is freed here.
    double measure() override {
        for (void *&block : blocks_) {
            block = allocate(size_);
            std::memset(block, 1, size_);
        }
        return ratio(before_, size_ * blocks_.size());
    }

private:
    size_t size_;
    std::vector<void *> blocks_;
    size_t before_ = 0;
};

class Mixed final : public Workload {
public:
    explicit Mixed(const Arguments &arguments) {
        before_ = held_before();
        start_peer({.bytes = arguments[0] + arguments[0] / 2, .size = 0, .objects = 0});
        mix_ = std::make_unique<Mix>(arguments[0]);
        // Long enough for caches to reach their fullest state.
        mix_->churn_touching(std::max<size_t>(2 * mix_->slots(), 200'000));
    }

    double measure() override {
        mix_->churn_touching(std::max<size_t>(1000, mix_->slots() / 16));
        return ratio(before_, mix_->live_bytes());
    }

private:
    size_t before_ = 0;
    std::unique_ptr<Mix> mix_;
};

} // namespace

const std::vector<Entry> g_footprints = {
    {"held-uniform", 2, make<Uniform>}, // size, live bytes
    {"held-mix", 1, make<Mixed>},       // live bytes
};

} // namespace bench
