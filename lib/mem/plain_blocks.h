// SPDX-License-Identifier: BSD-3-Clause
// The live blocks of qaeMemAlloc(), so that qaeMemFree() frees nothing else.
//
// A forked child keeps the table, because it has copies of its parent's ordinary memory and may free them.
#ifndef QAE_LIB_MEM_PLAIN_BLOCKS_H
#define QAE_LIB_MEM_PLAIN_BLOCKS_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "process/fork.h"

namespace qae {

// A set of pointers: open addressing, linear probing. It grows into a copy that replaces the old table with
// one store, so that the child of a raw clone, where the lock means nothing, finds a consistent table.
class PointerSet {
public:
    // False if there is no memory.
    bool insert(std::uintptr_t pointer) noexcept;
    // False if it is not in the set.
    bool erase(std::uintptr_t pointer) noexcept;

private:
    struct Table {
        std::size_t mask;
        std::size_t used; // live and erased entries
        std::size_t live;
        std::uintptr_t entries[];
    };

    static std::uintptr_t *find(Table &table, std::uintptr_t pointer) noexcept;
    bool make_room() noexcept;

    std::atomic<Table *> table_{nullptr};
};

class PlainBlocks {
public:
    static PlainBlocks &instance() noexcept;

    bool add(void *block) noexcept;
    // True if @block was live. Then this caller, and no other, frees it.
    bool remove(void *block) noexcept;

    bool before_fork(const timespec &deadline) noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

private:
    // Several shards, so that concurrent threads seldom contend. Each has its own cache line.
    struct alignas(64) Shard {
        Mutex mutex;
        PointerSet pointers;
    };
    static constexpr std::size_t kShards = 16;

    Shard &shard_of(std::uintptr_t pointer) noexcept;

    std::array<Shard, kShards> shards_;
};

} // namespace qae

#endif // QAE_LIB_MEM_PLAIN_BLOCKS_H
