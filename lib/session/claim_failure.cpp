// SPDX-License-Identifier: BSD-3-Clause
#include "session/claim_failure.h"

#include <linux/qae.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/text.h"
#include "process/device.h"
#include "process/last_error.h"
#include "session/section_name.h"

namespace qae {
namespace {

constexpr NameSource kDriver = {"", ", then run: qaectl reload"};

std::string_view user_name_of(const qae_section_query &section) {
    return text_in_field(section.user_name, sizeof(section.user_name));
}

// All sections of the configuration at this moment. A concurrent reload can make one appear twice or not at
// all, which is good enough: a person reads the list, and no code depends on it.
std::vector<qae_section_query> list_sections() {
    std::vector<qae_section_query> sections;
    for (std::uint32_t index = 0; index < QAE_MAX_SECTIONS * QAE_MAX_PROCESSES; ++index) {
        qae_section_query query{};
        query.size = sizeof(query);
        query.index = index;
        if (Device::instance().ioctl(QAE_IOC_SECTION_QUERY, &query) != 0) {
            break;
        }
        sections.push_back(query);
    }
    return sections;
}

std::vector<std::string> distinct_user_names(const std::vector<qae_section_query> &sections) {
    std::vector<std::string> names;
    for (const auto &section : sections) {
        names.emplace_back(user_name_of(section));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string holders_of(const std::string &user_name, const std::vector<qae_section_query> &sections,
                       std::size_t &number) {
    std::vector<std::string> holders;
    for (const auto &section : sections) {
        if (user_name_of(section) != user_name || section.held == 0) {
            continue;
        }
        const std::string internal(text_in_field(section.section, sizeof(section.section)));
        holders.push_back(section.holder_pid != 0
                              ? fmt::format("{} by process {}", internal, section.holder_pid)
                              : fmt::format("{} by a process that is not visible here", internal));
    }
    number = holders.size();
    return join_bounded(holders);
}

// "qat_dev1 reported an error, qat_dev2 is being reset"
std::string endpoints_out_of_service() {
    std::vector<std::string> parts;
    qae_endpoint_query endpoint{};
    for (;; ++endpoint.endpoint) {
        endpoint.size = sizeof(endpoint);
        if (Device::instance().ioctl(QAE_IOC_ENDPOINT_QUERY, &endpoint) != 0) {
            return join_bounded(parts);
        }
        if (endpoint.state == QAE_ENDPOINT_ERROR || endpoint.state == QAE_ENDPOINT_RESETTING) {
            parts.push_back(
                fmt::format("qat_dev{} {}", endpoint.endpoint,
                            endpoint.state == QAE_ENDPOINT_ERROR ? "reported an error" : "is being reset"));
        }
    }
}

void explain_held(const char *name, int err, const std::vector<qae_section_query> &sections,
                  const std::vector<std::string> &names) {
    const std::string user_name = meant_name(name, names).value_or(name);
    std::size_t number = 0;
    const std::string holders = holders_of(user_name, sections, number);
    if (const std::string out = endpoints_out_of_service(); number == 0 && !out.empty()) {
        fail(err, "no section \"{}\" can be used now: {}; see: qaectl status", printable(user_name), out);
    } else if (number == 0) {
        fail(err, "all sections \"{}\" were held a moment ago; try again", printable(user_name));
    } else if (err == ETIMEDOUT) {
        fail(err, "no section \"{}\" became free within the time that its OnBusy allows; {} held: {}",
             printable(user_name), number, holders);
    } else {
        fail(err, "no section \"{}\" is free; stop a holder or raise NumProcesses; {} held: {}",
             printable(user_name), number, holders);
    }
}

} // namespace

void explain_claim_failure(const char *name, int err) {
    const std::string shown = printable(name);
    // Only these sentences name sections. Do not ask for the list otherwise: there can be thousands.
    const bool names_sections = err == ENOENT || err == EBUSY || err == ETIMEDOUT || err == ENOSPC;
    const auto sections = names_sections ? list_sections() : std::vector<qae_section_query>();
    const auto names = distinct_user_names(sections);

    switch (err) {
    case ENOENT:
        fail_unknown_section(name, names, kDriver);
        break;
    case EBUSY:
    case ETIMEDOUT:
        explain_held(name, err, sections, names);
        break;
    case ENOSPC:
        fail(err,
             "section \"{}\" is configured for 0 processes; raise NumProcesses in the endpoints' files, then "
             "run: qaectl reload",
             printable(meant_name(name, names).value_or(name)));
        break;
    case ENODEV:
        fail(err, "cannot start \"{}\": no endpoint is up; configure the endpoints, then run: qaectl up",
             shown);
        break;
    case EALREADY:
        fail(err,
             "cannot start \"{}\": the application itself claimed a section on the library's descriptor; use "
             "only the library's functions on it",
             shown);
        break;
    case EMSGSIZE:
        fail(err, "the configuration of section \"{}\" keeps changing; try again", shown);
        break;
    default:
        fail(err, "cannot claim section \"{}\": {}", shown, std::strerror(err));
        break;
    }
}

} // namespace qae
