// SPDX-License-Identifier: BSD-3-Clause
#include "process/device_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace qae {
namespace {

// Closes @fd if it is one of the standard streams. The descriptor to use, or -1 with errno.
int above_standard_streams(int fd) noexcept {
    if (fd < 0 || fd > STDERR_FILENO) {
        return fd;
    }
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int err = errno;
    close(fd);
    errno = err;
    return moved;
}

} // namespace

int FileIdentity::read_from(int fd) noexcept {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return -errno;
    }
    filesystem_ = st.st_dev;
    inode_ = st.st_ino;
    type_ = st.st_mode & S_IFMT;
    device_ = st.st_rdev;
    return 0;
}

bool FileIdentity::matches(int fd) const noexcept {
    FileIdentity now;
    return now.read_from(fd) == 0 && now.filesystem_ == filesystem_ && now.inode_ == inode_ &&
           now.type_ == type_ && now.device_ == device_;
}

bool FileIdentity::is_character_device() const noexcept { return S_ISCHR(type_); }

int open_device_file(const char *path, FileIdentity &file) noexcept {
    const int fd = above_standard_streams(open(path, O_RDWR | O_CLOEXEC));
    if (fd < 0) {
        return -errno;
    }
    const int err = file.read_from(fd);
    if (err != 0) {
        close(fd);
        return err;
    }
    return fd;
}

} // namespace qae
