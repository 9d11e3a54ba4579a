// SPDX-License-Identifier: BSD-3-Clause
#include "netlink/messages.h"

#include <fmt/format.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

namespace qae {
namespace {

// The largest length of an attribute, which is a u16, less the padding of the last attribute inside.
constexpr std::size_t kLargestNest = std::numeric_limits<std::uint16_t>::max() - NLA_HDRLEN - 4;

std::optional<Holder> decode_holder(const Attributes &attributes) {
    if (!attributes.has(QAE_A_HOLDER_UID) && !attributes.has(QAE_A_HOLDER_PID)) {
        return std::nullopt;
    }
    // The kernel puts the pid 0 alone for a holder that this process may not see.
    return Holder{!attributes.has(QAE_A_HOLDER_UID), attributes.number(QAE_A_HOLDER_PID),
                  attributes.number(QAE_A_HOLDER_UID), attributes.text(QAE_A_HOLDER_COMM)};
}

Limit decode_limit(const Attributes &attributes, qae_attr most, qae_attr refused) {
    return {attributes.big_number(most, QAE_UNLIMITED), attributes.big_number(refused)};
}

// A message has room for the largest configuration that fits an endpoint, so only a larger one fails here.
void must(int error) {
    if (error < 0) {
        throw std::length_error("the configuration does not fit into a netlink message");
    }
}

class Nest {
public:
    Nest(nl_msg *message, qae_attr type) : message_(message), start_(nla_nest_start(message, type)) {
        if (!start_) {
            must(-1);
        }
    }
    // An empty configuration is valid, but nla_nest_end() would remove an empty nest.
    void end() { must(nla_nest_end_keep_empty(message_, start_)); }

    std::size_t size() const {
        const auto *tail = static_cast<const char *>(nlmsg_tail(nlmsg_hdr(message_)));
        return static_cast<std::size_t>(tail - reinterpret_cast<const char *>(start_));
    }

private:
    nl_msg *message_;
    nlattr *start_;
};

void encode_instance(nl_msg *message, const InstanceConfig &instance) {
    Nest nest(message, QAE_A_CONFIG_INSTANCE);
    must(nla_put_u32(message, QAE_A_CONFIG_INSTANCE_SERVICE, instance.service));
    must(nla_put_string(message, QAE_A_CONFIG_INSTANCE_NAME, instance.name.c_str()));
    must(nla_put_u32(message, QAE_A_CONFIG_INSTANCE_POLL, instance.poll));
    if (!instance.cores.empty()) {
        must(nla_put(message, QAE_A_CONFIG_INSTANCE_CORES,
                     static_cast<int>(instance.cores.size() * sizeof(std::uint32_t)), instance.cores.data()));
    }
    nest.end();
}

// The bytes that encode_instance() appends.
std::size_t encoded_size(const InstanceConfig &instance) {
    const auto list = static_cast<int>(instance.cores.size() * sizeof(std::uint32_t));
    const int content = 2 * nla_total_size(sizeof(std::uint32_t)) +
                        nla_total_size(static_cast<int>(instance.name.size()) + 1) +
                        (list != 0 ? nla_total_size(list) : 0);
    return static_cast<std::size_t>(nla_total_size(content));
}

// Divides a configuration among nests: QAE_A_CONFIG and as many QAE_A_CONFIG_MORE as it needs, because the
// length of an attribute has 16 bits.
class Parts {
public:
    explicit Parts(nl_msg *message) : message_(message), part_(std::in_place, message, QAE_A_CONFIG) {}

    void add_services(std::uint32_t services) {
        must(nla_put_u32(message_, QAE_A_CONFIG_SERVICES, services));
    }

    void add_section(const SectionConfig &section) {
        if (part_->size() + kLargestHead > kLargestNest) {
            next_part();
        }
        begin_section(section.name);
        if (section.kind == SectionKind::user) {
            must(nla_put_u32(message_, QAE_A_CONFIG_SECTION_PROCESSES, section.processes.value));
            must(nla_put_u32(message_, QAE_A_CONFIG_SECTION_LIMIT_DEV, section.limit_dev_access.value));
            if (section.wait_ms) {
                must(nla_put_u32(message_, QAE_A_CONFIG_SECTION_WAIT_MS, *section.wait_ms));
            }
        }
        for (const InstanceConfig &instance : section.instances) {
            if (part_->size() + encoded_size(instance) > kLargestNest) {
                end_section();
                next_part();
                begin_section(section.name); // a name that came before continues the section
            }
            encode_instance(message_, instance);
        }
        end_section();
    }

    void end() { part_->end(); }

private:
    // A section without its instances: name, three numbers and the nest.
    static constexpr std::size_t kLargestHead = QAE_NAME_SIZE + 5 * NLA_HDRLEN + 3 * sizeof(std::uint32_t);

    void begin_section(const std::string &name) {
        section_.emplace(message_, QAE_A_CONFIG_SECTION);
        must(nla_put_string(message_, QAE_A_CONFIG_SECTION_NAME, name.c_str()));
    }

    void end_section() { section_->end(); }

    void next_part() {
        part_->end();
        part_.emplace(message_, QAE_A_CONFIG_MORE);
    }

    nl_msg *message_;
    std::optional<Nest> part_;
    std::optional<Nest> section_;
};

// The sections as the kernel gets them. It has one list of instances for kernel users, [KERNEL]; the
// instances of [KERNEL_QAT] follow there.
std::vector<SectionConfig> sections_to_send(const EndpointConfig &config) {
    std::vector<SectionConfig> sections;
    std::optional<std::size_t> kernel;
    for (const SectionConfig &section : config.sections) {
        if (section.kind != SectionKind::kernel) {
            sections.push_back(section);
            // No process gets its instances, and ring pairs do not bound their number.
            if (section.processes.value == 0) {
                sections.back().instances.clear();
            }
        } else if (!kernel) {
            kernel = sections.size();
            sections.push_back(section);
            sections.back().name = "KERNEL";
        } else {
            auto &instances = sections[*kernel].instances;
            instances.insert(instances.end(), section.instances.begin(), section.instances.end());
        }
    }
    return sections;
}

} // namespace

std::string endpoint_name(std::uint32_t id) { return fmt::format("qat_dev{}", id); }

std::string pci_address(const Endpoint &endpoint) {
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", endpoint.pci_domain, endpoint.pci_busdevfn >> 8 & 0xff,
                       endpoint.pci_busdevfn >> 3 & 0x1f, endpoint.pci_busdevfn & 7);
}

Attributes::Attributes(nl_msg *message) {
    auto *header = nlmsg_hdr(message);
    if (!genlmsg_valid_hdr(header, 0)) {
        throw std::runtime_error("the driver's answer is truncated");
    }
    auto *generic = static_cast<genlmsghdr *>(nlmsg_data(header));
    first_ = genlmsg_attrdata(generic, 0);
    length_ = genlmsg_attrlen(generic, 0);
}

const nlattr *Attributes::find(qae_attr which) const { return nla_find(first_, length_, which); }

bool Attributes::has(qae_attr which) const { return find(which) != nullptr; }

std::uint32_t Attributes::number(qae_attr which, std::uint32_t absent) const {
    const nlattr *found = find(which);
    return found && nla_len(found) >= 4 ? nla_get_u32(found) : absent;
}

std::int32_t Attributes::signed_number(qae_attr which, std::int32_t absent) const {
    return static_cast<std::int32_t>(number(which, static_cast<std::uint32_t>(absent)));
}

std::uint64_t Attributes::big_number(qae_attr which, std::uint64_t absent) const {
    const nlattr *found = find(which);
    return found && nla_len(found) >= 8 ? nla_get_u64(found) : absent;
}

std::string Attributes::text(qae_attr which) const {
    const nlattr *found = find(which);
    if (!found) {
        return {};
    }
    const auto *data = static_cast<const char *>(nla_data(found));
    return {data, strnlen(data, static_cast<std::size_t>(nla_len(found)))};
}

std::vector<std::uint32_t> Attributes::numbers(qae_attr which) const {
    std::vector<std::uint32_t> result;
    int rest = length_;
    for (nlattr *at = first_; nla_ok(at, rest); at = nla_next(at, &rest)) {
        if (nla_type(at) == which && nla_len(at) >= 4) {
            result.push_back(nla_get_u32(at));
        }
    }
    return result;
}

Endpoint decode_endpoint(const Attributes &a) {
    Endpoint endpoint;
    endpoint.id = a.number(QAE_A_ENDPOINT_ID);
    endpoint.type = a.text(QAE_A_ENDPOINT_TYPE);
    endpoint.index = a.number(QAE_A_ENDPOINT_INDEX);
    endpoint.state = a.number(QAE_A_ENDPOINT_STATE);
    endpoint.node = a.signed_number(QAE_A_ENDPOINT_NODE, -1);
    endpoint.pci_domain = a.number(QAE_A_ENDPOINT_PCI_DOMAIN);
    endpoint.pci_busdevfn = a.number(QAE_A_ENDPOINT_PCI_BUSDEVFN);
    endpoint.pci_device = a.number(QAE_A_ENDPOINT_PCI_DEVICE);
    endpoint.is_vf = a.number(QAE_A_ENDPOINT_IS_VF) != 0;
    endpoint.ring_pairs = a.number(QAE_A_ENDPOINT_RING_PAIRS);
    endpoint.ring_pairs_used = a.number(QAE_A_ENDPOINT_RING_PAIRS_USED);
    endpoint.services = a.number(QAE_A_ENDPOINT_SERVICES);
    endpoint.sections = a.number(QAE_A_ENDPOINT_SECTIONS);
    endpoint.held = a.number(QAE_A_ENDPOINT_HELD);
    endpoint.generation = a.number(QAE_A_GENERATION);
    endpoint.addresses = a.number(QAE_A_ENDPOINT_ADDRESSES);
    return endpoint;
}

Section decode_section(const Attributes &a) {
    Section section;
    section.name = a.text(QAE_A_SECTION_NAME);
    section.user_name = a.text(QAE_A_SECTION_USER_NAME);
    section.state = a.number(QAE_A_SECTION_STATE);
    section.cy = a.number(QAE_A_SECTION_CY);
    section.dc = a.number(QAE_A_SECTION_DC);
    section.endpoints = a.numbers(QAE_A_SECTION_ENDPOINT);
    section.holder = decode_holder(a);
    return section;
}

Instance decode_instance(const Attributes &a) {
    Instance instance;
    instance.name = a.text(QAE_A_INSTANCE_NAME);
    instance.endpoint = a.number(QAE_A_ENDPOINT_ID);
    instance.section = a.text(QAE_A_SECTION_NAME);
    instance.service = a.number(QAE_A_INSTANCE_SERVICE);
    instance.services = a.number(QAE_A_INSTANCE_SERVICES);
    instance.kind = a.number(QAE_A_INSTANCE_KIND);
    instance.poll = a.number(QAE_A_INSTANCE_POLL);
    instance.core = a.signed_number(QAE_A_INSTANCE_CORE, QAE_CORE_NONE);
    instance.ring_pair = a.number(QAE_A_INSTANCE_RING_PAIR);
    instance.ring_pairs = a.number(QAE_A_INSTANCE_RING_PAIRS);
    instance.retired = a.has(QAE_A_INSTANCE_RETIRED);
    instance.holder = decode_holder(a);
    return instance;
}

Client decode_client(const Attributes &a) {
    Client client;
    client.id = a.number(QAE_A_CLIENT_ID);
    client.holder = decode_holder(a).value_or(Holder{});
    client.section = a.text(QAE_A_SECTION_NAME);
    client.static_instances = a.number(QAE_A_CLIENT_STATIC);
    client.dyn_cy = a.number(QAE_A_CLIENT_DYN_CY);
    client.dyn_dc = a.number(QAE_A_CLIENT_DYN_DC);
    client.regions = a.number(QAE_A_CLIENT_REGIONS);
    client.bytes = a.big_number(QAE_A_CLIENT_BYTES);
    client.bytes_peak = a.big_number(QAE_A_CLIENT_BYTES_PEAK);
    client.refused = a.big_number(QAE_A_CLIENT_REFUSED);
    return client;
}

Memory decode_memory(const Attributes &a) {
    Memory memory;
    if (a.has(QAE_A_MEMORY_NODE)) {
        memory.node = a.signed_number(QAE_A_MEMORY_NODE, -1);
    }
    memory.regions = a.big_number(QAE_A_MEMORY_REGIONS);
    memory.bytes = a.big_number(QAE_A_MEMORY_BYTES);
    memory.reserve = {a.number(QAE_A_MEMORY_RESERVE_TARGET), a.number(QAE_A_MEMORY_RESERVE_FREE),
                      a.number(QAE_A_MEMORY_RESERVE_OUT), a.big_number(QAE_A_MEMORY_RESERVE_HITS),
                      a.big_number(QAE_A_MEMORY_RESERVE_MISSES)};
    memory.bytes_peak = a.big_number(QAE_A_MEMORY_BYTES_PEAK);
    memory.failures = a.big_number(QAE_A_MEMORY_FAILURES);
    memory.kernel_bytes = a.big_number(QAE_A_MEMORY_KERNEL_BYTES);
    memory.client_peak = a.big_number(QAE_A_MEMORY_CLIENT_PEAK);
    memory.user_peak = a.big_number(QAE_A_MEMORY_USER_PEAK);
    memory.contig_bytes = a.big_number(QAE_A_MEMORY_CONTIG_BYTES);
    memory.contig_peak = a.big_number(QAE_A_MEMORY_CONTIG_PEAK);
    memory.client = decode_limit(a, QAE_A_LIMIT_CLIENT, QAE_A_LIMIT_CLIENT_REFUSED);
    memory.user = decode_limit(a, QAE_A_LIMIT_USER, QAE_A_LIMIT_USER_REFUSED);
    memory.contig = decode_limit(a, QAE_A_LIMIT_CONTIG, QAE_A_LIMIT_CONTIG_REFUSED);
    memory.all = decode_limit(a, QAE_A_LIMIT_ALL, QAE_A_LIMIT_ALL_REFUSED);
    memory.descriptors = decode_limit(a, QAE_A_LIMIT_DESCRIPTORS, QAE_A_LIMIT_DESCRIPTORS_REFUSED);
    memory.cgroup_refused = a.big_number(QAE_A_LIMIT_CGROUP_REFUSED);
    return memory;
}

User decode_user(const Attributes &a) {
    User user;
    if (a.has(QAE_A_USER_UID)) {
        user.uid = a.number(QAE_A_USER_UID);
    }
    user.clients = a.number(QAE_A_USER_CLIENTS);
    user.regions = a.big_number(QAE_A_USER_REGIONS);
    user.bytes = a.big_number(QAE_A_USER_BYTES);
    user.bytes_peak = a.big_number(QAE_A_USER_BYTES_PEAK);
    user.refused = a.big_number(QAE_A_USER_REFUSED);
    return user;
}

Pool decode_pool(const Attributes &a) {
    return {a.number(QAE_A_POOL_SERVICE), a.number(QAE_A_POOL_AVAILABLE), a.number(QAE_A_POOL_TOTAL)};
}

void encode_memory_settings(nl_msg *message, const MemorySettings &settings) {
    const std::pair<qae_attr, std::optional<std::uint64_t>> limits[] = {
        {QAE_A_LIMIT_CLIENT, settings.client},           {QAE_A_LIMIT_USER, settings.user},
        {QAE_A_LIMIT_CONTIG, settings.contig},           {QAE_A_LIMIT_ALL, settings.all},
        {QAE_A_LIMIT_DESCRIPTORS, settings.descriptors},
    };
    for (const auto &[which, value] : limits) {
        if (value) {
            must(nla_put_u64(message, which, *value));
        }
    }
    if (settings.reserve) {
        must(nla_put_u32(message, QAE_A_MEMORY_RESERVE_TARGET, *settings.reserve));
    }
    if (settings.node) {
        must(nla_put_s32(message, QAE_A_MEMORY_NODE, *settings.node));
    }
}

void encode_config(nl_msg *message, const EndpointConfig &config) {
    Parts parts(message);
    if (config.services != 0) {
        parts.add_services(config.services);
    }
    for (const SectionConfig &section : sections_to_send(config)) {
        parts.add_section(section);
    }
    parts.end();
}

} // namespace qae
