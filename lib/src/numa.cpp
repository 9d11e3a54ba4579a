// SPDX-License-Identifier: BSD-3-Clause
#include "numa.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstring>

namespace qae {

int near_node() noexcept {
    unsigned node = 0;
    return getcpu(nullptr, &node) == 0 && node < kMaxNodes ? static_cast<int>(node) : 0;
}

NodeList online_nodes() noexcept {
    NodeList list{"unknown"};
    const int fd = open("/sys/devices/system/node/online", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return list;
    }
    char text[sizeof(list.text)];
    const ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (length > 0) {
        text[length] = '\0';
        text[std::strcspn(text, "\n")] = '\0';
        std::memcpy(list.text, text, sizeof(text));
    }
    return list;
}

} // namespace qae
