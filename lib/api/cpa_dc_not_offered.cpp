// SPDX-License-Identifier: BSD-3-Clause
// Functions of cpa_dc.h for what no plane has, as its capabilities say. They exist so that clients which use
// them only where the capabilities allow it can be linked.
#include <cpa_dc.h>

#include "process/abi.h"
#include "process/reject.h"

namespace {

CpaStatus not_offered(const char *what) noexcept {
    return qae::reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
                       "no data plane offers {}; ask for its capabilities", what);
}

} // namespace

extern "C" {

QAE_EXPORT CpaStatus cpaDcSetCrcControlData(CpaInstanceHandle, CpaDcSessionHandle, CpaCrcControlData *) {
    return not_offered("other CRCs");
}

QAE_EXPORT CpaStatus cpaDcSetLZ4OutputFormat(CpaInstanceHandle, CpaDcSessionHandle, CpaDcLZ4OutputFormat) {
    return not_offered("LZ4");
}

QAE_EXPORT CpaStatus cpaDcResetXXHashState(const CpaInstanceHandle, CpaDcSessionHandle) {
    return not_offered("XXHash");
}

QAE_EXPORT CpaStatus cpaDcSetAsbThreshold(const CpaInstanceHandle, CpaDcSessionHandle, CpaDcAsbThreshold) {
    return not_offered("a threshold for the choice of codes");
}

QAE_EXPORT CpaStatus cpaDcSetAsbRatio(const CpaInstanceHandle, CpaDcSessionHandle, CpaDcAsbRatio) {
    return not_offered("a ratio for the choice of codes");
}

QAE_EXPORT CpaStatus cpaDcLZ4CompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *) {
    return not_offered("LZ4");
}

QAE_EXPORT CpaStatus cpaDcLZ4SCompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *) {
    return not_offered("LZ4s");
}

QAE_EXPORT CpaStatus cpaDcZstdCompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *) {
    return not_offered("Zstandard");
}

QAE_EXPORT CpaStatus cpaDcCompressDataWithDict(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *,
                                               CpaBufferList *, CpaDcDictionaryData *, CpaDcOpData *,
                                               CpaDcRqResults *, void *) {
    return not_offered("dictionaries");
}

QAE_EXPORT CpaStatus cpaDcDecompressDataWithDict(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *,
                                                 CpaBufferList *, CpaDcDictionaryData *, CpaDcOpData *,
                                                 CpaDcRqResults *, void *) {
    return not_offered("dictionaries");
}

QAE_EXPORT CpaStatus cpaDcGetMetaSizeForSrcBuffWithDict(const CpaInstanceHandle, Cpa32U, Cpa32U, Cpa32U *) {
    return not_offered("dictionaries");
}

} // extern "C"
