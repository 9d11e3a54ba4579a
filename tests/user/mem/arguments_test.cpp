// SPDX-License-Identifier: BSD-3-Clause
// The argument checks of the memory functions and the reasons that they record. No device needed.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "mem/heap.h"
#include "process/device.h"
#include "process/last_error.h"
#include "support/cmocka_cpp.h"
#include "support/fake_heap.h"
#include "support/reason.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Device;
using qae::Heap;
using qae::test::g_source;

void refused(std::size_t size, int node, std::size_t alignment, int err, const char *part) {
    errno = 77;
    assert_null(qaeMemAllocNUMA(size, node, alignment));
    assert_int_equal(errno, 77);
    expect_reason(err, part);
}

void MEM_01_heap_memory_is_zeroed_and_writable(void **) {
    auto *p = static_cast<unsigned char *>(qaeMemAlloc(100000));
    assert_non_null(p);
    for (int i = 0; i < 100000; ++i) {
        assert_int_equal(p[i], 0);
        p[i] = 0xa5;
    }
    assert_true(qaeVirtToPhysNUMA(p) == 0);
    void *q = p;
    qaeMemFree(&q);
    assert_null(q);
}

void MEM_01_impossible_size_is_null_with_a_reason(void **) {
    errno = 77;
    assert_null(qaeMemAlloc(SIZE_MAX));
    assert_int_equal(errno, 77);
    expect_reason(ENOMEM, "no memory");
    void *empty = qaeMemAlloc(0);
    assert_non_null(empty);
    qaeMemFree(&empty);
    assert_null(empty);
}

void MEM_02_free_of_null_is_an_error_without_harm(void **) {
    qaeMemFree(nullptr);
    expect_reason(EINVAL, "argument is NULL");
    void *nothing = nullptr;
    qaeMemFree(&nothing);
    expect_reason(EINVAL, "nothing to free");
}

void not_freed(void *pointer, int err, const char *part) {
    void *copy = pointer;
    errno = 77;
    qaeMemFree(&copy);
    assert_ptr_equal(copy, pointer);
    assert_int_equal(errno, 77);
    expect_reason(err, part);
}

void MEM_10_plain_free_frees_only_plain_blocks(void **) {
    int local = 0;
    void *foreign = std::malloc(64);
    auto *block = static_cast<char *>(qaeMemAlloc(4096));
    void *pinned = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
    not_freed(&local, ENOENT, "not a live block of qaeMemAlloc");
    not_freed(foreign, ENOENT, "not a live block of qaeMemAlloc");
    not_freed(block + 1, ENOENT, "points into a block");
    not_freed(block + 16, ENOENT, "points into a block");
    not_freed(reinterpret_cast<void *>(1), ENOENT, "not a live block");
    not_freed(reinterpret_cast<void *>(UINTPTR_MAX), ENOENT, "not a live block");
    not_freed(pinned, EINVAL, "free it with qaeMemFreeNUMA");
    not_freed(static_cast<char *>(pinned) + 100, EINVAL, "free it with qaeMemFreeNUMA");
    std::memset(foreign, 1, 64);
    std::memset(pinned, 1, 4096);
    std::memset(block, 1, 4096);
    void *freed = block;
    qaeMemFree(&freed);
    assert_null(freed);
    assert_int_equal(qaeLastErrno(), 0);
    not_freed(block, ENOENT, "freed already");
    std::free(foreign);
    qaeMemFreeNUMA(&pinned);
    assert_null(pinned);
}

void MEM_02_many_blocks_in_any_order(void **) {
    std::vector<void *> blocks;
    for (std::size_t i = 0; i < 20000; ++i) {
        blocks.push_back(qaeMemAlloc(i % 300));
        assert_non_null(blocks.back());
        if (i % 3 == 0) { // an early free leaves an erased entry in the table
            void *freed = blocks.back();
            blocks.pop_back();
            qaeMemFree(&freed);
            assert_null(freed);
        }
    }
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937(1));
    for (void *block : blocks) {
        void *freed = block;
        qaeMemFree(&freed);
        assert_null(freed);
        not_freed(block, ENOENT, "freed already");
    }
}

// Two threads free every block: exactly one of them succeeds.
void MEM_10_racing_plain_frees_free_once(void **) {
    constexpr std::size_t kBlocks = 5000;
    std::vector<void *> blocks(kBlocks);
    for (void *&block : blocks) {
        block = qaeMemAlloc(32);
    }
    std::atomic<std::size_t> freed{0};
    const auto free_all = [&] {
        for (void *block : blocks) {
            void *copy = block;
            qaeMemFree(&copy);
            freed += copy == nullptr ? 1 : 0;
        }
    };
    std::thread other(free_all);
    free_all();
    other.join();
    assert_int_equal(freed, kBlocks);
    qaeClearLastError();
}

void MEM_04_size_out_of_range(void **) {
    refused(0, NUMA_ANY_NODE, 64, EINVAL, "size is 0");
    for (const std::size_t size :
         {std::size_t{QAE_MAX_ALLOC_SIZE} + 1, std::size_t{1} << 40, SIZE_MAX, SIZE_MAX - 4095}) {
        refused(size, NUMA_ANY_NODE, 64, EINVAL, "a block can have");
    }
    void *largest = qaeMemAllocNUMA(QAE_MAX_ALLOC_SIZE, NUMA_ANY_NODE, 1);
    assert_non_null(largest);
    qaeMemFreeNUMA(&largest);
}

void MEM_04_the_largest_block_is_one_piece(void **) {
    void *block = qaeMemAllocNUMA(64 << 20, NUMA_ANY_NODE, 4 << 20);
    assert_non_null(block);
    std::memset(block, 1, 64 << 20);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    assert_int_equal(device % (4 << 20), 0);
    auto *last = static_cast<char *>(block) + (64 << 20) - 1;
    assert_true(qaeVirtToPhysNUMA(last) == device + (64 << 20) - 1);
    assert_ptr_equal(qaePhysToVirtNUMA(device + (64 << 20) - 1), last);
    qaeMemFreeNUMA(&block);
    refused((64 << 20) + 1, NUMA_ANY_NODE, 1, EINVAL, "67108864");
}

void MEM_04_alignment_out_of_range(void **) {
    for (const std::size_t alignment :
         {std::size_t{0}, std::size_t{3}, std::size_t{96}, std::size_t{8} << 20,
          std::size_t{QAE_MAX_PHYS_ALIGN} + 1, SIZE_MAX, std::size_t{1} << 63}) {
        refused(64, NUMA_ANY_NODE, alignment, EINVAL, "power of two");
    }
}

void MEM_04_checks_follow_the_order_size_alignment_node(void **) {
    refused(0, INT_MAX, 3, EINVAL, "size");
    refused(64, INT_MAX, 3, EINVAL, "alignment");
    refused(64, INT_MAX, 64, ENXIO, "node");
    assert_int_equal(g_source->live_regions(), 0);
}

void MEM_05_nodes_that_do_not_exist(void **) {
    for (const int node : {-2, -1000, INT_MIN}) {
        refused(64, node, 64, EINVAL, "nodes with memory");
    }
    for (const int node : {2, 63, 64, 65, 1024, INT_MAX}) {
        refused(64, node, 64, ENXIO, "nodes with memory");
    }
    assert_int_equal(g_source->live_regions(), 0);
}

void MEM_08_null_and_invalid_pointers_do_not_translate(void **) {
    assert_true(qaeVirtToPhysNUMA(nullptr) == 0);
    expect_reason(EINVAL, "NULL");
    int local = 0;
    for (void *p :
         {static_cast<void *>(&local), reinterpret_cast<void *>(UINTPTR_MAX), reinterpret_cast<void *>(8)}) {
        assert_true(qaeVirtToPhysNUMA(p) == 0);
        expect_reason(ENOENT, "not in a live block");
    }
}

void MEM_09_null_and_invalid_addresses_do_not_translate_back(void **) {
    assert_null(qaePhysToVirtNUMA(0));
    expect_reason(EINVAL, "0");
    void *block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
    for (const std::uint64_t device :
         {std::uint64_t{1}, std::uint64_t{4096}, UINT64_MAX, std::uint64_t{1} << 63}) {
        assert_null(qaePhysToVirtNUMA(device));
        expect_reason(ENOENT, "not in a live block");
    }
    qaeMemFreeNUMA(&block);
}

void MEM_10_null_arguments_of_the_free_functions(void **) {
    void *nothing = nullptr;
    qaeMemFreeNUMA(nullptr);
    expect_reason(EINVAL, "the argument is NULL");
    qaeMemFreeNUMA(&nothing);
    expect_reason(EINVAL, "the pointer is NULL");
    qaeMemFreeNonZeroNUMA(nullptr);
    expect_reason(EINVAL, "the argument is NULL");
    qaeMemFreeNonZeroNUMA(&nothing);
    expect_reason(EINVAL, "the pointer is NULL");
}

void MEM_12_a_missing_device_is_reported_with_the_remedy(void **) {
    Heap::instance().set_source_for_test(nullptr);
    Device::instance().reopen_at_for_test("/nonexistent/qae_mem");
    int fd = -5;
    assert_int_equal(qaeMemInitAndReturnFd(&fd), -ENOENT);
    assert_int_equal(fd, -5);
    expect_reason(ENOENT, "modprobe qae");
    assert_int_equal(qaeMemInit(), -ENOENT);
    refused(64, NUMA_ANY_NODE, 64, ENOENT, "modprobe qae");
    refused(64, 0, 64, ENOENT, "modprobe qae");
    refused(SIZE_MAX, 0, 64, EINVAL, "a block can have");
}

void MEM_12_a_foreign_device_is_refused(void **) {
    Heap::instance().set_source_for_test(nullptr);
    for (const char *path : {"/dev/null", "/dev/zero"}) {
        Device::instance().reopen_at_for_test(path);
        int fd = -5;
        assert_int_equal(qaeMemInitAndReturnFd(&fd), -EIO);
        assert_int_equal(fd, -5);
        expect_reason(ENOTTY, "another driver");
        refused(64, NUMA_ANY_NODE, 64, ENOTTY, "another driver");
    }
    Device::instance().reopen_at_for_test("/nonexistent/qae_mem");
}

void MEM_12_a_null_descriptor_argument_is_refused(void **) {
    assert_int_equal(qaeMemInitAndReturnFd(nullptr), -EINVAL);
    expect_reason(EINVAL, "NULL");
}

void MEM_19_vfio_functions_fail_with_a_reason(void **) {
    for (const int fd : {-1, 0, 3, INT_MAX}) {
        assert_int_not_equal(qaeRegisterDevice(fd), 0);
        expect_reason(EOPNOTSUPP, "VFIO");
        assert_int_not_equal(qaeUnregisterDevice(fd), 0);
        expect_reason(EOPNOTSUPP, "VFIO");
    }
    char page[4096];
    for (void *p : {static_cast<void *>(nullptr), static_cast<void *>(page)}) {
        assert_true(qaeMemMapContiguousIova(p, sizeof(page)) == 0);
        expect_reason(EOPNOTSUPP, "VFIO");
        assert_int_equal(qaeMemUnmapContiguousIova(p, sizeof(page)), 1);
        expect_reason(EOPNOTSUPP, "VFIO");
    }
}

void MEM_11_qaeAtFork_in_a_parent_changes_nothing(void **) {
    void *block = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    qaeAtFork();
    qaeAtFork();
    assert_true(qaeVirtToPhysNUMA(block) == device && device != 0);
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

void reasons_survive_success_and_are_truncated(void **) {
    assert_string_equal(qaeLastError(), "");
    qae::fail(EIO, "{}", std::string(2000, 'x'));
    assert_int_equal(std::strlen(qaeLastError()), qae::kReasonSize - 1);
    void *block = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
    assert_int_equal(qaeLastErrno(), EIO);
    qaeMemFreeNUMA(&block);
    qae::fail(EBUSY, "again: {}", qaeLastError());
    assert_int_equal(std::strncmp(qaeLastError(), "again: xxx", 10), 0);
    qaeClearLastError();
    assert_string_equal(qaeLastError(), "");
    assert_int_equal(qaeLastErrno(), 0);
}

} // namespace

int main() {
    setenv("QAT_USER_MODE", "oot", 1); // the mode in which functions for VFIO fail: see vfio_modes_test.cpp
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_01_heap_memory_is_zeroed_and_writable),
        cmocka_unit_test(MEM_01_impossible_size_is_null_with_a_reason),
        cmocka_unit_test(MEM_02_free_of_null_is_an_error_without_harm),
        FAKE_SOURCE_TEST(MEM_10_plain_free_frees_only_plain_blocks),
        cmocka_unit_test(MEM_02_many_blocks_in_any_order),
        cmocka_unit_test(MEM_10_racing_plain_frees_free_once),
        FAKE_SOURCE_TEST(MEM_04_size_out_of_range),
        FAKE_SOURCE_TEST(MEM_04_the_largest_block_is_one_piece),
        FAKE_SOURCE_TEST(MEM_04_alignment_out_of_range),
        FAKE_SOURCE_TEST(MEM_04_checks_follow_the_order_size_alignment_node),
        FAKE_SOURCE_TEST(MEM_05_nodes_that_do_not_exist),
        FAKE_SOURCE_TEST(MEM_08_null_and_invalid_pointers_do_not_translate),
        FAKE_SOURCE_TEST(MEM_09_null_and_invalid_addresses_do_not_translate_back),
        FAKE_SOURCE_TEST(MEM_10_null_arguments_of_the_free_functions),
        FAKE_SOURCE_TEST(MEM_11_qaeAtFork_in_a_parent_changes_nothing),
        FAKE_SOURCE_TEST(MEM_12_a_missing_device_is_reported_with_the_remedy),
        FAKE_SOURCE_TEST(MEM_12_a_foreign_device_is_refused),
        cmocka_unit_test(MEM_12_a_null_descriptor_argument_is_refused),
        cmocka_unit_test(MEM_19_vfio_functions_fail_with_a_reason),
        FAKE_SOURCE_TEST(reasons_survive_success_and_are_truncated),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
