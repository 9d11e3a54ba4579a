/* SPDX-License-Identifier: BSD-3-Clause */
/* A plugin that contains the archive of the library and hides it. */
#include <qae_mem.h>
#include <qae_mem_ext.h>

int plugin_run(void);

/* Allocates two blocks, keeps one, and fails once, so that the library has all that it keeps for a thread. */
int plugin_run(void) {
    void *kept = qaeMemAllocNUMA(3 << 20, NUMA_ANY_NODE, 64);
    void *block = qaeMemAllocNUMA(1000, NUMA_ANY_NODE, 64);
    if (kept == NULL || block == NULL || qaeMemAllocNUMA(0, NUMA_ANY_NODE, 64) != NULL) {
        return 1;
    }
    qaeMemFreeNUMA(&block);
    return block == NULL && qaeLastError()[0] != '\0' ? 0 : 2;
}
