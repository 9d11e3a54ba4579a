// SPDX-License-Identifier: BSD-3-Clause
// QAT_USER_LEAK_REPORT=1: the report that a process prints at its end. Each scene is a process.
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/program.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::test::lines_with;
using qae::test::Outcome;
using qae::test::run_scene;

const qae::test::Environment kReport = {{"QAT_USER_MODE", "plain"}, {"QAT_USER_LEAK_REPORT", "1"}};

void *alloc(std::size_t size) {
    void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
    SCENE_CHECK(block != nullptr);
    return block;
}

void release(void *block) {
    qaeMemFreeNUMA(&block);
    SCENE_CHECK(block == nullptr);
}

void expect_lines(const Outcome &outcome, const std::vector<const char *> &parts) {
    const auto lines = lines_with(outcome.err, "libqat_user: ");
    if (outcome.status != 0 || lines.size() != parts.size() + 1) { // the first line announces plain mode
        fail_msg("status %d, output: %s", outcome.status, outcome.err.c_str());
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (lines[i + 1].find(parts[i]) == std::string::npos) {
            fail_msg("\"%s\" does not say \"%s\"", lines[i + 1].c_str(), parts[i]);
        }
    }
}

} // namespace

// Outside the anonymous namespace, because the report names these functions.
namespace leaky {

[[gnu::noinline]] void lose_keys(int count) {
    for (int i = 0; i < count; ++i) {
        static_cast<void>(qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64));
    }
}

[[gnu::noinline]] void lose_buffers(int count) {
    for (int i = 0; i < count; ++i) {
        static_cast<void>(qaeMemAllocNUMA(1 << 20, NUMA_ANY_NODE, 4096));
    }
}

template <int N> [[gnu::noinline]] void lose_one() {
    void *volatile block = qaeMemAllocNUMA(N * 64, NUMA_ANY_NODE, 64);
    static_cast<void>(block);
}

template <int... N> void lose_one_each(std::integer_sequence<int, N...>) { (lose_one<N + 1>(), ...); }

} // namespace leaky

namespace {

void use_and_free() {
    std::vector<void *> blocks;
    for (std::size_t size = 1; size <= (8UL << 20); size *= 3) {
        for (int i = 0; i < 10; ++i) {
            blocks.push_back(alloc(size));
        }
    }
    for (void *block : blocks) {
        release(block);
    }
}

void no_leak_is_reported_when_all_is_freed(void **) {
    expect_lines(run_scene("use_and_free", kReport), {": no pinned memory leaked"});
}

void lose_some() {
    use_and_free(); // leaves records of freed blocks where live blocks follow
    leaky::lose_keys(30);
    leaky::lose_buffers(2);
    release(alloc(4096));
}

void callers_are_named_largest_first(void **) {
    expect_lines(run_scene("lose_some", kReport),
                 {": pinned memory leaked: 32 blocks, 2100152 bytes",
                  "  2 blocks, 2097152 bytes, allocated in leaky::lose_buffers(int)+0x",
                  "  30 blocks, 3000 bytes, allocated in leaky::lose_keys(int)+0x"});
}

void lose_in_many_places() { leaky::lose_one_each(std::make_integer_sequence<int, 30>{}); }

void many_callers_are_limited_to_twenty_lines(void **) {
    const Outcome outcome = run_scene("lose_in_many_places", kReport);
    assert_int_equal(outcome.status, 0);
    const auto lines = lines_with(outcome.err, " bytes, allocated in ");
    assert_int_equal(lines.size(), 20);
    assert_true(lines[0].find("  1 block, 1920 bytes, allocated in void leaky::lose_one<30>()") !=
                std::string::npos);
    assert_true(lines[19].find("  11 blocks, 4224 bytes, allocated in 11 more places") != std::string::npos);
}

void *g_late;

struct FreesAtExit {
    void *block = nullptr;
    ~FreesAtExit() {
        if (block != nullptr) {
            release(block);
        }
    }
};
FreesAtExit g_frees_at_exit;

[[gnu::destructor]] void free_very_late() {
    if (g_late != nullptr) {
        release(g_late);
    }
}

void free_while_exiting() {
    static void *handler_frees;
    handler_frees = alloc(1000);
    std::atexit([] { release(handler_frees); });
    g_frees_at_exit.block = alloc(2000);
    g_late = alloc(3000);
}

void blocks_freed_by_handlers_and_destructors_are_not_leaks(void **) {
    expect_lines(run_scene("free_while_exiting", kReport), {": no pinned memory leaked"});
}

void wait_for(pid_t child) {
    int status = 0;
    SCENE_CHECK(waitpid(child, &status, 0) == child && status == 0);
}

void fork_children() {
    leaky::lose_keys(5);
    pid_t child = fork(); // this child does nothing
    if (child == 0) {
        std::exit(0);
    }
    wait_for(child);
    child = fork();
    if (child == 0) {
        release(alloc(100));
        leaky::lose_keys(2);
        std::exit(0);
    }
    wait_for(child);
}

void children_report_their_own_leaks(void **) {
    expect_lines(run_scene("fork_children", kReport),
                 {": pinned memory leaked: 2 blocks, 200 bytes", "  2 blocks, 200 bytes, allocated in",
                  ": pinned memory leaked: 5 blocks, 500 bytes", "  5 blocks, 500 bytes, allocated in"});
}

void clone_a_child() {
    leaky::lose_keys(5);
    const long child = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (child == 0) {
        std::exit(0);
    }
    wait_for(static_cast<pid_t>(child));
}

void a_raw_clone_does_not_report_its_parents_leaks(void **) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // locks of the sanitizers do not survive a fork without handlers
#endif
    expect_lines(run_scene("clone_a_child", kReport),
                 {": pinned memory leaked: 5 blocks, 500 bytes", "  5 blocks, 500 bytes, allocated in"});
}

void use_from_threads() {
    std::vector<std::thread> threads;
    std::vector<void *> blocks(400);
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([t, &blocks] {
            for (unsigned i = 0; i < 100; ++i) {
                blocks[t * 100 + i] = alloc(1 + i * 700);
            }
            leaky::lose_keys(1);
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    for (void *block : blocks) {
        release(block);
    }
}

void blocks_of_all_threads_count(void **) {
    expect_lines(run_scene("use_from_threads", kReport),
                 {": pinned memory leaked: 4 blocks, 400 bytes", "  4 blocks, 400 bytes, allocated in"});
}

void destroy() {
    leaky::lose_keys(100);
    qaeMemDestroy();
}

void destroyed_is_not_leaked(void **) {
    expect_lines(run_scene("destroy", kReport), {": no pinned memory leaked"});
}

void use_nothing() { SCENE_CHECK(qaeMemInit() == 0); }

void a_process_that_pins_nothing_prints_nothing(void **) {
    expect_lines(run_scene("use_nothing", kReport), {});
}

void a_disabled_report_prints_nothing(void **) {
    expect_lines(run_scene("lose_some", {{"QAT_USER_MODE", "plain"}}), {});
    expect_lines(run_scene("lose_some", {{"QAT_USER_MODE", "plain"}, {"QAT_USER_LEAK_REPORT", "0"}}), {});
    expect_lines(run_scene("lose_some", {{"QAT_USER_MODE", "plain"}, {"QAT_USER_LEAK_REPORT", ""}}), {});
    expect_lines(run_scene("lose_some", {{"QAT_USER_MODE", "plain"}, {"QAT_USER_LEAK_REPORT", "yes"}}),
                 {"QAT_USER_LEAK_REPORT=yes: write 1"});
}

} // namespace

int main(int argc, char **argv) {
    qae::test::play_scene(argc, argv,
                          {{"use_and_free", use_and_free},
                           {"lose_some", lose_some},
                           {"lose_in_many_places", lose_in_many_places},
                           {"free_while_exiting", free_while_exiting},
                           {"fork_children", fork_children},
                           {"clone_a_child", clone_a_child},
                           {"use_from_threads", use_from_threads},
                           {"destroy", destroy},
                           {"use_nothing", use_nothing}});
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_leak_is_reported_when_all_is_freed),
        cmocka_unit_test(callers_are_named_largest_first),
        cmocka_unit_test(many_callers_are_limited_to_twenty_lines),
        cmocka_unit_test(blocks_freed_by_handlers_and_destructors_are_not_leaks),
        cmocka_unit_test(children_report_their_own_leaks),
        cmocka_unit_test(a_raw_clone_does_not_report_its_parents_leaks),
        cmocka_unit_test(blocks_of_all_threads_count),
        cmocka_unit_test(destroyed_is_not_leaked),
        cmocka_unit_test(a_process_that_pins_nothing_prints_nothing),
        cmocka_unit_test(a_disabled_report_prints_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
