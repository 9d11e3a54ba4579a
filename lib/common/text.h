// SPDX-License-Identifier: BSD-3-Clause
// Text: trimming, UTF-8, numbers, and the nearest of several names.
#ifndef QAE_LIB_COMMON_TEXT_H
#define QAE_LIB_COMMON_TEXT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace qae {

// @text without the blanks (space, tab, CR) at both ends.
std::string_view trim(std::string_view text);

// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

// Whether some byte is an ASCII control character.
bool has_control(std::string_view text);

// The text in a field of @size bytes: all of it, or up to the first NUL.
std::string_view text_in_field(const unsigned char *field, std::size_t size) noexcept;

// Compares two texts; only the case of ASCII letters is ignored.
bool same_ignoring_case(std::string_view a, std::string_view b);

// @text as it may be shown on a terminal, whoever wrote it: what is not printable is escaped, and what
// follows the first @limit bytes is cut.
std::string printable(std::string_view text, std::size_t limit = 64);

// A decimal number, or a hexadecimal one after 0x. Nothing if another character follows, or if the number
// does not fit in 64 bits.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// How many edits (insert, delete, replace, swap neighbours) lie between two words; letter case is ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that a person who wrote @word probably meant; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

} // namespace qae

#endif // QAE_LIB_COMMON_TEXT_H
