// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/live_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "common/text.h"
#include "config/file.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

// Everything about an instance that a configuration decides. Ring pairs follow from it.
using InstanceKey = std::tuple<std::uint32_t, std::uint32_t, std::string, std::uint32_t, std::int32_t>;
using InstanceKeys = std::multiset<InstanceKey>;

struct LiveSection {
    std::optional<qae::Holder> holder;
    InstanceKeys instances; // only on the planned endpoints
};

using LiveSections = std::map<std::string, LiveSection>;

bool contains(const std::vector<std::uint32_t> &ids, std::uint32_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

LiveSections read_live(const std::vector<std::uint32_t> &planned) {
    qae::NetlinkClient client;
    LiveSections live;
    for (const qae::Section &section : client.sections()) {
        const bool concerned = std::any_of(section.endpoints.begin(), section.endpoints.end(),
                                           [&](std::uint32_t id) { return contains(planned, id); });
        if (concerned && section.state != QAE_SECTION_RETIRED) {
            live[section.name].holder = section.holder;
        }
    }
    for (const qae::Instance &instance : client.instances()) {
        const auto section = live.find(instance.section);
        if (section == live.end() || instance.retired || !contains(planned, instance.endpoint)) {
            continue;
        }
        section->second.instances.emplace(instance.endpoint, instance.service, instance.name, instance.poll,
                                          instance.core);
    }
    return live;
}

InstanceKeys keys_of(const qae::PlannedSection &planned) {
    InstanceKeys keys;
    for (const qae::PlannedInstance &instance : planned.instances) {
        keys.emplace(instance.endpoint, instance.config->service, instance.config->name,
                     instance.config->poll, instance.core);
    }
    return keys;
}

std::string held_words(const LiveSection &section) {
    return section.holder ? ", held by " + holder_text(*section.holder) : std::string();
}

} // namespace

bool place_on_live_endpoints(std::vector<qae::CheckedConfig> &checked) {
    std::vector<qae::Endpoint> endpoints;
    try {
        endpoints = qae::NetlinkClient().endpoints();
    } catch (const qae::NetlinkError &) {
        return false;
    }
    for (qae::CheckedConfig &file : checked) {
        const auto name = qae::parse_config_file_name(file.findings.file());
        for (const qae::Endpoint &endpoint : endpoints) {
            if (endpoint.type == name.type && endpoint.index == name.index) {
                file.endpoint = endpoint.id;
            }
        }
    }
    return true;
}

std::optional<LiveComparison> compare_with_live(const std::vector<qae::PlannedSection> &plan,
                                                const std::vector<std::uint32_t> &planned) {
    LiveSections live;
    try {
        live = read_live(planned);
    } catch (const qae::NetlinkError &) {
        return std::nullopt;
    }
    LiveComparison comparison;
    for (const qae::PlannedSection &section : plan) {
        const auto found = live.find(section.name);
        if (found == live.end()) {
            comparison.by_plan.emplace_back("new");
            continue;
        }
        const bool same = found->second.instances == keys_of(section);
        comparison.by_plan.push_back((same ? "same" : "changes") + held_words(found->second));
        live.erase(found);
    }
    for (const auto &[name, section] : live) {
        comparison.leaving.push_back(
            fmt::format("section {} would be removed{}", qae::printable(name, 128),
                        section.holder ? " when released" + held_words(section) : ""));
    }
    return comparison;
}

} // namespace qaectl
