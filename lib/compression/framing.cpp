// SPDX-License-Identifier: BSD-3-Clause
#include "compression/framing.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "process/reject.h"

namespace qae {
namespace {

constexpr Cpa8U kGzipMethod = 8; // deflate
constexpr Cpa8U kGzipBest = 2;   // XFL: the slowest algorithm was used
constexpr Cpa8U kGzipFast = 4;   // XFL: the fastest
constexpr Cpa8U kGzipUnix = 3;
constexpr unsigned kZlibDeflate32K = 0x78; // CMF: deflate with a window of 32 KiB
constexpr unsigned kZlibCheck = 31;        // CMF and FLG together are a multiple of it

template <std::size_t Size>
CpaStatus copy_to(CpaFlatBuffer *buffer, const std::array<Cpa8U, Size> &bytes, const char *what) noexcept {
    if (buffer == nullptr || buffer->pData == nullptr) {
        return reject_null("the buffer");
    }
    if (buffer->dataLenInBytes < Size) {
        return reject(CPA_STATUS_INVALID_PARAM, ERANGE,
                      "the buffer is too small for the {}: size {}, needed {}", what, buffer->dataLenInBytes,
                      Size);
    }
    std::copy(bytes.begin(), bytes.end(), buffer->pData);
    return CPA_STATUS_SUCCESS;
}

constexpr Cpa8U byte_of(Cpa64U value, unsigned index) noexcept {
    return static_cast<Cpa8U>(value >> (8 * index));
}

std::array<Cpa8U, 10> gzip_header(CpaDcCompLvl level) noexcept {
    const Cpa8U effort = level >= CPA_DC_L9 ? kGzipBest : level == CPA_DC_L1 ? kGzipFast : Cpa8U{0};
    return {0x1f, 0x8b, kGzipMethod, 0, 0, 0, 0, 0, effort, kGzipUnix};
}

// FLEVEL: the classes of zlib's levels.
std::array<Cpa8U, 2> zlib_header(CpaDcCompLvl level) noexcept {
    const unsigned effort = level < CPA_DC_L2 ? 0 : level < CPA_DC_L6 ? 1 : level == CPA_DC_L6 ? 2 : 3;
    const unsigned flags = effort << 6;
    const unsigned check = kZlibCheck - (kZlibDeflate32K * 256 + flags) % kZlibCheck;
    return {kZlibDeflate32K, static_cast<Cpa8U>(flags + check)};
}

} // namespace

CpaStatus write_header(CpaDcChecksum checksum, CpaDcCompLvl level, CpaFlatBuffer *buffer,
                       Cpa32U *count) noexcept {
    if (count == nullptr) {
        return reject_null("the pointer to the number of bytes");
    }
    CpaStatus status = CPA_STATUS_SUCCESS;
    Cpa32U written = 0;
    if (checksum == CPA_DC_CRC32) {
        const auto header = gzip_header(level);
        status = copy_to(buffer, header, "header of gzip");
        written = header.size();
    } else if (checksum == CPA_DC_ADLER32) {
        const auto header = zlib_header(level);
        status = copy_to(buffer, header, "header of zlib");
        written = header.size();
    } else if (buffer == nullptr || buffer->pData == nullptr) {
        return reject_null("the buffer");
    }
    if (status == CPA_STATUS_SUCCESS) {
        *count = written;
    }
    return status;
}

CpaStatus write_footer(CpaDcChecksum checksum, Cpa64U total, CpaFlatBuffer *buffer,
                       CpaDcRqResults *results) noexcept {
    if (results == nullptr) {
        return reject_null("the pointer to the results");
    }
    CpaStatus status = CPA_STATUS_UNSUPPORTED;
    Cpa32U written = 0;
    const Cpa32U sum = results->checksum;
    if (checksum == CPA_DC_CRC32) {
        const std::array<Cpa8U, 8> footer = {byte_of(sum, 0),   byte_of(sum, 1),   byte_of(sum, 2),
                                             byte_of(sum, 3),   byte_of(total, 0), byte_of(total, 1),
                                             byte_of(total, 2), byte_of(total, 3)};
        status = copy_to(buffer, footer, "footer of gzip");
        written = footer.size();
    } else if (checksum == CPA_DC_ADLER32) {
        const std::array<Cpa8U, 4> footer = {byte_of(sum, 3), byte_of(sum, 2), byte_of(sum, 1),
                                             byte_of(sum, 0)};
        status = copy_to(buffer, footer, "footer of zlib");
        written = footer.size();
    } else {
        return reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
                      "a stream without CRC-32 or Adler-32 has no footer");
    }
    if (status == CPA_STATUS_SUCCESS) {
        results->produced += written;
    }
    return status;
}

} // namespace qae
