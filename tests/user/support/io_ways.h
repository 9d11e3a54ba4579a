// SPDX-License-Identifier: BSD-3-Clause
// The rows of the table in docs/memory.md: kinds of I/O from and to pinned memory.
#ifndef QAE_TESTS_SUPPORT_IO_WAYS_H
#define QAE_TESTS_SUPPORT_IO_WAYS_H

#include <cstddef>

namespace qae::test {

struct IoWay {
    const char *name;
    // Moves @length bytes, a multiple of a page, from or to @memory. Returns 0, what it failed with, or
    // kNotHere.
    int (*run)(unsigned char *memory, std::size_t length);
    int with_module; // the outcome for pinned memory of the module
};

// The kernel is built without it, or the file system of the test folder does not have it.
inline constexpr int kNotHere = -1;

extern const IoWay kIoWays[];
extern const std::size_t kNumIoWays;

// Fails the test unless every way has its outcome: 0, or the one with the module. Uses files in @folder.
void assert_io(unsigned char *memory, std::size_t length, bool module, const char *folder);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_IO_WAYS_H
