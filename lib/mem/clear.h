// SPDX-License-Identifier: BSD-3-Clause
// Zeroing of blocks.
#ifndef QAE_LIB_MEM_CLEAR_H
#define QAE_LIB_MEM_CLEAR_H

#include <cstddef>

namespace qae {

// @block is aligned to a granule, and @bytes is a positive multiple of one.
void clear_block(void *block, std::size_t bytes) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_CLEAR_H
