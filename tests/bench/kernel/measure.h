// SPDX-License-Identifier: BSD-3-Clause
// Counting instructions by the clock of a guest in which one nanosecond passes for each (tests/vm/run
// --icount).
#ifndef QAE_TESTS_BENCH_KERNEL_MEASURE_H
#define QAE_TESTS_BENCH_KERNEL_MEASURE_H

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kernel_path {

using Json = nlohmann::ordered_json;

constexpr std::size_t REGION = 2 << 20;

std::int64_t now();

// What a reading of the clock costs; fails unless a loop of known length takes as many ns as it has
// instructions.
Json calibrate();

// The steps of one cycle, each bracketed; times[i] is the end of step i, times[0] the start.
constexpr std::size_t STEPS = 5;
constexpr std::array<const char *, STEPS> STEP_NAMES = {"alloc", "mmap", "touch", "munmap", "free"};
using Times = std::array<std::int64_t, STEPS + 1>;

// Median and spread of every step and of the sum. @between runs before each cycle and is not counted.
Json measure_cycle(unsigned rounds, const std::function<void(Times &)> &cycle,
                   const std::function<void()> &between);

Json summary(std::vector<std::int64_t> values);

// Instructions that the module's worker of node 0 has run, and waiting until it has nothing more to do.
std::int64_t worker_instructions();
void settle();

// What the process cannot go on without.
void require(bool condition, const std::string &what);

} // namespace kernel_path

#endif // QAE_TESTS_BENCH_KERNEL_MEASURE_H
