// SPDX-License-Identifier: BSD-3-Clause
// Which data plane serves an instance, and its queue.
//
// A plane serves only instances that no device could: those of simulated endpoints, and those of plain mode.
#ifndef QAE_LIB_API_SERVED_H
#define QAE_LIB_API_SERVED_H

#include <cpa_dc.h>
#include <linux/qae.h>

#include <memory>

#include "compression/directory.h"

namespace qae {

// The plane that serves an instance with these facts, loaded if necessary; nullptr if none does. Records a
// reason only if a plane should, and cannot be loaded.
plane::Plane *plane_of(const qae_instance &facts) noexcept;

// Says in @info what the plane makes of the instance, if one serves it.
void describe_plane(const qae_instance &facts, CpaInstanceInfo2 &info) noexcept;

// The plane of a compression instance. CPA_STATUS_INVALID_PARAM, or CPA_STATUS_UNSUPPORTED if none serves it,
// with the reason recorded.
CpaStatus find_plane(CpaInstanceHandle handle, plane::Plane *&plane) noexcept;

// Starts the queue of an instance, unless it has a running one or no plane serves it. @made is the queue that
// this call has started, or nullptr. Call it without a lock: it waits for callbacks of an earlier queue.
CpaStatus start_queue(CpaInstanceHandle handle, const qae_instance &facts, std::shared_ptr<DcQueue> &made);

// Why the directory has no queue for @handle; never CPA_STATUS_SUCCESS.
CpaStatus explain_no_queue(CpaInstanceHandle handle) noexcept;

// Completes the requests of a queue, then forgets it. When it returns, no other thread delivers any more,
// also if one of them stopped the queue first. Call it without a lock: callbacks run.
void stop_queue(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue);

// Stops the queues of instances that this process no longer holds. Call it without a lock: callbacks run.
void drop_unheld_queues();

} // namespace qae

#endif // QAE_LIB_API_SERVED_H
