// SPDX-License-Identifier: BSD-3-Clause
// Size classes of blocks up to 64 KiB: eight for each doubling, so that rounding up costs 6 % on average.
// Blocks of a class are objects in spans. A larger block is a run of whole pages.
#ifndef QAE_LIB_MEM_SIZE_CLASSES_H
#define QAE_LIB_MEM_SIZE_CLASSES_H

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "mem/address/units.h"

namespace qae {

inline constexpr unsigned kNumClasses = 64;
inline constexpr std::size_t kMaxClassSize = 64 << 10;

// Spans begin at page boundaries, so this is the largest alignment that a class can guarantee.
inline constexpr std::size_t kMaxClassAlignment = kPageSize;

// The first class with blocks of 512 bytes, for which a coarser map of marks is enough (page_map.h).
inline constexpr unsigned kFirstCoarseClass = 7;

// The class by size: the index is the size in granules - 1.
inline constexpr auto kClassOfGranules = [] {
    std::array<std::uint8_t, kMaxClassSize / kGranule> classes{};
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const std::size_t last = i * kGranule;
        const auto shift = static_cast<unsigned>(std::bit_width(last | 512)) -
                           4; // 6 up to 1 KiB, then one more per doubling
        classes[i] = static_cast<std::uint8_t>((shift - 6) * 8 + (last >> shift));
    }
    return classes;
}();

// The class of @size bytes, 1 … kMaxClassSize.
constexpr unsigned find_class(std::size_t size) noexcept { return kClassOfGranules[(size - 1) / kGranule]; }

constexpr std::size_t class_size_of(unsigned size_class) noexcept {
    return size_class < 16 ? (size_class + 1) * kGranule
                           : static_cast<std::size_t>(size_class % 8 + 9) << (size_class / 8 + 5);
}

// The first class with blocks above a page, where a few objects are much memory.
inline constexpr unsigned kFirstMultiPageClass = 32;

struct SizeClass {
    std::uint32_t size;
    std::uint32_t reciprocal; // 2^28 / size in granules: division of offsets becomes a multiplication

    // The index of the object that contains the byte at @offset of a span.
    constexpr std::uint32_t object_at(std::uint32_t offset) const noexcept {
        return static_cast<std::uint32_t>(std::uint64_t{offset / kGranule} * reciprocal >> 28);
    }
};

inline constexpr auto kSizeClasses = [] {
    std::array<SizeClass, kNumClasses> classes{};
    for (unsigned i = 0; i < kNumClasses; ++i) {
        const auto granules = static_cast<std::uint32_t>(class_size_of(i) / kGranule);
        classes[i] = {.size = granules * static_cast<std::uint32_t>(kGranule),
                      .reciprocal = static_cast<std::uint32_t>(((1U << 28) + granules - 1) / granules)};
    }
    return classes;
}();

// The free objects of a span are the bits of one word.
inline constexpr std::uint32_t kMaxSpanObjects = 64;
inline constexpr std::uint32_t kMaxSpanPages = 128;

constexpr std::uint32_t span_objects(unsigned size_class, std::uint32_t pages) noexcept {
    const auto fit = static_cast<std::uint32_t>(pages * kPageSize / kSizeClasses[size_class].size);
    return std::min(fit, kMaxSpanObjects);
}

// The pages of a span of about @objects objects, within the limits above, chosen so that little is wasted
// behind the last object.
constexpr std::uint32_t span_pages(unsigned size_class, std::uint32_t objects) noexcept {
    const std::size_t size = kSizeClasses[size_class].size;
    objects = std::clamp<std::uint32_t>(objects, 1, kMaxSpanObjects);
    auto pages = static_cast<std::uint32_t>((objects * size + kPageSize - 1) / kPageSize);
    pages = std::min(pages, std::max(kMaxSpanPages, static_cast<std::uint32_t>(size / kPageSize)));
    for (std::uint32_t tries = 0; tries < 16; ++tries, ++pages) {
        const std::size_t bytes = pages * kPageSize;
        const std::size_t waste = bytes - span_objects(size_class, pages) * size;
        if (waste * (objects > 1 ? 32 : 8) <= bytes) {
            break;
        }
    }
    return pages;
}

// Does a block of the class fill its pages well enough to be a span of its own?
constexpr bool is_single_object(unsigned size_class) noexcept {
    return size_class >= kFirstMultiPageClass && span_objects(size_class, span_pages(size_class, 1)) == 1;
}

// The pages of such a block, or 0 for other classes.
inline constexpr auto kSingleObjectPages = [] {
    std::array<std::uint8_t, kNumClasses> pages{};
    for (unsigned i = 0; i < kNumClasses; ++i) {
        pages[i] = static_cast<std::uint8_t>(is_single_object(i) ? span_pages(i, 1) : 0);
    }
    return pages;
}();

// Do all blocks of the class begin on a page boundary?
constexpr bool is_page_aligned(unsigned size_class) noexcept {
    return is_single_object(size_class) || kSizeClasses[size_class].size % kPageSize == 0;
}

// The lowest such class.
inline constexpr unsigned kFirstPageAlignedClass = [] {
    unsigned size_class = 0;
    while (!is_page_aligned(size_class)) {
        ++size_class;
    }
    return size_class;
}();

// The fewest pages that hold one object of the class.
constexpr std::uint32_t min_span_pages(unsigned size_class) noexcept {
    return static_cast<std::uint32_t>((kSizeClasses[size_class].size + kPageSize - 1) / kPageSize);
}

static_assert([] {
    for (unsigned i = 0; i < kNumClasses; ++i) {
        const std::uint32_t size = kSizeClasses[i].size;
        if (find_class(size) != i || (i > 0 && find_class(kSizeClasses[i - 1].size + 1) != i)) {
            return false;
        }
    }
    return find_class(1) == 0 && kSizeClasses[kFirstCoarseClass].size == 512 &&
           kSizeClasses[kFirstMultiPageClass - 1].size == 4096 &&
           kSizeClasses[kNumClasses - 1].size == kMaxClassSize;
}());

// The reciprocal is exact for every offset within a span.
static_assert([] {
    for (unsigned i = 0; i < kNumClasses; ++i) {
        const std::uint32_t size = kSizeClasses[i].size;
        for (std::uint32_t n = 0; n < kMaxSpanObjects; ++n) {
            if (kSizeClasses[i].object_at(n * size) != n ||
                kSizeClasses[i].object_at(n * size + size - 1) != n) {
                return false;
            }
        }
    }
    return true;
}());

} // namespace qae

#endif // QAE_LIB_MEM_SIZE_CLASSES_H
