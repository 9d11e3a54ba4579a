// SPDX-License-Identifier: BSD-3-Clause
// Pinned regions and the runs of free pages in them. The owner, CentralHeap, has the lock and decides what
// used pages hold.
//
// Free runs are kept in buckets by length, with a boundary tag at each end of a run. So taking pages and
// giving them back, coalesced with free neighbours, costs the same however much is pinned.
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
    std::uint32_t prev, next; // in the list of its node or of free records; index + 1
    int node;
};

class PageHeap {
public:
    // Reserves address space at the first call. Returns 0 or -errno.
    int reserve() noexcept;

    // Takes a run of free pages whose device address is a multiple of @alignment from regions on @node.
    // kNoPage if there is none.
    PageIndex take(std::uint32_t pages, std::uint64_t alignment, int node) noexcept;

    // Frees used pages.
    void give(PageIndex first, std::uint32_t pages) noexcept;

    // Maps a region of @source; its pages are free. Returns 0, or -errno; then the region is still the
    // caller's.
    int add(RegionSource &source, const SourceRegion &region) noexcept;

    // Removes any region, used or not. False if there is none.
    bool remove_any(SourceRegion &region) noexcept;

    // Removes an idle region, the longest idle first, because the newest is the likeliest to be reused. But
    // removes the newest if it alone exceeds @keep bytes. False if the node has no idle region.
    bool remove_idle(int node, std::uint64_t keep, SourceRegion &region) noexcept;

    // Removes the region of this page. None of its pages may be used.
    void remove_unused(PageIndex page) noexcept { detach(region_at_[page] - 1); }

    // Bytes of idle regions, which have no used page.
    std::uint64_t idle_bytes(int node) const noexcept {
        return node_.data() != nullptr ? node_[static_cast<std::size_t>(node)].idle : 0;
    }

    // The page must be in a region.
    const RegionMeta &region_of(PageIndex page) const noexcept { return regions_[region_at_[page] - 1]; }
    bool in_region(PageIndex page) const noexcept { return page < known_pages_ && region_at_[page] != 0; }
    PageMap &page_map() noexcept { return page_map_; }
    const PageMap &page_map() const noexcept { return page_map_; }
    const Window &window() const noexcept { return window_; }
    std::uintptr_t address(PageIndex page) const noexcept { return window_.base() + page * kPageSize; }
    PageIndex page(std::uintptr_t address) const noexcept {
        return static_cast<PageIndex>((address - window_.base()) / kPageSize);
    }

    // A mask of the nodes that have regions.
    std::uint64_t nodes() const noexcept { return nodes_; }
    std::uint64_t pinned_bytes() const noexcept { return pinned_; }
    std::uint64_t used_bytes() const noexcept { return used_pages_ * kPageSize; }
    std::uint32_t num_regions() const noexcept { return num_regions_; }

    void forget_in_child() noexcept;

    // Unmaps window and tables. No region is left, and nothing may be called after it.
    void release() noexcept;

private:
    // Buckets by length in pages, then one for runs longer than a slot, and last one for idle regions, so
    // that regions in use fill up first.
    static constexpr std::uint32_t kLongBucket = 512;
    static constexpr std::uint32_t kIdleBucket = 513;
    static constexpr std::uint32_t kBuckets = kIdleBucket + 1;
    static constexpr std::uint32_t kMaxRegions = 1U << 20;
    static constexpr unsigned kMaxTries = 64;

    // One entry per page. The first page of a free run has its length and list links, the last page has where
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
        std::uint64_t idle;          // bytes of idle regions
        PageIndex idle_longest;      // first page of the longest idle region + 1
    };

    Node &node_of(PageIndex page) noexcept { return node_[static_cast<std::size_t>(region_of(page).node)]; }
    int reserve_tables() noexcept;
    std::uint32_t max_regions() const noexcept;
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
    SparseTable<std::uint32_t> region_at_; // by page: index of its region + 1, or 0
    SparseTable<FreeRun> runs_;
    SparseTable<RegionMeta> regions_;
    SparseTable<Node> node_;
    std::uint64_t table_pages_ = 0; // pages that the tables have room for
    PageIndex known_pages_ = 0;     // pages that the tables can be written for
    std::uint32_t records_ = 0;     // elements of regions_ that were ever used
    std::uint32_t free_record_ = 0;
    std::uint32_t num_regions_ = 0;
    std::uint64_t pinned_ = 0;
    std::uint64_t used_pages_ = 0;
    std::uint64_t nodes_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_PAGE_HEAP_H
