// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/mapped_memory.h"

#include <algorithm>

namespace qae {
namespace {

constexpr std::uint64_t granules_of(std::uint64_t length) noexcept {
    return (length + kSlotSize - 1) / kSlotSize;
}

} // namespace

bool MappedMemory::reserve(std::uint64_t granules) noexcept {
    if (root_.load(std::memory_order_relaxed) != nullptr) {
        return true;
    }
    if (granules_.data() == nullptr && !granules_.reserve(granules)) {
        return false;
    }
    if (root_table_.data() == nullptr && !root_table_.reserve(kTables)) {
        return false;
    }
    if (!root_table_.commit(kTables)) {
        return false;
    }
    granule_.store(granules_.data(), std::memory_order_release);
    root_.store(root_table_.data(), std::memory_order_release);
    return true;
}

// The granule's pointer is a candidate only, because a mapping need not fill its last granule.
bool MappedMemory::to_pointer(std::uint64_t device, std::uintptr_t &address) const noexcept {
    const std::uint64_t granule = device / kSlotSize;
    if (granule >= known_granules_.load(std::memory_order_acquire)) {
        return false;
    }
    const std::uint64_t pointer = load(granule_.load(std::memory_order_relaxed)[granule].pointer);
    address = pointer + device % kSlotSize;
    std::uint64_t back;
    return pointer != 0 && to_device(address, back) && back == device;
}

MappedMemory::Entry *MappedMemory::frame_entry(std::uintptr_t address) const noexcept {
    const Entry frames = load(root_.load(std::memory_order_relaxed)[address / kSpan]);
    return frames == 0 ? nullptr : reinterpret_cast<Entry *>(frames) + address % kSpan / kSlotSize;
}

bool MappedMemory::overlaps(std::uintptr_t start, std::uint64_t length) const noexcept {
    const std::uintptr_t end = start + length;
    for (std::uintptr_t at = start; at < end;) {
        const std::uintptr_t next = std::min<std::uintptr_t>(end, at - at % kSlotSize + kSlotSize);
        const Entry *frame = frame_entry(at);
        const Entry entry = frame == nullptr ? 0 : load(*frame);
        if ((entry & kMapped) != 0) {
            return true;
        }
        for (; entry != 0 && at < next; at += kPageSize) {
            if (load(reinterpret_cast<const Leaf *>(entry)->pages[at % kSlotSize / kPageSize]) != 0) {
                return true;
            }
        }
        at = next;
    }
    return false;
}

// Tables of frames and leaves stay until release(), which finds them without what holds them here: tables of
// frames by the root, leaves by the first element of each chunk, which has the address of the chunk before.
MappedMemory::Leaf *MappedMemory::new_leaf() noexcept {
    if (left_ == 0) {
        SparseTable<Leaf> chunk;
        if (!chunk.reserve(kChunk)) {
            return nullptr;
        }
        if (!chunk.commit(kChunk)) {
            chunk.release();
            return nullptr;
        }
        chunk[0].pages[0] = reinterpret_cast<Entry>(chunk_);
        chunk_ = chunk.data();
        leaves_ = chunk_ + 1;
        left_ = kLeavesAtOnce;
    }
    --left_;
    return leaves_++;
}

bool MappedMemory::provide_frame(std::uintptr_t frame, bool whole) noexcept {
    Entry *entry = frame_entry(frame);
    if (entry == nullptr) {
        SparseTable<Entry> frames;
        if (!frames.reserve(kFrames)) {
            return false;
        }
        if (!frames.commit(kFrames)) {
            frames.release();
            return false;
        }
        store(root_table_[frame / kSpan], reinterpret_cast<Entry>(frames.data()));
        entry = frame_entry(frame);
    }
    if (whole || load(*entry) != 0) {
        return true;
    }
    const Leaf *leaf = new_leaf();
    if (leaf == nullptr) {
        return false;
    }
    store(*entry, reinterpret_cast<Entry>(leaf));
    return true;
}

bool MappedMemory::provide_devices(std::uint64_t device, std::uint64_t length) noexcept {
    const std::uint64_t end = device / kSlotSize + granules_of(length);
    if (end > known_granules_.load(std::memory_order_relaxed)) {
        if (!granules_.commit(end)) {
            return false;
        }
        known_granules_.store(end, std::memory_order_release);
    }
    return true;
}

bool MappedMemory::provide_pointers(std::uintptr_t start, std::uint64_t length) noexcept {
    for (std::uintptr_t at = start; at < start + length;) {
        const std::uintptr_t frame = at - at % kSlotSize;
        const std::uintptr_t next = frame + kSlotSize;
        if (!provide_frame(frame, at == frame && next <= start + length)) {
            return false;
        }
        at = next;
    }
    return true;
}

// Sets the entries of all frames and pages of the range.
void MappedMemory::set(std::uintptr_t start, std::uint64_t length, Entry entry) noexcept {
    const std::uintptr_t end = start + length;
    for (std::uintptr_t at = start; at < end;) {
        const std::uintptr_t next = std::min<std::uintptr_t>(end, at - at % kSlotSize + kSlotSize);
        Entry &frame = *frame_entry(at);
        const Entry now = load(frame);
        if (now == 0 || (now & kMapped) != 0) {
            store(frame, entry);
            at = next;
        }
        for (; at < next; at += kPageSize) {
            store(reinterpret_cast<Leaf *>(now)->pages[at % kSlotSize / kPageSize], entry);
        }
    }
}

void MappedMemory::set_granules(std::uintptr_t start, std::uint64_t length, std::uint64_t device,
                                bool mapped) noexcept {
    const std::uint64_t first = device / kSlotSize;
    for (std::uint64_t i = 0; i < granules_of(length); ++i) {
        store(granules_[first + i].pointer, mapped ? start + i * kSlotSize : 0);
    }
    granules_[first].length = mapped ? length : 0;
}

// Pointers last: a reader that finds one expects the way back to exist.
void MappedMemory::insert(std::uintptr_t start, std::uint64_t length, std::uint64_t device) noexcept {
    set(start, length, (device - start) | kMapped);
    set_granules(start, length, device, true);
}

void MappedMemory::remove(std::uintptr_t start, std::uint64_t length, std::uint64_t device) noexcept {
    set_granules(start, length, device, false);
    set(start, length, 0);
}

std::uint64_t MappedMemory::length_at(std::uintptr_t start, std::uint64_t &device) const noexcept {
    if (!to_device(start, device) || device % kSlotSize != 0) {
        return 0;
    }
    return granules_[device / kSlotSize].length; // only a mapping's first granule has one
}

bool MappedMemory::next(std::uint64_t from, Mapping &mapping) const noexcept {
    const std::uint64_t known = known_granules_.load(std::memory_order_relaxed);
    for (std::uint64_t granule = (from + kSlotSize - 1) / kSlotSize; granule < known; ++granule) {
        if (granules_[granule].length != 0) {
            mapping = {.start = granules_[granule].pointer,
                       .length = granules_[granule].length,
                       .device = granule * kSlotSize};
            return true;
        }
    }
    return false;
}

// What a forked child inherited stays mapped there, because the tables read as zero: they name no others.
void MappedMemory::release() noexcept {
    root_.store(nullptr, std::memory_order_release);
    known_granules_.store(0, std::memory_order_release);
    for (std::uint64_t i = 0; root_table_.data() != nullptr && i < kTables; ++i) {
        if (root_table_[i] != 0) {
            SparseTable<Entry>::at(reinterpret_cast<Entry *>(root_table_[i]), kFrames).release();
        }
    }
    while (chunk_ != nullptr) {
        auto *before = reinterpret_cast<Leaf *>(chunk_->pages[0]);
        SparseTable<Leaf>::at(chunk_, kChunk).release();
        chunk_ = before;
    }
    leaves_ = nullptr;
    left_ = 0;
    root_table_.release();
    granules_.release();
}

} // namespace qae
