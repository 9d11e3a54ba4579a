// SPDX-License-Identifier: BSD-3-Clause
// Runs of equal bits in an array of words.
#ifndef QAE_LIB_MEM_ADDRESS_BIT_RUNS_H
#define QAE_LIB_MEM_ADDRESS_BIT_RUNS_H

#include <algorithm>
#include <bit>
#include <cstdint>

namespace qae {

// A mask of the lowest @count bits; @count is 1 … 64.
constexpr std::uint64_t low_bits(std::uint32_t count) noexcept { return ~0ULL >> (64 - count) % 64; }

// The first index in [from, end) whose bit is @value, or @end if there is none.
inline std::uint32_t find_bit(const std::uint64_t *words, std::uint32_t from, std::uint32_t end,
                              bool value) noexcept {
    while (from < end) {
        std::uint64_t word = words[from / 64];
        word = (value ? word : ~word) >> (from % 64);
        if (word != 0) {
            return std::min(end, from + static_cast<std::uint32_t>(std::countr_zero(word)));
        }
        from = (from / 64 + 1) * 64;
    }
    return end;
}

inline bool test_bit(const std::uint64_t *words, std::uint32_t index) noexcept {
    return (words[index / 64] >> (index % 64) & 1) != 0;
}

inline void set_bits(std::uint64_t *words, std::uint32_t from, std::uint32_t count, bool value) noexcept {
    while (count > 0) {
        const std::uint32_t shift = from % 64;
        const std::uint32_t step = std::min(count, 64 - shift);
        const std::uint64_t mask = low_bits(step) << shift;
        if (value) {
            words[from / 64] |= mask;
        } else {
            words[from / 64] &= ~mask;
        }
        from += step;
        count -= step;
    }
}

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_BIT_RUNS_H
