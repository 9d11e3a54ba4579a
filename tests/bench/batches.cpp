// SPDX-License-Identifier: BSD-3-Clause
// Allocates many blocks, then frees them in the same order.
#include "harness.h"

namespace bench {
namespace {

class Batch final : public Workload {
public:
    explicit Batch(const Arguments &arguments) : blocks_(arguments[0]), size_(arguments[1]) {
        start_peer({.bytes = blocks_.size() * size_, .size = size_, .objects = blocks_.size()});
    }

    double measure() override {
        const double batch = timer_([this](size_t count) {
            for (size_t i = 0; i < count; ++i) {
                for (void *&block : blocks_) {
                    block = allocate(size_);
                }
                for (void *&block : blocks_) {
                    g_peer.free_dirty(&block);
                }
            }
        });
        return batch / static_cast<double>(blocks_.size());
    }

private:
    std::vector<void *> blocks_;
    size_t size_;
    Timer timer_{1};
};

} // namespace

const std::vector<Entry> g_batches = {
    {"batch", 2, make<Batch>}, // blocks, size
};

} // namespace bench
