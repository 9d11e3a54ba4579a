// SPDX-License-Identifier: BSD-3-Clause
// The way back from frames of device addresses to slots: what the near mirror knows, and what the whole one.
#include "mem/address/frame_map.h"
#include "support/cmocka_cpp.h"

namespace {

using qae::Mirror;

struct EmptyMirror : Mirror {
    EmptyMirror() { assert_true(reserve()); }
    void add(std::uint64_t frame, std::uint32_t slot) {
        assert_true(enter(frame, 1, slot));
        bring_near(frame);
    }
};

void MEM_09_before_anything_is_entered_nothing_is_found(void **) {
    const Mirror mirror;
    assert_int_equal(mirror.guess(0), 0);
    assert_int_equal(mirror.guess(UINT64_MAX), 0);
    assert_int_equal(mirror.find(0), 0);
    assert_int_equal(mirror.find(UINT64_MAX), 0);
}

void MEM_09_the_near_mirror_knows_each_frame_that_shares_no_place(void **) {
    EmptyMirror mirror;
    constexpr std::uint64_t kFirst = 123456789;
    constexpr std::uint32_t kFrames = 30000;
    std::uint32_t growths = 0;
    for (std::uint32_t slot = 0; slot < kFrames; ++slot) {
        assert_true(mirror.enter(kFirst + slot, 1, slot));
        if (mirror.grow_near(slot + 1)) {
            ++growths;
            for (std::uint32_t i = 0; i < slot; ++i) {
                mirror.bring_near(kFirst + i);
            }
        }
        mirror.bring_near(kFirst + slot);
        if (slot % 1000 == 0 || slot + 1 == kFrames) {
            for (std::uint32_t i = 0; i <= slot; ++i) { // in a row, so that none has another's place
                assert_int_equal(mirror.guess(kFirst + i), i + 1);
                assert_int_equal(mirror.find(kFirst + i), i + 1);
            }
        }
    }
    assert_true(growths > 3);
    assert_false(mirror.grow_near(1));
}

void MEM_09_of_frames_that_share_a_place_the_last_one_is_near(void **) {
    EmptyMirror mirror;
    assert_true(mirror.grow_near(1));
    constexpr std::uint64_t kApart = 1 << 20;
    mirror.add(5, 10);
    mirror.add(5 + kApart, 11);
    assert_int_equal(mirror.guess(5), 12); // of the other: who asks compares
    assert_int_equal(mirror.guess(5 + kApart), 12);
    assert_int_equal(mirror.find(5), 11);
    mirror.remove(5); // leaves the other's place alone
    assert_int_equal(mirror.guess(5 + kApart), 12);
    assert_int_equal(mirror.find(5), 0);
    mirror.remove(5 + kApart);
    assert_int_equal(mirror.guess(5 + kApart), 0);
    assert_int_equal(mirror.find(5 + kApart), 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_09_before_anything_is_entered_nothing_is_found),
        cmocka_unit_test(MEM_09_the_near_mirror_knows_each_frame_that_shares_no_place),
        cmocka_unit_test(MEM_09_of_frames_that_share_a_place_the_last_one_is_near),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
