// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/config_jobs.h"

#include <algorithm>
#include <set>

#include "config/file.h"
#include "kernel/model/model.h"
#include "qaectl/words.h"

namespace qaectl {

namespace {

// The driver's own spelling. A newer driver may have types that this tool cannot measure.
qae::EndpointType type_of(const qae::Endpoint &endpoint) {
    return {endpoint.type, qae_model_by_type(endpoint.type.c_str()), {}};
}

} // namespace

std::vector<Job> prepare_jobs(const std::vector<qae::Endpoint> &endpoints, const Options &options) {
    std::vector<qae::CheckedConfig> checked;
    for (const qae::Endpoint &endpoint : endpoints) {
        const std::string path = options.config.empty()
                                     ? qae::config_path(options.config_dir, endpoint.type, endpoint.index)
                                     : options.config;
        checked.push_back(qae::check_file(path, endpoint.id, type_of(endpoint)));
    }
    qae::check_across(checked);
    std::vector<Job> jobs;
    std::set<std::string> printed; // --config gives the same findings for every endpoint
    for (std::size_t i = 0; i < checked.size(); ++i) {
        for (const qae::Finding &finding : checked[i].findings.sorted()) {
            if (finding.severity != qae::Severity::note && printed.insert(qae::to_string(finding)).second) {
                say(qae::to_string(finding));
            }
        }
        jobs.push_back({endpoints[i], std::move(checked[i])});
    }
    return jobs;
}

std::size_t count_bad(const std::vector<Job> &jobs) {
    return static_cast<std::size_t>(
        std::count_if(jobs.begin(), jobs.end(), [](const Job &job) { return !job.checked.is_good(); }));
}

} // namespace qaectl
