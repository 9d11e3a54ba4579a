// SPDX-License-Identifier: BSD-3-Clause
// memory: pinned memory, its users, and its limits.
#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "qaectl/json_output.h"
#include "qaectl/memory_conf.h"
#include "qaectl/sizes.h"
#include "qaectl/table.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

// The kernel says what is wrong with a reserve, but not which one of several it means or what to do.
void set_one(qae::NetlinkClient &client, const qae::MemorySettings &settings) {
    try {
        client.set_memory(settings);
    } catch (const qae::NetlinkError &error) {
        if (!settings.reserve || (error.error() != ENXIO && error.error() != EINVAL)) {
            throw;
        }
        const std::string node = settings.node ? fmt::format("node {}", *settings.node) : "each node";
        const char *way_out =
            error.error() == ENXIO ? "qaectl memory lists the nodes" : "ask for fewer regions";
        throw qae::NetlinkError(error.error(),
                                fmt::format("the reserve of {}: {}; {}", node, error.what(), way_out));
    }
}

// Applies each part on its own. A node that this machine does not have is a warning: a file may serve several
// machines. Whatever else the kernel refuses is a failure.
bool apply_all(qae::NetlinkClient &client, const ManySettings &many) {
    bool good = true;
    for (const qae::MemorySettings &settings : many) {
        try {
            set_one(client, settings);
        } catch (const qae::NetlinkError &error) {
            if (error.error() == EPERM || error.error() == EACCES) {
                throw;
            }
            const bool absent = settings.node && error.error() == ENXIO;
            complain(fmt::format("{}{}", absent ? "warning: " : "not applied: ", explain(error)));
            good &= absent;
        }
    }
    return good;
}

MemoryReport read_report(qae::NetlinkClient &client) {
    MemoryReport report;
    for (const qae::Memory &node : client.memory_by_node()) {
        if (node.node) {
            report.nodes.push_back(node);
        }
    }
    report.users = client.users();
    for (const qae::Client &one : client.clients()) {
        report.largest_client = std::max(report.largest_client, one.bytes);
        report.others_hidden |= one.holder.hidden;
    }
    for (const qae::User &one : report.users) {
        report.largest_user = std::max(report.largest_user, one.bytes);
        report.most_descriptors = std::max<std::uint64_t>(report.most_descriptors, one.clients);
    }
    report.sum = client.memory(); // last, so that no peak is older than what it is the peak of
    return report;
}

void print_nodes(const MemoryReport &report) {
    Table table({{"NODE"},
                 {"REGIONS", Align::right},
                 {"PINNED", Align::right},
                 {"PEAK", Align::right},
                 {"KERNEL", Align::right},
                 {"FAILURES", Align::right},
                 {"RESERVE", Align::right},
                 {"FREE", Align::right},
                 {"OUT", Align::right},
                 {"HITS", Align::right},
                 {"MISSES", Align::right}});
    const qae::Memory &sum = report.sum;
    table.add({"all",
               number(sum.regions),
               size_text(sum.bytes),
               size_text(sum.bytes_peak),
               size_text(sum.kernel_bytes),
               number(sum.failures),
               {},
               {},
               {},
               {},
               {}});
    for (const qae::Memory &row : report.nodes) {
        table.add({fmt::format("{}", *row.node),
                   number(row.regions),
                   size_text(row.bytes),
                   {},
                   {},
                   {},
                   number(row.reserve.target),
                   number(row.reserve.free),
                   number(row.reserve.out),
                   number(row.reserve.hits),
                   number(row.reserve.misses)});
    }
    table.print();
}

void print_limits(const MemoryReport &report) {
    const qae::Memory &sum = report.sum;
    Table table({{"LIMIT"},
                 {"BYTES", Align::right},
                 {"NOW", Align::right},
                 {"PEAK", Align::right},
                 {"REFUSED", Align::right},
                 {"OF"}});
    const auto add = [&](const char *name, const qae::Limit &limit, std::uint64_t now, std::uint64_t peak,
                         const char *what) {
        table.add(
            {name, exact_size(limit.most), size_text(now), size_text(peak), number(limit.refused), what});
    };
    const bool hidden = report.others_hidden;
    add("client", sum.client, report.largest_client, sum.client_peak,
        hidden ? "each descriptor; the largest that you may see" : "each descriptor; the largest is shown");
    add("user", sum.user, report.largest_user, sum.user_peak,
        hidden ? "each user; the largest that you may see" : "each user; the largest is shown");
    add("contig", sum.contig, sum.contig_bytes, sum.contig_peak, "all regions above 4 MiB");
    add("all", sum.all, sum.bytes, sum.bytes_peak, "everything, kernel users included");
    table.add({"cgroup", {}, {}, {}, number(sum.cgroup_refused), "set in each memory cgroup"});
    table.add({"descriptors",
               sum.descriptors.most == QAE_UNLIMITED ? "none" : number(sum.descriptors.most),
               number(report.most_descriptors),
               {},
               number(sum.descriptors.refused),
               hidden ? "not bytes: descriptors of each user; the most that you may see"
                      : "not bytes: descriptors of each user; the most are shown"});
    table.print();
}

void print_users(const MemoryReport &report) {
    Table table({{"USER"},
                 {"UID", Align::right},
                 {"DESCRIPTORS", Align::right},
                 {"REGIONS", Align::right},
                 {"PINNED", Align::right},
                 {"PEAK", Align::right},
                 {"REFUSED", Align::right}});
    for (const qae::User &user : report.users) {
        const passwd *entry = user.uid ? getpwuid(*user.uid) : nullptr;
        table.add({entry ? entry->pw_name : "?", user.uid ? number(*user.uid) : std::string(),
                   number(user.clients), number(user.regions), size_text(user.bytes),
                   size_text(user.bytes_peak), number(user.refused)});
    }
    table.print();
}

void print_report(const MemoryReport &report, MemoryAction action) {
    if (action != MemoryAction::limit) {
        print_nodes(report);
    }
    if (action == MemoryAction::show) {
        fmt::print("\n");
    }
    if (action != MemoryAction::reserve) {
        print_limits(report);
    }
    if (action == MemoryAction::show && !report.users.empty()) {
        fmt::print("\n");
        print_users(report);
    }
}

} // namespace

int run_memory(const Options &options) {
    const MemoryAction action = options.memory.action;
    ManySettings many{options.memory.settings};
    if (action == MemoryAction::apply) {
        // Read the file before looking for a driver: a mistake is reported even without one.
        auto read = read_memory_conf(options.memory.file);
        if (!read) {
            return kExitFailed;
        }
        many = std::move(*read);
    }
    qae::NetlinkClient client;
    if (action == MemoryAction::apply) {
        return apply_all(client, many) ? kExitOk : kExitFailed;
    }
    if (many.front().any()) {
        set_one(client, many.front());
    }
    const MemoryReport report = read_report(client);
    if (options.json) {
        print_json(report);
    } else {
        print_report(report, action);
    }
    return kExitOk;
}

} // namespace qaectl
