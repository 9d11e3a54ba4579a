// SPDX-License-Identifier: BSD-3-Clause
// Status values in words.
#include <cpa.h>
#include <cpa_cy_common.h>
#include <cpa_dc.h>

#include <cstring>

#include "process/abi.h"
#include "process/reject.h"

namespace qae {
namespace {

const char *words_for(CpaStatus status) noexcept {
    switch (status) {
    case CPA_STATUS_SUCCESS:
        return CPA_STATUS_STR_SUCCESS;
    case CPA_STATUS_FAIL:
        return CPA_STATUS_STR_FAIL;
    case CPA_STATUS_RETRY:
        return CPA_STATUS_STR_RETRY;
    case CPA_STATUS_RESOURCE:
        return CPA_STATUS_STR_RESOURCE;
    case CPA_STATUS_INVALID_PARAM:
        return CPA_STATUS_STR_INVALID_PARAM;
    case CPA_STATUS_FATAL:
        return CPA_STATUS_STR_FATAL;
    case CPA_STATUS_UNSUPPORTED:
        return CPA_STATUS_STR_UNSUPPORTED;
    case CPA_STATUS_RESTARTING:
        return CPA_STATUS_STR_RESTARTING;
    default:
        return nullptr;
    }
}

CpaStatus status_text(CpaStatus status, Cpa8S *text) noexcept {
    if (text == nullptr) {
        return reject_null("the text buffer");
    }
    const char *words = words_for(status);
    if (words == nullptr) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is not a value of CpaStatus", status);
    }
    std::memcpy(text, words, std::strlen(words) + 1);
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

extern "C" {

QAE_EXPORT CpaStatus cpaGetStatusText(const CpaInstanceHandle, CpaStatus errStatus, Cpa8S *pStatusText) {
    return qae::status_text(errStatus, pStatusText);
}

QAE_EXPORT CpaStatus cpaCyGetStatusText(const CpaInstanceHandle, CpaStatus errStatus, Cpa8S *pStatusText) {
    return qae::status_text(errStatus, pStatusText);
}

QAE_EXPORT CpaStatus cpaDcGetStatusText(const CpaInstanceHandle, const CpaStatus errStatus,
                                        Cpa8S *pStatusText) {
    return qae::status_text(errStatus, pStatusText);
}

} // extern "C"
