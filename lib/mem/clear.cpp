// SPDX-License-Identifier: BSD-3-Clause
#include "mem/clear.h"

#include <cstring>

#include "mem/size_classes.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace qae {
#ifdef __x86_64__
namespace {

// From 2 KiB on, memset() of the C library is one string instruction on processors that have a fast one.
// Nothing overlaps with it, whereas the rest of a call overlaps with a loop of stores. For long blocks the
// rest of the call hardly matters, and beyond cache size the string instruction is twice as fast.
[[gnu::target("avx2")]] void clear_with_wide_stores(void *block, std::size_t bytes) noexcept {
    static_assert(kGranule == 2 * sizeof(__m256i));
    const __m256i zero = _mm256_setzero_si256();
    auto *at = static_cast<__m256i *>(block);
    __m256i *const end = at + bytes / sizeof(__m256i);
    do {
        _mm256_store_si256(at, zero);
        _mm256_store_si256(at + 1, zero);
        at += 2;
    } while (at != end);
}

// False until it is initialised, which is safe: memset() is used then.
const bool kHasWideStores = __builtin_cpu_supports("avx2") != 0;

} // namespace

void clear_block(void *block, std::size_t bytes) noexcept {
    if (kHasWideStores && bytes <= kMaxClassSize) {
        clear_with_wide_stores(block, bytes);
    } else {
        std::memset(block, 0, bytes);
    }
}
#else
void clear_block(void *block, std::size_t bytes) noexcept { std::memset(block, 0, bytes); }
#endif

} // namespace qae
