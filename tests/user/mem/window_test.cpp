// SPDX-License-Identifier: BSD-3-Clause
// The mapping between 2 MiB slots of the window and frames of device addresses, with very many of them.
#include <cerrno>
#include <map>
#include <random>
#include <vector>

#include "mem/address/bit_runs.h"
#include "mem/address/window.h"
#include "support/cmocka_cpp.h"

namespace {

using qae::kSlotSize;
using qae::Window;

void MEM_09_frames_are_found_among_thousands(void **) {
    Window window;
    assert_int_equal(window.reserve(), 0);
    assert_int_equal(window.reserve(), 0);
    std::mt19937_64 random(7);
    std::map<std::uint64_t, std::uintptr_t> placed; // by frame
    std::vector<std::uint64_t> gone;
    for (int step = 0; step < 60000; ++step) {
        const std::uint64_t frame = random() % (1ULL << 30) + 1;
        if (placed.size() < 15000 || (step % 2 == 0 && placed.size() < 20000)) {
            if (placed.contains(frame)) {
                continue;
            }
            const std::uintptr_t place = window.place(frame * kSlotSize, kSlotSize, 0);
            assert_true(place != 0 && window.contains(place) && place % kSlotSize == 0);
            placed[frame] = place;
        } else {
            auto victim = placed.lower_bound(frame);
            victim = victim == placed.end() ? placed.begin() : victim;
            window.unplace(victim->second, kSlotSize);
            gone.push_back(victim->first);
            placed.erase(victim);
        }
    }
    std::map<std::uintptr_t, std::uint64_t> by_place;
    for (const auto &[frame, place] : placed) {
        assert_true(window.pointer_at(frame * kSlotSize + 12345) == place + 12345);
        assert_true(by_place.emplace(place, frame).second);
    }
    for (const std::uint64_t frame : gone) {
        assert_true(placed.contains(frame) || window.pointer_at(frame * kSlotSize) == 0);
    }
}

void MEM_03_a_full_window_refuses_and_recovers(void **) {
    Window window;
    assert_int_equal(window.reserve(), 0);
    const std::uint64_t slots = window.size() / kSlotSize;
    std::vector<std::uintptr_t> places;
    for (std::uint64_t frame = 1; frame <= slots; ++frame) {
        places.push_back(window.place(frame * kSlotSize, kSlotSize, 0));
        assert_true(places.back() != 0);
    }
    assert_true(window.place((slots + 1) * kSlotSize, kSlotSize, 0) == 0);
    window.unplace(places[10], kSlotSize);
    window.unplace(places[12], kSlotSize);
    assert_true(window.place((slots + 2) * kSlotSize, 2 * kSlotSize, 0) ==
                0); // two slots are free, but not adjacent
    window.unplace(places[11], kSlotSize);
    const std::uintptr_t pair = window.place((slots + 2) * kSlotSize, 2 * kSlotSize, 0);
    assert_true(pair == places[10]);
    assert_true(window.pointer_at((slots + 3) * kSlotSize + 1) == pair + kSlotSize + 1);
    assert_true(window.place((slots + 9) * kSlotSize, kSlotSize, 0) == places[12]);
}

void MEM_09_small_regions_share_the_slot_of_their_frame(void **) {
    Window window;
    assert_int_equal(window.reserve(), 0);
    const std::uint64_t frame = 77 * kSlotSize;
    const std::uintptr_t first = window.place(frame + 4096, 4096, 0);
    const std::uintptr_t second = window.place(frame + 65536, 65536, 0);
    assert_true(second - first == 65536 - 4096);
    window.unplace(first, 4096);
    assert_true(window.pointer_at(frame + 65536) == second);
    window.unplace(second, 65536);
    assert_true(window.pointer_at(frame + 65536) == 0);
    assert_true(window.place(frame + 4096, kSlotSize, 0) == 0); // neither within one frame nor whole frames
}

// Frames with the same low bits share an entry in the cache of the frame map.
void MEM_09_frames_with_the_same_low_bits_do_not_hide_each_other(void **) {
    Window window;
    assert_int_equal(window.reserve(), 0);
    constexpr std::uint64_t kApart = 1ULL << 20;
    constexpr std::uint64_t kAlike = 5;
    constexpr std::uint64_t kFrames = 3000;
    std::vector<std::uintptr_t> places(kFrames * kAlike);
    const auto frame_of = [](std::uint64_t i) { return 1 + i / kAlike + i % kAlike * kApart; };
    const auto assert_found = [&](std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t i = from; i < to; ++i) {
            assert_true(window.pointer_at(frame_of(i) * kSlotSize + 77) ==
                        (places[i] != 0 ? places[i] + 77 : 0));
        }
    };
    for (std::uint64_t i = 0; i < places.size(); ++i) {
        places[i] = window.place(frame_of(i) * kSlotSize, kSlotSize, 0);
        assert_true(places[i] != 0);
        if (i % 500 == 0) {
            assert_found(0, i);
        }
    }
    for (std::uint64_t i = 0; i < places.size(); ++i) {
        window.unplace(places[i], kSlotSize);
        places[i] = 0;
        if (i % 3 == 0) { // placed again, in the slot of another frame
            const std::uint64_t j = i - i % kAlike;
            places[j] = places[j] != 0 ? places[j] : window.place(frame_of(j) * kSlotSize, kSlotSize, 0);
        }
        assert_found(i - i % kAlike, i - i % kAlike + kAlike);
    }
    assert_found(0, places.size());
}

// A thread may have found a block live and translate it while another thread frees it and removes the region.
void MEM_08_unmapped_memory_keeps_its_last_device_address(void **) {
    Window window;
    assert_int_equal(window.reserve(), 0);
    const std::uint64_t frame = 77 * kSlotSize;
    const std::uint64_t offset = window.place(frame, kSlotSize, 0) - window.base() + 4321;
    assert_true(window.device_of(offset) == frame + 4321);
    window.unplace(window.base() + offset - 4321, kSlotSize);
    assert_true(window.device_of(offset) == frame + 4321);
    assert_true(window.pointer_at(frame + 4321) == 0);
}

void bit_runs_cross_words(void **) {
    std::vector<std::uint64_t> words(8, 0);
    for (std::uint32_t from = 0; from < 300; from += 7) {
        for (std::uint32_t count = 1; count < 200; count += 13) {
            qae::set_bits(words.data(), from, count, true);
            assert_int_equal(qae::find_bit(words.data(), 0, 512, true), from);
            assert_int_equal(qae::find_bit(words.data(), from, 512, false), from + count);
            assert_int_equal(qae::find_bit(words.data(), from + count, 512, true), 512);
            assert_true(qae::test_bit(words.data(), from + count - 1));
            assert_false(qae::test_bit(words.data(), from + count));
            qae::set_bits(words.data(), from, count, false);
            assert_int_equal(qae::find_bit(words.data(), 0, 512, true), 512);
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_09_frames_are_found_among_thousands),
        cmocka_unit_test(MEM_03_a_full_window_refuses_and_recovers),
        cmocka_unit_test(MEM_09_small_regions_share_the_slot_of_their_frame),
        cmocka_unit_test(MEM_09_frames_with_the_same_low_bits_do_not_hide_each_other),
        cmocka_unit_test(MEM_08_unmapped_memory_keeps_its_last_device_address),
        cmocka_unit_test(bit_runs_cross_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
