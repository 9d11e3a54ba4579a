// SPDX-License-Identifier: BSD-3-Clause
// Allocates one block and frees it at once.
#include "harness.h"

namespace bench {
namespace {

template <bool ZEROING> class Pair final : public Workload {
public:
    explicit Pair(const Arguments &arguments) : m_size(arguments[0]) {
        start_peer({.bytes = m_size, .size = m_size, .objects = 1});
        void *block = allocate(m_size);
        g_peer.free_dirty(&block);
    }

    double measure() override {
        return m_timer([this](size_t count) {
            for (size_t i = 0; i < count; i++) {
                void *block = allocate(m_size);
                ZEROING ? g_peer.free_zeroing(&block) : g_peer.free_dirty(&block);
            }
        });
    }

private:
    size_t m_size;
    Timer m_timer;
};

} // namespace

const std::vector<Entry> g_pairs = {
    {"pair", 1, make<Pair<false>>},        // size
    {"pair-zeroing", 1, make<Pair<true>>}, // size
};

} // namespace bench
