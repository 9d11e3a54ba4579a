// SPDX-License-Identifier: BSD-3-Clause
// Fork: at every level the child begins with nothing and works, and the parent is unaffected.
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "mem/heap.h"
#include "process/fork.h"
#include "support/cmocka_cpp.h"
#include "support/fake_source.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::Heap;
using qae::test::FakeSource;

// A child reports by its exit status: asserts of cmocka would unwind into the parent's test runner.
#define CHILD_CHECK(condition)                                                                               \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            print_error("%s:%d: in a child: %s\n", __FILE__, __LINE__, #condition);                          \
            _exit(1);                                                                                        \
        }                                                                                                    \
    } while (0)

void expect_clean_exit(pid_t child) {
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

struct Block {
    unsigned char *pointer;
    std::uint64_t device;
};

Block allocate(std::size_t size, unsigned char value) {
    auto *pointer = static_cast<unsigned char *>(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
    CHILD_CHECK(pointer != nullptr);
    CHILD_CHECK(pointer[0] == 0);
    std::memset(pointer, value, size);
    return {pointer, qaeVirtToPhysNUMA(pointer)};
}

void check_ancestors(const std::vector<Block> &blocks) {
    for (const Block &block : blocks) {
        void *pointer = block.pointer;
        CHILD_CHECK(qaeVirtToPhysNUMA(pointer) == 0);
        qaeClearLastError();
        qaeMemFreeNUMA(&pointer);
        CHILD_CHECK(pointer == block.pointer && qaeLastErrno() == ENOENT);
    }
}

// One generation: checks that the ancestors' blocks are invalid, allocates its own, forks the next
// generation, and finds its own blocks unchanged.
void live_through(FakeSource &source, std::vector<Block> ancestors, int levels, bool call_at_fork) {
    CHILD_CHECK(Heap::instance().stats().live_blocks == 0 && Heap::instance().stats().regions == 0);
    source.start_over_in_child();
    if (call_at_fork) {
        qaeAtFork();
        qaeAtFork();
    }
    check_ancestors(ancestors);
    std::vector<Block> own;
    for (const std::size_t size : {64UL, 5000UL, 1UL << 20, 4UL << 20}) {
        own.push_back(allocate(size, static_cast<unsigned char>(levels + 1)));
    }
    check_ancestors(ancestors);
    if (levels > 0) {
        std::vector<Block> all = ancestors;
        all.insert(all.end(), own.begin(), own.end());
        const pid_t child = fork();
        if (child == 0) {
            live_through(source, all, levels - 1, call_at_fork);
            _exit(0);
        }
        int status = 0;
        CHILD_CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    for (const Block &block : own) {
        CHILD_CHECK(block.pointer[63] == levels + 1);
        CHILD_CHECK(qaeVirtToPhysNUMA(block.pointer) == block.device);
        void *pointer = block.pointer;
        qaeMemFreeNUMA(&pointer);
        CHILD_CHECK(pointer == nullptr);
    }
    CHILD_CHECK(Heap::instance().stats().live_blocks == 0);
}

void fork_levels(bool call_at_fork) {
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    const Block block = allocate(100, 0x11);
    const std::uint64_t pinned = source.live_bytes();
    const pid_t child = fork();
    if (child == 0) {
        live_through(source, {block}, 4, call_at_fork);
        _exit(0);
    }
    expect_clean_exit(child);
    assert_int_equal(source.live_bytes(), pinned);
    assert_int_equal(block.pointer[99], 0x11);
    assert_true(qaeVirtToPhysNUMA(block.pointer) == block.device);
    void *pointer = block.pointer;
    qaeMemFreeNUMA(&pointer);
    assert_null(pointer);
    Heap::instance().set_source_for_test(nullptr);
}

void MEM_11_children_at_every_level_start_empty_and_work(void **) { fork_levels(false); }

void MEM_11_qaeAtFork_is_harmless_in_children(void **) { fork_levels(true); }

void MEM_11_the_parents_memory_is_absent_in_the_child(void **) {
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    const Block block = allocate(4096, 0x11);
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        const auto volatile *p = block.pointer;
        _exit(p[0] == 0x11 ? 1 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) > 2); // a sanitizer turns the signal into an exit
    Heap::instance().set_source_for_test(nullptr);
}

// Forks without running any handlers.
pid_t raw_clone() { return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0)); }

// Runs a test of such children in a process that has a block, and checks that the block is unharmed.
template <void (*test)(FakeSource &, const Block &)> void beside_a_block(void **) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // their own locks do not survive a fork that they do not see
#endif
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    const Block block = allocate(100, 0x11);
    test(source, block);
    assert_true(qaeVirtToPhysNUMA(block.pointer) == block.device);
    void *pointer = block.pointer;
    qaeMemFreeNUMA(&pointer);
    assert_null(pointer);
    Heap::instance().set_source_for_test(nullptr);
}

// A fork that runs no handlers, while another thread is inside the library.
void MEM_11_a_raw_clone_is_noticed(FakeSource &source, const Block &block) {
    const pid_t child = raw_clone();
    if (child == 0) {
        qaeAtFork();
        live_through(source, {block}, 1, false);
        _exit(0);
    }
    expect_clean_exit(child);
}

timespec far_away() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += 60;
    return time;
}

// The child forks first. The handlers of that fork must not wait for a lock that a thread of the parent held.
void MEM_11_a_child_of_a_raw_clone_forks(FakeSource &source, const Block &block) {
    assert_true(Heap::instance().before_fork(far_away())); // locks, as another thread may just then
    const pid_t child = raw_clone();
    if (child == 0) {
        alarm(20);
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            alarm(20);
            live_through(source, {block}, 1, false);
            _exit(0);
        }
        int status = 0;
        CHILD_CHECK(waitpid(grandchild, &status, 0) == grandchild && status == 0);
        live_through(source, {block}, 1, false);
        _exit(0);
    }
    Heap::instance().after_fork_in_parent();
    expect_clean_exit(child);
}

// The child starts a thread before it calls the library, and that thread calls the library first. The thread
// that came through the clone must not go on with a cache that now belongs to another thread.
void MEM_11_threads_of_a_raw_clones_child_share_no_cache(FakeSource &source, const Block &) {
    const pid_t child = raw_clone(); // this thread has a cache
    if (child == 0) {
        alarm(20);
        source.start_over_in_child();
        std::promise<Block> first;
        std::promise<void> end;
        std::thread other([&] {
            first.set_value(allocate(100, 0x22));
            end.get_future().wait();
        });
        void *theirs = first.get_future().get().pointer;
        void *run = qaeMemAllocNUMA(1 << 20, NUMA_ANY_NODE, 64);
        qaeMemFreeNUMA(&run);
        void *own = allocate(100, 0x33).pointer;
        CHILD_CHECK(Heap::instance().stats().caches == 2);
        CHILD_CHECK(own != theirs && Heap::instance().stats().live_blocks == 2);
        qaeMemFreeNUMA(&theirs);
        end.set_value();
        other.join();
        CHILD_CHECK(Heap::instance().stats().caches == 1 && Heap::instance().stats().live_blocks == 1);
        qaeMemFreeNUMA(&own);
        CHILD_CHECK(qaeMemTrim() != 0 && Heap::instance().stats().pinned_bytes == 0);
        _exit(0);
    }
    expect_clean_exit(child);
}

FakeSource *g_interrupted = nullptr;
pid_t g_forked = -1;

void fork_and_use(int) {
    g_forked = fork();
    if (g_forked == 0) {
        alarm(20);
        g_interrupted->on_map = nullptr;
        g_interrupted->start_over_in_child();
        for (const std::size_t size : {64, 4096, 3 << 20}) {
            void *pointer = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
            CHILD_CHECK(pointer != nullptr);
            qaeMemFreeNUMA(&pointer);
        }
        _exit(0);
    }
}

// The signal arrives while its thread holds a lock of the library.
void MEM_11_a_signal_handler_forks_inside_the_library(void **) {
#ifdef __SANITIZE_THREAD__
    skip(); // its own locks are held too
#endif
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    g_interrupted = &source;
    const auto former = std::signal(SIGUSR1, fork_and_use);
    for (int i = 0; i < 3; ++i) {
        source.on_map = [] { raise(SIGUSR1); };
        void *pointer = qaeMemAllocNUMA(3 << 20, NUMA_ANY_NODE, 64);
        source.on_map = nullptr;
        expect_clean_exit(g_forked);
        assert_non_null(pointer);
        qaeMemFreeNUMA(&pointer);
        assert_null(pointer);
        qaeMemTrim();
    }
    std::signal(SIGUSR1, former);
    Heap::instance().set_source_for_test(nullptr);
}

void MEM_11_vfork_children_leave_the_parent_alone(void **) {
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    const Block block = allocate(100, 0x11);
    const pid_t child = vfork();
    if (child == 0) {
        _exit(0);
    }
    expect_clean_exit(child);
    assert_true(qaeVirtToPhysNUMA(block.pointer) == block.device);
    Heap::instance().set_source_for_test(nullptr);
}

// Forks while other threads allocate and free: the child inherits no locked mutex.
void MEM_11_fork_while_threads_allocate(void **) {
#if defined(__SANITIZE_THREAD__)
    skip(); // does not follow a process with threads through fork
#endif
    FakeSource source;
    Heap::instance().set_source_for_test(&source);
    std::atomic<bool> stop{false};
    std::atomic<bool> failed{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            while (!stop) {
                void *p = qaeMemAllocNUMA(static_cast<std::size_t>(64) << (i * 6), NUMA_ANY_NODE, 64);
                failed = failed || p == nullptr;
                qaeMemFreeNUMA(&p);
            }
        });
    }
    bool children_well = true;
    for (int round = 0; round < 50; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            // Only the library's locks are tested: the lock of the fake source may be held by a thread that
            // does not exist in the child.
            CHILD_CHECK(Heap::instance().stats().live_blocks == 0);
            int local = 0;
            CHILD_CHECK(qaeVirtToPhysNUMA(&local) == 0);
            void *nothing = &local;
            qaeMemFreeNUMA(&nothing);
            CHILD_CHECK(nothing == &local);
            _exit(0);
        }
        int status = 0;
        children_well = waitpid(child, &status, 0) == child && status == 0 && children_well;
    }
    stop = true;
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_true(children_well);
    assert_false(failed);
    Heap::instance().set_source_for_test(nullptr);
    assert_int_equal(source.live_bytes(), 0);
}

// A fork copies ordinary memory, so the child may free its copies.
void MEM_02_children_free_their_copies_of_plain_blocks(void **) {
#if defined(__SANITIZE_THREAD__)
    skip(); // does not follow a process with threads through fork
#endif
    auto *block = static_cast<char *>(qaeMemAlloc(1000));
    std::memset(block, 0x22, 1000);
    std::atomic<bool> stop{false};
    std::thread busy([&stop] {
        while (!stop) {
            void *p = qaeMemAlloc(100);
            qaeMemFree(&p);
        }
    });
    bool children_well = true;
    for (int round = 0; round < 20; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            CHILD_CHECK(block[999] == 0x22);
            void *copy = block;
            qaeMemFree(&copy);
            CHILD_CHECK(copy == nullptr);
            copy = block;
            qaeMemFree(&copy);
            CHILD_CHECK(copy == block && qaeLastErrno() == ENOENT);
            void *own = qaeMemAlloc(50);
            CHILD_CHECK(own != nullptr);
            qaeMemFree(&own);
            CHILD_CHECK(own == nullptr);
            _exit(0);
        }
        int status = 0;
        children_well = waitpid(child, &status, 0) == child && status == 0 && children_well;
    }
    stop = true;
    busy.join();
    assert_true(children_well);
    assert_int_equal(block[999], 0x22);
    void *freed = block;
    qaeMemFree(&freed);
    assert_null(freed);
}

} // namespace

#define RAW_CLONE_TEST(name)                                                                                 \
    { #name, beside_a_block < name>, nullptr, nullptr, nullptr }

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_11_children_at_every_level_start_empty_and_work),
        cmocka_unit_test(MEM_11_qaeAtFork_is_harmless_in_children),
        cmocka_unit_test(MEM_11_the_parents_memory_is_absent_in_the_child),
        RAW_CLONE_TEST(MEM_11_a_raw_clone_is_noticed),
        RAW_CLONE_TEST(MEM_11_a_child_of_a_raw_clone_forks),
        RAW_CLONE_TEST(MEM_11_threads_of_a_raw_clones_child_share_no_cache),
        cmocka_unit_test(MEM_11_a_signal_handler_forks_inside_the_library),
        cmocka_unit_test(MEM_11_vfork_children_leave_the_parent_alone),
        cmocka_unit_test(MEM_11_fork_while_threads_allocate),
        cmocka_unit_test(MEM_02_children_free_their_copies_of_plain_blocks),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
