// SPDX-License-Identifier: BSD-3-Clause
// Where pinned memory is and how it comes back: statistics before, during and after a phase with many blocks.
// Works without an endpoint; without the kernel module too: QAT_USER_MODE=plain build/bin/qae_memory
#include <inttypes.h>
#include <stdio.h>

#include <qae_mem.h>
#include <qae_mem_ext.h>

#define BLOCKS 20000

static int show(const char *when) {
    struct qae_mem_stats stats = {.size = sizeof(stats)};

    if (qaeMemStats(&stats)) {
        return -1;
    }
    printf("%-12s %6" PRIu64 " blocks, KiB: %6" PRIu64 " live %6" PRIu64 " pinned %6" PRIu64
           " cached %6" PRIu64 " spare %6" PRIu64 " idle\n",
           when, stats.live_blocks, stats.live >> 10, stats.pinned >> 10, stats.cached >> 10,
           stats.spare >> 10, stats.idle >> 10);
    return 0;
}

int main(void) {
    static void *blocks[BLOCKS];

    if (show("at first")) {
        return 1;
    }
    for (int i = 0; i < BLOCKS; ++i) {
        blocks[i] = qaeMemAllocNUMA((size_t)(64 + i % 4000), NUMA_ANY_NODE, 64);
        if (!blocks[i]) {
            fprintf(stderr, "%s\n", qaeLastError());
            return 1;
        }
    }
    show("allocated");
    for (int i = 0; i < BLOCKS; ++i) {
        qaeMemFreeNUMA(&blocks[i]);
    }
    show("freed");
    printf("%" PRIu64 " KiB go back\n", qaeMemTrim() >> 10);
    show("trimmed");
    return 0;
}
