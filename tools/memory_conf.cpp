// SPDX-License-Identifier: BSD-3-Clause
#include "memory_conf.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "config_file.h"
#include "config_lexer.h"
#include "sizes.h"
#include "text.h"
#include "words.h"

namespace qaectl {
namespace {

struct LimitKey {
    const char *name;
    std::optional<std::uint64_t> qae::MemorySettings::*field;
};

constexpr LimitKey limit_keys[] = {
    {"Client", &qae::MemorySettings::client},
    {"User", &qae::MemorySettings::user},
    {"Contig", &qae::MemorySettings::contig},
    {"All", &qae::MemorySettings::all},
};

std::string unknown(const char *what, const std::string &name, const std::vector<std::string> &names) {
    const std::string_view near = qae::nearest(name, names);
    return fmt::format("there is no {} \"{}\"; {}", what, qae::printable(name),
                       near.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                                    : fmt::format("did you mean {}?", near));
}

void read_limit(const qae::Entry &entry, qae::MemorySettings &settings, qae::Findings &findings) {
    std::vector<std::string> names;
    for (const LimitKey &key : limit_keys) {
        names.emplace_back(key.name);
        if (entry.key != key.name)
            continue;
        if (settings.*key.field) {
            findings.error(entry.key_at, fmt::format("{} is given twice", key.name));
            return;
        }
        try {
            settings.*key.field = parse_size(entry.value);
        } catch (const BadSize &error) {
            findings.error(entry.value_at, error.what());
        }
        return;
    }
    findings.error(entry.key_at, unknown("limit", entry.key, names));
}

} // namespace

qae::MemorySettings parse_memory_conf(std::string_view text, qae::Findings &findings) {
    qae::MemorySettings settings;
    for (const qae::SectionText &section : qae::lex(text, findings)) {
        if (section.name != "LIMITS") {
            findings.error(section.at, unknown("section", section.name, {"LIMITS"}));
            continue;
        }
        for (const qae::Entry &entry : section.entries)
            read_limit(entry, settings, findings);
    }
    return settings;
}

std::optional<qae::MemorySettings> read_memory_conf(const std::string &path) {
    const std::string file = path.empty() ? default_memory_conf : path;
    std::error_code ignored;
    if (path.empty() && !std::filesystem::exists(file, ignored)) {
        complain(fmt::format("there is no {}: nothing was changed", file));
        return qae::MemorySettings();
    }
    qae::Findings findings(file);
    const auto text = qae::read_config_file(file, findings);
    const qae::MemorySettings settings = parse_memory_conf(text.value_or(std::string()), findings);
    for (const qae::Finding &finding : findings.sorted())
        fmt::print(stderr, "{}\n", to_string(finding));
    if (findings.errors() > 0) {
        complain(fmt::format("{} has mistakes: nothing was changed", file));
        return std::nullopt;
    }
    return settings;
}

} // namespace qaectl
