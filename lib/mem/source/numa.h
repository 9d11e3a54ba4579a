// SPDX-License-Identifier: BSD-3-Clause
#ifndef QAE_LIB_MEM_SOURCE_NUMA_H
#define QAE_LIB_MEM_SOURCE_NUMA_H

#include <cstddef>

namespace qae {

inline constexpr int kMaxNodes = 64;

// The node of the CPU that runs the caller now, or 0 if it is unknown.
int current_node() noexcept;

// Does the machine have this node?
bool node_is_online(int node) noexcept;

// The kernel's list of nodes with memory, such as "0-1"; "unknown" if it cannot be read.
struct NodeList {
    char text[64];
};
NodeList memory_nodes() noexcept;

// Is @node in such a list? True if the list is unknown.
bool is_listed(const NodeList &nodes, int node) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_NUMA_H
