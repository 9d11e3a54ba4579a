// SPDX-License-Identifier: BSD-3-Clause
// What the kernel has written into its log. For guests only: it takes privileges.
#ifndef QAE_TESTS_SUPPORT_KERNEL_LOG_H
#define QAE_TESTS_SUPPORT_KERNEL_LOG_H

#include <cstddef>
#include <string>

namespace guest {

// All that is in the log.
std::string kernel_log();

// The text of the log from now on.
class LogMark {
public:
    LogMark() : length_(kernel_log().size()) {}
    // Waits for it: devices report by interrupts.
    bool says(const std::string &words) const;

private:
    std::size_t length_;
};

} // namespace guest

#endif // QAE_TESTS_SUPPORT_KERNEL_LOG_H
