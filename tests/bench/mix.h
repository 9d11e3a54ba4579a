// SPDX-License-Identifier: BSD-3-Clause
// The random mix: a table of live blocks with log-uniform sizes, in which a new block replaces a random one.
#ifndef QAE_TESTS_BENCH_MIX_H
#define QAE_TESTS_BENCH_MIX_H

#include "harness.h"

#include <array>

namespace bench {

class Mix {
public:
    static constexpr size_t kSmallest = 64, kLargest = 65536;

    // Allocates blocks of about live_bytes in total. The peer must have been started.
    explicit Mix(size_t live_bytes);
    ~Mix();
    Mix(const Mix &) = delete;
    Mix &operator=(const Mix &) = delete;

    // Replaces a random block by one of another size, count times.
    void churn(size_t count) {
        for (size_t i = 0; i < count; ++i) {
            void *&block = blocks_[random_.below(blocks_.size())];
            g_peer.free_dirty(&block);
            block = allocate(sizes_[next_++ % sizes_.size()]);
        }
    }

    // The same, but writes to every page of a new block and keeps live_bytes() up to date.
    void churn_touching(size_t count);

    size_t slots() const { return blocks_.size(); }
    size_t live_bytes() const { return live_; }

private:
    std::array<uint32_t, 8192> sizes_; // small enough for the first level cache
    size_t next_ = 0, live_ = 0;
    Random random_;
    std::vector<void *> blocks_;
    std::vector<uint32_t> size_of_;
};

} // namespace bench

#endif // QAE_TESTS_BENCH_MIX_H
