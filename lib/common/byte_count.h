// SPDX-License-Identifier: BSD-3-Clause
// Numbers of bytes as a person writes them: 4096, 512M, 2GiB.
#ifndef QAE_LIB_COMMON_BYTE_COUNT_H
#define QAE_LIB_COMMON_BYTE_COUNT_H

#include <cstdint>
#include <string_view>

namespace qae {

enum class ByteCountError {
    none,
    no_number, ///< it does not begin with a digit
    fraction,  ///< a point follows the number
    unit,      ///< something else follows it than a unit
    too_large, ///< no 64 bits hold it
};

struct ByteCount {
    std::uint64_t bytes;
    ByteCountError error; ///< if any; then there are no bytes
};

/// A whole number, and behind it nothing, B, or a unit of 1024: K, M, G or T, as it is or with B or iB, in
/// either case.
ByteCount parse_byte_count(std::string_view text) noexcept;

} // namespace qae

#endif // QAE_LIB_COMMON_BYTE_COUNT_H
