// SPDX-License-Identifier: BSD-3-Clause
#include "heap.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "last_error.h"
#include "oot_source.h"

namespace qae {
namespace {

constinit Heap g_heap;

constexpr ForkHooks kHooks = {
    []() noexcept { g_heap.before_fork(); },
    []() noexcept { g_heap.after_fork_in_parent(); },
    []() noexcept { g_heap.after_fork_in_child(); },
};

// Blocks up to this are cleared under the lock: that is cheaper than taking it twice.
constexpr std::size_t kClearLocked = kPageSize;

constexpr std::uint64_t bit(unsigned index) noexcept { return 1ULL << index; }

constexpr std::uint64_t all_objects(unsigned objects) noexcept {
    return objects == 64 ? ~0ULL : bit(objects) - 1;
}

int fail_region(int err, std::uint64_t length, int node) noexcept {
    switch (err) {
    case EDQUOT:
        return fail(err, "a limit on pinned memory is reached: free some, or run with a higher one");
    case ENOMEM:
        if (node == kAnyNode) {
            return fail(err, "no contiguous memory for {} KiB: memory is short or fragmented", length >> 10);
        }
        return fail(err, "no contiguous memory for {} KiB on node {}: memory there is short or fragmented",
                    length >> 10, node);
    case ENXIO:
        return fail(err, "there is no NUMA node {} with memory; online nodes: {}", node, online_nodes().text);
    case EOPNOTSUPP:
        return fail(err, "the driver cannot pin memory on this machine: its memory is encrypted");
    case ENODEV:
        return fail(err, "the driver is being removed: load it again and restart the process");
    default:
        return fail(err, "the driver refused {} KiB of pinned memory: {}", length >> 10, std::strerror(err));
    }
}

int fail_grant() noexcept {
    return fail(
        EIO, "the driver granted a region that is too small or misaligned: install module and library of one "
             "release");
}

bool is_shortage(const SourceError &error) noexcept {
    return !error.told && (error.err == ENOMEM || error.err == EDQUOT);
}

} // namespace

Heap &Heap::instance() noexcept {
    register_fork_hooks(ForkStage::memory, kHooks);
    return g_heap;
}

RegionSource &Heap::source() noexcept { return test_source_ != nullptr ? *test_source_ : oot_source(); }

Heap::Request Heap::make_request(std::size_t size, int node, std::size_t alignment) noexcept {
    const std::size_t size_class = find_class(size, alignment);
    const std::size_t pages =
        size_class != kNoClass ? kSizeClasses[size_class].pages : (size + kPageSize - 1) / kPageSize;
    return {.size_class = size_class,
            .pages = static_cast<std::uint32_t>(pages),
            .alignment = size_class != kNoClass ? kPageSize : alignment,
            .node = node};
}

PageIndex &Heap::partial_head(PageIndex span) noexcept {
    const auto node = static_cast<std::size_t>(pages_.region_of(span).node);
    return partial_[node].heads[pages_.meta(span).size_class];
}

void Heap::link_span(PageIndex head) noexcept {
    PageIndex &list = partial_head(head);
    PageMeta &meta = pages_.meta(head);
    meta.prev = 0;
    meta.next = list;
    if (list != 0) {
        pages_.meta(list - 1).prev = head + 1;
    }
    list = head + 1;
}

void Heap::unlink_span(PageIndex head) noexcept {
    const PageMeta &meta = pages_.meta(head);
    if (meta.next != 0) {
        pages_.meta(meta.next - 1).prev = meta.prev;
    }
    if (meta.prev != 0) {
        pages_.meta(meta.prev - 1).next = meta.next;
    } else {
        partial_head(head) = meta.next;
    }
}

void *Heap::take_object(PageIndex head) noexcept {
    PageMeta &meta = pages_.meta(head);
    const SizeClass &size_class = kSizeClasses[meta.size_class];
    const auto object = static_cast<unsigned>(std::countr_one(meta.occupied));
    meta.occupied |= bit(object);
    meta.live |= bit(object);
    if (meta.occupied == all_objects(size_class.objects)) {
        unlink_span(head);
    }
    ++live_;
    return reinterpret_cast<void *>(pages_.address(head) + object * size_class.size);
}

// Turns fresh pages into a span, of which the first object is taken, or into one block.
void *Heap::make_block(const Request &request, PageIndex head) noexcept {
    PageMeta &meta = pages_.meta(head);
    meta.pages = request.pages;
    if (request.size_class != kNoClass) {
        meta.kind = PageKind::span;
        meta.size_class = static_cast<std::uint8_t>(request.size_class);
        meta.live = 0;
        meta.occupied = 0;
        link_span(head);
        return take_object(head);
    }
    meta.kind = PageKind::run;
    meta.live = 1;
    meta.occupied = 1;
    ++live_;
    return reinterpret_cast<void *>(pages_.address(head));
}

void *Heap::take_on(const Request &request, int node) noexcept {
    if (request.size_class != kNoClass) {
        const PageIndex partial = partial_[static_cast<std::size_t>(node)].heads[request.size_class];
        if (partial != 0) {
            return take_object(partial - 1);
        }
    }
    const PageIndex head = pages_.take(request.pages, request.alignment, node);
    return head != kNoPage ? make_block(request, head) : nullptr;
}

// From what is pinned already: on the node asked for, or anywhere, the caller's node first.
void *Heap::take(const Request &request) noexcept {
    std::uint64_t nodes = pages_.nodes();
    if (request.node != kAnyNode) {
        nodes &= bit(static_cast<unsigned>(request.node));
    } else if (std::popcount(nodes) > 1) {
        const auto near = static_cast<unsigned>(near_node());
        void *block = (nodes & bit(near)) != 0 ? take_on(request, static_cast<int>(near)) : nullptr;
        if (block != nullptr) {
            return block;
        }
        nodes &= ~bit(near);
    }
    for (; nodes != 0; nodes &= nodes - 1) {
        void *block = take_on(request, std::countr_zero(nodes));
        if (block != nullptr) {
            return block;
        }
    }
    return nullptr;
}

// A whole 2 MiB frame if there is one, else just what is needed: on a fragmented machine, or close to a
// limit, a small block should not fail for want of a large region.
SourceError Heap::alloc_region(const Request &request, SourceRegion &region) noexcept {
    const std::uint64_t needed = std::bit_ceil(request.pages * kPageSize);
    const std::uint64_t wanted = std::max(needed, kSlotSize);
    SourceError error = source().alloc(wanted, std::max(request.alignment, std::min(wanted, kSlotSize)),
                                       request.node, region);
    if (is_shortage(error) && needed < wanted) {
        error = source().alloc(needed, std::max(request.alignment, needed), request.node, region);
    }
    return error;
}

int Heap::add_region(const SourceRegion &region, PageIndex &first) noexcept {
    const int err = pages_.reserve();
    if (err != 0) {
        return err;
    }
    if (partial_.data() == nullptr && !(partial_.reserve(kMaxNodes) && partial_.commit(kMaxNodes))) {
        return -errno;
    }
    return pages_.add(source(), region, first);
}

// The source is asked without the lock, since the kernel clears megabytes meanwhile.
SourceError Heap::grow(const Request &request, void *&block) noexcept {
    SourceRegion region;
    const SourceError error = alloc_region(request, region);
    if (error) {
        return error;
    }
    int err = 0;
    {
        std::lock_guard lock(mutex_);
        PageIndex first = kNoPage;
        err = add_region(region, first);
        if (err == 0) {
            first = pages_.take_from(first, request.pages, request.alignment);
            if (first != kNoPage) {
                block = make_block(request, first);
                return {};
            }
        }
    }
    if (err == 0) {
        return {.err = -fail_grant(), .told = true};
    }
    source().free(region);
    if (err == -ENOMEM || err == -ENOSPC) {
        fail(-err, "no address space left for pinned memory in this process: raise its limit (ulimit -v) or "
                   "vm.max_map_count");
    } else if (err == -EAGAIN) {
        fail(EAGAIN,
             "no room for pinned memory under the limit on locked memory, which mlockall(MCL_FUTURE) of this "
             "process applies to it: raise the limit (ulimit -l) or leave out MCL_FUTURE");
    } else {
        fail(-err, "cannot map pinned memory: {}", std::strerror(-err));
    }
    return {.err = -err, .told = true};
}

SourceError Heap::try_alloc(const Request &request, void *&block) noexcept {
    {
        std::lock_guard lock(mutex_);
        block = take(request);
        if (block != nullptr) {
            return {};
        }
    }
    return grow(request, block);
}

// Gives idle regions back to the source. False if there were none.
bool Heap::trim() noexcept {
    bool any = false;
    for (;;) {
        SourceRegion region;
        {
            std::lock_guard lock(mutex_);
            if (!pages_.remove_idle(region)) {
                return any;
            }
        }
        source().free(region);
        any = true;
    }
}

// Idle regions of the wrong size or node count towards the limits too, so they go before a shortage is
// reported. Where there is no room for a span of several pages, one page for one block may still be had.
void *Heap::alloc(std::size_t size, int node, std::size_t alignment) noexcept {
    Request request = make_request(size, node, alignment);
    void *block = nullptr;
    SourceError error = try_alloc(request, block);
    if (is_shortage(error) && trim()) {
        error = try_alloc(request, block);
    }
    if (is_shortage(error) && request.size_class != kNoClass && request.pages > 1) {
        request.size_class = kNoClass;
        request.pages = 1;
        error = try_alloc(request, block);
    }
    if (error && !error.told) {
        fail_region(error.err, request.pages * kPageSize, request.node);
    }
    return block;
}

Heap::Location Heap::locate(std::uintptr_t address) noexcept {
    const PageMeta *page = pages_.find(address);
    if (page == nullptr) {
        return {};
    }
    Location location{.found = Found::free};
    if (!pages_.used(pages_.page(address))) {
        return location;
    }
    location.head = page->head;
    const PageMeta &meta = pages_.meta(page->head);
    const std::uintptr_t offset = address - pages_.address(page->head);
    unsigned objects = 1;
    if (meta.kind == PageKind::span) {
        location.size = kSizeClasses[meta.size_class].size;
        objects = kSizeClasses[meta.size_class].objects;
    } else {
        location.size = meta.pages * kPageSize;
    }
    location.object = static_cast<unsigned>(offset / location.size);
    if (location.object < objects && (meta.live & bit(location.object)) != 0) {
        location.found = offset % location.size == 0 ? Found::start : Found::interior;
    }
    return location;
}

// Makes the place of a block that is not live any more available. True if a region became surplus.
bool Heap::release(const Location &block, SourceRegion &surplus) noexcept {
    PageMeta &meta = pages_.meta(block.head);
    if (meta.kind == PageKind::span) {
        if (meta.occupied == all_objects(kSizeClasses[meta.size_class].objects)) {
            link_span(block.head);
        }
        meta.occupied &= ~bit(block.object);
        if (meta.occupied != 0) {
            return false;
        }
        unlink_span(block.head);
    }
    return pages_.give(block.head, meta.pages, surplus);
}

// From the moment that the block is not live, freeing it again and translating it fail; while it is being
// cleared without the lock, its place stays occupied.
int Heap::free(void *pointer, Clear clear, const char *caller) noexcept {
    std::unique_lock lock(mutex_);
    const Location block = locate(reinterpret_cast<std::uintptr_t>(pointer));
    if (block.found != Found::start) {
        lock.unlock();
        switch (block.found) {
        case Found::interior:
            return fail(EINVAL, "{}: {} points into a block; pass the pointer that qaeMemAllocNUMA returned",
                        caller, pointer);
        case Found::free:
            return fail(ENOENT, "{}: {} is not allocated: it was freed already", caller, pointer);
        default:
            return fail(ENOENT,
                        "{}: {} is not pinned memory of this process: it came from elsewhere, was freed, or "
                        "belongs to a parent process",
                        caller, pointer);
        }
    }
    pages_.meta(block.head).live &= ~bit(block.object);
    --live_;
    if (clear == Clear::yes) {
        const bool unlocked = block.size > kClearLocked;
        if (unlocked) {
            lock.unlock();
        }
        std::memset(pointer, 0, block.size);
        if (unlocked) {
            lock.lock();
        }
    }
    SourceRegion surplus;
    const bool give_back = release(block, surplus);
    lock.unlock();
    if (give_back) {
        source().free(surplus);
    }
    return 0;
}

std::uint64_t Heap::virt_to_phys(std::uintptr_t address) noexcept {
    std::lock_guard lock(mutex_);
    const Location block = locate(address);
    if (block.found != Found::start && block.found != Found::interior) {
        return 0;
    }
    const RegionMeta &region = pages_.region_of(block.head);
    return region.source.device_address + (address - pages_.address(region.first));
}

void *Heap::phys_to_virt(std::uint64_t device_address) noexcept {
    std::lock_guard lock(mutex_);
    const std::uintptr_t address = pages_.window().find_device(device_address);
    if (address == 0) {
        return nullptr;
    }
    const Location block = locate(address);
    const bool live = block.found == Found::start || block.found == Found::interior;
    return live ? reinterpret_cast<void *>(address) : nullptr;
}

void Heap::destroy() noexcept {
    std::lock_guard lock(mutex_);
    for (SourceRegion region; pages_.remove_any(region);) {
        source().free(region);
    }
    if (partial_.data() != nullptr) {
        std::memset(static_cast<void *>(partial_.data()), 0, kMaxNodes * sizeof(Partial));
    }
    live_ = 0;
}

HeapStats Heap::stats() noexcept {
    std::lock_guard lock(mutex_);
    return {.pinned_bytes = pages_.pinned_bytes(), .regions = pages_.num_regions(), .live_blocks = live_};
}

void Heap::after_fork_in_child() noexcept {
    pages_.forget_in_child();
    partial_ = {}; // fork did not copy its memory
    live_ = 0;
    mutex_.reset_in_child();
}

void Heap::set_source_for_test(RegionSource *source) noexcept {
    destroy();
    std::lock_guard lock(mutex_);
    test_source_ = source;
}

} // namespace qae
