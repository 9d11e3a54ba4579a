// SPDX-License-Identifier: BSD-3-Clause
// What each page of the window holds, and where live blocks begin: all that it takes to tell a good pointer
// from a bad one.
//
// Read without a lock. What a page holds changes under the lock of the page heap, while no block is live
// there. The marks of live blocks are bytes, not bits, because two threads set those of neighbours at the
// same time and an atomic bit costs more than everything else that an allocation does.
//
// A program with a gigabyte of blocks reads these bytes in random order, so all that a call reads has to stay
// within the processor's second cache. What a page holds is one byte, and a block that begins with a page has
// its mark in that very byte; those of its next thirty pages say how far it is back to there. Two more maps
// have the marks of all other blocks: a byte per 64 bytes for those below 512 bytes, a byte per 512 bytes for
// larger ones.
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

// What a page belongs to: a span of a size class, a run, or nothing.
enum class PageKind : std::uint8_t {
    unused = 0,  // then the classes, one more each
    run = kNumClasses + 1,
};
constexpr PageKind page_kind_of(unsigned size_class) noexcept { return static_cast<PageKind>(size_class + 1); }

// One page, as it was when it was looked at.
class PageEntry {
public:
    // With the holding of blocks that begin with pages: one begins with this page, and is live. With others:
    // inner().
    static constexpr std::uint8_t kLive = 0x80;

    constexpr explicit PageEntry(std::uint8_t bits) noexcept : bits_(bits) {}

    // Of a page so many pages behind the one that its block begins with, and of which the block has all. It
    // looks like a live page of a class whose blocks do not begin with pages. That is why a pointer to there
    // needs no check of its own when it is freed: what blocks of that class would have marks for, is not
    // live.
    static constexpr PageEntry inner(std::uint32_t steps) noexcept {
        return PageEntry(static_cast<std::uint8_t>(kLive | std::min(steps, kFar)));
    }
    static constexpr std::uint32_t kFar = kFirstPageAlignedClass; // so many or more, which the distance says

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

// How live blocks are marked in pages that hold something.
struct MarkEncoding {
    enum Map : std::uint8_t { kPages, kLarge, kSmall, kMaps };
    static constexpr unsigned kShifts[kMaps] = {6, 3, 0};

    std::uint8_t shift; // granules per byte
    std::uint8_t map;
    std::uint8_t base; // marks a block that begins where the byte's first granule does
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

    // Of pages that hold no object: no byte that the map of small blocks ever has is the mark of a live one,
    // also if the page was taken into use since it was looked at.
    static constexpr MarkEncoding none() noexcept {
        return {.shift = kShifts[kSmall], .map = kSmall, .base = kGranulesPerPage + 1, .dead = 0};
    }

    // Neither @dead nor the mark of another start in the stretch that one byte stands for. Runs are asked for
    // at the start of a page only: further on the sum has no room in a byte.
    constexpr std::uint8_t live(GranuleIndex start) const noexcept {
        return static_cast<std::uint8_t>(base + start % kGranulesPerPage);
    }
};

// By what the page holds.
inline constexpr auto kMarkEncodings = [] {
    std::array<MarkEncoding, static_cast<unsigned>(PageKind::run) + 1> marks{};
    for (unsigned kind = 0; kind < marks.size(); ++kind) {
        marks[kind] = MarkEncoding::make(kind);
    }
    return marks;
}();

// Of each stretch, for each of its granules as a start: no mark is taken for another, or for none.
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

// Nothing in the map of small blocks reaches the marks of none().
static_assert(MarkEncoding::none().base + kGranulesPerPage - 1 <= UINT8_MAX);
static_assert([] {
    for (const MarkEncoding &marks : kMarkEncodings) {
        if (marks.map == MarkEncoding::kSmall && marks.base + kGranulesPerPage > MarkEncoding::none().base) {
            return false;
        }
    }
    return true;
}());

// The marks of blocks in pages that hold one thing, and where they are.
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

    // Makes a live block a dead one. False if it is none, also because another thread was faster.
    bool take_live(GranuleIndex start) const noexcept {
        std::uint8_t live = marks_.live(start);
        return at(start).compare_exchange_strong(live, marks_.dead, std::memory_order_relaxed);
    }
    // Without the price of an atomic exchange: of two threads that do this at the same instant both may win.
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
    // For a window of @bytes; again in a forked child, where all is empty. False with errno.
    bool reserve(std::uint64_t bytes) noexcept;
    void release() noexcept;

    // Makes pages below @end usable. False with errno.
    bool commit(PageIndex end) noexcept;

    PageEntry page(std::uint64_t page) const noexcept {
        return PageEntry(byte(pages_.data() + page).load(std::memory_order_relaxed));
    }

    // Of a page of a span or run that is not one of the nearer inner pages of a block: pages from the first
    // one.
    std::uint32_t distance(PageIndex page) const noexcept {
        return std::atomic_ref(const_cast<std::uint16_t &>(distances_[page])).load(std::memory_order_relaxed);
    }

    void set(PageIndex first, std::uint32_t count, PageKind kind) noexcept;
    // No block is live there.
    void clear(PageIndex first, std::uint32_t count) noexcept;
    // Whatever is live there is not any more.
    void wipe(PageIndex first, std::uint32_t count) noexcept;

    // Block starts, in pages that hold @holding. A pointer past the start of a block is not live, because the
    // mark says where in the stretch that it stands for the block begins.
    LiveMarks marks(PageKind kind) const noexcept {
        return on_map(kMarkEncodings[static_cast<unsigned>(kind)]);
    }
    // The same, but of nothing, and of runs, none is ever live.
    LiveMarks object_marks(PageKind kind) const noexcept {
        return PageEntry(static_cast<std::uint8_t>(kind)).is_span() ? marks(kind)
                                                                       : on_map(MarkEncoding::none());
    }

    // The start of the live block that has this byte; if none has by now, of some granule.
    GranuleIndex start_of(std::uint64_t offset) const noexcept;

    // Is a live block there? Start or inside.
    [[gnu::always_inline]] bool is_in_live_block(std::uint64_t offset) const noexcept {
        const PageEntry entry = page(static_cast<PageIndex>(offset / kPageSize));
        if (entry.is_live_page()) { // a block that begins with a page has all of it
            return true;
        }
        if (entry.is_inner()) {
            return page(begin_of(offset / kPageSize, entry)).is_live_page();
        }
        if (!entry.is_span()) {
            return false;
        }
        const GranuleIndex start = object_at(offset, entry); // before the marks, to need fewer registers
        return marks(entry.kind()).is_live(start);
    }

private:
    // The page that the block begins with of which this page is an inner one.
    PageIndex begin_of(std::uint64_t page, PageEntry entry) const noexcept {
        const auto last = static_cast<PageIndex>(page);
        return last - (entry.steps() < PageEntry::kFar ? entry.steps() : distance(last));
    }

    // The start of the object that has this byte, live or not, in a page of a span.
    GranuleIndex object_at(std::uint64_t offset, PageEntry entry) const noexcept;

    static std::atomic_ref<std::uint8_t> byte(const std::uint8_t *at) noexcept {
        return std::atomic_ref(*const_cast<std::uint8_t *>(at));
    }

    // Without a branch: which map it is, is as good as random in a program with blocks of many sizes.
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
    // Not a span: a run, or what was a block when it was last looked at.
    return entry.is_live_page() || !entry.is_span() ? granule_of(page_index * kPageSize)
                                                    : object_at(offset, entry);
}

} // namespace qae

#endif // QAE_LIB_MEM_PAGE_MAP_H
