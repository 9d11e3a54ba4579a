// SPDX-License-Identifier: BSD-3-Clause
#include "support/reservation.h"

#include <grp.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "support/address_space.h"
#include "support/cmocka_cpp.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace qae::test {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kTables = 2560 * kMiB; // what the library reserves beside the window, and a little
constexpr int kSkipped = 77;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true; // the checkers' own memory exceeds everything that is measured here
#else
constexpr bool kSanitized = false;
#endif

void expect_success(const Outcome &outcome) {
    if (outcome.status == kSkipped) {
        print_message("%s", outcome.err.c_str());
        skip();
    }
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
}

void *alloc(std::size_t size) {
    void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
    if (block == nullptr) {
        std::fprintf(stderr, "%zu bytes: %s\n", size, qaeLastError());
    }
    SCENE_CHECK(block != nullptr);
    return block;
}

void release(void *block) {
    qaeMemFreeNUMA(&block);
    SCENE_CHECK(block == nullptr);
}

// Makes every table grow, and leaves live, idle and unmapped regions behind.
void use_the_library() {
    for (const std::size_t size : {64UL, 5000UL, 100'000UL, 3UL << 20}) {
        // 2 MiB and 3 MiB take a region each, and a user of a small guest may pin 120 MiB.
        std::vector<void *> blocks(size > 1'000'000 ? 4 : 40);
        for (void *&block : blocks) {
            block = alloc(size);
        }
        for (std::size_t i = 0; i < blocks.size(); i += 2) {
            release(blocks[i]);
        }
    }
    static_cast<void>(qaeMemTrim());
    SCENE_CHECK(qaeMemAllocNUMA(0, NUMA_ANY_NODE, 64) == nullptr); // leaves a sentence
}

// ---- core files

// Other threads are there before, because their stacks are mappings too.
void map_and_look() {
    mallopt(M_ARENA_MAX, 1); // all of malloc() in [heap]
    mallopt(M_MMAP_THRESHOLD, 1 << 25);
    std::atomic<int> step{0};
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            step.wait(0);
            use_the_library();
            ++done;
            step.wait(1);
        });
    }
    const std::vector<Mapping> before = mappings();
    step = 1;
    step.notify_all();
    use_the_library();
    while (done < 3) {
        std::this_thread::yield();
    }
    std::uint64_t bytes = 0;
    unsigned wrong = 0;
    for (const Mapping &mapping : new_mappings(before, mappings())) {
        bytes += mapping.end - mapping.start;
        if (!mapping.has_flag("dd")) {
            std::fprintf(stderr, "%lx-%lx %s %s:%s\n", mapping.start, mapping.end, mapping.access.c_str(),
                         mapping.name.c_str(), mapping.flags.c_str());
            ++wrong;
        }
    }
    step = 2;
    step.notify_all();
    for (std::thread &thread : threads) {
        thread.join();
    }
    SCENE_CHECK(bytes > 1ULL << 30); // the window was seen
    SCENE_CHECK(wrong == 0);
}

// The kernel dumps what was written, but other tools all that can be read.
void count_what_is_dumped() {
    for (int i = 0; i < 100; ++i) {
        alloc(1000);
    }
    std::uint64_t bytes = 0;
    for (const Mapping &mapping : mappings()) {
        bytes += mapping.has_flag("dd") ? 0 : mapping.end - mapping.start;
    }
    std::fprintf(stderr, "%lu KiB of mappings are dumped\n", bytes >> 10);
    SCENE_CHECK(bytes < 20 * kMiB);
}

void let_a_debugger_dump() {
    for (int i = 0; i < 100; ++i) {
        alloc(1000);
    }
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    std::string folder = "/tmp/qae-core-XXXXXX";
    SCENE_CHECK(mkdtemp(folder.data()) != nullptr);
    const std::string command =
        "exec gcore -o " + folder + "/core " + std::to_string(getpid()) + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    const std::string core = folder + "/core." + std::to_string(getpid());
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(core, error);
    std::filesystem::remove_all(folder);
    SCENE_CHECK(status == 0 && !error);
    std::fprintf(stderr, "the core file has %ju KiB\n", size >> 10);
    SCENE_CHECK(size < 20 * kMiB);
}

// ---- memory locks

void skip_scene(const char *reason) {
    std::fprintf(stderr, "%s\n", reason);
    _exit(kSkipped);
}

void lock_before_and_after() {
    const std::uint64_t locked_before = status_bytes("VmLck");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        skip_scene("this user may not lock all memory");
    }
    const std::uint64_t locked = status_bytes("VmLck") - locked_before;
    const std::uint64_t resident = status_bytes("VmRSS");
    use_the_library();
    const std::uint64_t locked_by_use = status_bytes("VmLck") - locked;
    std::fprintf(stderr, "locked before the first use: VmLck + %lu MiB, VmRSS + %lu MiB\n",
                 locked_by_use / kMiB, (status_bytes("VmRSS") - resident) / kMiB);
    SCENE_CHECK(locked_by_use < kTables);
    SCENE_CHECK(status_bytes("VmRSS") - resident < 256 * kMiB);
    SCENE_CHECK(munlockall() == 0);
    const std::uint64_t resident_unlocked = status_bytes("VmRSS");
    SCENE_CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    std::fprintf(stderr, "locked after it: VmLck %lu MiB, VmRSS + %lu MiB\n", status_bytes("VmLck") / kMiB,
                 (status_bytes("VmRSS") - resident_unlocked) / kMiB);
    SCENE_CHECK(status_bytes("VmLck") < (64 << 10) * kMiB + kTables);
    SCENE_CHECK(status_bytes("VmRSS") - resident_unlocked < 64 * kMiB);
    use_the_library();
}

// An ordinary user with a generous limit.
void lock_with_a_limit() {
    const rlimit limit{1024 * kMiB, 1024 * kMiB};
    if (getuid() != 0 || setrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        skip_scene("this user may not raise the limit on locked memory");
    }
    SCENE_CHECK(qaeMemInit() == 0); // while the device may be opened
    SCENE_CHECK(setgroups(0, nullptr) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
    SCENE_CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    std::vector<void *> blocks;
    for (int i = 0; i < 16; ++i) {
        blocks.push_back(alloc(1 << 20));
    }
    for (void *block : blocks) {
        release(block);
    }
}

// ---- limits on address space

constexpr const char *kLimitName = "QAE_TEST_LIMIT_MIB";

void live_within_a_limit() {
    const std::uint64_t limit = std::stoull(std::getenv(kLimitName)) * kMiB;
    const rlimit wanted{limit, limit};
    SCENE_CHECK(setrlimit(RLIMIT_AS, &wanted) == 0);
    std::vector<void *> blocks;
    for (std::uint64_t bytes = 0; bytes < std::min(limit / 16, 64 * kMiB); bytes += 512 << 10) {
        blocks.push_back(alloc(400'000));
    }
    // Most is left to the application.
    void *own =
        mmap(nullptr, limit / 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SCENE_CHECK(own != MAP_FAILED);
    for (void *block : blocks) {
        release(block);
    }
}

// The part of the window that a limit leaves is used up before the machine's memory is.
void exhaust_a_limit() {
    const rlimit wanted{300 * kMiB, 300 * kMiB};
    SCENE_CHECK(setrlimit(RLIMIT_AS, &wanted) == 0);
    for (int i = 0; qaeMemAllocNUMA(2 << 20, NUMA_ANY_NODE, 64) != nullptr; ++i) {
        SCENE_CHECK(i < 200);
    }
    std::fprintf(stderr, "%s\n", qaeLastError());
    SCENE_CHECK(std::string(qaeLastError()).find("ulimit -v") != std::string::npos);
}

} // namespace

std::vector<Scene> reservation_scenes() {
    return {{"map_and_look", map_and_look},
            {"count_what_is_dumped", count_what_is_dumped},
            {"let_a_debugger_dump", let_a_debugger_dump},
            {"lock_before_and_after", lock_before_and_after},
            {"lock_with_a_limit", lock_with_a_limit},
            {"live_within_a_limit", live_within_a_limit},
            {"exhaust_a_limit", exhaust_a_limit}};
}

void every_mapping_is_kept_out_of_core_files(const Environment &environment) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("map_and_look", environment));
    Environment reporting = environment;
    reporting.emplace_back("QAT_USER_LEAK_REPORT", "1"); // a table of its own
    expect_success(run_scene("map_and_look", reporting));
}

void a_core_file_of_a_small_process_is_small(const Environment &environment) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("count_what_is_dumped", environment));
}

void a_debugger_writes_a_small_core_file(const Environment &environment) {
    if (kSanitized || std::system("command -v gcore >/dev/null") != 0) {
        skip();
    }
    expect_success(run_scene("let_a_debugger_dump", environment));
}

void locking_all_memory_is_bounded(const Environment &environment) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("lock_before_and_after", environment));
}

void a_limited_lock_leaves_a_smaller_window(const Environment &environment) {
    if (kSanitized) {
        skip();
    }
    expect_success(run_scene("lock_with_a_limit", environment));
}

void a_limited_address_space_is_enough(const Environment &environment) {
    if (kSanitized) {
        skip();
    }
    for (const char *limit : {"300", "400", "512", "700", "1000", "1300", "1600", "2500", "4000", "20000"}) {
        Environment limited = environment;
        limited.emplace_back(kLimitName, limit);
        print_message("ulimit -v of %s MiB\n", limit);
        expect_success(run_scene("live_within_a_limit", limited));
    }
    expect_success(run_scene("exhaust_a_limit", environment));
}

} // namespace qae::test
