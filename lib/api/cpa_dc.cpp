// SPDX-License-Identifier: BSD-3-Clause
// Functions of cpa_dc.h that concern an instance as a whole: capabilities, statistics, notification.
#include <cpa_dc.h>
#include <dc/cpa_dc_capabilities.h>

#include "api/find_instance.h"
#include "api/served.h"
#include "process/abi.h"
#include "process/reject.h"

namespace qae {
namespace {

CpaStatus find_capabilities(CpaInstanceHandle handle, CpaDcInstanceCapabilities &capabilities) noexcept {
    qae_instance facts{};
    const CpaStatus status = find_compression(handle, facts);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    capabilities = {};
    if (const plane::Plane *plane = plane_of(facts)) {
        plane->describe_dc(capabilities);
    }
    return CPA_STATUS_SUCCESS;
}

CpaBoolean and_of(CpaBoolean a, CpaBoolean b) noexcept {
    return a == CPA_TRUE && b == CPA_TRUE ? CPA_TRUE : CPA_FALSE;
}

// What both directions of @request must have, if it asks for both.
CpaBoolean of_directions(CpaDcDir direction, CpaBoolean compression, CpaBoolean decompression) noexcept {
    switch (direction) {
    case CPA_DC_DIR_COMPRESS:
        return compression;
    case CPA_DC_DIR_DECOMPRESS:
        return decompression;
    default:
        return and_of(compression, decompression);
    }
}

CpaBoolean window_of(CpaDcDir direction, const CpaDcInstanceCapabilities &can,
                     CpaDcCompWindowSize size) noexcept {
    const auto has = [size](Cpa8U mask) { return (mask >> size & 1) != 0 ? CPA_TRUE : CPA_FALSE; };
    return of_directions(direction, has(can.validWindowSizeMaskCompression),
                         has(can.validWindowSizeMaskDecompression));
}

// The capabilities of deflate; those that CpaDcInstanceCapabilities has no field for are never there.
CpaBoolean deflate_capability(const CpaDcCapabilityReq &request,
                              const CpaDcInstanceCapabilities &can) noexcept {
    const CpaBoolean served =
        of_directions(request.dir, can.statelessDeflateCompression, can.statelessDeflateDecompression);
    const CpaBoolean compresses = request.dir == CPA_DC_DIR_DECOMPRESS ? CPA_FALSE : served;
    switch (request.capId) {
    case CPA_DC_CAP_BOOL_STATELESS:
    case CPA_DC_CAP_BOOL_ZERO_LENGTH_REQ:
        return served;
    case CPA_DC_CAP_BOOL_STATEFUL:
        return of_directions(request.dir, can.statefulDeflateCompression, can.statefulDeflateDecompression);
    case CPA_DC_CAP_BOOL_WINDOW_SIZE_4K:
    case CPA_DC_CAP_BOOL_WINDOW_SIZE_8K:
    case CPA_DC_CAP_BOOL_WINDOW_SIZE_16K:
    case CPA_DC_CAP_BOOL_WINDOW_SIZE_32K:
    case CPA_DC_CAP_BOOL_WINDOW_SIZE_64K:
        return window_of(request.dir, can,
                         static_cast<CpaDcCompWindowSize>(request.capId - CPA_DC_CAP_BOOL_WINDOW_SIZE_4K));
    case CPA_DC_CAP_BOOL_DYNAMIC_HUFFMAN:
        return and_of(compresses, can.dynamicHuffman);
    case CPA_DC_CAP_BOOL_STATIC_HUFFMAN:
        return compresses;
    case CPA_DC_CAP_BOOL_CHECKSUM_CRC32:
        return and_of(served, can.checksumCRC32);
    case CPA_DC_CAP_BOOL_CHECKSUM_ADLER32:
        return and_of(served, can.checksumAdler32);
    case CPA_DC_CAP_BOOL_ASB:
        return and_of(compresses, can.autoSelectBestHuffmanTree);
    case CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY:
        return and_of(compresses, can.compressAndVerify);
    case CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY_N_RECOVER:
        return and_of(compresses, can.compressAndVerifyAndRecover);
    default:
        return CPA_FALSE;
    }
}

CpaStatus check_request(const CpaDcCapabilityReq &request) noexcept {
    if (request.capId > CPA_DC_CAP_BOOL_DICT_ID || request.dir > CPA_DC_DIR_COMBINED ||
        request.algo < CPA_DC_DEFLATE || request.algo > CPA_DC_ZSTD) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                      "the request has no valid format, direction or capability");
    }
    return CPA_STATUS_SUCCESS;
}

CpaStatus query_by_type(CpaInstanceHandle handle, const CpaDcCapabilityReq &request,
                        CpaDcCapabilityResp &response) noexcept {
    CpaDcInstanceCapabilities can{};
    CpaStatus status = check_request(request);
    if (status == CPA_STATUS_SUCCESS) {
        status = find_capabilities(handle, can);
    }
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    response.u64Status = 0;
    if (request.algo != CPA_DC_DEFLATE) {
        return CPA_STATUS_SUCCESS;
    }
    if (request.capId == CPA_DC_CAP_U32_DEFAULT_WINDOW_SIZE) {
        response.u32Status =
            can.statelessDeflateCompression == CPA_TRUE ? static_cast<Cpa32U>(CPA_DC_WINSIZE_32K) : 0;
    } else {
        response.boolStatus = deflate_capability(request, can);
    }
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaDcQueryCapabilities(CpaInstanceHandle dcInstance,
                                            CpaDcInstanceCapabilities *pInstanceCapabilities) {
    if (pInstanceCapabilities == nullptr) {
        return reject_null("the pointer to the capabilities");
    }
    ApiCall call;
    return find_capabilities(dcInstance, *pInstanceCapabilities);
}

QAE_EXPORT CpaStatus cpaDcQueryCapabilityByType(CpaInstanceHandle dcInstance,
                                                CpaDcCapabilityReq capabilityReq,
                                                CpaDcCapabilityResp *pCapabilityResp) {
    if (pCapabilityResp == nullptr) {
        return reject_null("the pointer to the answer");
    }
    ApiCall call;
    return query_by_type(dcInstance, capabilityReq, *pCapabilityResp);
}

QAE_EXPORT CpaStatus cpaDcGetNumIntermediateBuffers(CpaInstanceHandle instanceHandle, Cpa16U *pNumBuffers) {
    if (pNumBuffers == nullptr) {
        return reject_null("the pointer to the number");
    }
    ApiCall call;
    qae_instance facts{};
    const CpaStatus status = find_compression(instanceHandle, facts);
    if (status == CPA_STATUS_SUCCESS) {
        *pNumBuffers = 0;
    }
    return status;
}

QAE_EXPORT CpaStatus cpaDcInstanceSetNotificationCb(
    const CpaInstanceHandle instanceHandle, const CpaDcInstanceNotificationCbFunc pInstanceNotificationCb,
    void *pCallbackTag) {
    ApiCall call;
    SessionAccess session;
    HeldInstance *held = find_instance(session, QAE_SERVICE_DC, instanceHandle);
    if (held == nullptr) {
        return CPA_STATUS_INVALID_PARAM;
    }
    held->notify = pInstanceNotificationCb;
    held->notify_tag = pCallbackTag;
    return CPA_STATUS_SUCCESS;
}

QAE_EXPORT CpaStatus cpaDcSetAddressTranslation(const CpaInstanceHandle instanceHandle,
                                                CpaVirtualToPhysical translation) {
    if (translation == nullptr) {
        return reject_null("the translation");
    }
    ApiCall call;
    qae_instance facts{};
    return find_compression(instanceHandle, facts);
}

QAE_EXPORT CpaStatus cpaDcGetStats(CpaInstanceHandle dcInstance, CpaDcStats *pStatistics) {
    if (pStatistics == nullptr) {
        return reject_null("the pointer to the statistics");
    }
    ApiCall call;
    qae_instance facts{};
    const CpaStatus status = find_compression(dcInstance, facts);
    if (status == CPA_STATUS_SUCCESS) {
        const auto queue = Directory::instance().find(dcInstance);
        *pStatistics = queue != nullptr ? queue->statistics() : CpaDcStats{};
    }
    return status;
}

} // extern "C"
