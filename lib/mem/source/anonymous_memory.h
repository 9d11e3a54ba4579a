// SPDX-License-Identifier: BSD-3-Clause
// Anonymous memory of the process for regions: outside the window first, because a source grants a region
// before the allocator knows its place, and then moved there.
#ifndef QAE_LIB_MEM_SOURCE_ANONYMOUS_MEMORY_H
#define QAE_LIB_MEM_SOURCE_ANONYMOUS_MEMORY_H

#include <cstdint>

#include "mem/source/region_source.h"

namespace qae {

// The length that a source grants for a request: a power of two up to 4 MiB, then a multiple of 2 MiB.
std::uint64_t granted_length(std::uint64_t length) noexcept;

// Maps zeroed memory that is present, aligned to 2 MiB, on @node unless that is kAnyNode. Pages of 4 KiB, or
// transparent huge ones if the kernel has some at hand.
SourceError map_anonymous(std::uint64_t length, int node, void *&memory) noexcept;

// The same in huge pages of 2 MiB. nullptr if the pool has not enough of them (on that node).
void *map_huge_pages(std::uint64_t length, int node) noexcept;

// Moves the memory to @address, replacing what is mapped there. Returns 0 or -errno.
int move_memory(void *memory, std::uint64_t length, void *address) noexcept;

// The node that the page at @memory lies on; @otherwise if the kernel does not say.
int node_of_page(void *memory, int otherwise) noexcept;

// Do all pages lie on @node? If the kernel does not say, the answer is whether all memory of the machine
// does. The kernel may put a page elsewhere: a cpuset can leave the node out, a sandbox can forbid mbind(2),
// and a page can move when it is pinned.
bool lies_on_node(void *memory, std::uint64_t length, int node) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_ANONYMOUS_MEMORY_H
