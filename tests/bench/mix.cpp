// SPDX-License-Identifier: BSD-3-Clause
#include "mix.h"

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr double RATIO = static_cast<double>(Mix::LARGEST) / Mix::SMALLEST;

void touch(void *block, size_t size) {
    auto *bytes = static_cast<volatile char *>(block);
    for (size_t at = 0; at < size; at += 4096)
        bytes[at] = 1;
    bytes[size - 1] = 1;
}

} // namespace

Mix::Mix(size_t live_bytes) {
    const double mean = static_cast<double>(LARGEST - SMALLEST) / std::log(RATIO);
    m_blocks.resize(
        std::max<size_t>(1, static_cast<size_t>(std::llround(static_cast<double>(live_bytes) / mean))));
    m_size_of.resize(m_blocks.size());
    for (uint32_t &size : m_sizes) {
        const double part = static_cast<double>(m_random.next() >> 11) * 0x1p-53;
        size = static_cast<uint32_t>(SMALLEST * std::pow(RATIO, part));
    }
    for (size_t slot = 0; slot < m_blocks.size(); slot++) {
        m_size_of[slot] = m_sizes[m_next++ % m_sizes.size()];
        m_blocks[slot] = allocate(m_size_of[slot]);
        m_live += m_size_of[slot];
    }
}

Mix::~Mix() {
    for (void *&block : m_blocks)
        g_peer.free_dirty(&block);
}

void Mix::churn_touching(size_t count) {
    for (size_t i = 0; i < count; i++) {
        const size_t slot = m_random.below(m_blocks.size());
        g_peer.free_dirty(&m_blocks[slot]);
        const uint32_t size = m_sizes[m_next++ % m_sizes.size()];
        m_blocks[slot] = allocate(size);
        touch(m_blocks[slot], size);
        m_live += size;
        m_live -= m_size_of[slot];
        m_size_of[slot] = size;
    }
}

namespace {

class MixCost final : public Workload {
public:
    explicit MixCost(const Arguments &arguments) {
        start_peer({.bytes = arguments[0] + arguments[0] / 2, .size = 0, .objects = 0});
        m_mix = std::make_unique<Mix>(arguments[0]);
        // Until the blocks are placed as after hours of use, or for two seconds.
        const double end = thread_cpu_ns() + 2e9;
        for (size_t done = 0; done < 4 * m_mix->slots() && thread_cpu_ns() < end; done += 256)
            m_mix->churn(256);
    }

    double measure() override {
        return m_timer([this](size_t count) { m_mix->churn(count); });
    }

private:
    std::unique_ptr<Mix> m_mix;
    Timer m_timer;
};

} // namespace

const std::vector<Entry> g_mixes = {
    {"mix", 1, make<MixCost>}, // live bytes
};

} // namespace bench
