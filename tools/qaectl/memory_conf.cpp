// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/memory_conf.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "common/text.h"
#include "config/file.h"
#include "config/lexer.h"
#include "qaectl/sizes.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

struct LimitKey {
    const char *name;
    std::optional<std::uint64_t> qae::MemorySettings::*field;
};

constexpr LimitKey kLimitKeys[] = {
    {"Client", &qae::MemorySettings::client},           {"User", &qae::MemorySettings::user},
    {"Contig", &qae::MemorySettings::contig},           {"All", &qae::MemorySettings::all},
    {"Descriptors", &qae::MemorySettings::descriptors},
};

std::string unknown(const char *what, const std::string &name, const std::vector<std::string> &names) {
    const std::string_view near = qae::nearest(name, names);
    return fmt::format("there is no {} \"{}\"; {}", what, qae::printable(name),
                       near.empty() ? fmt::format("the {}s are {}", what, fmt::join(names, ", "))
                                    : fmt::format("did you mean {}?", near));
}

void read_limit(const qae::Entry &entry, qae::MemorySettings &settings, qae::Findings &findings) {
    std::vector<std::string> names;
    for (const LimitKey &key : kLimitKeys) {
        names.emplace_back(key.name);
        if (entry.key != key.name) {
            continue;
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

// "All", or "Node0", "Node1" …; the kernel decides whether the node exists.
bool parse_reserve_key(const std::string &key, std::optional<std::int32_t> &node) {
    if (key == "All") {
        return true;
    }
    if (!key.starts_with("Node")) {
        return false;
    }
    const auto number = parse_count(std::string_view(key).substr(4), kMaxNode);
    if (number) {
        node = static_cast<std::int32_t>(*number);
    }
    return number.has_value();
}

void read_reserve(const qae::Entry &entry, ManySettings &many, qae::Findings &findings) {
    qae::MemorySettings settings;
    if (!parse_reserve_key(entry.key, settings.node)) {
        findings.error(entry.key_at,
                       fmt::format("there is no reserve \"{}\"; write All, or Node0, Node1 and so on",
                                   qae::printable(entry.key)));
        return;
    }
    settings.reserve = parse_count(entry.value, kMaxReserve);
    if (!settings.reserve) {
        findings.error(entry.value_at, fmt::format("\"{}\" is not a valid number of regions of 2 MiB",
                                                   qae::printable(entry.value)));
        return;
    }
    // The setting for all nodes comes first, so that it does not overwrite those for single nodes.
    many.insert(settings.node ? many.end() : many.begin(), settings);
}

// The lexer keeps repeated keys, so they are reported here.
void find_repeated(const qae::SectionText &section, qae::Findings &findings) {
    for (auto entry = section.entries.begin(); entry != section.entries.end(); ++entry) {
        if (std::any_of(section.entries.begin(), entry,
                        [&](const qae::Entry &other) { return other.key == entry->key; })) {
            findings.error(entry->key_at, fmt::format("{} is set twice", qae::printable(entry->key)));
        }
    }
}

} // namespace

std::optional<std::uint32_t> parse_count(std::string_view word, std::uint32_t most) {
    const auto number = qae::parse_unsigned(word);
    if (!number || *number > most) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number);
}

ManySettings parse_memory_conf(std::string_view text, qae::Findings &findings) {
    ManySettings many;
    qae::MemorySettings limits;
    for (const qae::SectionText &section : qae::lex(text, findings)) {
        find_repeated(section, findings);
        if (section.name == "LIMITS") {
            for (const qae::Entry &entry : section.entries) {
                read_limit(entry, limits, findings);
            }
        } else if (section.name == "RESERVE") {
            for (const qae::Entry &entry : section.entries) {
                read_reserve(entry, many, findings);
            }
        } else {
            findings.error(section.at, unknown("section", section.name, {"LIMITS", "RESERVE"}));
        }
    }
    if (limits.any()) {
        many.insert(many.begin(), limits);
    }
    return many;
}

std::optional<ManySettings> read_memory_conf(const std::string &path) {
    const std::string file = path.empty() ? kDefaultMemoryConf : path;
    std::error_code ignored;
    if (path.empty() && !std::filesystem::exists(file, ignored)) {
        complain(fmt::format("{} does not exist: nothing was changed", file));
        return ManySettings();
    }
    qae::Findings findings(file);
    const auto text = qae::read_config_file(file, findings);
    const ManySettings many = parse_memory_conf(text.value_or(std::string()), findings);
    for (const qae::Finding &finding : findings.sorted()) {
        say(to_string(finding));
    }
    if (findings.errors() > 0) {
        complain(fmt::format("{} {}: nothing was changed", file, text ? "has mistakes" : "cannot be read"));
        return std::nullopt;
    }
    return many;
}

} // namespace qaectl
