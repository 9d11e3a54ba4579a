// SPDX-License-Identifier: BSD-3-Clause
// Functions of cpa_dc.h that submit requests.
#include <cpa_dc.h>

#include "api/served.h"
#include "compression/setup.h"
#include "process/abi.h"
#include "process/reject.h"

namespace qae {
namespace {

CpaStatus check_session(const DcQueue &queue, const DcOrder &order, CpaDcSessionHandle address) noexcept {
    if (order.session == nullptr || order.session->queue.get() != &queue) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is not a session of this instance", address);
    }
    const CpaDcSessionDir direction = order.session->setup.sessDirection;
    const bool fits =
        order.direction == CPA_DC_DIR_COMPRESS ? compresses(direction) : decompresses(direction);
    return fits ? CPA_STATUS_SUCCESS
                : reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the session is for the other direction");
}

CpaStatus check_setup_of(const DcQueue &queue, const DcOrder &order) noexcept {
    if (order.setup->sessState != CPA_DC_STATELESS) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "a request without a session is CPA_DC_STATELESS");
    }
    CpaDcSessionSetupData setup = *order.setup;
    setup.sessDirection = order.direction;
    CpaDcInstanceCapabilities capabilities{};
    queue.plane().describe_dc(capabilities);
    return check_setup(setup, capabilities);
}

CpaStatus submit_counted(DcQueue &queue, const DcOrder &order, CpaStatus checked) {
    const CpaStatus status = checked == CPA_STATUS_SUCCESS ? queue.submit(order) : checked;
    if (status == CPA_STATUS_INVALID_PARAM || status == CPA_STATUS_UNSUPPORTED) {
        queue.count_refused(order.direction);
    }
    return status;
}

CpaStatus submit_of_session(CpaInstanceHandle handle, CpaDcSessionHandle address, DcOrder &order) {
    if (order.results == nullptr) {
        return reject_null("the pointer to the results");
    }
    auto [queue, session] = Directory::instance().find(handle, address);
    if (queue == nullptr) {
        return explain_no_queue(handle);
    }
    order.session = std::move(session);
    return submit_counted(*queue, order, check_session(*queue, order, address));
}

CpaStatus submit_alone(CpaInstanceHandle handle, const CpaDcOpData *options, DcOrder &order) {
    if (order.results == nullptr || order.setup == nullptr || options == nullptr) {
        return reject_null("the pointer to the setup, the options or the results");
    }
    const auto queue = Directory::instance().find(handle);
    if (queue == nullptr) {
        return explain_no_queue(handle);
    }
    order.options = *options;
    return submit_counted(*queue, order, check_setup_of(*queue, order));
}

DcOrder order_of(CpaDcSessionDir direction, const CpaBufferList *source, const CpaBufferList *destination,
                 CpaDcRqResults *results, void *tag) {
    DcOrder order;
    order.direction = direction;
    order.source = source;
    order.destination = destination;
    order.results = results;
    order.tag = tag;
    return order;
}

CpaStatus submit_with_options(CpaInstanceHandle handle, CpaDcSessionHandle address,
                              const CpaDcOpData *options, DcOrder order) {
    if (options == nullptr) {
        return reject_null("the pointer to the options");
    }
    order.options = *options;
    return submit_of_session(handle, address, order);
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaDcCompressData(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                       CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                       CpaDcRqResults *pResults, CpaDcFlush flushFlag, void *callbackTag) {
    return guarded(
        [&] {
            DcOrder order = order_of(CPA_DC_DIR_COMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag);
            order.options.flushFlag = flushFlag;
            order.verify_if_stateless = true;
            return submit_of_session(dcInstance, pSessionHandle, order);
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcCompressData2(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                        CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                        CpaDcOpData *pOpData, CpaDcRqResults *pResults, void *callbackTag) {
    return guarded(
        [&] {
            return submit_with_options(
                dcInstance, pSessionHandle, pOpData,
                order_of(CPA_DC_DIR_COMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag));
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcNsCompressData(CpaInstanceHandle dcInstance, CpaDcNsSetupData *pSetupData,
                                         CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                         CpaDcOpData *pOpData, CpaDcRqResults *pResults,
                                         CpaDcCallbackFn callbackFn, void *callbackTag) {
    return guarded(
        [&] {
            DcOrder order = order_of(CPA_DC_DIR_COMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag);
            order.setup = pSetupData;
            order.callback = callbackFn;
            return submit_alone(dcInstance, pOpData, order);
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcDecompressData(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                         CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                         CpaDcRqResults *pResults, CpaDcFlush flushFlag, void *callbackTag) {
    return guarded(
        [&] {
            DcOrder order = order_of(CPA_DC_DIR_DECOMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag);
            order.options.flushFlag = flushFlag;
            return submit_of_session(dcInstance, pSessionHandle, order);
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcDecompressData2(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                          CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                          CpaDcOpData *pOpData, CpaDcRqResults *pResults, void *callbackTag) {
    return guarded(
        [&] {
            return submit_with_options(
                dcInstance, pSessionHandle, pOpData,
                order_of(CPA_DC_DIR_DECOMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag));
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus cpaDcNsDecompressData(CpaInstanceHandle dcInstance, CpaDcNsSetupData *pSetupData,
                                           CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                           CpaDcOpData *pOpData, CpaDcRqResults *pResults,
                                           CpaDcCallbackFn callbackFn, void *callbackTag) {
    return guarded(
        [&] {
            DcOrder order = order_of(CPA_DC_DIR_DECOMPRESS, pSrcBuff, pDestBuff, pResults, callbackTag);
            order.setup = pSetupData;
            order.callback = callbackFn;
            return submit_alone(dcInstance, pOpData, order);
        },
        CPA_STATUS_FAIL);
}

} // extern "C"
