// SPDX-License-Identifier: BSD-3-Clause
// The reserved address range in which all pinned memory of the process is mapped, divided into slots of 2
// MiB. A slot maps one 2 MiB frame of device addresses: a pointer and its device address agree in their low
// 21 bits. So the kernel can map a whole frame with one huge entry, and a translation takes one load from a
// small table: the frames by slot here, or the reverse table (frame_map.h).
#ifndef QAE_LIB_MEM_ADDRESS_WINDOW_H
#define QAE_LIB_MEM_ADDRESS_WINDOW_H

#include <atomic>
#include <cstdint>
#include <limits>

#include "mem/address/frame_map.h"
#include "mem/address/sparse_table.h"
#include "mem/address/units.h"

namespace qae {

class Window {
public:
    // Reserves the range unless it is reserved. Returns 0 or -errno.
    int reserve() noexcept;

    bool contains(std::uintptr_t address) const noexcept { return address - base_ < size_; }
    std::uintptr_t base() const noexcept { return base_; }
    std::uint64_t size() const noexcept { return size_; }

    // For readers without a lock. The sizes are 0 until all tables that a reader uses are ready, so a reader
    // loads the size before base().
    std::uint64_t published_size() const noexcept { return published_size_.load(std::memory_order_acquire); }
    std::uint64_t published_granules() const noexcept {
        return published_granules_.load(std::memory_order_acquire);
    }
    void publish() noexcept {
        published_size_.store(size_, std::memory_order_release);
        published_granules_.store(size_ / kGranule, std::memory_order_release);
    }

    // Finds the address for a new region, which lies within one frame or consists of whole frames. Returns 0
    // if there is no room, or if another region or another node has the frame.
    std::uintptr_t place(std::uint64_t device_address, std::uint64_t length, unsigned node) noexcept;

    // Replaces what is mapped in the range by inaccessible memory.
    static void make_inaccessible(std::uintptr_t address, std::uint64_t length) noexcept;

    // Call it after a mapping has replaced what was in the range: the new one is kept out of forked children
    // and core files too.
    static void settle(std::uintptr_t address, std::uint64_t length) noexcept;

    // Undoes place().
    void unplace(std::uintptr_t address, std::uint64_t length) noexcept;

    // Translation without a lock. The caller has checked that a live block is there: the result is the
    // address that was mapped at that check, and its node, which all regions of a frame share. @offset is
    // below size().
    std::uint64_t device_of(std::uint64_t offset) const noexcept {
        return std::atomic_ref(const_cast<std::uint64_t &>(frames_[offset / kSlotSize]))
                   .load(std::memory_order_relaxed) -
               1 + offset % kSlotSize;
    }
    unsigned node_of(std::uint64_t slot) const noexcept {
        return std::atomic_ref(const_cast<std::uint8_t &>(nodes_[slot])).load(std::memory_order_relaxed);
    }
    std::uintptr_t pointer_at(std::uint64_t device_address) const noexcept {
        std::uint64_t entry = frame_map_.find_cached(device_address / kSlotSize);
        if (entry == 0 || device_of((entry - 1) * kSlotSize) != device_address - device_address % kSlotSize)
            [[unlikely]] {
            entry = frame_map_.find(device_address / kSlotSize);
            if (entry == 0) {
                return 0;
            }
        }
        // Summed in this order, so that the least work depends on the entry.
        return base_ - kSlotSize + device_address % kSlotSize + entry * kSlotSize;
    }

    // In a forked child: forgets the parent's window, which fork did not copy, but remembers where it was.
    // The child's window goes elsewhere, so that no pointer of an ancestor is ever valid in the child.
    void forget_in_child() noexcept;

    // Unmaps the range and the tables.
    void release() noexcept;

private:
    static constexpr std::uint64_t kMaxSize = 64ULL << 30;
    static constexpr std::uint64_t kMinSize = 32ULL << 20;
    static constexpr std::uint64_t kAlignment = 1ULL << 30;
    static constexpr std::uint32_t kNoSlot = UINT32_MAX;

    static std::uint64_t size_wanted() noexcept;
    bool reserve_range(std::uint64_t size) noexcept;
    bool reserve_tables() noexcept;
    bool overlaps_ancestors(std::uintptr_t start, std::uint64_t bytes) const noexcept;
    void *map_away_from_ancestors(std::uint64_t bytes) noexcept;

    std::uint32_t num_slots() const noexcept { return static_cast<std::uint32_t>(size_ / kSlotSize); }
    std::uint64_t frame_of(std::uint64_t slot) const noexcept { return frames_[slot] / kSlotSize; }
    std::uint32_t slot_of(std::uint64_t frame) const noexcept;
    void fill_cache_entry(std::uint32_t slot, std::uint32_t count) noexcept;
    std::uint32_t find_free_slots(std::uint32_t count) noexcept;

    std::uintptr_t base_ = 0;
    std::uint64_t size_ = 0;
    std::atomic<std::uint64_t> published_size_{0};
    std::atomic<std::uint64_t> published_granules_{0}; // the same in units of 64 bytes
    SparseTable<std::uint64_t> frames_;  // by slot: device address + 1; kept after unplace(); 0: never used
    SparseTable<std::uint8_t> nodes_;    // by slot
    SparseTable<std::uint32_t> regions_; // by slot: regions in it; 0: the slot is free
    FrameMap frame_map_;                 // by frame
    static_assert(kMaxSize / kSlotSize <= std::numeric_limits<FrameMap::Entry>::max());
    std::uint32_t used_slots_ = 0;
    std::uint32_t first_free_ = 0;     // every slot below is used
    std::uintptr_t ancestors_low_ = 0; // [low, high): where windows of ancestors were
    std::uintptr_t ancestors_high_ = 0;
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_WINDOW_H
