// SPDX-License-Identifier: BSD-3-Clause
// What all threads share: objects by node and size class, runs of pages, and the regions below them.
//
// Locks, outermost first: that of one thread's cache (thread_cache.h), that of one SpanList, that of the
// pages. The source is called without any of them, except to map.
#ifndef QAE_LIB_MEM_CENTRAL_HEAP_H
#define QAE_LIB_MEM_CENTRAL_HEAP_H

#include <atomic>
#include <cstdint>

#include "mem/page_heap.h"
#include "mem/source/region_source.h"
#include "mem/central_free_list.h"
#include "process/fork.h"

namespace qae {

struct Run {
    PageIndex first = kNoPage;
    std::uint32_t pages = 0;
    unsigned node = 0;
};

struct CentralHeapStats {
    std::uint64_t pinned_bytes;
    std::uint64_t idle_bytes; // of regions that are free as a whole
    std::uint32_t regions;
    std::uint64_t objects; // that threads have, live or in their caches
    std::uint64_t object_bytes;
    std::uint64_t spare_bytes; // of objects that no thread has
    std::uint64_t used_bytes;  // of pages in spans and runs
    std::uint64_t runs;        // likewise
    std::uint64_t run_bytes;
};

class CentralHeap {
public:
    static constexpr std::uint32_t kMaxBatch = 64;

    const Window &window() const noexcept { return pages_.window(); }
    PageMap &page_map() noexcept { return pages_.page_map(); }
    const PageMap &page_map() const noexcept { return pages_.page_map(); }

    // Up to @want objects from what is pinned on that node; 0 if there is none.
    std::uint32_t take_objects(unsigned node, unsigned size_class, GranuleIndex *objects,
                               std::uint32_t want) noexcept;
    void give_objects(unsigned node, unsigned size_class, const GranuleIndex *objects,
                      std::uint32_t count) noexcept;

    // A run from what is pinned on that node. False if there is none.
    bool take_run(unsigned node, std::uint32_t pages, std::uint64_t alignment, Run &run) noexcept;
    void give_run(const Run &run) noexcept;
    // Of the run that begins there.
    std::uint32_t run_pages(PageIndex first) const noexcept { return spans_[first].num_pages(); }

    // Maps a granted region. 0 or -errno; then it is still the caller's.
    int add_region(RegionSource &source, const SourceRegion &region) noexcept;

    // Puts everything that is at hand back into spans, so that regions may become free as a whole.
    void flush_transfer_caches() noexcept;

    // Takes out a region that is free as a whole, if more than @keep bytes of such are on some node.
    bool remove_idle(std::uint64_t keep, SourceRegion &region) noexcept;
    // A quick look at whether it may pay to call that with what is to be kept.
    bool has_surplus() const noexcept { return idle_bytes_.load(std::memory_order_relaxed) > keep(); }

    // Takes out any region, with what is in it. False at the end; then everything is as new.
    bool remove_any(SourceRegion &region) noexcept;

    // The region that a page is in. False if there is none.
    bool region_at(PageIndex page, SourceRegion &region, std::uintptr_t &address) noexcept;

    // Idle bytes of one class that one place may keep: more in a process that has many blocks.
    std::uint64_t class_budget() const noexcept {
        const std::uint64_t used = used_.load(std::memory_order_relaxed);
        return std::clamp<std::uint64_t>(used / 1024, 8 << 10, 512 << 10);
    }

    // Does the process have so little that a few objects of each class are much of it?
    bool is_small() const noexcept { return used_.load(std::memory_order_relaxed) < kSmall; }

    // Idle bytes that each node keeps pinned.
    void set_keep(std::uint64_t bytes) noexcept { keep_.store(bytes, std::memory_order_relaxed); }
    std::uint64_t keep() const noexcept { return keep_.load(std::memory_order_relaxed); }

    // Has the process freed much, and little of what is pinned is in use? Then every object that a cache
    // holds back may hold back a region, and caches keep nothing.
    bool is_sparse() const noexcept { return sparse_.load(std::memory_order_relaxed); }

    // Has what is in use halved since this was last true? Then it is time to gather what is idle, because a
    // few objects at hand here and there keep whole regions from going back.
    bool has_shrunk() noexcept;

    std::uint64_t pinned_bytes() const noexcept { return pinned_.load(std::memory_order_relaxed); }

    // Nodes that have regions, as a mask.
    std::uint64_t nodes() const noexcept { return nodes_.load(std::memory_order_relaxed); }

    CentralHeapStats stats() noexcept;

    void before_fork() noexcept { mutex_.lock(); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

private:
    static constexpr std::uint64_t kSmall = 8ULL << 20;

    struct Node {
        CentralFreeList lists[kNumClasses];
    };

    int reserve() noexcept;
    bool ready(unsigned node) const noexcept { return node < num_nodes_.load(std::memory_order_acquire); }
    CentralFreeList &list(unsigned node, unsigned size_class) noexcept { return node_[node].lists[size_class]; }
    PageIndex take_span(unsigned node, unsigned size_class, std::uint32_t objects,
                        std::uint32_t &pages) noexcept;
    std::uint32_t take_single_object_spans(unsigned node, unsigned size_class, GranuleIndex *objects,
                               std::uint32_t want) noexcept;
    void give_single_object_spans(unsigned size_class, const GranuleIndex *objects, std::uint32_t count) noexcept;
    void give_pages(PageIndex first, std::uint32_t pages) noexcept;
    void give_to_spans(unsigned node, unsigned size_class, const GranuleIndex *objects,
                       std::uint32_t count) noexcept;
    void publish(bool taken) noexcept;

    BriefMutex mutex_; // pages_, spans_ of runs
    PageHeap pages_;
    SparseTable<Span> spans_;
    SparseTable<Node> node_;
    std::uint64_t run_pages_ = 0; // in runs that are not free
    std::uint64_t runs_ = 0;
    std::uint64_t single_object_spans_[kNumClasses] = {}; // likewise, of classes that are spans of their own
    std::uint64_t span_room_ = 0;             // pages that spans_ has room for
    std::uint64_t used_when_taken_ = 0;       // when pages were taken last
    // Copies for readers without the lock.
    std::atomic<std::uint64_t> pinned_{0};
    std::atomic<std::uint64_t> used_{0};       // bytes of pages that are in use
    std::atomic<std::uint64_t> used_peak_{0};      // highest of that since the last gathering
    std::atomic<std::uint64_t> idle_bytes_{0}; // of the node that has most
    std::atomic<std::uint64_t> nodes_{0};
    std::atomic<std::uint64_t> keep_{0};
    std::atomic<bool> sparse_{false};
    std::atomic<unsigned> num_nodes_{0}; // whose lists can be used
};

} // namespace qae

#endif // QAE_LIB_MEM_CENTRAL_HEAP_H
