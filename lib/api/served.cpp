// SPDX-License-Identifier: BSD-3-Clause
#include "api/served.h"

#include <atomic>
#include <cstring>
#include <string>

#include "api/find_instance.h"
#include "common/text.h"
#include "plane/loader.h"
#include "process/reject.h"
#include "process/settings.h"
#include "process/simulated_endpoint.h"
#include "session/text_field.h"

namespace qae {
namespace {

// A person who chose a plane should learn that it does nothing for a real device.
void tell_not_simulated(const qae_instance &facts) noexcept {
    static constinit std::atomic<bool> g_told{false};
    if (!g_told.exchange(true)) {
        tell("QAT_USER_PLANE=software: endpoint qat_dev{} is not simulated, and only simulated ones are "
             "served",
             facts.endpoint);
    }
}

bool may_serve(const qae_instance &facts) noexcept {
    if (settings().has_plain_sections()) {
        return true;
    }
    if (is_simulated_endpoint(facts.pci_domain, facts.pci_busdevfn)) {
        return true;
    }
    tell_not_simulated(facts);
    return false;
}

CpaStatus reject_not_served(const qae_instance &facts) noexcept {
    if (!is_plane_chosen()) {
        return reject(
            CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
            "no data plane serves this instance; set QAT_USER_PLANE=software for simulated endpoints "
            "and plain mode");
    }
    if (!may_serve(facts)) {
        return reject(
            CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
            "endpoint qat_dev{} is not simulated, and the software plane serves simulated ones only",
            facts.endpoint);
    }
    return CPA_STATUS_UNSUPPORTED; // the plane cannot be loaded, and the reason is recorded
}

} // namespace

plane::Plane *plane_of(const qae_instance &facts) noexcept {
    return is_plane_chosen() && may_serve(facts) ? chosen_plane() : nullptr;
}

void describe_plane(const qae_instance &facts, CpaInstanceInfo2 &info) noexcept {
    const plane::Plane *plane = plane_of(facts);
    if (plane == nullptr) {
        return;
    }
    print_to(info.partName, "{} plane for {}", plane->name(), text_in_field(facts.type, sizeof(facts.type)));
    info.isOffloaded = plane->is_offloaded() ? CPA_TRUE : CPA_FALSE;
}

CpaStatus find_plane(CpaInstanceHandle handle, plane::Plane *&plane) noexcept {
    qae_instance facts{};
    const CpaStatus status = find_compression(handle, facts);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    plane = plane_of(facts);
    return plane != nullptr ? CPA_STATUS_SUCCESS : reject_not_served(facts);
}

CpaStatus start_queue(CpaInstanceHandle handle, const qae_instance &facts, std::shared_ptr<DcQueue> &made) {
    made = nullptr;
    if (!is_plane_chosen() || !may_serve(facts)) {
        return CPA_STATUS_SUCCESS;
    }
    const auto earlier = Directory::instance().find_to_stop(handle);
    if (earlier != nullptr && !earlier->is_stopped()) {
        return CPA_STATUS_SUCCESS;
    }
    if (earlier != nullptr) {
        stop_queue(handle, earlier); // its last callbacks come before the first of the new queue
    }
    plane::Plane *plane = chosen_plane();
    if (plane == nullptr) {
        return CPA_STATUS_FAIL;
    }
    if (facts.poll_mode == QAE_POLL_INTERRUPT) {
        return reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
                      "the {} plane delivers to clients that poll; set IsPolled = 1 for this instance",
                      plane->name());
    }
    std::unique_ptr<plane::DcInstance> instance = plane->start_dc(DcQueue::kDepth);
    if (instance == nullptr) {
        return reject(CPA_STATUS_FAIL, ENOMEM, "the process is out of ordinary memory");
    }
    auto queue = std::make_shared<DcQueue>(*plane, std::move(instance));
    // If another thread was faster, this queue goes, and it has no requests.
    if (Directory::instance().add(handle, queue)) {
        made = std::move(queue);
    }
    return CPA_STATUS_SUCCESS;
}

CpaStatus explain_no_queue(CpaInstanceHandle handle) noexcept {
    plane::Plane *plane = nullptr;
    const CpaStatus status = find_plane(handle, plane);
    return status != CPA_STATUS_SUCCESS
               ? status
               : reject(CPA_STATUS_FAIL, ENOTCONN, "the instance is not started; call cpaDcStartInstance()");
}

void stop_queue(CpaInstanceHandle handle, const std::shared_ptr<DcQueue> &queue) {
    queue->stop();
    Directory::instance().remove(handle, queue);
}

void drop_unheld_queues() {
    Directory &directory = Directory::instance();
    for (const CpaInstanceHandle handle : directory.handles()) {
        const auto queue = directory.find_to_stop(handle);
        {
            SessionAccess session;
            if (session.instances().find(handle) != nullptr) {
                continue;
            }
        }
        if (queue != nullptr) {
            stop_queue(handle, queue);
        }
    }
}

} // namespace qae
