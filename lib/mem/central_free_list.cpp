// SPDX-License-Identifier: BSD-3-Clause
#include "mem/central_free_list.h"

#include <algorithm>
#include <bit>

#include "mem/address/bit_runs.h"

namespace qae {

void CentralFreeList::link(SparseTable<Span> &spans, PageIndex first) noexcept {
    spans[first].prev = 0;
    spans[first].next = partial_;
    if (partial_ != 0) {
        spans[partial_ - 1].prev = first + 1;
    }
    partial_ = first + 1;
}

void CentralFreeList::unlink(SparseTable<Span> &spans, PageIndex first) noexcept {
    const Span &span = spans[first];
    if (span.next != 0) {
        spans[span.next - 1].prev = span.prev;
    }
    if (span.prev != 0) {
        spans[span.prev - 1].next = span.next;
    } else {
        partial_ = span.next;
    }
}

// The transfer cache comes first, because its objects are likely in the processor's cache. Spans follow, each
// until it is empty.
std::uint32_t CentralFreeList::take(SparseTable<Span> &spans, GranuleIndex *objects, std::uint32_t want,
                                    unsigned size_class) noexcept {
    std::uint32_t got = take_from_transfer_cache(objects, want);
    const std::uint32_t granules = kSizeClasses[size_class].size / kGranule;
    while (got < want && partial_ != 0) {
        const PageIndex first = partial_ - 1;
        Span &span = spans[first];
        while (span.free != 0 && got < want) {
            // From the last object down: a magazine is a stack, so objects are allocated in address order.
            const auto end = static_cast<std::uint32_t>(std::bit_width(span.free));
            const auto run = static_cast<std::uint32_t>(std::countl_one(span.free << (64 - end)));
            const std::uint32_t count = std::min(run, want - got);
            const GranuleIndex last = first * kGranulesPerPage + (end - 1) * granules;
            for (std::uint32_t i = 0; i < count; ++i) {
                objects[got + i] = last - i * granules;
            }
            span.free &= ~(low_bits(count) << (end - count) % 64);
            free_ -= count;
            got += count;
        }
        if (span.free == 0) {
            unlink(spans, first);
        }
    }
    return got;
}

void CentralFreeList::add(SparseTable<Span> &spans, PageIndex first, std::uint32_t pages,
                          unsigned size_class) noexcept {
    const std::uint32_t objects = span_objects(size_class, pages);
    Span &span = spans[first];
    span.free = low_bits(objects);
    span.prev = 0;
    span.next = 0;
    span.set_num_pages(pages);
    span.objects = static_cast<std::uint16_t>(objects);
    objects_ += objects;
    free_ += objects;
    link(spans, first);
}

bool CentralFreeList::keep(const GranuleIndex *objects, std::uint32_t count, std::uint32_t limit) noexcept {
    if (num_transfer_ + count > std::min(limit, kTransferCapacity)) {
        return false;
    }
    std::copy_n(objects, count, transfer_cache_ + num_transfer_);
    num_transfer_ += count;
    return true;
}

std::uint32_t CentralFreeList::take_from_transfer_cache(GranuleIndex *objects, std::uint32_t room) noexcept {
    const std::uint32_t count = std::min(room, num_transfer_);
    num_transfer_ -= count;
    std::copy_n(transfer_cache_ + num_transfer_, count, objects);
    return count;
}

bool CentralFreeList::give(SparseTable<Span> &spans, PageIndex first, std::uint64_t objects,
                           std::uint32_t count) noexcept {
    Span &span = spans[first];
    if (span.free == 0) {
        link(spans, first);
    }
    span.free |= objects;
    free_ += count;
    if (span.free != low_bits(span.objects)) {
        return false;
    }
    unlink(spans, first);
    objects_ -= span.objects;
    free_ -= span.objects;
    return true;
}

void CentralFreeList::reset() noexcept {
    partial_ = 0;
    objects_ = 0;
    free_ = 0;
    num_transfer_ = 0;
}

} // namespace qae
