// SPDX-License-Identifier: BSD-3-Clause
// The API's description of an instance, from the facts that the driver gave at the claim and its present
// state.
#ifndef QAE_LIB_SESSION_INSTANCE_INFO_H
#define QAE_LIB_SESSION_INSTANCE_INFO_H

#include <cpa.h>

#include "session/instance_table.h"

namespace qae {

// Asks the driver whether the endpoint of @instance is up.
bool endpoint_serves(const HeldInstance &instance) noexcept;

// Fills @info completely; @section is the internal section that a static instance belongs to.
void describe_instance(const HeldInstance &instance, const char *section, CpaInstanceInfo2 &info) noexcept;

} // namespace qae

#endif // QAE_LIB_SESSION_INSTANCE_INFO_H
