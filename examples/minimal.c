// SPDX-License-Identifier: BSD-3-Clause
// The smallest complete program: start, look, pin a buffer, stop.
#include <stdio.h>

#include <cpa_cy_common.h>
#include <icp_sal_user.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>

int main(void) {
    Cpa16U instances = 0;
    void *buffer = NULL;

    if (icp_sal_userStart("SSL") != CPA_STATUS_SUCCESS ||
        !(buffer = qaeMemAllocNUMA(65536, NUMA_ANY_NODE, 64))) {
        fprintf(stderr, "%s\n", qaeLastError());
        return 1;
    }
    cpaCyGetNumInstances(&instances);
    printf("%u crypto instances; a buffer at %p, for the device at %#llx\n", (unsigned)instances, buffer,
           (unsigned long long)qaeVirtToPhysNUMA(buffer));
    qaeMemFreeNUMA(&buffer);
    return icp_sal_userStop() == CPA_STATUS_SUCCESS ? 0 : 1;
}
