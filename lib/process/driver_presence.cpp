// SPDX-License-Identifier: BSD-3-Clause
#include "process/driver_presence.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

namespace qae {
namespace {

constexpr char kModule[] = "qae";
constexpr char kDevice[] = " qae_mem\n";

bool is_in_folder(const char *folder, const char *name) noexcept {
    const int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool found = faccessat(fd, name, F_OK, 0) == 0;
    close(fd);
    return found;
}

// The list has a line for each device, a number and a name. It is far shorter than the buffer.
bool is_listed(const char *list) noexcept {
    const int fd = open(list, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char text[4096];
    const ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    return std::strstr(text, kDevice) != nullptr;
}

} // namespace

DriverPresence driver_presence(const char *modules, const char *misc) noexcept {
    if (is_in_folder(modules, kModule) || is_listed(misc)) {
        return DriverPresence::loaded;
    }
    return access(modules, F_OK) == 0 || access(misc, F_OK) == 0 ? DriverPresence::absent
                                                                 : DriverPresence::unknown;
}

} // namespace qae
