// SPDX-License-Identifier: BSD-3-Clause
// The sentences that say why pinned memory could not be allocated or freed.
#ifndef QAE_LIB_MEM_MEMORY_FAILURE_H
#define QAE_LIB_MEM_MEMORY_FAILURE_H

#include <cstdint>

#include "mem/source/region_source.h"

namespace qae {

// All functions return -errno.

// The source granted no region.
int fail_region(const SourceError &error, std::uint64_t length, int node) noexcept;

// A region of @length bytes could not be mapped. @err is positive.
int fail_map(int err, std::uint64_t length) noexcept;

// The granted region does not match the request.
int fail_grant() noexcept;

// The pointer to free is not the start of a live block. @inside: it points into a live block. @known: it
// points into pinned memory.
int fail_free(const void *pointer, bool inside, bool known) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_MEMORY_FAILURE_H
