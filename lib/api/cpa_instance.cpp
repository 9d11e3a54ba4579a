// SPDX-License-Identifier: BSD-3-Clause
// Counting, listing, describing, starting and stopping the instances of this process: cpa.h, cpa_cy_common.h,
// cpa_cy_im.h, cpa_dc.h.
#include <cpa.h>
#include <cpa_cy_common.h>
#include <cpa_cy_im.h>
#include <cpa_dc.h>

#include <algorithm>

#include "api/find_instance.h"
#include "api/served.h"
#include "compression/directory.h"
#include "process/abi.h"
#include "process/reject.h"
#include "session/instance_info.h"
#include "session/session.h"

namespace qae {
namespace {

// Which instances a function is about.
struct Selection {
    CpaStatus status;       // CPA_STATUS_SUCCESS, or the answer to a type that has no instances
    std::uint32_t service;  // qae_service; kNoService: none
    std::uint32_t services; // of a crypto instance, exactly these; 0: any
};

constexpr std::uint32_t kNoService = UINT32_MAX;
constexpr Selection kCrypto = {CPA_STATUS_SUCCESS, QAE_SERVICE_CY, 0};
constexpr Selection kCompression = {CPA_STATUS_SUCCESS, QAE_SERVICE_DC, 0};

Selection selection_of(CpaAccelerationServiceType type) noexcept {
    switch (type) {
    case CPA_ACC_SVC_TYPE_CRYPTO:
        return kCrypto;
    case CPA_ACC_SVC_TYPE_CRYPTO_SYM:
        return {CPA_STATUS_SUCCESS, QAE_SERVICE_CY, QAE_SVC_SYM};
    case CPA_ACC_SVC_TYPE_CRYPTO_ASYM:
        return {CPA_STATUS_SUCCESS, QAE_SERVICE_CY, QAE_SVC_ASYM};
    case CPA_ACC_SVC_TYPE_DATA_COMPRESSION:
        return kCompression;
    case CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION: // a type that clients count, so it has a count: 0
        return {CPA_STATUS_SUCCESS, kNoService, 0};
    case CPA_ACC_SVC_TYPE_RAID:
    case CPA_ACC_SVC_TYPE_XML:
    case CPA_ACC_SVC_TYPE_PATTERN_MATCH: // CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS has the same value
        return {CPA_STATUS_UNSUPPORTED, kNoService, 0};
    default:
        return {CPA_STATUS_INVALID_PARAM, kNoService, 0};
    }
}

auto matches(const Selection &selection) noexcept {
    return [selection](const HeldInstance &held) {
        return held.facts.service == selection.service &&
               (selection.services == 0 ||
                (held.facts.services & (QAE_SVC_SYM | QAE_SVC_ASYM)) == selection.services);
    };
}

CpaStatus reject_service(const Selection &selection) noexcept {
    return reject(selection.status, selection.status == CPA_STATUS_UNSUPPORTED ? EOPNOTSUPP : EINVAL,
                  "the service type is not supported; pass CPA_ACC_SVC_TYPE_CRYPTO, _CRYPTO_SYM, "
                  "_CRYPTO_ASYM or _DATA_COMPRESSION");
}

CpaStatus count_instances(const Selection &selection, Cpa16U *number) noexcept {
    if (number == nullptr) {
        return reject_null("the pointer to the number");
    }
    if (selection.status != CPA_STATUS_SUCCESS) {
        return reject_service(selection);
    }
    ApiCall call;
    SessionAccess session;
    const std::size_t held = session.instances().count(matches(selection));
    *number = static_cast<Cpa16U>(std::min<std::size_t>(held, UINT16_MAX));
    return CPA_STATUS_SUCCESS;
}

CpaStatus list_instances(const Selection &selection, Cpa16U number, CpaInstanceHandle *handles) {
    if (handles == nullptr) {
        return reject_null("the array of handles");
    }
    if (selection.status != CPA_STATUS_SUCCESS) {
        return reject_service(selection);
    }
    if (number == 0) {
        return reject_zero_instances();
    }
    SessionAccess session;
    const auto found = session.instances().list(matches(selection));
    if (found.size() < number) {
        return reject(CPA_STATUS_RESOURCE, ENOSPC,
                      "too few instances in this process: {} requested, {} held; count them first", number,
                      found.size());
    }
    std::copy_n(found.begin(), number, handles);
    return CPA_STATUS_SUCCESS;
}

CpaStatus describe(std::uint32_t service, CpaInstanceHandle handle, CpaInstanceInfo2 *info) noexcept {
    if (info == nullptr) {
        return reject_null("the pointer to the information");
    }
    ApiCall call;
    qae_instance facts{};
    {
        SessionAccess session;
        const HeldInstance *held = find_instance(session, service, handle);
        if (held == nullptr) {
            return CPA_STATUS_INVALID_PARAM;
        }
        facts = held->facts;
        describe_instance(*held, session.section(), *info);
    }
    // Without the session's lock, because it may load the plane.
    describe_plane(facts, *info);
    return CPA_STATUS_SUCCESS;
}

CpaStatus set_started(std::uint32_t service, CpaInstanceHandle handle, bool started) noexcept {
    SessionAccess session;
    HeldInstance *held = find_instance(session, service, handle);
    if (held == nullptr) {
        return CPA_STATUS_INVALID_PARAM;
    }
    if (started && !endpoint_serves(*held)) {
        return reject(CPA_STATUS_FAIL, ENODEV,
                      "endpoint qat_dev{} of this instance is down or gone; qaectl status shows it",
                      held->facts.endpoint);
    }
    held->started = started;
    return CPA_STATUS_SUCCESS;
}

// The queue comes before the state: an instance that is up takes requests.
CpaStatus start_compression(CpaInstanceHandle handle) {
    qae_instance facts{};
    std::shared_ptr<DcQueue> made;
    CpaStatus status = find_compression(handle, facts);
    if (status == CPA_STATUS_SUCCESS) {
        status = start_queue(handle, facts, made);
    }
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    status = set_started(QAE_SERVICE_DC, handle, true);
    // A queue that was running before keeps its requests and sessions.
    if (status != CPA_STATUS_SUCCESS && made != nullptr) {
        stop_queue(handle, made);
    }
    return status;
}

CpaStatus stop_compression(CpaInstanceHandle handle) {
    const CpaStatus status = set_started(QAE_SERVICE_DC, handle, false);
    if (const auto queue = Directory::instance().find_to_stop(handle)) {
        stop_queue(handle, queue);
    }
    return status;
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaGetNumInstances(const CpaAccelerationServiceType accelerationServiceType,
                                        Cpa16U *pNumInstances) {
    return count_instances(selection_of(accelerationServiceType), pNumInstances);
}

QAE_EXPORT CpaStatus cpaCyGetNumInstances(Cpa16U *pNumInstances) {
    return count_instances(kCrypto, pNumInstances);
}

QAE_EXPORT CpaStatus cpaDcGetNumInstances(Cpa16U *pNumInstances) {
    return count_instances(kCompression, pNumInstances);
}

QAE_EXPORT CpaStatus cpaGetInstances(const CpaAccelerationServiceType accelerationServiceType,
                                     Cpa16U numInstances, CpaInstanceHandle *pInstances) {
    return guarded(
        [&] { return list_instances(selection_of(accelerationServiceType), numInstances, pInstances); },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaCyGetInstances(Cpa16U numInstances, CpaInstanceHandle *cyInstances) {
    return guarded([&] { return list_instances(kCrypto, numInstances, cyInstances); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcGetInstances(Cpa16U numInstances, CpaInstanceHandle *dcInstances) {
    return guarded([&] { return list_instances(kCompression, numInstances, dcInstances); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                         CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(kAnyService, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaCyInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                           CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(QAE_SERVICE_CY, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                           CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(QAE_SERVICE_DC, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaCyStartInstance(CpaInstanceHandle instanceHandle) {
    return guarded([&] { return set_started(QAE_SERVICE_CY, instanceHandle, true); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaCyStopInstance(CpaInstanceHandle instanceHandle) {
    return guarded([&] { return set_started(QAE_SERVICE_CY, instanceHandle, false); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcStartInstance(CpaInstanceHandle instanceHandle, Cpa16U numBuffers,
                                        CpaBufferList **intermediateBuffers) {
    if (numBuffers != 0 && intermediateBuffers == nullptr) {
        return reject_null("the array of intermediate buffers");
    }
    return guarded([&] { return start_compression(instanceHandle); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcStopInstance(CpaInstanceHandle instanceHandle) {
    return guarded([&] { return stop_compression(instanceHandle); }, CPA_STATUS_FAIL);
}

} // extern "C"
