// SPDX-License-Identifier: BSD-3-Clause
// Sleeping until dynamic instances are free, and taking them.
//
// The driver keeps one watch per descriptor, and several threads may wait for different things. So each wait
// has a descriptor of its own, which holds nothing and shares no state with other waits, and no lock is held
// during the wait.
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

#include "common/service_words.h"
#include "process/device.h"
#include "process/device_file.h"
#include "process/last_error.h"
#include "process/reject.h"
#include "process/wait_descriptor.h"
#include "session/dynamic_pool.h"

namespace qae {
namespace {

using Clock = std::chrono::steady_clock;

// The longest wait of a call, in milliseconds; a negative number waits without limit.
class Patience {
public:
    explicit Patience(int timeout_ms) noexcept
        : timeout_ms_(timeout_ms), end_(Clock::now() + std::chrono::milliseconds(std::max(timeout_ms, 0))) {}

    int timeout_ms() const noexcept { return timeout_ms_; }
    bool is_over() const noexcept { return timeout_ms_ >= 0 && Clock::now() >= end_; }

    // For poll(), which takes milliseconds in an int; a longer wait takes several calls.
    int milliseconds_left() const noexcept {
        if (timeout_ms_ < 0) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
        return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
    }

private:
    int timeout_ms_;
    Clock::time_point end_;
};

// The driver ended the wait: the pool shrank, or its endpoint is gone.
CpaStatus explain_end(const qae_pool_watch &watch) {
    const auto service = static_cast<qae_service>(watch.service);
    PoolState pool{};
    return query_pool(service, watch.endpoint, pool) != 0
               ? CPA_STATUS_FAIL
               : reject_too_few_configured(service, watch.count, watch.endpoint, pool.total);
}

CpaStatus reject_late(const qae_pool_watch &watch, const Patience &patience) {
    return reject(CPA_STATUS_RETRY, ETIMEDOUT,
                  "too few dynamic {} instances became free within {} ms: {} requested; wait longer or for "
                  "fewer",
                  service_words(watch.service), patience.timeout_ms(), watch.count);
}

CpaStatus poll_until(int fd, const qae_pool_watch &watch, const Patience &patience) {
    for (;;) {
        pollfd wanted{fd, POLLIN, 0};
        const int ready = poll(&wanted, 1, patience.milliseconds_left());
        if (ready > 0) {
            return (wanted.revents & POLLIN) != 0 ? CPA_STATUS_SUCCESS : explain_end(watch);
        }
        if (ready < 0 && errno != EINTR) {
            return reject(CPA_STATUS_FAIL, errno, "cannot wait for dynamic instances: {}",
                          std::strerror(errno));
        }
        if (patience.is_over()) {
            return reject_late(watch, patience);
        }
    }
}

// Opens the descriptor of a wait and tells the driver what it waits for.
CpaStatus watch_pool(const WaitDescriptor &waiter, qae_pool_watch &watch) {
    if (waiter.get() < 0) {
        return reject(CPA_STATUS_FAIL, -waiter.get(), "cannot open {} to wait for dynamic instances: {}",
                      kDevicePath, std::strerror(-waiter.get()));
    }
    watch.size = sizeof(watch);
    if (ioctl(waiter.get(), QAE_IOC_POOL_WATCH, &watch) != 0) {
        return reject(CPA_STATUS_FAIL, errno, "cannot wait for dynamic instances: {}", std::strerror(errno));
    }
    return CPA_STATUS_SUCCESS;
}

} // namespace

CpaStatus await_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint, int timeout_ms) {
    const Patience patience(timeout_ms);
    const int own = Device::instance().acquire_fd(); // records the reason if there is no driver
    PoolState pool{};
    if (own < 0 || query_pool(service, endpoint, pool) != 0) {
        return CPA_STATUS_FAIL;
    }
    if (pool.total < count) {
        return reject_too_few_configured(service, count, endpoint, pool.total);
    }
    const WaitDescriptor waiter;
    qae_pool_watch watch{};
    watch.service = service;
    watch.endpoint = endpoint;
    watch.count = count;
    const CpaStatus status = watch_pool(waiter, watch);
    return status == CPA_STATUS_SUCCESS ? poll_until(waiter.get(), watch, patience) : status;
}

// Each round sleeps until enough are free, and loses only to another process that took them meanwhile.
CpaStatus take_instances_within(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                                int timeout_ms, CpaInstanceHandle *handles) {
    const Patience patience(timeout_ms);
    CpaStatus status = take_instances(service, count, endpoint, handles);
    if (status == CPA_STATUS_SUCCESS || last_errno() != EBUSY) {
        return status;
    }
    const WaitDescriptor waiter;
    qae_pool_watch watch{};
    watch.service = service;
    watch.endpoint = endpoint;
    watch.count = count;
    status = watch_pool(waiter, watch);
    while (status == CPA_STATUS_SUCCESS) {
        status = poll_until(waiter.get(), watch, patience);
        if (status != CPA_STATUS_SUCCESS) {
            return status;
        }
        status = take_instances(service, count, endpoint, handles);
        if (status == CPA_STATUS_SUCCESS || last_errno() != EBUSY) {
            return status;
        }
        status = patience.is_over() ? reject_late(watch, patience) : CPA_STATUS_SUCCESS;
    }
    return status;
}

} // namespace qae
