// SPDX-License-Identifier: BSD-3-Clause
// Turns the text of a section with instances ([KERNEL], [DYN] or a user section) into its model.
#ifndef QAE_LIB_CONFIG_SECTION_H
#define QAE_LIB_CONFIG_SECTION_H

#include "config/lexer.h"
#include "config/model.h"

namespace qae {

SectionConfig read_section(const SectionText &text, Findings &findings);

// Reports a key that sections of this kind do not have.
void report_unknown_key(SectionKind kind, std::string_view section, const Entry &entry, Findings &findings);

// Reports a key that is set twice: an error, or a warning if both values are equal.
void report_duplicate_key(const Entry &first, const Entry &second, Findings &findings);

} // namespace qae

#endif // QAE_LIB_CONFIG_SECTION_H
