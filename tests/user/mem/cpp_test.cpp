// SPDX-License-Identifier: BSD-3-Clause
// qat_user.hpp over ordinary memory: ownership, exceptions, containers, forks; and the example programs.
#include <qat_user.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/program.h"

namespace {

qae_mem_stats stats() {
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    return stats;
}

qae_mem_block info_of(const void *pointer) {
    qae_mem_block info{};
    info.size = sizeof(info);
    assert_int_equal(qaeMemGetInfo(pointer, &info), 0);
    return info;
}

int nothing_is_live(void **) { return stats().live_blocks == 0 ? 0 : -1; }

// Counts its objects. The constructor throws when `alive` reaches `throw_at`.
struct Counted {
    static inline int alive = 0;
    static inline int throw_at = -1;
    int value;

    explicit Counted(int v = 7) : value(v) {
        if (alive == throw_at) {
            throw std::runtime_error("requested");
        }
        ++alive;
    }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;
    ~Counted() { --alive; }
};

struct alignas(8192) Wide {
    char bytes[8192];
};

void MEM_03_an_object_lives_in_pinned_memory(void **) {
    {
        const auto one = qat::make_pinned<Counted>(42);
        assert_int_equal(one->value, 42);
        assert_int_equal(Counted::alive, 1);
        const std::uint64_t device = qat::device_address(one);
        assert_true(device != 0 && device == qat::device_address(&one->value));
        assert_ptr_equal(qat::pointer_at<Counted>(device), one.get());
        qat::pinned_ptr<Counted> moved = qat::make_pinned<Counted>();
        assert_int_equal(moved->value, 7);
        moved = qat::make_pinned<Counted>(3);
        assert_int_equal(Counted::alive, 2);
        moved.reset();
        assert_int_equal(Counted::alive, 1);
    }
    assert_int_equal(Counted::alive, 0);
    const qat::pinned_ptr<const std::uint64_t> constant = qat::make_pinned<const std::uint64_t>(5UL);
    assert_int_equal(*constant, 5);
}

void MEM_03_an_array_is_constructed_and_destroyed(void **) {
    {
        const auto many = qat::make_pinned<Counted[]>(1000);
        assert_int_equal(Counted::alive, 1000);
        assert_int_equal(many.get_deleter().count(), 1000);
        assert_int_equal(many[999].value, 7);
        assert_true(qat::device_address(&many[999]) == qat::device_address(many) + 999 * sizeof(Counted));
        const auto none = qat::make_pinned<Counted[]>(0);
        assert_true(qat::device_address(none) != 0);
    }
    assert_int_equal(Counted::alive, 0);
    // Elements are value-initialised, even in memory that was freed without clearing.
    qat::placement dirty;
    dirty.freeing = qat::on_free::keep;
    for (int round = 0; round < 3; ++round) {
        const auto numbers = qat::make_pinned_on<std::uint32_t[]>(dirty, 5000);
        for (std::size_t i = 0; i < 5000; ++i) {
            assert_int_equal(numbers[i], 0);
        }
        std::memset(numbers.get(), 0x5a, 5000 * sizeof(std::uint32_t));
    }
}

void MEM_05_placement_is_honoured(void **) {
    qat::placement where;
    where.node = 0;
    where.alignment = 1 << 20;
    const auto one = qat::make_pinned_on<Counted>(where, 1);
    assert_int_equal(info_of(one.get()).node, 0);
    assert_true(info_of(one.get()).alignment >= 1 << 20);
    const auto wide = qat::make_pinned<Wide[]>(3);
    assert_int_equal(reinterpret_cast<std::uintptr_t>(wide.get()) % alignof(Wide), 0);
    where.node = 63;
    try {
        static_cast<void>(qat::make_pinned_on<Counted>(where, 1));
        fail_msg("there is a node 63");
    } catch (const std::bad_alloc &error) {
        const auto *pinned = dynamic_cast<const qat::pinned_bad_alloc *>(&error);
        assert_non_null(pinned);
        assert_int_equal(pinned->code(), ENXIO);
        assert_non_null(std::strstr(pinned->what(), "there is no NUMA node 63"));
    }
}

template <class F> void expect_no_memory(F &&allocate, int code) {
    bool thrown = false;
    try {
        allocate();
    } catch (const qat::pinned_bad_alloc &error) {
        thrown = true;
        assert_int_equal(error.code(), code);
        assert_true(std::strlen(error.what()) > 10);
        qaeClearLastError(); // the sentence is the exception's own
        assert_true(std::strlen(error.what()) > 10);
    }
    assert_true(thrown);
}

void MEM_04_an_impossible_size_is_an_exception(void **) {
    volatile std::size_t most = SIZE_MAX; // volatile: the compiler would warn about the impossible size
    expect_no_memory([&] { static_cast<void>(qat::make_pinned<char[]>(most)); }, EINVAL);
    expect_no_memory([&] { static_cast<void>(qat::make_pinned<std::uint64_t[]>(most / 4)); }, EINVAL);
    qat::pinned_resource anywhere;
    expect_no_memory([&] { std::pmr::vector<char>(1UL << 40, 'x', &anywhere); }, EINVAL);
    qat::pinned_resource nowhere(63);
    expect_no_memory([&] { std::pmr::vector<char>(100, 'x', &nowhere); }, ENXIO);
}

void exceptions_of_constructors_propagate_and_nothing_leaks(void **) {
    for (const int at : {0, 1, 500}) {
        Counted::throw_at = at;
        bool thrown = false;
        try {
            static_cast<void>(qat::make_pinned<Counted[]>(1000));
        } catch (const std::runtime_error &) {
            thrown = true;
        }
        assert_true(thrown);
        assert_int_equal(Counted::alive, 0);
        assert_int_equal(stats().live_blocks, 0);
    }
    Counted::throw_at = 0;
    bool thrown = false;
    try {
        static_cast<void>(qat::make_pinned<Counted>(1));
    } catch (const std::runtime_error &) {
        thrown = true;
    }
    assert_true(thrown);
    Counted::throw_at = -1;
    assert_int_equal(stats().live_blocks, 0);
}

void containers_live_in_pinned_memory(void **) {
    qat::pinned_resource resource(0);
    std::pmr::vector<std::byte> payload(&resource);
    for (int i = 0; i < 300000; ++i) {
        payload.push_back(static_cast<std::byte>(i));
        if (i % 1000 == 0) {
            assert_true(qat::device_address(&payload.back()) ==
                        qat::device_address(payload.data()) + static_cast<unsigned>(i));
        }
    }
    std::pmr::map<int, std::pmr::string> names(&resource);
    for (int i = 0; i < 1000; ++i) {
        names.emplace(i, std::string(static_cast<std::size_t>(i), 'n'));
    }
    for (const auto &[number, name] : names) {
        assert_int_equal(name.size(), number);
        assert_true(qat::device_address(&name) != 0);
        assert_true(number < 100 || qat::device_address(name.data()) != 0);
    }
    const void *data = payload.data();
    const std::pmr::vector<std::byte> moved = std::move(payload);
    assert_ptr_equal(moved.data(), data);
    assert_int_equal(info_of(data).node, 0);
}

void resources_are_equal_if_node_and_freeing_are(void **) {
    qat::pinned_resource any, other_any, zero(0), dirty(qat::any_node, qat::on_free::keep);
    assert_true(any == other_any);
    assert_true(any != zero);
    assert_true(any != dirty);
    assert_true(any != *std::pmr::new_delete_resource());
    assert_int_equal(zero.node(), 0);
    void *block = any.allocate(1000, 256);
    assert_int_equal(reinterpret_cast<std::uintptr_t>(block) % 256, 0);
    other_any.deallocate(block, 1000, 256);
}

void MEM_06_MEM_07_content_is_cleared_or_kept_as_requested(void **) {
    const auto keep_region = qat::make_pinned<int>();
    for (const auto freeing : {qat::on_free::clear, qat::on_free::keep}) {
        qat::placement where;
        where.freeing = freeing;
        unsigned char *old = nullptr;
        {
            const auto secret = qat::make_pinned_on<unsigned char[]>(where, 4096);
            std::memset(secret.get(), 0x77, 4096);
            old = secret.get();
        }
        // The block is still mapped, because its region is in use, and no other block has taken its place.
        assert_int_equal(*static_cast<volatile unsigned char *>(old + 100),
                         freeing == qat::on_free::clear ? 0 : 0x77);
    }
}

void MEM_11_owners_are_harmless_in_a_child(void **) {
    auto one = qat::make_pinned<std::string>("a string with a destructor, long enough for the heap");
    auto many = qat::make_pinned<std::string[]>(10);
    const pid_t child = fork();
    if (child == 0) {
        one.reset(); // the object does not exist in the child: its destructor must not run
        many.reset();
        const auto own = qat::make_pinned<std::string>("the child's");
        SCENE_CHECK(*own == "the child's");
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_string_equal(one->c_str(), "a string with a destructor, long enough for the heap");
}

void the_examples_run(void **) {
    const qae::test::Environment plain = {{"QAT_USER_MODE", "plain"}, {"QAT_USER_LEAK_REPORT", "1"}};
    for (const char *name : {"bin/qae_memory", "bin/qae_pinned"}) {
        const auto outcome = qae::test::run_program(qae::test::built(name), {}, plain);
        if (outcome.status != 0 || outcome.err.find("no pinned memory leaked") == std::string::npos) {
            fail_msg("%s: status %d\n%s%s", name, outcome.status, outcome.out.c_str(), outcome.err.c_str());
        }
    }
    const auto memory = qae::test::run_program(qae::test::built("bin/qae_memory"), {}, plain);
    assert_int_equal(qae::test::lines_with(memory.out, "allocated     20000 blocks").size(), 1);
    const auto trimmed = qae::test::lines_with(memory.out, "trimmed");
    assert_int_equal(trimmed.size(), 1);
    assert_non_null(std::strstr(trimmed[0].c_str(), "     0 live      0 pinned      0 cached"));
    const auto pinned = qae::test::run_program(qae::test::built("bin/qae_pinned"), {}, plain);
    assert_int_equal(qae::test::lines_with(pinned.out, " bytes granted on node ").size(), 3);
}

} // namespace

int main() {
    setenv("QAT_USER_MODE", "plain", 1);
    const CMUnitTest tests[] = {
        cmocka_unit_test_teardown(MEM_03_an_object_lives_in_pinned_memory, nothing_is_live),
        cmocka_unit_test_teardown(MEM_03_an_array_is_constructed_and_destroyed, nothing_is_live),
        cmocka_unit_test_teardown(MEM_05_placement_is_honoured, nothing_is_live),
        cmocka_unit_test_teardown(MEM_04_an_impossible_size_is_an_exception, nothing_is_live),
        cmocka_unit_test_teardown(exceptions_of_constructors_propagate_and_nothing_leaks, nothing_is_live),
        cmocka_unit_test_teardown(containers_live_in_pinned_memory, nothing_is_live),
        cmocka_unit_test_teardown(resources_are_equal_if_node_and_freeing_are, nothing_is_live),
        cmocka_unit_test_teardown(MEM_06_MEM_07_content_is_cleared_or_kept_as_requested, nothing_is_live),
        cmocka_unit_test_teardown(MEM_11_owners_are_harmless_in_a_child, nothing_is_live),
        cmocka_unit_test_teardown(the_examples_run, nothing_is_live),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
