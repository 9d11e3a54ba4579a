// SPDX-License-Identifier: BSD-3-Clause
// Allocates many blocks, then frees them in the same order.
#include "harness.h"

namespace bench {
namespace {

class Batch final : public Workload {
public:
    explicit Batch(const Arguments &arguments) : m_blocks(arguments[0]), m_size(arguments[1]) {
        start_peer({.bytes = m_blocks.size() * m_size, .size = m_size, .objects = m_blocks.size()});
    }

    double measure() override {
        const double batch = m_timer([this](size_t count) {
            for (size_t i = 0; i < count; i++) {
                for (void *&block : m_blocks)
                    block = allocate(m_size);
                for (void *&block : m_blocks)
                    g_peer.free_dirty(&block);
            }
        });
        return batch / static_cast<double>(m_blocks.size());
    }

private:
    std::vector<void *> m_blocks;
    size_t m_size;
    Timer m_timer{1};
};

} // namespace

const std::vector<Entry> g_batches = {
    {"batch", 2, make<Batch>}, // blocks, size
};

} // namespace bench
