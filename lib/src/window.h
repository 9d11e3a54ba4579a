// SPDX-License-Identifier: BSD-3-Clause
// The reserved range of addresses that all pinned memory of the process is mapped in, in slots of 2 MiB. A
// slot stands for one 2 MiB frame of device addresses: pointer and device address agree in their low 21 bits,
// so that the kernel can map a whole frame by one entry, and translation either way is one lookup whatever
// the number of regions.
#ifndef QAE_LIB_WINDOW_H
#define QAE_LIB_WINDOW_H

#include <cstdint>

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

    // Finds the place of a new region: within one frame, or whole frames. 0 if there is no room.
    std::uintptr_t place(std::uint64_t device_address, std::uint64_t length) noexcept;

    // Makes a range inaccessible again that something was mapped in.
    static void hide(std::uintptr_t address, std::uint64_t length) noexcept;

    // Undoes place().
    void unplace(std::uintptr_t address, std::uint64_t length) noexcept;

    // The place of a device address, whether or not a region is there; 0 if no region shares its frame.
    std::uintptr_t find_device(std::uint64_t device_address) const noexcept;

    // Forgets the parent's window, which fork did not copy, but remembers where it was: a child's window goes
    // elsewhere, so that no pointer of any ancestor is ever taken for one of the child's own.
    void forget_in_child() noexcept;

private:
    static constexpr std::uint64_t kMaxSize = 64ULL << 30;
    static constexpr std::uint64_t kMinSize = 256ULL << 20;
    static constexpr std::uint64_t kAlignment = 1ULL << 30;

    struct Slot {
        std::uint64_t frame;
        std::uint32_t regions; // that lie in it; 0: the slot is free
    };

    static std::uint64_t size_wanted() noexcept;
    bool reserve_range(std::uint64_t size) noexcept;
    bool reserve_tables() noexcept;
    bool overlaps_ancestors(std::uintptr_t start, std::uint64_t bytes) const noexcept;
    void *map_away_from_ancestors(std::uint64_t bytes) noexcept;

    std::uint32_t num_slots() const noexcept { return static_cast<std::uint32_t>(size_ / kSlotSize); }
    std::uint32_t hash(std::uint64_t frame) const noexcept;
    std::uint32_t find_frame(std::uint64_t frame) const noexcept;
    void insert_frame(std::uint32_t slot) noexcept;
    void erase_frame(std::uint32_t slot) noexcept;
    std::uint32_t find_free_slots(std::uint32_t count) noexcept;

    std::uintptr_t base_ = 0;
    std::uint64_t size_ = 0;
    SparseTable<Slot> slots_;
    SparseTable<std::uint32_t> frames_; // open addressing, linear probing: slot + 1, 0 is empty
    std::uint32_t frames_mask_ = 0;
    std::uint32_t first_free_ = 0;     // no slot below is free
    std::uintptr_t ancestors_low_ = 0; // [low, high): where windows of ancestors were
    std::uintptr_t ancestors_high_ = 0;
};

} // namespace qae

#endif // QAE_LIB_WINDOW_H
