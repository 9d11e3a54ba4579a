// SPDX-License-Identifier: BSD-3-Clause
// What the API tells about an instance, from what the driver told at the claim and tells now.
#ifndef QAE_LIB_SESSION_INSTANCE_INFO_H
#define QAE_LIB_SESSION_INSTANCE_INFO_H

#include <cpa.h>

#include "session/instance_table.h"

namespace qae {

// Whether the endpoint of @instance still serves. Asks the driver.
bool endpoint_serves(const HeldInstance &instance) noexcept;

// Fills all of @info; @section is the internal section that a static instance belongs to.
void describe_instance(const HeldInstance &instance, const char *section, CpaInstanceInfo2 &info) noexcept;

} // namespace qae

#endif // QAE_LIB_SESSION_INSTANCE_INFO_H
