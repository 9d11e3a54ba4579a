// SPDX-License-Identifier: BSD-3-Clause
// Lexer: splits a configuration file into sections, keys and values, and records the position of each.
#ifndef QAE_LIB_CONFIG_LEXER_H
#define QAE_LIB_CONFIG_LEXER_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/findings.h"

namespace qae {

constexpr std::size_t kLongestLine = 8192;
constexpr std::size_t kLongestValue = 2048;

struct Entry {
    std::string key;
    std::string value; // without comment, surrounding blanks and quotes
    Position key_at;
    Position value_at;
};

struct SectionText {
    std::string name;
    Position at;
    std::vector<Entry> entries;
};

// Sections in the order of their first appearance; a repeated name continues the first section.
// Malformed lines become findings and are left out. The result does not refer to @text.
std::vector<SectionText> lex(std::string_view text, Findings &findings);

} // namespace qae

#endif // QAE_LIB_CONFIG_LEXER_H
