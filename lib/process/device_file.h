// SPDX-License-Identifier: BSD-3-Clause
// Opening /dev/qae_mem, and recognising later what was opened.
#ifndef QAE_LIB_PROCESS_DEVICE_FILE_H
#define QAE_LIB_PROCESS_DEVICE_FILE_H

#include <sys/types.h>

namespace qae {

inline constexpr char kDevicePath[] = "/dev/qae_mem";

// The file behind a descriptor. An application may close descriptors that it did not open; the system then
// gives the number to another file, which the library must neither use nor close.
class FileIdentity {
public:
    // Reads it from @fd. 0 or -errno.
    int read_from(int fd) noexcept;

    // Whether @fd is open and still is this file.
    bool matches(int fd) const noexcept;

    bool is_character_device() const noexcept;

private:
    dev_t filesystem_ = 0;
    ino_t inode_ = 0;
    mode_t type_ = 0;
    dev_t device_ = 0;
};

// Opens @path for reading and writing, close-on-exec, and says in @file what it is. Never descriptor 0, 1 or
// 2: a daemon that closes the standard streams unseen would close the library's descriptor. The descriptor,
// or -errno.
int open_device_file(const char *path, FileIdentity &file) noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_DEVICE_FILE_H
