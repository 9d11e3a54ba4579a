// SPDX-License-Identifier: BSD-3-Clause
#include "sizes.h"

#include <fmt/format.h>
#include <linux/qae.h>

#include <cctype>
#include <charconv>

#include "text.h"

namespace qaectl {
namespace {

constexpr std::string_view units = "KMGT";

[[noreturn]] void bad(std::string_view word, std::string_view why) {
    throw BadSize(fmt::format("\"{}\" is no size: {}", qae::printable(std::string(word)), why));
}

std::string lower(std::string_view word) {
    std::string result;
    for (const char c : word)
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

// Bits to shift by for what follows the number: "", "k", "kib", "kb".
unsigned shift_of(std::string_view word, std::string suffix) {
    if (suffix.empty() || suffix == "b")
        return 0;
    const std::size_t unit = lower(units).find(suffix[0]);
    suffix.erase(0, 1);
    if (unit == std::string::npos || (!suffix.empty() && suffix != "b" && suffix != "ib"))
        bad(word, "after the number comes K, M, G or T, or nothing for bytes");
    return static_cast<unsigned>(10 * (unit + 1));
}

} // namespace

std::uint64_t parse_size(std::string_view word) {
    const std::string text = lower(word);
    if (text == "none")
        return QAE_UNLIMITED;
    std::uint64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range)
        bad(word, "it is too large; none means no limit");
    if (error != std::errc())
        bad(word, "write a whole number such as 4096, 512M or 2G, or none");
    if (at != end && *at == '.')
        bad(word, "write a whole number, 1536M for one and a half G");
    const unsigned shift = shift_of(word, std::string(at, end));
    // The largest value means none, which has a word of its own.
    if (number > (QAE_UNLIMITED - 1) >> shift)
        bad(word, "it is too large; none means no limit");
    return number << shift;
}

std::string size_text(std::uint64_t bytes) {
    for (std::size_t unit = units.size(); unit > 0; unit--)
        if (bytes >= 10ULL << 10 * unit)
            return fmt::format("{} {}iB", bytes >> 10 * unit, units[unit - 1]);
    return fmt::format("{} B", bytes);
}

std::string exact_size(std::uint64_t bytes) {
    if (bytes == QAE_UNLIMITED)
        return "none";
    for (std::size_t unit = units.size(); unit > 0; unit--)
        if (bytes != 0 && bytes % (1ULL << 10 * unit) == 0)
            return fmt::format("{}{}", bytes >> 10 * unit, units[unit - 1]);
    return fmt::format("{}", bytes);
}

} // namespace qaectl
