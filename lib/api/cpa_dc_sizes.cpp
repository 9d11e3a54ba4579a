// SPDX-License-Identifier: BSD-3-Clause
// Functions of cpa_dc.h that say how large memory has to be.
#include <cpa_dc.h>

#include <cstdint>

#include "compression/buffers.h"
#include "process/abi.h"
#include "process/reject.h"

namespace qae {
namespace {

// Every byte takes 9 bits with the fixed codes, blocks have headers, and a flush adds an empty block.
constexpr std::uint64_t deflate_bound(std::uint64_t input) noexcept {
    return input + (input + 7) / 8 + (input + 63) / 64 + 32;
}

CpaStatus write_size(std::uint64_t size, Cpa32U *out) noexcept {
    if (size > UINT32_MAX) {
        return reject(CPA_STATUS_INVALID_PARAM, EOVERFLOW,
                      "the size does not fit in 32 bits; split the request");
    }
    *out = static_cast<Cpa32U>(size);
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus cpaDcDeflateCompressBound(const CpaInstanceHandle, CpaDcHuffType huffType,
                                               Cpa32U inputSize, Cpa32U *outputSize) {
    if (outputSize == nullptr) {
        return reject_null("the pointer to the size");
    }
    if (inputSize == 0 || (huffType != CPA_DC_HT_STATIC && huffType != CPA_DC_HT_FULL_DYNAMIC)) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                      "the size of the input is 0, or the codes are neither static nor dynamic");
    }
    return write_size(deflate_bound(inputSize), outputSize);
}

QAE_EXPORT CpaStatus cpaDcBufferListGetMetaSize(const CpaInstanceHandle, Cpa32U numBuffers,
                                                Cpa32U *pSizeInBytes) {
    if (pSizeInBytes == nullptr) {
        return reject_null("the pointer to the size");
    }
    if (numBuffers == 0) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the number of buffers is 0; pass at least 1");
    }
    return write_size(metadata_size(numBuffers), pSizeInBytes);
}

} // extern "C"
