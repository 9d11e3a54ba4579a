// SPDX-License-Identifier: BSD-3-Clause
// Objects of one size class on one node that no thread has: those at hand, and spans with room.
#ifndef QAE_LIB_MEM_CENTRAL_FREE_LIST_H
#define QAE_LIB_MEM_CENTRAL_FREE_LIST_H

#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/page_map.h"
#include "mem/size_classes.h"
#include "process/fork.h"

namespace qae {

// Pages cut into objects. One per page of the window, of which that of a span's first page counts, and that
// of a run's for its length.
struct Span {
    std::uint64_t free;   // bit per object: in no thread, not at hand, not live
    PageIndex prev, next; // in the list of spans with room; page + 1, 0: none
    std::uint32_t pages;
    std::uint16_t objects;

    // The length alone may be asked for without a lock, of a run that another thread frees at that moment.
    std::uint32_t num_pages() const noexcept {
        return std::atomic_ref(const_cast<std::uint32_t &>(pages)).load(std::memory_order_relaxed);
    }
    void set_num_pages(std::uint32_t count) noexcept {
        std::atomic_ref(pages).store(count, std::memory_order_relaxed);
    }
};

// Not locked: the owner holds mutex().
class CentralFreeList {
public:
    // Objects kept at hand in front of the spans: a thread's batch goes in and out by one copy, which makes
    // passing blocks from thread to thread cheap.
    static constexpr std::uint32_t kTransferCapacity = 512;

    BriefMutex &mutex() noexcept { return mutex_; }

    std::uint32_t num_objects() const noexcept { return objects_; }
    std::uint32_t num_free() const noexcept { return free_ + num_transfer_; }

    // Up to @want objects that are here already.
    std::uint32_t take(SparseTable<Span> &spans, std::uint32_t *objects, std::uint32_t want,
                       unsigned size_class) noexcept;

    // Enters a new span.
    void add(SparseTable<Span> &spans, PageIndex first, std::uint32_t pages, unsigned size_class) noexcept;

    // Keeps objects at hand if there is room for them among @limit.
    bool keep(const std::uint32_t *objects, std::uint32_t count, std::uint32_t limit) noexcept;

    // Takes back what is at hand, to be given to the spans. How many.
    std::uint32_t take_from_transfer_cache(std::uint32_t *objects, std::uint32_t room) noexcept;

    // Gives objects, a bit each, to their span. True if that is free as a whole now; then it is out of the
    // list.
    bool give(SparseTable<Span> &spans, PageIndex first, std::uint64_t objects, std::uint32_t count) noexcept;

    void reset() noexcept;

private:
    void link(SparseTable<Span> &spans, PageIndex first) noexcept;
    void unlink(SparseTable<Span> &spans, PageIndex first) noexcept;

    BriefMutex mutex_;
    PageIndex partial_ = 0;     // first span with room; page + 1
    std::uint32_t objects_ = 0; // of all spans
    std::uint32_t free_ = 0;    // of these, in spans
    std::uint32_t num_transfer_ = 0;
    GranuleIndex transfer_cache_[kTransferCapacity] = {};
};

} // namespace qae

#endif // QAE_LIB_MEM_CENTRAL_FREE_LIST_H
