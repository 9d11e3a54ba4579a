// SPDX-License-Identifier: BSD-3-Clause
#include "harness.h"

#include <unistd.h>

#include <cstdio>

namespace bench {

size_t resident_bytes() {
    // Reads without stdio, whose buffer would come from some of the peers.
    char text[128] = {};
    FILE *file = std::fopen("/proc/self/statm", "r");
    if (!file) {
        return 0;
    }
    size_t total = 0, resident = 0;
    std::setvbuf(file, text, _IOFBF, sizeof text);
    const int found = std::fscanf(file, "%zu %zu", &total, &resident);
    std::fclose(file);
    return found == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

void start_peer(const Plan &plan) {
    if (const char *reason = g_peer.start(plan)) {
        throw Refusal(reason);
    }
}

LiveBlocks::LiveBlocks(size_t count, size_t size) : blocks(count) {
    for (void *&block : blocks) {
        block = allocate(size);
    }
}

LiveBlocks::~LiveBlocks() {
    for (void *&block : blocks) {
        g_peer.free_dirty(&block);
    }
}

} // namespace bench
