// SPDX-License-Identifier: BSD-3-Clause
// The random mix: a table of live blocks with log-uniform sizes, in which a new block replaces a random one.
#ifndef QAE_TESTS_BENCH_MIX_H
#define QAE_TESTS_BENCH_MIX_H

#include "harness.h"

#include <array>

namespace bench {

class Mix {
public:
    static constexpr size_t SMALLEST = 64, LARGEST = 65536;

    // Allocates blocks of about live_bytes in total. The peer must have been started.
    explicit Mix(size_t live_bytes);
    ~Mix();
    Mix(const Mix &) = delete;
    Mix &operator=(const Mix &) = delete;

    // Replaces a random block by one of another size, count times.
    void churn(size_t count) {
        for (size_t i = 0; i < count; i++) {
            void *&block = m_blocks[m_random.below(m_blocks.size())];
            g_peer.free_dirty(&block);
            block = allocate(m_sizes[m_next++ % m_sizes.size()]);
        }
    }

    // The same, but writes to every page of a new block and keeps live_bytes() up to date.
    void churn_touching(size_t count);

    size_t slots() const { return m_blocks.size(); }
    size_t live_bytes() const { return m_live; }

private:
    std::array<uint32_t, 8192> m_sizes; // small enough for the first level cache
    size_t m_next = 0, m_live = 0;
    Random m_random;
    std::vector<void *> m_blocks;
    std::vector<uint32_t> m_size_of;
};

} // namespace bench

#endif // QAE_TESTS_BENCH_MIX_H
