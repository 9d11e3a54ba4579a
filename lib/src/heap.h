// SPDX-License-Identifier: BSD-3-Clause
// The allocator of pinned memory: small blocks from spans of equal objects, larger ones as runs of pages.
#ifndef QAE_LIB_HEAP_H
#define QAE_LIB_HEAP_H

#include <cstddef>
#include <cstdint>

#include "fork.h"
#include "page_heap.h"
#include "region_source.h"

namespace qae {

enum class Clear { yes, no };

struct HeapStats {
    std::uint64_t pinned_bytes;
    std::uint32_t regions;
    std::uint64_t live_blocks;
};

class Heap {
public:
    static Heap &instance() noexcept;

    // Arguments are checked by the caller. nullptr with the reason recorded.
    void *alloc(std::size_t size, int node, std::size_t alignment) noexcept;

    // 0, or -errno with the reason recorded; then nothing changed. @caller names the API function.
    int free(void *pointer, Clear clear, const char *caller) noexcept;

    // 0 if the address is not in a live block.
    std::uint64_t virt_to_phys(std::uintptr_t address) noexcept;
    void *phys_to_virt(std::uint64_t device_address) noexcept;

    // Largest block, bytes.
    std::uint64_t max_size() noexcept { return source().max_region_size(); }

    // Gives everything back to the source.
    void destroy() noexcept;

    HeapStats stats() noexcept;

    void before_fork() noexcept { mutex_.lock(); }
    void after_fork_in_parent() noexcept { mutex_.unlock(); }
    void after_fork_in_child() noexcept;

    // Destroys, then works with another source; nullptr: the usual one. For tests only.
    void set_source_for_test(RegionSource *source) noexcept;

private:
    // What an address is; the rest is set from "free" on.
    enum class Found { foreign, free, interior, start };
    struct Location {
        Found found = Found::foreign;
        PageIndex head = kNoPage;
        unsigned object = 0;
        std::size_t size = 0;
    };

    // What to look for: objects of a class, or a run of pages.
    struct Request {
        std::size_t size_class;
        std::uint32_t pages;
        std::uint64_t alignment;
        int node;
    };

    struct Partial {
        PageIndex heads[kNumClasses]; // spans with room; page + 1
    };

    RegionSource &source() noexcept;
    static Request make_request(std::size_t size, int node, std::size_t alignment) noexcept;
    void *take(const Request &request) noexcept;
    void *take_on(const Request &request, int node) noexcept;
    void *take_object(PageIndex head) noexcept;
    void *make_block(const Request &request, PageIndex head) noexcept;
    SourceError try_alloc(const Request &request, void *&block) noexcept;
    SourceError grow(const Request &request, void *&block) noexcept;
    bool trim() noexcept;
    SourceError alloc_region(const Request &request, SourceRegion &region) noexcept;
    int add_region(const SourceRegion &region, PageIndex &first) noexcept;
    Location locate(std::uintptr_t address) noexcept;
    bool release(const Location &block, SourceRegion &surplus) noexcept;
    PageIndex &partial_head(PageIndex span) noexcept;
    void link_span(PageIndex head) noexcept;
    void unlink_span(PageIndex head) noexcept;

    Mutex mutex_;
    RegionSource *test_source_ = nullptr;
    PageHeap pages_;
    SparseTable<Partial> partial_; // by node
    std::uint64_t live_ = 0;
};

} // namespace qae

#endif // QAE_LIB_HEAP_H
