// SPDX-License-Identifier: BSD-3-Clause
// Translation of memory of the application: against a model that has every page.
#include "mem/address/mapped_memory.h"

#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cmocka_cpp.h"

namespace {

using qae::kPageSize;
using qae::kSlotSize;
using qae::MappedMemory;

constexpr std::uint64_t kGranules = 1 << 16;

void add(MappedMemory &memory, std::uintptr_t start, std::uint64_t length, std::uint64_t device) {
    assert_true(memory.reserve(kGranules) && memory.provide_pointers(start, length) &&
                memory.provide_devices(device, length));
    memory.insert(start, length, device);
}

void expect_nothing(const MappedMemory &memory, std::uintptr_t start, std::uint64_t device) {
    std::uint64_t found_device;
    std::uintptr_t found_pointer;
    assert_false(memory.to_device(start, found_device));
    assert_false(memory.to_pointer(device, found_pointer));
    assert_int_equal(memory.length_at(start, found_device), 0);
}

void expect_pair(const MappedMemory &memory, std::uintptr_t pointer, std::uint64_t device) {
    std::uint64_t found_device;
    std::uintptr_t found_pointer;
    assert_true(memory.to_device(pointer, found_device));
    assert_int_equal(found_device, device);
    assert_true(memory.to_pointer(device, found_pointer));
    assert_int_equal(found_pointer, pointer);
}

void MEM_15_nothing_is_mapped_at_first(void **) {
    const MappedMemory memory;
    expect_nothing(memory, 0, 0);
    expect_nothing(memory, kSlotSize, kSlotSize);
    expect_nothing(memory, UINTPTR_MAX, UINT64_MAX);
    MappedMemory::Mapping mapping;
    assert_false(memory.next(0, mapping));
}

void MEM_15_every_byte_translates_and_no_neighbour(void **) {
    MappedMemory memory;
    constexpr std::uintptr_t kBase = 0x7f1234000000;
    constexpr std::uint64_t kDevice = 16 * kSlotSize;
    const struct {
        std::uintptr_t start;
        std::uint64_t length;
    } kinds[] = {{kBase, kPageSize},
                 {kBase + kSlotSize - kPageSize, 2 * kPageSize}, // two frames, neither as a whole
                 {kBase, kSlotSize},                             // one whole frame
                 {kBase + 7 * kPageSize, 3 * kSlotSize},         // whole frames within
                 {(1ULL << 34) - kSlotSize, 2 * kSlotSize},      // two tables of frames
                 {MappedMemory::kEndOfPointers - kPageSize, kPageSize}};
    for (const auto &[start, length] : kinds) {
        add(memory, start, length, kDevice);
        for (std::uint64_t offset = 0; offset < length; offset += kPageSize) {
            expect_pair(memory, start + offset, kDevice + offset);
            expect_pair(memory, start + offset + kPageSize - 1, kDevice + offset + kPageSize - 1);
            assert_true(memory.overlaps(start + offset, kPageSize));
        }
        expect_nothing(memory, start - 1, kDevice - 1);
        expect_nothing(memory, start + length, kDevice + length);
        assert_false(memory.overlaps(start - kPageSize, kPageSize));
        std::uint64_t device;
        assert_int_equal(memory.length_at(start, device), length);
        assert_int_equal(device, kDevice);
        assert_int_equal(memory.length_at(start + kPageSize, device), 0);
        memory.remove(start, length, kDevice);
        expect_nothing(memory, start, kDevice);
        assert_false(memory.overlaps(start, length));
    }
    memory.release();
}

void MEM_15_MEM_17_mappings_come_and_go_as_in_the_model(void **) {
    struct Mapping {
        std::uint64_t length;
        std::uint64_t device;
    };
    std::mt19937_64 random(7);
    MappedMemory memory;
    assert_true(memory.reserve(kGranules));
    std::map<std::uintptr_t, Mapping> model;
    std::map<std::uint64_t, std::uintptr_t> devices; // which starts have which granules, by first granule
    constexpr std::uintptr_t kBase = 0x7f0000000000 - 8 * kSlotSize;
    std::uint64_t next_device = 1;
    for (int step = 0; step < 30000; ++step) {
        const std::uintptr_t start = kBase + random() % (16 * kSlotSize / kPageSize) * kPageSize;
        const std::uint64_t length =
            random() % 3 == 0 ? (1 + random() % 1500) * kPageSize : (1 + random() % 8) * kPageSize;
        auto after = model.lower_bound(start);
        const bool hits_after = after != model.end() && after->first < start + length;
        const bool hits_before =
            after != model.begin() && std::prev(after)->first + std::prev(after)->second.length > start;
        assert_int_equal(memory.overlaps(start, length), hits_after || hits_before);
        if (!hits_after && !hits_before) {
            const std::uint64_t device = next_device * kSlotSize;
            next_device = (next_device + 4) % (kGranules - 8) + 1;
            if (devices.contains(device)) {
                continue;
            }
            add(memory, start, length, device);
            model[start] = {length, device};
            devices[device] = start;
        } else {
            const auto victim = hits_after ? after : std::prev(after);
            std::uint64_t device;
            assert_int_equal(memory.length_at(victim->first, device), victim->second.length);
            assert_int_equal(device, victim->second.device);
            memory.remove(victim->first, victim->second.length, device);
            devices.erase(device);
            model.erase(victim);
        }
        if (step % 1000 == 0) {
            for (const auto &[first, mapping] : model) {
                for (std::uint64_t offset = 0; offset < mapping.length; offset += kPageSize) {
                    expect_pair(memory, first + offset + 5, mapping.device + offset + 5);
                }
            }
        }
    }
    MappedMemory::Mapping mapping;
    std::size_t count = 0;
    for (std::uint64_t from = 0; memory.next(from, mapping); from = mapping.device + mapping.length) {
        assert_int_equal(devices.at(mapping.device), mapping.start);
        assert_int_equal(model.at(mapping.start).length, mapping.length);
        ++count;
    }
    assert_int_equal(count, model.size());
    memory.release();
}

std::uint64_t mapped_pages() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages;
}

// For a plugin that is loaded and unloaded again and again.
void MEM_15_releasing_unmaps_all_tables(void **) {
    constexpr int kRounds = 30;
    std::uint64_t before = 0;
    for (int round = 0; round <= kRounds; ++round) {
        MappedMemory memory;
        for (std::uint64_t i = 0; i < 150; ++i) { // each with a leaf of its own, in three tables of frames
            const std::uintptr_t start = 0x7f0000000000 + i % 3 * (16ULL << 30) + i * kSlotSize + kPageSize;
            add(memory, start, kPageSize, (i + 1) * kSlotSize);
            expect_pair(memory, start, (i + 1) * kSlotSize);
        }
        memory.release();
        expect_nothing(memory, 0x7f0000000000 + kPageSize, kSlotSize);
        if (round == 0) {
            before = mapped_pages();
        }
    }
    const std::uint64_t after = mapped_pages();
    assert_true(after < before + kRounds * 64); // one table of frames has 64 KiB or more
}

void MEM_11_MEM_15_a_child_has_no_mapping(void **) {
    static MappedMemory memory;
    constexpr std::uintptr_t kStart = 0x7f1234001000;
    add(memory, kStart, 3 * kSlotSize, kSlotSize);
    const pid_t child = fork();
    if (child == 0) {
        std::uint64_t device;
        std::uintptr_t pointer;
        const bool empty = !memory.to_device(kStart, device) && !memory.to_pointer(kSlotSize, pointer) &&
                           !memory.overlaps(kStart, 3 * kSlotSize);
        const bool works =
            memory.provide_pointers(kStart, kPageSize) && memory.provide_devices(kSlotSize, kPageSize);
        memory.insert(kStart, kPageSize, kSlotSize);
        _exit(empty && works && memory.to_device(kStart, device) && device == kSlotSize ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    expect_pair(memory, kStart + kSlotSize, 2 * kSlotSize);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_15_nothing_is_mapped_at_first),
        cmocka_unit_test(MEM_15_every_byte_translates_and_no_neighbour),
        cmocka_unit_test(MEM_15_MEM_17_mappings_come_and_go_as_in_the_model),
        cmocka_unit_test(MEM_15_releasing_unmaps_all_tables),
        cmocka_unit_test(MEM_11_MEM_15_a_child_has_no_mapping),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
