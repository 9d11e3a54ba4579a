// SPDX-License-Identifier: BSD-3-Clause
// What each page of the window holds, and where live blocks begin: all that it takes to tell a good pointer
// from a bad one.
//
// Read without a lock. Entries of pages change under the lock of the page heap, while no block is live there.
// The marks of live blocks are bytes, not bits, because two threads set those of neighbours at the same time
// and an atomic bit costs more than everything else that an allocation does. Two maps, one with a byte per 64
// bytes for blocks below 512 bytes and one with a byte per 512 bytes for all others, keep the marks that a
// program with a gigabyte of blocks touches within the processor's cache.
#ifndef QAE_LIB_BLOCK_MAP_H
#define QAE_LIB_BLOCK_MAP_H

#include <atomic>
#include <cstdint>

#include "size_classes.h"
#include "sparse_table.h"

namespace qae {

// Pages are numbered from the start of the window, and so are the granules of 64 bytes.
using PageIndex = std::uint32_t;
using GranuleIndex = std::uint32_t;
inline constexpr PageIndex kNoPage = UINT32_MAX;

inline constexpr GranuleIndex granule_of(std::uint64_t offset) noexcept {
    return static_cast<GranuleIndex>(offset / kGranule);
}

// One page: of a span, of a run, or of neither.
class PageEntry {
public:
    constexpr PageEntry() noexcept = default;
    constexpr explicit PageEntry(std::uint32_t bits) noexcept : bits_(bits) {}
    static constexpr PageEntry span(unsigned size_class, unsigned node, std::uint32_t distance) noexcept {
        return PageEntry((size_class + 1) | node << 8 | distance << 14);
    }
    static constexpr PageEntry run(unsigned node, std::uint32_t distance) noexcept {
        return PageEntry(kRun | node << 8 | distance << 14);
    }

    constexpr std::uint32_t bits() const noexcept { return bits_; }
    constexpr bool is_span() const noexcept { return (bits_ & 0xFF) - 1 < kNumClasses; }
    constexpr bool is_run() const noexcept { return (bits_ & 0xFF) == kRun; }
    constexpr unsigned size_class() const noexcept { return (bits_ & 0xFF) - 1; } // of a span
    constexpr unsigned node() const noexcept { return bits_ >> 8 & 0x3F; }
    constexpr std::uint32_t distance() const noexcept { return bits_ >> 14; } // pages from the first one

private:
    static constexpr std::uint32_t kRun = 0xFF;

    std::uint32_t bits_ = 0;
};

class BlockMap {
public:
    // For a window of @bytes; again in a forked child, where all is empty. False with errno.
    bool reserve(std::uint64_t bytes) noexcept;
    void release() noexcept;

    // Makes pages below @end usable. False with errno.
    bool commit(PageIndex end) noexcept;

    PageEntry page(PageIndex page) const noexcept {
        return PageEntry(
            std::atomic_ref(const_cast<std::uint32_t &>(pages_[page])).load(std::memory_order_relaxed));
    }

    void set_span(PageIndex first, std::uint32_t count, unsigned size_class, unsigned node) noexcept;
    void set_run(PageIndex first, std::uint32_t count, unsigned node) noexcept;
    // No block is live there.
    void clear(PageIndex first, std::uint32_t count) noexcept;
    // Whatever is live there is not any more.
    void wipe(PageIndex first, std::uint32_t count) noexcept;

    // Block starts: what is stored says which of its 512 bytes the block begins at, so that a pointer past
    // the start is no start.
    void set_live(GranuleIndex start, bool small) noexcept { mark(start, small, tag(start)); }
    void set_dead(GranuleIndex start, bool small) noexcept { mark(start, small, 0); }
    bool is_live(GranuleIndex start, bool small) const noexcept {
        return mark_of(start, small).load(std::memory_order_relaxed) == tag(start);
    }

    // The start of the block or object that has this byte; meaningful where @entry is not empty.
    static GranuleIndex start_of(std::uint64_t offset, PageEntry entry) noexcept;

    // Is a live block there? Start or inside.
    bool is_in_live_block(std::uint64_t offset) const noexcept {
        const PageEntry entry = page(static_cast<PageIndex>(offset / kPageSize));
        if (!entry.is_span() && !entry.is_run()) {
            return false;
        }
        return is_live(start_of(offset, entry), is_small(entry));
    }

    // Which of the two maps.
    static constexpr bool is_small(PageEntry entry) noexcept {
        return (entry.bits() & 0xFF) <= kFirstLargeClass;
    }

private:
    static constexpr unsigned kSmallShift = 0; // granules per byte
    static constexpr unsigned kLargeShift = 3;

    static constexpr std::uint8_t tag(GranuleIndex start) noexcept {
        return static_cast<std::uint8_t>(1 + start % 8);
    }

    // Without a branch: which map it is, is as good as random in a program with blocks of many sizes.
    std::atomic_ref<std::uint8_t> mark_of(GranuleIndex start, bool small) const noexcept {
        return std::atomic_ref(maps_[small][start >> (small ? kSmallShift : kLargeShift)]);
    }
    void mark(GranuleIndex start, bool small, std::uint8_t value) noexcept {
        mark_of(start, small).store(value, std::memory_order_relaxed);
    }

    std::uint8_t *maps_[2] = {}; // the two tables below; [1]: small_
    SparseTable<std::uint32_t> pages_;
    SparseTable<std::uint8_t> small_;
    SparseTable<std::uint8_t> large_;
    std::uint64_t bytes_ = 0;
};

inline GranuleIndex BlockMap::start_of(std::uint64_t offset, PageEntry entry) noexcept {
    const std::uint64_t first = (offset / kPageSize - entry.distance()) * kPageSize;
    if (!entry.is_span()) {
        return granule_of(first);
    }
    const SizeClass &size_class = kSizeClasses[entry.size_class()];
    const std::uint32_t object = size_class.object_at(static_cast<std::uint32_t>(offset - first));
    return granule_of(first + object * size_class.size);
}

} // namespace qae

#endif // QAE_LIB_BLOCK_MAP_H
