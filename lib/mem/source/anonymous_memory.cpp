// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/anonymous_memory.h"

#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/qae.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "mem/address/limits.h"
#include "mem/address/units.h"
#include "mem/source/numa.h"

namespace qae {
namespace {

constexpr int kProtection = PROT_READ | PROT_WRITE;
constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;

void *map_aligned(std::uint64_t length) noexcept {
    void *map = mmap(nullptr, length + kSlotSize, kProtection, kFlags | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) {
        return nullptr;
    }
    const auto start = reinterpret_cast<std::uintptr_t>(map);
    const std::uintptr_t aligned = (start + kSlotSize - 1) & ~(kSlotSize - 1);
    if (aligned > start) {
        munmap(map, aligned - start);
    }
    munmap(reinterpret_cast<void *>(aligned + length), start + kSlotSize - aligned);
    return reinterpret_cast<void *>(aligned);
}

// Whether it worked is seen later, by where the pages are: see lies_on_node().
void bind(void *memory, std::uint64_t length, int node) noexcept {
    const unsigned long mask = 1UL << node;
    static_cast<void>(syscall(SYS_mbind, memory, length, MPOL_BIND, &mask, sizeof(mask) * 8 + 1, 0));
}

// A child that another thread forks meanwhile does not get the memory either.
void prepare(void *memory, std::uint64_t length, int node) noexcept {
    madvise(memory, length, MADV_DONTFORK);
    if (node != kAnyNode) {
        bind(memory, length, node);
    }
}

bool populate(void *memory, std::uint64_t length) noexcept {
    if (madvise(memory, length, MADV_POPULATE_WRITE) == 0) {
        return true;
    }
    return errno == EINVAL; // before Linux 5.14: pages appear when they are touched
}

bool is_only_memory_node(int node) noexcept {
    const NodeList nodes = memory_nodes();
    return std::strpbrk(nodes.text, "-,") == nullptr && is_listed(nodes, node);
}

} // namespace

std::uint64_t granted_length(std::uint64_t length) noexcept {
    return length <= QAE_MAX_ALIGNMENT ? std::bit_ceil(std::max<std::uint64_t>(length, kPageSize))
                                       : (length + kSlotSize - 1) & ~(kSlotSize - 1);
}

SourceError map_anonymous(std::uint64_t length, int node, void *&memory) noexcept {
    memory = map_aligned(length);
    if (memory == nullptr) {
        if (errno == EAGAIN) { // after mlockall(MCL_FUTURE)
            return {EAGAIN};
        }
        return {.err = ENOMEM, .limit = exceeded_address_limit(length + kSlotSize)};
    }
    prepare(memory, length, node);
    if (length >= kSlotSize) {
        madvise(memory, length, MADV_HUGEPAGE);
    }
    if (!populate(memory, length)) {
        munmap(memory, length);
        return {ENOMEM};
    }
    return {};
}

// The pool is reserved for all nodes together. If it has no page left on @node, populating fails; a thread
// that touched the page instead would be killed.
void *map_huge_pages(std::uint64_t length, int node) noexcept {
    void *memory = mmap(nullptr, length, kProtection, kFlags | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
    if (memory == MAP_FAILED) {
        return nullptr;
    }
    prepare(memory, length, node);
    if (madvise(memory, length, MADV_POPULATE_WRITE) != 0) {
        munmap(memory, length);
        return nullptr;
    }
    return memory;
}

int move_memory(void *memory, std::uint64_t length, void *address) noexcept {
    void *moved = mremap(memory, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, address);
    return moved == MAP_FAILED ? -errno : 0;
}

int node_of_page(void *memory, int otherwise) noexcept {
    int node = -1;
    const long err = syscall(SYS_get_mempolicy, &node, nullptr, 0, memory, MPOL_F_NODE | MPOL_F_ADDR);
    return err == 0 && node >= 0 ? node : otherwise;
}

bool lies_on_node(void *memory, std::uint64_t length, int node) noexcept {
    constexpr std::uint64_t kAtOnce = 512;
    const void *pages[kAtOnce];
    int nodes[kAtOnce]; // or -errno
    const std::uint64_t count = length / kPageSize;
    for (std::uint64_t first = 0; first < count; first += kAtOnce) {
        const std::uint64_t some = std::min(kAtOnce, count - first);
        for (std::uint64_t i = 0; i < some; ++i) {
            pages[i] = static_cast<const char *>(memory) + (first + i) * kPageSize;
        }
        if (syscall(SYS_move_pages, 0, some, pages, nullptr, nodes, 0) != 0) {
            return is_only_memory_node(node);
        }
        if (std::any_of(nodes, nodes + some, [node](int where) { return where >= 0 && where != node; })) {
            return false;
        }
    }
    return true;
}

} // namespace qae
