// SPDX-License-Identifier: BSD-3-Clause
// The reserved range of addresses that all pinned memory of the process is mapped in, in slots of 2 MiB. A
// slot stands for one 2 MiB frame of device addresses: pointer and device address agree in their low 21 bits,
// so that the kernel can map a whole frame by one entry, and translation either way is one load from a flat
// table whatever the number of regions.
#ifndef QAE_LIB_WINDOW_H
#define QAE_LIB_WINDOW_H

#include <atomic>
#include <cstdint>

#include "size_classes.h"
#include "sparse_table.h"

namespace qae {

inline constexpr std::uint64_t kSlotSize = 2ULL << 20;

class Window {
public:
    // Reserves the range if that is not done. 0 or -errno.
    int reserve() noexcept;

    bool contains(std::uintptr_t address) const noexcept { return address - base_ < size_; }
    std::uintptr_t base() const noexcept { return base_; }
    std::uint64_t size() const noexcept { return size_; }

    // For readers without a lock: 0 until everything that they look into is there. Read before base().
    std::uint64_t open_size() const noexcept { return open_size_.load(std::memory_order_acquire); }
    std::uint64_t open_granules() const noexcept { return open_granules_.load(std::memory_order_acquire); }
    void open() noexcept {
        open_size_.store(size_, std::memory_order_release);
        open_granules_.store(size_ / kGranule, std::memory_order_release);
    }

    // Finds the place of a new region: within one frame, or whole frames. 0 if there is no room, or if the
    // frame is another region's already, or another node's.
    std::uintptr_t place(std::uint64_t device_address, std::uint64_t length, unsigned node) noexcept;

    // Makes a range inaccessible again that something was mapped in.
    static void hide(std::uintptr_t address, std::uint64_t length) noexcept;

    // Undoes place().
    void unplace(std::uintptr_t address, std::uint64_t length) noexcept;

    // Translation, without a lock and without a look at what is live there. What is asked for was mapped when
    // that look was taken: its address, and its node, which all regions of a frame share. @offset is below
    // size().
    std::uint64_t device_of(std::uint64_t offset) const noexcept {
        return std::atomic_ref(const_cast<std::uint64_t &>(frames_[offset / kSlotSize]))
                   .load(std::memory_order_relaxed) -
               1 + offset % kSlotSize;
    }
    unsigned node_of(std::uint64_t slot) const noexcept {
        return std::atomic_ref(const_cast<std::uint8_t &>(nodes_[slot])).load(std::memory_order_relaxed);
    }
    std::uintptr_t pointer_at(std::uint64_t device_address) const noexcept {
        const std::uint64_t frame = device_address / kSlotSize;
        if (frame >= num_mirrored_.load(std::memory_order_acquire)) {
            return 0;
        }
        const std::uint16_t *mirror = mirror_.load(std::memory_order_relaxed);
        const std::uint64_t slot =
            std::atomic_ref(const_cast<std::uint16_t &>(mirror[frame])).load(std::memory_order_relaxed);
        // In this order least is left to do once the slot is known.
        const std::uintptr_t behind = base_ - kSlotSize + device_address % kSlotSize;
        return slot != 0 ? behind + slot * kSlotSize : 0;
    }

    // In a forked child: forgets the parent's window, which fork did not copy, but remembers where it was: a
    // child's window goes elsewhere, so that no pointer of any ancestor is ever taken for one of the child's
    // own.
    void forget_in_child() noexcept;

private:
    static constexpr std::uint64_t kMaxSize = 64ULL << 30;
    static constexpr std::uint64_t kMinSize = 256ULL << 20;
    static constexpr std::uint64_t kAlignment = 1ULL << 30;
    static constexpr std::uint32_t kNoSlot = UINT32_MAX;

    // Device addresses that the mirror has room for at first; it grows when there are higher ones.
    static constexpr std::uint64_t kMirrored = (4ULL << 40) / kSlotSize;

    static std::uint64_t size_wanted() noexcept;
    bool reserve_range(std::uint64_t size) noexcept;
    bool reserve_tables() noexcept;
    bool overlaps_ancestors(std::uintptr_t start, std::uint64_t bytes) const noexcept;
    void *map_away_from_ancestors(std::uint64_t bytes) noexcept;

    std::uint32_t num_slots() const noexcept { return static_cast<std::uint32_t>(size_ / kSlotSize); }
    bool make_mirror(std::uint64_t frames) noexcept;
    bool mirror_frames(std::uint64_t first, std::uint32_t count, std::uint32_t slot) noexcept;
    std::uint32_t slot_of(std::uint64_t frame) const noexcept;
    std::uint32_t find_free_slots(std::uint32_t count) noexcept;

    std::uintptr_t base_ = 0;
    std::uint64_t size_ = 0;
    std::atomic<std::uint64_t> open_size_{0};
    std::atomic<std::uint64_t> open_granules_{0}; // the same in units of 64 bytes
    SparseTable<std::uint64_t> frames_;  // by slot: device address + 1, also of what went; 0: nothing yet
    SparseTable<std::uint8_t> nodes_;    // by slot
    SparseTable<std::uint32_t> regions_; // by slot: how many lie in it; 0: the slot is free
    // By frame: slot + 1. Small entries, because those in use lie as far apart as the frames do: the
    // processor has to find fewer pages.
    SparseTable<std::uint16_t> mirror_table_;
    static_assert(kMaxSize / kSlotSize <= UINT16_MAX);
    std::uint64_t mirror_room_ = 0;
    std::atomic<const std::uint16_t *> mirror_{nullptr};
    std::atomic<std::uint64_t> num_mirrored_{0}; // frames that may be looked up
    std::uint32_t first_free_ = 0;               // no slot below is free
    std::uintptr_t ancestors_low_ = 0;           // [low, high): where windows of ancestors were
    std::uintptr_t ancestors_high_ = 0;
};

} // namespace qae

#endif // QAE_LIB_WINDOW_H
