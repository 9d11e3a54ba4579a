// SPDX-License-Identifier: BSD-3-Clause
// Config jobs: endpoints of the system, each with its configuration, which has been checked.
#ifndef QAE_TOOLS_QAECTL_CONFIG_JOBS_H
#define QAE_TOOLS_QAECTL_CONFIG_JOBS_H

#include <cstddef>
#include <vector>

#include "config/check.h"
#include "netlink/messages.h"
#include "qaectl/options.h"

namespace qaectl {

struct Job {
    qae::Endpoint endpoint;
    qae::CheckedConfig checked;
};

// Reads the files of the endpoints (--config, --config-dir), and checks them on their own and against each
// other. Errors and warnings go to stderr. A job can be used if its file has no errors.
std::vector<Job> prepare_jobs(const std::vector<qae::Endpoint> &endpoints, const Options &options);

// Jobs whose file has errors.
std::size_t count_bad(const std::vector<Job> &jobs);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_CONFIG_JOBS_H
