// SPDX-License-Identifier: BSD-3-Clause
// The allocator of pinned memory, from above: what each function of the API does, in the order of what costs
// least. Blocks up to 64 KiB are objects of size classes, larger ones runs of pages; both come from the
// calling thread's cache (thread_cache.h), else from what all threads share (central.h), else from the driver
// (region_source.h). What a pointer is, block_map.h tells; what address it has, window.h.
#ifndef QAE_LIB_MEM_HEAP_H
#define QAE_LIB_MEM_HEAP_H

#include <pthread.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "mem/central_heap.h"
#include "mem/source/numa.h"
#include "mem/source/region_source.h"
#include "mem/thread_cache.h"
#include "process/fork.h"

namespace qae {

enum class Clear { yes, no };

struct HeapStats {
    std::uint64_t pinned_bytes;
    std::uint64_t pinned_peak;
    std::uint64_t live_blocks;
    std::uint64_t live_bytes;   // as granted
    std::uint64_t cached_bytes; // in caches of threads
    std::uint64_t spare_bytes;  // of objects that no thread has
    std::uint64_t used_bytes;   // of pages that have blocks or may have some at once
    std::uint64_t idle_bytes;   // of regions without any live block
    std::uint32_t regions;
    std::uint32_t caches; // threads that have one
};

struct BlockInfo {
    std::uint64_t size; // as granted
    std::uintptr_t start;
    std::uint64_t device_address; // of the start
    int node;
    std::uint32_t region_id;
    std::uint64_t region_length;
    std::uintptr_t region_start;
};

class Heap {
public:
    constexpr Heap() noexcept : caches_(central_) {}

    static Heap &instance() noexcept;

    // ---- fast paths: no lock, no system call, no atomic read-modify-write. They fail where they do not know
    // how to go on, without a reason and with nothing changed; then the functions below do.

    bool try_alloc(std::size_t size, int node, std::size_t alignment, void *&block) noexcept;
    // From one of the next classes, in a process with little memory.
    bool try_alloc_larger_class(std::size_t size, int node, std::size_t alignment, void *&block) noexcept;
    // Sets *@ptr to nullptr.
    bool try_free(void **ptr, Clear clear) noexcept;
    // The same with locks where need be, still without a system call: from what all threads share.
    void *try_refill(std::size_t size, int node, std::size_t alignment) noexcept;
    // Runs of pages, from the thread's cache.
    void *try_alloc_run(std::size_t size, int node, std::size_t alignment) noexcept;
    bool try_free_run(void *pointer, Clear clear) noexcept;
    bool try_virt_to_phys(std::uintptr_t address, std::uint64_t &device_address) const noexcept;
    bool try_phys_to_virt(std::uint64_t device_address, std::uintptr_t &address) const noexcept;

    // ---- the whole of it

    // Arguments are checked by the caller. nullptr with the reason recorded.
    void *alloc(std::size_t size, int node, std::size_t alignment) noexcept;

    // 0, or -errno with the reason recorded; then nothing changed.
    int free(void *pointer, Clear clear) noexcept;

    // Addresses of pinned memory are from base() on, less than size() bytes.
    const Window &window() const noexcept { return central_.window(); }

    // Of the block that has this address. False if there is none.
    bool info(std::uintptr_t address, BlockInfo &info) noexcept;

    // Gives what no block is in back to the source: everything, or what is beyond @keep bytes on each node.
    // Bytes given back.
    std::uint64_t trim(std::uint64_t keep) noexcept;

    // Idle bytes of each node that stay pinned, from now on.
    void set_keep(std::uint64_t bytes) noexcept;
    std::uint64_t keep() noexcept;

    // Largest block, bytes.
    std::uint64_t max_size() noexcept { return source().max_region_size(); }

    // Gives everything back to the source.
    void destroy() noexcept;

    HeapStats stats() noexcept;

    void before_fork() noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

    // Destroys, then works with another source; nullptr: the usual one. For tests only.
    void set_source_for_test(RegionSource *source) noexcept;

private:
    // What is wanted: an object of a class, or a run of pages.
    struct Request {
        bool is_object;
        unsigned size_class;
        std::uint32_t pages;
        std::uint64_t alignment;
        int node;
    };

    RegionSource &source() noexcept;
    void configure() noexcept;
    static Request make_request(std::size_t size, int node, std::size_t alignment) noexcept;
    void *take_object(const Request &request, unsigned node) noexcept;
    void *take_run(const Request &request, unsigned node) noexcept;
    void *take_from_node(const Request &request, unsigned node) noexcept;
    void *take(const Request &request) noexcept;
    SourceError alloc_region(const Request &request, SourceRegion &region) noexcept;
    SourceError grow(const Request &request, unsigned &node) noexcept;
    SourceError alloc_or_grow(const Request &request, void *&block) noexcept;
    void release_surplus() noexcept;
    void scavenge() noexcept;
    void free_overflow(GranuleIndex object, void *clear) noexcept;
    void put_object(unsigned node, unsigned size_class, GranuleIndex object, void *clear) noexcept;
    void put_run(const Run &run) noexcept;
    void *pointer(GranuleIndex granule) const noexcept {
        return reinterpret_cast<void *>(central_.window().base() + granule * kGranule);
    }

    CentralHeap central_;
    ThreadCaches caches_;
    RegionSource *test_source_ = nullptr;
    pthread_once_t configured_ = PTHREAD_ONCE_INIT;
    std::atomic<std::uint64_t> pinned_peak_{0};
    // By the node near a caller that takes any: where the source found memory last, if not there; node + 1.
    std::atomic<std::uint8_t> fallback_node_[kMaxNodes] = {};
};

extern constinit Heap g_heap;

[[gnu::always_inline]] inline bool Heap::try_alloc(std::size_t size, int node, std::size_t alignment,
                                                   void *&block) noexcept {
    ThreadCache *cache = t_cache;
    if (cache == nullptr || (alignment & (alignment - 1)) != 0) [[unlikely]] { // 0: below
        return false;
    }
    if (alignment - 1 >= kGranule) { // 0 too
        if (size - 1 >= kMaxClassSize || alignment - 1 >= kMaxClassAlignment) {
            return false;
        }
        // Every class from there on is a multiple of the alignment.
        size = (size + alignment - 1) & ~(alignment - 1);
    }
    if (size - 1 >= kMaxClassSize) [[unlikely]] {
        return false;
    }
    const unsigned size_class = find_class(size);
    GranuleIndex object;
    if (!cache->take(node, size_class, object)) [[unlikely]] {
        return false;
    }
    block = pointer(object);
    return true;
}

// Magazines hold a handful of objects there and are often empty. One of the next classes may have what
// another trip behind the locks would fetch.
[[gnu::always_inline]] inline bool
Heap::try_alloc_larger_class(std::size_t size, int node, std::size_t alignment, void *&block) noexcept {
    ThreadCache *cache = t_cache;
    if (cache == nullptr || size - 1 >= kMaxClassSize || alignment - 1 >= kGranule ||
        !is_power_of_two(alignment) || !central_.is_small()) {
        return false;
    }
    GranuleIndex object;
    if (!cache->take_larger(node, find_class(size), object)) {
        return false;
    }
    block = pointer(object);
    return true;
}

// The slow end is the last thing it does, so that the compiler needs to save no register for it.
[[gnu::always_inline]] inline bool Heap::try_free(void **ptr, Clear clear) noexcept {
    ThreadCache *cache = t_cache;
    void *block = *ptr;
    const Window &window = central_.window();
    const std::uint64_t granules = window.published_granules();
    // What is not at the start of a granule becomes larger than any window.
    const std::uint64_t granule =
        std::rotr(reinterpret_cast<std::uintptr_t>(block) - window.base(), std::countr_zero(kGranule));
    if (cache == nullptr || granule >= granules) [[unlikely]] {
        return false;
    }
    const PageEntry entry = central_.page_map().page(granule / kGranulesPerPage);
    const auto object = static_cast<GranuleIndex>(granule);
    void *const to_clear = clear == Clear::yes ? block : nullptr;
    const ThreadCache::Freed freed =
        cache->free(window.node_of(granule / (kSlotSize / kGranule)), entry.kind(), object, to_clear);
    if (freed == ThreadCache::Freed::no) [[unlikely]] {
        return false;
    }
    *ptr = nullptr;
    if (freed == ThreadCache::Freed::overflow) [[unlikely]] {
        free_overflow(object, to_clear);
    }
    return true;
}

[[gnu::always_inline]] inline bool Heap::try_virt_to_phys(std::uintptr_t address,
                                                          std::uint64_t &device_address) const noexcept {
    const Window &window = central_.window();
    const std::uint64_t size = window.published_size();
    const std::uint64_t offset = address - window.base();
    if (offset >= size || !central_.page_map().is_in_live_block(offset)) [[unlikely]] {
        return false;
    }
    device_address = window.device_of(offset);
    return true;
}

[[gnu::always_inline]] inline bool Heap::try_phys_to_virt(std::uint64_t device_address,
                                                          std::uintptr_t &address) const noexcept {
    const Window &window = central_.window();
    address = window.pointer_at(device_address);
    return address != 0 && central_.page_map().is_in_live_block(address - window.base());
}

} // namespace qae

#endif // QAE_LIB_MEM_HEAP_H
