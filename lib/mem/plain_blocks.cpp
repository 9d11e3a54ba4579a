// SPDX-License-Identifier: BSD-3-Clause
#include "mem/plain_blocks.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>

namespace qae {
namespace {

constexpr std::uintptr_t kEmpty = 0;
constexpr std::uintptr_t kErased = 1; // never the address of a block
constexpr std::size_t kSmallest = 64;

constinit PlainBlocks g_blocks;

constexpr ForkHooks kHooks = {
    [](const timespec &deadline) noexcept { return g_blocks.before_fork(deadline); },
    []() noexcept { g_blocks.after_fork_in_parent(); },
    []() noexcept { g_blocks.after_fork_in_child(); },
};

// Drops the low bits, which are the same in all blocks.
std::size_t hash(std::uintptr_t pointer) noexcept {
    return static_cast<std::size_t>((pointer >> 4) * 0x9E3779B97F4A7C15ULL >> 24);
}

} // namespace

// The entry of @pointer, or the empty entry that ends the search. make_room() makes sure that there is one.
std::uintptr_t *PointerSet::find(Table &table, std::uintptr_t pointer) noexcept {
    std::size_t i = hash(pointer) & table.mask;
    while (table.entries[i] != pointer && table.entries[i] != kEmpty) {
        i = (i + 1) & table.mask;
    }
    return &table.entries[i];
}

bool PointerSet::make_room() noexcept {
    Table *old = table_.load(std::memory_order_relaxed);
    if (old != nullptr && (old->used + 1) * 4 <= (old->mask + 1) * 3) {
        return true;
    }
    // The new size depends on live entries only: a table full of erased entries is swept, not grown.
    const std::size_t live = old != nullptr ? old->live : 0;
    const std::size_t size = std::max(kSmallest, std::bit_ceil((live + 1) * 2));
    void *memory = std::calloc(1, sizeof(Table) + size * sizeof(std::uintptr_t));
    if (memory == nullptr) {
        return false;
    }
    Table *fresh = static_cast<Table *>(memory);
    fresh->mask = size - 1;
    for (std::size_t i = 0; old != nullptr && i <= old->mask; ++i) {
        if (old->entries[i] != kEmpty && old->entries[i] != kErased) {
            *find(*fresh, old->entries[i]) = old->entries[i];
            ++fresh->live;
        }
    }
    fresh->used = fresh->live;
    table_.store(fresh, std::memory_order_release);
    std::free(old);
    return true;
}

// If the pointer is in the set already, the application freed it with free() and calloc() returned it again.
bool PointerSet::insert(std::uintptr_t pointer) noexcept {
    if (!make_room()) {
        return false;
    }
    Table &table = *table_.load(std::memory_order_relaxed);
    std::uintptr_t *entry = find(table, pointer);
    if (*entry == kEmpty) {
        ++table.used;
        ++table.live;
        *entry = pointer;
    }
    return true;
}

bool PointerSet::erase(std::uintptr_t pointer) noexcept {
    Table *table = table_.load(std::memory_order_relaxed);
    if (table == nullptr || pointer == kEmpty || pointer == kErased) {
        return false;
    }
    std::uintptr_t *entry = find(*table, pointer);
    if (*entry != pointer) {
        return false;
    }
    *entry = kErased;
    --table->live;
    return true;
}

PlainBlocks &PlainBlocks::instance() noexcept {
    register_fork_hooks(ForkStage::plain, kHooks);
    return g_blocks;
}

PlainBlocks::Shard &PlainBlocks::shard_of(std::uintptr_t pointer) noexcept {
    return shards_[(hash(pointer) >> 32) % kShards];
}

bool PlainBlocks::add(void *block) noexcept {
    const auto pointer = reinterpret_cast<std::uintptr_t>(block);
    Shard &shard = shard_of(pointer);
    std::lock_guard lock(shard.mutex);
    return shard.pointers.insert(pointer);
}

bool PlainBlocks::remove(void *block) noexcept {
    const auto pointer = reinterpret_cast<std::uintptr_t>(block);
    Shard &shard = shard_of(pointer);
    std::lock_guard lock(shard.mutex);
    return shard.pointers.erase(pointer);
}

bool PlainBlocks::before_fork(const timespec &deadline) noexcept {
    for (unsigned i = 0; i < kShards; ++i) {
        if (!shards_[i].mutex.lock_until(deadline)) {
            while (i-- > 0) {
                shards_[i].mutex.unlock();
            }
            return false;
        }
    }
    return true;
}

void PlainBlocks::after_fork_in_parent() noexcept {
    for (Shard &shard : shards_) {
        shard.mutex.unlock();
    }
}

void PlainBlocks::after_fork_in_child() noexcept {
    for (Shard &shard : shards_) {
        shard.mutex.reset_in_child();
    }
}

} // namespace qae
