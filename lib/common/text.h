// SPDX-License-Identifier: BSD-3-Clause
// Words: trimming, UTF-8, numbers, and the nearest of several names.
#ifndef QAE_LIB_COMMON_TEXT_H
#define QAE_LIB_COMMON_TEXT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace qae {

/// Without the blanks (space, tab, CR) at both ends.
std::string_view trim(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// Whether some byte is an ASCII control character.
bool has_control(std::string_view text);

/// ASCII letters count as equal in either case; other bytes must be the same.
bool same_ignoring_case(std::string_view a, std::string_view b);

/// What a terminal may be shown of foreign text: escaped, and cut after @limit bytes.
std::string printable(std::string_view text, std::size_t limit = 64);

/// Decimal, or hexadecimal after 0x; nothing if there is another character or no 64 bits hold it.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// Edits (insert, delete, replace, swap neighbours) between two words, letter case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate a person who wrote @word probably meant; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

} // namespace qae

#endif // QAE_LIB_COMMON_TEXT_H
