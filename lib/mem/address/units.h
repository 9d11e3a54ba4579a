// SPDX-License-Identifier: BSD-3-Clause
// The units that addresses and sizes of pinned memory are counted in.
#ifndef QAE_LIB_MEM_ADDRESS_UNITS_H
#define QAE_LIB_MEM_ADDRESS_UNITS_H

#include <cstddef>
#include <cstdint>

namespace qae {

// A cache line, and the unit of block sizes: no two blocks share a line.
inline constexpr std::size_t kGranule = 64;

inline constexpr std::size_t kPageSize = 4096;

// A huge page. A slot of the window maps one frame of device addresses; both have this size.
inline constexpr std::uint64_t kSlotSize = 2ULL << 20;

// std::has_single_bit() compiles to a function call unless the compiler may assume a newer processor.
constexpr bool is_power_of_two(std::uint64_t number) noexcept {
    return number != 0 && (number & (number - 1)) == 0;
}

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_UNITS_H
