// SPDX-License-Identifier: BSD-3-Clause
// Counts the instructions of the kernel path and prints them as JSON. Runs alone and as root in a guest that
// tests/vm/run started with --icount.
//   kernel-path            everything
//   kernel-path --quick    only what make check compares: few rounds, no peers, fewer counts
//   kernel-path --claims   claims and releases of the section APP, which the caller has configured
#include "claims.h"
#include "memories.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

using namespace kernel_path;

namespace {

struct Plan {
    unsigned rounds = 31, exit_rounds = 9;
    std::vector<unsigned> exits = {1, 8, 64, 256};
    std::vector<unsigned> live = {1, 64, 512, 2048, 8192};
    bool peers = true;
};

const Plan QUICK = {9, 9, {1, 64}, {1, 512}, false};
constexpr unsigned kReserve = 4; // what a node of 1 GiB and more has unless told otherwise
constexpr std::size_t kSmall = 4096;
constexpr unsigned kClaims = 31;

using Open = std::function<std::unique_ptr<Memory>()>;

// Takes all regions of the reserve, so that others find none.
std::unique_ptr<Regions> empty_reserve() {
    settle();
    auto holder = std::make_unique<Regions>();
    for (unsigned i = 0; i < kReserve; ++i) {
        holder->take(kRegion, false);
    }
    return holder;
}

Json with_worker(unsigned rounds, Memory &memory, const std::function<void()> &between) {
    std::vector<std::int64_t> background;
    std::int64_t before = 0;
    Json result = measure_cycle(
        rounds, [&](Times &times) { memory.cycle(times); },
        [&] {
            between();
            settle();
            const std::int64_t after = worker_instructions();
            background.push_back(after - before);
            before = after;
        });
    // Each value belongs to the cycle before it. The first belongs to none.
    background.erase(background.begin());
    result["background"] = summary(background);
    return result;
}

Json cycles(const Plan &plan) {
    Json result;
    Regions regions;
    result["reserve"] = with_worker(plan.rounds, regions, [] {});
    const auto holder = empty_reserve();
    result["own"] = with_worker(plan.rounds, regions, [] {});
    result["kernel"] = with_worker(plan.rounds, regions, [&] { regions.reopen(); });
    if (plan.peers) {
        HugePages huge;
        HugePages::reserve(4);
        result["hugetlb"] = measure_cycle(
            plan.rounds, [&](Times &times) { huge.cycle(times); }, [] {});
        HugePages::reserve(0);
    }
    if (plan.peers && HeapBuffers::available()) {
        HeapBuffers heap;
        result["dma-heap"] = measure_cycle(
            plan.rounds, [&](Times &times) { heap.cycle(times); }, [] { usleep(50'000); });
    }
    return result;
}

// Instructions from just before _exit() of a child with @count pieces to the return of waitpid() in its
// parent. Those of the module's worker are subtracted: it may run in between, because there is only one
// processor.
std::int64_t one_exit(const Open &open, unsigned count) {
    auto *left = static_cast<std::int64_t *>(
        mmap(nullptr, kSmall, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    settle();
    const std::int64_t idle = worker_instructions();
    const pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) {
        // Never destroyed, because the exit is to free it.
        Memory *memory = open().release();
        for (unsigned i = 0; i < count; ++i) {
            memory->take();
        }
        *left = now();
        _exit(0);
    }
    int status = 0;
    const pid_t waited = waitpid(child, &status, 0);
    const std::int64_t taken = now() - *left - (worker_instructions() - idle);
    require(waited == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child failed");
    munmap(left, kSmall);
    return taken;
}

Json exits(const Plan &plan, const Open &open, const std::vector<unsigned> &counts) {
    std::vector<std::int64_t> none;
    for (unsigned round = 0; round < plan.exit_rounds; ++round) {
        none.push_back(one_exit(open, 0));
    }
    const std::int64_t base = summary(none)["median"];
    Json result = {{"0", summary(none)}};
    for (const unsigned count : counts) {
        std::vector<std::int64_t> each, background;
        for (unsigned round = 0; round < plan.exit_rounds; ++round) {
            settle();
            const std::int64_t before = worker_instructions();
            each.push_back((one_exit(open, count) - base) / count);
            settle();
            background.push_back((worker_instructions() - before) / count);
        }
        Json point = summary(each);
        point["background"] = summary(background)["median"];
        result[std::to_string(count)] = point;
    }
    return result;
}

template <class Kind> Open opener() {
    return [] { return std::make_unique<Kind>(); };
}

Json all_exits(const Plan &plan) {
    Json result;
    settle();
    result["reserve"] = exits(plan, opener<Regions>(), {1, kReserve});
    {
        const auto holder = empty_reserve();
        result["kernel"] = exits(plan, opener<Regions>(), plan.exits);
    }
    if (plan.peers) {
        HugePages::reserve(plan.exits.back());
        result["hugetlb"] = exits(plan, opener<HugePages>(), plan.exits);
        HugePages::reserve(0);
    }
    if (plan.peers && HeapBuffers::available()) {
        result["dma-heap"] = exits(plan, opener<HeapBuffers>(), plan.exits);
    }
    return result;
}

// Neighbouring mappings differ in protection, so that the kernel cannot merge them.
void map_something() {
    static int readable;
    readable ^= 1;
    void *map = mmap(nullptr, kSmall, readable ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(map != MAP_FAILED, "mmap");
}

// Measures a cycle beside a growing number of something, in a child process, so that no mapping is left to
// the next measurement.
Json growth(const Plan &plan, const std::function<void(Regions &)> &one_more) {
    int ends[2];
    require(pipe(ends) == 0, "pipe");
    const pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) {
        Json result;
        Regions regions;
        unsigned have = 0;
        for (const unsigned live : plan.live) {
            for (; have < live; ++have) {
                one_more(regions);
            }
            // One more in each round, so that a full node in the kernel's tree of mappings, which costs
            // more, does not become the median.
            result[std::to_string(live)] = with_worker(plan.rounds, regions, [&] {
                one_more(regions);
                ++have;
            });
        }
        const std::string text = result.dump();
        require(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    char part[4096];
    for (ssize_t got = 0; (got = read(ends[0], part, sizeof(part))) > 0;) {
        text.append(part, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    require(waitpid(child, &status, 0) == child && status == 0, "a child failed");
    return Json::parse(text);
}

// The live regions are small, because 8192 regions of 2 MiB would take 16 GiB.
Json all_growth(const Plan &plan) {
    Json result;
    result["allocated"] = growth(plan, [](Regions &regions) { regions.take(kSmall, false); });
    result["mapped"] = growth(plan, [](Regions &regions) { regions.take(kSmall, true); });
    result["others"] = growth(plan, [](Regions &) { map_something(); });
    return result;
}

// The cost of a mapping depends on the addresses of the others, so they must be the same in each run.
void without_random_places(char **argv) {
    if (personality(0xffffffff) & ADDR_NO_RANDOMIZE) {
        return;
    }
    personality(ADDR_NO_RANDOMIZE);
    execv("/proc/self/exe", argv);
    require(false, "cannot start again");
}

} // namespace

int main(int argc, char **argv) {
    without_random_places(argv);
    if (argc == 2 && std::strcmp(argv[1], "--claims") == 0) {
        calibrate();
        std::cout << measure_claims(kClaims, "APP").dump(1) << '\n';
        return 0;
    }
    const Plan plan = argc == 2 && std::strcmp(argv[1], "--quick") == 0 ? QUICK : Plan{};
    utsname system{};
    uname(&system);
    Json result = {{"release", system.release}, {"calibration", calibrate()}};
    settle();
    result["cycles"] = cycles(plan);
    result["exits"] = all_exits(plan);
    result["growth"] = all_growth(plan);
    std::cout << result.dump(1) << '\n';
    return 0;
}
