// SPDX-License-Identifier: BSD-3-Clause
// What the two DPDK peers share: its environment, on huge pages where the machine has enough of them.
#ifndef QAE_TESTS_BENCH_PEERS_DPDK_H
#define QAE_TESTS_BENCH_PEERS_DPDK_H

#include "../peer.h"

namespace bench::dpdk {

// Result: why not, or nullptr. BENCH_HUGE_PAGES in the environment, set by run.py, decides about huge pages.
const char *start_environment(size_t bytes);

void start_thread();

// Bytes in the heaps; 0, not known, without huge pages, where all of it is taken at the start.
size_t heap_bytes();

} // namespace bench::dpdk

#endif // QAE_TESTS_BENCH_PEERS_DPDK_H
