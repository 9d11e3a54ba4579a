// SPDX-License-Identifier: BSD-3-Clause
// check and plan: mistakes in files, and the sections that they would create. Need no module and no
// privileges.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "common/text.h"
#include "config/check.h"
#include "config/file.h"
#include "config/section_plan.h"
#include "qaectl/json_output.h"
#include "qaectl/live_plan.h"
#include "qaectl/table.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

namespace qaectl {
namespace {

// The type comes from --type, else from the file's name; it has no name if neither gives one.
qae::EndpointType type_for(const std::string &path, const Options &options) {
    const std::string type = options.type.empty() ? qae::parse_config_file_name(path).type : options.type;
    return qae::find_endpoint_type(type).value_or(qae::EndpointType());
}

// A file that is given twice is likely a typing mistake, because each file belongs to one endpoint.
void find_repeated_files(std::vector<qae::CheckedConfig> &checked) {
    for (std::size_t i = 1; i < checked.size(); ++i) {
        const std::string &path = checked[i].findings.file();
        const auto same = std::find_if(
            checked.begin(), checked.begin() + static_cast<std::ptrdiff_t>(i), [&](const auto &other) {
                std::error_code ignored;
                return std::filesystem::equivalent(path, other.findings.file(), ignored);
            });
        if (same != checked.begin() + static_cast<std::ptrdiff_t>(i)) {
            checked[i].findings.warning(
                {}, fmt::format("this is the same file as {}", qae::printable(same->findings.file(), 4096)));
        }
    }
}

// Files stand for endpoints 0, 1, 2 … in the order given.
std::vector<qae::CheckedConfig> check_files(const Options &options) {
    std::vector<qae::CheckedConfig> checked;
    for (const std::string &path : options.files) {
        checked.push_back(
            qae::check_file(path, static_cast<std::uint32_t>(checked.size()), type_for(path, options)));
    }
    find_repeated_files(checked);
    qae::check_across(checked);
    return checked;
}

std::vector<qae::Finding> all_findings(const std::vector<qae::CheckedConfig> &checked,
                                       const Options &options) {
    std::vector<qae::Finding> findings;
    for (const qae::CheckedConfig &file : checked) {
        for (qae::Finding &finding : file.findings.sorted()) {
            if (!options.quiet || finding.severity != qae::Severity::note) {
                findings.push_back(std::move(finding));
            }
        }
    }
    return findings;
}

bool is_good(const qae::CheckedConfig &file, const Options &options) {
    return file.is_good() && !(options.strict && file.findings.warnings() != 0);
}

std::vector<qae::PlannedSection> plan_of(const std::vector<qae::CheckedConfig> &checked) {
    std::vector<qae::PlacedConfig> placed;
    for (const qae::CheckedConfig &file : checked) {
        placed.push_back({file.endpoint, &*file.config});
    }
    return qae::plan_sections(placed);
}

void print_plan(const std::vector<qae::PlannedSection> &plan, const std::optional<LiveComparison> &live) {
    Table table({{"SECTION"}, {"NAME"}, {"CY", Align::right}, {"DC", Align::right}, {"ENDPOINTS"}, {"LIVE"}});
    for (std::size_t i = 0; i < plan.size(); ++i) {
        table.add({plan[i].name, plan[i].user_name, fmt::format("{}", plan[i].count(QAE_SERVICE_CY)),
                   fmt::format("{}", plan[i].count(QAE_SERVICE_DC)), endpoint_list(plan[i].endpoints()),
                   live ? live->by_plan[i] : std::string()});
    }
    table.print();
}

int refuse_type(const Options &options) {
    const std::vector<std::string> types = qae::supported_type_names();
    const std::string_view near = qae::nearest(options.type, types);
    complain(fmt::format("--type: there is no type \"{}\"; {}", qae::printable(options.type),
                         near.empty() ? fmt::format("the types are {}", fmt::join(types, ", "))
                                      : fmt::format("did you mean {}?", near)));
    return kExitUsage;
}

bool type_is_bad(const Options &options) {
    return !options.type.empty() && !qae::find_endpoint_type(options.type);
}

} // namespace

int run_check(const Options &options) {
    if (type_is_bad(options)) {
        return refuse_type(options);
    }
    const auto checked = check_files(options);
    const auto findings = all_findings(checked, options);
    if (options.json) {
        print_json(findings);
    } else {
        for (const qae::Finding &finding : findings) {
            fmt::print("{}\n", qae::to_string(finding));
        }
    }
    std::size_t bad = 0;
    for (const qae::CheckedConfig &file : checked) {
        bad += !is_good(file, options);
    }
    if (bad != 0) {
        complain(fmt::format("{} of {} {} would not load", bad, checked.size(),
                             checked.size() == 1 ? "file" : "files"));
    }
    return bad == 0 ? kExitOk : kExitFindings;
}

int run_plan(const Options &options) {
    if (type_is_bad(options)) {
        return refuse_type(options);
    }
    auto checked = check_files(options);
    place_on_live_endpoints(checked);
    const bool good =
        std::all_of(checked.begin(), checked.end(), [&](const auto &file) { return is_good(file, options); });
    for (const qae::Finding &finding : all_findings(checked, options)) {
        if (finding.severity != qae::Severity::note) {
            say(qae::to_string(finding));
        }
    }
    if (!good) {
        complain("no plan: files have errors");
        return kExitFindings;
    }
    const auto plan = plan_of(checked);
    std::vector<std::uint32_t> endpoints;
    for (const qae::CheckedConfig &file : checked) {
        endpoints.push_back(file.endpoint);
    }
    // Without a module there is nothing to compare with, but a plan is still possible.
    const auto live = compare_with_live(plan, endpoints);
    if (options.json) {
        print_json(plan, live ? live->by_plan : std::vector<std::string>());
    } else {
        print_plan(plan, live);
    }
    if (live) {
        for (const std::string &line : live->leaving) {
            complain(line);
        }
    }
    return kExitOk;
}

} // namespace qaectl
