// SPDX-License-Identifier: BSD-3-Clause
// up, down, reload, restart: the verbs that change the state of endpoints.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "common/text.h"
#include "config/file.h"
#include "qaectl/config_jobs.h"
#include "qaectl/endpoint_selection.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

using Endpoints = std::vector<qae::Endpoint>;

void say(const qae::Endpoint &endpoint, const std::string &outcome) {
    fmt::print("{}: {}\n", qae::endpoint_name(endpoint.id), outcome);
    std::fflush(stdout); // keeps the order with the messages on stderr
}

void refuse(const qae::Endpoint &endpoint, const std::string &why) {
    complain(fmt::format("{}: {}", qae::endpoint_name(endpoint.id), why));
}

Endpoints select(qae::NetlinkClient &client, const Options &options) {
    const Endpoints all = client.endpoints();
    if (all.empty()) {
        throw NoSuchEndpoint("there is no endpoint: no PCI function is bound to the driver");
    }
    return select_endpoints(all, options.endpoints);
}

std::string file_words(const Job &job) { return qae::printable(job.checked.findings.file(), 4096); }

void report_bad_file(const Job &job, const char *consequence) {
    const std::size_t errors = job.checked.findings.errors();
    refuse(job.endpoint, fmt::format("{}: {} has {} {}", consequence, file_words(job), errors,
                                     errors == 1 ? "error" : "errors"));
}

enum class Attempt {
    done,
    refused,
    overtaken, // Another process brought the endpoint up since it was listed, perhaps with another file.
};

Attempt bring_up(qae::NetlinkClient &client, const Job &job) {
    // An endpoint that is being reset, or reported an error, is not down either; the kernel says why.
    const char *const refusal = job.endpoint.state == QAE_ENDPOINT_DOWN ? "stays down" : "not brought up";
    if (!job.checked.is_good()) {
        report_bad_file(job, refusal);
        return Attempt::refused;
    }
    try {
        client.up(job.endpoint.id, *job.checked.config);
    } catch (const qae::NetlinkError &error) {
        if (error.error() == EALREADY) {
            return Attempt::overtaken;
        }
        refuse(job.endpoint, fmt::format("{}: {} ({})", refusal, explain(error), file_words(job)));
        return Attempt::refused;
    } catch (const std::length_error &error) {
        refuse(job.endpoint, fmt::format("{}: {}: {}", refusal, file_words(job), error.what()));
        return Attempt::refused;
    }
    say(job.endpoint, fmt::format("up ({})", file_words(job)));
    return Attempt::done;
}

// Names the processes that block the change, each with what it holds on the endpoint.
void report_holders(qae::NetlinkClient &client, const qae::Endpoint &endpoint) {
    std::set<std::string> lines;
    for (const qae::Instance &instance : client.instances()) {
        if (instance.endpoint != endpoint.id || !instance.holder) {
            continue;
        }
        const std::string what = instance.section.empty() ? std::string("dynamic instances")
                                                          : "section " + qae::printable(instance.section);
        lines.insert(fmt::format("{} holds {}", holder_text(*instance.holder), what));
    }
    for (const std::string &line : lines) {
        refuse(endpoint, line);
    }
}

bool bring_down(qae::NetlinkClient &client, const qae::Endpoint &endpoint) {
    try {
        client.down(endpoint.id);
    } catch (const qae::NetlinkError &error) {
        if (error.error() == EALREADY) {
            say(endpoint, "is already down");
            return true;
        }
        refuse(endpoint, fmt::format("not taken down: {}", explain(error)));
        if (error.error() == EBUSY) {
            report_holders(client, endpoint);
        }
        return false;
    }
    say(endpoint, "down");
    return true;
}

// Names what has left the configuration and stays until its holder releases it. One listing for all
// endpoints: it has the instances of all of them.
void report_retired(qae::NetlinkClient &client, const Endpoints &reloaded) {
    std::map<std::uint32_t, std::set<std::string>> lines;
    for (const qae::Instance &instance : client.instances()) {
        if (!instance.retired || !instance.holder) {
            continue;
        }
        const std::string what = instance.section.empty()
                                     ? std::string("dynamic instances are")
                                     : "section " + qae::printable(instance.section) + " is";
        lines[instance.endpoint].insert(fmt::format("{} retired until {} releases {}", what,
                                                    holder_text(*instance.holder),
                                                    instance.section.empty() ? "them" : "it"));
    }
    for (const qae::Endpoint &endpoint : reloaded) {
        for (const std::string &line : lines[endpoint.id]) {
            say(endpoint, line);
        }
    }
}

bool reload(qae::NetlinkClient &client, const Job &job) {
    if (!job.checked.is_good()) {
        report_bad_file(job, "not reloaded");
        return false;
    }
    try {
        client.reload(job.endpoint.id, *job.checked.config, job.endpoint.generation);
    } catch (const qae::NetlinkError &error) {
        refuse(job.endpoint, fmt::format("not reloaded: {} ({})", explain(error), file_words(job)));
        if (error.error() == EBUSY) {
            report_holders(client, job.endpoint);
        }
        return false;
    } catch (const std::length_error &error) {
        refuse(job.endpoint, fmt::format("not reloaded: {}: {}", file_words(job), error.what()));
        return false;
    }
    say(job.endpoint, fmt::format("reloaded ({})", file_words(job)));
    return true;
}

// Says what an endpoint that is up does with a file that somebody asked for. False if the command line names
// it.
bool report_already_up(const qae::Endpoint &endpoint, const Options &options) {
    if (options.config.empty()) {
        say(endpoint, "is already up");
        return true;
    }
    refuse(endpoint, fmt::format("is already up, so {} was not read; qaectl reload applies it",
                                 qae::printable(options.config, 4096)));
    return false;
}

// True if the endpoint has a file of its own, or the command line gives one for all.
bool is_configured(const qae::Endpoint &endpoint, const Options &options) {
    std::error_code unknown;
    const std::string path = qae::config_path(options.config_dir, endpoint.type, endpoint.index);
    // A file that cannot be looked at is read, so that the reason is reported.
    return !options.config.empty() || std::filesystem::exists(path, unknown) || unknown;
}

// Drops endpoints that have no file: they are to stay as they are.
void drop_not_configured(Endpoints &endpoints, const Options &options) {
    for (const qae::Endpoint &endpoint : endpoints) {
        if (!is_configured(endpoint, options)) {
            say(endpoint,
                fmt::format("is {}, and there is no {}", endpoint_state(endpoint.state),
                            qae::printable(
                                qae::config_path(options.config_dir, endpoint.type, endpoint.index), 4096)));
        }
    }
    std::erase_if(endpoints, [&](const qae::Endpoint &e) { return !is_configured(e, options); });
}

// Drops endpoints whose device was removed: they only wait for their holders to release them. False if the
// command line names one.
bool drop_gone(Endpoints &endpoints, bool named) {
    bool all_there = true;
    for (const qae::Endpoint &endpoint : endpoints) {
        if (endpoint.state == QAE_ENDPOINT_GONE && named) {
            refuse(endpoint, "the device was removed");
            all_there = false;
        }
    }
    std::erase_if(endpoints, [](const qae::Endpoint &e) { return e.state == QAE_ENDPOINT_GONE; });
    return all_there;
}

// The endpoint as it is now. False if it is not up any more.
bool read_again(qae::NetlinkClient &client, qae::Endpoint &endpoint) {
    for (const qae::Endpoint &now : client.endpoints()) {
        if (now.id == endpoint.id && now.state == QAE_ENDPOINT_UP) {
            endpoint = now;
            return true;
        }
    }
    refuse(endpoint, "another process changed its state; try again");
    return false;
}

// Brings an endpoint up that is down, and reloads one that is up. In the end its file is in force.
bool put_into_force(qae::NetlinkClient &client, Job job, Endpoints &reloaded) {
    if (job.endpoint.state != QAE_ENDPOINT_UP) {
        const Attempt attempt = bring_up(client, job);
        if (attempt != Attempt::overtaken) {
            return attempt == Attempt::done;
        }
        if (!read_again(client, job.endpoint)) {
            return false;
        }
    }
    if (!reload(client, job)) {
        return false;
    }
    reloaded.push_back(job.endpoint);
    return true;
}

bool put_into_force(qae::NetlinkClient &client, const std::vector<Job> &jobs) {
    bool good = true;
    Endpoints reloaded;
    for (const Job &job : jobs) {
        good &= put_into_force(client, job, reloaded);
    }
    if (!reloaded.empty()) {
        report_retired(client, reloaded);
    }
    return good;
}

// Brings endpoints up that are down. Others stay as they are.
bool bring_up_only(qae::NetlinkClient &client, const std::vector<Job> &jobs, const Options &options) {
    bool good = true;
    for (const Job &job : jobs) {
        const Attempt attempt = bring_up(client, job);
        good &= attempt == Attempt::overtaken ? report_already_up(job.endpoint, options)
                                              : attempt == Attempt::done;
    }
    return good;
}

} // namespace

int run_up(const Options &options) {
    qae::NetlinkClient client;
    Endpoints endpoints = select(client, options);
    bool good = drop_gone(endpoints, !options.endpoints.empty());
    if (options.configured) {
        drop_not_configured(endpoints, options);
        // Success means that the files are in force.
        good &= put_into_force(client, prepare_jobs(endpoints, options));
        return good ? kExitOk : kExitFailed;
    }
    for (const qae::Endpoint &endpoint : endpoints) {
        if (endpoint.state == QAE_ENDPOINT_UP) {
            good &= report_already_up(endpoint, options);
        }
    }
    std::erase_if(endpoints, [](const qae::Endpoint &e) { return e.state == QAE_ENDPOINT_UP; });
    good &= bring_up_only(client, prepare_jobs(endpoints, options), options);
    return good ? kExitOk : kExitFailed;
}

int run_down(const Options &options) {
    qae::NetlinkClient client;
    Endpoints endpoints = select(client, options);
    bool good = drop_gone(endpoints, !options.endpoints.empty());
    for (const qae::Endpoint &endpoint : endpoints) {
        if (endpoint.state == QAE_ENDPOINT_DOWN) {
            say(endpoint, "is already down");
        } else {
            good &= bring_down(client, endpoint);
        }
    }
    return good ? kExitOk : kExitFailed;
}

int run_reload(const Options &options) {
    qae::NetlinkClient client;
    Endpoints endpoints = select(client, options);
    bool good = drop_gone(endpoints, !options.endpoints.empty());
    // An endpoint that is down may be so because its file had a mistake that is mended now.
    if (options.endpoints.empty()) {
        Endpoints down = endpoints;
        std::erase_if(down, [](const qae::Endpoint &e) { return e.state == QAE_ENDPOINT_UP; });
        drop_not_configured(down, options);
        std::erase_if(endpoints, [](const qae::Endpoint &e) { return e.state != QAE_ENDPOINT_UP; });
        endpoints.insert(endpoints.end(), down.begin(), down.end());
        std::sort(endpoints.begin(), endpoints.end(),
                  [](const auto &a, const auto &b) { return a.id < b.id; });
    }
    // One bad file stops all: half a reload is worse than none.
    const auto jobs = prepare_jobs(endpoints, options);
    if (count_bad(jobs) != 0) {
        for (const Job &job : jobs) {
            if (!job.checked.is_good()) {
                report_bad_file(job, "nothing was reloaded");
            }
        }
        return kExitFailed;
    }
    good &= put_into_force(client, jobs);
    return good ? kExitOk : kExitFailed;
}

int run_restart(const Options &options) {
    qae::NetlinkClient client;
    Endpoints endpoints = select(client, options);
    bool good = drop_gone(endpoints, !options.endpoints.empty());
    Endpoints reloaded;
    // Check the files first: do not take an endpoint down for a configuration that cannot come up.
    const auto jobs = prepare_jobs(endpoints, options);
    for (const Job &job : jobs) {
        if (!job.checked.is_good()) {
            report_bad_file(job, "not restarted");
            good = false;
        } else if (job.endpoint.state != QAE_ENDPOINT_DOWN && !bring_down(client, job.endpoint)) {
            good = false;
        } else {
            Job down = job;
            down.endpoint.state = QAE_ENDPOINT_DOWN;
            good &= put_into_force(client, down, reloaded);
        }
    }
    if (!reloaded.empty()) {
        report_retired(client, reloaded);
    }
    return good ? kExitOk : kExitFailed;
}

} // namespace qaectl
