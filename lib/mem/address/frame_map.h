// SPDX-License-Identifier: BSD-3-Clause
// Which slot of the window stands for a frame of device addresses: the way back from a device address.
//
// The whole mirror has an entry for each frame that the machine may have. Those in use lie as far apart as
// the frames do, mostly one to a line of the processor's cache. In front of it is a near mirror, a small
// table by the low bits of the frame's number, in which they lie close together. It says where a frame may
// be, since others have the same low bits: who looks it up compares the slot's frame, and else asks the whole
// mirror.
//
// Read without a lock, changed under that of the page heap.
#ifndef QAE_LIB_MEM_ADDRESS_FRAME_MAP_H
#define QAE_LIB_MEM_ADDRESS_FRAME_MAP_H

#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"

namespace qae {

class FrameMap {
public:
    // A slot + 1; 0: none. Small entries, so that the processor has to find fewer lines and pages.
    using Entry = std::uint16_t;

    // False with errno. Again in a forked child, where all is empty.
    bool reserve() noexcept;

    // Where the frame is, if it is anywhere: a slot that may be another frame's by now, or 0. With a mask
    // there is the table, and with an entry all that was entered before it.
    Entry find_cached(std::uint64_t frame) const noexcept {
        const std::uint64_t mask = cache_mask_.load(std::memory_order_acquire);
        return load(cache_.load(std::memory_order_relaxed) + (frame & mask));
    }
    // Where it is.
    Entry find(std::uint64_t frame) const noexcept {
        if (frame >= num_entries_.load(std::memory_order_acquire)) {
            return 0;
        }
        return load(table_.load(std::memory_order_relaxed) + frame);
    }

    // Frames @first, … are in @slot, slot + 1 … from now on, if not near yet. False with errno: none
    // is.
    bool insert(std::uint64_t first, std::uint32_t count, std::uint32_t slot) noexcept;
    void remove(std::uint64_t frame) noexcept;

    // Makes the near mirror large enough for so many frames in use. True if it has grown: then it knows none
    // of those whose place in it has changed.
    bool grow_cache(std::uint32_t frames) noexcept;
    // Puts a frame that is in the whole mirror into the near one.
    void fill_cache_entry(std::uint64_t frame) noexcept;

private:
    // Frames that the whole mirror has room for at first; it grows when there are higher ones.
    static constexpr std::uint64_t kFrames = (4ULL << 40) >> 21;
    // Of entries for each frame in use, so that few of them share one.
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
    std::atomic<std::uint64_t> num_entries_{0}; // frames that may be looked up in the whole mirror
    SparseTable<Entry> cache_table_;
    SparseTable<Entry> full_table_;
    std::uint64_t full_capacity_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_FRAME_MAP_H
