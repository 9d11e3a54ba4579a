// SPDX-License-Identifier: BSD-3-Clause
// The reverse map of the window: from a frame of device addresses to the slot that maps it.
//
// The full table has an entry for each frame that the machine may have. Entries in use lie as far apart as
// the frames do, mostly one to a cache line. In front of the table is a direct-mapped cache, a small table
// indexed by the low bits of the frame number, whose entries lie close together. Frames with the same low
// bits share an entry, so a hit is only a candidate: the reader compares the slot's frame and on a mismatch
// looks into the full table.
//
// Readers take no lock. Writers hold the lock of the page heap.
#ifndef QAE_LIB_MEM_ADDRESS_FRAME_MAP_H
#define QAE_LIB_MEM_ADDRESS_FRAME_MAP_H

#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"

namespace qae {

class FrameMap {
public:
    // A slot + 1, or 0 for none. Entries are small, so that they share cache lines and pages.
    using Entry = std::uint16_t;

    // False with errno. Called again in a forked child, where the tables are empty.
    bool reserve() noexcept;

    // The cached slot for the frame, or 0. The slot may be another frame's. The acquire of the mask makes the
    // table visible, and the acquire of an entry everything that was stored before it.
    Entry find_cached(std::uint64_t frame) const noexcept {
        const std::uint64_t mask = cache_mask_.load(std::memory_order_acquire);
        return load(cache_.load(std::memory_order_relaxed) + (frame & mask));
    }
    // The slot of the frame according to the full table, or 0.
    Entry find(std::uint64_t frame) const noexcept {
        if (frame >= num_entries_.load(std::memory_order_acquire)) {
            return 0;
        }
        return load(table_.load(std::memory_order_relaxed) + frame);
    }

    // Enters @count frames from @first on at @slot, slot + 1, … into the full table, not into the cache. On
    // failure enters none and returns false with errno.
    bool insert(std::uint64_t first, std::uint32_t count, std::uint32_t slot) noexcept;
    void remove(std::uint64_t frame) noexcept;

    // Grows the cache for @frames frames in use. True if it has grown: then it misses every frame whose entry
    // has moved, until fill_cache_entry().
    bool grow_cache(std::uint32_t frames) noexcept;
    // Copies the frame's entry from the full table into the cache.
    void fill_cache_entry(std::uint64_t frame) noexcept;

    // Unmaps the tables.
    void release() noexcept;

private:
    // Frames that the full table has room for at first. It grows when a higher frame appears.
    static constexpr std::uint64_t kFrames = (4ULL << 40) >> 21;
    // Enough that few frames in use share an entry.
    static constexpr std::uint32_t kCacheEntriesPerFrame = 2;
    static constexpr std::uint64_t kMinCache = 512;
    static constexpr std::uint64_t kMaxCache = 65536;

    static Entry load(const Entry *at) noexcept {
        return std::atomic_ref(*const_cast<Entry *>(at)).load(std::memory_order_acquire);
    }
    static void store(Entry &at, Entry entry) noexcept {
        std::atomic_ref(at).store(entry, std::memory_order_release);
    }
    bool make_cache() noexcept;
    bool make_full_table(std::uint64_t frames) noexcept;
    Entry &cache_entry(std::uint64_t frame) noexcept {
        return cache_table_[frame & cache_mask_.load(std::memory_order_relaxed)];
    }

    static constexpr Entry kNone = 0;

    std::atomic<const Entry *> cache_{&kNone};
    std::atomic<std::uint64_t> cache_mask_{0};
    std::atomic<const Entry *> table_{nullptr};
    std::atomic<std::uint64_t> num_entries_{0}; // entries of the full table that can be read
    SparseTable<Entry> cache_table_;
    SparseTable<Entry> full_table_;
    std::uint64_t full_capacity_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_FRAME_MAP_H
