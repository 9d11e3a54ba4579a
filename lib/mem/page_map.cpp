// SPDX-License-Identifier: BSD-3-Clause
#include "mem/page_map.h"

#include <linux/qae.h>

#include <cerrno>
#include <cstring>

namespace qae {

static_assert(QAE_MAX_REGION_SIZE / kPageSize - 1 <= UINT16_MAX, "a distance must fit the largest run");

namespace {

// The pages of a page-aligned block, and how many of them it fills completely. 0 for all other blocks.
struct BlockPages {
    std::uint32_t all;
    std::uint32_t full;
};

BlockPages block_pages(PageKind kind, std::uint32_t run) noexcept {
    if (kind == PageKind::run) {
        return {.all = run, .full = run};
    }
    const unsigned size_class = static_cast<unsigned>(kind) - 1;
    if (kMarkEncodings[static_cast<unsigned>(kind)].map != MarkEncoding::kPages) {
        return {.all = 0, .full = 0};
    }
    const auto full = static_cast<std::uint32_t>(kSizeClasses[size_class].size / kPageSize);
    return {.all = std::max<std::uint32_t>(full, kSingleObjectPages[size_class]), .full = full};
}

} // namespace

bool PageMap::reserve(std::uint64_t bytes) noexcept {
    if (bytes_ == bytes) {
        return true; // in a forked child, whose tables read as zero
    }
    release();
    if (pages_.reserve(bytes / kPageSize) && distances_.reserve(bytes / kPageSize) &&
        small_.reserve(bytes / kGranule >> MarkEncoding::kShifts[MarkEncoding::kSmall]) &&
        large_.reserve(bytes / kGranule >> MarkEncoding::kShifts[MarkEncoding::kLarge])) {
        maps_[MarkEncoding::kPages] = pages_.data();
        maps_[MarkEncoding::kLarge] = large_.data();
        maps_[MarkEncoding::kSmall] = small_.data();
        bytes_ = bytes;
        return true;
    }
    const int err = errno;
    release();
    errno = err;
    return false;
}

void PageMap::release() noexcept {
    pages_.release();
    distances_.release();
    small_.release();
    large_.release();
    bytes_ = 0;
}

bool PageMap::commit(PageIndex end) noexcept {
    const std::size_t granules = std::size_t{end} * kGranulesPerPage;
    return pages_.commit(end) && distances_.commit(end) &&
           small_.commit(granules >> MarkEncoding::kShifts[MarkEncoding::kSmall]) &&
           large_.commit(granules >> MarkEncoding::kShifts[MarkEncoding::kLarge]);
}

void PageMap::set(PageIndex first, std::uint32_t count, PageKind kind) noexcept {
    const BlockPages block = block_pages(kind, count);
    for (std::uint32_t i = 0, step = 0; i < count; ++i, step = step + 1 == block.all ? 0 : step + 1) {
        const bool inner = step != 0 && step < block.full;
        if (!inner || step >= PageEntry::kFar) {
            std::atomic_ref(distances_[first + i])
                .store(static_cast<std::uint16_t>(i), std::memory_order_relaxed);
        }
        const PageEntry entry = inner ? PageEntry::inner(step) : PageEntry(static_cast<std::uint8_t>(kind));
        byte(&pages_[first + i]).store(entry.bits(), std::memory_order_relaxed);
    }
}

void PageMap::clear(PageIndex first, std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        byte(&pages_[first + i]).store(0, std::memory_order_relaxed);
    }
}

void PageMap::wipe(PageIndex first, std::uint32_t count) noexcept {
    const std::uint64_t granule = std::uint64_t{first} * kGranulesPerPage;
    const std::uint64_t granules = std::uint64_t{count} * kGranulesPerPage;
    clear(first, count);
    std::memset(small_.data() + (granule >> MarkEncoding::kShifts[MarkEncoding::kSmall]), 0,
                granules >> MarkEncoding::kShifts[MarkEncoding::kSmall]);
    std::memset(large_.data() + (granule >> MarkEncoding::kShifts[MarkEncoding::kLarge]), 0,
                granules >> MarkEncoding::kShifts[MarkEncoding::kLarge]);
}

} // namespace qae
