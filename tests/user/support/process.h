// SPDX-License-Identifier: BSD-3-Clause
// Tests that run in a process of their own, and what a process finds out about itself.
#ifndef QAE_TESTS_SUPPORT_PROCESS_H
#define QAE_TESTS_SUPPORT_PROCESS_H

#include <functional>
#include <vector>

namespace guest {

// Runs @body in a child process: the library is unused there, and what the body leaves behind ends with the
// process. Fails the test if the child fails, or if holdings() are not as before.
void in_a_process(const std::function<void()> &body);

// The descriptors of /dev/qae_mem that this process has.
std::vector<int> device_descriptors();

} // namespace guest

#endif // QAE_TESTS_SUPPORT_PROCESS_H
