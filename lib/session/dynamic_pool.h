// SPDX-License-Identifier: BSD-3-Clause
// Dynamic instances: counting, taking, returning and awaiting those of the pools.
#ifndef QAE_LIB_SESSION_DYNAMIC_POOL_H
#define QAE_LIB_SESSION_DYNAMIC_POOL_H

#include <cpa.h>
#include <linux/qae.h>

#include <cstdint>

namespace qae {

// "crypto" or "compression".
const char *service_name(qae_service service) noexcept;

struct PoolState {
    std::uint32_t available;
    std::uint32_t total;
};

// What the pools hold, of one endpoint or (QAE_ENDPOINT_ANY) of all. Without a driver they hold nothing. 0,
// or -errno with the reason recorded.
int query_pool(qae_service service, std::uint32_t endpoint, PoolState &state) noexcept;

// The halves of icp_sal_user{Cy,Dc}InstancesAlloc… and …FreeInstances behind their argument checks.
CpaStatus take_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                         CpaInstanceHandle *handles);
CpaStatus return_instances(qae_service service, std::uint32_t count, CpaInstanceHandle *handles);

// Sleeps until @count are free at @endpoint; see qaeWaitForDynInstances().
CpaStatus await_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint, int timeout_ms);

} // namespace qae

#endif // QAE_LIB_SESSION_DYNAMIC_POOL_H
