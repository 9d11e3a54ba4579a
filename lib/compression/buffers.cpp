// SPDX-License-Identifier: BSD-3-Clause
#include "compression/buffers.h"

#include <algorithm>

#include "mem/heap.h"
#include "process/reject.h"

namespace qae {
namespace {

using plane::Piece;

// Beyond, sorting is cheaper than comparing every piece with every other.
constexpr std::size_t kMostComparisons = 64;

// Descriptors of a device: a header, and one for each buffer.
constexpr std::uint64_t kMetadataHeader = 64;
constexpr std::uint64_t kMetadataBuffer = 16;

CpaStatus map_list(const CpaBufferList *list, const char *name, std::vector<Piece> &pieces,
                   std::uint64_t &bytes) {
    if (list == nullptr || list->pBuffers == nullptr) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the {} or its array of buffers is NULL", name);
    }
    if (list->numBuffers == 0) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the {} has no buffers", name);
    }
    // No plane uses it; a device would write descriptors there.
    if (!is_pinned(list->pPrivateMetaData, metadata_size(list->numBuffers), "private metadata")) {
        return CPA_STATUS_INVALID_PARAM;
    }
    for (std::uint32_t i = 0; i < list->numBuffers; ++i) {
        const CpaFlatBuffer &buffer = list->pBuffers[i];
        if (buffer.dataLenInBytes == 0) {
            continue;
        }
        if (!is_pinned(buffer.pData, buffer.dataLenInBytes, name)) {
            return CPA_STATUS_INVALID_PARAM;
        }
        pieces.push_back({buffer.pData, buffer.dataLenInBytes});
        bytes += buffer.dataLenInBytes;
    }
    if (bytes > UINT32_MAX) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the {} has more than 4 GiB; split the request",
                      name);
    }
    return CPA_STATUS_SUCCESS;
}

bool touch(const Piece &a, const Piece &b) noexcept {
    return a.data < b.data + b.length && b.data < a.data + a.length;
}

bool overlap_when_sorted(std::span<const Piece> source, std::span<const Piece> destination) {
    struct Side {
        Piece piece;
        bool is_source;
    };
    std::vector<Side> all;
    all.reserve(source.size() + destination.size());
    for (const Piece &piece : source) {
        all.push_back({piece, true});
    }
    for (const Piece &piece : destination) {
        all.push_back({piece, false});
    }
    std::sort(all.begin(), all.end(),
              [](const Side &a, const Side &b) { return a.piece.data < b.piece.data; });
    const std::uint8_t *end[2] = {nullptr, nullptr}; // of what has been seen of each side
    for (const Side &side : all) {
        if (side.piece.data < end[side.is_source ? 0 : 1]) {
            return true;
        }
        const std::uint8_t *&own = end[side.is_source ? 1 : 0];
        own = std::max<const std::uint8_t *>(own, side.piece.data + side.piece.length);
    }
    return false;
}

bool overlap(std::span<const Piece> source, std::span<const Piece> destination) {
    if (source.size() * destination.size() > kMostComparisons) {
        return overlap_when_sorted(source, destination);
    }
    return std::any_of(source.begin(), source.end(), [&](const Piece &from) {
        return std::any_of(destination.begin(), destination.end(),
                           [&](const Piece &to) { return touch(from, to); });
    });
}

} // namespace

std::uint64_t metadata_size(std::uint32_t buffers) noexcept {
    return kMetadataHeader + kMetadataBuffer * buffers;
}

bool is_pinned(const void *address, std::size_t length, const char *what) noexcept {
    if (Heap::instance().has_in_one_block(reinterpret_cast<std::uintptr_t>(address), length)) {
        return true;
    }
    if (address == nullptr) {
        fail(EINVAL, "the address of the {} is NULL", what);
    } else {
        fail(EINVAL,
             "the {} at {} ({} bytes) is not in one live block of qaeMemAllocNUMA(), so that no device could "
             "reach it",
             what, address, length);
    }
    return false;
}

CpaStatus map_buffers(const CpaBufferList *source, const CpaBufferList *destination,
                      std::vector<Piece> &pieces, std::size_t &source_pieces) {
    std::uint64_t source_bytes = 0;
    std::uint64_t destination_bytes = 0;
    pieces.clear();
    CpaStatus status = map_list(source, "source", pieces, source_bytes);
    source_pieces = pieces.size();
    if (status == CPA_STATUS_SUCCESS) {
        status = map_list(destination, "destination", pieces, destination_bytes);
    }
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    if (destination_bytes == 0) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the destination has no bytes");
    }
    const std::span<const Piece> all(pieces);
    if (overlap(all.first(source_pieces), all.subspan(source_pieces))) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                      "source and destination overlap; compression does not work in place");
    }
    return CPA_STATUS_SUCCESS;
}

} // namespace qae
