// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/iova_space.h"

#include <algorithm>

namespace qae {

bool IovaSpace::reserve() noexcept { return nodes_.data() != nullptr || nodes_.reserve(kMaxRuns + 2); }

void IovaSpace::release() noexcept {
    nodes_.release();
    clear();
}

void IovaSpace::clear() noexcept {
    root_ = 0;
    used_ = 0;
    free_node_ = 0;
    extents_ = 0;
    runs_ = 0;
}

// A fixed priority for each index is as good as a random one: addresses and indexes are not related.
std::uint32_t IovaSpace::priority(NodeIndex node) noexcept {
    std::uint32_t bits = node * 0x9e3779b1U;
    bits ^= bits >> 15;
    bits *= 0x85ebca77U;
    return bits ^ bits >> 13;
}

// Granules from the start of the extent to the first multiple of @alignment.
std::uint64_t IovaSpace::skip(const Node &node, std::uint64_t alignment) noexcept {
    return (~node.first + 1) & (alignment - 1);
}

// Accounts for one more run. Between runs there is at most one free extent more than there are runs.
bool IovaSpace::provide_node() noexcept {
    if (runs_ == kMaxRuns || !nodes_.commit(runs_ + 3)) {
        return false;
    }
    ++runs_;
    return true;
}

void IovaSpace::update(NodeIndex node) noexcept {
    Node &at = nodes_[node];
    const std::uint64_t below =
        std::max(at.left != 0 ? nodes_[at.left].longest : 0, at.right != 0 ? nodes_[at.right].longest : 0);
    at.longest = std::max(at.count, below);
}

// Splits a subtree into the extents below @key and the others.
void IovaSpace::split(NodeIndex node, std::uint64_t key, NodeIndex &left, NodeIndex &right) noexcept {
    if (node == 0) {
        left = right = 0;
    } else if (nodes_[node].first < key) {
        left = node;
        split(nodes_[node].right, key, nodes_[node].right, right);
        update(node);
    } else {
        right = node;
        split(nodes_[node].left, key, left, nodes_[node].left);
        update(node);
    }
}

// All extents of @left lie below those of @right.
IovaSpace::NodeIndex IovaSpace::merge(NodeIndex left, NodeIndex right) noexcept {
    if (left == 0 || right == 0) {
        return left + right;
    }
    if (priority(left) > priority(right)) {
        nodes_[left].right = merge(nodes_[left].right, right);
        update(left);
        return left;
    }
    nodes_[right].left = merge(left, nodes_[right].left);
    update(right);
    return right;
}

IovaSpace::NodeIndex IovaSpace::insert_below(NodeIndex root, NodeIndex node) noexcept {
    if (root == 0) {
        return node;
    }
    if (priority(node) > priority(root)) {
        split(root, nodes_[node].first, nodes_[node].left, nodes_[node].right);
        update(node);
        return node;
    }
    if (nodes_[node].first < nodes_[root].first) {
        nodes_[root].left = insert_below(nodes_[root].left, node);
    } else {
        nodes_[root].right = insert_below(nodes_[root].right, node);
    }
    update(root);
    return root;
}

IovaSpace::NodeIndex IovaSpace::erase_below(NodeIndex root, std::uint64_t key) noexcept {
    Node &at = nodes_[root];
    if (at.first == key) {
        return merge(at.left, at.right);
    }
    if (key < at.first) {
        at.left = erase_below(at.left, key);
    } else {
        at.right = erase_below(at.right, key);
    }
    update(root);
    return root;
}

// The extent at @key has changed its length: corrects the nodes from there up to @root.
void IovaSpace::update_path(NodeIndex root, std::uint64_t key) noexcept {
    const Node &at = nodes_[root];
    if (key < at.first) {
        update_path(at.left, key);
    } else if (key > at.first) {
        update_path(at.right, key);
    }
    update(root);
}

// The lowest extent with an aligned run. Extents that are long enough but misaligned are passed over, one by
// one. With an alignment of one granule there are none, and the search is O(log n).
IovaSpace::NodeIndex IovaSpace::find_fit(NodeIndex root, std::uint64_t count,
                                         std::uint64_t alignment) const noexcept {
    while (root != 0 && nodes_[root].longest >= count) {
        const Node &at = nodes_[root];
        const NodeIndex lower = find_fit(at.left, count, alignment);
        if (lower != 0) {
            return lower;
        }
        const std::uint64_t skipped = skip(at, alignment);
        if (skipped <= at.count && at.count - skipped >= count) {
            return root;
        }
        root = at.right;
    }
    return 0;
}

// The last extent that begins at @granule or below it.
IovaSpace::NodeIndex IovaSpace::at_or_below(std::uint64_t granule) const noexcept {
    NodeIndex found = 0;
    for (NodeIndex node = root_; node != 0;) {
        if (nodes_[node].first <= granule) {
            found = node;
            node = nodes_[node].right;
        } else {
            node = nodes_[node].left;
        }
    }
    return found;
}

// The first extent that begins above @granule.
IovaSpace::NodeIndex IovaSpace::above(std::uint64_t granule) const noexcept {
    NodeIndex found = 0;
    for (NodeIndex node = root_; node != 0;) {
        if (nodes_[node].first > granule) {
            found = node;
            node = nodes_[node].left;
        } else {
            node = nodes_[node].right;
        }
    }
    return found;
}

void IovaSpace::insert(std::uint64_t first, std::uint64_t count) noexcept {
    NodeIndex node = free_node_;
    if (node != 0) {
        free_node_ = nodes_[node].right;
    } else {
        node = ++used_;
    }
    nodes_[node] = {.first = first, .count = count, .longest = count, .left = 0, .right = 0};
    root_ = insert_below(root_, node);
    ++extents_;
}

void IovaSpace::erase(NodeIndex node) noexcept {
    root_ = erase_below(root_, nodes_[node].first);
    nodes_[node].right = free_node_;
    free_node_ = node;
    --extents_;
}

// Cuts a run out of an extent, which leaves up to two.
void IovaSpace::cut(NodeIndex node, std::uint64_t first, std::uint64_t count) noexcept {
    Node &at = nodes_[node];
    const std::uint64_t before = first - at.first;
    const std::uint64_t after = at.count - before - count;
    if (before == 0 && after == 0) {
        erase(node);
    } else if (before == 0) { // its place in the order stays
        at.first = first + count;
        at.count = after;
        update_path(root_, at.first);
    } else {
        at.count = before;
        update_path(root_, at.first);
        if (after != 0) {
            insert(first + count, after);
        }
    }
}

bool IovaSpace::add(std::uint64_t first, std::uint64_t count) noexcept {
    if (count == 0) {
        return true;
    }
    if (!provide_node()) {
        return false;
    }
    ++runs_;
    give(first, count);
    return true;
}

std::uint64_t IovaSpace::take(std::uint64_t count, std::uint64_t alignment) noexcept {
    NodeIndex node = find_fit(root_, count + alignment - 1, 1);
    if (node == 0 && alignment > 1) {
        node = find_fit(root_, count, alignment);
    }
    if (node == 0 || !provide_node()) {
        return kNone;
    }
    const std::uint64_t first = nodes_[node].first + skip(nodes_[node], alignment);
    cut(node, first, count);
    return first;
}

bool IovaSpace::take_at(std::uint64_t first, std::uint64_t count) noexcept {
    const NodeIndex node = at_or_below(first);
    if (node == 0 || first - nodes_[node].first >= nodes_[node].count ||
        nodes_[node].count - (first - nodes_[node].first) < count || !provide_node()) {
        return false;
    }
    cut(node, first, count);
    return true;
}

void IovaSpace::give(std::uint64_t first, std::uint64_t count) noexcept {
    --runs_;
    const NodeIndex before = at_or_below(first);
    const NodeIndex after = above(first);
    const bool joins_before = before != 0 && nodes_[before].first + nodes_[before].count == first;
    if (after != 0 && nodes_[after].first == first + count) {
        if (!joins_before) { // its place in the order stays
            nodes_[after].first = first;
            nodes_[after].count += count;
            update_path(root_, first);
            return;
        }
        count += nodes_[after].count;
        erase(after);
    }
    if (joins_before) {
        nodes_[before].count += count;
        update_path(root_, nodes_[before].first);
    } else {
        insert(first, count);
    }
}

} // namespace qae
