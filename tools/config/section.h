// SPDX-License-Identifier: BSD-3-Clause
// One section with instances ([KERNEL], [DYN] or a user section) from text to model.
#ifndef QAE_TOOLS_CONFIG_SECTION_H
#define QAE_TOOLS_CONFIG_SECTION_H

#include "config/lexer.h"
#include "config/model.h"

namespace qae {

SectionConfig read_section(const SectionText &text, Findings &findings);

// Reports a key that has no rule in a section of this kind.
void report_unknown_key(SectionKind kind, std::string_view section, const Entry &entry, Findings &findings);

// Reports a second value of a key; equal ones are harmless.
void report_duplicate_key(const Entry &first, const Entry &second, Findings &findings);

} // namespace qae

#endif // QAE_TOOLS_CONFIG_SECTION_H
