// SPDX-License-Identifier: BSD-3-Clause
// The memory of a request: checked, and mapped for the plane.
#ifndef QAE_LIB_COMPRESSION_BUFFERS_H
#define QAE_LIB_COMPRESSION_BUFFERS_H

#include <cpa.h>

#include <vector>

#include "plane/plane.h"

namespace qae {

// Bytes of private metadata that a list of so many buffers needs.
std::uint64_t metadata_size(std::uint32_t buffers) noexcept;

// Whether memory of the client is in a live block, as a device would need it. Records the reason if not.
bool is_pinned(const void *address, std::size_t length, const char *what) noexcept;

// Checks both lists and appends their pieces: first those of the source, then those of the destination.
// CPA_STATUS_INVALID_PARAM with the reason recorded; may throw std::bad_alloc.
CpaStatus map_buffers(const CpaBufferList *source, const CpaBufferList *destination,
                      std::vector<plane::Piece> &pieces, std::size_t &source_pieces);

} // namespace qae

#endif // QAE_LIB_COMPRESSION_BUFFERS_H
