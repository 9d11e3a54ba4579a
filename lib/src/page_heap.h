// SPDX-License-Identifier: BSD-3-Clause
// Pinned regions and runs of free pages in them. Not locked: the owner is.
#ifndef QAE_LIB_PAGE_HEAP_H
#define QAE_LIB_PAGE_HEAP_H

#include <cstdint>

#include "numa.h"
#include "region_source.h"
#include "size_classes.h"
#include "sparse_table.h"
#include "window.h"

namespace qae {

// Pages are numbered from the start of the window.
using PageIndex = std::uint32_t;
inline constexpr PageIndex kNoPage = UINT32_MAX;

enum class PageKind : std::uint8_t { none, span, run };

// One per page of the window; zero where no region is. From "live" on it counts in the first page of a block
// only.
struct PageMeta {
    std::uint32_t region;   // index of its region + 1; 0: none
    PageIndex head;         // first page of the span or run that this used page belongs to
    std::uint64_t live;     // bit per object: the application owns it (a run is one object)
    std::uint64_t occupied; // bit per object: live, or being cleared
    std::uint32_t pages;
    PageIndex prev, next; // in the list of spans with room
    PageKind kind;
    std::uint8_t size_class;
};

struct RegionMeta {
    SourceRegion source;
    PageIndex first;
    std::uint32_t pages;
    std::uint32_t used;
    std::uint32_t largest;    // longest run of free pages
    std::uint32_t prev, next; // in the bucket of that length, or in the list of free records; index + 1
    int node;
};

class PageHeap {
public:
    // Idle pinned memory kept per node, bytes, so that a loop of one allocation and one free costs no system
    // call.
    static constexpr std::uint64_t kIdleLimit = 8ULL << 20;

    // Reserves address space at the first call. 0 or -errno.
    int reserve() noexcept;

    // A run of free pages whose device address is a multiple of @alignment, from regions on @node. The pages
    // are marked used, their metadata is the caller's. kNoPage if there is none.
    PageIndex take(std::uint32_t pages, std::uint64_t alignment, int node) noexcept;

    // The same from the one region that @page is in.
    PageIndex take_from(PageIndex page, std::uint32_t pages, std::uint64_t alignment) noexcept;

    // Maps a region of @source and makes its pages, from @first on, free ones. 0 or -errno; then the region
    // is still the caller's.
    int add(RegionSource &source, const SourceRegion &region, PageIndex &first) noexcept;

    // Makes used pages free. True if that left a region for @surplus, unmapped, which is to go back to its
    // source.
    bool give(PageIndex first, std::uint32_t pages, SourceRegion &surplus) noexcept;

    // Takes any region out, used or not. False if there is none.
    bool remove_any(SourceRegion &region) noexcept;

    // Takes a region out of which no page is used. False if there is none. Looks at many regions: for
    // emergencies.
    bool remove_idle(SourceRegion &region) noexcept;

    PageMeta &meta(PageIndex page) noexcept { return pages_[page]; }
    bool used(PageIndex page) const noexcept;
    RegionMeta &region_of(PageIndex page) noexcept { return regions_[pages_[page].region - 1]; }
    const Window &window() const noexcept { return window_; }
    std::uintptr_t address(PageIndex page) const noexcept { return window_.base() + page * kPageSize; }
    PageIndex page(std::uintptr_t address) const noexcept {
        return static_cast<PageIndex>((address - window_.base()) / kPageSize);
    }
    // Metadata of the page of @address, or nullptr if no region is there.
    PageMeta *find(std::uintptr_t address) noexcept;

    // Nodes that have regions, as a mask.
    std::uint64_t nodes() const noexcept { return nodes_; }
    std::uint64_t pinned_bytes() const noexcept { return pinned_; }
    std::uint32_t num_regions() const noexcept { return num_regions_; }

    void forget_in_child() noexcept;

private:
    static constexpr std::uint32_t kBuckets = 513;
    static constexpr std::uint32_t kMaxRegions = 1U << 20;
    static constexpr unsigned kMaxTries = 64;

    struct Node {
        std::uint64_t bucket_bits[(kBuckets + 63) / 64];
        std::uint32_t buckets[kBuckets]; // regions by longest free run in pages; index + 1
        std::uint32_t regions;
        std::uint64_t idle; // bytes of regions that are free as a whole
    };

    static std::uint32_t bucket(std::uint32_t largest) noexcept {
        return largest < kBuckets ? largest : kBuckets - 1;
    }
    int reserve_tables() noexcept;
    std::uint32_t new_record() noexcept;
    void link(std::uint32_t index) noexcept;
    void unlink(std::uint32_t index) noexcept;
    void refresh(std::uint32_t index) noexcept;
    void detach(std::uint32_t index) noexcept;
    bool pages_vacant(PageIndex first, std::uint32_t pages) const noexcept;
    int map_at(RegionSource &source, const SourceRegion &region, PageIndex first) noexcept;
    void drop_record(std::uint32_t index) noexcept;
    PageIndex find_run(const RegionMeta &region, std::uint32_t pages, std::uint64_t alignment) const noexcept;
    void mark_used(std::uint32_t index, PageIndex first, std::uint32_t pages) noexcept;

    Window window_;
    SparseTable<PageMeta> pages_;
    SparseTable<std::uint64_t> used_;
    SparseTable<RegionMeta> regions_;
    SparseTable<Node> node_;
    PageIndex known_pages_ = 0; // pages_ and used_ are usable up to here
    std::uint32_t records_ = 0; // records of regions_ ever used
    std::uint32_t free_record_ = 0;
    std::uint32_t num_regions_ = 0;
    std::uint64_t pinned_ = 0;
    std::uint64_t nodes_ = 0;
};

} // namespace qae

#endif // QAE_LIB_PAGE_HEAP_H
