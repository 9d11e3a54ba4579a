// SPDX-License-Identifier: BSD-3-Clause
// Sizes of small blocks, and how many pages a span of each takes. Anything larger is a run of whole pages.
#ifndef QAE_LIB_SIZE_CLASSES_H
#define QAE_LIB_SIZE_CLASSES_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace qae {

inline constexpr std::size_t kPageSize = 4096;

struct SizeClass {
    std::uint16_t size;    // bytes; a multiple of the 64-byte line, so that blocks never share one
    std::uint16_t pages;   // of one span
    std::uint16_t objects; // in one span, at most 64: one word of bits describes them
};

namespace detail {

// The fewest pages that waste at most 1/32 of themselves behind the last object.
constexpr SizeClass make_class(std::size_t size) {
    for (std::size_t pages = 1;; ++pages) {
        const std::size_t bytes = pages * kPageSize;
        if (bytes % size * 32 <= bytes) {
            return {static_cast<std::uint16_t>(size), static_cast<std::uint16_t>(pages),
                    static_cast<std::uint16_t>(bytes / size)};
        }
    }
}

inline constexpr std::array kSizes = {64,  128,  192,  256,  320,  384,  448,  512,  640, 768,
                                      896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584};

constexpr auto make_classes() {
    std::array<SizeClass, kSizes.size()> classes{};
    for (std::size_t i = 0; i < classes.size(); ++i) {
        classes[i] = make_class(static_cast<std::size_t>(kSizes[i]));
    }
    return classes;
}

} // namespace detail

inline constexpr auto kSizeClasses = detail::make_classes();
inline constexpr std::size_t kNumClasses = kSizeClasses.size();
inline constexpr std::size_t kNoClass = kNumClasses;

static_assert([] {
    for (const SizeClass &c : kSizeClasses) {
        if (c.size % 64 != 0 || c.objects == 0 || c.objects > 64 ||
            c.objects * c.size > c.pages * kPageSize) {
            return false;
        }
    }
    return true;
}());

// The smallest class that holds @size bytes at a multiple of @alignment; spans start at page boundaries, so
// an object is aligned wherever its class is a multiple. kNoClass: serve whole pages.
constexpr std::size_t find_class(std::size_t size, std::size_t alignment) {
    for (std::size_t i = 0; i < kNumClasses; ++i) {
        if (kSizeClasses[i].size >= size && kSizeClasses[i].size % alignment == 0) {
            return i;
        }
    }
    return kNoClass;
}

static_assert(find_class(1, 1) == 0 && find_class(3584, 1) == kNumClasses - 1 &&
              find_class(3585, 1) == kNoClass);
static_assert(kSizeClasses[find_class(65, 1024)].size == 1024 && find_class(64, 4096) == kNoClass);

} // namespace qae

#endif // QAE_LIB_SIZE_CLASSES_H
