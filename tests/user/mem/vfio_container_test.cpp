// SPDX-License-Identifier: BSD-3-Clause
// VFIO mode over containers that are made up: registering them, and pinned memory. Real devices reach memory
// in tests/user/guest/vfio.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <vector>

#include "mem/source/vfio_domain.h"
#include "mem/source/vfio_source.h"
#include "process/last_error.h"
#include "support/vfio_fixture.h"

namespace {

using qae::test::alloc;
using qae::test::begin;
using qae::test::Buffer;
using qae::test::descriptors_like;
using qae::test::end;
using qae::test::FakeContainer;
using qae::test::kFrame;
using qae::test::kPage;
using qae::test::map;
using qae::test::release;

// The one that the library keeps.
int other_descriptor_of(int fd) {
    const std::vector<int> all = descriptors_like(fd);
    assert_int_equal(all.size(), 2);
    return all[0] == fd ? all[1] : all[0];
}

// ---- registering

void expect_refused(int fd, int err, const char *reason) {
    assert_int_not_equal(qaeRegisterDevice(fd), 0);
    expect_reason(err, reason);
    assert_int_not_equal(qaeUnregisterDevice(fd), 0); // it was not registered
    expect_reason(ENOENT, "not registered");
}

void MEM_13_what_cannot_map_memory_is_refused(void **) {
    expect_refused(-1, EBADF, "not an open file descriptor");
    expect_refused(9999, EBADF, "not an open file descriptor");
    const int null = open("/dev/null", O_RDWR);
    expect_refused(null, ENOTTY, "not a VFIO container");
    close(null);
    FakeContainer container;
    container.version = 1;
    expect_refused(container.fd, EPROTO, "version 1");
    container.version = 0;
    container.type1 = false;
    expect_refused(container.fd, EOPNOTSUPP, "no type-1 IOMMU");
    container.noiommu = true;
    expect_refused(container.fd, EOPNOTSUPP, "no-IOMMU mode");
    container.type1 = true; // the module is loaded, but this container has the other one
    expect_refused(container.fd, EOPNOTSUPP, "no-IOMMU mode");
    container.noiommu = false;
    container.iommu_set = false;
    expect_refused(container.fd, EINVAL, "no IOMMU yet");
    container.iommu_set = true;
    container.reports_ranges = false;
    expect_refused(container.fd, EOPNOTSUPP, "Linux 6.1 or newer");
    container.loops = true;
    expect_refused(container.fd, EOPNOTSUPP, "Linux 6.1 or newer");
    container.reports_ranges = true;
    container.loops = false;
    container.page_sizes = ~0xffffULL;
    expect_refused(container.fd, EOPNOTSUPP, "pages of 4 KiB");
    container.page_sizes = ~0xfffULL;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.map_calls, 0);
}

void MEM_13_the_same_descriptor_is_counted_and_another_refused(void **) {
    FakeContainer one;
    FakeContainer two;
    assert_int_equal(qaeRegisterDevice(one.fd), 0);
    assert_int_equal(qaeRegisterDevice(one.fd), 0);
    assert_int_not_equal(qaeRegisterDevice(two.fd), 0);
    expect_reason(EBUSY, "another VFIO container");
    const int duplicate = dup(one.fd); // another descriptor, though the same container
    assert_int_not_equal(qaeRegisterDevice(duplicate), 0);
    expect_reason(EBUSY, "another VFIO container");
    close(duplicate);
    assert_int_not_equal(qaeUnregisterDevice(two.fd), 0);
    expect_reason(ENOENT, "not registered");
    void *block = alloc(100);
    assert_int_equal(one.mapped.size(), 1);
    assert_int_equal(qaeUnregisterDevice(one.fd), 0);
    assert_int_equal(one.mapped.size(), 1); // still registered once
    assert_int_equal(qaeUnregisterDevice(one.fd), 0);
    assert_int_equal(one.mapped.size(), 0);
    assert_int_not_equal(qaeUnregisterDevice(one.fd), 0);
    expect_reason(ENOENT, "not registered");
    assert_int_equal(qaeRegisterDevice(two.fd), 0);
    assert_int_equal(two.mapped.size(), 1);
    assert_int_equal(qaeUnregisterDevice(two.fd), 0);
    release(block);
}

// The number of a descriptor that was closed may be that of another container now.
void MEM_13_a_number_that_was_given_to_another_container_is_refused(void **) {
    FakeContainer one;
    FakeContainer two;
    const int number = dup(one.fd);
    assert_int_equal(qaeRegisterDevice(number), 0);
    assert_int_equal(dup2(two.fd, number), number);
    assert_int_not_equal(qaeRegisterDevice(number), 0);
    expect_reason(EBUSY, "another VFIO container");
    void *block = alloc(100); // goes to the registered one
    assert_int_equal(one.mapped.size(), 1);
    assert_int_equal(two.mapped.size(), 0);
    close(number);
    assert_int_equal(qaeUnregisterDevice(number), 0);
    assert_int_equal(one.mapped.size(), 0);
    release(block);
}

void MEM_13_memory_from_before_becomes_mapped(void **) {
    const std::size_t sizes[] = {64, 5000, 100000, 3 << 20, 64 << 20};
    std::vector<void *> blocks;
    std::vector<std::uint64_t> addresses;
    for (const std::size_t size : sizes) {
        blocks.push_back(alloc(size));
        assert_non_null(blocks.back());
        addresses.push_back(qaeVirtToPhysNUMA(blocks.back()));
        assert_true(addresses.back() >= kFrame);
    }
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    assert_int_equal(container.mapped.size(), stats.regions);
    assert_int_equal(container.mapped_bytes(), stats.pinned);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        assert_int_equal(qaeVirtToPhysNUMA(blocks[i]), addresses[i]);
        for (const std::size_t offset : {std::size_t{0}, sizes[i] / 2, sizes[i] - 1}) {
            assert_int_equal(container.pointer_at(addresses[i] + offset),
                             reinterpret_cast<std::uintptr_t>(blocks[i]) + offset);
        }
    }
    for (void *block : blocks) {
        release(block);
    }
    qaeMemTrim();
    assert_int_equal(container.mapped.size(), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_13_registering_maps_all_memory_or_none(void **) {
    std::vector<void *> blocks;
    for (int i = 0; i < 5; ++i) {
        blocks.push_back(alloc(8 << 20));
    }
    FakeContainer container;
    for (const auto &[err, reported, reason] : {std::tuple{ENOSPC, EDQUOT, "mapping limit"},
                                                {EPERM, EPERM, "does not let this process"},
                                                {EEXIST, EEXIST, "others mapped"},
                                                {EFAULT, EFAULT, "cannot pin"},
                                                {EIO, EIO, "refused to map"},
                                                {ENOMEM, ENOMEM, "allocated before"}}) {
        for (const unsigned from : {0U, 2U, 4U}) {
            container.map_calls = 0;
            container.map_fails_from = from;
            container.map_fails_with = err;
            assert_int_not_equal(qaeRegisterDevice(container.fd), 0);
            expect_reason(reported, reason);
            assert_int_equal(container.map_calls, from + 1);
            assert_int_equal(container.mapped.size(), 0);
            assert_int_not_equal(qaeUnregisterDevice(container.fd), 0);
            expect_reason(ENOENT, "not registered");
        }
    }
    container.map_fails_with = 0;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(container.mapped.size(), 5);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    for (void *block : blocks) {
        release(block);
    }
}

// Memory that has an address already keeps it; a container without that address is refused.
void MEM_13_addresses_come_from_the_container(void **) {
    FakeContainer container;
    container.ranges = {{1ULL << 32, (1ULL << 32) + kFrame + 12345}, {(1ULL << 33) + 5, (1ULL << 34) - 1}};
    void *block = alloc(100);
    assert_int_not_equal(qaeRegisterDevice(container.fd), 0);
    expect_reason(EADDRNOTAVAIL, "before the first allocation");
    assert_int_equal(container.map_calls, 0);
    release(block);
    qaeMemTrim();
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    void *first = alloc(kFrame);
    void *second = alloc(kFrame);
    assert_int_equal(qaeVirtToPhysNUMA(first), 1ULL << 32);
    assert_int_equal(qaeVirtToPhysNUMA(second), (1ULL << 33) + kFrame); // the first whole granule there
    release(first);
    release(second);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

struct FakeUser final : qae::RegionUser {
    void hold() noexcept override { ++holds; }
    void resume() noexcept override { ++resumes; }
    bool has_region_at(std::uint64_t) noexcept override {
        asked_while_held = is_held();
        return has;
    }
    bool is_held() const { return holds == resumes + 1; }
    bool asked_while_held = false;
    int holds = 0;
    int resumes = 0;
    bool has = true;
};

// The memory of a region on its way to free() is somewhere else already, or that of another region.
void MEM_13_a_region_that_is_being_freed_is_not_mapped(void **) {
    FakeContainer container;
    FakeUser user;
    qae::SourceRegion going;
    qae::SourceRegion fresh;
    Buffer window(2 * kFrame);
    assert_false(static_cast<bool>(
        qae::vfio_source().alloc(kFrame, kFrame, qae::kAnyNode, qae::Need::required, going)));
    assert_false(static_cast<bool>(
        qae::vfio_source().alloc(kFrame, kFrame, qae::kAnyNode, qae::Need::required, fresh)));
    assert_int_equal(qae::vfio_source().map(going, window.at()), 0);
    user.has = false;
    bool mapped_while_held = false; // mapping is the last request
    container.before_request = [&] { mapped_while_held = user.is_held(); };
    assert_int_equal(qae::VfioDomain::instance().add_container(container.fd, user), 0);
    container.before_request = nullptr;
    assert_true(user.asked_while_held && mapped_while_held);
    assert_int_equal(user.holds, 1);
    assert_int_equal(user.resumes, 1);
    assert_int_equal(container.mapped.size(), 1); // one that was never moved is where it was
    assert_int_equal(container.mapped.begin()->first, fresh.device_address);
    qae::vfio_source().free(going);
    assert_int_equal(container.unmap_calls, 0);
    qae::vfio_source().free(fresh);
    assert_int_equal(container.unmap_calls, 1);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_14_the_last_one_unmaps_and_memory_lives_on(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    auto *block = static_cast<unsigned char *>(alloc(3 << 20));
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    const std::uint64_t iova = map(buffer, 0, kFrame);
    std::memset(block, 0x5a, 3 << 20);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.mapped.size(), 0);
    assert_int_equal(block[(3 << 20) - 1], 0x5a);
    assert_int_equal(qaeVirtToPhysNUMA(block), device);  // where the next container maps it
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), 0); // the application's again
    assert_null(qaePhysToVirtNUMA(iova));
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kFrame), 1);
    void *other = alloc(2 * kFrame);
    assert_int_equal(qaeVirtToPhysNUMA(other), iova); // its addresses are free again
    release(other);
    qaeMemTrim();
    FakeContainer next;
    assert_int_equal(qaeRegisterDevice(next.fd), 0);
    assert_int_equal(next.pointer_at(device), reinterpret_cast<std::uintptr_t>(block));
    assert_int_equal(map(buffer, 0, kFrame), iova);
    assert_int_equal(qaeUnregisterDevice(next.fd), 0);
    const unsigned calls = next.unmap_calls;
    release(block);
    qaeMemTrim();
    assert_int_equal(next.unmap_calls, calls);
}

void MEM_14_an_unmapping_that_fails_is_said(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    map(buffer, 0, kPage);
    container.unmap_fails_with = EIO;
    assert_int_not_equal(qaeUnregisterDevice(container.fd), 0);
    expect_reason(EIO, "close the container");
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), 0);
    assert_int_not_equal(qaeUnregisterDevice(container.fd), 0);
    expect_reason(ENOENT, "not registered");

    FakeContainer next; // with a live block and without a mapping
    assert_int_equal(qaeRegisterDevice(next.fd), 0);
    void *block = alloc(100);
    next.unmap_fails_with = EIO;
    assert_int_not_equal(qaeUnregisterDevice(next.fd), 0);
    expect_reason(EIO, "close the container");
    release(block);
}

// What the library mapped stays in that container, so only another one can be registered: what the sentences
// advise works.
void MEM_13_MEM_14_after_the_librarys_descriptor_was_closed(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    void *block = alloc(100);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    const auto memory = reinterpret_cast<std::uintptr_t>(block);
    close(other_descriptor_of(container.fd));
    assert_null(alloc(8 << 20));
    expect_reason(EBADF, "unregister it, close it with its groups and devices");
    assert_int_not_equal(qaeUnregisterDevice(container.fd), 0);
    expect_reason(EBADF, "close the container with its groups and devices");
    assert_int_not_equal(qaeRegisterDevice(container.fd), 0);
    expect_reason(EEXIST, "others mapped");
    FakeContainer next;
    assert_int_equal(qaeRegisterDevice(next.fd), 0);
    assert_int_equal(next.pointer_at(device), memory);
    release(alloc(8 << 20));
    release(block);
    assert_int_equal(qaeUnregisterDevice(next.fd), 0);
    assert_int_equal(next.mapped.size(), 0);
}

// Nothing is left that a device could reach, so unregistering succeeds.
void MEM_14_what_others_unmapped_is_not_a_failure(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    void *block = alloc(100);
    map(buffer, 0, kPage);
    container.mapped.clear();
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_equal(container.unmap_calls, 2);
    release(block);
}

// Then nothing is mapped any more, and VFIO refuses every request with EINVAL.
void MEM_13_MEM_14_after_the_last_group_left_the_container_is_registered_again(void **) {
    FakeContainer container;
    Buffer buffer(2 * kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    void *block = alloc(100);
    void *other = alloc(8 << 20);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    map(buffer, 0, kPage);
    map(buffer, kFrame, kPage);
    container.last_group_leaves();
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(), kPage), 0);
    assert_int_equal(qaeMemMapContiguousIova(buffer.at(), kPage), 0);
    expect_reason(ENODEV, "no group any more");
    assert_null(alloc(8 << 20));
    expect_reason(ENODEV, "no group any more");
    release(other);
    qaeMemTrim();
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_int_not_equal(qaeRegisterDevice(container.fd), 0);
    expect_reason(EINVAL, "no IOMMU yet");
    container.iommu_set = true;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(container.pointer_at(device), reinterpret_cast<std::uintptr_t>(block));
    assert_int_equal(container.pointer_at(map(buffer, 0, kPage)),
                     reinterpret_cast<std::uintptr_t>(buffer.at()));
    release(block);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// ---- pinned memory

void MEM_03_blocks_are_contiguous_for_the_device(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    for (const std::size_t size :
         {std::size_t{1}, kPage, 3 * kPage, kFrame, std::size_t{5} << 20, std::size_t{64} << 20}) {
        for (const std::size_t alignment : {std::size_t{64}, kPage, std::size_t{4} << 20}) {
            auto *block = static_cast<unsigned char *>(alloc(size, alignment));
            assert_non_null(block);
            const std::uint64_t device = qaeVirtToPhysNUMA(block);
            assert_int_equal(device % alignment, 0);
            for (std::size_t offset = 0; offset < size; offset += kPage) {
                assert_int_equal(block[offset], 0);
                assert_int_equal(qaeVirtToPhysNUMA(block + offset), device + offset);
                assert_ptr_equal(qaePhysToVirtNUMA(device + offset), block + offset);
                assert_true(container.pointer_at(device + offset) != 0);
            }
            assert_true(container.pointer_at(device + size - 1) != 0);
            std::memset(block, 0xff, size);
            release(block);
        }
    }
    assert_null(alloc((64 << 20) + 1));
    expect_reason(EINVAL, "too large");
    assert_null(qaeMemAllocNUMA(64, 63, 64));
    expect_reason(ENXIO, "no NUMA node 63");
    qaeMemTrim();
    assert_int_equal(container.mapped.size(), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_04_what_vfio_refuses_is_said(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    container.map_fails_from = 0;
    for (const auto &[err, reported, reason] : {std::tuple{ENOSPC, EDQUOT, "mapping limit"},
                                                {EPERM, EPERM, "does not let"},
                                                {EFAULT, EFAULT, "cannot pin"},
                                                {EEXIST, EEXIST, "others mapped"},
                                                {ENOMEM, ENOMEM, "memory is short"},
                                                {EBADF, EBADF, "closed the library's"}}) {
        container.map_fails_with = err;
        assert_null(alloc(100));
        expect_reason(reported, reason);
    }
    container.map_fails_with = 0;
    release(alloc(100));
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// Addresses and mappings that idle regions have are got back before a request fails.
void MEM_04_idle_memory_goes_before_a_limit_is_reached(void **) {
    FakeContainer container;
    container.ranges = {{0, 16 * kFrame - 1}};
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    release(alloc(8 << 20)); // stays, idle
    assert_int_equal(container.mapped.size(), 1);
    void *block = alloc(24 << 20);
    assert_non_null(block);
    assert_int_equal(container.mapped.size(), 1);
    assert_null(alloc(8 << 20));
    expect_reason(ENOSPC, "8192 KiB are free in one piece");
    container.most_mappings = 1;
    assert_null(alloc(kFrame));
    expect_reason(EDQUOT, "mapping limit");
    release(block);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// ---- threads and processes

void MEM_13_success_leaves_the_last_reason_alone(void **) {
    FakeContainer container;
    qae::fail(EIO, "the one before");
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
    assert_failure(EIO, "the one before");
}

} // namespace

int main() {
    qae::test::use_fake_vfio();
    setenv("QAT_USER_MODE", "vfio", 1);
#define VFIO_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const CMUnitTest tests[] = {
        VFIO_TEST(MEM_13_what_cannot_map_memory_is_refused),
        VFIO_TEST(MEM_13_the_same_descriptor_is_counted_and_another_refused),
        VFIO_TEST(MEM_13_a_number_that_was_given_to_another_container_is_refused),
        VFIO_TEST(MEM_13_memory_from_before_becomes_mapped),
        VFIO_TEST(MEM_13_registering_maps_all_memory_or_none),
        VFIO_TEST(MEM_13_addresses_come_from_the_container),
        VFIO_TEST(MEM_13_a_region_that_is_being_freed_is_not_mapped),
        VFIO_TEST(MEM_14_the_last_one_unmaps_and_memory_lives_on),
        VFIO_TEST(MEM_14_an_unmapping_that_fails_is_said),
        VFIO_TEST(MEM_13_MEM_14_after_the_librarys_descriptor_was_closed),
        VFIO_TEST(MEM_14_what_others_unmapped_is_not_a_failure),
        VFIO_TEST(MEM_13_MEM_14_after_the_last_group_left_the_container_is_registered_again),
        VFIO_TEST(MEM_03_blocks_are_contiguous_for_the_device),
        VFIO_TEST(MEM_04_what_vfio_refuses_is_said),
        VFIO_TEST(MEM_04_idle_memory_goes_before_a_limit_is_reached),
        VFIO_TEST(MEM_13_success_leaves_the_last_reason_alone),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
