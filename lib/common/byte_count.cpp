// SPDX-License-Identifier: BSD-3-Clause
#include "common/byte_count.h"

#include <charconv>

#include "common/text.h"

namespace qae {
namespace {

constexpr std::string_view kUnits = "KkMmGgTt";

// The bits to shift by for the unit @suffix: "", "b", "k", "kb", "kib". False if it is not a unit.
bool parse_unit(std::string_view suffix, unsigned &shift) noexcept {
    shift = 0;
    if (suffix.empty() || same_ignoring_case(suffix, "b")) {
        return true;
    }
    const std::size_t unit = kUnits.find(suffix.front());
    const std::string_view rest = suffix.substr(1);
    shift = 10 * (static_cast<unsigned>(unit / 2) + 1);
    return unit != std::string_view::npos &&
           (rest.empty() || same_ignoring_case(rest, "b") || same_ignoring_case(rest, "ib"));
}

} // namespace

ByteCount parse_byte_count(std::string_view text) noexcept {
    const char *end = text.data() + text.size();
    std::uint64_t number = 0;
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range) {
        return {0, ByteCountError::too_large};
    }
    if (error != std::errc{}) {
        return {0, ByteCountError::no_number};
    }
    if (at != end && *at == '.') {
        return {0, ByteCountError::fraction};
    }
    unsigned shift = 0;
    if (!parse_unit({at, static_cast<std::size_t>(end - at)}, shift)) {
        return {0, ByteCountError::unit};
    }
    if (number > UINT64_MAX >> shift) {
        return {0, ByteCountError::too_large};
    }
    return {number << shift, ByteCountError::none};
}

} // namespace qae
