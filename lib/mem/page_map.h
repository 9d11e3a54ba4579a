// SPDX-License-Identifier: BSD-3-Clause
// The kind of each page of the window, and a mark for each live block: together they tell valid pointers from
// invalid ones.
//
// Readers take no lock. The kind of a page changes under the lock of the page heap, while no block is live
// there. Marks are bytes, not bits, because two threads may set the marks of neighbours at the same time, and
// an atomic bit operation costs more than the rest of an allocation.
//
// A program with a gigabyte of blocks reads these bytes in random order, so all bytes that a call reads have
// to fit into the L2 cache. The kind of a page takes one byte. A block that begins on a page boundary has its
// mark in that same byte, and the bytes of its next pages, up to kFar, tell the distance to its first page.
// Two more maps have the marks of all other blocks: one byte per 64 bytes for blocks below 512 bytes, one
// byte per 512 bytes for larger ones.
#ifndef QAE_LIB_MEM_PAGE_MAP_H
#define QAE_LIB_MEM_PAGE_MAP_H

#include <array>
#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/size_classes.h"

namespace qae {

// Pages are numbered from the start of the window, and so are the granules of 64 bytes.
using PageIndex = std::uint32_t;
using GranuleIndex = std::uint32_t;
inline constexpr PageIndex kNoPage = UINT32_MAX;

inline constexpr std::uint32_t kGranulesPerPage = kPageSize / kGranule;

inline constexpr GranuleIndex granule_of(std::uint64_t offset) noexcept {
    return static_cast<GranuleIndex>(offset / kGranule);
}

// What a page belongs to: a span of a size class, a run of pages, or neither.
enum class PageKind : std::uint8_t {
    unused = 0, // followed by size class + 1 for spans
    run = kNumClasses + 1,
};
constexpr PageKind page_kind_of(unsigned size_class) noexcept {
    return static_cast<PageKind>(size_class + 1);
}

// The entry of one page, as it was when it was read.
class PageEntry {
public:
    // In pages of page-aligned blocks: a live block begins on this page. With any other kind: inner().
    static constexpr std::uint8_t kLive = 0x80;

    constexpr explicit PageEntry(std::uint8_t bits) noexcept : bits_(bits) {}

    // The entry of a page wholly inside a block, @steps pages after the block's first. It is encoded as a
    // live page of a class whose blocks are never page-aligned. So a pointer into this page needs no check of
    // its own when it is freed: the marks of that class have no live block there.
    static constexpr PageEntry inner(std::uint32_t steps) noexcept {
        return PageEntry(static_cast<std::uint8_t>(kLive | std::min(steps, kFar)));
    }
    static constexpr std::uint32_t kFar = kFirstPageAlignedClass; // this many steps or more: see distance()

    constexpr bool is_inner() const noexcept { return bits_ > kLive && bits_ < kFirstLive; }
    constexpr std::uint32_t steps() const noexcept { return bits_ & ~kLive & 0xFFU; } // of an inner page

    constexpr std::uint8_t bits() const noexcept { return bits_; }
    constexpr PageKind kind() const noexcept { return static_cast<PageKind>(bits_ & ~kLive); }
    constexpr bool is_span() const noexcept { return size_class() < kNumClasses; }
    constexpr bool is_run() const noexcept { return kind() == PageKind::run; }
    constexpr bool is_live_page() const noexcept { return bits_ >= kFirstLive; }
    constexpr unsigned size_class() const noexcept { return (bits_ & ~kLive & 0xFFU) - 1; } // of a span

private:
    static constexpr std::uint8_t kFirstLive =
        kLive | static_cast<std::uint8_t>(page_kind_of(kFirstPageAlignedClass));
    std::uint8_t bits_;
};
static_assert(PageEntry::inner(PageEntry::kFar).is_inner());

// How live blocks are marked in pages of one kind.
struct MarkEncoding {
    enum Map : std::uint8_t { kPages, kLarge, kSmall, kMaps };
    static constexpr unsigned kShifts[kMaps] = {6, 3, 0};

    std::uint8_t shift; // granules per byte
    std::uint8_t map;
    std::uint8_t base; // the mark of a block that begins at granule 0 of a page
    std::uint8_t dead;

    static constexpr MarkEncoding make(unsigned kind) noexcept {
        const bool run = kind == static_cast<unsigned>(PageKind::run);
        const bool paged = run || (kind != 0 && kind <= kNumClasses && is_page_aligned(kind - 1));
        const Map map = paged ? kPages : kind <= kFirstCoarseClass ? kSmall : kLarge;
        return {.shift = static_cast<std::uint8_t>(kShifts[map]),
                .map = map,
                .base = static_cast<std::uint8_t>(paged ? PageEntry::kLive | kind : 1),
                .dead = static_cast<std::uint8_t>(paged ? kind : 0)};
    }

    // For pages without objects: no byte that ever occurs in the map of small blocks is a live mark here,
    // even if the page has become part of a span since its entry was read.
    static constexpr MarkEncoding none() noexcept {
        return {.shift = kShifts[kSmall], .map = kSmall, .base = kGranulesPerPage + 1, .dead = 0};
    }

    // The mark of a live block that begins at @start: neither @dead nor the mark of any other start that the
    // same byte covers. For runs @start must be the start of a page, because other sums do not fit into a
    // byte.
    constexpr std::uint8_t live(GranuleIndex start) const noexcept {
        return static_cast<std::uint8_t>(base + start % kGranulesPerPage);
    }
};

// By the kind of the page.
inline constexpr auto kMarkEncodings = [] {
    std::array<MarkEncoding, static_cast<unsigned>(PageKind::run) + 1> marks{};
    for (unsigned kind = 0; kind < marks.size(); ++kind) {
        marks[kind] = MarkEncoding::make(kind);
    }
    return marks;
}();

// Marks are unique among the starts that one byte covers, and never equal to `dead`.
static_assert([] {
    for (const MarkEncoding &marks : kMarkEncodings) {
        for (GranuleIndex start = 0; start < kGranulesPerPage; ++start) {
            const GranuleIndex other = start >> marks.shift << marks.shift;
            if (marks.live(start) == marks.dead ||
                (start != other && marks.live(start) == marks.live(other))) {
                return false;
            }
        }
    }
    return true;
}());

// No mark in the map of small blocks reaches the marks of none().
static_assert(MarkEncoding::none().base + kGranulesPerPage - 1 <= UINT8_MAX);
static_assert([] {
    for (const MarkEncoding &marks : kMarkEncodings) {
        if (marks.map == MarkEncoding::kSmall && marks.base + kGranulesPerPage > MarkEncoding::none().base) {
            return false;
        }
    }
    return true;
}());

// The marks of blocks in pages of one kind: their encoding and the map that has them.
class LiveMarks {
public:
    LiveMarks(const std::uint8_t *map, MarkEncoding marks) noexcept : map_(map), marks_(marks) {}

    void set_live(GranuleIndex start) const noexcept {
        at(start).store(marks_.live(start), std::memory_order_relaxed);
    }
    void set_dead(GranuleIndex start) const noexcept {
        at(start).store(marks_.dead, std::memory_order_relaxed);
    }
    bool is_live(GranuleIndex start) const noexcept {
        return at(start).load(std::memory_order_relaxed) == marks_.live(start);
    }

    // Marks a live block dead. False if it is not live, perhaps because another thread was faster.
    bool take_live(GranuleIndex start) const noexcept {
        std::uint8_t live = marks_.live(start);
        return at(start).compare_exchange_strong(live, marks_.dead, std::memory_order_relaxed);
    }
    // The same without an atomic read-modify-write: of two threads that race, both may win.
    bool take_live_quickly(GranuleIndex start) const noexcept {
        const auto mark = at(start);
        if (mark.load(std::memory_order_relaxed) != marks_.live(start)) {
            return false;
        }
        mark.store(marks_.dead, std::memory_order_relaxed);
        return true;
    }

private:
    std::atomic_ref<std::uint8_t> at(GranuleIndex start) const noexcept {
        return std::atomic_ref(const_cast<std::uint8_t &>(map_[start >> marks_.shift]));
    }

    const std::uint8_t *map_;
    MarkEncoding marks_;
};

class PageMap {
public:
    // Reserves tables for a window of @bytes. Called again in a forked child, where they read as zero. False
    // with errno.
    bool reserve(std::uint64_t bytes) noexcept;
    void release() noexcept;

    // Makes pages below @end usable. False with errno.
    bool commit(PageIndex end) noexcept;

    PageEntry page(std::uint64_t page) const noexcept {
        return PageEntry(byte(pages_.data() + page).load(std::memory_order_relaxed));
    }

    // Pages from the first page of the span or run to @page. Not valid for inner pages of a block that are
    // less than kFar steps from its first.
    std::uint32_t distance(PageIndex page) const noexcept {
        return std::atomic_ref(const_cast<std::uint16_t &>(distances_[page])).load(std::memory_order_relaxed);
    }

    void set(PageIndex first, std::uint32_t count, PageKind kind) noexcept;
    // Clears the kinds. No block may be live there.
    void clear(PageIndex first, std::uint32_t count) noexcept;
    // Clears kinds and marks: blocks that are live there no longer are.
    void wipe(PageIndex first, std::uint32_t count) noexcept;

    // The marks of block starts in pages of @kind. An interior pointer never finds a live mark, because a
    // mark tells where among the granules of its byte the block begins.
    LiveMarks marks(PageKind kind) const noexcept {
        return on_map(kMarkEncodings[static_cast<unsigned>(kind)]);
    }
    // The same for objects only: in unused pages and runs none is ever live.
    LiveMarks object_marks(PageKind kind) const noexcept {
        return PageEntry(static_cast<std::uint8_t>(kind)).is_span() ? marks(kind)
                                                                    : on_map(MarkEncoding::none());
    }

    // The start of the live block that contains this byte. If it was freed meanwhile, the start of some
    // granule.
    GranuleIndex start_of(std::uint64_t offset) const noexcept;

    // Does a live block contain this byte?
    [[gnu::always_inline]] bool is_in_live_block(std::uint64_t offset) const noexcept {
        const PageEntry entry = page(static_cast<PageIndex>(offset / kPageSize));
        if (entry.is_live_page()) { // the block that begins here contains the whole page
            return true;
        }
        if (entry.is_inner()) {
            return page(begin_of(offset / kPageSize, entry)).is_live_page();
        }
        if (!entry.is_span()) {
            return false;
        }
        const GranuleIndex start = object_at(offset, entry); // before marks(), to need fewer registers
        return marks(entry.kind()).is_live(start);
    }

private:
    // The first page of the block that has @page as an inner page.
    PageIndex begin_of(std::uint64_t page, PageEntry entry) const noexcept {
        const auto last = static_cast<PageIndex>(page);
        return last - (entry.steps() < PageEntry::kFar ? entry.steps() : distance(last));
    }

    // The start of the object, live or not, that contains this byte of a span.
    GranuleIndex object_at(std::uint64_t offset, PageEntry entry) const noexcept;

    static std::atomic_ref<std::uint8_t> byte(const std::uint8_t *at) noexcept {
        return std::atomic_ref(*const_cast<std::uint8_t *>(at));
    }

    // Branchless, because the map is unpredictable in a program with blocks of many sizes.
    LiveMarks on_map(const MarkEncoding &marks) const noexcept { return {maps_[marks.map], marks}; }

    const std::uint8_t *maps_[MarkEncoding::kMaps] = {}; // three of the tables below
    SparseTable<std::uint8_t> pages_;
    SparseTable<std::uint16_t> distances_;
    SparseTable<std::uint8_t> small_;
    SparseTable<std::uint8_t> large_;
    std::uint64_t bytes_ = 0;
};

inline GranuleIndex PageMap::object_at(std::uint64_t offset, PageEntry entry) const noexcept {
    const auto page = static_cast<PageIndex>(offset / kPageSize);
    const std::uint64_t first = (page - distance(page)) * kPageSize;
    const SizeClass &size_class = kSizeClasses[entry.size_class()];
    const std::uint32_t object = size_class.object_at(static_cast<std::uint32_t>(offset - first));
    return granule_of(first + object * size_class.size);
}

inline GranuleIndex PageMap::start_of(std::uint64_t offset) const noexcept {
    const std::uint64_t page_index = offset / kPageSize;
    const PageEntry entry = page(page_index);
    if (entry.is_inner()) {
        return begin_of(page_index, entry) * kGranulesPerPage;
    }
    // If the page is not of a span, it is of a run, or the block was freed after the caller's check.
    return entry.is_live_page() || !entry.is_span() ? granule_of(page_index * kPageSize)
                                                    : object_at(offset, entry);
}

} // namespace qae

#endif // QAE_LIB_MEM_PAGE_MAP_H
