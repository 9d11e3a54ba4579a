// SPDX-License-Identifier: BSD-3-Clause
// The instance that a handle names.
#ifndef QAE_LIB_API_FIND_INSTANCE_H
#define QAE_LIB_API_FIND_INSTANCE_H

#include <cpa.h>

#include <cstdint>

#include "session/session.h"

namespace qae {

inline constexpr std::uint32_t kAnyService = UINT32_MAX;

// The instance of @handle if it is of @service, a qae_service or kAnyService; nullptr with the reason
// recorded.
// @session holds the lock, so nobody can free the instance while the caller uses it.
HeldInstance *find_instance(SessionAccess &session, std::uint32_t service, CpaInstanceHandle handle) noexcept;

// Copies the facts of a compression instance. CPA_STATUS_INVALID_PARAM with the reason recorded.
CpaStatus find_compression(CpaInstanceHandle handle, qae_instance &facts) noexcept;

} // namespace qae

#endif // QAE_LIB_API_FIND_INSTANCE_H
