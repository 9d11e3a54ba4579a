// SPDX-License-Identifier: BSD-3-Clause
// How many huge pages of 2 MiB the process has, and may have (QAT_USER_HUGEPAGES).
#ifndef QAE_LIB_MEM_SOURCE_HUGE_PAGES_H
#define QAE_LIB_MEM_SOURCE_HUGE_PAGES_H

#include <atomic>
#include <cstdint>

#include "process/settings.h"

namespace qae {

class HugePages {
public:
    // Counts @length more bytes. False if huge pages are off, or the process would have too many; the latter
    // counts as a miss.
    bool take(std::uint64_t length) noexcept {
        const std::uint64_t most = settings().huge_pages << 21;
        if (most == 0) {
            return false;
        }
        if (bytes_.fetch_add(length, std::memory_order_relaxed) + length <= most) {
            return true;
        }
        give(length);
        count_miss();
        return false;
    }
    void give(std::uint64_t length) noexcept { bytes_.fetch_sub(length, std::memory_order_relaxed); }

    // A region got pages of 4 KiB instead.
    void count_miss() noexcept { misses_.fetch_add(1, std::memory_order_relaxed); }

    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    std::uint64_t misses() const noexcept { return misses_.load(std::memory_order_relaxed); }

    void forget_in_child() noexcept {
        bytes_.store(0, std::memory_order_relaxed);
        misses_.store(0, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> misses_{0};
};

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_HUGE_PAGES_H
