// SPDX-License-Identifier: BSD-3-Clause
#include "config/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/text.h"
#include "config/lexer.h"
#include "config/not_used.h"
#include "config/section.h"
#include "config/services.h"
#include "config/values.h"

namespace qae {
namespace {

void read_services(const Entry &entry, EndpointConfig &config, Findings &findings) {
    const auto services = parse_services(entry.value);
    if (services) {
        config.services = (*services).mask;
        for (const std::string &remark : (*services).remarks) {
            findings.note(entry.value_at, fmt::format("section [GENERAL], ServicesEnabled: {}", remark));
        }
    } else {
        findings.error(entry.value_at, fmt::format("section [GENERAL], ServicesEnabled: {}", services.why()));
    }
}

void read_general_key(const Entry &entry, const KeyRule &rule, EndpointConfig &config, NotUsed &not_used,
                      Findings &findings) {
    const std::string why = rule_violation(rule, entry.value);
    if (rule.name == "ServicesEnabled") {
        read_services(entry, config, findings);
    } else if (rule.use == KeyUse::used) {
        if (!why.empty()) {
            findings.error(entry.value_at, fmt::format("section [GENERAL], {}: {}", entry.key, why));
        }
    } else {
        not_used.add(entry);
        if (!why.empty()) {
            findings.warning(
                entry.value_at,
                fmt::format("section [GENERAL], {}: {}; this driver does not use the key", entry.key, why));
        }
    }
}

void read_general(const SectionText &section, EndpointConfig &config, Findings &findings) {
    std::map<std::string_view, const Entry *> seen;
    NotUsed not_used;
    bool version = false;
    for (const Entry &entry : section.entries) {
        const auto [first, fresh] = seen.try_emplace(entry.key, &entry);
        version |= entry.key == "ConfigVersion";
        if (!fresh) {
            report_duplicate_key(*first->second, entry, findings);
        } else if (const KeyRule *rule = find_key(SectionKind::general, entry.key)) {
            read_general_key(entry, *rule, config, not_used, findings);
        } else if (is_known_family(SectionKind::general, entry.key)) {
            not_used.add(entry);
        } else {
            report_unknown_key(SectionKind::general, section.name, entry, findings);
        }
    }
    if (!version) {
        findings.warning(section.at, "section [GENERAL]: ConfigVersion is missing; 2 is assumed");
    }
    not_used.report(section.name, findings);
}

void read_foreign(const SectionText &section, Findings &findings) {
    findings.note(section.at,
                  fmt::format("section [{}] belongs to another driver and is not used", section.name));
    const auto processes = std::find_if(section.entries.begin(), section.entries.end(),
                                        [](const Entry &entry) { return entry.key == "NumProcesses"; });
    if (processes != section.entries.end()) {
        findings.warning(
            processes->key_at,
            fmt::format("section [{}] cannot be a user section; choose another name", section.name));
    }
}

// "[general]" must not silently become a user section.
bool is_misspelt_reserved(const SectionText &section, Findings &findings) {
    for (const std::string &name : reserved_section_names()) {
        if (section.name == name || !same_ignoring_case(section.name, name)) {
            continue;
        }
        findings.error(section.at,
                       fmt::format("section [{}]: write [{}]; a user section cannot have this name",
                                   section.name, name));
        return true;
    }
    return false;
}

void check_similar_names(const EndpointConfig &config, Findings &findings) {
    for (std::size_t i = 0; i < config.sections.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_ignoring_case(config.sections[i].name, config.sections[j].name)) {
                findings.warning(config.sections[i].at,
                                 fmt::format("section [{}] differs from [{}] on line {} only in letter case",
                                             config.sections[i].name, config.sections[j].name,
                                             config.sections[j].at.line));
            }
        }
    }
}

void check_process_total(const EndpointConfig &config, Findings &findings) {
    std::uint64_t sum = 0;
    for (const SectionConfig &section : config.sections) {
        if (section.kind != SectionKind::user) {
            continue;
        }
        const std::uint64_t before = sum;
        sum += section.processes.value;
        if (before <= QAE_MAX_PROCESSES && sum > QAE_MAX_PROCESSES) {
            findings.error(
                section.processes.at,
                fmt::format(
                    "section [{}], NumProcesses: this brings the file to {} processes; the limit for one "
                    "endpoint is {}",
                    section.name, sum, QAE_MAX_PROCESSES));
        }
    }
}

// The kernel has one list of instances for its own users, whichever section they are in.
void check_kernel_total(const EndpointConfig &config, Findings &findings) {
    for (const qae_service service : kServices) {
        std::uint64_t sum = 0;
        for (const SectionConfig &section : config.sections) {
            if (section.kind != SectionKind::kernel) {
                continue;
            }
            const Counted &count = section.counts[service];
            sum += count.value;
            if (sum > QAE_MAX_INSTANCES) {
                findings.error(count.at,
                               fmt::format("section [{}], {}: the sections for kernel users request {} {} "
                                           "instances together; the limit is {}",
                                           section.name, count.key, sum, kServiceSpellings[service].adjective,
                                           QAE_MAX_INSTANCES));
            }
        }
    }
}

} // namespace

EndpointConfig read_config(std::string_view text, Findings &findings) {
    EndpointConfig config;
    config.file = findings.file();
    const std::vector<SectionText> sections = lex(text, findings);
    for (const SectionText &section : sections) {
        if (is_misspelt_reserved(section, findings)) {
            continue;
        }
        const SectionKind kind = section_kind(section.name);
        if (kind == SectionKind::general) {
            read_general(section, config, findings);
        } else if (kind == SectionKind::foreign) {
            read_foreign(section, findings);
        } else {
            config.sections.push_back(read_section(section, findings));
        }
    }
    if (config.sections.size() > QAE_MAX_SECTIONS) {
        findings.error(
            config.sections[QAE_MAX_SECTIONS].at,
            fmt::format("section [{}]: a file has at most {} sections, [KERNEL] and [DYN] included",
                        config.sections[QAE_MAX_SECTIONS].name, QAE_MAX_SECTIONS));
    }
    if (sections.empty() && findings.errors() == 0) {
        findings.warning({}, "the file has no sections: an endpoint would come up without instances");
    }
    check_similar_names(config, findings);
    check_process_total(config, findings);
    check_kernel_total(config, findings);
    return config;
}

} // namespace qae
