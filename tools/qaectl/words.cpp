// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/words.h"

#include <fmt/format.h>

#include <algorithm>
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
    case QAE_ADDRESSES_IOVA:
        return "iova";
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
    if (holder.hidden) {
        return "a process of another user or outside this pid namespace";
    }
    const std::string comm = holder.comm.empty() ? std::string("?") : qae::printable(holder.comm);
    if (holder.pid == 0) {
        return fmt::format("a descriptor that {} opened before it exited", comm);
    }
    return fmt::format("pid {} ({})", holder.pid, comm);
}

bool natural_less(const std::string &a, const std::string &b) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto digits = [&](const std::string &text, std::size_t at) {
        std::size_t end = at;
        while (end < text.size() && is_digit(text[end])) {
            ++end;
        }
        return end - at;
    };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        const std::size_t in_a = digits(a, i), in_b = digits(b, j);
        // The kernel writes numbers without leading zeroes, so the longer one is larger.
        const std::size_t take_a = std::max<std::size_t>(in_a, 1), take_b = std::max<std::size_t>(in_b, 1);
        if (in_a != 0 && in_b != 0 && in_a != in_b) {
            return in_a < in_b;
        }
        const int order = a.compare(i, take_a, b, j, take_b);
        if (order != 0) {
            return order < 0;
        }
        i += take_a;
        j += take_b;
    }
    return a.size() - i < b.size() - j;
}

} // namespace qaectl
