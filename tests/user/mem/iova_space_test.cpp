// SPDX-License-Identifier: BSD-3-Clause
// The space of I/O virtual addresses: against a model, and with as many mappings as VFIO grants.
#include "mem/address/iova_space.h"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "support/cmocka_cpp.h"

namespace {

using qae::IovaSpace;

struct Space : IovaSpace {
    Space() { assert_true(reserve()); }
    ~Space() { release(); }
};

// What is free, by first granule; extents never touch.
class Model {
public:
    std::uint64_t take(std::uint64_t count, std::uint64_t alignment) {
        for (const auto &[first, length] : free_) {
            if (length >= count + alignment - 1) {
                const std::uint64_t start = (first + alignment - 1) / alignment * alignment;
                take_at(start, count);
                return start;
            }
        }
        for (const auto &[first, length] : free_) {
            const std::uint64_t start = (first + alignment - 1) / alignment * alignment;
            if (start + count <= first + length) {
                take_at(start, count);
                return start;
            }
        }
        return IovaSpace::kNone;
    }

    bool take_at(std::uint64_t first, std::uint64_t count) {
        auto found = free_.upper_bound(first);
        if (found == free_.begin()) {
            return false;
        }
        const auto [start, length] = *--found;
        if (first + count > start + length) {
            return false;
        }
        free_.erase(found);
        if (first > start) {
            free_[start] = first - start;
        }
        if (first + count < start + length) {
            free_[first + count] = start + length - first - count;
        }
        return true;
    }

    void give(std::uint64_t first, std::uint64_t count) {
        const auto after = free_.find(first + count);
        if (after != free_.end()) {
            count += after->second;
            free_.erase(after);
        }
        auto before = free_.lower_bound(first);
        if (before != free_.begin() && (--before)->first + before->second == first) {
            before->second += count;
        } else {
            free_[first] = count;
        }
    }

    std::size_t extents() const { return free_.size(); }

private:
    std::map<std::uint64_t, std::uint64_t> free_;
};

struct Run {
    std::uint64_t first;
    std::uint64_t count;
};

void MEM_15_the_space_behaves_like_its_model(void **) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937_64 random(seed);
        Space space;
        Model model;
        // Ranges with holes, as containers report them.
        std::uint64_t at = 1;
        for (int range = 0; range < 5; ++range) {
            const std::uint64_t count = 1 + random() % 2000;
            assert_true(space.add(at, count));
            model.give(at, count);
            at += count + 1 + random() % 100;
        }
        std::vector<Run> taken;
        for (int step = 0; step < 20000; ++step) {
            const bool growing = (step / 2000) % 2 == 0;
            const std::uint64_t what = random() % 10;
            if (what < (growing ? 6U : 3U)) {
                const std::uint64_t count = random() % 4 != 0 ? 1 : 1 + random() % 64;
                const std::uint64_t alignment = 1ULL << (random() % 5 == 0 ? random() % 4 : 0);
                const std::uint64_t first = space.take(count, alignment);
                assert_int_equal(first, model.take(count, alignment));
                if (first != IovaSpace::kNone) {
                    taken.push_back({first, count});
                }
            } else if (what == 9) {
                const Run run{random() % at, 1 + random() % 8};
                const bool took = space.take_at(run.first, run.count);
                assert_int_equal(took, model.take_at(run.first, run.count));
                if (took) {
                    taken.push_back(run);
                }
            } else if (!taken.empty()) {
                std::swap(taken[random() % taken.size()], taken.back());
                space.give(taken.back().first, taken.back().count);
                model.give(taken.back().first, taken.back().count);
                taken.pop_back();
            }
            assert_int_equal(space.extents(), model.extents());
        }
    }
}

// A 48-bit space, of which every second granule is freed while VFIO has all mappings that it grants.
void MEM_15_the_space_survives_fragmentation(void **) {
    constexpr std::uint64_t kSpace = 1ULL << (48 - 21);
    constexpr std::uint64_t kMappings = 65535;
    Space space;
    assert_true(space.add(1, kSpace - 1));
    for (std::uint64_t i = 0; i < kMappings; ++i) {
        assert_int_equal(space.take(1, 1), 1 + i);
    }
    for (std::uint64_t i = 0; i < kMappings; i += 2) {
        space.give(1 + i, 1);
    }
    assert_int_equal(space.extents(), (kMappings + 1) / 2);
    // Two granules in a row are behind all of them; the last hole has joined what follows.
    assert_int_equal(space.take(2, 1), kMappings);
    assert_int_equal(space.take(1, 1), 1);
    space.give(1, 1);
    space.give(kMappings, 2);
    for (std::uint64_t i = 1; i < kMappings; i += 2) {
        space.give(1 + i, 1);
    }
    assert_int_equal(space.extents(), 1);
    assert_int_equal(space.take(kSpace - 1, 1), 1);
    assert_int_equal(space.take(1, 1), IovaSpace::kNone);
}

void MEM_15_a_space_can_be_filled_again(void **) {
    Space space;
    assert_int_equal(space.take(1, 1), IovaSpace::kNone);
    assert_true(space.add(1, 10));
    assert_int_equal(space.take(4, 4), 4);
    assert_false(space.take_at(3, 2));
    assert_false(space.take_at(11, 1));
    assert_false(space.take_at(0, 2));
    space.clear();
    assert_int_equal(space.extents(), 0);
    assert_int_equal(space.take(1, 1), IovaSpace::kNone);
    assert_true(space.add(100, 1));
    assert_int_equal(space.take(1, 1), 100);
}

// No more runs than the table has room for, and giving back never fails.
void MEM_16_runs_are_bounded(void **) {
    Space space;
    assert_true(space.add(0, 10ULL * IovaSpace::kMaxRuns));
    std::uint64_t taken = 0;
    while (space.take(1, 2) != IovaSpace::kNone) { // leaves a hole each time
        ++taken;
    }
    assert_int_equal(taken, IovaSpace::kMaxRuns - 1);
    for (std::uint64_t i = 0; i < taken; ++i) {
        space.give(2 * i, 1);
    }
    assert_int_equal(space.extents(), 1);
    assert_int_equal(space.take(1, 2), 0);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_15_the_space_behaves_like_its_model),
        cmocka_unit_test(MEM_15_the_space_survives_fragmentation),
        cmocka_unit_test(MEM_15_a_space_can_be_filled_again),
        cmocka_unit_test(MEM_16_runs_are_bounded),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
