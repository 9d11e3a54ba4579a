// SPDX-License-Identifier: BSD-3-Clause
// Numbers of bytes as a person writes them: 4096, 512M, 2GiB.
#ifndef QAE_LIB_COMMON_BYTE_COUNT_H
#define QAE_LIB_COMMON_BYTE_COUNT_H

#include <cstdint>
#include <string_view>

namespace qae {

enum class ByteCountError {
    none,
    no_number, // the text does not begin with a digit
    fraction,  // a point follows the number
    unit,      // what follows the number is not a unit
    too_large, // it does not fit in 64 bits
};

struct ByteCount {
    std::uint64_t bytes;
    ByteCountError error; // unless this is none, bytes is 0
};

// Parses a whole number and its unit: none or B for bytes, K, M, G or T for powers of 1024, the latter alone
// or followed by B or iB. Letter case is ignored.
ByteCount parse_byte_count(std::string_view text) noexcept;

} // namespace qae

#endif // QAE_LIB_COMMON_BYTE_COUNT_H
