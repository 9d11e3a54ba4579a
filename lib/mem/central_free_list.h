// SPDX-License-Identifier: BSD-3-Clause
// The free objects of one size class on one node that no thread has: a transfer cache in front of the spans
// that have free objects.
#ifndef QAE_LIB_MEM_CENTRAL_FREE_LIST_H
#define QAE_LIB_MEM_CENTRAL_FREE_LIST_H

#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/page_map.h"
#include "mem/size_classes.h"
#include "process/fork.h"

namespace qae {

// Pages cut into objects. The table has one entry per page of the window. The entry of a span's first page
// describes the span; the entry of a run's first page has the run's length.
struct Span {
    std::uint64_t free;   // bit per object: neither live, nor in a thread or transfer cache
    PageIndex prev, next; // in the list of spans with free objects; page + 1, 0: none
    std::uint32_t pages;
    std::uint16_t objects;

    // The length may be read without a lock, even of a run that another thread is freeing.
    std::uint32_t num_pages() const noexcept {
        return std::atomic_ref(const_cast<std::uint32_t &>(pages)).load(std::memory_order_relaxed);
    }
    void set_num_pages(std::uint32_t count) noexcept {
        std::atomic_ref(pages).store(count, std::memory_order_relaxed);
    }
};

// Callers hold mutex().
class CentralFreeList {
public:
    // Objects in the transfer cache. A thread's batch goes in and out with one copy, which makes it cheap to
    // pass blocks from thread to thread.
    static constexpr std::uint32_t kTransferCapacity = 512;

    BriefMutex &mutex() noexcept { return mutex_; }

    std::uint32_t num_objects() const noexcept { return objects_; }
    std::uint32_t num_free() const noexcept { return free_ + num_transfer_; }

    // Takes up to @want objects without growing the list.
    std::uint32_t take(SparseTable<Span> &spans, std::uint32_t *objects, std::uint32_t want,
                       unsigned size_class) noexcept;

    // Adds a new span.
    void add(SparseTable<Span> &spans, PageIndex first, std::uint32_t pages, unsigned size_class) noexcept;

    // Puts objects into the transfer cache if it then holds at most @limit.
    bool keep(const std::uint32_t *objects, std::uint32_t count, std::uint32_t limit) noexcept;

    // Takes up to @room objects out of the transfer cache and returns their number.
    std::uint32_t take_from_transfer_cache(std::uint32_t *objects, std::uint32_t room) noexcept;

    // Returns objects, one bit each, to their span. True if all of the span is free now; then it has left the
    // list.
    bool give(SparseTable<Span> &spans, PageIndex first, std::uint64_t objects, std::uint32_t count) noexcept;

    void reset() noexcept;

private:
    void link(SparseTable<Span> &spans, PageIndex first) noexcept;
    void unlink(SparseTable<Span> &spans, PageIndex first) noexcept;

    BriefMutex mutex_;
    PageIndex partial_ = 0;     // first span with free objects; page + 1
    std::uint32_t objects_ = 0; // of all spans
    std::uint32_t free_ = 0;    // of these, free in spans
    std::uint32_t num_transfer_ = 0;
    GranuleIndex transfer_cache_[kTransferCapacity] = {};
};

} // namespace qae

#endif // QAE_LIB_MEM_CENTRAL_FREE_LIST_H
