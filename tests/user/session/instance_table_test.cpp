// SPDX-License-Identifier: BSD-3-Clause
// The table of instances alone: handles that are valid, stale, foreign, random.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

extern "C" {
#include <cmocka.h>
}

#include "session/instance_table.h"

namespace {

using qae::HeldInstance;
using qae::InstanceTable;

qae_instance facts_of(std::uint32_t id, std::uint32_t endpoint) {
    qae_instance facts{};
    facts.id = id;
    facts.endpoint = endpoint;
    facts.kind = QAE_INSTANCE_DYN;
    return facts;
}

const auto every = [](const HeldInstance &) { return true; };

void DYN_12_a_handle_finds_its_instance_until_it_is_freed(void **) {
    InstanceTable table;
    assert_true(table.reserve(3));
    const auto first = table.insert(facts_of(10, 0));
    const auto second = table.insert(facts_of(11, 0));
    assert_ptr_not_equal(first, second);
    assert_int_equal(table.find(first)->facts.id, 10);
    assert_int_equal(table.find(second)->facts.id, 11);
    table.erase(*table.find(first));
    assert_null(table.find(first));
    const auto third = table.insert(facts_of(12, 0)); // takes the same slot
    assert_ptr_not_equal(first, third);
    assert_null(table.find(first));
    assert_int_equal(table.find(third)->facts.id, 12);
    assert_int_equal(table.count(every), 2);
    table.clear();
    assert_null(table.find(second));
    assert_null(table.find(third));
    assert_int_equal(table.count(every), 0);
}

void DYN_12_handles_are_odd_and_never_repeat(void **) {
    InstanceTable table;
    std::set<CpaInstanceHandle> seen;
    for (std::uint32_t round = 0; round < 20000; ++round) {
        assert_true(table.reserve(1));
        const auto handle = table.insert(facts_of(round, 0));
        assert_int_equal(reinterpret_cast<std::uintptr_t>(handle) & 1, 1);
        assert_true(seen.insert(handle).second);
        table.erase(*table.find(handle));
    }
}

void DYN_12_random_and_foreign_handles_are_not_found(void **) {
    InstanceTable mine;
    InstanceTable parents;
    std::vector<CpaInstanceHandle> foreign;
    assert_true(mine.reserve(1000));
    assert_true(parents.reserve(1000));
    for (std::uint32_t i = 0; i < 1000; ++i) {
        mine.insert(facts_of(i, 0));
        foreign.push_back(parents.insert(facts_of(i, 0)));
    }
    for (const auto handle : foreign) {
        assert_null(mine.find(handle));
    }
    std::mt19937_64 random(42);
    for (int i = 0; i < 1000000; ++i) {
        assert_null(mine.find(reinterpret_cast<CpaInstanceHandle>(random())));
    }
    // The right slot with another serial is the nearest that a guess can come.
    const auto valid = reinterpret_cast<std::uintptr_t>(mine.list(every).front());
    for (unsigned bit = 0; bit < 64; ++bit) {
        assert_null(mine.find(reinterpret_cast<CpaInstanceHandle>(valid ^ (std::uintptr_t{1} << bit))));
    }
    assert_non_null(mine.find(reinterpret_cast<CpaInstanceHandle>(valid)));
}

void DYN_15_lists_go_by_endpoint_and_then_by_age(void **) {
    InstanceTable table;
    assert_true(table.reserve(5));
    const auto gap = table.insert(facts_of(0, 1));
    table.insert(facts_of(1, 1));
    table.insert(facts_of(2, 0));
    table.erase(*table.find(gap));
    table.insert(facts_of(3, 1)); // youngest, in the lowest slot
    table.insert(facts_of(4, 0));
    std::vector<std::uint32_t> ids;
    for (const auto handle : table.list(every)) {
        ids.push_back(table.find(handle)->facts.id);
    }
    assert_true((ids == std::vector<std::uint32_t>{2, 4, 1, 3}));
}

void DYN_05_a_full_table_says_so(void **) {
    InstanceTable table;
    assert_true(table.reserve(InstanceTable::kCapacity));
    assert_false(table.reserve(InstanceTable::kCapacity + 1));
    for (std::uint32_t i = 0; i < InstanceTable::kCapacity; ++i) {
        table.insert(facts_of(i, 0));
    }
    assert_false(table.reserve(1));
    const auto handles = table.list(every);
    assert_int_equal(handles.size(), InstanceTable::kCapacity);
    table.erase(*table.find(handles[12345]));
    assert_true(table.reserve(1));
    assert_false(table.reserve(2));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(DYN_12_a_handle_finds_its_instance_until_it_is_freed),
        cmocka_unit_test(DYN_12_handles_are_odd_and_never_repeat),
        cmocka_unit_test(DYN_12_random_and_foreign_handles_are_not_found),
        cmocka_unit_test(DYN_15_lists_go_by_endpoint_and_then_by_age),
        cmocka_unit_test(DYN_05_a_full_table_says_so),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
