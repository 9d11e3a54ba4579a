// SPDX-License-Identifier: BSD-3-Clause
// A pool of dynamic instances on both endpoints of a guest, and calls that must succeed in a worker.
#ifndef QAE_TESTS_SUPPORT_DYNAMIC_POOL_H
#define QAE_TESTS_SUPPORT_DYNAMIC_POOL_H

#include <vector>

#include <cpa.h>

namespace guest {

using Handles = std::vector<CpaInstanceHandle>;

constexpr Cpa32U kAll = static_cast<Cpa32U>(-1); // endpoints

// Per endpoint: two APP processes with a crypto and a compression instance each, and a pool of 3 crypto and 2
// compression instances. For cmocka, as the next one.
int configure_pool(void **);
int no_section_held(void **);

Cpa32U free_cy(Cpa32U device = kAll);
Cpa32U free_dc(Cpa32U device = kAll);
Handles take_cy(Cpa32U number, Cpa32U device = kAll);
void return_cy(Handles handles);

void start(const char *section = "APP");
void stop();

} // namespace guest

#endif // QAE_TESTS_SUPPORT_DYNAMIC_POOL_H
