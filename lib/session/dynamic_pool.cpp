// SPDX-License-Identifier: BSD-3-Clause
#include "session/dynamic_pool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/service_words.h"
#include "process/device.h"
#include "process/reject.h"
#include "session/session.h"

namespace qae {
namespace {

std::string place_of(std::uint32_t endpoint) {
    return endpoint == QAE_ENDPOINT_ANY ? std::string("all endpoints") : fmt::format("qat_dev{}", endpoint);
}

CpaStatus explain_not_taken(qae_service service, std::uint32_t count, std::uint32_t endpoint, int err) {
    const std::string_view kind = service_words(service);
    const std::string place = place_of(endpoint);
    PoolState pool{};

    if (err == EBADF || (err == EBUSY && query_pool(service, endpoint, pool) != 0) ||
        (err == ENOSPC && query_pool(service, endpoint, pool) != 0)) {
        return CPA_STATUS_FAIL; // the descriptor is lost, and the reason is recorded
    }
    switch (err) {
    case EBUSY:
        return reject(
            CPA_STATUS_FAIL, err,
            "too few dynamic {} instances are free on {}: {} requested, {} free, {} configured; wait "
            "for them or request fewer",
            kind, place, count, pool.available, pool.total);
    case ENOSPC:
        return reject_too_few_configured(service, count, endpoint, pool.total);
    case ENODEV:
        return endpoint == QAE_ENDPOINT_ANY
                   ? reject(CPA_STATUS_FAIL, err,
                            "no endpoint is up; configure the endpoints, then run: qaectl up")
                   : reject(CPA_STATUS_FAIL, err, "endpoint {} is not up; run: qaectl up {}", place, place);
    case ENOTCONN:
        return reject(CPA_STATUS_FAIL, err,
                      "the library's descriptor no longer holds a section; stop and start again");
    default:
        return reject(CPA_STATUS_FAIL, err, "cannot take dynamic {} instances: {}", kind, std::strerror(err));
    }
}

// Returns instances to the driver by their ids. 0 or -errno.
int free_ids(const std::vector<std::uint32_t> &ids) noexcept {
    qae_instance_free request{};
    request.size = sizeof(request);
    request.ids = reinterpret_cast<std::uintptr_t>(ids.data());
    request.count = static_cast<std::uint32_t>(ids.size());
    return Device::instance().ioctl(QAE_IOC_INSTANCE_FREE, &request);
}

// Records why the element at @index is refused; @held is its entry in the table, nullptr if it has none.
void explain_refused(qae_service service, std::uint32_t index, const HeldInstance *held) noexcept {
    if (held == nullptr) {
        fail(EINVAL,
             "element {} is not an instance that this process holds: it was freed, or belongs to another "
             "process",
             index);
    } else if (!held->dynamic()) {
        fail(EINVAL, "element {} is a static instance; icp_sal_userStop() returns it with the section",
             index);
    } else {
        fail(EINVAL, "element {} is a {} instance, and this function is for {} instances", index,
             service_words(held->facts.service), service_words(service));
    }
}

} // namespace

CpaStatus reject_too_few_configured(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                                    std::uint32_t total) {
    return reject(CPA_STATUS_FAIL, ENOSPC,
                  "too few dynamic {} instances are configured on {}: {} requested, {} configured; raise "
                  "Number{}Instances in [DYN]",
                  service_words(service), place_of(endpoint), count, total,
                  service == QAE_SERVICE_CY ? "Cy" : "Dc");
}

int query_pool(qae_service service, std::uint32_t endpoint, PoolState &state) noexcept {
    qae_pool_query query{};
    query.size = sizeof(query);
    query.service = service;
    query.endpoint = endpoint;
    state = {};
    const int fd = Device::instance().acquire_fd();
    if (fd == -ENOENT || fd == -ENODEV || fd == -ENXIO) {
        return 0; // without a driver no endpoint is up and nothing is free
    }
    if (fd < 0) {
        return fd;
    }
    const int err = Device::instance().ioctl(QAE_IOC_POOL_QUERY, &query);
    if (err != 0) {
        return err == -EBADF ? err : fail(-err, "cannot ask for dynamic instances: {}", std::strerror(-err));
    }
    state = {query.available, query.total};
    return 0;
}

// Holds the mutex over the ioctl: a stop in another thread comes either before it, and this call fails, or
// after the handles are in the table, and the stop removes them.
CpaStatus take_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                         CpaInstanceHandle *handles) {
    if (count > InstanceTable::kCapacity) {
        return reject(CPA_STATUS_FAIL, ENOSPC,
                      "too many dynamic {} instances: {} requested, a process can hold {}",
                      service_words(service), count, InstanceTable::kCapacity);
    }
    std::fill_n(handles, count, nullptr);
    SessionAccess session;
    if (!session.started()) {
        return reject(
            CPA_STATUS_FAIL, ENOTCONN,
            "this process has not started; call icp_sal_userStart() first, with \"DYN\" or a section");
    }
    // Check before the table grows: a request for more than is configured must cost nothing.
    PoolState pool{};
    if (query_pool(service, endpoint, pool) != 0) {
        return CPA_STATUS_FAIL;
    }
    if (pool.total != 0 && pool.total < count) {
        return explain_not_taken(service, count, endpoint, ENOSPC);
    }
    // Without a pool, ask the driver for one instance: its answer tells whether the endpoint or the pool is
    // missing. If a pool has appeared meanwhile, that one instance may not be enough.
    const std::uint32_t asked = pool.total != 0 ? count : 1;
    if (!session.instances().reserve(asked)) {
        return reject(CPA_STATUS_FAIL, ENOSPC,
                      "this process holds as many instances as it can; return some first");
    }
    std::vector<qae_instance> taken(asked);
    qae_instance_alloc request{};
    request.size = sizeof(request);
    request.service = service;
    request.endpoint = endpoint;
    request.count = asked;
    request.instance_size = sizeof(qae_instance);
    request.instances = reinterpret_cast<std::uintptr_t>(taken.data());
    const int err = Device::instance().ioctl(QAE_IOC_INSTANCE_ALLOC, &request);
    if (err != 0) {
        return explain_not_taken(service, count, endpoint, -err);
    }
    if (asked < count) {
        free_ids({taken[0].id});
        return explain_not_taken(service, count, endpoint, EBUSY);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        handles[i] = session.instances().insert(taken[i]);
    }
    return CPA_STATUS_SUCCESS;
}

CpaStatus return_instances(qae_service service, std::uint32_t count, CpaInstanceHandle *handles) {
    if (count > InstanceTable::kCapacity) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "too many handles: {} passed, a process can hold {}",
                      count, InstanceTable::kCapacity);
    }
    SessionAccess session;
    InstanceTable &table = session.instances();
    std::vector<std::uint32_t> ids;
    ids.reserve(count);
    CpaStatus status = CPA_STATUS_SUCCESS;

    for (std::uint32_t i = 0; i < count; ++i) {
        if (handles[i] == nullptr) {
            continue;
        }
        HeldInstance *held = table.find(handles[i]);
        if (held == nullptr || !held->dynamic() ||
            held->facts.service != static_cast<std::uint32_t>(service)) {
            if (status == CPA_STATUS_SUCCESS) {
                explain_refused(service, i, held);
                status = CPA_STATUS_INVALID_PARAM;
            }
            continue;
        }
        ids.push_back(held->facts.id);
        table.erase(*held); // now, so that a copy of the handle further on in the array is stale
        handles[i] = nullptr;
    }
    const int err = ids.empty() ? 0 : free_ids(ids);
    if (err == 0 || status != CPA_STATUS_SUCCESS) {
        return status;
    }
    if (err == -ENOENT) {
        return reject(CPA_STATUS_INVALID_PARAM, ENOENT,
                      "the driver no longer had some of these instances; return them only by the library");
    }
    return err == -EBADF
               ? CPA_STATUS_FAIL
               : reject(CPA_STATUS_FAIL, -err, "cannot return dynamic instances: {}", std::strerror(-err));
}

} // namespace qae
