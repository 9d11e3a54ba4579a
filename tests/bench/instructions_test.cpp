// SPDX-License-Identifier: BSD-3-Clause
// Compares the instructions that the hot paths take with the accepted numbers in instructions.json. Unlike
// time, instructions are the same on every machine and under any load. For each count this program starts
// itself again and single-steps through the path, so it needs neither performance counters nor an emulator.
//   instructions_test             the test
//   instructions_test --rebase    write the present numbers to instructions.json
#include "support/cmocka_cpp.h"

#include <qae_mem.h>

#include <nlohmann/json.hpp>
#include <sched.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr char kBaseline[] = QAE_SOURCE_DIR "/tests/bench/instructions.json";
constexpr double kMargin = 0.10, kMarginFixed = 2;
constexpr size_t kFew = 16, kSmallBatch = 128, kLargeBatch = 64; // a step takes microseconds
constexpr size_t kMostInstructions =
    2000; // of one repetition: a path that takes more is none of the hot ones

// ---- what is counted -------------------------------------------------------

void pair(size_t count, size_t size, int node) {
    for (size_t i = 0; i < count; ++i) {
        void *block = qaeMemAllocNUMA(size, node, 64);
        qaeMemFreeNonZeroNUMA(&block);
    }
}

// Enough blocks to include the exchange between the thread cache and the central lists.
template <size_t kBlocks> void batch(size_t count, size_t size) {
    static std::array<void *, kBlocks> blocks;
    for (size_t done = 0; done < count; done += kBlocks) {
        for (void *&block : blocks) {
            block = qaeMemAllocNUMA(size, 0, 64);
        }
        for (void *&block : blocks) {
            qaeMemFreeNonZeroNUMA(&block);
        }
    }
}

void to_device(size_t count, size_t offset) {
    static char *block = static_cast<char *>(qaeMemAllocNUMA(65536, 0, 64));
    for (size_t i = 0; i < count; ++i) {
        qaeVirtToPhysNUMA(block + offset);
    }
}

void to_pointer(size_t count) {
    static const uint64_t address = qaeVirtToPhysNUMA(qaeMemAllocNUMA(65536, 0, 64));
    for (size_t i = 0; i < count; ++i) {
        qaePhysToVirtNUMA(address + i % 64);
    }
}

struct Path {
    const char *name;
    size_t repetitions;
    void (*run)(size_t count);
};

const std::array PATHS = {
    Path{"pair_of_64_B", kFew, [](size_t count) { pair(count, 64, 0); }},
    Path{"pair_of_64_B_on_any_node", kFew, [](size_t count) { pair(count, 64, NUMA_ANY_NODE); }},
    Path{"pair_of_4_KiB", kFew, [](size_t count) { pair(count, 4096, 0); }},
    Path{"pair_of_64_KiB", kFew, [](size_t count) { pair(count, 65536, 0); }},
    Path{"pair_of_2_MiB", kFew, [](size_t count) { pair(count, 2 << 20, 0); }},
    Path{"batch_of_64_B", kSmallBatch, [](size_t count) { batch<kSmallBatch>(count, 64); }},
    Path{"batch_of_4_KiB", kLargeBatch, [](size_t count) { batch<kLargeBatch>(count, 4096); }},
    Path{"virt_to_phys_of_a_start", kFew, [](size_t count) { to_device(count, 0); }},
    Path{"virt_to_phys_inside", kFew, [](size_t count) { to_device(count, 4321); }},
    Path{"phys_to_virt", kFew, to_pointer},
};

// ---- counting ----------------------------------------------------------------

// Runs in the traced process: stops itself before and after the counted part.
int run_stopping(const char *name, size_t count) {
    for (const Path &path : PATHS) {
        if (std::strcmp(path.name, name) != 0) {
            continue;
        }
        // A failing allocation takes a long path of its own, which must not be counted.
        void *probe = qaeMemAllocNUMA(2 << 20, 0, 64);
        if (!probe) {
            return 1;
        }
        qaeMemFreeNonZeroNUMA(&probe);
        path.run(2 * kSmallBatch); // first allocations, symbols, regions
        raise(SIGSTOP);
        path.run(count);
        raise(SIGSTOP);
        std::_Exit(0);
    }
    return 1;
}

[[noreturn]] void become(const char *name, size_t count) {
    setenv("QAT_USER_MODE", "plain", 1);
    setenv("LD_BIND_NOW", "1", 1);
    // The number of instructions depends on alignment, which depends on addresses.
    personality(ADDR_NO_RANDOMIZE);
    if (std::freopen("/dev/null", "w", stderr) == nullptr ||
        ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
        _exit(77);
    }
    const std::string number = std::to_string(count);
    execl("/proc/self/exe", "instructions_test", "--run", name, number.c_str(), static_cast<char *>(nullptr));
    _exit(78);
}

// Lets the process run until it stops itself. Result: the steps up to there, or 0 if it ended or took more
// than
// @limit steps.
uint64_t steps_to_stop(pid_t child, __ptrace_request how, uint64_t limit) {
    int status = 0;
    for (uint64_t steps = 1; steps <= limit; ++steps) {
        if (ptrace(how, child, nullptr, nullptr) != 0 || waitpid(child, &status, 0) != child ||
            !WIFSTOPPED(status)) {
            return 0;
        }
        if (WSTOPSIG(status) == SIGSTOP) {
            return steps;
        }
        if (WSTOPSIG(status) != SIGTRAP) {
            return 0;
        }
    }
    return 0;
}

// Keeps both processes on one processor: waking another one for each step takes ten times as long.
void stay_on_one_processor() {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(std::max(sched_getcpu(), 0)), &set);
    sched_setaffinity(0, sizeof set, &set);
}

// Instructions between the two stops, or 0 if they cannot be counted.
uint64_t count_instructions(const char *name, size_t count) {
    const pid_t child = fork();
    if (child == 0) {
        become(name, count);
    }
    if (child < 0) {
        return 0;
    }
    uint64_t steps = 0;
    int status = 0;
    // The first stop comes from execl().
    if (waitpid(child, &status, 0) == child && WIFSTOPPED(status) &&
        steps_to_stop(child, PTRACE_CONT, 100) > 0) {
        steps = steps_to_stop(child, PTRACE_SINGLESTEP, kMostInstructions * count);
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return steps;
}

// The cost of one repetition, from the difference of two counts, so that everything around the loop cancels
// out.
double cost_of(const Path &path) {
    const auto once = static_cast<double>(count_instructions(path.name, path.repetitions));
    const auto twice = static_cast<double>(count_instructions(path.name, 2 * path.repetitions));
    return once > 0 && twice > once ? (twice - once) / static_cast<double>(path.repetitions) : NAN;
}

// ---- the accepted numbers ----------------------------------------------------

// The numbers depend on the compiler and cannot be compared with those of another one.
std::string compiler() {
#if defined __clang__
    return "clang " + std::to_string(__clang_major__);
#else
    return "gcc " + std::to_string(__GNUC__);
#endif
}

const char *reason_to_skip(const nlohmann::json &baseline) {
#if !defined __OPTIMIZE__
    return "built without optimization";
#elif defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return "built with a sanitizer";
#else
    return baseline.at("compiler") == compiler() ? nullptr
                                                 : "the accepted numbers are those of another compiler";
#endif
}

constexpr char kUncounted[] =
    "cannot be counted: the allocation fails, takes thousands of instructions, or ptrace() is "
    "forbidden here; run this program with --run PATH 1 to see";

nlohmann::json g_baseline;

void takes_as_many_instructions_as_accepted(void **state) {
    const auto *path = static_cast<const Path *>(*state);
    if (const char *reason = reason_to_skip(g_baseline)) {
        print_message("%s\n", reason);
        skip();
    }
    const double cost = cost_of(*path);
    if (std::isnan(cost)) {
        fail_msg("%s: %s", path->name, kUncounted);
    }
    const double accepted = g_baseline.at("instructions").value(path->name, 0.0);
    if (cost > accepted * (1 + kMargin) + kMarginFixed) {
        fail_msg("%s: %.1f instructions, accepted are %.1f; if that is meant, make bench-rebase", path->name,
                 cost, accepted);
    }
    print_message("%s: %.1f instructions, accepted are %.1f\n", path->name, cost, accepted);
}

int rebase() {
    nlohmann::ordered_json numbers;
    for (const Path &path : PATHS) {
        const double cost = cost_of(path);
        if (std::isnan(cost)) {
            std::fprintf(stderr, "%s: %s\n", path.name, kUncounted);
            return 1;
        }
        numbers[path.name] = std::round(cost * 10) / 10;
        std::printf("%-26s %6.1f\n", path.name, cost);
    }
    const nlohmann::ordered_json all = {{"compiler", compiler()}, {"instructions", numbers}};
    std::ofstream(kBaseline) << all.dump(1) << '\n';
    return 0;
}

int test() {
    std::ifstream file(kBaseline);
    g_baseline = nlohmann::json::parse(file, nullptr, false);
    if (g_baseline.is_discarded()) {
        std::fprintf(stderr, "%s cannot be read; make bench-rebase writes it\n", kBaseline);
        return 1;
    }
    std::vector<CMUnitTest> tests;
    for (const Path &path : PATHS) {
        tests.push_back(
            {path.name, takes_as_many_instructions_as_accepted, nullptr, nullptr, const_cast<Path *>(&path)});
    }
    return _cmocka_run_group_tests("instructions", tests.data(), tests.size(), nullptr, nullptr);
}

} // namespace

int main(int argc, char **argv) {
    if (argc == 4 && std::strcmp(argv[1], "--run") == 0) {
        return run_stopping(argv[2], std::strtoull(argv[3], nullptr, 10));
    }
    stay_on_one_processor();
    if (argc == 2 && std::strcmp(argv[1], "--rebase") == 0) {
        return rebase();
    }
    return test();
}
