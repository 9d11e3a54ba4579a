// SPDX-License-Identifier: BSD-3-Clause
#include "config/check.h"

#include <fmt/format.h>

#include <map>

#include "common/text.h"
#include "config/file.h"
#include "config/services.h"
#include "kernel/model/layout.h"

namespace qae {
namespace {

std::uint64_t requested_in_all(const EndpointConfig &config, qae_service service) {
    std::uint64_t sum = 0;
    for (const SectionConfig &section : config.sections) {
        sum += section.requested(service);
    }
    return sum;
}

// "65 crypto instances"
std::string instances_text(std::uint64_t count, qae_service service) {
    return fmt::format("{} {} instance{}", count, kServiceSpellings[service].adjective,
                       count == 1 ? "" : "s");
}

std::string count_text(const SectionConfig &section, qae_service service) {
    const Counted &count = section.counts[service];
    if (section.kind != SectionKind::user) {
        return fmt::format("{} = {}", count.key, count.value);
    }
    return fmt::format("{} = {} for each of NumProcesses = {}", count.key, count.value,
                       section.processes.value);
}

bool is_enabled(std::uint32_t services, qae_service service) {
    const std::uint32_t wanted = service == QAE_SERVICE_DC ? QAE_SVC_DC : QAE_SVC_SYM | QAE_SVC_ASYM;
    return services == 0 || (services & wanted) != 0;
}

void report_not_enabled(const EndpointConfig &config, qae_service service, Findings &findings) {
    for (const SectionConfig &section : config.sections) {
        if (section.counts[service].value != 0) {
            findings.error(section.counts[service].at,
                           fmt::format("section [{}], {}: requests {}, but ServicesEnabled in section "
                                       "[GENERAL] does not include {}",
                                       section.name, section.counts[service].key,
                                       instances_text(section.counts[service].value, service),
                                       kServiceSpellings[service].word));
        }
    }
}

// Reports the first section that no longer fits: sections take their ring pairs in the file's order.
void report_overflow(const EndpointConfig &config, const qae_model &model, qae_service service,
                     std::uint64_t available, Findings &findings) {
    std::uint64_t before = 0;
    for (const SectionConfig &section : config.sections) {
        const std::uint64_t requested = section.requested(service);
        if (before <= available && before + requested > available) {
            const std::string others =
                before == 0 ? std::string() : fmt::format("the sections above it request {}, ", before);
            findings.error(
                section.counts[service].at,
                fmt::format("section [{}], {}: requests {} ({}); {}the whole file requests {}, but "
                            "an endpoint of type {} has ring pairs for {}",
                            section.name, section.counts[service].key, instances_text(requested, service),
                            count_text(section, service), others, requested_in_all(config, service),
                            model.type, available));
        }
        before += requested;
    }
}

struct FirstSeen {
    const SectionConfig *section;
    const std::string *file;
};

void compare(const FirstSeen &first, const SectionConfig &section, Findings &findings) {
    const std::string other = printable(*first.file, 4096);
    if (first.section->limit_dev_access.value != section.limit_dev_access.value) {
        findings.warning(
            section.limit_dev_access.at.line ? section.limit_dev_access.at : section.at,
            fmt::format("section [{}]: LimitDevAccess is {} here and {} in {}: some processes would "
                        "have one endpoint and others several",
                        section.name, section.limit_dev_access.value, first.section->limit_dev_access.value,
                        other));
    } else if (section.limit_dev_access.value == 0 &&
               first.section->processes.value != section.processes.value) {
        findings.warning(
            section.processes.at.line ? section.processes.at : section.at,
            fmt::format("section [{}]: NumProcesses is {} here and {} in {}: the later processes "
                        "would have instances on fewer endpoints",
                        section.name, section.processes.value, first.section->processes.value, other));
    }
    if (first.section->wait_ms != section.wait_ms) {
        findings.warning(section.at,
                         fmt::format("section [{}]: OnBusy differs from the one in {}", section.name, other));
    }
}

} // namespace

void check_capacity(const EndpointConfig &config, const qae_model &model, Findings &findings) {
    // The layout counts in 32 bits. A clamped sum is still far above what any endpoint has.
    const auto clamp = [](std::uint64_t n) { return static_cast<__u32>(n < UINT32_MAX ? n : UINT32_MAX); };
    qae_layout layout{};
    qae_layout_init(&layout, &model, config.services, clamp(requested_in_all(config, QAE_SERVICE_CY)),
                    clamp(requested_in_all(config, QAE_SERVICE_DC)));
    const std::array<std::uint64_t, __QAE_SERVICE_COUNT> capacity{layout.cy_capacity, layout.dc_capacity};
    for (const qae_service service : kServices) {
        if (is_enabled(config.services, service)) {
            report_overflow(config, model, service, capacity[service], findings);
        }
    }
}

CheckedConfig check_file(const std::string &path, std::uint32_t endpoint, const EndpointType &type) {
    CheckedConfig result;
    result.endpoint = endpoint;
    result.findings = Findings(path);
    const std::optional<std::string> text = read_config_file(path, result.findings);
    if (!text) {
        return result;
    }
    result.config = read_config(*text, result.findings);
    for (const qae_service service : kServices) {
        if (!is_enabled(result.config->services, service)) {
            report_not_enabled(*result.config, service, result.findings);
        }
    }
    if (!type.remark.empty()) {
        result.findings.note({}, type.remark);
    }
    if (type.model) {
        check_capacity(*result.config, *type.model, result.findings);
    } else if (type.name.empty()) {
        result.findings.note({},
                             "the endpoint type is unknown, so ring pairs were not counted; name the file "
                             "<type>_dev<N>.conf or give --type");
    }
    return result;
}

void check_across(std::span<CheckedConfig> configs) {
    std::map<std::string, FirstSeen, std::less<>> first;
    for (CheckedConfig &checked : configs) {
        if (!checked.config) {
            continue;
        }
        for (const SectionConfig &section : checked.config->sections) {
            if (section.kind != SectionKind::user) {
                continue;
            }
            const auto [seen, fresh] =
                first.try_emplace(section.name, FirstSeen{&section, &checked.config->file});
            if (!fresh) {
                compare(seen->second, section, checked.findings);
            }
        }
    }
}

} // namespace qae
