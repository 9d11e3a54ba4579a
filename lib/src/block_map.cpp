// SPDX-License-Identifier: BSD-3-Clause
#include "block_map.h"

#include <cerrno>
#include <cstring>

namespace qae {

bool BlockMap::reserve(std::uint64_t bytes) noexcept {
    if (bytes_ == bytes) {
        return true; // a forked child's, whose tables are empty
    }
    release();
    if (pages_.reserve(bytes / kPageSize) && small_.reserve(bytes / kGranule >> kSmallShift) &&
        large_.reserve(bytes / kGranule >> kLargeShift)) {
        maps_[0] = large_.data();
        maps_[1] = small_.data();
        bytes_ = bytes;
        return true;
    }
    const int err = errno;
    release();
    errno = err;
    return false;
}

void BlockMap::release() noexcept {
    pages_.release();
    small_.release();
    large_.release();
    bytes_ = 0;
}

bool BlockMap::commit(PageIndex end) noexcept {
    const std::size_t granules = end * (kPageSize / kGranule);
    return pages_.commit(end) && small_.commit(granules >> kSmallShift) &&
           large_.commit(granules >> kLargeShift);
}

void BlockMap::set_span(PageIndex first, std::uint32_t count, unsigned size_class, unsigned node) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::atomic_ref(pages_[first + i])
            .store(PageEntry::span(size_class, node, i).bits(), std::memory_order_relaxed);
    }
}

void BlockMap::set_run(PageIndex first, std::uint32_t count, unsigned node) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::atomic_ref(pages_[first + i]).store(PageEntry::run(node, i).bits(), std::memory_order_relaxed);
    }
}

void BlockMap::clear(PageIndex first, std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::atomic_ref(pages_[first + i]).store(0, std::memory_order_relaxed);
    }
}

void BlockMap::wipe(PageIndex first, std::uint32_t count) noexcept {
    clear(first, count);
    const std::uint64_t granules = kPageSize / kGranule;
    std::memset(small_.data() + (first * granules >> kSmallShift), 0, count * granules >> kSmallShift);
    std::memset(large_.data() + (first * granules >> kLargeShift), 0, count * granules >> kLargeShift);
}

} // namespace qae
