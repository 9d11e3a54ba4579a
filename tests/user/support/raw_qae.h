/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory ioctls of /dev/qae_mem without the library. Results: 0 (or a descriptor) or -errno. */
#ifndef QAE_TESTS_SUPPORT_RAW_QAE_H
#define QAE_TESTS_SUPPORT_RAW_QAE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/qae.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static inline int raw_open(void) {
    const int fd = open("/dev/qae_mem", O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static inline int raw_ioctl(int fd, unsigned long command, void *argument) {
    return ioctl(fd, command, argument) < 0 ? -errno : 0;
}

static inline int raw_alloc(int fd, uint64_t length, uint64_t alignment, int node,
                            struct qae_mem_alloc *region) {
    memset(region, 0, sizeof(*region));
    region->size = sizeof(*region);
    region->length = length;
    region->alignment = alignment;
    region->node = node;
    return raw_ioctl(fd, QAE_IOC_MEM_ALLOC, region);
}

static inline int raw_free(int fd, uint32_t id) {
    struct qae_mem_free request;
    memset(&request, 0, sizeof(request));
    request.size = sizeof(request);
    request.id = id;
    return raw_ioctl(fd, QAE_IOC_MEM_FREE, &request);
}

static inline int raw_query(int fd, uint32_t id, struct qae_mem_query *answer) {
    memset(answer, 0, sizeof(*answer));
    answer->size = sizeof(*answer);
    answer->id = id;
    return raw_ioctl(fd, QAE_IOC_MEM_QUERY, answer);
}

/* NULL and errno, or the mapping. */
static inline void *raw_map(int fd, uint64_t offset, size_t length) {
    void *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
    return map == MAP_FAILED ? NULL : map;
}

#endif /* QAE_TESTS_SUPPORT_RAW_QAE_H */
