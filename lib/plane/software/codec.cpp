// SPDX-License-Identifier: BSD-3-Clause
#include "plane/software/codec.h"

namespace qae::software {
namespace {

using plane::DcRequest;

constexpr int kHighestLevel = 9;
constexpr std::uint8_t kBlockType = 0x06; // in the first byte of a block; 0: stored

int level_of(const DcRequest &request) noexcept {
    return std::min<int>(request.setup.compLevel, kHighestLevel);
}

// zlib codes each block in the way that makes it smallest, unless only the fixed codes are wanted.
int strategy_of(const DcRequest &request) noexcept {
    return request.setup.huffType == CPA_DC_HT_STATIC &&
                   request.setup.autoSelectBestHuffmanTree == CPA_DC_ASB_DISABLED
               ? Z_FIXED
               : Z_DEFAULT_STRATEGY;
}

int flush_of(const DcRequest &request) noexcept {
    switch (request.flush) {
    case CPA_DC_FLUSH_FINAL:
        return Z_FINISH;
    case CPA_DC_FLUSH_SYNC:
        return Z_SYNC_FLUSH;
    case CPA_DC_FLUSH_FULL:
        return Z_FULL_FLUSH;
    default:
        return Z_NO_FLUSH;
    }
}

std::uint32_t first_checksum(CpaDcChecksum kind) noexcept { return kind == CPA_DC_ADLER32 ? 1 : 0; }

// Clients that begin with 0 mean the first checksum, also of Adler-32.
std::uint32_t seed_of(const DcRequest &request) noexcept {
    return request.results.checksum != 0 ? request.results.checksum : first_checksum(request.setup.checksum);
}

std::uint32_t continue_checksum(CpaDcChecksum kind, std::uint32_t checksum, std::span<const Piece> pieces,
                                std::uint32_t bytes) noexcept {
    for_each_part(pieces, bytes, [&](const std::uint8_t *data, std::uint32_t length) {
        checksum = static_cast<std::uint32_t>(kind == CPA_DC_ADLER32 ? adler32(checksum, data, length)
                                                                     : crc32(checksum, data, length));
    });
    return checksum;
}

std::uint32_t bytes_in(std::span<const Piece> pieces) noexcept {
    std::uint32_t bytes = 0;
    for (const Piece &piece : pieces) {
        bytes += piece.length;
    }
    return bytes;
}

std::uint8_t *first_byte(std::span<const Piece> pieces) noexcept { return Cursor(pieces).part().data; }

void set_transfer(DcRequest &request, CpaDcReqStatus status, const Transfer &transfer) noexcept {
    request.results.status = status;
    request.results.consumed = transfer.consumed;
    request.results.produced = transfer.produced;
}

void set_truth(CpaBoolean &value, bool truth) noexcept { value = truth ? CPA_TRUE : CPA_FALSE; }

// A request without a result has consumed nothing, so that a client which goes on behind it loses no data.
void set_failed(DcRequest &request, CpaDcReqStatus status) noexcept { set_transfer(request, status, {}); }

} // namespace

void Stream::reset() noexcept {
    compresses = false;
    decompresses = false;
}

void Codec::execute(DcRequest &request) noexcept {
    set_truth(request.results.endOfLastBlock, false);
    set_truth(request.results.dataUncompressed, false);
    auto *stream = static_cast<Stream *>(request.stream);
    if (request.direction == CPA_DC_DIR_COMPRESS) {
        stream != nullptr ? compress_piecewise(request, *stream) : compress(request);
    } else {
        stream != nullptr ? decompress_piecewise(request, *stream) : decompress(request);
    }
}

void Codec::compress(DcRequest &request) noexcept {
    const std::uint32_t seed = seed_of(request);
    Transfer transfer;
    if (!deflater_.begin(level_of(request), strategy_of(request))) {
        set_failed(request, CPA_DC_SOFTERR);
        return;
    }
    const CpaDcReqStatus status =
        deflater_.run(request.source, request.destination, flush_of(request), transfer);
    if (status != CPA_DC_OK) {
        set_failed(request, status);
        return;
    }
    set_transfer(request, status, transfer);
    if (request.verify) {
        verify(request);
    }
    if (request.results.status != CPA_DC_OK) {
        return;
    }
    const std::uint32_t consumed = request.results.consumed;
    request.results.checksum =
        request.setup.checksum == CPA_DC_NONE
            ? 0
            : continue_checksum(request.setup.checksum, seed, request.source, consumed);
    set_truth(request.results.endOfLastBlock, request.flush == CPA_DC_FLUSH_FINAL);
    set_truth(request.results.dataUncompressed, request.results.produced > consumed && consumed != 0 &&
                                                    (*first_byte(request.destination) & kBlockType) == 0);
}

void Codec::verify(DcRequest &request) noexcept {
    if (request.spoil) {
        *first_byte(request.destination) ^= kBlockType;
    }
    if (inflater_.verify(request.destination, request.results.produced, request.source,
                         bytes_in(request.source), request.flush == CPA_DC_FLUSH_FINAL)) {
        return;
    }
    if (request.recover) {
        store(request);
    } else {
        set_failed(request, CPA_DC_VERIFY_ERROR);
    }
}

// Replaces the output by stored blocks.
void Codec::store(DcRequest &request) noexcept {
    Transfer transfer;
    CpaDcReqStatus status = CPA_DC_SOFTERR;
    if (deflater_.begin(Z_NO_COMPRESSION, Z_DEFAULT_STRATEGY)) {
        status = deflater_.run(request.source, request.destination, flush_of(request), transfer);
    }
    if (status != CPA_DC_OK) {
        set_failed(request, status);
        return;
    }
    set_transfer(request, status, transfer);
    request.recovered = true;
}

void Codec::compress_piecewise(DcRequest &request, Stream &stream) noexcept {
    if (!stream.compresses) {
        stream.compresses = stream.deflater.begin(level_of(request), strategy_of(request));
        stream.input_checksum = first_checksum(request.setup.checksum);
        if (!stream.compresses) {
            set_failed(request, CPA_DC_SOFTERR);
            return;
        }
    }
    Transfer transfer;
    const CpaDcReqStatus status =
        stream.deflater.run(request.source, request.destination, flush_of(request), transfer);
    set_transfer(request, status, transfer);
    if (request.setup.checksum != CPA_DC_NONE) {
        stream.input_checksum = continue_checksum(request.setup.checksum, stream.input_checksum,
                                                  request.source, transfer.consumed);
    }
    request.results.checksum = stream.input_checksum;
    if (status == CPA_DC_OK && stream.deflater.has_ended()) {
        set_truth(request.results.endOfLastBlock, true);
        stream.compresses = false; // the next request begins a new stream
    }
}

void Codec::decompress(DcRequest &request) noexcept {
    const std::uint32_t seed = seed_of(request);
    Transfer transfer;
    if (!inflater_.begin()) {
        set_failed(request, CPA_DC_SOFTERR);
        return;
    }
    CpaDcReqStatus status = inflater_.run(request.source, request.destination, transfer);
    if (status == CPA_DC_OK && !inflater_.has_ended() && request.flush == CPA_DC_FLUSH_FINAL) {
        status = CPA_DC_INCOMPLETE_FILE_ERR;
    }
    set_transfer(request, status, transfer);
    set_truth(request.results.endOfLastBlock, inflater_.has_ended());
    request.results.checksum =
        request.setup.checksum == CPA_DC_NONE
            ? 0
            : continue_checksum(request.setup.checksum, seed, request.destination, transfer.produced);
}

void Codec::decompress_piecewise(DcRequest &request, Stream &stream) noexcept {
    if (!stream.decompresses) {
        stream.decompresses = stream.inflater.begin();
        stream.output_checksum = first_checksum(request.setup.checksum);
        if (!stream.decompresses) {
            set_failed(request, CPA_DC_SOFTERR);
            return;
        }
    }
    Transfer transfer;
    const CpaDcReqStatus status = stream.inflater.run(request.source, request.destination, transfer);
    set_transfer(request, status, transfer);
    if (request.setup.checksum != CPA_DC_NONE) {
        stream.output_checksum = continue_checksum(request.setup.checksum, stream.output_checksum,
                                                   request.destination, transfer.produced);
    }
    request.results.checksum = stream.output_checksum;
    if (status == CPA_DC_OK && stream.inflater.has_ended()) {
        set_truth(request.results.endOfLastBlock, true);
        stream.decompresses = false; // the next request begins a new stream
    }
}

} // namespace qae::software
