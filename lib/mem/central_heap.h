// SPDX-License-Identifier: BSD-3-Clause
// What all threads share: a central free list for each node and size class, and the page heap below them.
//
// Locks, outermost first: the mutex of one thread cache (thread_cache.h), of one CentralFreeList, of the page
// heap. The source is called without any of them, except to map a region.
#ifndef QAE_LIB_MEM_CENTRAL_HEAP_H
#define QAE_LIB_MEM_CENTRAL_HEAP_H

#include <atomic>
#include <cstdint>

#include "mem/central_free_list.h"
#include "mem/page_heap.h"
#include "mem/source/region_source.h"
#include "process/fork.h"

namespace qae {

struct Run {
    PageIndex first = kNoPage;
    std::uint32_t pages = 0;
    unsigned node = 0;
};

struct CentralHeapStats {
    std::uint64_t pinned_bytes;
    std::uint64_t idle_bytes; // regions without a used page
    std::uint32_t regions;
    std::uint64_t objects; // live or in thread caches
    std::uint64_t object_bytes;
    std::uint64_t spare_bytes; // objects in the central free lists
    std::uint64_t used_bytes;  // pages of spans and runs
    std::uint64_t runs;        // live or in thread caches
    std::uint64_t run_bytes;
};

class CentralHeap final : public RegionUser {
public:
    static constexpr std::uint32_t kMaxBatch = 64;

    void hold() noexcept override { mutex_.lock(); }
    void resume() noexcept override { mutex_.unlock(); }
    bool has_region_at(std::uint64_t device_address) noexcept override;

    const Window &window() const noexcept { return pages_.window(); }
    PageMap &page_map() noexcept { return pages_.page_map(); }
    const PageMap &page_map() const noexcept { return pages_.page_map(); }

    // Takes up to @want objects from memory that is pinned on @node. Returns their number.
    std::uint32_t take_objects(unsigned node, unsigned size_class, GranuleIndex *objects,
                               std::uint32_t want) noexcept;
    void give_objects(unsigned node, unsigned size_class, const GranuleIndex *objects,
                      std::uint32_t count) noexcept;

    // Takes a run from memory that is pinned on @node. False if there is none.
    bool take_run(unsigned node, std::uint32_t pages, std::uint64_t alignment, Run &run) noexcept;
    void give_run(const Run &run) noexcept;
    // The length of the run that begins at @first.
    std::uint32_t run_pages(PageIndex first) const noexcept { return spans_[first].num_pages(); }

    // Maps a granted region. Returns 0, or -errno; then the region is still the caller's.
    int add_region(RegionSource &source, const SourceRegion &region) noexcept;

    // Returns the objects of all transfer caches to their spans, so that regions may become idle.
    void flush_transfer_caches() noexcept;

    // Removes an idle region from a node that has more than @keep idle bytes. False if there is none.
    bool remove_idle(std::uint64_t keep, SourceRegion &region) noexcept;
    // A quick check whether remove_idle(keep()) is likely to find one.
    bool has_surplus() const noexcept { return idle_bytes_.load(std::memory_order_relaxed) > keep(); }

    // Removes any region with everything in it. False if none is left; then everything is as new.
    bool remove_any(SourceRegion &region) noexcept;

    // Gives the address space back, because the library's code is being unloaded. No region is left.
    void release() noexcept;

    // Finds the region of a page. False if there is none.
    bool region_at(PageIndex page, SourceRegion &region, std::uintptr_t &address) noexcept;

    // Limit on idle bytes of one class in one cache. It grows with the process.
    std::uint64_t class_budget() const noexcept {
        const std::uint64_t used = used_.load(std::memory_order_relaxed);
        return std::clamp<std::uint64_t>(used / 1024, 8 << 10, 512 << 10);
    }

    // Does the process use so little memory that a few objects of each class are much of it?
    bool is_small() const noexcept { return used_.load(std::memory_order_relaxed) < kSmall; }

    // Sets how many idle bytes each node keeps pinned.
    void set_keep(std::uint64_t bytes) noexcept { keep_.store(bytes, std::memory_order_relaxed); }
    std::uint64_t keep() const noexcept { return keep_.load(std::memory_order_relaxed); }

    // Has the process freed much, so that little of what is pinned is used? Then every cached object may keep
    // a region from being returned, so caches keep nothing.
    bool is_sparse() const noexcept { return sparse_.load(std::memory_order_relaxed); }

    // Has the used memory halved since this was last true? Then it is time to drain the caches, because a few
    // cached objects here and there keep whole regions from being returned.
    bool has_shrunk() noexcept;

    std::uint64_t pinned_bytes() const noexcept { return pinned_.load(std::memory_order_relaxed); }

    // A mask of the nodes that have regions.
    std::uint64_t nodes() const noexcept { return nodes_.load(std::memory_order_relaxed); }

    CentralHeapStats stats() noexcept;

    bool before_fork(const timespec &deadline) noexcept { return mutex_.lock_until(deadline); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

private:
    static constexpr std::uint64_t kSmall = 8ULL << 20;

    struct Node {
        CentralFreeList lists[kNumClasses];
    };

    int reserve() noexcept;
    bool ready(unsigned node) const noexcept { return node < num_nodes_.load(std::memory_order_acquire); }
    CentralFreeList &list(unsigned node, unsigned size_class) noexcept {
        return node_[node].lists[size_class];
    }
    PageIndex take_span(unsigned node, unsigned size_class, std::uint32_t objects,
                        std::uint32_t &pages) noexcept;
    std::uint32_t take_single_object_spans(unsigned node, unsigned size_class, GranuleIndex *objects,
                                           std::uint32_t want) noexcept;
    void give_single_object_spans(unsigned size_class, const GranuleIndex *objects,
                                  std::uint32_t count) noexcept;
    void give_pages(PageIndex first, std::uint32_t pages) noexcept;
    void give_to_spans(unsigned node, unsigned size_class, const GranuleIndex *objects,
                       std::uint32_t count) noexcept;
    void publish(bool taken) noexcept;

    BriefMutex mutex_; // guards pages_, and spans_ of runs
    PageHeap pages_;
    SparseTable<Span> spans_;
    SparseTable<Node> node_;
    std::uint64_t run_pages_ = 0; // of runs that are live or in thread caches
    std::uint64_t runs_ = 0;
    std::uint64_t single_object_spans_[kNumClasses] = {}; // likewise, by class
    std::uint64_t span_room_ = 0;                         // pages that spans_ has room for
    std::uint64_t used_when_taken_ = 0;                   // used bytes when pages were last taken
    // Copies for readers that do not hold the lock.
    std::atomic<std::uint64_t> pinned_{0};
    std::atomic<std::uint64_t> used_{0};       // bytes of used pages
    std::atomic<std::uint64_t> used_peak_{0};  // highest used_ since has_shrunk() was last true
    std::atomic<std::uint64_t> idle_bytes_{0}; // of the node that has the most
    std::atomic<std::uint64_t> nodes_{0};
    std::atomic<std::uint64_t> keep_{0};
    std::atomic<bool> sparse_{false};
    std::atomic<unsigned> num_nodes_{0}; // nodes whose lists are ready
};

} // namespace qae

#endif // QAE_LIB_MEM_CENTRAL_HEAP_H
