// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/frame_map.h"

#include <algorithm>
#include <bit>

namespace qae {

// The pointers for readers are stored in any case: in the child of a raw clone, the clone may have come
// between the making of a table and the store of its pointer.
bool FrameMap::reserve() noexcept {
    if ((cache_table_.data() == nullptr && !make_cache()) ||
        (full_table_.data() == nullptr && !make_full_table(kFrames))) {
        return false;
    }
    cache_.store(cache_table_.data(), std::memory_order_release);
    table_.store(full_table_.data(), std::memory_order_release);
    return true;
}

// The member is set only when the table can be written, because the child of a raw clone uses the member as
// it finds it.
bool FrameMap::make_cache() noexcept {
    SparseTable<Entry> table;
    if (!table.reserve(kMaxCache)) {
        return false;
    }
    if (!table.commit(kMaxCache)) {
        table.release();
        return false;
    }
    cache_table_ = table;
    return true;
}

// Makes a table with room for @frames frames. The old table stays mapped, because a translation may be
// reading it. A process grows the table once or twice in its life, if ever.
bool FrameMap::make_full_table(std::uint64_t frames) noexcept {
    SparseTable<Entry> table;
    const std::uint64_t known = num_entries_.load(std::memory_order_relaxed);
    if (!table.reserve(frames)) {
        return false;
    }
    if (!table.commit(known)) {
        table.release();
        return false;
    }
    if (known != 0) {
        std::copy_n(full_table_.data(), known, table.data());
    }
    full_table_ = table;
    full_capacity_ = frames;
    table_.store(table.data(), std::memory_order_release);
    return true;
}

bool FrameMap::insert(std::uint64_t first, std::uint32_t count, std::uint32_t slot) noexcept {
    const std::uint64_t end = first + count;
    if (end > full_capacity_ && !make_full_table(std::bit_ceil(end))) {
        return false;
    }
    if (end > num_entries_.load(std::memory_order_relaxed)) {
        if (!full_table_.commit(end)) {
            return false;
        }
        num_entries_.store(end, std::memory_order_release);
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        store(full_table_[first + i], static_cast<Entry>(slot + i + 1));
    }
    return true;
}

void FrameMap::remove(std::uint64_t frame) noexcept {
    if (cache_entry(frame) == full_table_[frame]) {
        store(cache_entry(frame), 0);
    }
    store(full_table_[frame], 0);
}

bool FrameMap::grow_cache(std::uint32_t frames) noexcept {
    const std::uint64_t wanted =
        std::clamp(std::bit_ceil(std::uint64_t{frames} * kCacheEntriesPerFrame), kMinCache, kMaxCache);
    if (wanted <= cache_mask_.load(std::memory_order_relaxed) + 1) {
        return false;
    }
    cache_mask_.store(wanted - 1, std::memory_order_release);
    return true;
}

void FrameMap::release() noexcept {
    cache_table_.release();
    full_table_.release();
}

void FrameMap::fill_cache_entry(std::uint64_t frame) noexcept {
    store(cache_entry(frame), full_table_[frame]);
}

} // namespace qae
