// SPDX-License-Identifier: BSD-3-Clause
// Live plan: what applying a plan would change in the running system, and who holds what changes.
#ifndef QAE_TOOLS_QAECTL_LIVE_PLAN_H
#define QAE_TOOLS_QAECTL_LIVE_PLAN_H

#include <optional>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/section_plan.h"

namespace qaectl {

// Gives each file the accelerator id of the endpoint that its name is for, as far as the system
// has one; false without a driver, and the files keep their numbers.
bool place_on_live_endpoints(std::vector<qae::CheckedConfig> &checked);

struct LiveComparison {
    std::vector<std::string> by_plan; // for each planned section: "new", "same", "changes, held by …"
    std::vector<std::string> leaving; // sentences about live sections that the plan does not have
};

// Looks at the endpoints in @planned only. Nothing without a driver.
std::optional<LiveComparison> compare_with_live(const std::vector<qae::PlannedSection> &plan,
                                                const std::vector<std::uint32_t> &planned);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_LIVE_PLAN_H
