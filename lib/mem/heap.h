// SPDX-License-Identifier: BSD-3-Clause
// The allocator of pinned memory, seen from the API. Blocks up to 64 KiB are objects of size classes; larger
// ones are runs of pages. An allocation makes these attempts, the cheapest first:
//   1. the magazine of the class in the thread's cache      try_alloc(), inline in the API function
//   2. magazines of the next larger classes                 try_alloc_larger_class()
//   3. the central free lists and the page heap, or for a
//      run of pages the runs in the thread's cache          alloc_slow(), without a system call up to here
//   4. a new region from the source
//   5. all caches drained and idle regions returned, then 3 and 4 again
//   6. pinned memory of other nodes, if the caller accepts any
// The page map (page_map.h) tells live pointers from others; the window (window.h) translates addresses.
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
    std::uint64_t live_bytes;   // granted, not requested
    std::uint64_t cached_bytes; // in thread caches
    std::uint64_t spare_bytes;  // free objects in the central free lists
    std::uint64_t used_bytes;   // pages of spans and runs
    std::uint64_t idle_bytes;   // regions without a used page
    std::uint32_t regions;
    std::uint32_t caches;      // threads that have a cache
    std::uint64_t huge_bytes;  // regions in huge pages
    std::uint64_t huge_misses; // regions that got none, because there were not enough
};

struct BlockInfo {
    std::uint64_t size; // granted, not requested
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

    // ---- fast paths: no lock, no system call, no atomic read-modify-write. They check arguments only as far
    // as they must. On failure they change nothing and record no reason; the functions below take over.

    bool try_alloc(std::size_t size, int node, std::size_t alignment, void *&block) noexcept;
    // Only in a process with little memory.
    bool try_alloc_larger_class(std::size_t size, int node, std::size_t alignment, void *&block) noexcept;
    // On success sets *@ptr to nullptr.
    bool try_free(void **ptr, Clear clear) noexcept;
    // Puts a run of pages into the thread's cache.
    bool try_free_run(void *pointer, Clear clear) noexcept;
    bool try_virt_to_phys(std::uintptr_t address, std::uint64_t &device_address) const noexcept;
    bool try_phys_to_virt(std::uint64_t device_address, std::uintptr_t &address) const noexcept;

    // ---- slow paths

    // Makes all attempts behind the fast paths. The API function has checked the arguments; the leak report
    // names @caller, the return address into the application. Returns nullptr with the reason recorded.
    void *alloc_slow(std::size_t size, int node, std::size_t alignment, const void *caller) noexcept;

    // Returns 0, or -errno with the reason recorded and nothing changed.
    int free(void *pointer, Clear clear) noexcept;

    // The address range that holds all pinned memory.
    const Window &window() const noexcept { return central_.window(); }

    // Whether one live block contains the @length bytes at @address. Takes no lock.
    bool has_in_one_block(std::uintptr_t address, std::size_t length) const noexcept;

    // Describes the live block that contains @address. False if there is none.
    bool info(std::uintptr_t address, BlockInfo &info) noexcept;

    // Returns idle regions to the source, except @keep bytes on each node. The result is the bytes returned.
    std::uint64_t trim(std::uint64_t keep) noexcept;

    // Sets how many idle bytes stay pinned on each node.
    void set_keep(std::uint64_t bytes) noexcept;
    std::uint64_t keep() noexcept;

    // For a source that has to find its regions.
    RegionUser &region_user() noexcept { return central_; }

    // Largest block, bytes.
    std::uint64_t max_size() noexcept { return source().max_region_size(); }

    // Returns everything to the source, live blocks included.
    void destroy() noexcept;

    // The same, and gives the address space back, because the library's code is being unloaded.
    void unload() noexcept;

    HeapStats stats() noexcept;

    bool before_fork(const timespec &deadline) noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

    // Destroys everything, then uses @source, or the usual one for nullptr. For tests only.
    void set_source_for_test(RegionSource *source) noexcept;

private:
    // An allocation: of an object of a class, or of a run of pages.
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
    void *alloc_shared(const Request &request) noexcept;
    void *alloc_pinned(const Request &request) noexcept;
    void *alloc_pinned_guarded(std::size_t size, int node, std::size_t alignment,
                               const void *caller) noexcept;
    SourceError alloc_region(const Request &request, Need need, SourceRegion &region) noexcept;
    SourceError grow(const Request &request, Need need, unsigned &node) noexcept;
    SourceError alloc_or_grow(const Request &request, Need need, void *&block) noexcept;
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
    // For requests for any node, by the caller's node: where the source last found memory instead, as node +
    // 1; 0 if it found it there.
    std::atomic<std::uint8_t> fallback_node_[kMaxNodes] = {};
};

extern constinit Heap g_heap;

[[gnu::always_inline]] inline bool Heap::try_alloc(std::size_t size, int node, std::size_t alignment,
                                                   void *&block) noexcept {
    ThreadCache *cache = t_cache;
    if (cache == nullptr || (alignment & (alignment - 1)) != 0) [[unlikely]] { // an alignment of 0: see below
        return false;
    }
    if (alignment - 1 >= kGranule) { // also if it is 0
        if (size - 1 >= kMaxClassSize || alignment - 1 >= kMaxClassAlignment) {
            return false;
        }
        // The class of a multiple of the alignment is itself a multiple of it.
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

// In a process with little memory, magazines hold a handful of objects and are often empty. An object of one
// of the next classes saves a trip to the central free list.
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

// The call of the slow part comes last, so that the compiler has no registers to save around it.
[[gnu::always_inline]] inline bool Heap::try_free(void **ptr, Clear clear) noexcept {
    ThreadCache *cache = t_cache;
    void *block = *ptr;
    const Window &window = central_.window();
    const std::uint64_t granules = window.published_granules();
    // The rotation makes an address that is not at a granule's start larger than any window.
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
