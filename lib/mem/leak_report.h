// SPDX-License-Identifier: BSD-3-Clause
// Who allocated what is still there when the process ends: written to stderr if QAT_USER_LEAK_REPORT=1.
#ifndef QAE_LIB_MEM_LEAK_REPORT_H
#define QAE_LIB_MEM_LEAK_REPORT_H

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "process/fork.h"

namespace qae {

// A note for each place where a block can begin, in ordinary memory. Frees leave notes as they are: which of
// them still hold, the block map knows.
class LeakReport {
public:
    // A block was allocated just now and will be returned to @caller.
    void record(const void *block, std::size_t size, const void *caller) noexcept;

    // Nothing if this process never allocated.
    void print() noexcept;

    void before_fork() noexcept { mutex_.lock(); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

private:
    struct Record {
        std::uintptr_t caller;
        std::uint64_t size; // as asked for
    };
    class Totals;

    bool grow(std::size_t index) noexcept;
    void add_up(Totals &totals);

    Mutex mutex_; // growth
    SparseTable<Record> records_;
    std::size_t room_ = 0;
    std::atomic<std::size_t> usable_{0};
    std::atomic<std::uint64_t> missed_{0}; // allocations for which there was no room
};

LeakReport &leak_report() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_LEAK_REPORT_H
