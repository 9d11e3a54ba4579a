// SPDX-License-Identifier: BSD-3-Clause
// The map from frames of device addresses to slots: its full table, and the cache in front of it.
#include "mem/address/frame_map.h"
#include "support/cmocka_cpp.h"

namespace {

using qae::FrameMap;

struct EmptyFrameMap : FrameMap {
    EmptyFrameMap() { assert_true(reserve()); }
    void add(std::uint64_t frame, std::uint32_t slot) {
        assert_true(insert(frame, 1, slot));
        fill_cache_entry(frame);
    }
};

void MEM_09_an_empty_map_finds_nothing(void **) {
    const FrameMap frame_map;
    assert_int_equal(frame_map.find_cached(0), 0);
    assert_int_equal(frame_map.find_cached(UINT64_MAX), 0);
    assert_int_equal(frame_map.find(0), 0);
    assert_int_equal(frame_map.find(UINT64_MAX), 0);
}

void MEM_09_the_cache_finds_each_frame_that_shares_no_entry(void **) {
    EmptyFrameMap frame_map;
    constexpr std::uint64_t kFirst = 123456789;
    constexpr std::uint32_t kFrames = 30000;
    std::uint32_t growths = 0;
    for (std::uint32_t slot = 0; slot < kFrames; ++slot) {
        assert_true(frame_map.insert(kFirst + slot, 1, slot));
        if (frame_map.grow_cache(slot + 1)) {
            ++growths;
            for (std::uint32_t i = 0; i < slot; ++i) {
                frame_map.fill_cache_entry(kFirst + i);
            }
        }
        frame_map.fill_cache_entry(kFirst + slot);
        if (slot % 1000 == 0 || slot + 1 == kFrames) {
            for (std::uint32_t i = 0; i <= slot; ++i) { // consecutive frames share no entry
                assert_int_equal(frame_map.find_cached(kFirst + i), i + 1);
                assert_int_equal(frame_map.find(kFirst + i), i + 1);
            }
        }
    }
    assert_true(growths > 3);
    assert_false(frame_map.grow_cache(1));
}

void MEM_09_of_frames_that_share_an_entry_the_last_is_cached(void **) {
    EmptyFrameMap frame_map;
    assert_true(frame_map.grow_cache(1));
    constexpr std::uint64_t kApart = 1 << 20;
    frame_map.add(5, 10);
    frame_map.add(5 + kApart, 11);
    assert_int_equal(frame_map.find_cached(5), 12); // the other frame's slot: the reader compares
    assert_int_equal(frame_map.find_cached(5 + kApart), 12);
    assert_int_equal(frame_map.find(5), 11);
    frame_map.remove(5); // does not touch the entry of the other frame
    assert_int_equal(frame_map.find_cached(5 + kApart), 12);
    assert_int_equal(frame_map.find(5), 0);
    frame_map.remove(5 + kApart);
    assert_int_equal(frame_map.find_cached(5 + kApart), 0);
    assert_int_equal(frame_map.find(5 + kApart), 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_09_an_empty_map_finds_nothing),
        cmocka_unit_test(MEM_09_the_cache_finds_each_frame_that_shares_no_entry),
        cmocka_unit_test(MEM_09_of_frames_that_share_an_entry_the_last_is_cached),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
