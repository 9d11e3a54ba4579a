// SPDX-License-Identifier: BSD-3-Clause
// The descriptor that each case of a program starts with, and its regions.
#ifndef QAE_TESTS_SUPPORT_DESCRIPTOR_H
#define QAE_TESTS_SUPPORT_DESCRIPTOR_H

#include <cstdint>

#include "support/raw_qae.h"

namespace guest {

extern int g_fd;

// Setup and teardown of a case: after the descriptor is closed and the mappings are gone, nothing may be
// left.
int open_device(void **);
int close_device(void **);

// Both fail the test on an error. map() maps the whole region.
qae_mem_alloc region(std::uint64_t length, std::uint64_t alignment = 1);
unsigned char *map(const qae_mem_alloc &granted, int fd = g_fd);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_DESCRIPTOR_H
