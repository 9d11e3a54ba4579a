// SPDX-License-Identifier: BSD-3-Clause
// Messages: what the netlink family says, as plain structures, and configurations as it wants them.
#ifndef QAE_TOOLS_NETLINK_MESSAGES_H
#define QAE_TOOLS_NETLINK_MESSAGES_H

#include <linux/qae_netlink.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"

struct nlattr;
struct nl_msg;

namespace qae {

struct Endpoint {
    std::uint32_t id = 0;
    std::string type;
    std::uint32_t index = 0;
    std::uint32_t state = QAE_ENDPOINT_DOWN;
    std::int32_t node = -1;
    std::uint32_t pci_domain = 0;
    std::uint32_t pci_busdevfn = 0;
    std::uint32_t pci_device = 0;
    bool is_vf = false;
    std::uint32_t ring_pairs = 0;
    std::uint32_t ring_pairs_used = 0;
    std::uint32_t services = 0;
    std::uint32_t sections = 0;
    std::uint32_t held = 0;
    std::uint32_t generation = 0;
};

// "qat_dev0"
std::string endpoint_name(std::uint32_t id);

// "0000:3d:00.0"; the domain has more digits where it needs them.
std::string pci_address(const Endpoint &endpoint);

// Who holds something; pid 0: not to be seen from this pid namespace.
struct Holder {
    std::uint32_t pid = 0;
    std::uint32_t uid = 0;
    std::string comm;
};

struct Section {
    std::string name;
    std::string user_name;
    std::uint32_t state = QAE_SECTION_FREE;
    std::uint32_t cy = 0;
    std::uint32_t dc = 0;
    std::vector<std::uint32_t> endpoints;
    std::optional<Holder> holder;
};

struct Instance {
    std::string name;
    std::uint32_t endpoint = 0;
    std::string section; // internal name; empty in a pool
    std::uint32_t service = 0;
    std::uint32_t services = 0;
    std::uint32_t kind = 0;
    std::uint32_t poll = 0;
    std::int32_t core = QAE_CORE_NONE;
    std::uint32_t ring_pair = 0;
    std::uint32_t ring_pairs = 0;
    bool retired = false;
    std::optional<Holder> holder;
};

struct Client {
    std::uint32_t id = 0;
    Holder holder;
    std::string section; // internal name, "DYN", or empty
    std::uint32_t static_instances = 0;
    std::uint32_t dyn_cy = 0;
    std::uint32_t dyn_dc = 0;
    std::uint32_t regions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_peak = 0;
    std::uint64_t refused = 0; // by some limit
};

// A limit on pinned bytes, and how many allocations it refused.
struct Limit {
    std::uint64_t most = QAE_UNLIMITED;
    std::uint64_t refused = 0;
};

// A node's reserve of regions of 2 MiB.
struct Reserve {
    std::uint32_t target = 0; // wanted, handed out ones included
    std::uint32_t free = 0;
    std::uint32_t out = 0; // handed out
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
};

// Pinned memory of a node, or of all (the fields after reserve are of the sum only).
struct Memory {
    std::optional<std::int32_t> node;
    std::uint64_t regions = 0;
    std::uint64_t bytes = 0;
    Reserve reserve; // of a node
    std::uint64_t bytes_peak = 0;
    std::uint64_t failures = 0;
    std::uint64_t kernel_bytes = 0;
    std::uint64_t client_peak = 0; // of any one descriptor, ever
    std::uint64_t user_peak = 0;   // of any one user, ever
    std::uint64_t contig_bytes = 0;
    std::uint64_t contig_peak = 0;
    Limit client, user, contig, all;
    std::uint64_t cgroup_refused = 0;
};

// A user with open descriptors; uid nullopt: not known in this user namespace.
struct User {
    std::optional<std::uint32_t> uid;
    std::uint32_t clients = 0;
    std::uint64_t regions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_peak = 0;
    std::uint64_t refused = 0;
};

// What to set; what has no value stays as it is.
struct MemorySettings {
    std::optional<std::uint64_t> client, user, contig, all; // bytes or QAE_UNLIMITED
    std::optional<std::uint32_t> reserve;                   // regions of 2 MiB
    std::optional<std::int32_t> node;                       // of @reserve; none: each

    bool any() const { return client || user || contig || all || reserve; }
};

// The pool of dynamic instances of a service, over all endpoints.
struct Pool {
    std::uint32_t service = 0;
    std::uint32_t available = 0;
    std::uint32_t total = 0;
};

// The attributes of one message, indexed by enum qae_attr, where an attribute occurs once.
class Attributes {
public:
    // Throws std::runtime_error if the message is cut short.
    explicit Attributes(nl_msg *message);

    bool has(qae_attr which) const;
    std::uint32_t number(qae_attr which, std::uint32_t absent = 0) const;
    std::int32_t signed_number(qae_attr which, std::int32_t absent) const;
    std::uint64_t big_number(qae_attr which, std::uint64_t absent = 0) const;
    std::string text(qae_attr which) const;
    // All values of an attribute that occurs several times.
    std::vector<std::uint32_t> numbers(qae_attr which) const;

private:
    const nlattr *find(qae_attr which) const;

    nlattr *first_;
    int length_;
};

Endpoint decode_endpoint(const Attributes &attributes);
Section decode_section(const Attributes &attributes);
Instance decode_instance(const Attributes &attributes);
Client decode_client(const Attributes &attributes);
Memory decode_memory(const Attributes &attributes);
User decode_user(const Attributes &attributes);
Pool decode_pool(const Attributes &attributes);

// Appends what has a value.
void encode_memory_settings(nl_msg *message, const MemorySettings &settings);

// Appends QAE_A_CONFIG. Throws std::length_error if one netlink attribute cannot hold it.
void encode_config(nl_msg *message, const EndpointConfig &config);

} // namespace qae

#endif // QAE_TOOLS_NETLINK_MESSAGES_H
