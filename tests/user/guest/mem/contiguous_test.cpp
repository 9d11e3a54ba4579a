// SPDX-License-Identifier: BSD-3-Clause
// Regions above 4 MiB: contiguous ranges, mapped by huge entries.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/descriptor.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/limits.h"
#include "support/raw_qae.h"

namespace {

using guest::close_device;
using guest::g_fd;
using guest::kHuge;
using guest::kPage;
using guest::map;
using guest::open_device;

constexpr std::size_t kMiB = 1 << 20;

void skip_unless_granted(std::size_t length) {
    if (guest::max_region_size(g_fd) < length) {
        print_message("this kernel allocates no contiguous ranges\n");
        skip();
    }
}

std::uint64_t page_table_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmPTE:") {
            std::uint64_t kib = 0;
            status >> kib;
            return kib;
        }
    }
    fail_msg("no VmPTE in /proc/self/status");
    return 0;
}

void MEM_03_MEM_04_lengths_are_whole_huge_pages(void **) {
    skip_unless_granted(QAE_MAX_REGION_SIZE);
    const struct {
        std::size_t asked, granted, alignment;
    } cases[] = {
        {4 * kMiB + 1, 6 * kMiB, 1},
        {6 * kMiB, 6 * kMiB, 4 * kMiB},
        {13 * kMiB, 14 * kMiB, 64},
        {33 * kMiB, 34 * kMiB, 2 * kMiB},
    };
    for (const auto &c : cases) {
        qae_mem_alloc granted;
        qae_mem_query answer;
        assert_int_equal(raw_alloc(g_fd, c.asked, c.alignment, QAE_NODE_ANY, &granted), 0);
        assert_int_equal(granted.length, c.granted);
        assert_int_equal(granted.device_address % std::max(c.alignment, kHuge), 0);
        assert_int_equal(raw_query(g_fd, granted.id, &answer), 0);
        assert_int_equal(answer.length, c.granted);
        assert_null(raw_map(g_fd, granted.mmap_offset, c.granted + kPage));
        assert_null(raw_map(g_fd, granted.mmap_offset + c.granted, kPage));
        assert_int_equal(raw_free(g_fd, granted.id), 0);
    }
}

// Each region is zero, although the same memory was written to before.
void MEM_03_MEM_06_the_largest_region_is_zero_and_one_piece(void **) {
    skip_unless_granted(QAE_MAX_REGION_SIZE);
    for (int round = 0; round < 3; ++round) {
        qae_mem_alloc granted;
        assert_int_equal(raw_alloc(g_fd, QAE_MAX_REGION_SIZE, kHuge, QAE_NODE_ANY, &granted), 0);
        assert_int_equal(granted.length, QAE_MAX_REGION_SIZE);
        const std::uint64_t tables = page_table_kib();
        unsigned char *p = map(granted);
        assert_true(guest::is_zero(p, granted.length));
        guest::fill_pattern(p, granted.length, 7U + static_cast<unsigned>(round));
        // 32 page tables would take 128 KiB, so the entries must be huge.
        assert_true(page_table_kib() <= tables + 32);
        // A second mapping of a part shows the same bytes, so the region is one piece with one origin of
        // offsets.
        const std::size_t from = 37 * kMiB + 5 * kPage;
        auto *part = static_cast<unsigned char *>(raw_map(g_fd, granted.mmap_offset + from, 3 * kHuge));
        assert_non_null(part);
        assert_memory_equal(part, p + from, 3 * kHuge);
        munmap(part, 3 * kHuge);
        if (round == 1) {
            munmap(p, granted.length);
            assert_int_equal(raw_free(g_fd, granted.id), 0);
        } else {
            assert_int_equal(raw_free(g_fd, granted.id), 0);
            assert_true(guest::has_pattern(p, granted.length, 7U + static_cast<unsigned>(round)));
            munmap(p, granted.length);
        }
    }
}

// Takes regions until the driver or the kernel refuses, twice: nothing is lost in between.
void MEM_22_MEM_23_ranges_run_out_cleanly_and_come_back(void **) {
    skip_unless_granted(QAE_MAX_REGION_SIZE);
    const auto before = guest::holdings();
    std::size_t first = 0;
    for (int round = 0; round < 3; ++round) {
        const int fd = raw_open();
        qae_mem_alloc granted;
        std::size_t regions = 0;
        int err = 0;
        while (regions < 1000 && (err = raw_alloc(fd, 16 * kMiB, 1, QAE_NODE_ANY, &granted)) == 0) {
            ++regions;
        }
        assert_true(err == -ENOMEM || err == -EDQUOT);
        assert_true(regions > 0);
        first = round == 0 ? regions : first;
        assert_true(regions + 2 >= first);
        close(fd);
        guest::assert_holdings(before);
    }
}

// When a mapping is cut and moved, huge entries become page tables; the bytes stay.
void MEM_24_a_range_survives_being_cut_and_moved(void **) {
    skip_unless_granted(16 * kMiB);
    qae_mem_alloc granted;
    assert_int_equal(raw_alloc(g_fd, 16 * kMiB, 1, QAE_NODE_ANY, &granted), 0);
    unsigned char *p = map(granted);
    guest::fill_pattern(p, granted.length, 3);
    std::vector<unsigned char> expected(p, p + granted.length);
    assert_int_equal(munmap(p + 5 * kMiB, kMiB), 0);
    auto *moved = static_cast<unsigned char *>(mremap(p + 7 * kMiB, 9 * kMiB, 9 * kMiB, MREMAP_MAYMOVE));
    assert_ptr_not_equal(moved, MAP_FAILED);
    assert_int_equal(mprotect(moved, 3 * kPage, PROT_READ), 0);
    for (const int advice : {MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTNEED, MADV_COLD, MADV_PAGEOUT}) {
        static_cast<void>(madvise(moved, 9 * kMiB, advice));
    }
    assert_memory_equal(moved, expected.data() + 7 * kMiB, 9 * kMiB);
    assert_memory_equal(p, expected.data(), 5 * kMiB);
    assert_int_equal(raw_free(g_fd, granted.id), 0);
    assert_int_equal(guest::signal_of_write(moved + 4 * kPage), 0);
    munmap(moved, 9 * kMiB);
    munmap(p, 16 * kMiB);
}

} // namespace

int main() {
    // The largest region is larger than all ranges that a small guest grants together.
    const guest::Limits limits(qae::MemorySettings{.user = 256 * kMiB, .contig = 256 * kMiB});
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(MEM_03_MEM_04_lengths_are_whole_huge_pages, open_device,
                                        close_device),
        cmocka_unit_test_setup_teardown(MEM_03_MEM_06_the_largest_region_is_zero_and_one_piece, open_device,
                                        close_device),
        cmocka_unit_test_setup_teardown(MEM_22_MEM_23_ranges_run_out_cleanly_and_come_back, open_device,
                                        close_device),
        cmocka_unit_test_setup_teardown(MEM_24_a_range_survives_being_cut_and_moved, open_device,
                                        close_device),
    };
    return cmocka_run_group_tests_name("memory_contiguous", tests, nullptr, nullptr);
}
