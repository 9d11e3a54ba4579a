// SPDX-License-Identifier: BSD-3-Clause
// status, sections, instances, who: the present state.
#include <fmt/format.h>

#include <algorithm>

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
    return holder->pid == 0 ? fmt::format("? {}", holder->comm)
                            : fmt::format("{} {}", holder->pid, holder->comm);
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
        table.add({row.holder.pid == 0 ? std::string("?") : number(row.holder.pid), number(row.holder.uid),
                   row.holder.comm, row.section, number(row.static_instances), number(row.dyn_cy),
                   number(row.dyn_dc), number(row.regions), size_text(row.bytes), size_text(row.bytes_peak),
                   number(row.refused)});
    }
    table.print();
    return kExitOk;
}

} // namespace qaectl
