// SPDX-License-Identifier: BSD-3-Clause
// What the allocator does when the source of regions refuses, or is wrong.
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
#include "support/fake_source.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Heap;
using qae::test::FakeSource;

FakeSource *g_source;

int use_fake_source(void **) {
    g_source = new FakeSource;
    Heap::instance().set_source_for_test(g_source);
    qaeClearLastError();
    return 0;
}

int drop_fake_source(void **) {
    Heap::instance().set_source_for_test(nullptr);
    const std::uint64_t wrong = g_source->wrong_frees();
    const std::size_t left = g_source->live_regions();
    delete g_source;
    return wrong == 0 && left == 0 ? 0 : -1;
}

void refused(std::size_t size, int node, int err, const char *part) {
    assert_null(qaeMemAllocNUMA(size, node, 64));
    assert_int_equal(qaeLastErrno(), err);
    if (std::strstr(qaeLastError(), part) == nullptr) {
        fail_msg("the reason \"%s\" does not say \"%s\"", qaeLastError(), part);
    }
}

void MEM_03_each_refusal_has_its_own_reason(void **) {
    const struct {
        int err;
        const char *part;
    } refusals[] = {
        {EDQUOT, "limit"},
        {ENOMEM, "fragmented"},
        {ENXIO, "online nodes"},
        {EOPNOTSUPP, "encrypted"},
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

void a_limit_is_used_up_and_not_exceeded(void **) {
    g_source->limit = 5 << 20;
    std::vector<void *> blocks;
    for (void *p; (p = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 64)) != nullptr;) {
        blocks.push_back(p);
    }
    assert_int_equal(qaeLastErrno(), EDQUOT);
    assert_non_null(std::strstr(qaeLastError(), "limit"));
    assert_non_null(std::strstr(qaeLastError(), "5120 KiB of 5120 KiB are pinned, and 64 KiB more"));
    assert_int_equal(blocks.size(), 5 * 16); // all of it, though the last MiB is less than a usual region
    qaeMemFreeNUMA(&blocks.back());
    blocks.back() = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 64);
    assert_non_null(blocks.back());
    for (void *p : blocks) {
        qaeMemFreeNUMA(&p);
    }
}

void idle_memory_does_not_use_up_the_limit(void **) {
    g_source->limit = 5 << 20;
    for (const std::size_t size : {64UL, 4UL << 20, 1UL << 20, 4UL << 20, 100UL, 3UL << 20}) {
        void *p = qaeMemAllocNUMA(size, size < 200 ? 1 : 0, 64);
        assert_non_null(p);
        qaeMemFreeNUMA(&p);
        assert_null(p);
    }
}

void MEM_03_a_fragmented_machine_still_serves_small_blocks(void **) {
    g_source->fragmented_above = 64 << 10;
    void *small = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
    void *medium = qaeMemAllocNUMA(64 << 10, NUMA_ANY_NODE, 4096);
    assert_non_null(small);
    assert_non_null(medium);
    refused((64 << 10) + 1, NUMA_ANY_NODE, ENOMEM, "no contiguous memory for 68 KiB");
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

// A scene in a process that has none of the library's tables yet, and may limit itself. 0: all was well.
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

// In a process that has none of the library's tables yet, so this is the first of the tests. With each
// attempt there is room for a little more: every table is the one for which there is none, once.
void MEM_03_an_attempt_without_room_for_tables_spoils_no_later_one(void **) {
    in_limited_process([] {
        const rlim_t before = data_bytes();
        void *block = nullptr;
        int refusals = -1;
        rlim_t more = 0;
        for (; block == nullptr && more < (64 << 20); more += 64 << 10, ++refusals) {
            const struct rlimit limit = {.rlim_cur = before + more, .rlim_max = RLIM_INFINITY};
            setrlimit(RLIMIT_DATA, &limit);
            errno = EDOM; // which is the caller's
            block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
        }
        qaeMemFreeNUMA(&block);
        if (errno != EDOM) {
            return 2;
        }
        // There was always the one reason, and at last none.
        return more < (64 << 20) && refusals > 10 && qaeLastErrno() == ENOSPC ? 0 : 1;
    });
}

// A call that succeeds may have tried to make magazines in vain, on its way past everything that keeps errno.
void MEM_03_errno_is_the_callers_where_a_cache_finds_no_room(void **) {
    in_limited_process([] {
        void *own = qaeMemAllocNUMA(64, 0, 64);
        // As many magazines as fit into the memory that they have already, and objects of node 1 for all.
        std::thread([] {
            void *blocks[] = {qaeMemAllocNUMA(64, 0, 64), qaeMemAllocNUMA(64, 1, 64)};
            for (void *&block : blocks) {
                qaeMemFreeNUMA(&block);
            }
        }).join();
        const struct rlimit none = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY}; // 0 would be none
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

#define MEMORY_TEST(name) cmocka_unit_test_setup_teardown(name, use_fake_source, drop_fake_source)

int main() {
    const CMUnitTest tests[] = {
        MEMORY_TEST(MEM_03_an_attempt_without_room_for_tables_spoils_no_later_one),
        MEMORY_TEST(MEM_03_errno_is_the_callers_where_a_cache_finds_no_room),
        MEMORY_TEST(MEM_03_each_refusal_has_its_own_reason),
        MEMORY_TEST(a_limit_is_used_up_and_not_exceeded),
        MEMORY_TEST(idle_memory_does_not_use_up_the_limit),
        MEMORY_TEST(MEM_03_a_fragmented_machine_still_serves_small_blocks),
        MEMORY_TEST(MEM_03_a_failed_mapping_gives_the_region_back),
        MEMORY_TEST(MEM_03_a_region_that_is_too_small_is_an_error),
        MEMORY_TEST(MEM_03_limited_address_space_is_respected),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
