// SPDX-License-Identifier: BSD-3-Clause
#include "mix.h"

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr double kRatio = static_cast<double>(Mix::kLargest) / Mix::kSmallest;

void touch(void *block, size_t size) {
    auto *bytes = static_cast<volatile char *>(block);
    for (size_t at = 0; at < size; at += 4096) {
        bytes[at] = 1;
    }
    bytes[size - 1] = 1;
}

} // namespace

Mix::Mix(size_t live_bytes) {
    const double mean = static_cast<double>(kLargest - kSmallest) / std::log(kRatio);
    blocks_.resize(
        std::max<size_t>(1, static_cast<size_t>(std::llround(static_cast<double>(live_bytes) / mean))));
    size_of_.resize(blocks_.size());
    for (uint32_t &size : sizes_) {
        const double part = static_cast<double>(random_.next() >> 11) * 0x1p-53;
        size = static_cast<uint32_t>(kSmallest * std::pow(kRatio, part));
    }
    for (size_t slot = 0; slot < blocks_.size(); ++slot) {
        size_of_[slot] = sizes_[next_++ % sizes_.size()];
        blocks_[slot] = allocate(size_of_[slot]);
        live_ += size_of_[slot];
    }
}

Mix::~Mix() {
    for (void *&block : blocks_) {
        g_peer.free_dirty(&block);
    }
}

void Mix::churn_touching(size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const size_t slot = random_.below(blocks_.size());
        g_peer.free_dirty(&blocks_[slot]);
        const uint32_t size = sizes_[next_++ % sizes_.size()];
        blocks_[slot] = allocate(size);
        touch(blocks_[slot], size);
        live_ += size;
        live_ -= size_of_[slot];
        size_of_[slot] = size;
    }
}

namespace {

class MixCost final : public Workload {
public:
    explicit MixCost(const Arguments &arguments) {
        start_peer({.bytes = arguments[0] + arguments[0] / 2, .size = 0, .objects = 0});
        mix_ = std::make_unique<Mix>(arguments[0]);
        // Until the blocks are placed as after hours of use, or for two seconds.
        const double end = thread_cpu_ns() + 2e9;
        for (size_t done = 0; done < 4 * mix_->slots() && thread_cpu_ns() < end; done += 256) {
            mix_->churn(256);
        }
    }

    double measure() override {
        return timer_([this](size_t count) { mix_->churn(count); });
    }

private:
    std::unique_ptr<Mix> mix_;
    Timer timer_;
};

} // namespace

const std::vector<Entry> g_mixes = {
    {"mix", 1, make<MixCost>}, // live bytes
};

} // namespace bench
