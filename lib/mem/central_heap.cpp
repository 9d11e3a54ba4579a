// SPDX-License-Identifier: BSD-3-Clause
#include "mem/central_heap.h"

#include <bit>
#include <cerrno>
#include <mutex>

#include "mem/address/bit_runs.h"

namespace qae {
namespace {

// Length of the leading run of objects that are adjacent in memory and below @end, where another span may
// begin.
std::uint32_t contiguous_run(const GranuleIndex *objects, std::uint32_t count, std::uint32_t granules,
                             GranuleIndex end) noexcept {
    std::uint32_t run = 1;
    while (run < count && objects[run] == objects[run - 1] + granules && objects[run] < end) {
        ++run;
    }
    return run;
}

} // namespace

int CentralHeap::reserve() noexcept {
    const int err = pages_.reserve();
    if (err != 0) {
        return err;
    }
    const std::uint64_t pages = window().size() / kPageSize;
    if (span_room_ != pages) {
        spans_.release();
        span_room_ = 0;
        if (!spans_.reserve(pages)) {
            return -errno;
        }
        span_room_ = pages;
    }
    return node_.data() != nullptr || node_.reserve(kMaxNodes) ? 0 : -errno;
}

// Updates the copies for readers without the lock. The caller holds it.
void CentralHeap::publish(bool taken) noexcept {
    std::uint64_t most = 0;
    for (std::uint64_t nodes = pages_.nodes(); nodes != 0; nodes &= nodes - 1) {
        most = std::max(most, pages_.idle_bytes(std::countr_zero(nodes)));
    }
    const std::uint64_t used = pages_.used_bytes();
    idle_bytes_.store(most, std::memory_order_relaxed);
    used_.store(used, std::memory_order_relaxed);
    // A process that goes on allocating needs its caches, even while its blocks are spread thin. So memory
    // counts as sparse only if usage has fallen since pages were last taken.
    constexpr std::uint64_t kSlack = 4ULL << 20;
    if (taken) {
        used_when_taken_ = used;
    }
    const std::uint64_t kept = std::min(keep(), pages_.pinned_bytes()) + kSlack;
    sparse_.store(pages_.pinned_bytes() > kept + 2 * used && used < used_when_taken_ / 4 * 3,
                  std::memory_order_relaxed);
    if (used > used_peak_.load(std::memory_order_relaxed)) {
        used_peak_.store(used, std::memory_order_relaxed);
    }
    pinned_.store(pages_.pinned_bytes(), std::memory_order_relaxed);
    nodes_.store(pages_.nodes(), std::memory_order_relaxed);
}

bool CentralHeap::has_shrunk() noexcept {
    constexpr std::uint64_t kLittle = 4ULL << 20;
    std::uint64_t level = used_peak_.load(std::memory_order_relaxed);
    const std::uint64_t used = used_.load(std::memory_order_relaxed);
    // Even when sparse not at every call, because draining all caches takes microseconds.
    const std::uint64_t few = is_sparse() ? level / 8 * 7 : level / 2;
    return level > kLittle && used < few &&
           used_peak_.compare_exchange_strong(level, used, std::memory_order_relaxed);
}

int CentralHeap::add_region(RegionSource &source, const SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    int err = reserve();
    if (err != 0) {
        return err;
    }
    const auto node = static_cast<unsigned>(std::clamp(region.node, 0, kMaxNodes - 1));
    if (!node_.commit(node + 1)) {
        return -errno;
    }
    err = pages_.add(source, region);
    if (err != 0) {
        return err;
    }
    const PageIndex first = pages_.page(window().pointer_at(region.device_address));
    if (!spans_.commit(first + static_cast<PageIndex>(region.length / kPageSize))) {
        err = -errno;
        pages_.remove_unused(first);
        return err;
    }
    if (num_nodes_.load(std::memory_order_relaxed) <= node) {
        num_nodes_.store(node + 1, std::memory_order_release);
    }
    publish(true);
    return 0;
}

// Takes pages for a span of about @objects objects, or of fewer if there is no run of that length.
PageIndex CentralHeap::take_span(unsigned node, unsigned size_class, std::uint32_t objects,
                                 std::uint32_t &pages) noexcept {
    std::lock_guard lock(mutex_);
    PageIndex first = kNoPage;
    for (;; objects /= 4) {
        pages = objects != 0 ? span_pages(size_class, objects) : min_span_pages(size_class);
        first = pages_.take(pages, kPageSize, static_cast<int>(node));
        if (first != kNoPage || objects == 0) {
            break;
        }
    }
    if (first != kNoPage) {
        page_map().set(first, pages, page_kind_of(size_class));
        publish(true);
    }
    return first;
}

std::uint32_t CentralHeap::take_single_object_spans(unsigned node, unsigned size_class, GranuleIndex *objects,
                                                    std::uint32_t want) noexcept {
    const std::uint32_t pages = kSingleObjectPages[size_class];
    std::uint32_t got = 0;
    std::lock_guard lock(mutex_);
    while (got < want) {
        const PageIndex first = pages_.take(pages, kPageSize, static_cast<int>(node));
        if (first == kNoPage) {
            break;
        }
        page_map().set(first, pages, page_kind_of(size_class));
        objects[got++] = granule_of(first * kPageSize);
    }
    single_object_spans_[size_class] += got;
    publish(true);
    return got;
}

void CentralHeap::give_single_object_spans(unsigned size_class, const GranuleIndex *objects,
                                           std::uint32_t count) noexcept {
    const std::uint32_t pages = kSingleObjectPages[size_class];
    std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto first = static_cast<PageIndex>(objects[i] / kGranulesPerPage);
        page_map().clear(first, pages);
        pages_.give(first, pages);
    }
    single_object_spans_[size_class] -= count;
    publish(false);
}

// A new span has about a sixteenth of the objects of its class, so that the last, half empty span of each
// class wastes little. A span of blocks above 4 KiB has as few objects as fill its pages well: pages that it
// does not take stay available to all classes.
std::uint32_t CentralHeap::take_objects(unsigned node, unsigned size_class, GranuleIndex *objects,
                                        std::uint32_t want) noexcept {
    if (!ready(node)) {
        return 0;
    }
    if (kSingleObjectPages[size_class] != 0) {
        return take_single_object_spans(node, size_class, objects, want);
    }
    CentralFreeList &list = this->list(node, size_class);
    std::lock_guard lock(list.mutex());
    const std::uint32_t got = list.take(spans_, objects, want, size_class);
    if (got != 0) {
        return got;
    }
    std::uint32_t pages = 0;
    const std::uint32_t about = size_class < kFirstMultiPageClass ? list.num_objects() / 16 + 1 : 1;
    const PageIndex first = take_span(node, size_class, about, pages);
    if (first == kNoPage) {
        return 0;
    }
    list.add(spans_, first, pages, size_class);
    return list.take(spans_, objects, want, size_class);
}

void CentralHeap::give_pages(PageIndex first, std::uint32_t pages) noexcept {
    std::lock_guard lock(mutex_);
    page_map().clear(first, pages);
    pages_.give(first, pages);
    publish(false);
}

// The caller holds the mutex of the list.
void CentralHeap::give_to_spans(unsigned node, unsigned size_class, const GranuleIndex *objects,
                                std::uint32_t count) noexcept {
    const SizeClass &shape = kSizeClasses[size_class];
    const std::uint32_t granules = shape.size / kGranule;
    CentralFreeList &list = this->list(node, size_class);
    for (std::uint32_t i = 0; i < count;) {
        // Neighbours are often freed together, so all consecutive objects of one span are returned at once.
        // No object begins on an inner page, so the distance of its page is valid.
        const PageIndex page = objects[i] / kGranulesPerPage;
        const PageIndex first = page - page_map().distance(page);
        const GranuleIndex start = first * kGranulesPerPage;
        const GranuleIndex end = start + spans_[first].pages * kGranulesPerPage;
        const std::uint32_t from = i;
        std::uint64_t mask = 0;
        while (i < count && objects[i] >= start && objects[i] < end) {
            const std::uint32_t run = contiguous_run(objects + i, count - i, granules, end);
            mask |=
                low_bits(run) << shape.object_at((objects[i] - start) * static_cast<std::uint32_t>(kGranule));
            i += run;
        }
        if (list.give(spans_, first, mask, i - from)) {
            give_pages(first, spans_[first].pages);
        }
    }
}

void CentralHeap::give_objects(unsigned node, unsigned size_class, const GranuleIndex *objects,
                               std::uint32_t count) noexcept {
    if (kSingleObjectPages[size_class] != 0) {
        give_single_object_spans(size_class, objects, count);
        return;
    }
    const std::uint64_t budget = is_sparse() || size_class >= kFirstMultiPageClass ? 0 : class_budget();
    CentralFreeList &list = this->list(node, size_class);
    std::lock_guard lock(list.mutex());
    if (!list.keep(objects, count, static_cast<std::uint32_t>(budget / kSizeClasses[size_class].size))) {
        give_to_spans(node, size_class, objects, count);
    }
}

bool CentralHeap::take_run(unsigned node, std::uint32_t pages, std::uint64_t alignment, Run &run) noexcept {
    if (!ready(node)) {
        return false;
    }
    std::lock_guard lock(mutex_);
    const PageIndex first = pages_.take(pages, alignment, static_cast<int>(node));
    if (first == kNoPage) {
        return false;
    }
    page_map().set(first, pages, PageKind::run);
    spans_[first].set_num_pages(pages);
    run = {.first = first, .pages = pages, .node = node};
    run_pages_ += pages;
    ++runs_;
    publish(true);
    return true;
}

void CentralHeap::give_run(const Run &run) noexcept {
    {
        std::lock_guard lock(mutex_);
        run_pages_ -= run.pages;
        --runs_;
    }
    give_pages(run.first, run.pages);
}

void CentralHeap::flush_transfer_caches() noexcept {
    for (unsigned node = 0; ready(node); ++node) {
        for (unsigned size_class = 0; size_class < kNumClasses; ++size_class) {
            CentralFreeList &list = this->list(node, size_class);
            std::lock_guard lock(list.mutex());
            GranuleIndex objects[kMaxBatch];
            while (const std::uint32_t count = list.take_from_transfer_cache(objects, kMaxBatch)) {
                give_to_spans(node, size_class, objects, count);
            }
        }
    }
}

bool CentralHeap::remove_idle(std::uint64_t keep, SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    for (std::uint64_t nodes = pages_.nodes(); nodes != 0; nodes &= nodes - 1) {
        const int node = std::countr_zero(nodes);
        if (pages_.idle_bytes(node) > keep && pages_.remove_idle(node, keep, region)) {
            publish(false);
            return true;
        }
    }
    return false;
}

bool CentralHeap::remove_any(SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    const bool any = pages_.remove_any(region);
    if (!any) {
        for (unsigned node = 0; ready(node); ++node) {
            for (CentralFreeList &list : node_[node].lists) {
                list.reset();
            }
        }
        run_pages_ = 0;
        runs_ = 0;
        std::fill(std::begin(single_object_spans_), std::end(single_object_spans_), 0);
    }
    publish(false);
    return any;
}

bool CentralHeap::has_region_at(std::uint64_t device_address) noexcept {
    const std::uintptr_t address = window().pointer_at(device_address);
    if (address == 0 || !pages_.in_region(pages_.page(address))) {
        return false;
    }
    return pages_.region_of(pages_.page(address)).source.device_address == device_address;
}

bool CentralHeap::region_at(PageIndex page, SourceRegion &region, std::uintptr_t &address) noexcept {
    std::lock_guard lock(mutex_);
    if (!pages_.in_region(page)) {
        return false;
    }
    const RegionMeta &meta = pages_.region_of(page);
    region = meta.source;
    address = pages_.address(meta.first);
    return true;
}

CentralHeapStats CentralHeap::stats() noexcept {
    CentralHeapStats stats{};
    for (unsigned node = 0; ready(node); ++node) {
        for (unsigned size_class = 0; size_class < kNumClasses; ++size_class) {
            CentralFreeList &list = this->list(node, size_class);
            std::lock_guard lock(list.mutex());
            const std::uint32_t out = list.num_objects() - list.num_free();
            stats.objects += out;
            stats.spare_bytes += std::uint64_t{list.num_free()} * kSizeClasses[size_class].size;
            stats.object_bytes += std::uint64_t{out} * kSizeClasses[size_class].size;
        }
    }
    std::lock_guard lock(mutex_);
    stats.pinned_bytes = pages_.pinned_bytes();
    stats.used_bytes = pages_.used_bytes();
    stats.regions = pages_.num_regions();
    for (std::uint64_t nodes = pages_.nodes(); nodes != 0; nodes &= nodes - 1) {
        stats.idle_bytes += pages_.idle_bytes(std::countr_zero(nodes));
    }
    for (unsigned size_class = 0; size_class < kNumClasses; ++size_class) {
        stats.objects += single_object_spans_[size_class];
        stats.object_bytes += single_object_spans_[size_class] * kSizeClasses[size_class].size;
    }
    stats.runs = runs_;
    stats.run_bytes = run_pages_ * kPageSize;
    return stats;
}

void CentralHeap::release() noexcept {
    spans_.release();
    node_.release();
    pages_.release();
}

// The tables read as zero in the child; only the members are reset.
void CentralHeap::after_fork_in_child() noexcept {
    pages_.forget_in_child();
    run_pages_ = 0;
    runs_ = 0;
    std::fill(std::begin(single_object_spans_), std::end(single_object_spans_), 0);
    pinned_.store(0, std::memory_order_relaxed);
    used_.store(0, std::memory_order_relaxed);
    used_peak_.store(0, std::memory_order_relaxed);
    sparse_.store(false, std::memory_order_relaxed);
    idle_bytes_.store(0, std::memory_order_relaxed);
    nodes_.store(0, std::memory_order_relaxed);
    num_nodes_.store(0, std::memory_order_relaxed);
    mutex_.reset_in_child();
}

} // namespace qae
