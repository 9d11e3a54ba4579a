// SPDX-License-Identifier: BSD-3-Clause
// The sentences that tell why pinned memory was not to be had, or not to be freed.
#ifndef QAE_LIB_MEM_MEMORY_FAILURE_H
#define QAE_LIB_MEM_MEMORY_FAILURE_H

#include <cstdint>

#include "mem/source/region_source.h"

namespace qae {

// All return -errno.

// The source gave no region.
int fail_region(const SourceError &error, std::uint64_t length, int node) noexcept;

// A region could not be mapped: @err is positive.
int fail_map(int err) noexcept;

// What the source granted does not fit what was asked for.
int fail_grant() noexcept;

// What was to be freed is no block's start. @inside: it points into a live block; @known: into memory that
// blocks come from.
int fail_free(const void *pointer, bool inside, bool known) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_MEMORY_FAILURE_H
