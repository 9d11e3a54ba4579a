// SPDX-License-Identifier: BSD-3-Clause
// Pinned regions and the runs of free pages in them. Not locked: the owner is. What used pages hold is the
// owner's business; here they are only used.
//
// Free runs are kept by length, with a mark at each end of a run, so that taking pages and giving them back,
// joined with what is free beside them, costs the same whatever is pinned.
#ifndef QAE_LIB_MEM_PAGE_HEAP_H
#define QAE_LIB_MEM_PAGE_HEAP_H

#include <algorithm>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/address/window.h"
#include "mem/page_map.h"
#include "mem/size_classes.h"
#include "mem/source/numa.h"
#include "mem/source/region_source.h"

namespace qae {

struct RegionMeta {
    SourceRegion source;
    PageIndex first;
    std::uint32_t pages;
    std::uint32_t used;
    std::uint32_t prev, next; // among those of its node, or the free records; index + 1
    int node;
};

class PageHeap {
public:
    // Reserves address space at the first call. 0 or -errno.
    int reserve() noexcept;

    // A run of free pages whose device address is a multiple of @alignment, from regions on @node; now used.
    // kNoPage if there is none.
    PageIndex take(std::uint32_t pages, std::uint64_t alignment, int node) noexcept;

    // Makes used pages free.
    void give(PageIndex first, std::uint32_t pages) noexcept;

    // Maps a region of @source and makes its pages free ones. 0 or -errno; then the region is still the
    // caller's.
    int add(RegionSource &source, const SourceRegion &region) noexcept;

    // Takes any region out, used or not. False if there is none.
    bool remove_any(SourceRegion &region) noexcept;

    // Takes a region out of which no page is used: that which has been so for longest, since what became so
    // last is wanted again first; but the last one if it is more than @keep bytes by itself. False if there
    // is none on that node.
    bool remove_idle(int node, std::uint64_t keep, SourceRegion &region) noexcept;

    // Takes the region out that has this page; none of its pages is used.
    void remove_unused(PageIndex page) noexcept { detach(region_at_[page] - 1); }

    // Bytes of regions of which no page is used.
    std::uint64_t idle_bytes(int node) const noexcept {
        return node_.data() != nullptr ? node_[static_cast<std::size_t>(node)].idle : 0;
    }

    // The page is in a region.
    const RegionMeta &region_of(PageIndex page) const noexcept { return regions_[region_at_[page] - 1]; }
    bool in_region(PageIndex page) const noexcept { return page < known_pages_ && region_at_[page] != 0; }
    PageMap &page_map() noexcept { return page_map_; }
    const PageMap &page_map() const noexcept { return page_map_; }
    const Window &window() const noexcept { return window_; }
    std::uintptr_t address(PageIndex page) const noexcept { return window_.base() + page * kPageSize; }
    PageIndex page(std::uintptr_t address) const noexcept {
        return static_cast<PageIndex>((address - window_.base()) / kPageSize);
    }

    // Nodes that have regions, as a mask.
    std::uint64_t nodes() const noexcept { return nodes_; }
    std::uint64_t pinned_bytes() const noexcept { return pinned_; }
    std::uint64_t used_bytes() const noexcept { return used_pages_ * kPageSize; }
    std::uint32_t num_regions() const noexcept { return num_regions_; }

    void forget_in_child() noexcept;

private:
    // By length in pages; then those that are longer than a slot; last, whole regions, so that what is in use
    // already fills up first.
    static constexpr std::uint32_t kLongBucket = 512;
    static constexpr std::uint32_t kIdleBucket = 513;
    static constexpr std::uint32_t kBuckets = kIdleBucket + 1;
    static constexpr std::uint32_t kMaxRegions = 1U << 20;
    static constexpr unsigned kMaxTries = 64;

    // One per page: at the first page of a free run its length and place in the list, at the last page where
    // it begins. All other entries are zero.
    struct FreeRun {
        std::uint32_t pages;
        PageIndex prev, next; // page + 1
        PageIndex begin;      // page + 1
    };

    struct Node {
        std::uint64_t bucket_bits[(kBuckets + 63) / 64];
        PageIndex buckets[kBuckets]; // first page of a run + 1
        std::uint32_t regions;       // index + 1
        std::uint64_t idle;          // bytes of regions that are free as a whole
        PageIndex idle_longest;      // of those: first page + 1
    };

    Node &node_of(PageIndex page) noexcept { return node_[static_cast<std::size_t>(region_of(page).node)]; }
    int reserve_tables() noexcept;
    std::uint32_t new_record() noexcept;
    void drop_record(std::uint32_t index) noexcept;
    std::uint32_t bucket(PageIndex first) const noexcept;
    void insert_run(PageIndex first, std::uint32_t pages) noexcept;
    void erase_run(PageIndex first) noexcept;
    void erase_free_runs_of(const RegionMeta &region) noexcept;
    std::uint32_t padding(PageIndex first, std::uint64_t alignment) const noexcept;
    PageIndex find_in_bucket(const Node &node, std::uint32_t b, std::uint32_t pages, std::uint64_t alignment,
                             unsigned &tries) const noexcept;
    PageIndex find_run(const Node &node, std::uint32_t pages, std::uint64_t alignment) const noexcept;
    void link_region(std::uint32_t index) noexcept;
    void unlink_region(std::uint32_t index) noexcept;
    bool pages_unused(PageIndex first, std::uint32_t pages) const noexcept;
    int map_at(RegionSource &source, const SourceRegion &region, PageIndex first) noexcept;
    void detach(std::uint32_t index) noexcept;

    bool ready_ = false;
    Window window_;
    PageMap page_map_;
    SparseTable<std::uint32_t> region_at_; // by page: index of its region + 1; 0: none
    SparseTable<FreeRun> runs_;
    SparseTable<RegionMeta> regions_;
    SparseTable<Node> node_;
    std::uint64_t table_pages_ = 0; // that the tables have room for
    PageIndex known_pages_ = 0;     // that they can be written for
    std::uint32_t records_ = 0;     // of regions_, ever used
    std::uint32_t free_record_ = 0;
    std::uint32_t num_regions_ = 0;
    std::uint64_t pinned_ = 0;
    std::uint64_t used_pages_ = 0;
    std::uint64_t nodes_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_PAGE_HEAP_H
