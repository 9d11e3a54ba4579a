// SPDX-License-Identifier: BSD-3-Clause
// Counts instructions with the clock of a guest in which each instruction takes one nanosecond (tests/vm/run
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

constexpr std::size_t kRegion = 2 << 20;

std::int64_t now();

// Measures the cost of reading the clock. Ends the program unless a loop of known length takes as many ns as
// it has instructions.
Json calibrate();

// The clock during one cycle: times[0] at its start, times[i] at the end of step i.
constexpr std::size_t kSteps = 5;
constexpr std::array<const char *, kSteps> kStepNames = {"alloc", "mmap", "touch", "munmap", "free"};
using Times = std::array<std::int64_t, kSteps + 1>;

// Median and spread of every step and of the sum. @between runs before each cycle and is not counted.
Json measure_cycle(unsigned rounds, const std::function<void(Times &)> &cycle,
                   const std::function<void()> &between);

Json summary(std::vector<std::int64_t> values);

// The instructions that the module's worker of node 0 has run so far; and a wait until it has nothing left to
// do.
std::int64_t worker_instructions();
void settle();

// Ends the process with a message if the condition does not hold.
void require(bool condition, const std::string &what);

} // namespace kernel_path

#endif // QAE_TESTS_BENCH_KERNEL_MEASURE_H
