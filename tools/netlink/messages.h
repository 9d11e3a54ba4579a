// SPDX-License-Identifier: BSD-3-Clause
// Messages: decodes what the netlink family sends, and encodes configurations and settings for it.
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
    std::uint32_t addresses = QAE_ADDRESSES_NONE;
};

// "qat_dev0"
std::string endpoint_name(std::uint32_t id);

// "0000:3d:00.0"; the domain has more than four digits if it needs them.
std::string pci_address(const Endpoint &endpoint);

// The process that holds something. If it is hidden from this process, nothing else is known about it.
struct Holder {
    bool hidden = true;    // of another user, or outside this pid namespace
    std::uint32_t pid = 0; // 0: hidden, or it has exited and another process has its descriptor
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
    std::string section; // internal name, empty in a pool
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
    // Unknown, and 0, if the holder is hidden.
    std::uint32_t regions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_peak = 0;
    std::uint64_t refused = 0; // allocations that any limit refused
};

// A limit on pinned bytes (or descriptors), and the number of requests that it refused.
struct Limit {
    std::uint64_t most = QAE_UNLIMITED;
    std::uint64_t refused = 0;
};

// The reserve of a NUMA node, in regions of 2 MiB.
struct Reserve {
    std::uint32_t target = 0; // includes those handed out
    std::uint32_t free = 0;
    std::uint32_t out = 0; // handed out
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
};

// Pinned memory of one node, or of all of them. Only the sum has the fields after reserve.
struct Memory {
    std::optional<std::int32_t> node;
    std::uint64_t regions = 0;
    std::uint64_t bytes = 0;
    Reserve reserve; // of one node only
    std::uint64_t bytes_peak = 0;
    std::uint64_t failures = 0;
    std::uint64_t kernel_bytes = 0;
    std::uint64_t client_peak = 0; // largest that any descriptor ever had
    std::uint64_t user_peak = 0;   // largest that any user ever had
    std::uint64_t contig_bytes = 0;
    std::uint64_t contig_peak = 0;
    Limit client, user, contig, all, descriptors;
    std::uint64_t cgroup_refused = 0;
};

// A user with open descriptors. There is no uid if this user namespace does not map it.
struct User {
    std::optional<std::uint32_t> uid;
    std::uint32_t clients = 0;
    std::uint64_t regions = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_peak = 0;
    std::uint64_t refused = 0;
};

// Settings to change; those without a value stay as they are.
struct MemorySettings {
    // Bytes or QAE_UNLIMITED.
    std::optional<std::uint64_t> client{}, user{}, contig{}, all{};
    std::optional<std::uint64_t> descriptors{}; // of one user, or QAE_UNLIMITED
    std::optional<std::uint32_t> reserve{};     // regions of 2 MiB
    std::optional<std::int32_t> node{};         // to which reserve applies; no value: every node

    bool any() const { return client || user || contig || all || descriptors || reserve; }
};

// The pool of dynamic instances of one service on all endpoints.
struct Pool {
    std::uint32_t service = 0;
    std::uint32_t available = 0;
    std::uint32_t total = 0;
};

// The attributes of one message by enum qae_attr. A repeated attribute stands for its first value, except in
// numbers().
class Attributes {
public:
    // Throws std::runtime_error if the message is truncated.
    explicit Attributes(nl_msg *message);

    bool has(qae_attr which) const;
    std::uint32_t number(qae_attr which, std::uint32_t absent = 0) const;
    std::int32_t signed_number(qae_attr which, std::int32_t absent) const;
    std::uint64_t big_number(qae_attr which, std::uint64_t absent = 0) const;
    std::string text(qae_attr which) const;
    // All values of an attribute that may occur several times.
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

// Appends the settings that have a value.
void encode_memory_settings(nl_msg *message, const MemorySettings &settings);

// Appends QAE_A_CONFIG, and QAE_A_CONFIG_MORE if one attribute is not enough. Throws std::length_error if the
// configuration does not fit into the message.
void encode_config(nl_msg *message, const EndpointConfig &config);

} // namespace qae

#endif // QAE_TOOLS_NETLINK_MESSAGES_H
