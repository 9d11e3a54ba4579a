// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/words.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "common/text.h"
#include "config/services.h"

namespace qaectl {

const char *endpoint_state(std::uint32_t state) {
    switch (state) {
    case QAE_ENDPOINT_DOWN:
        return "down";
    case QAE_ENDPOINT_UP:
        return "up";
    case QAE_ENDPOINT_GONE:
        return "gone";
    case QAE_ENDPOINT_STARTING:
        return "starting";
    case QAE_ENDPOINT_RESETTING:
        return "resetting";
    case QAE_ENDPOINT_ERROR:
        return "error";
    default:
        return "unknown";
    }
}

const char *address_kind(std::uint32_t addresses) {
    switch (addresses) {
    case QAE_ADDRESSES_NONE:
        return nullptr;
    case QAE_ADDRESSES_PHYSICAL:
        return "physical";
    default:
        return "unknown";
    }
}

const char *section_state(std::uint32_t state) {
    switch (state) {
    case QAE_SECTION_FREE:
        return "free";
    case QAE_SECTION_HELD:
        return "held";
    case QAE_SECTION_RETIRED:
        return "retired";
    default:
        return "unknown";
    }
}

const char *service_name(std::uint32_t service) {
    return service < qae::kServiceSpellings.size() ? qae::kServiceSpellings[service].word : "unknown";
}

const char *instance_kind(std::uint32_t kind) {
    switch (kind) {
    case QAE_INSTANCE_STATIC:
        return "static";
    case QAE_INSTANCE_DYN:
        return "dyn";
    case QAE_INSTANCE_KERNEL:
        return "kernel";
    default:
        return "unknown";
    }
}

const char *poll_mode(std::uint32_t poll) {
    switch (poll) {
    case QAE_POLL_INTERRUPT:
        return "interrupt";
    case QAE_POLL_POLLED:
        return "polled";
    case QAE_POLL_EPOLL:
        return "epoll";
    default:
        return "unknown";
    }
}

std::vector<std::string> service_names(std::uint32_t mask) {
    std::vector<std::string> names;
    if (mask & QAE_SVC_SYM) {
        names.emplace_back("sym");
    }
    if (mask & QAE_SVC_ASYM) {
        names.emplace_back("asym");
    }
    if (mask & QAE_SVC_DC) {
        names.emplace_back("dc");
    }
    return names;
}

std::string joined(const std::vector<std::string> &words) { return fmt::format("{}", fmt::join(words, ",")); }

std::string endpoint_list(const std::vector<std::uint32_t> &ids) {
    std::vector<std::string> names;
    for (const std::uint32_t id : ids) {
        names.push_back(qae::endpoint_name(id));
    }
    return joined(names);
}

void say(const std::string &line) noexcept {
    std::fputs(line.c_str(), stderr);
    std::fputc('\n', stderr);
}

void complain(const std::string &text) { say("qaectl: " + text); }

std::string explain(const qae::NetlinkError &error) {
    std::string text = qae::printable(error.what(), 1024);
    switch (error.error()) {
    case EPERM:
    case EACCES:
        return text + ": run it as root";
    case ESTALE:
    case EAGAIN:
        return text + ": run the command again";
    default:
        return text;
    }
}

std::string holder_text(const qae::Holder &holder) {
    const std::string comm = holder.comm.empty() ? std::string("?") : qae::printable(holder.comm);
    if (holder.pid == 0) {
        return fmt::format("a process outside this pid namespace ({})", comm);
    }
    return fmt::format("pid {} ({})", holder.pid, comm);
}

} // namespace qaectl
