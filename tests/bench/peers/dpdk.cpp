// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk.h"

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <sched.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

static bool on_huge_pages() {
    const char *wish = std::getenv("BENCH_HUGE_PAGES");
    return wish && std::strcmp(wish, "1") == 0;
}

const char *bench::dpdk::start_environment(size_t bytes) {
    std::vector<std::string> words = {"bench", "--no-pci", "--no-telemetry", "--no-shconf", "--log-level=1",
                                      "-l",    "0"};
    if (on_huge_pages()) {
        words.emplace_back("--in-memory"); // needs no mount of hugetlbfs
    } else {
        words.insert(words.end(), {"--no-huge", "-m", std::to_string((bytes * 2 >> 20) + 128)});
    }
    std::vector<char *> arguments;
    for (auto &word : words) {
        arguments.push_back(word.data());
    }
    // rte_eal_init() binds this thread to one processor, and threads that it starts would inherit that.
    cpu_set_t before;
    if (sched_getaffinity(0, sizeof before, &before) != 0 ||
        rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0 ||
        sched_setaffinity(0, sizeof before, &before) != 0) {
        return "rte_eal_init() failed";
    }
    return nullptr;
}

void bench::dpdk::start_thread() { rte_thread_register(); }

size_t bench::dpdk::heap_bytes() {
    if (!on_huge_pages()) {
        return 0;
    }
    size_t sum = 0;
    for (int socket = 0; socket < RTE_MAX_NUMA_NODES; ++socket) {
        rte_malloc_socket_stats stats;
        if (rte_malloc_get_socket_stats(socket, &stats) == 0) {
            sum += stats.heap_totalsz_bytes;
        }
    }
    return sum;
}
