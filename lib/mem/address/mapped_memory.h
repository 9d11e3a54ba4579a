// SPDX-License-Identifier: BSD-3-Clause
// Translation of memory that the application mapped for devices by qaeMemMapContiguousIova(), both ways.
//
// From pointers: a tree of three levels by address, as the processor has them. A frame of 2 MiB that belongs
// to one mapping as a whole has its translation at the second level; another has a leaf with an entry for
// each page of 4 KiB. From device addresses: a table by granule of 2 MiB, of which a mapping has its own.
//
// Readers take no lock. Writers hold the lock of the owner. A leaf stays with its frame for ever, so that a
// reader that comes late finds no other frame's translations in it.
//
// All tables read as zero in a forked child, so nothing is mapped there.
#ifndef QAE_LIB_MEM_ADDRESS_MAPPED_MEMORY_H
#define QAE_LIB_MEM_ADDRESS_MAPPED_MEMORY_H

#include <atomic>
#include <cstdint>

#include "mem/address/sparse_table.h"
#include "mem/address/units.h"

namespace qae {

class MappedMemory {
public:
    // Pointers from here on have no entry.
    static constexpr std::uint64_t kEndOfPointers = 1ULL << 48;

    // ---- for everyone

    // False if @address is not mapped.
    bool to_device(std::uintptr_t address, std::uint64_t &device) const noexcept {
        const std::uint64_t entry = entry_of(address);
        device = address + (entry & ~kFlags);
        return entry != 0;
    }

    // False if @device is not mapped.
    bool to_pointer(std::uint64_t device, std::uintptr_t &address) const noexcept;

    // ---- for the owner

    // Reserves the tables for device addresses of @granules granules at the first call. False with errno.
    bool reserve(std::uint64_t granules) noexcept;

    // Is some byte of the range mapped?
    bool overlaps(std::uintptr_t start, std::uint64_t length) const noexcept;

    // Make the entries that insert() needs. False with errno.
    bool provide_pointers(std::uintptr_t start, std::uint64_t length) noexcept;
    bool provide_devices(std::uint64_t device, std::uint64_t length) noexcept;

    // @start and @length are multiples of 4 KiB, @device of 2 MiB. Nothing in the range is mapped.
    void insert(std::uintptr_t start, std::uint64_t length, std::uint64_t device) noexcept;

    // The length of the mapping that begins at @start; 0 if none does.
    std::uint64_t length_at(std::uintptr_t start, std::uint64_t &device) const noexcept;

    // Removes a mapping.
    void remove(std::uintptr_t start, std::uint64_t length, std::uint64_t device) noexcept;

    struct Mapping {
        std::uintptr_t start;
        std::uint64_t length;
        std::uint64_t device;
    };
    // Finds the mapping with the lowest device address that is not below @from. False if there is none.
    bool next(std::uint64_t from, Mapping &mapping) const noexcept;

    // Unmaps all tables. Nobody may read them any more.
    void release() noexcept;

private:
    // An entry is 0 for none, the address of a table with both flags clear, or a translation: the difference
    // between device address and pointer, which is a multiple of the page size, and kMapped.
    using Entry = std::uint64_t;
    static constexpr Entry kMapped = 1;
    static constexpr Entry kFlags = kPageSize - 1;

    static constexpr std::uint64_t kPages = kSlotSize / kPageSize;   // entries of a leaf
    static constexpr std::uint64_t kFrames = 8192;                   // entries of a table of frames
    static constexpr std::uint64_t kSpan = kFrames * kSlotSize;      // what such a table covers
    static constexpr std::uint64_t kTables = kEndOfPointers / kSpan; // entries of the root
    static constexpr std::uint32_t kLeavesAtOnce = 64;
    static constexpr std::uint32_t kChunk = kLeavesAtOnce + 1; // elements: see new_leaf()

    struct Leaf {
        Entry pages[kPages];
    };
    struct Granule {
        std::uint64_t pointer; // to the first byte of the granule; 0: not mapped
        std::uint64_t length;  // of the mapping, in its first granule; else 0
    };

    static Entry load(const Entry &entry) noexcept {
        return std::atomic_ref(const_cast<Entry &>(entry)).load(std::memory_order_acquire);
    }
    static void store(Entry &entry, Entry value) noexcept {
        std::atomic_ref(entry).store(value, std::memory_order_release);
    }

    Entry entry_of(std::uintptr_t address) const noexcept {
        const Entry *root = root_.load(std::memory_order_acquire);
        if (root == nullptr || address >= kEndOfPointers) {
            return 0;
        }
        const Entry frames = load(root[address / kSpan]);
        if (frames == 0) {
            return 0;
        }
        const Entry frame = load(reinterpret_cast<const Entry *>(frames)[address % kSpan / kSlotSize]);
        if (frame == 0 || (frame & kMapped) != 0) {
            return frame;
        }
        return load(reinterpret_cast<const Leaf *>(frame)->pages[address % kSlotSize / kPageSize]);
    }

    Entry *frame_entry(std::uintptr_t address) const noexcept;
    bool provide_frame(std::uintptr_t frame, bool whole) noexcept;
    Leaf *new_leaf() noexcept;
    void set(std::uintptr_t start, std::uint64_t length, Entry entry) noexcept;
    void set_granules(std::uintptr_t start, std::uint64_t length, std::uint64_t device, bool mapped) noexcept;

    std::atomic<Entry *> root_{nullptr};
    SparseTable<Entry> root_table_;
    SparseTable<Granule> granules_;
    std::atomic<const Granule *> granule_{nullptr};
    std::atomic<std::uint64_t> known_granules_{0}; // that the table can be read for
    Leaf *chunk_ = nullptr;                        // the latest chunk of leaves
    Leaf *leaves_ = nullptr;                       // that are not used yet
    std::uint32_t left_ = 0;                       // how many
};

} // namespace qae

#endif // QAE_LIB_MEM_ADDRESS_MAPPED_MEMORY_H
