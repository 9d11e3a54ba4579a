// SPDX-License-Identifier: BSD-3-Clause
// The one descriptor of /dev/qae_mem that owns the pinned memory, the section and the dynamic instances of
// this process: all of them live exactly as long as the descriptor.
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

    // The descriptor, opened at the first call; or -errno with the reason recorded. Callers must not close
    // it. Never 0, 1 or 2, always close-on-exec. Thread safe.
    int acquire_fd() noexcept;

    // Opens the descriptor if possible. Whether this process uses the device, also if the application has
    // closed the descriptor meanwhile. Records no reason.
    bool opens() noexcept;

    // The descriptor if it is open, else -1. Opens nothing.
    int current_fd() const noexcept;

    // Opens the descriptor if necessary, and repeats a call that a signal interrupted. 0 or -errno. Records a
    // reason only if the descriptor is missing or lost: the meaning of the driver's errno depends on the
    // call.
    int ioctl(unsigned long command, void *argument) noexcept;

    // The driver's answer when the descriptor was opened; zeroes before that.
    qae_info info() noexcept;

    // Fork hooks; see fork.h.
    bool before_fork(const timespec &deadline) noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

    // Closes the descriptor, because the library's code is being unloaded.
    void close_at_unload() noexcept;

    // Closes the descriptor, and opens @path in its place from now on. For tests only: held objects are lost.
    void reopen_at_for_test(const char *path) noexcept;

private:
    static constexpr int kClosed = -1;
    static constexpr int kLost = -2;

    int open_locked() noexcept;
    int verify(int fd) noexcept;
    void close_locked() noexcept;

    Mutex mutex_;
    std::atomic<int> fd_{kClosed};
    const char *path_ = kDevicePath;
    FileIdentity file_; // what fd_ was opened as
    qae_info info_{};
};

} // namespace qae

#endif // QAE_LIB_PROCESS_DEVICE_H
