// SPDX-License-Identifier: BSD-3-Clause
#include "session/section_name.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "common/text.h"
#include "process/last_error.h"

namespace qae {
namespace {

// Bytes for the list in a sentence of kReasonSize bytes; the rest is for the words around it.
constexpr std::size_t kListSize = kReasonSize - 200;
// Nobody reads a longer list.
constexpr std::size_t kListLength = 16;

std::vector<std::string> quoted(const std::vector<std::string> &names) {
    std::vector<std::string> result;
    for (const auto &name : names) {
        result.push_back(fmt::format("\"{}\"", printable(name)));
    }
    return result;
}

std::vector<std::string> same_but_for_case(std::string_view name, const std::vector<std::string> &names) {
    std::vector<std::string> same;
    std::copy_if(names.begin(), names.end(), std::back_inserter(same),
                 [name](const std::string &candidate) { return same_ignoring_case(candidate, name); });
    return same;
}

} // namespace

std::string join_bounded(const std::vector<std::string> &parts) {
    std::string list;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == kListLength || list.size() + parts[i].size() + 2 > kListSize) {
            return list + fmt::format(" and {} more", parts.size() - i);
        }
        list += (i == 0 ? "" : ", ") + parts[i];
    }
    return list;
}

std::optional<std::string> meant_name(std::string_view name, const std::vector<std::string> &names) {
    if (std::find(names.begin(), names.end(), name) != names.end()) {
        return std::string(name);
    }
    std::vector<std::string> same = same_but_for_case(name, names);
    return same.size() == 1 ? std::optional(std::move(same[0])) : std::nullopt;
}

int fail_unknown_section(const char *name, const std::vector<std::string> &names, const NameSource &source) {
    const std::string shown = printable(name);
    if (names.empty()) {
        return fail(ENOENT, "no section \"{}\"{}: no section is configured; add it to the endpoints' files{}",
                    shown, source.place, source.apply);
    }
    if (const auto same = same_but_for_case(name, names); same.size() > 1) {
        return fail(ENOENT,
                    "no section \"{}\"{}: several names differ from it in letter case only; use one of {}",
                    shown, source.place, join_bounded(quoted(same)));
    }
    if (const std::string_view near = nearest(name, names); !near.empty()) {
        return fail(ENOENT, "no section \"{}\"{}; did you mean \"{}\"?", shown, source.place,
                    printable(near));
    }
    return fail(ENOENT, "no section \"{}\"{}; the configuration has {}", shown, source.place,
                join_bounded(quoted(names)));
}

} // namespace qae
