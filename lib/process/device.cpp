// SPDX-License-Identifier: BSD-3-Clause
#include "process/device.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "process/driver_presence.h"
#include "process/last_error.h"
#include "process/unload.h"

namespace qae {
namespace {

constinit Device g_device;

constexpr ForkHooks kHooks = {
    [](const timespec &deadline) noexcept { return g_device.before_fork(deadline); },
    []() noexcept { g_device.after_fork_in_parent(); },
    []() noexcept { g_device.after_fork_in_child(); },
};

// Memory, section and instances end with the descriptor.
[[gnu::destructor(kUnloadPriority)]] void close_at_unload() noexcept {
    if (is_unloading()) {
        g_device.close_at_unload();
    }
}

int fail_missing(const char *path) noexcept {
    switch (driver_presence("/sys/module", "/proc/misc")) {
    case DriverPresence::loaded:
        return fail(
            ENOENT,
            "{} does not exist here, though the kernel module is loaded: give this container the device, "
            "or call qaeMemInit() before chroot()",
            path);
    case DriverPresence::absent:
        return fail(ENOENT, "{} does not exist: the kernel module is not loaded; run: modprobe qae", path);
    default:
        return fail(ENOENT,
                    "{} does not exist here: give this container the device, or call qaeMemInit() before "
                    "chroot(); if it does not exist outside either, run there: modprobe qae",
                    path);
    }
}

// Groups that have no number in this user namespace are shown as this one.
constexpr gid_t kOverflowGid = 65534;

int fail_permission(const char *path) noexcept {
    struct stat file {};
    const gid_t group = stat(path, &file) == 0 ? file.st_gid : static_cast<gid_t>(-1);
    if (group == 0) {
        return fail(EACCES,
                    "no permission to open {}, which belongs to the group root and not to qat; as root, run: "
                    "udevadm trigger {}",
                    path, path);
    }
    if (group == kOverflowGid) {
        return fail(EACCES,
                    "no permission to open {}, whose group this container does not have; start it with the "
                    "groups of its user (podman: --group-add keep-groups)",
                    path);
    }
    return fail(EACCES, "no permission to open {}; add this user to the group qat and log in again", path);
}

int fail_open(const char *path, int err) noexcept {
    switch (err) {
    case ENOENT:
        return fail_missing(path);
    case ENODEV:
    case ENXIO:
        return fail(err, "{} has no driver behind it: the kernel module is not loaded; run: modprobe qae",
                    path);
    case EPERM: // file permissions give EACCES
        return fail(err,
                    "a device rule of this service, job or container forbids {}; allow it there (systemd: "
                    "DeviceAllow={} rw)",
                    path, path);
    case EACCES:
        return fail_permission(path);
    case EMFILE:
        return fail(err, "cannot open {}: this process has too many open files; raise its limit (ulimit -n)",
                    path);
    case ENFILE:
        return fail(err, "cannot open {}: the system has too many open files; raise fs.file-max", path);
    case EDQUOT:
        return fail(err,
                    "cannot open {}: this user has as many descriptors of it open as the limit allows; end "
                    "processes that use it, or have root raise the limit (qaectl memory limit --descriptors)",
                    path);
    default:
        return fail(err, "cannot open {}: {}", path, std::strerror(err));
    }
}

} // namespace

Device &Device::instance() noexcept {
    register_fork_hooks(ForkStage::device, kHooks);
    return g_device;
}

int Device::open_locked() noexcept {
    FileIdentity file;
    const int fd = open_device_file(path_, file);
    if (fd < 0) {
        return fail_open(path_, -fd);
    }
    qae_info info{};
    info.size = sizeof(info);
    if (!file.is_character_device() || ::ioctl(fd, QAE_IOC_INFO, &info) != 0) {
        close(fd);
        return fail(ENOTTY, "{} belongs to another driver; unload that driver, then run: modprobe qae",
                    path_);
    }
    if (info.abi_version != QAE_ABI_VERSION) {
        close(fd);
        return fail(ENOTTY,
                    "the interface of the kernel module has version {}, that of this library version {}; "
                    "install both from one release",
                    info.abi_version, QAE_ABI_VERSION);
    }
    file_ = file;
    info_ = info;
    fd_.store(fd, std::memory_order_release);
    return fd;
}

// A lost descriptor is not replaced. When it was closed, the driver freed all that it held; a caller that
// went on as if its memory and section were still there would corrupt their next owner.
int Device::verify(int fd) noexcept {
    if (fd >= 0 && file_.matches(fd)) {
        return fd;
    }
    int expected = fd;
    if (fd >= 0 && !fd_.compare_exchange_strong(expected, kLost) && expected >= 0) {
        return verify(expected);
    }
    return fail(EBADF,
                "the application closed the library's descriptor of {}: memory, section and instances are "
                "gone; restart the process",
                path_);
}

int Device::acquire_fd() noexcept {
    enter_process();
    const int fd = fd_.load(std::memory_order_acquire);
    if (fd != kClosed) {
        return verify(fd);
    }
    std::lock_guard lock(mutex_);
    const int now = fd_.load(std::memory_order_acquire);
    return now != kClosed ? verify(now) : open_locked();
}

bool Device::opens() noexcept {
    const FailuresIgnored ignored;
    return acquire_fd() >= 0 || fd_.load(std::memory_order_relaxed) == kLost;
}

int Device::current_fd() const noexcept {
    enter_process();
    const int fd = fd_.load(std::memory_order_acquire);
    return fd >= 0 ? fd : -1;
}

int Device::ioctl(unsigned long command, void *argument) noexcept {
    const int fd = acquire_fd();
    if (fd < 0) {
        return fd;
    }
    for (;;) {
        if (::ioctl(fd, command, argument) >= 0) {
            return 0;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

qae_info Device::info() noexcept {
    enter_process();
    std::lock_guard lock(mutex_);
    return info_;
}

bool Device::before_fork(const timespec &deadline) noexcept { return mutex_.lock_until(deadline); }

void Device::after_fork_in_parent() noexcept { mutex_.unlock(); }

void Device::after_fork_in_child() noexcept {
    const int fd = fd_.load(std::memory_order_relaxed);
    if (fd >= 0 && file_.matches(fd)) {
        close(fd); // or else the parent's objects would live as long as its children
    }
    fd_.store(kClosed, std::memory_order_relaxed);
    info_ = {};
    mutex_.reset_in_child();
}

void Device::close_locked() noexcept {
    const int fd = fd_.exchange(kClosed);
    if (fd >= 0 && file_.matches(fd)) {
        close(fd);
    }
    info_ = {};
}

void Device::close_at_unload() noexcept {
    std::lock_guard lock(mutex_);
    close_locked();
}

void Device::reopen_at_for_test(const char *path) noexcept {
    std::lock_guard lock(mutex_);
    close_locked();
    path_ = path;
}

} // namespace qae
