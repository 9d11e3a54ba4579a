// SPDX-License-Identifier: BSD-3-Clause
// Live plan: what a plan would change in the running system, and which processes hold what it changes.
#ifndef QAE_TOOLS_QAECTL_LIVE_PLAN_H
#define QAE_TOOLS_QAECTL_LIVE_PLAN_H

#include <optional>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/section_plan.h"

namespace qaectl {

// Gives each file the accelerator id of the endpoint that its name stands for, if the system has that
// endpoint. Without a driver it returns false and changes nothing.
bool place_on_live_endpoints(std::vector<qae::CheckedConfig> &checked);

struct LiveComparison {
    std::vector<std::string> by_plan; // for each planned section: "new", "same", "changes, held by …"
    std::vector<std::string> leaving; // one sentence for each live section that the plan lacks
};

// Compares only sections on the endpoints in @planned. No result without a driver.
std::optional<LiveComparison> compare_with_live(const std::vector<qae::PlannedSection> &plan,
                                                const std::vector<std::uint32_t> &planned);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_LIVE_PLAN_H
