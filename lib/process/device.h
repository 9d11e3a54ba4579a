// SPDX-License-Identifier: BSD-3-Clause
// The process's one descriptor of /dev/qae_mem. It owns the process's pinned memory, its section and its
// dynamic instances: all of them live exactly as long as it does.
#ifndef QAE_LIB_PROCESS_DEVICE_H
#define QAE_LIB_PROCESS_DEVICE_H

#include <linux/qae.h>

#include <atomic>
#include <cstdint>

#include "process/device_file.h"
#include "process/fork.h"

namespace qae {

class Device {
public:
    static Device &instance() noexcept;

    // The descriptor, opened at the first call; or -errno with the reason recorded. It stays the library's:
    // callers do not close it. Never 0, 1 or 2, always close-on-exec. Thread safe.
    int acquire_fd() noexcept;

    // The descriptor if it is open, else -1. Opens nothing.
    int current_fd() const noexcept;

    // Opens if need be; repeats what a signal interrupts. 0 or -errno. A reason is recorded only if the
    // descriptor is missing or lost; what an errno of the driver means, the caller knows best.
    int ioctl(unsigned long command, void *argument) noexcept;

    // What the driver said about itself when it was opened; zeroes before that.
    qae_info info() noexcept;

    // Fork hooks; see fork.h.
    void before_fork() noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

    // Closes the descriptor and opens @path instead from now on. For tests only: objects held are lost.
    void reopen_at_for_test(const char *path) noexcept;

private:
    static constexpr int kClosed = -1;
    static constexpr int kLost = -2;

    int open_locked() noexcept;
    int verify(int fd) noexcept;

    Mutex mutex_;
    std::atomic<int> fd_{kClosed};
    const char *path_ = kDevicePath;
    FileIdentity file_; // what fd_ was opened as
    qae_info info_{};
};

} // namespace qae

#endif // QAE_LIB_PROCESS_DEVICE_H
