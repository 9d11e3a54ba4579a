// SPDX-License-Identifier: BSD-3-Clause
#include "netlink/client.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

namespace qae {
namespace {

// Room for the largest configuration that an endpoint has ring pairs for: 256 instances of at most 608 bytes,
// in 64 sections. The memory of a message is not touched before it is written.
constexpr std::size_t kLargestMessage = 256 * 1024;
constexpr int kEventBuffer = 1 << 20;
// A dump is repeated if something changed while it was read, which a busy system may do several times.
constexpr int kMostDumpAttempts = 16;

struct MessageFree {
    void operator()(nl_msg *message) const { nlmsg_free(message); }
};
using MessagePtr = std::unique_ptr<nl_msg, MessageFree>;

struct CallbacksPut {
    void operator()(nl_cb *callbacks) const { nl_cb_put(callbacks); }
};
using CallbacksPtr = std::unique_ptr<nl_cb, CallbacksPut>;

// The text of an extended acknowledgement: attributes from @at to the end of the message.
std::string extack_text(const nlmsghdr *header, const char *at) {
    const char *end = reinterpret_cast<const char *>(header) + header->nlmsg_len;
    if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) || at >= end) {
        return {};
    }
    const auto *first = reinterpret_cast<const nlattr *>(at);
    const nlattr *text = nla_find(first, static_cast<int>(end - at), NLMSGERR_ATTR_MSG);
    if (!text) {
        return {};
    }
    const auto *data = static_cast<const char *>(nla_data(text));
    return {data, strnlen(data, static_cast<std::size_t>(nla_len(text)))};
}

// The result of one request. Exceptions must not pass through libnl, which is C, and wait here until it
// returns.
struct Exchange {
    const std::function<void(nl_msg *)> *take = nullptr;
    std::exception_ptr failure;
    int error = 0;
    std::string text;
    bool done = false;
};

int on_valid(nl_msg *message, void *context) {
    auto &exchange = *static_cast<Exchange *>(context);
    try {
        if (exchange.take && *exchange.take) {
            (*exchange.take)(message);
        }
    } catch (...) {
        exchange.failure = std::current_exception();
        exchange.done = true;
        return NL_STOP;
    }
    return NL_OK;
}

int on_ack(nl_msg *, void *context) {
    static_cast<Exchange *>(context)->done = true;
    return NL_STOP;
}

// The message that ends a dump has its own error number.
int on_finish(nl_msg *message, void *context) {
    auto &exchange = *static_cast<Exchange *>(context);
    const nlmsghdr *header = nlmsg_hdr(message);
    exchange.done = true;
    if (nlmsg_datalen(header) >= static_cast<int>(sizeof(int))) {
        int error = 0;
        std::memcpy(&error, nlmsg_data(header), sizeof(error));
        if (error < 0) {
            exchange.error = -error;
            exchange.text =
                extack_text(header, static_cast<char *>(nlmsg_data(header)) + NLMSG_ALIGN(sizeof(int)));
        }
    }
    return NL_STOP;
}

int on_error(sockaddr_nl *, nlmsgerr *error, void *context) {
    auto &exchange = *static_cast<Exchange *>(context);
    const auto *header =
        reinterpret_cast<const nlmsghdr *>(reinterpret_cast<const char *>(error) - NLMSG_HDRLEN);
    const char *after = reinterpret_cast<const char *>(error + 1);
    // The answer repeats the whole request, unless the kernel honoured NETLINK_CAP_ACK.
    if (!(header->nlmsg_flags & NLM_F_CAPPED)) {
        after += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(nlmsghdr);
    }
    exchange.error = -error->error;
    exchange.text = extack_text(header, after);
    exchange.done = true;
    return NL_STOP;
}

int no_sequence_check(nl_msg *, void *) { return NL_OK; }

// Callbacks that pass messages to @exchange, which must outlive them.
CallbacksPtr new_callbacks(Exchange &exchange) {
    CallbacksPtr callbacks(nl_cb_alloc(NL_CB_DEFAULT));
    if (!callbacks) {
        throw std::bad_alloc();
    }
    nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_valid, &exchange);
    return callbacks;
}

// Reads what the socket has. Result: that of nl_recvmsgs().
int receive(nl_sock *socket, nl_cb *callbacks, const Exchange &exchange) {
    const int got = nl_recvmsgs(socket, callbacks);
    if (exchange.failure) {
        std::rethrow_exception(exchange.failure);
    }
    return got;
}

[[noreturn]] void fail(int netlink_error, const char *what) {
    const int error = netlink_error == -NLE_NOMEM ? ENOMEM : netlink_error == -NLE_PERM ? EPERM : EIO;
    throw NetlinkError(error, fmt::format("{}: {}", what, nl_geterror(netlink_error)));
}

MessagePtr new_message(int family, qae_cmd command, int flags) {
    MessagePtr message(nlmsg_alloc_size(kLargestMessage));
    if (!message || !genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags,
                                 static_cast<std::uint8_t>(command), QAE_GENL_VERSION)) {
        throw std::bad_alloc();
    }
    return message;
}

void put_u32(nl_msg *message, qae_attr which, std::uint32_t value) {
    const int error = nla_put_u32(message, which, value);
    if (error < 0) {
        fail(error, "cannot build the request");
    }
}

// Nothing if the message is of another kind.
std::optional<Event> decode_event(nl_msg *message) {
    Event event;
    const auto *header = static_cast<const genlmsghdr *>(nlmsg_data(nlmsg_hdr(message)));
    const Attributes attributes(message);
    event.command = static_cast<qae_cmd>(header->cmd);
    switch (event.command) {
    case QAE_CMD_ENDPOINT_NTF:
        event.endpoint = decode_endpoint(attributes);
        return event;
    case QAE_CMD_SECTION_NTF:
        event.section = decode_section(attributes);
        return event;
    case QAE_CMD_POOL_NTF:
        event.pool = decode_pool(attributes);
        return event;
    default:
        return std::nullopt;
    }
}

// Whether this is the network namespace that the kernel began with. Only that one has settings of the whole
// machine in this folder. If there is no folder, it cannot be said; then it counts as the first one.
bool in_first_network_namespace() {
    return access("/proc/sys/net/core", F_OK) != 0 ||
           access("/proc/sys/net/core/netdev_max_backlog", F_OK) == 0;
}

} // namespace

NoDriver::NoDriver()
    : NetlinkError(ENODEV,
                   access("/sys/module/qae", F_OK) == 0
                       ? "the driver is loaded, but this network namespace does not have its netlink "
                         "family \"qae\"; run qaectl in the host's network namespace"
                       : "the driver is not loaded (there is no netlink family \"qae\"); run as root: "
                         "modprobe qae") {}

void NetlinkClient::Closer::operator()(nl_sock *socket) const { nl_socket_free(socket); }

NetlinkClient::NetlinkClient() : socket_(nl_socket_alloc()) {
    if (!socket_) {
        throw std::bad_alloc();
    }
    int error = genl_connect(socket_.get());
    if (error < 0) {
        fail(error, "cannot open a netlink socket");
    }
    const int one = 1;
    // Kernels have both since 4.12. Without them a refusal has a number and no sentence.
    (void)setsockopt(nl_socket_get_fd(socket_.get()), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
    (void)setsockopt(nl_socket_get_fd(socket_.get()), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
    error = nl_socket_set_buffer_size(socket_.get(), kEventBuffer, kEventBuffer);
    if (error < 0) {
        fail(error, "cannot enlarge the netlink socket's buffers");
    }
    // Beyond the limit of the system, which may be less than a large configuration needs; without
    // CAP_NET_ADMIN the limit stays.
    const int room = kEventBuffer;
    (void)setsockopt(nl_socket_get_fd(socket_.get()), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    family_ = genl_ctrl_resolve(socket_.get(), QAE_GENL_NAME);
    if (family_ < 0) {
        throw NoDriver();
    }
}

void NetlinkClient::exchange(qae_cmd command, int flags, const Fill &fill, const Take &take) {
    const MessagePtr message = new_message(family_, command, flags);
    if (fill) {
        fill(message.get());
    }
    Exchange exchange;
    exchange.take = &take;
    const CallbacksPtr callbacks = new_callbacks(exchange);
    nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_ack, &exchange);
    nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &exchange);
    nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &exchange);
    const int sent = nl_send_auto(socket_.get(), message.get());
    if (sent < 0) {
        fail(sent, "cannot send the request");
    }
    while (!exchange.done) {
        const int got = receive(socket_.get(), callbacks.get(), exchange);
        if (got == -NLE_DUMP_INTR) {
            throw NetlinkError(EAGAIN, "the listing changed while it was read");
        }
        if (got < 0 && !exchange.done) {
            fail(got, "cannot receive the answer");
        }
    }
    if (exchange.error != 0) {
        throw NetlinkError(exchange.error,
                           exchange.text.empty() ? std::strerror(exchange.error) : exchange.text);
    }
}

template <typename T> std::vector<T> NetlinkClient::dump(qae_cmd command, T (*decode)(const Attributes &)) {
    for (int attempt = 1;; ++attempt) {
        std::vector<T> result;
        try {
            exchange(command, NLM_F_REQUEST | NLM_F_DUMP, nullptr,
                     [&](nl_msg *message) { result.push_back(decode(Attributes(message))); });
            return result;
        } catch (const NetlinkError &error) {
            if (error.error() != EAGAIN || attempt == kMostDumpAttempts) {
                throw;
            }
        }
    }
}

std::vector<Endpoint> NetlinkClient::endpoints() { return dump(QAE_CMD_ENDPOINT_GET, decode_endpoint); }
std::vector<Section> NetlinkClient::sections() { return dump(QAE_CMD_SECTION_GET, decode_section); }
std::vector<Instance> NetlinkClient::instances() { return dump(QAE_CMD_INSTANCE_GET, decode_instance); }
std::vector<Client> NetlinkClient::clients() { return dump(QAE_CMD_CLIENT_GET, decode_client); }
std::vector<Memory> NetlinkClient::memory_by_node() { return dump(QAE_CMD_MEMORY_GET, decode_memory); }

std::vector<User> NetlinkClient::users() { return dump(QAE_CMD_USER_GET, decode_user); }

void NetlinkClient::set_memory(const MemorySettings &settings) {
    const auto fill = [&](nl_msg *message) { encode_memory_settings(message, settings); };
    exchange(QAE_CMD_MEMORY_SET, NLM_F_REQUEST | NLM_F_ACK, fill, nullptr);
}

Memory NetlinkClient::memory() {
    Memory memory;
    exchange(QAE_CMD_MEMORY_GET, NLM_F_REQUEST | NLM_F_ACK, nullptr,
             [&](nl_msg *message) { memory = decode_memory(Attributes(message)); });
    return memory;
}

void NetlinkClient::up(std::uint32_t endpoint, const EndpointConfig &config) {
    const auto fill = [&](nl_msg *message) {
        put_u32(message, QAE_A_ENDPOINT_ID, endpoint);
        encode_config(message, config);
    };
    exchange(QAE_CMD_ENDPOINT_UP, NLM_F_REQUEST | NLM_F_ACK, fill, nullptr);
}

void NetlinkClient::down(std::uint32_t endpoint) {
    const auto fill = [&](nl_msg *message) { put_u32(message, QAE_A_ENDPOINT_ID, endpoint); };
    exchange(QAE_CMD_ENDPOINT_DOWN, NLM_F_REQUEST | NLM_F_ACK, fill, nullptr);
}

void NetlinkClient::reload(std::uint32_t endpoint, const EndpointConfig &config,
                           std::optional<std::uint32_t> generation) {
    const auto fill = [&](nl_msg *message) {
        put_u32(message, QAE_A_ENDPOINT_ID, endpoint);
        if (generation) {
            put_u32(message, QAE_A_GENERATION, *generation);
        }
        encode_config(message, config);
    };
    exchange(QAE_CMD_CONFIG_RELOAD, NLM_F_REQUEST | NLM_F_ACK, fill, nullptr);
}

void NetlinkClient::subscribe() {
    if (!in_first_network_namespace()) {
        throw NetlinkError(EOPNOTSUPP,
                           "the kernel sends no events to this network namespace; run the command in the "
                           "host's: nsenter --net=/proc/1/ns/net, from outside the container");
    }
    const int group = genl_ctrl_resolve_grp(socket_.get(), QAE_GENL_NAME, QAE_GENL_MCGRP_EVENTS);
    if (group < 0) {
        fail(group, "cannot find the multicast group of events");
    }
    const int error = nl_socket_add_membership(socket_.get(), group);
    if (error < 0) {
        fail(error, "cannot subscribe to events");
    }
    nl_socket_set_nonblocking(socket_.get());
}

int NetlinkClient::descriptor() const { return nl_socket_get_fd(socket_.get()); }

std::vector<Event> NetlinkClient::receive_events() {
    std::vector<Event> events;
    const Take take = [&](nl_msg *message) {
        if (auto event = decode_event(message)) {
            events.push_back(std::move(*event));
        }
    };
    Exchange exchange;
    exchange.take = &take;
    const CallbacksPtr callbacks = new_callbacks(exchange);
    nl_cb_set(callbacks.get(), NL_CB_SEQ_CHECK, NL_CB_CUSTOM, no_sequence_check, nullptr);
    const int got = receive(socket_.get(), callbacks.get(), exchange);
    if (got == -NLE_NOMEM) { // ENOBUFS: the queue was full, and events were dropped
        events.push_back(Event{});
    } else if (got < 0 && got != -NLE_AGAIN && got != -NLE_INTR) {
        fail(got, "cannot receive events");
    }
    return events;
}

} // namespace qae
