// SPDX-License-Identifier: BSD-3-Clause
// The allocator with a source that refuses or misbehaves.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "mem/heap.h"
#include "support/cmocka_cpp.h"
#include "support/fake_heap.h"
#include "support/reason.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Heap;
using qae::test::g_source;

void refused(std::size_t size, int node, int err, const char *part) {
    assert_null(qaeMemAllocNUMA(size, node, 64));
    assert_int_equal(qaeLastErrno(), err);
    assert_says(qaeLastError(), part);
}

void MEM_03_each_refusal_has_its_own_reason(void **) {
    const struct {
        int err;
        const char *part;
    } refusals[] = {
        {EDQUOT, "limit"},
        {ENOMEM, "fragmented"},
        {ENXIO, "nodes with memory"},
        {EOPNOTSUPP, "encrypted"},
        {EADDRNOTAVAIL, "an endpoint does not reach"},
        {ENODEV, "driver is being removed"},
        {EFAULT, "driver refused"},
    };
    for (const auto &refusal : refusals) {
        g_source->fail_with = refusal.err;
        refused(64, NUMA_ANY_NODE, refusal.err, refusal.part);
        refused(4 << 20, 1, refusal.err, refusal.part);
    }
    g_source->fail_with = 0;
    void *block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
    assert_non_null(block);
    qaeMemFreeNUMA(&block);
}

void a_limit_is_reached_and_not_exceeded(void **) {
    g_source->limit = 5 << 20;
    std::vector<void *> blocks;
    for (void *p; (p = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 64)) != nullptr;) {
        blocks.push_back(p);
    }
    assert_int_equal(qaeLastErrno(), EDQUOT);
    assert_says(qaeLastError(), "limit");
    assert_says(qaeLastError(), "5120 KiB of 5120 KiB are pinned, and 64 KiB more");
    assert_int_equal(blocks.size(),
                     5 * 16); // the whole limit, although the last MiB is less than a usual region
    assert_int_equal(g_source->failures(), 1); // one block was refused, however often the library asked
    qaeMemFreeNUMA(&blocks.back());
    blocks.back() = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 64);
    assert_non_null(blocks.back());
    for (void *p : blocks) {
        qaeMemFreeNUMA(&p);
    }
}

void idle_memory_does_not_exhaust_the_limit(void **) {
    g_source->limit = 5 << 20;
    for (const std::size_t size : {64UL, 4UL << 20, 1UL << 20, 4UL << 20, 100UL, 3UL << 20}) {
        void *p = qaeMemAllocNUMA(size, size < 200 ? 1 : 0, 64);
        assert_non_null(p);
        qaeMemFreeNUMA(&p);
        assert_null(p);
    }
    assert_int_equal(g_source->failures(), 0);
}

void MEM_03_a_fragmented_machine_still_serves_small_blocks(void **) {
    g_source->fragmented_above = 64 << 10;
    void *small = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
    void *medium = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 4096);
    assert_non_null(small);
    assert_non_null(medium);
    assert_int_equal(g_source->failures(), 0);
    refused((64 << 10) + 1, NUMA_ANY_NODE, ENOMEM, "no contiguous memory for 68 KiB");
    assert_int_equal(g_source->failures(), 1);
    qaeMemFreeNUMA(&small);
    qaeMemFreeNUMA(&medium);
}

void MEM_03_a_failed_mapping_gives_the_region_back(void **) {
    g_source->map_fails_with = EPERM;
    refused(64, NUMA_ANY_NODE, EPERM, "cannot map");
    g_source->map_fails_with = ENOMEM;
    refused(64, NUMA_ANY_NODE, ENOMEM, "address space");
    g_source->map_fails_with = EAGAIN;
    refused(64, NUMA_ANY_NODE, EAGAIN, "mlockall");
    assert_int_equal(g_source->live_regions(), 0);
    g_source->map_fails_with = 0;
    void *block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
    assert_non_null(block);
    qaeMemFreeNUMA(&block);
}

void MEM_03_a_region_that_is_too_small_is_an_error(void **) {
    g_source->shrink = true;
    refused(2 << 20, NUMA_ANY_NODE, EIO, "too small");
}

// Runs a scene in a forked process, which has none of the library's tables yet and may set its own limits.
// The scene returns 0 for success.
template <class Scene> void in_limited_process(Scene scene) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // their own memory exceeds any such limit
#endif
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        g_source->start_over_in_child();
        _exit(scene());
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

void MEM_03_limited_address_space_is_respected(void **) {
    in_limited_process([] {
        struct rlimit limit = {.rlim_cur = 4ULL << 30, .rlim_max = 4ULL << 30};
        setrlimit(RLIMIT_AS, &limit);
        void *block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
        void *heap = mmap(nullptr, 1 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return block != nullptr && heap != MAP_FAILED ? 0 : 1;
    });
}

std::uint64_t data_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmData:")) {
            return std::stoull(line.substr(7)) << 10;
        }
    }
    return 0;
}

// The scene needs a process without the library's tables, so this test comes first. Each attempt has room for
// a little more, so that every table is once the first that does not fit.
void MEM_03_an_attempt_without_room_for_tables_does_not_break_later_ones(void **) {
    in_limited_process([] {
        const rlim_t before = data_bytes();
        void *block = nullptr;
        int refusals = -1;
        rlim_t more = 0;
        for (; block == nullptr && more < (64 << 20); more += 64 << 10, ++refusals) {
            const struct rlimit limit = {.rlim_cur = before + more, .rlim_max = RLIM_INFINITY};
            setrlimit(RLIMIT_DATA, &limit);
            errno = EDOM; // the caller's errno
            block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
        }
        qaeMemFreeNUMA(&block);
        if (errno != EDOM) {
            return 2;
        }
        // Every refusal had the same reason, and the last attempt succeeded.
        return more < (64 << 20) && refusals > 10 && qaeLastErrno() == ENOSPC ? 0 : 1;
    });
}

// A call that succeeds may have failed to make magazines, on a path where nothing else preserves errno.
void MEM_03_errno_is_preserved_when_a_cache_finds_no_room(void **) {
    in_limited_process([] {
        void *own = qaeMemAllocNUMA(64, 0, 64);
        // Makes as many magazines as fit into the committed memory, and leaves objects of node 1 for all.
        std::thread([] {
            void *blocks[] = {qaeMemAllocNUMA(64, 0, 64), qaeMemAllocNUMA(64, 1, 64)};
            for (void *&block : blocks) {
                qaeMemFreeNUMA(&block);
            }
        }).join();
        const struct rlimit none = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY}; // 0 would mean no limit
        setrlimit(RLIMIT_DATA, &none);
        errno = EDOM;
        void *other = qaeMemAllocNUMA(64, 1, 64);
        const bool kept = errno == EDOM;
        qaeMemFreeNUMA(&other);
        qaeMemFreeNUMA(&own);
        return kept && errno == EDOM ? 0 : 1;
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        FAKE_SOURCE_TEST(MEM_03_an_attempt_without_room_for_tables_does_not_break_later_ones),
        FAKE_SOURCE_TEST(MEM_03_errno_is_preserved_when_a_cache_finds_no_room),
        FAKE_SOURCE_TEST(MEM_03_each_refusal_has_its_own_reason),
        FAKE_SOURCE_TEST(a_limit_is_reached_and_not_exceeded),
        FAKE_SOURCE_TEST(idle_memory_does_not_exhaust_the_limit),
        FAKE_SOURCE_TEST(MEM_03_a_fragmented_machine_still_serves_small_blocks),
        FAKE_SOURCE_TEST(MEM_03_a_failed_mapping_gives_the_region_back),
        FAKE_SOURCE_TEST(MEM_03_a_region_that_is_too_small_is_an_error),
        FAKE_SOURCE_TEST(MEM_03_limited_address_space_is_respected),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
