// SPDX-License-Identifier: BSD-3-Clause
// The tables for the metadata of the allocator.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <set>

#include "mem/address/sparse_table.h"
#include "support/cmocka_cpp.h"

namespace {

using qae::SparseTable;

template <class T> std::uintptr_t place_in_page() {
    SparseTable<T> table;
    assert_true(table.reserve(1000));
    const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(table.data()) % 4096;
    table.release();
    return place;
}

// Otherwise the first entries of two tables alias modulo 4 KiB.
void tables_of_all_types_begin_in_different_lines(void **) {
    std::set<std::uintptr_t> lines;
    for (unsigned round = 0; round < 16; ++round) {
        for (const std::uintptr_t place : {place_in_page<std::uint8_t>(), place_in_page<std::uint16_t>(),
                                           place_in_page<std::uint32_t>(), place_in_page<std::uint64_t>()}) {
            assert_int_equal(place % 64, 0);
            assert_true(lines.insert(place / 64).second);
        }
    }
}

void a_prefix_can_be_written_and_the_rest_reads_as_zero(void **) {
    SparseTable<std::uint32_t> table;
    assert_true(table.reserve(1 << 20));
    assert_true(table.commit(1000));
    table[999] = 7;
    assert_int_equal(table[(1 << 20) - 1], 0);
    assert_true(table.commit(1 << 20));
    table[(1 << 20) - 1] = 8;
    assert_int_equal(table[999], 7);
    errno = 0;
    assert_false(table.commit(2 << 20));
    assert_int_equal(errno, ENOMEM);
    table.release();
    assert_null(table.data());
}

void MEM_11_a_forked_child_finds_zeroes_that_it_can_write(void **) {
    SparseTable<std::uint32_t> table;
    assert_true(table.reserve(1000));
    assert_true(table.commit(1000));
    table[0] = table[999] = 7;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool wiped = table[0] == 0 && table[999] == 0;
        table[0] = 9;
        _exit(wiped && table[0] == 9 ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(table[0], 7);
    table.release();
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_all_types_begin_in_different_lines),
        cmocka_unit_test(a_prefix_can_be_written_and_the_rest_reads_as_zero),
        cmocka_unit_test(MEM_11_a_forked_child_finds_zeroes_that_it_can_write),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
