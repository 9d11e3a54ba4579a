// SPDX-License-Identifier: BSD-3-Clause
// Dynamic instances: counting, taking, returning and awaiting those of the pools.
#ifndef QAE_LIB_SESSION_DYNAMIC_POOL_H
#define QAE_LIB_SESSION_DYNAMIC_POOL_H

#include <cpa.h>
#include <linux/qae.h>

#include <cstdint>

namespace qae {

struct PoolState {
    std::uint32_t available;
    std::uint32_t total;
};

// Counts the pool of one endpoint, or of all together (QAE_ENDPOINT_ANY). Without a driver the counts are 0.
// 0, or -errno with the reason recorded.
int query_pool(qae_service service, std::uint32_t endpoint, PoolState &state) noexcept;

// icp_sal_user{Cy,Dc}InstancesAlloc…() and …FreeInstances() after their argument checks.
CpaStatus take_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                         CpaInstanceHandle *handles);
CpaStatus return_instances(qae_service service, std::uint32_t count, CpaInstanceHandle *handles);

// The refusal of a request that no return of instances can satisfy.
CpaStatus reject_too_few_configured(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                                    std::uint32_t total);

// Sleeps until @count instances are free on @endpoint; see qaeWaitForDynInstances().
CpaStatus await_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint, int timeout_ms);

// Takes instances as take_instances() does, and waits until enough are free; see qaeAllocDynInstances().
CpaStatus take_instances_within(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                                int timeout_ms, CpaInstanceHandle *handles);

} // namespace qae

#endif // QAE_LIB_SESSION_DYNAMIC_POOL_H
