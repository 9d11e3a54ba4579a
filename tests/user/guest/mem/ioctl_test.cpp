// SPDX-License-Identifier: BSD-3-Clause
// The memory ioctls and mmap of /dev/qae_mem against right and wrong callers, without the library.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/descriptor.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/raw_qae.h"

namespace {

using guest::close_device;
using guest::g_fd;
using guest::is_zero;
using guest::kPage;
using guest::open_device;
using guest::region;

constexpr std::uint64_t kMax = 4ULL << 20; // the largest run of the page allocator, and the largest alignment

unsigned char *map(const qae_mem_alloc &granted, std::uint64_t from, std::size_t length) {
    return static_cast<unsigned char *>(raw_map(g_fd, granted.mmap_offset + from, length));
}

void info_tells_the_bounds(void **) {
    qae_info info = {};
    info.size = sizeof(info);
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_INFO, &info), 0);
    assert_int_equal(info.abi_version, QAE_ABI_VERSION);
    assert_true(info.max_region_size >= kMax);
    assert_true(info.max_alignment >= kMax);
}

void MEM_03_regions_of_every_size_are_zero_and_aligned(void **) {
    for (std::uint64_t length = 1; length <= kMax; length *= 2) {
        for (const std::uint64_t alignment : {std::uint64_t{1}, std::uint64_t{4096}, length, kMax}) {
            const qae_mem_alloc granted = region(length, alignment);
            assert_true(granted.length >= length && granted.length % kPage == 0);
            assert_true(granted.device_address != 0 &&
                        granted.device_address % std::max(alignment, std::uint64_t{kPage}) == 0);
            unsigned char *p = map(granted, 0, granted.length);
            assert_non_null(p);
            assert_true(is_zero(p, granted.length));
            std::memset(p, 0x5a, granted.length);
            assert_int_equal(raw_free(g_fd, granted.id), 0);
            assert_int_equal(munmap(p, granted.length), 0);
        }
    }
}

void MEM_04_lengths_and_alignments_out_of_range(void **) {
    qae_mem_alloc granted;
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{QAE_MAX_REGION_SIZE} + 1,
                                       std::uint64_t{1} << 40, UINT64_MAX, UINT64_MAX - 4094}) {
        assert_int_equal(raw_alloc(g_fd, length, 64, QAE_NODE_ANY, &granted), -EINVAL);
    }
    for (const std::uint64_t alignment :
         {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{8} << 20, kMax + 1, UINT64_MAX}) {
        assert_int_equal(raw_alloc(g_fd, 64, alignment, QAE_NODE_ANY, &granted), -EINVAL);
    }
}

void MEM_05_nodes_that_do_not_exist(void **) {
    qae_mem_alloc granted;
    for (const int node : {63, 64, 1023, 1024, 4096, INT_MAX}) {
        assert_int_equal(raw_alloc(g_fd, 64, 64, node, &granted), -ENXIO);
    }
    for (const int node : {-2, -3, INT_MIN}) {
        const int err = raw_alloc(g_fd, 64, 64, node, &granted);
        assert_true(err == -EINVAL || err == -ENXIO);
    }
    assert_int_equal(raw_alloc(g_fd, 64, 64, 0, &granted), 0);
    assert_int_equal(granted.node, 0);
}

struct Command {
    unsigned long number;
    std::uint32_t size;
    std::uint32_t first_size = size; // the size of the first version; shorter structures were never valid
};

constexpr Command kMemoryCommands[] = {
    {QAE_IOC_INFO, sizeof(qae_info)},
    {QAE_IOC_MEM_ALLOC, sizeof(qae_mem_alloc), offsetof(qae_mem_alloc, limit)},
    {QAE_IOC_MEM_FREE, sizeof(qae_mem_free)},
    {QAE_IOC_MEM_QUERY, sizeof(qae_mem_query)},
};

// Holds a caller's structure at the end of a page, with no accessible memory behind it.
class Edge {
public:
    Edge()
        : map_(static_cast<unsigned char *>(
              mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
        assert_ptr_not_equal(map_, MAP_FAILED);
        mprotect(map_ + kPage, kPage, PROT_NONE);
    }
    ~Edge() { munmap(map_, 2 * kPage); }
    unsigned char *last(std::size_t bytes) { return map_ + kPage - bytes; }

private:
    unsigned char *map_;
};

void structures_too_short_or_with_an_unknown_tail(void **) {
    for (const Command &command : kMemoryCommands) {
        std::vector<unsigned char> buffer(8192);
        auto set_size = [&](std::uint32_t size) {
            std::fill(buffer.begin(), buffer.end(), static_cast<unsigned char>(0));
            std::memcpy(buffer.data(), &size, sizeof(size));
        };
        for (const std::uint32_t size : {0U, 1U, 4U, 8U, command.first_size - 1}) {
            set_size(size);
            assert_int_equal(raw_ioctl(g_fd, command.number, buffer.data()), -EINVAL);
        }
        set_size(command.size + 8);
        buffer[command.size + 7] = 1;
        assert_int_equal(raw_ioctl(g_fd, command.number, buffer.data()), -E2BIG);
        for (const std::uint32_t size : {4097U, 1U << 20, UINT32_MAX}) {
            set_size(size);
            assert_int_equal(raw_ioctl(g_fd, command.number, buffer.data()), -E2BIG);
        }
        set_size(command.size);
        const std::uint32_t flags = 1U << 31;
        std::memcpy(buffer.data() + 4, &flags, sizeof(flags));
        const int err = raw_ioctl(g_fd, command.number, buffer.data());
        assert_true(err == -EOPNOTSUPP || err == -EINVAL);
    }
}

// A later kernel may give these fields a meaning. A caller finds out by trying.
void reserved_fields_are_refused_as_unsupported(void **) {
    qae_mem_alloc alloc = {};
    alloc.size = sizeof(alloc);
    alloc.length = alloc.alignment = 1;
    alloc.node = QAE_NODE_ANY;
    alloc.__reserved = 1;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &alloc), -EOPNOTSUPP);
    alloc.__reserved = 0;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &alloc), 0);

    qae_mem_free free = {};
    free.size = sizeof(free);
    free.id = alloc.id;
    free.__reserved = 1;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_FREE, &free), -EOPNOTSUPP);
    free.__reserved = 0;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_FREE, &free), 0);

    qae_pool_watch watch = {};
    watch.size = sizeof(watch);
    watch.endpoint = QAE_ENDPOINT_ANY;
    watch.__reserved = 1;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_POOL_WATCH, &watch), -EOPNOTSUPP);
    watch.__reserved = 0;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_POOL_WATCH, &watch), 0);
}

// Callers that were built before limits existed; the memory behind their structure is not touched.
void the_first_version_of_an_allocation_is_understood(void **) {
    constexpr std::uint32_t first = offsetof(qae_mem_alloc, limit);
    qae_mem_alloc request = {};
    request.size = first;
    request.length = 1;
    request.alignment = 1;
    request.node = QAE_NODE_ANY;
    request.limit = request.__reserved = 0x5a5a5a5a;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &request), 0);
    assert_int_equal(request.limit, 0x5a5a5a5a);
    assert_int_equal(request.__reserved, 0x5a5a5a5a);
    assert_int_equal(raw_free(g_fd, request.id), 0);

    request.size = sizeof(request);
    request.length = 1;
    request.node = QAE_NODE_ANY;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &request), -EOPNOTSUPP);
    request.__reserved = 0;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &request), 0);
    assert_int_equal(request.limit, QAE_LIMIT_NONE);
    assert_int_equal(raw_free(g_fd, request.id), 0);
}

// Callers that were built before a refusal reported its numbers.
void the_second_version_of_an_allocation_is_understood(void **) {
    qae_mem_alloc request = {};
    request.size = offsetof(qae_mem_alloc, limit_most);
    request.length = 1;
    request.alignment = 1;
    request.node = QAE_NODE_ANY;
    request.limit = 0x5a5a5a5a;
    request.limit_most = request.limit_bytes = 0x5a5a5a5a;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &request), 0);
    assert_int_equal(request.limit, QAE_LIMIT_NONE);
    assert_int_equal(request.limit_most, 0x5a5a5a5a);
    assert_int_equal(request.limit_bytes, 0x5a5a5a5a);
    assert_int_equal(raw_free(g_fd, request.id), 0);
}

void a_longer_structure_of_zeroes_is_understood(void **) {
    struct {
        qae_mem_alloc known;
        std::uint64_t later[4];
    } request = {};
    request.known.size = sizeof(request);
    request.known.length = 1;
    request.known.alignment = 1;
    request.known.node = QAE_NODE_ANY;
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, &request), 0);
    assert_int_equal(raw_free(g_fd, request.known.id), 0);
}

// Enters the kernel as a 32-bit program would; a kernel without that entry raises SIGSEGV.
long compat_ioctl(int fd, unsigned long command, void *argument) {
    long result = 54; // ioctl
    asm volatile("int $0x80"
                 : "+a"(result)
                 : "b"(fd), "c"(command), "d"(argument)
                 : "memory", "r8", "r9", "r10", "r11");
    return result;
}

bool has_compat_entry(void *low_memory) {
    return guest::signal_of([=] { static_cast<void>(compat_ioctl(-1, 0, low_memory)); }) == 0;
}

void a_32_bit_caller_has_the_same_structures(void **) {
    auto *low = static_cast<unsigned char *>(
        mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
    assert_ptr_not_equal(low, MAP_FAILED);
    if (!has_compat_entry(low)) {
        print_message("this kernel has no entry for 32-bit programs\n");
        munmap(low, kPage);
        skip();
    }
    auto *request = reinterpret_cast<qae_mem_alloc *>(low);
    for (const std::uint64_t length : {UINT64_MAX, std::uint64_t{1} << 32}) {
        *request = {};
        request->size = sizeof(*request);
        request->length = length; // the upper half must not be lost
        request->alignment = 1;
        request->node = QAE_NODE_ANY;
        assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_ALLOC, low), -EINVAL);
    }
    request->length = kPage;
    assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_ALLOC, low), 0);
    const qae_mem_alloc granted = *request;
    qae_mem_query answer;
    assert_int_equal(raw_query(g_fd, granted.id, &answer), 0);
    assert_true(answer.device_address == granted.device_address && answer.length == granted.length);
    auto *again = reinterpret_cast<qae_mem_query *>(low);
    *again = {};
    again->size = sizeof(*again);
    again->id = granted.id;
    assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_QUERY, low), 0);
    assert_memory_equal(again, &answer, sizeof(answer));
    auto *last = reinterpret_cast<qae_mem_free *>(low);
    *last = {};
    last->size = sizeof(*last);
    last->id = granted.id;
    assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_FREE, low), 0);
    assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_FREE, low), -ENOENT);
    assert_int_equal(compat_ioctl(g_fd, QAE_IOC_MEM_ALLOC, nullptr), -EFAULT);
    munmap(low, kPage);
}

void addresses_that_are_not_the_callers(void **) {
    Edge edge;
    for (const Command &command : kMemoryCommands) {
        for (const std::uintptr_t bad :
             {std::uintptr_t{0}, std::uintptr_t{64}, UINTPTR_MAX, UINTPTR_MAX - 64,
              std::uintptr_t{0xffff888000000000}, std::uintptr_t{0xffffffff81000000},
              reinterpret_cast<std::uintptr_t>(edge.last(0))}) {
            assert_int_equal(raw_ioctl(g_fd, command.number, reinterpret_cast<void *>(bad)), -EFAULT);
        }
        unsigned char *cut = edge.last(8); // the size is readable, the rest is not
        const std::uint32_t header[2] = {command.size, 0};
        std::memcpy(cut, header, sizeof(header));
        assert_int_equal(raw_ioctl(g_fd, command.number, cut), -EFAULT);
    }
}

// If the answer cannot be delivered, nothing may stay allocated.
void MEM_22_an_answer_that_cannot_be_delivered_leaves_nothing(void **) {
    auto *page = static_cast<unsigned char *>(
        mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    qae_mem_alloc request = {};
    request.size = sizeof(request);
    request.length = 1 << 20;
    request.alignment = 1;
    request.node = QAE_NODE_ANY;
    std::memcpy(page, &request, sizeof(request));
    mprotect(page, kPage, PROT_READ);
    const auto before = guest::holdings();
    assert_int_equal(raw_ioctl(g_fd, QAE_IOC_MEM_ALLOC, page), -EFAULT);
    guest::assert_holdings(before);
    munmap(page, kPage);
}

void unknown_commands(void **) {
    char buffer[4096] = {};
    for (unsigned number = 0; number < 256; ++number) {
        if (number >= QAE_IOC_BASE && number <= QAE_IOC_BASE + 12) {
            continue;
        }
        assert_int_equal(raw_ioctl(g_fd, _IO(QAE_IOC_MAGIC, number), buffer), -ENOTTY);
    }
    assert_int_equal(raw_ioctl(g_fd, _IOWR(QAE_IOC_MAGIC, QAE_IOC_BASE + 1, qae_mem_alloc), buffer), -ENOTTY);
    assert_int_equal(raw_ioctl(g_fd, _IO('r', QAE_IOC_BASE + 1), buffer), -ENOTTY);
}

void ids_that_are_not_regions(void **) {
    const qae_mem_alloc granted = region(kPage);
    qae_mem_query answer;
    for (const std::uint32_t id : {0U, granted.id + 1, granted.id + 1000, UINT32_MAX}) {
        assert_int_equal(raw_free(g_fd, id), -ENOENT);
        assert_int_equal(raw_query(g_fd, id, &answer), -ENOENT);
    }
    assert_int_equal(raw_query(g_fd, granted.id, &answer), 0);
    assert_true(answer.length == granted.length && answer.device_address == granted.device_address);
    assert_int_equal(answer.node, granted.node);
    assert_int_equal(raw_free(g_fd, granted.id), 0);
    assert_int_equal(raw_free(g_fd, granted.id), -ENOENT);
    assert_int_equal(raw_query(g_fd, granted.id, &answer), -ENOENT);
}

void mappings_of_parts_show_the_same_memory(void **) {
    const qae_mem_alloc granted = region(kMax);
    unsigned char *whole = map(granted, 0, kMax);
    for (const std::uint64_t from :
         {std::uint64_t{0}, std::uint64_t{kPage}, kMax / 2, kMax / 2 - kPage, kMax - kPage}) {
        const std::size_t length = std::min<std::uint64_t>(3 * kPage, kMax - from);
        unsigned char *part = map(granted, from, length);
        assert_non_null(part);
        part[0] = static_cast<unsigned char>(from / kPage + 1);
        part[length - 1] = 0xcc;
        assert_int_equal(whole[from], part[0]);
        assert_int_equal(whole[from + length - 1], 0xcc);
        munmap(part, length);
    }
    munmap(whole, kMax);
}

void mappings_beyond_between_and_across_regions_fail(void **) {
    std::vector<qae_mem_alloc> regions;
    for (int i = 0; i < 4; ++i) {
        regions.push_back(region(2 * kPage));
    }
    for (const qae_mem_alloc &r : regions) {
        assert_null(map(r, 0, r.length + kPage));
        assert_null(map(r, kPage, r.length));
        assert_null(map(r, r.length, kPage));
        assert_null(map(r, r.length + kMax, kPage));
        assert_null(map(r, 0, 1UL << 40));
        assert_ptr_equal(
            mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE, g_fd, static_cast<off_t>(r.mmap_offset)),
            MAP_FAILED);
        assert_ptr_equal(
            mmap(nullptr, kPage, PROT_READ | PROT_EXEC, MAP_SHARED, g_fd, static_cast<off_t>(r.mmap_offset)),
            MAP_FAILED);
    }
    const std::uint64_t span = regions[1].mmap_offset - regions[0].mmap_offset;
    assert_null(map(regions[0], 0, span + kPage));
    assert_null(raw_map(g_fd, 0, kPage));
    assert_null(raw_map(g_fd, regions.back().mmap_offset + 5 * span, kPage));
    for (const unsigned long long offset : {1ULL << 62, (1ULL << 63) - 4096}) {
        assert_null(raw_map(g_fd, offset, kPage));
    }
    assert_int_equal(raw_free(g_fd, regions[0].id), 0);
    assert_null(map(regions[0], 0, kPage));
}

// The id ends at once; the memory stays until the mapping ends.
void MEM_24_a_freed_region_stays_with_its_mapping(void **) {
    const qae_mem_alloc granted = region(2 << 20);
    unsigned char *p = map(granted, 0, granted.length);
    std::memset(p, 0x31, granted.length);
    assert_int_equal(raw_free(g_fd, granted.id), 0);
    for (int i = 0; i < 16; ++i) {
        const qae_mem_alloc other = region(2 << 20);
        assert_true(other.device_address != granted.device_address);
        unsigned char *q = map(other, 0, other.length);
        assert_true(is_zero(q, other.length));
        std::memset(q, 0xff, other.length);
        munmap(q, other.length);
        assert_int_equal(raw_free(g_fd, other.id), 0);
    }
    assert_true(guest::is_filled(p, granted.length, 0x31));
    munmap(p, granted.length);
}

void MEM_24_tricks_with_mappings_do_no_harm(void **) {
    const qae_mem_alloc granted = region(kMax);
    unsigned char *p = map(granted, 0, kMax);
    std::memset(p, 0x42, kMax);
    assert_ptr_equal(mremap(p, kMax, 2 * kMax, MREMAP_MAYMOVE), MAP_FAILED); // not beyond the region
    assert_int_equal(munmap(p + kMax / 4, kMax / 4), 0);                     // cuts a huge entry
    assert_int_not_equal(guest::signal_of_read(p + kMax / 4), 0);
    assert_int_equal(p[kMax / 4 - 1], 0x42);
    assert_int_equal(p[kMax / 2], 0x42);
    auto *moved = static_cast<unsigned char *>(mremap(p + kMax / 2, kMax / 2, kMax / 2, MREMAP_MAYMOVE));
    assert_ptr_not_equal(moved, MAP_FAILED);
    assert_int_equal(moved[kMax / 2 - 1], 0x42);
    for (const int advice : {MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_WILLNEED, MADV_HUGEPAGE, MADV_DOFORK,
                             MADV_DODUMP, MADV_WIPEONFORK, MADV_MERGEABLE, MADV_COLD, MADV_PAGEOUT}) {
        static_cast<void>(madvise(moved, kMax / 2, advice));
        assert_int_equal(moved[0], 0x42);
        assert_int_equal(moved[kMax / 2 - 1], 0x42);
    }
    assert_int_not_equal(mprotect(moved, kPage, PROT_READ | PROT_EXEC), 0);
    assert_int_equal(mprotect(moved, kPage, PROT_READ), 0);
    assert_int_equal(moved[0], 0x42);
    assert_int_equal(raw_free(g_fd, granted.id), 0);
    assert_int_equal(p[0], 0x42);
    munmap(p, kMax / 4);
    munmap(moved, kMax / 2);
}

void MEM_22_mappings_outlive_the_descriptor(void **) {
    const auto before = guest::holdings();
    const int fd = raw_open();
    qae_mem_alloc granted;
    assert_int_equal(raw_alloc(fd, 1 << 20, 1, QAE_NODE_ANY, &granted), 0);
    auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, granted.length));
    p[100] = 7;
    close(fd);
    assert_int_equal(p[100], 7);
    p[granted.length - 1] = 8;
    munmap(p, granted.length);
    guest::assert_holdings(before);
}

void MEM_22_thousands_of_regions_go_with_the_descriptor(void **) {
    const int fd = raw_open();
    qae_mem_alloc granted;
    for (int i = 0; i < 3000; ++i) {
        assert_int_equal(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &granted), 0);
    }
    close(fd);
    // close_device() sees that they are gone
}

} // namespace

#define IOCTL_TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main() {
    const CMUnitTest tests[] = {
        IOCTL_TEST(info_tells_the_bounds),
        IOCTL_TEST(MEM_03_regions_of_every_size_are_zero_and_aligned),
        IOCTL_TEST(MEM_04_lengths_and_alignments_out_of_range),
        IOCTL_TEST(MEM_05_nodes_that_do_not_exist),
        IOCTL_TEST(structures_too_short_or_with_an_unknown_tail),
        IOCTL_TEST(reserved_fields_are_refused_as_unsupported),
        IOCTL_TEST(the_first_version_of_an_allocation_is_understood),
        IOCTL_TEST(the_second_version_of_an_allocation_is_understood),
        IOCTL_TEST(a_longer_structure_of_zeroes_is_understood),
        IOCTL_TEST(a_32_bit_caller_has_the_same_structures),
        IOCTL_TEST(addresses_that_are_not_the_callers),
        IOCTL_TEST(MEM_22_an_answer_that_cannot_be_delivered_leaves_nothing),
        IOCTL_TEST(unknown_commands),
        IOCTL_TEST(ids_that_are_not_regions),
        IOCTL_TEST(mappings_of_parts_show_the_same_memory),
        IOCTL_TEST(mappings_beyond_between_and_across_regions_fail),
        IOCTL_TEST(MEM_24_a_freed_region_stays_with_its_mapping),
        IOCTL_TEST(MEM_24_tricks_with_mappings_do_no_harm),
        IOCTL_TEST(MEM_22_mappings_outlive_the_descriptor),
        IOCTL_TEST(MEM_22_thousands_of_regions_go_with_the_descriptor),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
