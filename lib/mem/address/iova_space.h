// SPDX-License-Identifier: BSD-3-Clause
// The I/O virtual addresses that a process may map, in granules of 2 MiB, and which of them are free.
//
// Free extents form a treap ordered by address: a binary search tree whose shape is that of a random one.
// Each node knows the longest extent below it. So finding the lowest extent that is long enough, taking and
// giving back cost O(log n) for n extents, however large the space and however fragmented it is. The lowest
// addresses are taken first, because some devices reach only those.
//
// Not thread safe.
#ifndef QAE_LIB_MEM_ADDRESS_IOVA_SPACE_H
#define QAE_LIB_MEM_ADDRESS_IOVA_SPACE_H

#include <cstdint>

#include "mem/address/sparse_table.h"

namespace qae {

class IovaSpace {
public:
    static constexpr std::uint64_t kNone = UINT64_MAX;

    // Runs that may be taken at a time, ranges that were added included. VFIO grants 65,535 mappings, and the
    // window has room for 32,768 regions.
    static constexpr std::uint32_t kMaxRuns = 1U << 18;

    // Reserves the table at the first call. False with errno.
    bool reserve() noexcept;
    void release() noexcept;

    // Empties the space: no granule is free or taken.
    void clear() noexcept;

    // Adds granules that the space does not have yet; they are free. False if there is no memory.
    bool add(std::uint64_t first, std::uint64_t count) noexcept;

    // Takes a run of @count granules that begins at a multiple of @alignment, a power of two: from the lowest
    // extent that is long enough wherever it begins, or else from the lowest that happens to be aligned.
    // kNone if there is none.
    std::uint64_t take(std::uint64_t count, std::uint64_t alignment) noexcept;

    // Takes this very run. False if it is not free as a whole.
    bool take_at(std::uint64_t first, std::uint64_t count) noexcept;

    // Gives back what take() or take_at() took, as one run. It cannot fail: take() has provided for the node.
    void give(std::uint64_t first, std::uint64_t count) noexcept;

    // The number of free extents.
    std::uint32_t extents() const noexcept { return extents_; }

    // In a forked child, where the table reads as zero.
    void forget_in_child() noexcept { clear(); }

private:
    using NodeIndex = std::uint32_t; // 0: none

    struct Node {
        std::uint64_t first;
        std::uint64_t count;
        std::uint64_t longest; // count of the longest extent in this subtree
        NodeIndex left, right;
    };

    static std::uint32_t priority(NodeIndex node) noexcept;
    static std::uint64_t skip(const Node &node, std::uint64_t alignment) noexcept;
    bool provide_node() noexcept;
    void update(NodeIndex node) noexcept;
    void split(NodeIndex node, std::uint64_t key, NodeIndex &left, NodeIndex &right) noexcept;
    NodeIndex merge(NodeIndex left, NodeIndex right) noexcept;
    NodeIndex insert_below(NodeIndex root, NodeIndex node) noexcept;
    NodeIndex erase_below(NodeIndex root, std::uint64_t key) noexcept;
    void update_path(NodeIndex root, std::uint64_t key) noexcept;
    NodeIndex find_fit(NodeIndex root, std::uint64_t count, std::uint64_t alignment) const noexcept;
    NodeIndex at_or_below(std::uint64_t granule) const noexcept;
    NodeIndex above(std::uint64_t granule) const noexcept;
    void insert(std::uint64_t first, std::uint64_t count) noexcept;
    void erase(NodeIndex node) noexcept;
    void cut(NodeIndex node, std::uint64_t first, std::uint64_t count) noexcept;

    SparseTable<Node> nodes_; // node 0 is all zeroes
    NodeIndex root_ = 0;
    NodeIndex used_ = 0;      // nodes that were ever used
    NodeIndex free_node_ = 0; // a list through Node::right
    std::uint32_t extents_ = 0;
    std::uint32_t runs_ = 0; // taken runs and added ranges; there are never more extents than that
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_IOVA_SPACE_H
