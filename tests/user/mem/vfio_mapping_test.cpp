// SPDX-License-Identifier: BSD-3-Clause
// VFIO mode over containers that are made up: memory of the application, with every rule and every failure.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "support/vfio_fixture.h"

namespace {

using qae::test::alloc;
using qae::test::begin;
using qae::test::Buffer;
using qae::test::end;
using qae::test::expect_no_map;
using qae::test::expect_no_unmap;
using qae::test::FakeContainer;
using qae::test::kFrame;
using qae::test::kPage;
using qae::test::map;
using qae::test::release;

// ---- memory of the application

void MEM_15_memory_of_the_application_is_mapped(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    const int memory = memfd_create("buffer", MFD_CLOEXEC);
    char path[] = "/tmp/qae-vfio-XXXXXX";
    const int file = mkstemp(path);
    unlink(path);
    for (const int fd : {-1, memory, file}) {
        assert_true(fd < 0 || ftruncate(fd, 4 * kFrame) == 0);
        Buffer buffer(4 * kFrame, fd);
        for (const auto &[offset, size] :
             {std::pair{std::size_t{0}, kPage}, {7 * kPage, kFrame}, {kFrame, 3 * kFrame}}) {
            const std::uint64_t iova = map(buffer, offset, size);
            for (std::size_t at = 0; at < size; at += kPage) {
                for (const std::size_t byte : {at, at + 1, at + kPage - 1}) {
                    unsigned char *pointer = buffer.at(offset + byte);
                    assert_int_equal(qaeVirtToPhysNUMA(pointer), iova + byte);
                    assert_ptr_equal(qaePhysToVirtNUMA(iova + byte), pointer);
                    assert_int_equal(container.pointer_at(iova + byte),
                                     reinterpret_cast<std::uintptr_t>(pointer));
                }
            }
            assert_int_equal(qaeVirtToPhysNUMA(buffer.at(offset + size)), 0);
            expect_reason(ENOENT, "not in a live block");
            assert_null(qaePhysToVirtNUMA(iova + size));
            buffer.at(offset)[0] = 0x77;
            assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(offset), size), 0);
            assert_int_equal(buffer.at(offset)[0], 0x77); // untouched
            assert_int_equal(qaeVirtToPhysNUMA(buffer.at(offset)), 0);
            assert_null(qaePhysToVirtNUMA(iova));
            assert_int_equal(container.mapped.size(), 0);
        }
    }
    close(memory);
    close(file);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_15_the_largest_mapping(void **) {
    constexpr std::size_t kLargest = std::size_t{2} << 30;
    FakeContainer container;
    container.checks_memory = false; // two gigabytes
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    Buffer buffer(kLargest + kFrame);
    const std::uint64_t iova = map(buffer, 0, kLargest);
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at(kLargest - 1)), iova + kLargest - 1);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kLargest), 0);
    assert_int_equal(qaeMemMapContiguousIova(buffer.at(), kLargest + kPage), 0);
    expect_reason(EINVAL, "too large");
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// Another user of the same container may have mapped addresses there.
void MEM_15_addresses_that_others_mapped_are_passed_over(void **) {
    FakeContainer container;
    Buffer buffer(2 * kFrame);
    container.mapped[kFrame] = {1, kFrame};
    container.mapped[3 * kFrame + kPage] = {1, kPage};
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(map(buffer, 0, kFrame), 2 * kFrame);
    assert_int_equal(map(buffer, kFrame, kFrame), 4 * kFrame);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kFrame), 0);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(kFrame), kFrame), 0);
    assert_int_equal(container.mapped.size(), 2);
    container.mapped.clear();
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// The search ends, and the next call goes on where it ended.
void MEM_03_MEM_16_at_most_64_addresses_are_tried_in_a_call(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    container.mapped[kFrame] = {1, 130 * kFrame};
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    expect_no_map(buffer.at(), kPage, EEXIST, "others mapped");
    assert_int_equal(container.map_calls, 64);
    assert_null(alloc(kFrame));
    expect_reason(EEXIST, "others mapped");
    assert_int_equal(container.map_calls, 128);
    assert_int_equal(map(buffer, 0, kPage), 131 * kFrame);
    container.mapped.erase(kFrame);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(map(buffer, 0, kPage), kFrame); // all are free again
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// A group that joins the container has reserved addresses of its own, so the container translates fewer.
void MEM_03_MEM_15_addresses_become_fewer_when_a_group_joins(void **) {
    FakeContainer container;
    container.ranges = {{0, 16 * kFrame - 1}};
    Buffer buffer(4 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    void *block = alloc(kFrame);
    assert_int_equal(qaeVirtToPhysNUMA(block), kFrame);
    assert_int_equal(map(buffer, 0, kPage), 2 * kFrame);
    container.ranges = {{0, 4 * kFrame - 1}, {8 * kFrame, 16 * kFrame - 1}};
    qaeClearLastError();
    assert_int_equal(map(buffer, kFrame, 2 * kFrame), 8 * kFrame);
    assert_int_equal(qaeLastErrno(), 0);
    void *second = alloc(kFrame);
    assert_int_equal(qaeVirtToPhysNUMA(second), 3 * kFrame);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kPage), 0);
    assert_int_equal(map(buffer, 0, kPage), 2 * kFrame); // the new space knows what was mapped before
    void *third = alloc(kFrame);
    assert_int_equal(qaeVirtToPhysNUMA(third), 10 * kFrame);
    for (void *each : {block, second, third}) {
        release(each);
    }
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.mapped.size(), 0);
}

void MEM_16_MEM_17_arguments_are_checked(void **) {
    FakeContainer container;
    Buffer buffer(4 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    for (const auto &expect : {expect_no_map, expect_no_unmap}) {
        expect(nullptr, kPage, EINVAL, "NULL");
        expect(buffer.at(1), kPage, EINVAL, "not a multiple of 4 KiB");
        expect(buffer.at(kPage / 2), kPage, EINVAL, "not a multiple of 4 KiB");
        expect(buffer.at(), 0, EINVAL, "size is 0");
        expect(buffer.at(), kPage - 1, EINVAL, "not a multiple of 4 KiB");
        expect(buffer.at(), kPage + 64, EINVAL, "not a multiple of 4 KiB");
    }
    expect_no_map(reinterpret_cast<void *>(1ULL << 48), kPage, EFAULT, "256 TiB");
    expect_no_map(reinterpret_cast<void *>(UINTPTR_MAX - kPage + 1), kPage, EFAULT, "256 TiB");
    expect_no_map(reinterpret_cast<void *>((1ULL << 48) - kPage), 2 * kPage, EFAULT, "256 TiB");
    assert_int_equal(container.map_calls, 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_16_without_a_container_nothing_is_mapped(void **) {
    Buffer buffer(kFrame);
    expect_no_map(buffer.at(), kPage, ENODEV, "call qaeRegisterDevice()");
    expect_no_unmap(buffer.at(), kPage, ENOENT, "no mapping begins");
}

void MEM_16_what_is_mapped_is_not_mapped_again(void **) {
    FakeContainer container;
    Buffer buffer(8 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    map(buffer, kFrame, 2 * kFrame);
    map(buffer, 5 * kFrame + kPage, kPage);
    const struct {
        std::size_t offset, size;
    } overlaps[] = {{kFrame, 2 * kFrame},         {kFrame, kPage},
                    {2 * kFrame - kPage, kPage},  {kFrame - kPage, 2 * kPage},
                    {3 * kFrame - kPage, kFrame}, {0, 8 * kFrame},
                    {5 * kFrame + kPage, kPage},  {5 * kFrame, 3 * kPage},
                    {5 * kFrame, kFrame}};
    for (const auto &[offset, size] : overlaps) {
        expect_no_map(buffer.at(offset), size, EEXIST, "mapped already");
    }
    assert_int_equal(container.mapped.size(), 2);
    map(buffer, 0, kFrame); // neighbours
    map(buffer, 3 * kFrame, kFrame);
    map(buffer, 5 * kFrame, kPage);
    map(buffer, 5 * kFrame + 2 * kPage, kPage);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.mapped.size(), 0);
}

void MEM_16_what_vfio_refuses_is_said(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    Buffer readable(kFrame, -1, PROT_READ);
    Buffer nothing(kFrame, -1, PROT_NONE);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    expect_no_map(readable.at(), kPage, EFAULT, "read-only");
    expect_no_map(nothing.at(), kPage, EFAULT, "not mapped");
    container.map_fails_from = 0;
    for (const auto &[err, reported, reason] : {std::tuple{ENOSPC, EDQUOT, "mapping limit"},
                                                {EPERM, EPERM, "does not let"},
                                                {EINVAL, EINVAL, "refused to map 4 KiB"},
                                                {EBUSY, EBUSY, "refused to map 4 KiB"},
                                                {EBADF, EBADF, "closed the library's"}}) {
        container.map_fails_with = err;
        expect_no_map(buffer.at(), kPage, reported, reason);
        assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), 0);
        container.map_fails_with = 0;
        assert_int_equal(map(buffer, 0, kPage), kFrame); // the addresses were given back
        assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kPage), 0);
    }
    container.map_fails_with = EEXIST; // everywhere
    expect_no_map(buffer.at(), kPage, EEXIST, "others mapped");
    container.map_fails_with = 0;
    map(buffer, 0, kPage);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_16_addresses_run_out(void **) {
    FakeContainer container;
    container.ranges = {{0, 5 * kFrame - 1}};
    Buffer buffer(8 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    expect_no_map(buffer.at(), 5 * kFrame, ENOSPC, "10240 KiB are free in one piece");
    for (std::size_t i = 0; i < 4; ++i) {
        assert_int_equal(map(buffer, i * kFrame, kPage), (i + 1) * kFrame);
    }
    expect_no_map(buffer.at(4 * kFrame), kPage, ENOSPC, "in one piece");
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kPage), 0);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(2 * kFrame), kPage), 0);
    expect_no_map(buffer.at(4 * kFrame), 2 * kFrame, ENOSPC, "in one piece"); // fragmented
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(kFrame), kPage), 0);
    assert_int_equal(map(buffer, 4 * kFrame, 3 * kFrame), kFrame);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_17_only_what_was_mapped_is_unmapped(void **) {
    FakeContainer container;
    Buffer buffer(4 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    const std::uint64_t iova = map(buffer, 0, 3 * kFrame);
    expect_no_unmap(buffer.at(), kFrame, EINVAL, "6291456 bytes");
    expect_no_unmap(buffer.at(), 4 * kFrame, EINVAL, "6291456 bytes");
    expect_no_unmap(buffer.at(kFrame), kFrame, ENOENT, "no mapping begins");
    expect_no_unmap(buffer.at(kPage), kPage, ENOENT, "no mapping begins");
    expect_no_unmap(buffer.at(3 * kFrame), kPage, ENOENT, "no mapping begins");
    container.unmap_fails_with = EIO;
    expect_no_unmap(buffer.at(), 3 * kFrame, EIO, "stays mapped");
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), iova);
    container.unmap_fails_with = 0;
    assert_int_equal(container.unmap_calls, 1);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), 3 * kFrame), 0);
    expect_no_unmap(buffer.at(), 3 * kFrame, ENOENT, "unmapped already");
    const std::uint64_t again = map(buffer, 0, kPage);
    container.mapped.clear(); // by another user of the container
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kPage), 0);
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), 0);
    expect_no_unmap(buffer.at(), kPage, ENOENT, "unmapped already");
    assert_int_equal(map(buffer, 0, kPage), again); // its addresses are free
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_20_pinned_memory_is_not_mapped_again(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    auto *block = static_cast<unsigned char *>(alloc(4 * kFrame));
    const unsigned calls = container.map_calls;
    for (const std::size_t offset : {std::size_t{0}, kPage, 3 * kFrame}) {
        expect_no_map(block + offset, kPage, EINVAL, "memory of qaeMemAllocNUMA()");
        expect_no_unmap(block + offset, kPage, EINVAL, "qaeMemFreeNUMA()");
    }
    const auto &window = qae::Heap::instance().window();
    auto *before = reinterpret_cast<unsigned char *>(window.base());
    expect_no_map(before - kPage, 2 * kPage, EINVAL, "memory of qaeMemAllocNUMA()");
    expect_no_map(before + window.size() - kPage, 2 * kPage, EINVAL, "memory of qaeMemAllocNUMA()");
    assert_int_equal(container.map_calls, calls);
    release(block);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// All mappings that VFIO grants; then every second one goes, so that only single granules are free below.
void MEM_15_MEM_16_as_many_mappings_as_vfio_grants(void **) {
    constexpr std::size_t kMappings = 65535;
    FakeContainer container;
    container.checks_memory = false;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    Buffer buffer((kMappings + 2) * kPage);
    for (std::size_t i = 0; i < kMappings; ++i) {
        assert_int_equal(qaeMemMapContiguousIova(buffer.at(i * kPage), kPage), (i + 1) * kFrame);
        if (i == 2037) { // what message signalled interrupts have begins there: see the container's ranges
            break;
        }
    }
    for (std::size_t i = 2038; i < kMappings; ++i) {
        assert_true(qaeMemMapContiguousIova(buffer.at(i * kPage), kPage) != 0);
    }
    expect_no_map(buffer.at(kMappings * kPage), kPage, EDQUOT, "mapping limit");
    for (std::size_t i = 0; i < kMappings; i += 2) {
        assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(i * kPage), kPage), 0);
    }
    for (std::size_t i = 1; i < kMappings; i += 2) {
        const std::uint64_t iova = qaeVirtToPhysNUMA(buffer.at(i * kPage + 9));
        assert_int_equal(iova % kFrame, 9);
        assert_ptr_equal(qaePhysToVirtNUMA(iova), buffer.at(i * kPage + 9));
    }
    for (std::size_t i = 0; i < kMappings; i += 2) {
        assert_true(qaeMemMapContiguousIova(buffer.at(i * kPage), kPage) != 0);
    }
    assert_int_equal(container.mapped.size(), kMappings);
    assert_int_equal(container.mapped.rbegin()->first, (kMappings + 1) * kFrame); // no address was lost
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.mapped.size(), 0);
}

// ---- threads

void MEM_18_threads_map_allocate_and_register_at_once(void **) {
    FakeContainer container;
    container.checks_memory = false;
    constexpr int kThreads = 4;
    constexpr int kRounds = 300;
    Buffer buffer(kThreads * 4 * kFrame);
    std::atomic<int> failures{0};
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            unsigned char *own = buffer.at(static_cast<std::size_t>(t) * 4 * kFrame);
            for (int round = 0; round < kRounds; ++round) {
                const std::size_t size = static_cast<std::size_t>(1 + round % 700) * kPage;
                const std::uint64_t iova = qaeMemMapContiguousIova(own, size);
                failures += iova == 0 || qaeVirtToPhysNUMA(own + size - 1) != iova + size - 1 ||
                            qaePhysToVirtNUMA(iova + size / 2) != own + size / 2;
                void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
                failures += block == nullptr || qaeVirtToPhysNUMA(block) == 0;
                qaeMemFreeNonZeroNUMA(&block);
                failures += qaeRegisterDevice(container.fd) != 0 || qaeUnregisterDevice(container.fd) != 0;
                failures += qaeMemUnmapContiguousIova(own, size) != 0 || qaeVirtToPhysNUMA(own) != 0;
                if (round % 16 == 0) {
                    qaeMemTrim();
                }
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_int_equal(failures, 0);
    qaeMemTrim();
    assert_int_equal(container.mapped.size(), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

} // namespace

int main() {
    qae::test::use_fake_vfio();
    setenv("QAT_USER_MODE", "vfio", 1);
#define VFIO_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const CMUnitTest tests[] = {
        VFIO_TEST(MEM_15_memory_of_the_application_is_mapped),
        VFIO_TEST(MEM_15_the_largest_mapping),
        VFIO_TEST(MEM_15_addresses_that_others_mapped_are_passed_over),
        VFIO_TEST(MEM_03_MEM_16_at_most_64_addresses_are_tried_in_a_call),
        VFIO_TEST(MEM_03_MEM_15_addresses_become_fewer_when_a_group_joins),
        VFIO_TEST(MEM_16_MEM_17_arguments_are_checked),
        VFIO_TEST(MEM_16_without_a_container_nothing_is_mapped),
        VFIO_TEST(MEM_16_what_is_mapped_is_not_mapped_again),
        VFIO_TEST(MEM_16_what_vfio_refuses_is_said),
        VFIO_TEST(MEM_16_addresses_run_out),
        VFIO_TEST(MEM_17_only_what_was_mapped_is_unmapped),
        VFIO_TEST(MEM_20_pinned_memory_is_not_mapped_again),
        VFIO_TEST(MEM_15_MEM_16_as_many_mappings_as_vfio_grants),
        VFIO_TEST(MEM_18_threads_map_allocate_and_register_at_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
