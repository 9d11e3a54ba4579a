// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/sizes.h"

#include <fmt/format.h>
#include <linux/qae.h>

#include "common/byte_count.h"
#include "common/text.h"

namespace qaectl {
namespace {

constexpr std::string_view kUnits = "KMGT";

const char *reason(qae::ByteCountError error) {
    switch (error) {
    case qae::ByteCountError::no_number:
        return "write a whole number such as 4096, 512M or 2G, or none";
    case qae::ByteCountError::fraction:
        return "write a whole number, for example 1536M instead of 1.5G";
    case qae::ByteCountError::unit:
        return "only K, M, G or T may follow the number, or nothing for bytes";
    case qae::ByteCountError::too_large:
    case qae::ByteCountError::none:
        break;
    }
    return "it is too large; none means no limit";
}

} // namespace

std::uint64_t parse_size(std::string_view word) {
    if (qae::same_ignoring_case(word, "none")) {
        return QAE_UNLIMITED;
    }
    const auto [bytes, error] = qae::parse_byte_count(word);
    // The largest value stands for no limit, which is written "none".
    if (error != qae::ByteCountError::none || bytes == QAE_UNLIMITED) {
        throw BadSize(fmt::format("\"{}\" is not a valid size: {}", qae::printable(word), reason(error)));
    }
    return bytes;
}

std::string size_text(std::uint64_t bytes) {
    for (std::size_t unit = kUnits.size(); unit > 0; --unit) {
        if (bytes >= 10ULL << 10 * unit) {
            return fmt::format("{} {}iB", bytes >> 10 * unit, kUnits[unit - 1]);
        }
    }
    return fmt::format("{} B", bytes);
}

std::string exact_size(std::uint64_t bytes) {
    if (bytes == QAE_UNLIMITED) {
        return "none";
    }
    for (std::size_t unit = kUnits.size(); unit > 0; --unit) {
        if (bytes != 0 && bytes % (1ULL << 10 * unit) == 0) {
            return fmt::format("{}{}", bytes >> 10 * unit, kUnits[unit - 1]);
        }
    }
    return fmt::format("{}", bytes);
}

} // namespace qaectl
