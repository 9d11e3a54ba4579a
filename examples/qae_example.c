// SPDX-License-Identifier: BSD-3-Clause
// Starts on a section and shows what the process got: its internal section, its instances with their
// endpoints, a pinned buffer with its address both ways and, with --dyn, instances of the pool. Then it holds
// them for a while.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cpa_cy_common.h>
#include <cpa_cy_im.h>
#include <cpa_dc.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>

struct options {
    const char *section;
    const char *hold_until; // a file: hold until it is there
    unsigned hold_seconds;
    unsigned dynamic; // crypto instances to take from the pool
};

static void usage(void) {
    fprintf(stderr, "usage: qae_example SECTION [--hold SECONDS | --hold-until FILE] [--dyn NUMBER]\n");
    exit(2);
}

static unsigned number_of(const char *text) {
    char *end;
    const unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value > 1000000) {
        usage();
    }
    return (unsigned)value;
}

static struct options parse(int argc, char **argv) {
    struct options options = {0};

    if (argc < 2 || argv[1][0] == '-') {
        usage();
    }
    options.section = argv[1];
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc) {
            usage();
        }
        if (!strcmp(argv[i], "--hold")) {
            options.hold_seconds = number_of(argv[i + 1]);
        } else if (!strcmp(argv[i], "--hold-until")) {
            options.hold_until = argv[i + 1];
        } else if (!strcmp(argv[i], "--dyn")) {
            options.dynamic = number_of(argv[i + 1]);
        } else {
            usage();
        }
    }
    return options;
}

static void fail(const char *what) {
    fprintf(stderr, "process %d: %s: %s\n", (int)getpid(), what, qaeLastError());
    exit(1);
}

static void show_instance(CpaInstanceHandle handle) {
    CpaInstanceInfo2 info;

    if (cpaInstanceGetInfo2(handle, &info) != CPA_STATUS_SUCCESS) {
        fail("cpaInstanceGetInfo2");
    }
    const unsigned bus = info.physInstId.busAddress >> 8;
    const unsigned device = info.physInstId.busAddress >> 3 & 31;
    const unsigned function = info.physInstId.busAddress & 7;

    printf("  instance %-10s qat_dev%u at %02x:%02x.%u, node %u  (%s)\n", (const char *)info.instName,
           (unsigned)info.physInstId.packageId, bus, device, function, info.nodeAffinity,
           (const char *)info.instID);
}

static void show_instances(CpaStatus (*count)(Cpa16U *), CpaStatus (*list)(Cpa16U, CpaInstanceHandle *)) {
    CpaInstanceHandle *handles;
    Cpa16U number = 0;

    if (count(&number) != CPA_STATUS_SUCCESS) {
        fail("counting instances");
    }
    if (number == 0) {
        return;
    }
    handles = calloc(number, sizeof(*handles));
    if (!handles || list(number, handles) != CPA_STATUS_SUCCESS) {
        fail("listing instances");
    }
    for (unsigned i = 0; i < number; ++i) {
        show_instance(handles[i]);
    }
    free(handles);
}

// A buffer for the device: its address there, and from there back to ours.
static void *pin_buffer(size_t size) {
    void *buffer = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 4096);

    if (!buffer) {
        fail("qaeMemAllocNUMA");
    }
    const uint64_t device_address = qaeVirtToPhysNUMA(buffer);
    const void *back = qaePhysToVirtNUMA(device_address);

    printf("  buffer   %zu bytes at %p = device address %#llx = back at %p\n", size, buffer,
           (unsigned long long)device_address, back);
    if (back != buffer) {
        fail("the translation does not lead back");
    }
    return buffer;
}

static void hold(const struct options *options) {
    const struct timespec moment = {.tv_nsec = 50000000};

    if (options->hold_seconds) {
        sleep(options->hold_seconds);
    }
    while (options->hold_until && access(options->hold_until, F_OK)) {
        nanosleep(&moment, NULL);
    }
}

int main(int argc, char **argv) {
    const struct options options = parse(argc, argv);
    char section[QAE_SECTION_NAME_MAX] = "";
    CpaInstanceHandle *dynamic = NULL;

    setvbuf(stdout, NULL, _IOLBF, 0); // whoever reads through a pipe sees each line at once
    if (icp_sal_userStart(options.section) != CPA_STATUS_SUCCESS) {
        fail("icp_sal_userStart");
    }
    qaeGetSectionName(section, sizeof(section));
    printf("process %d started \"%s\": section %s\n", (int)getpid(), options.section, section);

    if (options.dynamic) {
        dynamic = calloc(options.dynamic, sizeof(*dynamic));
        if (!dynamic || icp_sal_userCyInstancesAlloc(options.dynamic, dynamic) != CPA_STATUS_SUCCESS) {
            fail("icp_sal_userCyInstancesAlloc");
        }
    }
    show_instances(cpaCyGetNumInstances, cpaCyGetInstances);
    show_instances(cpaDcGetNumInstances, cpaDcGetInstances);
    void *buffer = pin_buffer(65536);

    hold(&options);

    qaeMemFreeNUMA(&buffer);
    if (dynamic && icp_sal_userCyFreeInstances(options.dynamic, dynamic) != CPA_STATUS_SUCCESS) {
        fail("icp_sal_userCyFreeInstances");
    }
    free(dynamic);
    if (icp_sal_userStop() != CPA_STATUS_SUCCESS) {
        fail("icp_sal_userStop");
    }
    printf("process %d stopped\n", (int)getpid());
    return 0;
}
