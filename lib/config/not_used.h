// SPDX-License-Identifier: BSD-3-Clause
// Not used: collects the keys of a section that are known but not used, for a single note.
#ifndef QAE_LIB_CONFIG_NOT_USED_H
#define QAE_LIB_CONFIG_NOT_USED_H

#include <string>
#include <string_view>
#include <vector>

#include "config/findings.h"
#include "config/lexer.h"

namespace qae {

class NotUsed {
public:
    void add(const Entry &entry);
    void report(std::string_view section, Findings &findings) const;

private:
    Position at_;
    std::vector<std::string> names_;
};

} // namespace qae

#endif // QAE_LIB_CONFIG_NOT_USED_H
