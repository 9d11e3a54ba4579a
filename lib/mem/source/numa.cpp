// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/numa.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace qae {

namespace {

pthread_once_t g_once = PTHREAD_ONCE_INIT;
int g_only_node = -1;

NodeList read_list(const char *path) noexcept {
    NodeList list{"unknown"};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
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

// On a machine that can only have one node, current_node() needs no system call.
void find_only_node() noexcept {
    const NodeList possible = read_list("/sys/devices/system/node/possible");
    g_only_node = std::strcmp(possible.text, "0") == 0 || std::strcmp(possible.text, "unknown") == 0 ? 0 : -1;
}

} // namespace

int current_node() noexcept {
    pthread_once(&g_once, find_only_node);
    if (g_only_node >= 0) {
        return g_only_node;
    }
    unsigned node = 0;
    return getcpu(nullptr, &node) == 0 && node < kMaxNodes ? static_cast<int>(node) : 0;
}

bool node_is_online(int node) noexcept {
    char path[64];
    std::snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
    return access(path, F_OK) == 0 || (node == 0 && access("/sys/devices/system/node", F_OK) != 0);
}

NodeList memory_nodes() noexcept { return read_list("/sys/devices/system/node/has_memory"); }

bool is_listed(const NodeList &nodes, int node) noexcept {
    if (std::strcmp(nodes.text, "unknown") == 0) {
        return true;
    }
    for (const char *range = nodes.text; range != nullptr && *range != '\0';) {
        int first = 0;
        int last = 0;
        const int numbers = std::sscanf(range, "%d-%d", &first, &last);
        if (numbers >= 1 && node >= first && node <= (numbers == 2 ? last : first)) {
            return true;
        }
        range = std::strchr(range, ',');
        range = range != nullptr ? range + 1 : nullptr;
    }
    return false;
}

} // namespace qae
