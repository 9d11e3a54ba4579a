// SPDX-License-Identifier: BSD-3-Clause
// The functions of qae_mem_ext.h.
#include <qae_mem_ext.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "mem/heap.h"
#include "process/abi.h"
#include <qae_mem.h>

namespace {

using qae::fail;
using qae::guarded;
using qae::Heap;

// Sizes of the structures in the first release. A caller with a smaller value has not set `size`.
constexpr std::uint32_t kFirstBlockSize = 64;
constexpr std::uint32_t kFirstStatsSize = 80;
static_assert(sizeof(qae_mem_block) >= kFirstBlockSize && sizeof(qae_mem_stats) >= kFirstStatsSize);

// Copies as much as the caller has room for, and sets `size` to that much.
template <class T> int answer(T known, T *to) noexcept {
    known.size = std::min(to->size, static_cast<std::uint32_t>(sizeof(T)));
    std::memcpy(to, &known, known.size);
    return 0;
}

} // namespace

extern "C" {

QAE_EXPORT const char *qaeLastError(void) { return qae::last_reason(); }

QAE_EXPORT int qaeLastErrno(void) { return qae::last_errno(); }

QAE_EXPORT void qaeClearLastError(void) { qae::clear_error(); }

QAE_EXPORT int qaeMemGetInfo(const void *ptr, struct qae_mem_block *info) {
    return guarded(
        [=]() -> int {
            if (ptr == nullptr || info == nullptr) {
                return fail(EINVAL, "{} is NULL", ptr == nullptr ? "the pointer" : "info");
            }
            if (info->size < kFirstBlockSize) {
                return fail(EINVAL, "the field size is {}; set it to sizeof(struct qae_mem_block)",
                            info->size);
            }
            qae::BlockInfo block;
            if (!Heap::instance().info(reinterpret_cast<std::uintptr_t>(ptr), block)) {
                return fail(ENOENT, "{} is not in a live block of qaeMemAllocNUMA()", ptr);
            }
            const std::uint64_t lowest_bit = block.device_address & (~block.device_address + 1);
            return answer(qae_mem_block{.size = 0,
                                        .node = block.node,
                                        .start = reinterpret_cast<void *>(block.start),
                                        .length = block.size,
                                        .device_address = block.device_address,
                                        .alignment = std::min<std::uint64_t>(lowest_bit, QAE_MAX_PHYS_ALIGN),
                                        .region_start = reinterpret_cast<void *>(block.region_start),
                                        .region_length = block.region_length,
                                        .region_id = block.region_id,
                                        .reserved = 0},
                          info);
        },
        -EIO);
}

QAE_EXPORT int qaeMemStats(struct qae_mem_stats *stats) {
    return guarded(
        [=]() -> int {
            if (stats == nullptr) {
                return fail(EINVAL, "the argument is NULL; pass the address of a struct qae_mem_stats");
            }
            if (stats->size < kFirstStatsSize) {
                return fail(EINVAL, "the field size is {}; set it to sizeof(struct qae_mem_stats)",
                            stats->size);
            }
            const qae::HeapStats now = Heap::instance().stats();
            return answer(qae_mem_stats{.size = 0,
                                        .regions = now.regions,
                                        .pinned = now.pinned_bytes,
                                        .pinned_peak = now.pinned_peak,
                                        .live_blocks = now.live_blocks,
                                        .live = now.live_bytes,
                                        .cached = now.cached_bytes,
                                        .spare = now.spare_bytes,
                                        .idle = now.idle_bytes,
                                        .keep = Heap::instance().keep(),
                                        .caches = now.caches,
                                        .reserved = 0,
                                        .huge = now.huge_bytes,
                                        .huge_misses = now.huge_misses},
                          stats);
        },
        -EIO);
}

QAE_EXPORT uint64_t qaeMemTrim(void) {
    return guarded([]() -> uint64_t { return Heap::instance().trim(0); }, 0);
}

QAE_EXPORT void qaeMemSetKeep(uint64_t bytes) {
    guarded([=] { Heap::instance().set_keep(bytes); });
}

} // extern "C"
