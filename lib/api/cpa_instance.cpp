// SPDX-License-Identifier: BSD-3-Clause
// Counting, listing, describing, starting and stopping the instances of this process: cpa.h, cpa_cy_common.h,
// cpa_cy_im.h, cpa_dc.h.
#include <cpa.h>
#include <cpa_cy_common.h>
#include <cpa_cy_im.h>
#include <cpa_dc.h>

#include <algorithm>

#include "process/abi.h"
#include "process/reject.h"
#include "session/instance_info.h"
#include "session/session.h"

namespace qae {
namespace {

// Which instances a function is about.
struct Selection {
    bool known;
    std::uint32_t service;  // qae_service
    std::uint32_t services; // exactly these of a crypto instance; 0: whichever
};

constexpr Selection kCrypto = {true, QAE_SERVICE_CY, 0};
constexpr Selection kCompression = {true, QAE_SERVICE_DC, 0};

Selection selection_of(CpaAccelerationServiceType type) noexcept {
    switch (type) {
    case CPA_ACC_SVC_TYPE_CRYPTO:
        return kCrypto;
    case CPA_ACC_SVC_TYPE_CRYPTO_SYM:
        return {true, QAE_SERVICE_CY, QAE_SVC_SYM};
    case CPA_ACC_SVC_TYPE_CRYPTO_ASYM:
        return {true, QAE_SERVICE_CY, QAE_SVC_ASYM};
    case CPA_ACC_SVC_TYPE_DATA_COMPRESSION:
        return kCompression;
    default:
        return {false, 0, 0};
    }
}

auto matches(const Selection &selection) noexcept {
    return [selection](const HeldInstance &held) {
        return held.facts.service == selection.service &&
               (selection.services == 0 ||
                (held.facts.services & (QAE_SVC_SYM | QAE_SVC_ASYM)) == selection.services);
    };
}

CpaStatus count_instances(const char *function, const Selection &selection, Cpa16U *number) noexcept {
    if (number == nullptr) {
        return reject_null(function, "the number");
    }
    if (!selection.known) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{}: this service is not offered", function);
    }
    ApiCall call;
    SessionAccess session;
    const std::size_t held = session.instances().count(matches(selection));
    *number = static_cast<Cpa16U>(std::min<std::size_t>(held, UINT16_MAX));
    return CPA_STATUS_SUCCESS;
}

CpaStatus list_instances(const char *function, const Selection &selection, Cpa16U number,
                         CpaInstanceHandle *handles) {
    if (handles == nullptr) {
        return reject_null(function, "the array of handles");
    }
    if (number == 0) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{}: the number of instances is 0", function);
    }
    if (!selection.known) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{}: this service is not offered", function);
    }
    SessionAccess session;
    const auto found = session.instances().list(matches(selection));
    if (found.size() < number) {
        return reject(CPA_STATUS_RESOURCE, ENOSPC, "{}: {} instances were asked for, this process has {}",
                      function, number, found.size());
    }
    std::copy_n(found.begin(), number, handles);
    return CPA_STATUS_SUCCESS;
}

// The instance of @handle if it is one of @selection; nullptr with the reason recorded. The session stays
// locked, so that it cannot be freed meanwhile.
HeldInstance *find_instance(SessionAccess &session, const char *function, const Selection *selection,
                            CpaInstanceHandle handle) noexcept {
    HeldInstance *held = session.instances().find(handle);
    if (held == nullptr) {
        fail(EINVAL, "{}: {} is not an instance that this process holds", function, fmt::ptr(handle));
        return nullptr;
    }
    if (selection != nullptr && held->facts.service != selection->service) {
        fail(EINVAL, "{}: the instance is of the other service", function);
        return nullptr;
    }
    return held;
}

CpaStatus describe(const char *function, const Selection *selection, CpaInstanceHandle handle,
                   CpaInstanceInfo2 *info) noexcept {
    if (info == nullptr) {
        return reject_null(function, "the information");
    }
    ApiCall call;
    SessionAccess session;
    const HeldInstance *held = find_instance(session, function, selection, handle);
    if (held == nullptr) {
        return CPA_STATUS_INVALID_PARAM;
    }
    describe_instance(*held, session.section(), *info);
    return CPA_STATUS_SUCCESS;
}

CpaStatus set_started(const char *function, const Selection &selection, CpaInstanceHandle handle,
                      bool started) noexcept {
    ApiCall call;
    SessionAccess session;
    HeldInstance *held = find_instance(session, function, &selection, handle);
    if (held == nullptr) {
        return CPA_STATUS_INVALID_PARAM;
    }
    if (started && !endpoint_serves(*held)) {
        return reject(CPA_STATUS_FAIL, ENODEV, "{}: endpoint qat_dev{} of this instance is gone or down",
                      function, held->facts.endpoint);
    }
    held->started = started;
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaGetNumInstances(const CpaAccelerationServiceType accelerationServiceType,
                                        Cpa16U *pNumInstances) {
    return count_instances(__func__, selection_of(accelerationServiceType), pNumInstances);
}

QAE_EXPORT CpaStatus cpaCyGetNumInstances(Cpa16U *pNumInstances) {
    return count_instances(__func__, kCrypto, pNumInstances);
}

QAE_EXPORT CpaStatus cpaDcGetNumInstances(Cpa16U *pNumInstances) {
    return count_instances(__func__, kCompression, pNumInstances);
}

QAE_EXPORT CpaStatus cpaGetInstances(const CpaAccelerationServiceType accelerationServiceType,
                                     Cpa16U numInstances, CpaInstanceHandle *pInstances) {
    const char *function = __func__;
    return guarded(
        [&] {
            return list_instances(function, selection_of(accelerationServiceType), numInstances, pInstances);
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaCyGetInstances(Cpa16U numInstances, CpaInstanceHandle *cyInstances) {
    const char *function = __func__;
    return guarded([&] { return list_instances(function, kCrypto, numInstances, cyInstances); },
                   CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcGetInstances(Cpa16U numInstances, CpaInstanceHandle *dcInstances) {
    const char *function = __func__;
    return guarded([&] { return list_instances(function, kCompression, numInstances, dcInstances); },
                   CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                         CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(__func__, nullptr, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaCyInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                           CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(__func__, &kCrypto, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                           CpaInstanceInfo2 *pInstanceInfo2) {
    return describe(__func__, &kCompression, instanceHandle, pInstanceInfo2);
}

QAE_EXPORT CpaStatus cpaCyStartInstance(CpaInstanceHandle instanceHandle) {
    return set_started(__func__, kCrypto, instanceHandle, true);
}

QAE_EXPORT CpaStatus cpaCyStopInstance(CpaInstanceHandle instanceHandle) {
    return set_started(__func__, kCrypto, instanceHandle, false);
}

QAE_EXPORT CpaStatus cpaDcStartInstance(CpaInstanceHandle instanceHandle, Cpa16U numBuffers,
                                        CpaBufferList **intermediateBuffers) {
    if (numBuffers != 0 && intermediateBuffers == nullptr) {
        return reject_null(__func__, "the array of intermediate buffers");
    }
    return set_started(__func__, kCompression, instanceHandle, true);
}

QAE_EXPORT CpaStatus cpaDcStopInstance(CpaInstanceHandle instanceHandle) {
    return set_started(__func__, kCompression, instanceHandle, false);
}

} // extern "C"
