// SPDX-License-Identifier: BSD-3-Clause
// Functions of cpa_dc.h for sessions, and the headers and footers of their streams.
#include <cpa_dc.h>
#include <icp_sal_user.h>

#include "api/served.h"
#include "compression/buffers.h"
#include "compression/framing.h"
#include "compression/setup.h"
#include "process/abi.h"
#include "process/reject.h"

namespace qae {
namespace {

// The planes keep sessions themselves. The sizes are not 0, because clients allocate the memory without
// looking, and an allocation of 0 bytes fails.
constexpr Cpa32U kSessionSize = 512;
constexpr Cpa32U kContextSize = 4096;

CpaStatus check_with(const plane::Plane &plane, const CpaDcSessionSetupData &setup) noexcept {
    CpaDcInstanceCapabilities capabilities{};
    plane.describe_dc(capabilities);
    return check_setup(setup, capabilities);
}

CpaStatus size_session(CpaInstanceHandle handle, const CpaDcSessionSetupData &setup, Cpa32U &session,
                       Cpa32U &context) noexcept {
    plane::Plane *plane = nullptr;
    CpaStatus status = find_plane(handle, plane);
    if (status == CPA_STATUS_SUCCESS) {
        status = check_with(*plane, setup);
    }
    if (status == CPA_STATUS_SUCCESS) {
        session = kSessionSize;
        context = setup.sessState == CPA_DC_STATEFUL ? kContextSize : 0;
    }
    return status;
}

CpaStatus open_session(CpaInstanceHandle handle, CpaDcSessionHandle address,
                       const CpaDcSessionSetupData &setup, CpaDcCallbackFn callback) {
    Directory &directory = Directory::instance();
    const auto queue = directory.find(handle);
    if (queue == nullptr) {
        return explain_no_queue(handle);
    }
    if (!is_pinned(address, kSessionSize, "session")) {
        return CPA_STATUS_INVALID_PARAM;
    }
    CpaStatus status = check_with(queue->plane(), setup);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    auto session = std::make_shared<DcSession>();
    session->queue = queue;
    session->setup = setup;
    session->callback = callback;
    if (setup.sessState == CPA_DC_STATEFUL) {
        session->stream = queue->plane().open_stream(setup);
        if (session->stream == nullptr) {
            return reject(CPA_STATUS_FAIL, ENOMEM, "the process is out of ordinary memory");
        }
    }
    return directory.add_session(handle, address, std::move(session));
}

// Calls @change with the session of an instance.
template <class Change>
CpaStatus with_session(CpaInstanceHandle handle, CpaDcSessionHandle address, Change &&change) {
    const auto [queue, session] = Directory::instance().find(handle, address);
    if (queue == nullptr) {
        return explain_no_queue(handle);
    }
    if (session == nullptr || session->queue != queue) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is not a session of this instance", address);
    }
    return change(*queue, *session);
}

CpaStatus update_session(DcQueue &queue, DcSession &session, const CpaDcSessionUpdateData &change) noexcept {
    CpaDcInstanceCapabilities capabilities{};
    queue.plane().describe_dc(capabilities);
    const CpaStatus status = check_level_and_codes(change.compLevel, change.huffType, capabilities);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    if (session.stream != nullptr || change.enableDmm != CPA_FALSE) {
        return reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
                      "only level and codes of a stateless session can be changed");
    }
    return queue.update(session, change);
}

// The session that compresses at an address, of whatever instance.
CpaStatus find_compressing(CpaDcSessionHandle address, std::shared_ptr<DcSession> &session) noexcept {
    session = Directory::instance().find_session(address);
    if (session == nullptr || !compresses(session->setup.sessDirection)) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is not a session that compresses", address);
    }
    return CPA_STATUS_SUCCESS;
}

// Without a session there is no plane to ask. Of the setup only this concerns headers and footers.
CpaStatus check_framing(const CpaDcNsSetupData *setup) noexcept {
    if (setup == nullptr) {
        return reject_null("the pointer to the setup");
    }
    if (!compresses(setup->sessDirection) || setup->sessDirection > CPA_DC_DIR_COMBINED ||
        setup->compLevel < CPA_DC_L1 || setup->compLevel > CPA_DC_L12 || setup->checksum < CPA_DC_NONE ||
        setup->checksum > CPA_DC_XXHASH64) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                      "the setup has no valid direction, level or checksum");
    }
    return setup->compType == CPA_DC_DEFLATE
               ? CPA_STATUS_SUCCESS
               : reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP, "only deflate has headers and footers here");
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaDcGetSessionSize(CpaInstanceHandle dcInstance, CpaDcSessionSetupData *pSessionData,
                                         Cpa32U *pSessionSize, Cpa32U *pContextSize) {
    if (pSessionData == nullptr || pSessionSize == nullptr || pContextSize == nullptr) {
        return reject_null("the pointer to the setup or to a size");
    }
    ApiCall call;
    return size_session(dcInstance, *pSessionData, *pSessionSize, *pContextSize);
}

QAE_EXPORT CpaStatus cpaDcInitSession(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                      CpaDcSessionSetupData *pSessionData, CpaBufferList *,
                                      CpaDcCallbackFn callbackFn) {
    if (pSessionHandle == nullptr || pSessionData == nullptr) {
        return reject_null("the session or the pointer to its setup");
    }
    return guarded([&] { return open_session(dcInstance, pSessionHandle, *pSessionData, callbackFn); },
                   CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcResetSession(const CpaInstanceHandle dcInstance,
                                       CpaDcSessionHandle pSessionHandle) {
    ApiCall call;
    return with_session(dcInstance, pSessionHandle,
                        [](DcQueue &queue, DcSession &session) { return queue.reset(session); });
}

QAE_EXPORT CpaStatus cpaDcUpdateSession(const CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                        CpaDcSessionUpdateData *pSessionUpdateData) {
    if (pSessionUpdateData == nullptr) {
        return reject_null("the pointer to the change");
    }
    ApiCall call;
    return with_session(dcInstance, pSessionHandle, [&](DcQueue &queue, DcSession &session) {
        return update_session(queue, session, *pSessionUpdateData);
    });
}

QAE_EXPORT CpaStatus cpaDcRemoveSession(const CpaInstanceHandle dcInstance,
                                        CpaDcSessionHandle pSessionHandle) {
    ApiCall call;
    return with_session(dcInstance, pSessionHandle, [&](DcQueue &queue, DcSession &session) {
        const CpaStatus status = queue.remove(session);
        if (status == CPA_STATUS_SUCCESS) {
            Directory::instance().remove_session(pSessionHandle);
        }
        return status;
    });
}

QAE_EXPORT CpaStatus icp_sal_cnv_simulate_error(CpaInstanceHandle dcInstance,
                                                CpaDcSessionHandle pSessionHandle) {
    ApiCall call;
    return with_session(dcInstance, pSessionHandle, [](DcQueue &queue, DcSession &session) {
        queue.spoil_next(session);
        return CPA_STATUS_SUCCESS;
    });
}

QAE_EXPORT CpaStatus cpaDcGenerateHeader(CpaDcSessionHandle pSessionHandle, CpaFlatBuffer *pDestBuff,
                                         Cpa32U *count) {
    ApiCall call;
    std::shared_ptr<DcSession> session;
    const CpaStatus status = find_compressing(pSessionHandle, session);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    const CpaDcSessionSetupData setup = session->queue->setup_of(*session);
    return write_header(setup.checksum, setup.compLevel, pDestBuff, count);
}

QAE_EXPORT CpaStatus cpaDcGenerateFooter(CpaDcSessionHandle pSessionHandle, CpaFlatBuffer *pDestBuff,
                                         CpaDcRqResults *pResults) {
    ApiCall call;
    std::shared_ptr<DcSession> session;
    const CpaStatus status = find_compressing(pSessionHandle, session);
    return status == CPA_STATUS_SUCCESS
               ? write_footer(session->setup.checksum, session->queue->compressed_by(*session), pDestBuff,
                              pResults)
               : status;
}

QAE_EXPORT CpaStatus cpaDcNsGenerateHeader(CpaDcNsSetupData *pSetupData, CpaFlatBuffer *pDestBuff,
                                           Cpa32U *count) {
    const CpaStatus status = check_framing(pSetupData);
    return status == CPA_STATUS_SUCCESS
               ? write_header(pSetupData->checksum, pSetupData->compLevel, pDestBuff, count)
               : status;
}

QAE_EXPORT CpaStatus cpaDcNsGenerateFooter(CpaDcNsSetupData *pSetupData, Cpa64U totalLength,
                                           CpaFlatBuffer *pDestBuff, CpaDcRqResults *pResults) {
    const CpaStatus status = check_framing(pSetupData);
    return status == CPA_STATUS_SUCCESS ? write_footer(pSetupData->checksum, totalLength, pDestBuff, pResults)
                                        : status;
}

} // extern "C"
