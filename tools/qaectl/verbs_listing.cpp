// SPDX-License-Identifier: BSD-3-Clause
// status, sections, instances, who: the present state.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "qaectl/endpoint_selection.h"
#include "qaectl/json_output.h"
#include "qaectl/sizes.h"
#include "qaectl/table.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

std::string holder_cell(const std::optional<qae::Holder> &holder) {
    if (!holder) {
        return {};
    }
    if (holder->hidden) {
        return "(hidden)";
    }
    return holder->pid == 0 ? fmt::format("(exited) {}", holder->comm)
                            : fmt::format("{} {}", holder->pid, holder->comm);
}

// The kernel lists by internal ids, which mean nothing to a person.
void sort_for_people(std::vector<qae::Section> &sections) {
    std::stable_sort(sections.begin(), sections.end(), [](const qae::Section &a, const qae::Section &b) {
        return a.user_name != b.user_name ? a.user_name < b.user_name : natural_less(a.name, b.name);
    });
}

// By section, then the pools by endpoint.
void sort_for_people(std::vector<qae::Instance> &instances) {
    std::stable_sort(instances.begin(), instances.end(), [](const qae::Instance &a, const qae::Instance &b) {
        if (a.section != b.section) {
            return b.section.empty() || (!a.section.empty() && natural_less(a.section, b.section));
        }
        return std::tie(a.endpoint, a.service, a.kind) < std::tie(b.endpoint, b.service, b.kind);
    });
}

// Passes the endpoints that the command line names, or all of them if it names none.
class EndpointFilter {
public:
    EndpointFilter(qae::NetlinkClient &client, const Options &options) : all_(options.endpoints.empty()) {
        if (!all_) {
            for (const qae::Endpoint &endpoint : select_endpoints(client.endpoints(), options.endpoints)) {
                ids_.push_back(endpoint.id);
            }
        }
    }
    bool passes(std::uint32_t id) const {
        return all_ || std::find(ids_.begin(), ids_.end(), id) != ids_.end();
    }
    bool passes(const std::vector<std::uint32_t> &ids) const {
        return all_ || std::any_of(ids.begin(), ids.end(), [&](std::uint32_t id) { return passes(id); });
    }

private:
    bool all_;
    std::vector<std::uint32_t> ids_;
};

} // namespace

int run_status(const Options &options) {
    qae::NetlinkClient client;
    const auto endpoints = select_endpoints(client.endpoints(), options.endpoints);
    if (options.json) {
        print_json(endpoints);
        return kExitOk;
    }
    if (endpoints.empty()) {
        complain("there is no endpoint: no PCI function is bound to the driver");
    }
    Table table({{"ENDPOINT"},
                 {"TYPE"},
                 {"BDF"},
                 {"NODE", Align::right},
                 {"STATE"},
                 {"SERVICES"},
                 {"RINGS", Align::right},
                 {"USED", Align::right},
                 {"SECTIONS", Align::right},
                 {"HELD", Align::right},
                 {"GEN", Align::right},
                 {"ADDRESSES"}});
    for (const qae::Endpoint &endpoint : endpoints) {
        const char *const addresses = address_kind(endpoint.addresses);
        table.add({qae::endpoint_name(endpoint.id), fmt::format("{}_dev{}", endpoint.type, endpoint.index),
                   qae::pci_address(endpoint),
                   endpoint.node < 0 ? std::string() : number(static_cast<std::uint64_t>(endpoint.node)),
                   endpoint_state(endpoint.state), joined(service_names(endpoint.services)),
                   number(endpoint.ring_pairs), number(endpoint.ring_pairs_used), number(endpoint.sections),
                   number(endpoint.held), number(endpoint.generation),
                   addresses == nullptr ? std::string() : std::string(addresses)});
    }
    table.print();
    return kExitOk;
}

int run_sections(const Options &options) {
    qae::NetlinkClient client;
    const EndpointFilter filter(client, options);
    auto sections = client.sections();
    std::erase_if(sections, [&](const qae::Section &section) { return !filter.passes(section.endpoints); });
    sort_for_people(sections);
    if (options.json) {
        print_json(sections);
        return kExitOk;
    }
    Table table({{"SECTION"},
                 {"NAME"},
                 {"STATE"},
                 {"CY", Align::right},
                 {"DC", Align::right},
                 {"ENDPOINTS"},
                 {"HOLDER"}});
    for (const qae::Section &section : sections) {
        table.add({section.name, section.user_name, section_state(section.state), number(section.cy),
                   number(section.dc), endpoint_list(section.endpoints), holder_cell(section.holder)});
    }
    table.print();
    return kExitOk;
}

int run_instances(const Options &options) {
    qae::NetlinkClient client;
    const EndpointFilter filter(client, options);
    auto instances = client.instances();
    std::erase_if(instances,
                  [&](const qae::Instance &instance) { return !filter.passes(instance.endpoint); });
    sort_for_people(instances);
    if (options.json) {
        print_json(instances);
        return kExitOk;
    }
    Table table({{"INSTANCE"},
                 {"ENDPOINT"},
                 {"SECTION"},
                 {"KIND"},
                 {"SERVICES"},
                 {"POLL"},
                 {"CORE", Align::right},
                 {"RING", Align::right},
                 {"RINGS", Align::right},
                 {"STATE"},
                 {"HOLDER"}});
    for (const qae::Instance &instance : instances) {
        table.add({instance.name, qae::endpoint_name(instance.endpoint), instance.section,
                   instance_kind(instance.kind), joined(service_names(instance.services)),
                   poll_mode(instance.poll),
                   instance.core == QAE_CORE_NONE ? std::string() : fmt::format("{}", instance.core),
                   number(instance.ring_pair), number(instance.ring_pairs),
                   instance.retired  ? "retired"
                   : instance.holder ? "held"
                                     : "free",
                   holder_cell(instance.holder)});
    }
    table.print();
    return kExitOk;
}

int run_who(const Options &options) {
    qae::NetlinkClient client;
    const auto clients = client.clients();
    if (options.json) {
        print_json(clients);
        return kExitOk;
    }
    Table table({{"PID", Align::right},
                 {"UID", Align::right},
                 {"COMMAND"},
                 {"SECTION"},
                 {"STATIC", Align::right},
                 {"DYN-CY", Align::right},
                 {"DYN-DC", Align::right},
                 {"REGIONS", Align::right},
                 {"PINNED", Align::right},
                 {"PEAK", Align::right},
                 {"REFUSED", Align::right}});
    for (const qae::Client &row : clients) {
        const bool hidden = row.holder.hidden;
        const auto unless_hidden = [&](const std::string &text) { return hidden ? std::string("?") : text; };
        table.add({row.holder.pid == 0 ? std::string("?") : number(row.holder.pid),
                   unless_hidden(number(row.holder.uid)), hidden ? "(hidden)" : row.holder.comm, row.section,
                   number(row.static_instances), number(row.dyn_cy), number(row.dyn_dc),
                   unless_hidden(number(row.regions)), unless_hidden(size_text(row.bytes)),
                   unless_hidden(size_text(row.bytes_peak)), unless_hidden(number(row.refused))});
    }
    table.print();
    const auto hidden = std::count_if(clients.begin(), clients.end(),
                                      [](const qae::Client &row) { return row.holder.hidden; });
    if (hidden != 0) {
        complain(fmt::format("hidden: {} of {}, of other users or outside this pid namespace", hidden,
                             clients.size()));
    }
    return kExitOk;
}

} // namespace qaectl
