// SPDX-License-Identifier: BSD-3-Clause
#include "session/dynamic_pool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "process/device.h"
#include "process/reject.h"
#include "session/session.h"

namespace qae {
namespace {

std::string place_of(std::uint32_t endpoint) {
    return endpoint == QAE_ENDPOINT_ANY ? std::string("all endpoints") : fmt::format("qat_dev{}", endpoint);
}

CpaStatus explain_not_taken(qae_service service, std::uint32_t count, std::uint32_t endpoint, int err) {
    const char *kind = service_name(service);
    const std::string place = place_of(endpoint);
    PoolState pool{};

    if (err == EBADF || (err == EBUSY && query_pool(service, endpoint, pool) != 0) ||
        (err == ENOSPC && query_pool(service, endpoint, pool) != 0)) {
        return CPA_STATUS_FAIL; // the descriptor is lost, and that reason stands
    }
    switch (err) {
    case EBUSY:
        return reject(CPA_STATUS_FAIL, err,
                      "{} dynamic {} instances were asked for, of the {} of {} are {} free now", count, kind,
                      pool.total, place, pool.available);
    case ENOSPC:
        return reject(CPA_STATUS_FAIL, err,
                      "{} dynamic {} instances were asked for, {} in all are configured on {}: raise "
                      "Number{}Instances in [DYN]",
                      count, kind, pool.total, place, service == QAE_SERVICE_CY ? "Cy" : "Dc");
    case ENODEV:
        return endpoint == QAE_ENDPOINT_ANY
                   ? reject(CPA_STATUS_FAIL, err, "no endpoint is up; configure and start them: qaectl up")
                   : reject(CPA_STATUS_FAIL, err, "there is no endpoint {} that is up", place);
    case ENOTCONN:
        return reject(CPA_STATUS_FAIL, err,
                      "the library's descriptor holds no section any more: stop and start again");
    default:
        return reject(CPA_STATUS_FAIL, err, "cannot take dynamic {} instances: {}", kind, std::strerror(err));
    }
}

// Returns ids to the driver; 0 or -errno.
int free_ids(const std::vector<std::uint32_t> &ids) noexcept {
    qae_instance_free request{};
    request.size = sizeof(request);
    request.ids = reinterpret_cast<std::uintptr_t>(ids.data());
    request.count = static_cast<std::uint32_t>(ids.size());
    return Device::instance().ioctl(QAE_IOC_INSTANCE_FREE, &request);
}

// Records why @handle is refused; @held is what the table knows of it.
void explain_refused(qae_service service, std::uint32_t index, const HeldInstance *held) noexcept {
    if (held == nullptr) {
        fail(EINVAL, "element {} is not an instance that this process holds: freed before, or not its own",
             index);
    } else if (!held->dynamic()) {
        fail(EINVAL, "element {} is a static instance: it goes with the section, at icp_sal_userStop", index);
    } else {
        fail(EINVAL, "element {} is not a dynamic {} instance but one of the other service", index,
             service_name(service));
    }
}

} // namespace

const char *service_name(qae_service service) noexcept {
    return service == QAE_SERVICE_CY ? "crypto" : "compression";
}

int query_pool(qae_service service, std::uint32_t endpoint, PoolState &state) noexcept {
    qae_pool_query query{};
    query.size = sizeof(query);
    query.service = service;
    query.endpoint = endpoint;
    state = {};
    const int fd = Device::instance().acquire_fd();
    if (fd == -ENOENT || fd == -ENODEV || fd == -ENXIO) {
        return 0; // no driver, so no endpoint is up and nothing is free
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

// The mutex is held over the ioctl: a stop in another thread comes before it (and this fails) or after the
// handles are in the table (and takes them out again).
CpaStatus take_instances(qae_service service, std::uint32_t count, std::uint32_t endpoint,
                         CpaInstanceHandle *handles) {
    if (count > InstanceTable::kCapacity) {
        return reject(CPA_STATUS_FAIL, ENOSPC,
                      "{} dynamic {} instances were asked for, more than a process can hold", count,
                      service_name(service));
    }
    std::fill_n(handles, count, nullptr);
    SessionAccess session;
    if (!session.started()) {
        return reject(CPA_STATUS_FAIL, ENOTCONN,
                      "this process has not started; icp_sal_userStart(\"DYN\") or a section comes first");
    }
    // Before the table grows: a count that nobody configured must cost nothing.
    PoolState pool{};
    if (query_pool(service, endpoint, pool) != 0) {
        return CPA_STATUS_FAIL;
    }
    if (pool.total != 0 && pool.total < count) {
        return explain_not_taken(service, count, endpoint, ENOSPC);
    }
    // With no pool at all the driver is asked for one instance: it says whether the endpoint or the pool is
    // missing. Should there be a pool by now, that one is not enough.
    const std::uint32_t asked = pool.total != 0 ? count : 1;
    if (!session.instances().reserve(asked)) {
        return reject(CPA_STATUS_FAIL, ENOSPC, "this process holds as many instances as it can");
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
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} handles are more than a process can hold", count);
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
        table.erase(*held); // at once: the same handle further on in the array is stale
        handles[i] = nullptr;
    }
    const int err = ids.empty() ? 0 : free_ids(ids);
    if (err == 0 || status != CPA_STATUS_SUCCESS) {
        return status;
    }
    if (err == -ENOENT) {
        return reject(CPA_STATUS_INVALID_PARAM, ENOENT,
                      "the driver had taken some of these instances back already, past the library");
    }
    return err == -EBADF
               ? CPA_STATUS_FAIL
               : reject(CPA_STATUS_FAIL, -err, "cannot return dynamic instances: {}", std::strerror(-err));
}

} // namespace qae
