// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/json_output.h"

#include <fmt/format.h>
#include <linux/qae_netlink.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "qaectl/words.h"

namespace qaectl {
namespace {

using Json = nlohmann::ordered_json;

// Process names are arbitrary bytes: replace what is not UTF-8 instead of throwing.
std::string dump(const Json &json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json or_null(const std::string &text) { return text.empty() ? Json() : Json(text); }

Json to_json(const std::optional<qae::Holder> &holder) {
    if (!holder) {
        return Json();
    }
    return {{"pid", holder->pid},
            {"uid", holder->hidden ? Json() : Json(holder->uid)},
            {"command", holder->hidden ? Json() : Json(holder->comm)},
            {"hidden", holder->hidden}};
}

Json endpoint_names(const std::vector<std::uint32_t> &ids) {
    Json names = Json::array();
    for (const std::uint32_t id : ids) {
        names.push_back(qae::endpoint_name(id));
    }
    return names;
}

Json to_json(const qae::Endpoint &endpoint) {
    const char *const addresses = address_kind(endpoint.addresses);
    return {
        {"endpoint", qae::endpoint_name(endpoint.id)},
        {"id", endpoint.id},
        {"type", endpoint.type},
        {"index", endpoint.index},
        {"state", endpoint_state(endpoint.state)},
        {"node", endpoint.node},
        {"bdf", qae::pci_address(endpoint)},
        {"pci_device", fmt::format("0x{:04x}", endpoint.pci_device)},
        {"vf", endpoint.is_vf},
        {"services", service_names(endpoint.services)},
        {"ring_pairs", endpoint.ring_pairs},
        {"ring_pairs_used", endpoint.ring_pairs_used},
        {"sections", endpoint.sections},
        {"held", endpoint.held},
        {"generation", endpoint.generation},
        {"addresses", addresses == nullptr ? Json() : Json(addresses)},
    };
}

Json to_json(const qae::Section &section) {
    return {
        {"section", or_null(section.name)},
        {"name", section.user_name},
        {"state", section_state(section.state)},
        {"cy", section.cy},
        {"dc", section.dc},
        {"endpoints", endpoint_names(section.endpoints)},
        {"holder", to_json(section.holder)},
    };
}

Json to_json(const qae::Instance &instance) {
    return {
        {"instance", instance.name},
        {"endpoint", qae::endpoint_name(instance.endpoint)},
        {"section", or_null(instance.section)},
        {"service", service_name(instance.service)},
        {"services", service_names(instance.services)},
        {"kind", instance_kind(instance.kind)},
        {"poll", poll_mode(instance.poll)},
        {"core", instance.core == QAE_CORE_NONE ? Json() : Json(instance.core)},
        {"ring_pair", instance.ring_pair},
        {"ring_pairs", instance.ring_pairs},
        {"retired", instance.retired},
        {"holder", to_json(instance.holder)},
    };
}

Json to_json(const qae::Client &client) {
    const bool hidden = client.holder.hidden;
    return {
        {"client", client.id},
        {"pid", client.holder.pid},
        {"uid", hidden ? Json() : Json(client.holder.uid)},
        {"command", hidden ? Json() : Json(client.holder.comm)},
        {"hidden", hidden},
        {"section", or_null(client.section)},
        {"static", client.static_instances},
        {"dyn_cy", client.dyn_cy},
        {"dyn_dc", client.dyn_dc},
        {"regions", hidden ? Json() : Json(client.regions)},
        {"bytes", hidden ? Json() : Json(client.bytes)},
        {"bytes_peak", hidden ? Json() : Json(client.bytes_peak)},
        {"refused", hidden ? Json() : Json(client.refused)},
    };
}

// "No limit" is null, like everything else that is absent.
Json to_json(const qae::Limit &limit, std::uint64_t now, std::uint64_t peak) {
    return {{"limit", limit.most == QAE_UNLIMITED ? Json() : Json(limit.most)},
            {"bytes", now},
            {"bytes_peak", peak},
            {"refused", limit.refused}};
}

Json to_json(const qae::User &user) {
    return {{"uid", user.uid ? Json(*user.uid) : Json()},
            {"descriptors", user.clients},
            {"regions", user.regions},
            {"bytes", user.bytes},
            {"bytes_peak", user.bytes_peak},
            {"refused", user.refused}};
}

Json to_json(const qae::Memory &memory) {
    return {{"node", memory.node ? Json(*memory.node) : Json()},
            {"regions", memory.regions},
            {"bytes", memory.bytes}};
}

Json to_json(const qae::Reserve &reserve) {
    return {{"target", reserve.target},
            {"free", reserve.free},
            {"out", reserve.out},
            {"hits", reserve.hits},
            {"misses", reserve.misses}};
}

// The sum comes first and has the keys that single nodes do not have.
Json to_json(const MemoryReport &report) {
    const qae::Memory &sum = report.sum;
    Json first = to_json(sum);
    first["bytes_peak"] = sum.bytes_peak;
    first["failures"] = sum.failures;
    first["kernel_bytes"] = sum.kernel_bytes;
    first["limits"] = {
        {"client", to_json(sum.client, report.largest_client, sum.client_peak)},
        {"user", to_json(sum.user, report.largest_user, sum.user_peak)},
        {"contig", to_json(sum.contig, sum.contig_bytes, sum.contig_peak)},
        {"all", to_json(sum.all, sum.bytes, sum.bytes_peak)},
        {"cgroup", {{"refused", sum.cgroup_refused}}},
        {"descriptors",
         {{"limit", sum.descriptors.most == QAE_UNLIMITED ? Json() : Json(sum.descriptors.most)},
          {"descriptors", report.most_descriptors},
          {"refused", sum.descriptors.refused}}},
    };
    first["users"] = Json::array();
    for (const qae::User &user : report.users) {
        first["users"].push_back(to_json(user));
    }
    Json array = Json::array({std::move(first)});
    for (const qae::Memory &node : report.nodes) {
        array.push_back(to_json(node));
        array.back()["reserve"] = to_json(node.reserve);
    }
    return array;
}

Json to_json(const qae::Finding &finding) {
    return {
        {"file", finding.file},        {"line", finding.at.line},
        {"column", finding.at.column}, {"severity", qae::severity_word(finding.severity)},
        {"text", finding.text},
    };
}

Json to_json(const qae::PlannedSection &section) {
    Json instances = Json::array();
    for (const qae::PlannedInstance &instance : section.instances) {
        instances.push_back({
            {"instance", instance.config->name},
            {"endpoint", qae::endpoint_name(instance.endpoint)},
            {"service", service_name(instance.config->service)},
            {"poll", poll_mode(instance.config->poll)},
            {"core", instance.core == QAE_CORE_NONE ? Json() : Json(instance.core)},
        });
    }
    return {
        {"section", section.name},
        {"name", section.user_name},
        {"process", section.process},
        {"cy", section.count(QAE_SERVICE_CY)},
        {"dc", section.count(QAE_SERVICE_DC)},
        {"endpoints", endpoint_names(section.endpoints())},
        {"instances", std::move(instances)},
    };
}

template <typename T> void print_array(const std::vector<T> &items) {
    Json array = Json::array();
    for (const T &item : items) {
        array.push_back(to_json(item));
    }
    fmt::print("{}\n", dump(array, 2));
}

} // namespace

void print_json(const std::vector<qae::Endpoint> &endpoints) { print_array(endpoints); }
void print_json(const std::vector<qae::Section> &sections) { print_array(sections); }
void print_json(const std::vector<qae::Instance> &instances) { print_array(instances); }
void print_json(const std::vector<qae::Client> &clients) { print_array(clients); }
void print_json(const MemoryReport &report) { fmt::print("{}\n", dump(to_json(report), 2)); }
void print_json(const std::vector<qae::Finding> &findings) { print_array(findings); }

void print_json(const std::vector<qae::PlannedSection> &plan, std::span<const std::string> live) {
    Json array = Json::array();
    for (std::size_t i = 0; i < plan.size(); ++i) {
        Json section = to_json(plan[i]);
        section["live"] = i < live.size() ? Json(live[i]) : Json();
        array.push_back(std::move(section));
    }
    fmt::print("{}\n", dump(array, 2));
}

void print_json_line(const qae::Event &event, const std::string &time) {
    Json json = {{"time", time}};
    switch (event.command) {
    case QAE_CMD_ENDPOINT_NTF:
        json["event"] = "endpoint";
        json.update(to_json(event.endpoint));
        break;
    case QAE_CMD_SECTION_NTF:
        json["event"] = "section";
        json.update(to_json(event.section));
        break;
    case QAE_CMD_POOL_NTF:
        json["event"] = "pool";
        json["service"] = service_name(event.pool.service);
        json["available"] = event.pool.available;
        json["total"] = event.pool.total;
        break;
    default:
        json["event"] = "lost";
        break;
    }
    fmt::print("{}\n", dump(json, -1));
}

} // namespace qaectl
