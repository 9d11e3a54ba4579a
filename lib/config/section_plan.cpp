// SPDX-License-Identifier: BSD-3-Clause
#include "config/section_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace qae {
namespace {

std::string internal_name(const SectionConfig &section, std::uint32_t endpoint, std::uint32_t process) {
    if (section.limit_dev_access.value != 0) {
        return fmt::format("{}_DEV{}_INT_{}", section.name, endpoint, process);
    }
    return fmt::format("{}_INT_{}", section.name, process);
}

std::int32_t core_of(const InstanceConfig &instance, std::uint32_t process) {
    if (instance.cores.empty()) {
        return QAE_CORE_NONE;
    }
    return static_cast<std::int32_t>(instance.cores[process % instance.cores.size()]);
}

} // namespace

std::vector<std::uint32_t> PlannedSection::endpoints() const {
    std::vector<std::uint32_t> ids;
    for (const PlannedInstance &instance : instances) {
        if (std::find(ids.begin(), ids.end(), instance.endpoint) == ids.end()) {
            ids.push_back(instance.endpoint);
        }
    }
    return ids;
}

std::size_t PlannedSection::count(qae_service service) const {
    return static_cast<std::size_t>(
        std::count_if(instances.begin(), instances.end(),
                      [&](const auto &instance) { return instance.config->service == service; }));
}

std::vector<PlannedSection> plan_sections(std::span<const PlacedConfig> configs) {
    std::vector<PlannedSection> sections;
    std::unordered_map<std::string, std::size_t> index;
    for (const PlacedConfig &placed : configs) {
        for (const SectionConfig &section : placed.config->sections) {
            if (section.kind != SectionKind::user) {
                continue;
            }
            for (std::uint32_t process = 0; process < section.processes.value; ++process) {
                std::string name = internal_name(section, placed.endpoint, process);
                // [A_DEV0] and [A] with LimitDevAccess may give the same name, and remain two sections.
                const auto [at, fresh] = index.try_emplace(name + '\0' + section.name, sections.size());
                if (fresh) {
                    sections.push_back({std::move(name), section.name, process, {}});
                }
                for (const InstanceConfig &instance : section.instances) {
                    sections[at->second].instances.push_back(
                        {placed.endpoint, &instance, core_of(instance, process)});
                }
            }
        }
    }
    return sections;
}

} // namespace qae
