// SPDX-License-Identifier: BSD-3-Clause
// Shared by the two DPDK peers: starts DPDK's environment, on huge pages if the machine has enough of them.
#ifndef QAE_TESTS_BENCH_PEERS_DPDK_H
#define QAE_TESTS_BENCH_PEERS_DPDK_H

#include "../peer.h"

namespace bench::dpdk {

// Result: why it failed, or nullptr. Uses huge pages if run.py has set BENCH_HUGE_PAGES=1.
const char *start_environment(size_t bytes);

void start_thread();

// Bytes in the heaps. Without huge pages all memory is taken at the start, and the result is 0: not known.
size_t heap_bytes();

} // namespace bench::dpdk

#endif // QAE_TESTS_BENCH_PEERS_DPDK_H
