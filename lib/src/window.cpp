// SPDX-License-Identifier: BSD-3-Clause
#include "window.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace qae {
namespace {

constexpr std::uint32_t kNoSlot = UINT32_MAX;
constexpr int kReserveFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

} // namespace

// Address space is free, except where the process's is limited: there most of it stays the application's.
std::uint64_t Window::size_wanted() noexcept {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return kMaxSize;
    }
    return std::clamp<std::uint64_t>(std::bit_floor(limit.rlim_cur / 4), kMinSize, kMaxSize);
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

// The kernel likes to hand out the very hole where the parent's window was. Holding on to what overlaps makes
// it look elsewhere; after many levels of forking the last offer is taken.
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
    const std::uint64_t bytes = size + kAlignment;
    void *map = map_away_from_ancestors(bytes);
    if (map == MAP_FAILED) { // with errno, as the caller expects
        return false;
    }
    const auto start = reinterpret_cast<std::uintptr_t>(map);
    const std::uintptr_t base = (start + kAlignment - 1) & ~(kAlignment - 1);
    if (base > start) {
        munmap(map, base - start);
    }
    if (start + bytes > base + size) {
        munmap(reinterpret_cast<void *>(base + size), start + bytes - (base + size));
    }
    madvise(reinterpret_cast<void *>(base), size, MADV_DONTFORK);
    base_ = base;
    size_ = size;
    return true;
}

bool Window::reserve_tables() noexcept {
    const std::uint32_t entries = std::bit_ceil(num_slots() * 2);
    if (slots_.reserve(num_slots()) && slots_.commit(num_slots()) && frames_.reserve(entries) &&
        frames_.commit(entries)) {
        frames_mask_ = entries - 1;
        return true;
    }
    const int err = errno;
    slots_.release();
    frames_.release();
    errno = err;
    return false;
}

std::uint32_t Window::hash(std::uint64_t frame) const noexcept {
    return static_cast<std::uint32_t>(frame * 0x9E3779B97F4A7C15ULL >> 32) & frames_mask_;
}

std::uint32_t Window::find_frame(std::uint64_t frame) const noexcept {
    for (std::uint32_t i = hash(frame);; i = (i + 1) & frames_mask_) {
        const std::uint32_t entry = frames_[i];
        if (entry == 0) {
            return kNoSlot;
        }
        if (slots_[entry - 1].frame == frame) {
            return entry - 1;
        }
    }
}

void Window::insert_frame(std::uint32_t slot) noexcept {
    std::uint32_t i = hash(slots_[slot].frame);
    while (frames_[i] != 0) {
        i = (i + 1) & frames_mask_;
    }
    frames_[i] = slot + 1;
}

// Moves later entries of the same probe sequence up, so that no tombstones pile up over the life of the
// process.
void Window::erase_frame(std::uint32_t slot) noexcept {
    std::uint32_t hole = hash(slots_[slot].frame);
    while (frames_[hole] != slot + 1) {
        hole = (hole + 1) & frames_mask_;
    }
    for (std::uint32_t i = (hole + 1) & frames_mask_; frames_[i] != 0; i = (i + 1) & frames_mask_) {
        const std::uint32_t home = hash(slots_[frames_[i] - 1].frame);
        if (((i - home) & frames_mask_) >= ((i - hole) & frames_mask_)) {
            frames_[hole] = frames_[i];
            hole = i;
        }
    }
    frames_[hole] = 0;
}

std::uint32_t Window::find_free_slots(std::uint32_t count) noexcept {
    std::uint32_t run = 0;
    while (first_free_ < num_slots() && slots_[first_free_].regions != 0) {
        ++first_free_;
    }
    for (std::uint32_t slot = first_free_; slot < num_slots(); ++slot) {
        run = slots_[slot].regions == 0 ? run + 1 : 0;
        if (run == count) {
            return slot + 1 - count;
        }
    }
    return kNoSlot;
}

std::uintptr_t Window::place(std::uint64_t device_address, std::uint64_t length) noexcept {
    const std::uint64_t frame = device_address / kSlotSize;
    const std::uint64_t offset = device_address % kSlotSize;
    const auto count = static_cast<std::uint32_t>((offset + length + kSlotSize - 1) / kSlotSize);
    if (base_ == 0 || (count > 1 && (offset != 0 || length % kSlotSize != 0))) {
        return 0;
    }
    std::uint32_t slot = find_frame(frame);
    if (slot != kNoSlot && count == 1) {
        ++slots_[slot].regions;
        return base_ + slot * kSlotSize + offset;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        if (find_frame(frame + i) != kNoSlot) {
            return 0; // two regions at one device address: the source is wrong, do not map over live memory
        }
    }
    slot = find_free_slots(count);
    if (slot == kNoSlot) {
        return 0;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        slots_[slot + i] = {.frame = frame + i, .regions = 1};
        insert_frame(slot + i);
    }
    return base_ + slot * kSlotSize + offset;
}

// Should the process have so many mappings that the kernel refuses, the old one stays: nobody has its address
// any more, and the next region placed there replaces it.
void Window::hide(std::uintptr_t address, std::uint64_t length) noexcept {
    void *start = reinterpret_cast<void *>(address);
    mmap(start, length, PROT_NONE, kReserveFlags | MAP_FIXED, -1, 0);
    madvise(start, length, MADV_DONTFORK);
}

void Window::unplace(std::uintptr_t address, std::uint64_t length) noexcept {
    const auto first = static_cast<std::uint32_t>((address - base_) / kSlotSize);
    const auto last = static_cast<std::uint32_t>((address - base_ + length - 1) / kSlotSize);
    for (std::uint32_t slot = first; slot <= last; ++slot) {
        if (--slots_[slot].regions == 0) {
            erase_frame(slot);
            first_free_ = std::min(first_free_, slot);
        }
    }
}

std::uintptr_t Window::find_device(std::uint64_t device_address) const noexcept {
    if (base_ == 0) {
        return 0;
    }
    const std::uint32_t slot = find_frame(device_address / kSlotSize);
    return slot == kNoSlot ? 0 : base_ + slot * kSlotSize + device_address % kSlotSize;
}

void Window::forget_in_child() noexcept {
    Window fresh;
    fresh.ancestors_low_ = ancestors_low_;
    fresh.ancestors_high_ = ancestors_high_;
    if (base_ != 0) {
        fresh.ancestors_low_ = ancestors_low_ == 0 ? base_ : std::min(ancestors_low_, base_);
        fresh.ancestors_high_ = std::max(ancestors_high_, base_ + size_);
    }
    *this = fresh;
}

} // namespace qae
