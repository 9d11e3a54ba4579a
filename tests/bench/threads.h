// SPDX-License-Identifier: BSD-3-Clause
// Runs work in several threads at once and measures their CPU time.
#ifndef QAE_TESTS_BENCH_THREADS_H
#define QAE_TESTS_BENCH_THREADS_H

#include "harness.h"

#include <barrier>
#include <thread>

namespace bench {

// Each thread runs work(index) once all of them have started. Result: the CPU time of all threads, in ns.
template <class Work> double run_threads(size_t threads, Work work) {
    std::barrier<> begin(static_cast<std::ptrdiff_t>(threads));
    std::vector<double> times(threads);
    std::vector<std::jthread> running;
    static size_t round = 0;
    ++round;
    for (size_t index = 0; index < threads; ++index) {
        running.emplace_back([&, index] {
            if (g_peer.start_thread) {
                g_peer.start_thread();
            }
            begin.arrive_and_wait();
            const double start = thread_cpu_ns();
            away_from(round + index, [&] { work(index); });
            times[index] = thread_cpu_ns() - start;
        });
    }
    running.clear(); // joins
    double sum = 0;
    for (const double time : times) {
        sum += time;
    }
    return sum;
}

} // namespace bench

#endif // QAE_TESTS_BENCH_THREADS_H
