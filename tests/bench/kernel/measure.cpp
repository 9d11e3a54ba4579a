// SPDX-License-Identifier: BSD-3-Clause
#include "measure.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace kernel_path {
namespace {

constexpr int kReadings = 101;
constexpr std::int64_t kLoopInstructions = 200'000;

std::int64_t g_reading; // instructions of one reading of the clock

std::string worker_of_node_0() {
    for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
        std::string name;
        if (std::getline(std::ifstream(entry.path() / "comm"), name) && name == "qae_clear/0") {
            return entry.path() / "schedstat";
        }
    }
    return {};
}

std::int64_t loop() {
    const std::int64_t before = now();
    std::uint64_t n = kLoopInstructions / 2;
    asm volatile("1: dec %0\n\tjnz 1b" : "+r"(n));
    return now() - before - g_reading;
}

} // namespace

void require(bool condition, const std::string &what) {
    if (condition) {
        return;
    }
    std::cerr << "kernel-path: " << what << (errno ? std::string(": ") + std::strerror(errno) : "") << '\n';
    // Not exit(): a child must not flush the output of its parent.
    _exit(2);
}

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000L + time.tv_nsec;
}

Json summary(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    // The middle half: values outside it include a timer tick.
    return {{"median", values[n / 2]}, {"low", values[n / 4]}, {"high", values[n - 1 - n / 4]}};
}

Json calibrate() {
    std::vector<std::int64_t> readings, loops;
    for (int i = 0; i < kReadings; ++i) {
        const std::int64_t before = now();
        readings.push_back(now() - before);
    }
    g_reading = summary(readings)["median"];
    for (int i = 0; i < kReadings; ++i) {
        loops.push_back(loop());
    }
    const std::int64_t median = summary(loops)["median"];
    errno = 0;
    require(std::abs(median - kLoopInstructions) < kLoopInstructions / 1000,
            "the clock does not count instructions here: a loop of " + std::to_string(kLoopInstructions) +
                " took " + std::to_string(median) + " ns; start the guest with tests/vm/run --icount");
    return {{"loop_instructions", kLoopInstructions}, {"loop_ns", median}, {"reading_ns", g_reading}};
}

Json measure_cycle(unsigned rounds, const std::function<void(Times &)> &cycle,
                   const std::function<void()> &between) {
    std::array<std::vector<std::int64_t>, kSteps> steps;
    std::vector<std::int64_t> totals;
    for (unsigned round = 0; round < rounds + 2; ++round) {
        Times times{};
        between();
        cycle(times);
        if (round < 2) { // first uses: page tables, slabs
            continue;
        }
        std::int64_t total = 0;
        for (std::size_t i = 0; i < kSteps; ++i) {
            const std::int64_t taken = std::max<std::int64_t>(0, times[i + 1] - times[i] - g_reading);
            steps[i].push_back(taken);
            total += taken;
        }
        totals.push_back(total);
    }
    Json result = {{"total", summary(totals)}};
    for (std::size_t i = 0; i < kSteps; ++i) {
        result[kStepNames[i]] = summary(steps[i]);
    }
    return result;
}

std::int64_t worker_instructions() {
    static const std::string path = worker_of_node_0();
    std::int64_t instructions = 0;
    errno = 0;
    require(!path.empty() && std::ifstream(path) >> instructions, "no worker qae_clear/0; is qae.ko loaded?");
    return instructions;
}

// The worker starts up to 20 ms after it was queued. Nothing else uses the processor.
void settle() {
    constexpr useconds_t kLongerThanItsDelay = 60'000;
    std::int64_t before = 0, after = worker_instructions();
    do {
        before = after;
        usleep(kLongerThanItsDelay);
        after = worker_instructions();
    } while (after != before);
}

} // namespace kernel_path
