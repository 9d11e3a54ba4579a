// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/window.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "mem/address/limits.h"

namespace qae {
namespace {

constexpr int kReserveFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

// Neither a forked child nor a core file gets the range. A debugger writes as much into a core file as is
// reserved, and does not see that nothing is there.
void keep_private(std::uintptr_t address, std::uint64_t length) noexcept {
    void *start = reinterpret_cast<void *>(address);
    madvise(start, length, MADV_DONTFORK);
    madvise(start, length, MADV_DONTDUMP);
}

// After mlockall(MCL_FUTURE) the kernel counts what is reserved as locked memory, though no page is there.
void keep_unlocked(std::uintptr_t address, std::uint64_t length) noexcept {
    munlock(reinterpret_cast<void *>(address), length);
}

} // namespace

// Address space costs nothing unless the process is limited. Then most of it is left to the application.
std::uint64_t Window::size_wanted() noexcept {
    const std::uint64_t limit = address_space_limit();
    return limit == kNoLimit ? kMaxSize : std::clamp(std::bit_floor(limit / 4), kMinSize, kMaxSize);
}

int Window::reserve() noexcept {
    if (base_ != 0) {
        return 0;
    }
    int err = ENOMEM;
    for (std::uint64_t size = size_wanted(); size >= kMinSize; size /= 2) {
        if (reserve_range(size)) {
            if (reserve_tables()) {
                return 0;
            }
            err = errno;
            munmap(reinterpret_cast<void *>(base_), size_);
            base_ = 0;
            size_ = 0;
        } else {
            err = errno;
        }
    }
    return -err;
}

bool Window::overlaps_ancestors(std::uintptr_t start, std::uint64_t bytes) const noexcept {
    return start < ancestors_high_ && start + bytes > ancestors_low_;
}

// The kernel tends to offer the very hole where the parent's window was. Holding on to overlapping mappings
// makes it look elsewhere. After kAttempts attempts (many levels of forking) the last offer is taken.
void *Window::map_away_from_ancestors(std::uint64_t bytes) noexcept {
    constexpr unsigned kAttempts = 64;
    void *overlapping[kAttempts];
    unsigned held = 0;
    void *map = MAP_FAILED;
    for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
        void *hint = nullptr;
        if (ancestors_low_ > bytes + kAlignment) {
            hint = reinterpret_cast<void *>(ancestors_low_ - bytes);
        }
        map = mmap(hint, bytes, PROT_NONE, kReserveFlags, -1, 0);
        if (map == MAP_FAILED || !overlaps_ancestors(reinterpret_cast<std::uintptr_t>(map), bytes)) {
            break;
        }
        overlapping[held++] = map;
    }
    if (map == MAP_FAILED && held > 0) {
        map = overlapping[--held];
    } else if (held > 0 && map == overlapping[held - 1]) {
        --held;
    }
    while (held > 0) {
        munmap(overlapping[--held], bytes);
    }
    return map;
}

bool Window::reserve_range(std::uint64_t size) noexcept {
    // A small window has a small alignment, since address space is limited then.
    const std::uint64_t alignment = std::min(size, kAlignment);
    const std::uint64_t bytes = size + alignment;
    void *map = map_away_from_ancestors(bytes);
    if (map == MAP_FAILED) { // errno is set, as the caller expects
        return false;
    }
    const auto start = reinterpret_cast<std::uintptr_t>(map);
    const std::uintptr_t base = (start + alignment - 1) & ~(alignment - 1);
    if (base > start) {
        munmap(map, base - start);
    }
    if (start + bytes > base + size) {
        munmap(reinterpret_cast<void *>(base + size), start + bytes - (base + size));
    }
    keep_private(base, size);
    keep_unlocked(base, size);
    base_ = base;
    size_ = size;
    return true;
}

bool Window::reserve_tables() noexcept {
    frames_.release(); // in a forked child these are the parent's
    nodes_.release();
    regions_.release();
    if (frames_.reserve(num_slots()) && frames_.commit(num_slots()) && nodes_.reserve(num_slots()) &&
        nodes_.commit(num_slots()) && regions_.reserve(num_slots()) && regions_.commit(num_slots()) &&
        frame_map_.reserve()) {
        return true;
    }
    const int err = errno;
    frames_.release();
    nodes_.release();
    regions_.release();
    errno = err;
    return false;
}

std::uint32_t Window::slot_of(std::uint64_t frame) const noexcept {
    const std::uint32_t entry = frame_map_.find(frame);
    return entry != 0 ? entry - 1 : kNoSlot;
}

// Enters the new slots into the cache of the frame map, or all slots if the cache had to grow for them.
void Window::fill_cache_entry(std::uint32_t slot, std::uint32_t count) noexcept {
    if (frame_map_.grow_cache(used_slots_)) {
        slot = 0;
        count = num_slots();
    }
    for (std::uint32_t i = slot; i < slot + count; ++i) {
        if (regions_[i] != 0) {
            frame_map_.fill_cache_entry(frame_of(i));
        }
    }
}

std::uint32_t Window::find_free_slots(std::uint32_t count) noexcept {
    std::uint32_t run = 0;
    while (first_free_ < num_slots() && regions_[first_free_] != 0) {
        ++first_free_;
    }
    for (std::uint32_t slot = first_free_; slot < num_slots(); ++slot) {
        run = regions_[slot] == 0 ? run + 1 : 0;
        if (run == count) {
            return slot + 1 - count;
        }
    }
    return kNoSlot;
}

std::uintptr_t Window::place(std::uint64_t device_address, std::uint64_t length, unsigned node) noexcept {
    const std::uint64_t frame = device_address / kSlotSize;
    const std::uint64_t offset = device_address % kSlotSize;
    const auto count = static_cast<std::uint32_t>((offset + length + kSlotSize - 1) / kSlotSize);
    if (base_ == 0 || (count > 1 && (offset != 0 || length % kSlotSize != 0))) {
        return 0;
    }
    std::uint32_t slot = slot_of(frame);
    if (slot != kNoSlot && count == 1) {
        if (nodes_[slot] != node) {
            return 0; // a frame never spans two nodes: the source is wrong
        }
        ++regions_[slot];
        return base_ + slot * kSlotSize + offset;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        if (slot_of(frame + i) != kNoSlot) {
            return 0; // two regions at one device address: the source is wrong; never map over live memory
        }
    }
    slot = find_free_slots(count);
    if (slot == kNoSlot || !frame_map_.insert(frame, count, slot)) {
        return 0;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        regions_[slot + i] = 1;
        std::atomic_ref(nodes_[slot + i]).store(static_cast<std::uint8_t>(node), std::memory_order_relaxed);
        std::atomic_ref(frames_[slot + i]).store((frame + i) * kSlotSize + 1, std::memory_order_relaxed);
    }
    used_slots_ += count;
    fill_cache_entry(slot, count);
    return base_ + slot * kSlotSize + offset;
}

// If the process has too many mappings, the kernel refuses and the old mapping stays. That is harmless:
// nobody has its address any more, and the next region placed there replaces it.
void Window::make_inaccessible(std::uintptr_t address, std::uint64_t length) noexcept {
    void *start = reinterpret_cast<void *>(address);
    static_cast<void>(mmap(start, length, PROT_NONE, kReserveFlags | MAP_FIXED, -1, 0));
    keep_private(address, length);
    keep_unlocked(address, length);
}

void Window::settle(std::uintptr_t address, std::uint64_t length) noexcept { keep_private(address, length); }

// The slot's entry in frames_ stays: a concurrent translation may have found a block live there just before
// it was freed, and must return the address that the block had, not one that no block ever had.
void Window::unplace(std::uintptr_t address, std::uint64_t length) noexcept {
    const auto first = static_cast<std::uint32_t>((address - base_) / kSlotSize);
    const auto last = static_cast<std::uint32_t>((address - base_ + length - 1) / kSlotSize);
    for (std::uint32_t slot = first; slot <= last; ++slot) {
        if (--regions_[slot] == 0) {
            frame_map_.remove(frame_of(slot));
            --used_slots_;
            first_free_ = std::min(first_free_, slot);
        }
    }
}

void Window::release() noexcept {
    if (base_ != 0) {
        munmap(reinterpret_cast<void *>(base_), size_);
    }
    frames_.release();
    nodes_.release();
    regions_.release();
    frame_map_.release();
}

// The tables read as zero in the child; only the members are reset.
void Window::forget_in_child() noexcept {
    if (base_ != 0) {
        ancestors_low_ = ancestors_low_ == 0 ? base_ : std::min(ancestors_low_, base_);
        ancestors_high_ = std::max(ancestors_high_, base_ + size_);
    }
    published_size_.store(0, std::memory_order_relaxed);
    published_granules_.store(0, std::memory_order_relaxed);
    base_ = 0;
    size_ = 0;
    used_slots_ = 0;
    first_free_ = 0;
}

} // namespace qae
