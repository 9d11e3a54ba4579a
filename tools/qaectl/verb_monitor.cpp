// SPDX-License-Identifier: BSD-3-Clause
// monitor: prints events as they arrive, one line each, until a signal or --count ends it.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <linux/qae_netlink.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "common/text.h"
#include "qaectl/json_output.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

// SIGINT and SIGTERM as a descriptor, so that they end the loop between two events and never inside a line.
class StopSignals {
public:
    StopSignals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd_ < 0) {
            throw std::system_error(errno, std::generic_category(), "signalfd");
        }
    }
    ~StopSignals() { close(fd_); }
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;

    int descriptor() const { return fd_; }

private:
    int fd_ = -1;
};

std::string now() {
    const auto time = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest);
}

std::string event_words(const qae::Event &event) {
    switch (event.command) {
    case QAE_CMD_ENDPOINT_NTF:
        return fmt::format("endpoint {} {} generation {}", qae::endpoint_name(event.endpoint.id),
                           endpoint_state(event.endpoint.state), event.endpoint.generation);
    case QAE_CMD_SECTION_NTF:
        return fmt::format("section {} {}{}", qae::printable(event.section.name, 128),
                           section_state(event.section.state),
                           event.section.holder ? " by " + holder_text(*event.section.holder) : "");
    case QAE_CMD_POOL_NTF:
        return fmt::format("pool {} {} of {} available", service_name(event.pool.service),
                           event.pool.available, event.pool.total);
    default:
        return "lost events: they came faster than they were read; run qaectl status and qaectl sections";
    }
}

void print_event(const qae::Event &event, bool json) {
    if (json) {
        print_json_line(event, now());
    } else {
        fmt::print("{} {}\n", now(), event_words(event));
    }
    std::fflush(stdout); // the reader of a pipe waits for this line
}

} // namespace

int run_monitor(const Options &options) {
    StopSignals signals;
    qae::NetlinkClient client;
    client.subscribe();
    complain("listening");
    std::uint64_t seen = 0;
    for (;;) {
        std::array<pollfd, 2> wait{{{client.descriptor(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        if (wait[1].revents != 0) {
            return kExitOk;
        }
        if (wait[0].revents == 0) {
            continue;
        }
        for (const qae::Event &event : client.receive_events()) {
            print_event(event, options.json);
            if (++seen == options.count) {
                return kExitOk;
            }
        }
        if (std::ferror(stdout)) {
            return kExitFailed;
        }
    }
}

} // namespace qaectl
