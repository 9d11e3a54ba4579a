// SPDX-License-Identifier: BSD-3-Clause
// The API's description of an instance, from the facts that the driver gave at the claim and its present
// state.
#ifndef QAE_LIB_SESSION_INSTANCE_INFO_H
#define QAE_LIB_SESSION_INSTANCE_INFO_H

#include <cpa.h>

#include "session/instance_table.h"

namespace qae {

// The present enum qae_endpoint_state of the instance's endpoint: QAE_ENDPOINT_GONE if the driver no longer
// has the instance. In plain mode endpoints are always up.
std::uint32_t endpoint_state_of(const HeldInstance &instance) noexcept;

// Whether the endpoint of @instance is up.
bool endpoint_serves(const HeldInstance &instance) noexcept;

// Fills @info completely; @section is the internal section that a static instance belongs to.
void describe_instance(const HeldInstance &instance, const char *section, CpaInstanceInfo2 &info) noexcept;

} // namespace qae

#endif // QAE_LIB_SESSION_INSTANCE_INFO_H
