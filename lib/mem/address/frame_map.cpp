// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/frame_map.h"

#include <algorithm>
#include <bit>

namespace qae {

// A raw clone may have come between a table and what readers find it by, so that is stored in any case.
bool Mirror::reserve() noexcept {
    if ((near_table_.data() == nullptr && !make_near()) ||
        (whole_table_.data() == nullptr && !make_whole(kFrames))) {
        return false;
    }
    near_.store(near_table_.data(), std::memory_order_release);
    whole_.store(whole_table_.data(), std::memory_order_release);
    return true;
}

// The member is set once it can be written: a child of a raw clone takes it as it finds it.
bool Mirror::make_near() noexcept {
    SparseTable<Entry> table;
    if (!table.reserve(kMostNear)) {
        return false;
    }
    if (!table.commit(kMostNear)) {
        table.release();
        return false;
    }
    near_table_ = table;
    return true;
}

// Room for device addresses of so many frames. An older table stays mapped, because a translation may be
// reading it; that happens once or twice in the life of a process, if ever.
bool Mirror::make_whole(std::uint64_t frames) noexcept {
    SparseTable<Entry> table;
    const std::uint64_t known = num_known_.load(std::memory_order_relaxed);
    if (!table.reserve(frames)) {
        return false;
    }
    if (!table.commit(known)) {
        table.release();
        return false;
    }
    if (known != 0) {
        std::copy_n(whole_table_.data(), known, table.data());
    }
    whole_table_ = table;
    whole_room_ = frames;
    whole_.store(table.data(), std::memory_order_release);
    return true;
}

bool Mirror::enter(std::uint64_t first, std::uint32_t count, std::uint32_t slot) noexcept {
    const std::uint64_t end = first + count;
    if (end > whole_room_ && !make_whole(std::bit_ceil(end))) {
        return false;
    }
    if (end > num_known_.load(std::memory_order_relaxed)) {
        if (!whole_table_.commit(end)) {
            return false;
        }
        num_known_.store(end, std::memory_order_release);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        store(whole_table_[first + i], static_cast<Entry>(slot + i + 1));
    }
    return true;
}

void Mirror::remove(std::uint64_t frame) noexcept {
    if (near_of(frame) == whole_table_[frame]) {
        store(near_of(frame), 0);
    }
    store(whole_table_[frame], 0);
}

bool Mirror::grow_near(std::uint32_t frames) noexcept {
    const std::uint64_t wanted =
        std::clamp(std::bit_ceil(std::uint64_t{frames} * kSpread), kLeastNear, kMostNear);
    if (wanted <= near_mask_.load(std::memory_order_relaxed) + 1) {
        return false;
    }
    near_mask_.store(wanted - 1, std::memory_order_release);
    return true;
}

void Mirror::bring_near(std::uint64_t frame) noexcept { store(near_of(frame), whole_table_[frame]); }

} // namespace qae
