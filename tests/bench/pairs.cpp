// SPDX-License-Identifier: BSD-3-Clause
// Allocates one block and frees it at once.
#include "harness.h"

namespace bench {
namespace {

template <bool ZEROING> class Pair final : public Workload {
public:
    explicit Pair(const Arguments &arguments) : size_(arguments[0]) {
        start_peer({.bytes = size_, .size = size_, .objects = 1});
        void *block = allocate(size_);
        g_peer.free_dirty(&block);
    }

    double measure() override {
        return timer_([this](size_t count) {
            for (size_t i = 0; i < count; ++i) {
                void *block = allocate(size_);
                ZEROING ? g_peer.free_zeroing(&block) : g_peer.free_dirty(&block);
            }
        });
    }

private:
    size_t size_;
    Timer timer_;
};

} // namespace

const std::vector<Entry> g_pairs = {
    {"pair", 1, make<Pair<false>>},        // size
    {"pair-zeroing", 1, make<Pair<true>>}, // size
};

} // namespace bench
