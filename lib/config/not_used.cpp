// SPDX-License-Identifier: BSD-3-Clause
#include "config/not_used.h"

#include <fmt/format.h>

namespace qae {

void NotUsed::add(const Entry &entry) {
    if (names_.empty()) {
        at_ = entry.key_at;
    }
    names_.push_back(entry.key);
}

void NotUsed::report(std::string_view section, Findings &findings) const {
    if (!names_.empty()) {
        findings.note(at_, fmt::format("section [{}]: keys that this driver knows but does not use: {}",
                                       section, fmt::join(names_, ", ")));
    }
}

} // namespace qae
