// SPDX-License-Identifier: BSD-3-Clause
// Netlink client: the family "qae" as functions, with the kernel's sentence when it refuses a request.
#ifndef QAE_TOOLS_NETLINK_CLIENT_H
#define QAE_TOOLS_NETLINK_CLIENT_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "netlink/messages.h"

struct nl_sock;

namespace qae {

// A request that was refused or could not be sent.
class NetlinkError : public std::runtime_error {
public:
    NetlinkError(int error, const std::string &text) : std::runtime_error(text), error_(error) {}
    int error() const { return error_; } // a positive errno

private:
    int error_;
};

// The family does not exist here: the module is not loaded, or it shows the family elsewhere only.
class NoDriver : public NetlinkError {
public:
    NoDriver();
};

struct Event {
    qae_cmd command = QAE_CMD_UNSPEC; // UNSPEC: events were lost, because they were read too slowly
    Endpoint endpoint;                // with QAE_CMD_ENDPOINT_NTF
    Section section;                  // with QAE_CMD_SECTION_NTF
    Pool pool;                        // with QAE_CMD_POOL_NTF
};

class NetlinkClient {
public:
    // Connects and finds the family; throws NoDriver.
    NetlinkClient();

    std::vector<Endpoint> endpoints();
    std::vector<Section> sections();
    std::vector<Instance> instances();
    std::vector<Client> clients();
    Memory memory();
    std::vector<Memory> memory_by_node();
    std::vector<User> users();
    void set_memory(const MemorySettings &settings);

    void up(std::uint32_t endpoint, const EndpointConfig &config);
    void down(std::uint32_t endpoint);
    // With @generation the kernel refuses (ESTALE) if the endpoint has a newer configuration.
    void reload(std::uint32_t endpoint, const EndpointConfig &config,
                std::optional<std::uint32_t> generation);

    // Joins the multicast group. Events arrive at descriptor() from then on. Throws in a network namespace
    // to which the kernel sends none.
    void subscribe();
    int descriptor() const;
    // Pending events; call it when descriptor() is readable.
    std::vector<Event> receive_events();

private:
    using Fill = std::function<void(nl_msg *)>;
    using Take = std::function<void(nl_msg *)>;

    struct Closer {
        void operator()(nl_sock *socket) const;
    };

    void exchange(qae_cmd command, int flags, const Fill &fill, const Take &take);
    template <typename T> std::vector<T> dump(qae_cmd command, T (*decode)(const Attributes &));

    std::unique_ptr<nl_sock, Closer> socket_;
    int family_ = 0;
};

} // namespace qae

#endif // QAE_TOOLS_NETLINK_CLIENT_H
