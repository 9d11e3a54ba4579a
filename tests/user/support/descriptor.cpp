// SPDX-License-Identifier: BSD-3-Clause
#include "support/descriptor.h"

#include <unistd.h>

#include <optional>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"

namespace guest {

int g_fd = -1;

namespace {

std::optional<Holdings> g_before;

} // namespace

int open_device(void **) {
    g_before = holdings();
    g_fd = raw_open();
    return g_fd >= 0 ? 0 : -1;
}

int close_device(void **) {
    close(g_fd);
    assert_holdings(*g_before);
    return 0;
}

qae_mem_alloc region(std::uint64_t length, std::uint64_t alignment) {
    qae_mem_alloc granted;
    assert_int_equal(raw_alloc(g_fd, length, alignment, QAE_NODE_ANY, &granted), 0);
    return granted;
}

unsigned char *map(const qae_mem_alloc &granted, int fd) {
    auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, granted.length));
    assert_non_null(p);
    return p;
}

} // namespace guest
