// SPDX-License-Identifier: BSD-3-Clause
#include "page_heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "bit_runs.h"

namespace qae {

int PageHeap::reserve_tables() noexcept {
    const std::uint64_t pages = window_.size() / kPageSize;
    if (pages_.reserve(pages) && used_.reserve(pages / 64) && regions_.reserve(kMaxRegions) &&
        node_.reserve(kMaxNodes) && node_.commit(kMaxNodes)) {
        return 0;
    }
    const int err = errno;
    pages_.release();
    used_.release();
    regions_.release();
    node_.release();
    return -err;
}

int PageHeap::reserve() noexcept {
    if (node_.data() != nullptr) {
        return 0;
    }
    const int err = window_.reserve();
    return err != 0 ? err : reserve_tables();
}

bool PageHeap::used(PageIndex page) const noexcept { return test_bit(used_.data(), page); }

PageMeta *PageHeap::find(std::uintptr_t address) noexcept {
    if (!window_.contains(address) || page(address) >= known_pages_) {
        return nullptr;
    }
    PageMeta &meta = pages_[page(address)];
    return meta.region != 0 ? &meta : nullptr;
}

std::uint32_t PageHeap::new_record() noexcept {
    if (free_record_ != 0) {
        const std::uint32_t index = free_record_ - 1;
        free_record_ = regions_[index].next;
        return index;
    }
    if (records_ == kMaxRegions || !regions_.commit(records_ + 1)) {
        return UINT32_MAX;
    }
    return records_++;
}

void PageHeap::link(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    Node &node = node_[static_cast<std::size_t>(region.node)];
    const std::uint32_t b = bucket(region.largest);
    region.prev = 0;
    region.next = node.buckets[b];
    if (region.next != 0) {
        regions_[region.next - 1].prev = index + 1;
    }
    node.buckets[b] = index + 1;
    set_bits(node.bucket_bits, b, 1, true);
}

void PageHeap::unlink(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    Node &node = node_[static_cast<std::size_t>(region.node)];
    const std::uint32_t b = bucket(region.largest);
    if (region.next != 0) {
        regions_[region.next - 1].prev = region.prev;
    }
    if (region.prev != 0) {
        regions_[region.prev - 1].next = region.next;
    } else {
        node.buckets[b] = region.next;
        set_bits(node.bucket_bits, b, 1, region.next != 0);
    }
}

// Sorts a region anew after its used pages changed.
void PageHeap::refresh(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    const PageIndex end = region.first + region.pages;
    std::uint32_t largest = 0;
    for (PageIndex from = find_bit(used_.data(), region.first, end, false); from < end;) {
        const PageIndex to = find_bit(used_.data(), from, end, true);
        largest = std::max(largest, to - from);
        from = find_bit(used_.data(), to, end, false);
    }
    if (largest != region.largest) {
        unlink(index);
        region.largest = largest;
        link(index);
    }
}

PageIndex PageHeap::find_run(const RegionMeta &region, std::uint32_t pages,
                             std::uint64_t alignment) const noexcept {
    alignment = std::max<std::uint64_t>(alignment, kPageSize);
    const PageIndex end = region.first + region.pages;
    for (PageIndex from = find_bit(used_.data(), region.first, end, false); from < end;) {
        const PageIndex to = find_bit(used_.data(), from, end, true);
        const std::uint64_t device = region.source.device_address + (from - region.first) * kPageSize;
        const std::uint64_t skip = ((device + alignment - 1) & ~(alignment - 1)) - device;
        if (skip / kPageSize + pages <= to - from) {
            return from + static_cast<PageIndex>(skip / kPageSize);
        }
        from = find_bit(used_.data(), to, end, false);
    }
    return kNoPage;
}

void PageHeap::mark_used(std::uint32_t index, PageIndex first, std::uint32_t pages) noexcept {
    RegionMeta &region = regions_[index];
    if (region.used == 0) {
        node_[static_cast<std::size_t>(region.node)].idle -= region.source.length;
    }
    region.used += pages;
    set_bits(used_.data(), first, pages, true);
    for (PageIndex page = first; page < first + pages; ++page) {
        pages_[page].head = first;
    }
    refresh(index);
}

// Best fit: the region whose longest free run is the shortest that will do, so that sparse regions drain and
// go back. Without an alignment above a page the first look succeeds; with one, the number of looks is
// bounded.
PageIndex PageHeap::take(std::uint32_t pages, std::uint64_t alignment, int node_id) noexcept {
    Node &node = node_[static_cast<std::size_t>(node_id)];
    unsigned tries = 0;
    for (std::uint32_t b = find_bit(node.bucket_bits, bucket(pages), kBuckets, true); b < kBuckets;
         b = find_bit(node.bucket_bits, b + 1, kBuckets, true)) {
        for (std::uint32_t entry = node.buckets[b]; entry != 0; entry = regions_[entry - 1].next) {
            const PageIndex first = find_run(regions_[entry - 1], pages, alignment);
            if (first != kNoPage) {
                mark_used(entry - 1, first, pages);
                return first;
            }
            if (++tries == kMaxTries) {
                return kNoPage;
            }
        }
    }
    return kNoPage;
}

PageIndex PageHeap::take_from(PageIndex page, std::uint32_t pages, std::uint64_t alignment) noexcept {
    const std::uint32_t index = pages_[page].region - 1;
    const PageIndex first = find_run(regions_[index], pages, alignment);
    if (first != kNoPage) {
        mark_used(index, first, pages);
    }
    return first;
}

bool PageHeap::pages_vacant(PageIndex first, std::uint32_t pages) const noexcept {
    for (PageIndex page = first; page < first + pages; ++page) {
        if (pages_[page].region != 0) {
            return false;
        }
    }
    return true;
}

int PageHeap::map_at(RegionSource &source, const SourceRegion &region, PageIndex first) noexcept {
    const auto pages = static_cast<std::uint32_t>(region.length / kPageSize);
    const PageIndex end = (first + pages + 63) / 64 * 64;
    if (!pages_.commit(end) || !used_.commit(end / 64)) {
        return -ENOMEM;
    }
    known_pages_ = std::max(known_pages_, end);
    if (!pages_vacant(first, pages)) {
        return -EEXIST; // two regions at one device address: the source is wrong, do not map over live memory
    }
    const int err = source.map(region, reinterpret_cast<void *>(address(first)));
    if (err != 0) {
        Window::hide(address(first), region.length); // a failed fixed mapping may leave a hole
    }
    return err;
}

void PageHeap::drop_record(std::uint32_t index) noexcept {
    regions_[index].next = free_record_;
    free_record_ = index + 1;
}

int PageHeap::add(RegionSource &source, const SourceRegion &granted, PageIndex &first) noexcept {
    const std::uintptr_t place = window_.place(granted.device_address, granted.length);
    if (place == 0) {
        return -ENOSPC;
    }
    first = page(place);
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
    madvise(reinterpret_cast<void *>(place), granted.length, MADV_DONTFORK);
    const int node_id = std::clamp(granted.node, 0, kMaxNodes - 1);
    regions_[index] = {.source = granted,
                       .first = first,
                       .pages = pages,
                       .used = 0,
                       .largest = pages,
                       .prev = 0,
                       .next = 0,
                       .node = node_id};
    for (PageIndex p = first; p < first + pages; ++p) {
        pages_[p] = {};
        pages_[p].region = index + 1;
    }
    Node &node = node_[static_cast<std::size_t>(node_id)];
    ++node.regions;
    node.idle += granted.length;
    nodes_ |= 1ULL << node_id;
    pinned_ += granted.length;
    ++num_regions_;
    link(index);
    return 0;
}

// Takes a region's pages off the books and out of the address space.
void PageHeap::detach(std::uint32_t index) noexcept {
    RegionMeta &region = regions_[index];
    Node &node = node_[static_cast<std::size_t>(region.node)];
    unlink(index);
    for (PageIndex page = region.first; page < region.first + region.pages; ++page) {
        pages_[page] = {};
    }
    set_bits(used_.data(), region.first, region.pages, false);
    Window::hide(address(region.first), region.source.length);
    window_.unplace(address(region.first), region.source.length);
    if (region.used == 0) {
        node.idle -= region.source.length;
    }
    if (--node.regions == 0) {
        nodes_ &= ~(1ULL << region.node);
    }
    pinned_ -= region.source.length;
    --num_regions_;
    drop_record(index);
}

bool PageHeap::give(PageIndex first, std::uint32_t pages, SourceRegion &surplus) noexcept {
    const std::uint32_t index = pages_[first].region - 1;
    RegionMeta &region = regions_[index];
    set_bits(used_.data(), first, pages, false);
    pages_[first].kind = PageKind::none;
    region.used -= pages;
    refresh(index);
    if (region.used > 0) {
        return false;
    }
    Node &node = node_[static_cast<std::size_t>(region.node)];
    node.idle += region.source.length;
    if (node.idle <= kIdleLimit) {
        return false;
    }
    surplus = region.source;
    detach(index);
    return true;
}

bool PageHeap::remove_any(SourceRegion &region) noexcept {
    if (nodes_ == 0) {
        return false;
    }
    const Node &node = node_[static_cast<std::size_t>(std::countr_zero(nodes_))];
    const std::uint32_t entry = node.buckets[find_bit(node.bucket_bits, 0, kBuckets, true)];
    region = regions_[entry - 1].source;
    detach(entry - 1);
    return true;
}

bool PageHeap::remove_idle(SourceRegion &region) noexcept {
    for (std::uint64_t nodes = nodes_; nodes != 0; nodes &= nodes - 1) {
        const Node &node = node_[static_cast<std::size_t>(std::countr_zero(nodes))];
        for (std::uint32_t b = node.idle != 0 ? find_bit(node.bucket_bits, 1, kBuckets, true) : kBuckets;
             b < kBuckets; b = find_bit(node.bucket_bits, b + 1, kBuckets, true)) {
            for (std::uint32_t entry = node.buckets[b]; entry != 0; entry = regions_[entry - 1].next) {
                if (regions_[entry - 1].used == 0) {
                    region = regions_[entry - 1].source;
                    detach(entry - 1);
                    return true;
                }
            }
        }
    }
    return false;
}

// The tables are in address space that fork did not copy: there is nothing to release.
void PageHeap::forget_in_child() noexcept {
    Window window = window_;
    window.forget_in_child();
    *this = PageHeap{};
    window_ = window;
}

} // namespace qae
