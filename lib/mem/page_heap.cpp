// SPDX-License-Identifier: BSD-3-Clause
#include "mem/page_heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "mem/address/bit_runs.h"

namespace qae {

// A forked child uses its parent's tables, which read as zero there.
int PageHeap::reserve_tables() noexcept {
    const std::uint64_t pages = window_.size() / kPageSize;
    if (pages != table_pages_) {
        region_at_.release();
        runs_.release();
        regions_.release();
        table_pages_ = 0;
    }
    if (page_map_.reserve(window_.size()) &&
        (table_pages_ == pages || (region_at_.reserve(pages) && runs_.reserve(pages))) &&
        (regions_.data() != nullptr || regions_.reserve(max_regions())) &&
        (node_.data() != nullptr || node_.reserve(kMaxNodes)) && node_.commit(kMaxNodes)) {
        table_pages_ = pages;
        return 0;
    }
    const int err = errno;
    page_map_.release();
    region_at_.release();
    runs_.release();
    table_pages_ = 0;
    return -err;
}

int PageHeap::reserve() noexcept {
    if (ready_) {
        return 0;
    }
    int err = window_.reserve();
    err = err != 0 ? err : reserve_tables();
    if (err == 0) {
        window_.publish();
        ready_ = true;
    }
    return err;
}

// No region is smaller than a page.
std::uint32_t PageHeap::max_regions() const noexcept {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(kMaxRegions, window_.size() / kPageSize));
}

std::uint32_t PageHeap::new_record() noexcept {
    if (free_record_ != 0) {
        const std::uint32_t index = free_record_ - 1;
        free_record_ = regions_[index].next;
        return index;
    }
    if (records_ == max_regions() || !regions_.commit(records_ + 1)) {
        return UINT32_MAX;
    }
    return records_++;
}

void PageHeap::drop_record(std::uint32_t index) noexcept {
    regions_[index].next = free_record_;
    free_record_ = index + 1;
}

void PageHeap::link_region(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    Node &node = node_[static_cast<std::size_t>(region.node)];
    region.prev = 0;
    region.next = node.regions;
    if (region.next != 0) {
        regions_[region.next - 1].prev = index + 1;
    }
    node.regions = index + 1;
    nodes_ |= 1ULL << region.node;
}

void PageHeap::unlink_region(std::uint32_t index) noexcept {
    const RegionMeta &region = regions_[index];
    Node &node = node_[static_cast<std::size_t>(region.node)];
    if (region.next != 0) {
        regions_[region.next - 1].prev = region.prev;
    }
    if (region.prev != 0) {
        regions_[region.prev - 1].next = region.next;
    } else {
        node.regions = region.next;
    }
    if (node.regions == 0) {
        nodes_ &= ~(1ULL << region.node);
    }
}

std::uint32_t PageHeap::bucket(PageIndex first) const noexcept {
    const std::uint32_t pages = runs_[first].pages;
    return pages == region_of(first).pages ? kIdleBucket : std::min(pages, kLongBucket);
}

void PageHeap::insert_run(PageIndex first, std::uint32_t pages) noexcept {
    Node &node = node_of(first);
    runs_[first].pages = pages;
    runs_[first + pages - 1].begin = first + 1;
    const std::uint32_t b = bucket(first);
    runs_[first].prev = 0;
    runs_[first].next = node.buckets[b];
    if (node.buckets[b] != 0) {
        runs_[node.buckets[b] - 1].prev = first + 1;
    }
    node.buckets[b] = first + 1;
    set_bits(node.bucket_bits, b, 1, true);
    if (b == kIdleBucket) {
        node.idle += region_of(first).source.length;
        node.idle_longest = runs_[first].next == 0 ? first + 1 : node.idle_longest;
    }
}

void PageHeap::erase_run(PageIndex first) noexcept {
    Node &node = node_of(first);
    const FreeRun run = runs_[first];
    const std::uint32_t b = bucket(first);
    if (run.next != 0) {
        runs_[run.next - 1].prev = run.prev;
    }
    if (run.prev != 0) {
        runs_[run.prev - 1].next = run.next;
    } else {
        node.buckets[b] = run.next;
        set_bits(node.bucket_bits, b, 1, run.next != 0);
    }
    if (b == kIdleBucket) {
        node.idle -= region_of(first).source.length;
        node.idle_longest = run.next == 0 ? run.prev : node.idle_longest;
    }
    runs_[first].pages = 0;
    runs_[first + run.pages - 1].begin = 0;
}

// Pages from @first up to the next device address that is a multiple of @alignment.
std::uint32_t PageHeap::padding(PageIndex first, std::uint64_t alignment) const noexcept {
    const std::uint64_t device = window_.device_of(first * kPageSize);
    return static_cast<std::uint32_t>(((device + alignment - 1) & ~(alignment - 1)) - device) / kPageSize;
}

PageIndex PageHeap::find_in_bucket(const Node &node, std::uint32_t b, std::uint32_t pages,
                                   std::uint64_t alignment, unsigned &tries) const noexcept {
    for (PageIndex entry = node.buckets[b]; entry != 0 && tries < kMaxTries; entry = runs_[entry - 1].next) {
        ++tries;
        const std::uint32_t skip = alignment > kPageSize ? padding(entry - 1, alignment) : 0;
        if (skip + pages <= runs_[entry - 1].pages) {
            return entry - 1;
        }
    }
    return kNoPage;
}

// Best fit. For runs up to the length of a slot that need only page alignment, the first candidate fits. For
// others the number of candidates is bounded. Idle regions come last in any case.
PageIndex PageHeap::find_run(const Node &node, std::uint32_t pages, std::uint64_t alignment) const noexcept {
    unsigned tries = 0;
    for (std::uint32_t b = find_bit(node.bucket_bits, std::min(pages, kLongBucket), kIdleBucket, true);
         b < kIdleBucket && tries < kMaxTries; b = find_bit(node.bucket_bits, b + 1, kIdleBucket, true)) {
        const PageIndex first = find_in_bucket(node, b, pages, alignment, tries);
        if (first != kNoPage) {
            return first;
        }
    }
    tries = 0;
    return find_in_bucket(node, kIdleBucket, pages, alignment, tries);
}

PageIndex PageHeap::take(std::uint32_t pages, std::uint64_t alignment, int node_id) noexcept {
    const PageIndex run = find_run(node_[static_cast<std::size_t>(node_id)], pages, alignment);
    if (run == kNoPage) {
        return kNoPage;
    }
    const std::uint32_t length = runs_[run].pages;
    const std::uint32_t skip = alignment > kPageSize ? padding(run, alignment) : 0;
    erase_run(run);
    regions_[region_at_[run] - 1].used += pages;
    used_pages_ += pages;
    if (skip > 0) {
        insert_run(run, skip);
    }
    if (skip + pages < length) {
        insert_run(run + skip + pages, length - skip - pages);
    }
    return run + skip;
}

void PageHeap::give(PageIndex first, std::uint32_t pages) noexcept {
    RegionMeta &region = regions_[region_at_[first] - 1];
    region.used -= pages;
    used_pages_ -= pages;
    if (first > region.first && runs_[first - 1].begin != 0) {
        const PageIndex before = runs_[first - 1].begin - 1;
        erase_run(before);
        pages += first - before;
        first = before;
    }
    const PageIndex after = first + pages;
    if (after < region.first + region.pages && runs_[after].pages != 0) {
        const std::uint32_t more = runs_[after].pages;
        erase_run(after);
        pages += more;
    }
    insert_run(first, pages);
}

bool PageHeap::pages_unused(PageIndex first, std::uint32_t pages) const noexcept {
    for (PageIndex page = first; page < first + pages; ++page) {
        if (region_at_[page] != 0) {
            return false;
        }
    }
    return true;
}

int PageHeap::map_at(RegionSource &source, const SourceRegion &region, PageIndex first) noexcept {
    const auto pages = static_cast<std::uint32_t>(region.length / kPageSize);
    const PageIndex end = first + pages;
    if (!page_map_.commit(end) || !region_at_.commit(end) || !runs_.commit(end)) {
        return -ENOMEM;
    }
    known_pages_ = std::max(known_pages_, end);
    if (!pages_unused(first, pages)) {
        return -EEXIST; // two regions at one device address: the source is wrong; never map over live memory
    }
    const int err = source.map(region, reinterpret_cast<void *>(address(first)));
    if (err != 0) {
        Window::make_inaccessible(address(first), region.length); // a failed fixed mapping may leave a hole
    }
    return err;
}

int PageHeap::add(RegionSource &source, const SourceRegion &granted) noexcept {
    const int node = std::clamp(granted.node, 0, kMaxNodes - 1);
    const std::uintptr_t place =
        window_.place(granted.device_address, granted.length, static_cast<unsigned>(node));
    if (place == 0) {
        return -ENOSPC;
    }
    const PageIndex first = page(place);
    const auto pages = static_cast<std::uint32_t>(granted.length / kPageSize);
    const std::uint32_t index = new_record();
    const int err = index != UINT32_MAX ? map_at(source, granted, first) : -ENOMEM;
    if (err != 0) {
        window_.unplace(place, granted.length);
        if (index != UINT32_MAX) {
            drop_record(index);
        }
        return err;
    }
    Window::settle(place, granted.length);
    regions_[index] = {
        .source = granted, .first = first, .pages = pages, .used = 0, .prev = 0, .next = 0, .node = node};
    std::fill_n(region_at_.data() + first, pages, index + 1);
    link_region(index);
    insert_run(first, pages);
    pinned_ += granted.length;
    ++num_regions_;
    return 0;
}

void PageHeap::erase_free_runs_of(const RegionMeta &region) noexcept {
    for (PageIndex page = region.first; page < region.first + region.pages;) {
        const std::uint32_t free = runs_[page].pages;
        if (free != 0) {
            erase_run(page);
        }
        page += std::max(free, 1U);
    }
}

// Removes a region from all tables and from the address space.
void PageHeap::detach(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    erase_free_runs_of(region);
    unlink_region(index);
    std::fill_n(region_at_.data() + region.first, region.pages, 0U);
    Window::make_inaccessible(address(region.first), region.source.length);
    window_.unplace(address(region.first), region.source.length);
    pinned_ -= region.source.length;
    used_pages_ -= region.used;
    --num_regions_;
    drop_record(index);
}

bool PageHeap::remove_any(SourceRegion &region) noexcept {
    if (nodes_ == 0) {
        return false;
    }
    const std::uint32_t index = node_[static_cast<std::size_t>(std::countr_zero(nodes_))].regions - 1;
    region = regions_[index].source;
    page_map_.wipe(regions_[index].first, regions_[index].pages);
    detach(index);
    return true;
}

bool PageHeap::remove_idle(int node_id, std::uint64_t keep, SourceRegion &region) noexcept {
    if (idle_bytes(node_id) == 0) {
        return false;
    }
    const Node &node = node_[static_cast<std::size_t>(node_id)];
    const PageIndex last = node.buckets[kIdleBucket] - 1;
    const PageIndex first = region_of(last).source.length > keep ? last : node.idle_longest - 1;
    region = region_of(first).source;
    remove_unused(first);
    return true;
}

void PageHeap::release() noexcept {
    page_map_.release();
    region_at_.release();
    runs_.release();
    regions_.release();
    node_.release();
    window_.release();
}

// The tables read as zero in the child; only the members are reset.
void PageHeap::forget_in_child() noexcept {
    window_.forget_in_child();
    ready_ = false;
    known_pages_ = 0;
    records_ = 0;
    free_record_ = 0;
    num_regions_ = 0;
    pinned_ = 0;
    used_pages_ = 0;
    nodes_ = 0;
}

} // namespace qae
