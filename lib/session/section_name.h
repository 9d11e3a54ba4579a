// SPDX-License-Identifier: BSD-3-Clause
// Which configured section a start means, and the sentence if it means none.
#ifndef QAE_LIB_SESSION_SECTION_NAME_H
#define QAE_LIB_SESSION_SECTION_NAME_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qae {

// The configured name that a start of @name means: @name itself, or the only one that differs from it in
// letter case alone.
std::optional<std::string> meant_name(std::string_view name, const std::vector<std::string> &names);

// Where names are configured, in the words of a sentence.
struct NameSource {
    const char *place; // behind the name; may be ""
    const char *apply; // what makes a change of the files effective; may be ""
};

// Records why none of @names is meant. Returns -ENOENT.
int fail_unknown_section(const char *name, const std::vector<std::string> &names, const NameSource &source);

// "a, b, c and 4 more": as much as fits in a recorded sentence.
std::string join_bounded(const std::vector<std::string> &parts);

} // namespace qae

#endif // QAE_LIB_SESSION_SECTION_NAME_H
