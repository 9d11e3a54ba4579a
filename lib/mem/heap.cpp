// SPDX-License-Identifier: BSD-3-Clause
#include "mem/heap.h"

#include <linux/qae.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "mem/clear.h"
#include "mem/leak_report.h"
#include "mem/memory_failure.h"
#include "mem/source/source_choice.h"
#include "mem/source/vfio_domain.h"
#include "process/abi.h"
#include "process/settings.h"
#include "process/unload.h"

namespace qae {

constinit Heap g_heap;

namespace {

constexpr ForkHooks kHooks = {
    [](const timespec &deadline) noexcept { return g_heap.before_fork(deadline); },
    []() noexcept { g_heap.after_fork_in_parent(); },
    []() noexcept { g_heap.after_fork_in_child(); },
};

constexpr std::uint64_t kLargestBuddy = 4ULL << 20; // longer regions consist of whole 2 MiB frames

constexpr std::uint64_t kMaxShared = 128 << 10; // the largest alignment of blocks that share a frame

// Attempts before giving up because other threads took the freshly pinned memory first.
constexpr unsigned kMaxTries = 16;

// Runs after all other destructors, because those of the application may still free blocks. It is a function
// rather than an object, so that the library works until the process is gone.
[[gnu::destructor(kUnloadPriority)]] void report_leaks_at_exit() {
    leak_report().print(g_heap.window(), [](std::uintptr_t address) noexcept {
        BlockInfo block;
        return g_heap.info(address, block) && block.start == address;
    });
    if (is_unloading()) {
        g_heap.unload();
    }
}

bool is_shortage(const SourceError &error) noexcept {
    return !error.reported &&
           (error.err == ENOMEM || error.err == EDQUOT || error.err == ENOSPC || error.err == EAGAIN);
}

} // namespace

Heap &Heap::instance() noexcept {
    register_fork_hooks(ForkStage::memory, kHooks);
    return g_heap;
}

RegionSource &Heap::source() noexcept {
    if (test_source_ != nullptr) {
        return *test_source_;
    }
    return chosen_source();
}

// Applies the settings of the environment, before the first block.
void Heap::configure() noexcept {
    pthread_once(&configured_, [] {
        g_heap.central_.set_keep(settings().mem_keep);
        if (settings().leak_report) {
            g_heap.caches_.disable();
        }
    });
}

void Heap::set_keep(std::uint64_t bytes) noexcept {
    configure(); // first, so that it does not change the value later
    central_.set_keep(bytes);
    release_surplus();
}

std::uint64_t Heap::keep() noexcept {
    configure();
    return central_.keep();
}

inline Heap::Request Heap::make_request(std::size_t size, int node, std::size_t alignment) noexcept {
    Request request{.is_object = alignment <= kMaxClassAlignment && size <= kMaxClassSize,
                    .size_class = 0,
                    .pages = static_cast<std::uint32_t>((size + kPageSize - 1) / kPageSize),
                    .alignment = std::max(alignment, kPageSize),
                    .node = node};
    if (request.is_object) {
        request.size_class = find_class((size + alignment - 1) & ~(alignment - 1));
        request.pages = min_span_pages(request.size_class);
        request.alignment = kPageSize;
    }
    return request;
}

// Takes one object for the caller and a batch for the thread's cache.
void *Heap::take_object(const Request &request, unsigned node) noexcept {
    ThreadCache *cache = caches_.attach();
    GranuleIndex objects[CentralHeap::kMaxBatch];
    const std::uint32_t want = cache != nullptr ? caches_.batch(request.size_class) : 1;
    std::uint32_t count = central_.take_objects(node, request.size_class, objects, want);
    if (count == 0) {
        return nullptr;
    }
    const GranuleIndex object = objects[--count];
    if (cache != nullptr) {
        // A request for any node makes @node the one that the cache serves such requests from.
        count = caches_.fill(*cache, node, request.node == kAnyNode, request.size_class, objects, count);
        if (count > 0) { // the magazine's capacity has just shrunk
            central_.give_objects(node, request.size_class, objects, count);
        }
    }
    central_.page_map().marks(page_kind_of(request.size_class)).set_live(object);
    return pointer(object);
}

void *Heap::take_run(const Request &request, unsigned node) noexcept {
    Run run;
    if (!central_.take_run(node, request.pages, request.alignment, run)) {
        return nullptr;
    }
    const GranuleIndex start = granule_of(run.first * kPageSize);
    central_.page_map().marks(PageKind::run).set_live(start);
    return pointer(start);
}

void *Heap::take_from_node(const Request &request, unsigned node) noexcept {
    return request.is_object ? take_object(request, node) : take_run(request, node);
}

// Takes from memory that is already pinned: on the requested node, or for any node on the caller's node, then
// on its fallback node. Without the fallback, each block would pin a new region where the caller's node has
// no memory or is short of it.
void *Heap::take(const Request &request) noexcept {
    if (request.node != kAnyNode) {
        return take_from_node(request, static_cast<unsigned>(request.node));
    }
    const auto near = static_cast<unsigned>(current_node());
    void *block = take_from_node(request, near);
    const unsigned fallback = fallback_node_[near].load(std::memory_order_relaxed);
    return block == nullptr && fallback != 0 ? take_from_node(request, fallback - 1) : block;
}

// Asks for a whole 2 MiB frame, and if there is none for just what is needed: a small block must not fail for
// want of a large region on a fragmented machine or close to a limit. A process that has pinned less than 4
// MiB grows in smaller steps after the first frame, because a whole frame would be much of what it has. A
// block with a large alignment gets a region of its own: a frame has few places for such blocks, or one at
// most.
SourceError Heap::alloc_region(const Request &request, Need need, SourceRegion &region) noexcept {
    const std::uint64_t bytes = request.pages * kPageSize;
    const std::uint64_t needed =
        bytes <= kLargestBuddy ? std::bit_ceil(bytes) : (bytes + kSlotSize - 1) / kSlotSize * kSlotSize;
    const std::uint64_t pinned = central_.pinned_bytes();
    const std::uint64_t step = pinned == 0 || pinned >= 2 * kSlotSize ? kSlotSize
                               : pinned <= kSlotSize                  ? kSlotSize / 2
                                                                      : kSlotSize / 4;
    const std::uint64_t wanted = request.alignment > kMaxShared ? needed : std::max(needed, step);
    SourceError error = source().alloc(wanted, std::max(request.alignment, std::min(wanted, kSlotSize)),
                                       request.node, needed < wanted ? Need::optional : need, region);
    if (is_shortage(error) && needed < wanted) {
        error = source().alloc(needed, std::max(request.alignment, needed), request.node, need, region);
    }
    return error;
}

// Pins one more region; @node is set to its node. No lock is held while the source is called, since the
// kernel may clear megabytes.
SourceError Heap::grow(const Request &request, Need need, unsigned &node) noexcept {
    SourceRegion region;
    SourceError error = alloc_region(request, need, region);
    if (error) {
        return error;
    }
    if (region.length < request.pages * kPageSize || region.device_address % request.alignment != 0) {
        source().free(region);
        return {.err = -fail_grant(), .reported = true};
    }
    const int err = central_.add_region(source(), region);
    if (err != 0) {
        source().free(region);
        return {.err = -fail_map(-err, region.length), .reported = true};
    }
    node = static_cast<unsigned>(std::clamp(region.node, 0, kMaxNodes - 1));
    if (request.node == kAnyNode) {
        const auto near = static_cast<unsigned>(current_node());
        fallback_node_[near].store(static_cast<std::uint8_t>(node == near ? 0 : node + 1),
                                   std::memory_order_relaxed);
    }
    const std::uint64_t pinned = central_.pinned_bytes();
    std::uint64_t peak = pinned_peak_.load(std::memory_order_relaxed);
    while (peak < pinned && !pinned_peak_.compare_exchange_weak(peak, pinned, std::memory_order_relaxed)) {
    }
    return {};
}

SourceError Heap::alloc_or_grow(const Request &request, Need need, void *&block) noexcept {
    block = take(request);
    for (unsigned tries = 0; block == nullptr && tries < kMaxTries; ++tries) {
        unsigned node = 0;
        const SourceError error = grow(request, need, node);
        if (error) {
            return error;
        }
        block = take_from_node(request, node);
    }
    return {.err = block != nullptr ? 0 : ENOMEM};
}

bool Heap::try_free_run(void *block, Clear clear) noexcept {
    ThreadCache *cache = t_cache;
    const Window &window = central_.window();
    PageMap &page_map = central_.page_map();
    const std::uint64_t offset = reinterpret_cast<std::uintptr_t>(block) - window.base();
    if (cache == nullptr || offset >= window.published_size() || offset % kPageSize != 0) {
        return false;
    }
    const auto page = static_cast<PageIndex>(offset / kPageSize);
    const PageEntry entry = page_map.page(page);
    if (!entry.is_run() || !page_map.marks(PageKind::run).is_live(granule_of(offset))) {
        return false;
    }
    const Run run{
        .first = page, .pages = central_.run_pages(page), .node = window.node_of(offset / kSlotSize)};
    if (!cache->has_room(run)) {
        return false;
    }
    page_map.marks(PageKind::run).set_dead(granule_of(offset));
    if (clear == Clear::yes) {
        clear_block(block, run.pages * kPageSize);
    }
    if (!cache->put_run(run)) { // another thread has just seized the cache
        central_.give_run(run);
    }
    return true;
}

// Attempts without a system call: the central free lists, or a run that the thread's cache holds. A thread
// without a cache goes on to alloc_pinned(), which makes one.
inline void *Heap::alloc_shared(const Request &request) noexcept {
    ThreadCache *cache = t_cache;
    if (cache == nullptr) {
        return nullptr;
    }
    if (request.is_object) {
        // In the child of a raw clone system call a lock may be held that nobody will ever release.
        return is_process_entered() ? take(request) : nullptr;
    }
    Run run;
    if (!cache->take_run(request.node, request.pages, request.alignment, central_, run)) {
        return nullptr;
    }
    const GranuleIndex start = granule_of(run.first * kPageSize);
    central_.page_map().marks(PageKind::run).set_live(start);
    return pointer(start);
}

// Attempts that may call the source. When memory is short on a node or under a limit, it may still be idle:
// in thread caches, in regions that are kept (they count towards the limits too), or on another node if the
// caller accepts any. Only the last attempt is required, so that the kernel counts one failure for a block
// that the caller does not get, and none for one that it gets.
void *Heap::alloc_pinned(const Request &request) noexcept {
    configure();
    void *block = nullptr;
    SourceError error = alloc_or_grow(request, Need::optional, block);
    const bool elsewhere = request.node == kAnyNode && std::popcount(central_.nodes()) > 1;
    if (is_shortage(error)) {
        static_cast<void>(trim(0));
        error = alloc_or_grow(request, elsewhere ? Need::optional : Need::required, block);
    }
    for (std::uint64_t nodes = is_shortage(error) && request.node == kAnyNode ? central_.nodes() : 0;
         nodes != 0 && block == nullptr; nodes &= nodes - 1) {
        block = take_from_node(request, static_cast<unsigned>(std::countr_zero(nodes)));
    }
    if (elsewhere && block == nullptr && is_shortage(error)) {
        error = alloc_or_grow(request, Need::required, block);
    }
    if (block == nullptr && !error.reported) {
        fail_region(error, request.pages * kPageSize, request.node);
    }
    caches_.drain_idle_if_due();
    return block;
}

// A separate function, so that the attempts before it have few registers to save.
[[gnu::noinline]] void *Heap::alloc_pinned_guarded(std::size_t size, int node, std::size_t alignment,
                                                   const void *caller) noexcept {
    return guarded(
        [=, this]() -> void * {
            void *block = instance().alloc_pinned(make_request(size, node, alignment));
            if (block != nullptr && settings().leak_report) {
                leak_report().record(window(), block, size, caller);
            }
            return block;
        },
        nullptr);
}

void *Heap::alloc_slow(std::size_t size, int node, std::size_t alignment, const void *caller) noexcept {
    void *block = alloc_shared(make_request(size, node, alignment));
    return block != nullptr ? block : alloc_pinned_guarded(size, node, alignment, caller);
}

// Returns idle regions beyond what is kept to the source, one by one, without holding a lock.
void Heap::release_surplus() noexcept {
    SourceRegion region;
    while (central_.has_surplus() && central_.remove_idle(central_.keep(), region)) {
        source().free(region);
    }
}

// Called from slow frees: returns surplus memory. Invisible to the caller, errno included.
void Heap::scavenge() noexcept {
    const bool shrunk = central_.has_shrunk();
    const bool due = t_cache != nullptr && t_cache->is_maintenance_due();
    if (!shrunk && !due && !central_.has_surplus()) [[likely]] {
        return;
    }
    const ApiCall call;
    if (due) {
        caches_.drain_idle_if_due();
    }
    if (shrunk) {
        caches_.drain(ThreadCaches::Which::all);
        central_.flush_transfer_caches();
    }
    release_surplus();
}

// @clear is the object's memory if it is to be zeroed, else nullptr.
void Heap::put_object(unsigned node, unsigned size_class, GranuleIndex object, void *clear) noexcept {
    if (clear != nullptr) {
        clear_block(clear, kSizeClasses[size_class].size);
    }
    ThreadCache *cache = caches_.attach();
    GranuleIndex surplus[ThreadCaches::kMaxSurplus];
    surplus[0] = object;
    const std::uint32_t count = cache != nullptr ? caches_.put(*cache, node, size_class, object, surplus) : 1;
    if (count > 0) {
        central_.give_objects(node, size_class, surplus, count);
    }
    scavenge();
}

// Frees an object whose magazine was full; it is marked dead already. Looks node and class up again, so that
// the fast path need not keep them in registers.
void Heap::free_overflow(GranuleIndex object, void *clear) noexcept {
    const std::uint64_t offset = std::uint64_t{object} * kGranule;
    put_object(central_.window().node_of(offset / kSlotSize),
               central_.page_map().page(offset / kPageSize).size_class(), object, clear);
}

void Heap::put_run(const Run &run) noexcept {
    ThreadCache *cache = caches_.attach();
    if (cache == nullptr || !cache->put_run(run)) {
        central_.give_run(run);
        scavenge();
    }
}

int Heap::free(void *block, Clear clear) noexcept {
    const Window &window = central_.window();
    PageMap &page_map = central_.page_map();
    const std::uint64_t size_now = window.published_size();
    const std::uint64_t offset = reinterpret_cast<std::uintptr_t>(block) - window.base();
    if (offset >= size_now) {
        return fail_free(block, false, false);
    }
    const auto page = static_cast<PageIndex>(offset / kPageSize);
    const PageEntry entry = page_map.page(page);
    const GranuleIndex start = granule_of(offset);
    const unsigned node = window.node_of(offset / kSlotSize);
    if (entry.kind() == PageKind::unused || offset % (entry.is_run() ? kPageSize : kGranule) != 0 ||
        !page_map.marks(entry.kind()).take_live(start)) {
        SourceRegion region;
        std::uintptr_t address;
        return fail_free(block, page_map.is_in_live_block(offset), central_.region_at(page, region, address));
    }
    if (entry.is_run()) {
        const std::uint32_t pages = central_.run_pages(page); // stable: this thread has won the block
        if (clear == Clear::yes) {
            clear_block(block, pages * kPageSize);
        }
        put_run({.first = page, .pages = pages, .node = node});
    } else {
        put_object(node, entry.size_class(), start, clear == Clear::yes ? block : nullptr);
    }
    return 0;
}

bool Heap::has_in_one_block(std::uintptr_t address, std::size_t length) const noexcept {
    const Window &window = central_.window();
    const std::uint64_t size = window.published_size();
    const std::uint64_t first = address - window.base();
    if (length == 0 || first >= size || length > size - first) {
        return false;
    }
    const PageMap &page_map = central_.page_map();
    const std::uint64_t last = first + length - 1;
    return page_map.is_in_live_block(first) && page_map.is_in_live_block(last) &&
           page_map.start_of(first) == page_map.start_of(last);
}

bool Heap::info(std::uintptr_t address, BlockInfo &info) noexcept {
    const Window &window = central_.window();
    const std::uint64_t offset = address - window.base();
    if (offset >= window.published_size() || !central_.page_map().is_in_live_block(offset)) {
        return false;
    }
    const PageMap &page_map = central_.page_map();
    const std::uint64_t start = std::uint64_t{page_map.start_of(offset)} * kGranule;
    const auto first = static_cast<PageIndex>(start / kPageSize);
    const PageEntry entry = page_map.page(first);
    SourceRegion region;
    if (!central_.region_at(first, region, info.region_start)) {
        return false;
    }
    info.size =
        entry.is_span() ? kSizeClasses[entry.size_class()].size : central_.run_pages(first) * kPageSize;
    info.start = window.base() + start;
    info.device_address = window.device_of(start);
    info.node = static_cast<int>(window.node_of(offset / kSlotSize));
    info.region_id = region.id;
    info.region_length = region.length;
    return true;
}

std::uint64_t Heap::trim(std::uint64_t keep) noexcept {
    caches_.drain(ThreadCaches::Which::all);
    central_.flush_transfer_caches();
    std::uint64_t bytes = 0;
    SourceRegion region;
    while (central_.remove_idle(keep, region)) {
        bytes += region.length;
        source().free(region);
    }
    return bytes;
}

void Heap::destroy() noexcept {
    caches_.discard();
    SourceRegion region;
    while (central_.remove_any(region)) {
        source().free(region);
    }
}

void Heap::unload() noexcept {
    destroy();
    VfioDomain::unload();
    caches_.release();
    central_.release();
    leak_report().release();
}

HeapStats Heap::stats() noexcept {
    const ThreadCaches::Content cached = caches_.content();
    const CentralHeapStats central = central_.stats();
    // Between the two counts other threads may have returned objects from their caches.
    const std::uint64_t blocks = central.objects + central.runs;
    const std::uint64_t bytes = central.object_bytes + central.run_bytes;
    return {.pinned_bytes = central.pinned_bytes,
            .pinned_peak = pinned_peak_.load(std::memory_order_relaxed),
            .live_blocks = blocks - std::min(blocks, cached.objects + cached.runs),
            .live_bytes = bytes - std::min(bytes, cached.bytes),
            .cached_bytes = cached.bytes,
            .spare_bytes = central.spare_bytes,
            .used_bytes = central.used_bytes,
            .idle_bytes = central.idle_bytes,
            .regions = central.regions,
            .caches = static_cast<std::uint32_t>(cached.caches),
            .huge_bytes = VfioDomain::instance().huge_pages().bytes(),
            .huge_misses = VfioDomain::instance().huge_pages().misses()};
}

bool Heap::before_fork(const timespec &deadline) noexcept {
    if (!leak_report().before_fork(deadline)) {
        return false;
    }
    if (caches_.before_fork(deadline)) {
        if (central_.before_fork(deadline)) {
            return true;
        }
        caches_.after_fork_in_parent();
    }
    leak_report().after_fork_in_parent();
    return false;
}

void Heap::after_fork_in_parent() noexcept {
    leak_report().after_fork_in_parent();
    central_.after_fork_in_parent();
    caches_.after_fork_in_parent();
}

void Heap::after_fork_in_child() noexcept {
    central_.after_fork_in_child();
    caches_.after_fork_in_child();
    leak_report().after_fork_in_child();
    pinned_peak_.store(0, std::memory_order_relaxed);
}

void Heap::set_source_for_test(RegionSource *source) noexcept {
    destroy();
    test_source_ = source;
}

} // namespace qae
