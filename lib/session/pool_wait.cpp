// SPDX-License-Identifier: BSD-3-Clause
// Sleeping until dynamic instances are free.
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
#include "process/reject.h"
#include "process/wait_descriptor.h"
#include "session/dynamic_pool.h"

namespace qae {
namespace {

using Clock = std::chrono::steady_clock;

// poll() takes milliseconds in an int; a longer wait takes several calls. -1 waits without limit.
int milliseconds_left(bool for_ever, Clock::time_point deadline) noexcept {
    if (for_ever) {
        return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
}

// The driver ended the wait: the pool shrank, or its endpoint is gone.
CpaStatus explain_end(const qae_pool_watch &watch) {
    const auto service = static_cast<qae_service>(watch.service);
    PoolState pool{};
    return query_pool(service, watch.endpoint, pool) != 0
               ? CPA_STATUS_FAIL
               : reject_too_few_configured(service, watch.count, watch.endpoint, pool.total);
}

CpaStatus poll_until(int fd, const qae_pool_watch &watch, int timeout_ms) {
    const bool for_ever = timeout_ms < 0;
    const auto deadline = Clock::now() + std::chrono::milliseconds(std::max(timeout_ms, 0));

    for (;;) {
        pollfd wanted{fd, POLLIN, 0};
        const int ready = poll(&wanted, 1, milliseconds_left(for_ever, deadline));
        if (ready > 0) {
            return (wanted.revents & POLLIN) != 0 ? CPA_STATUS_SUCCESS : explain_end(watch);
        }
        if (ready < 0 && errno != EINTR) {
            return reject(CPA_STATUS_FAIL, errno, "cannot wait for dynamic instances: {}",
                          std::strerror(errno));
        }
        if (!for_ever && Clock::now() >= deadline) {
            return reject(CPA_STATUS_RETRY, ETIMEDOUT,
                          "too few dynamic {} instances became free within {} ms: {} requested; wait longer "
                          "or for fewer",
                          service_words(watch.service), timeout_ms, watch.count);
        }
    }
}

} // namespace

CpaStatus await_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint, int timeout_ms) {
    const int own = Device::instance().acquire_fd(); // records the reason if there is no driver
    PoolState pool{};
    if (own < 0 || query_pool(service, endpoint, pool) != 0) {
        return CPA_STATUS_FAIL;
    }
    if (pool.total < count) {
        return reject_too_few_configured(service, count, endpoint, pool.total);
    }
    const WaitDescriptor waiter;
    if (waiter.get() < 0) {
        return reject(CPA_STATUS_FAIL, -waiter.get(), "cannot open {} to wait for dynamic instances: {}",
                      kDevicePath, std::strerror(-waiter.get()));
    }
    qae_pool_watch watch{};
    watch.size = sizeof(watch);
    watch.service = service;
    watch.endpoint = endpoint;
    watch.count = count;
    if (ioctl(waiter.get(), QAE_IOC_POOL_WATCH, &watch) != 0) {
        return reject(CPA_STATUS_FAIL, errno, "cannot wait for dynamic instances: {}", std::strerror(errno));
    }
    return poll_until(waiter.get(), watch, timeout_ms);
}

} // namespace qae
