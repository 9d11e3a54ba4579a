// SPDX-License-Identifier: BSD-3-Clause
// The callers that allocated the blocks still live when the process ends. The report goes to stderr if
// QAT_USER_LEAK_REPORT=1.
#ifndef QAE_LIB_MEM_LEAK_REPORT_H
#define QAE_LIB_MEM_LEAK_REPORT_H

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/address/window.h"
#include "process/fork.h"

namespace qae {

// One record for each place where a block can begin, in ordinary memory. A free leaves the record: at the end
// the page map says which records belong to live blocks.
class LeakReport {
public:
    // Is there a live block that begins at this address?
    using IsLiveStart = bool (*)(std::uintptr_t address) noexcept;

    // Records a block of @window that was just allocated and will be returned to @caller.
    void record(const Window &window, const void *block, std::size_t size, const void *caller) noexcept;

    // Prints nothing if this process never allocated.
    void print(const Window &window, IsLiveStart is_live_start) noexcept;

    bool before_fork(const timespec &deadline) noexcept { return mutex_.lock_until(deadline); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

    // Unmaps the records.
    void release() noexcept { records_.release(); }

private:
    struct Record {
        std::uintptr_t caller;
        std::uint64_t size; // as requested
    };
    class Totals;

    bool grow(const Window &window, std::size_t index) noexcept;
    void add_up(const Window &window, IsLiveStart is_live_start, Totals &totals);

    Mutex mutex_; // held while records_ grows
    SparseTable<Record> records_;
    std::size_t room_ = 0;
    std::atomic<std::size_t> usable_{0};
    std::atomic<std::uint64_t> missed_{0}; // allocations without a record, for want of memory
};

LeakReport &leak_report() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_LEAK_REPORT_H
