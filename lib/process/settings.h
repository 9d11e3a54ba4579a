// SPDX-License-Identifier: BSD-3-Clause
// The settings that the environment gives the library, read once per process.
#ifndef QAE_LIB_PROCESS_SETTINGS_H
#define QAE_LIB_PROCESS_SETTINGS_H

#include <cstdint>

namespace qae {

struct Settings {
    bool plain_mode = false;             // QAT_USER_MODE=plain
    bool leak_report = false;            // QAT_USER_LEAK_REPORT=1
    std::uint64_t mem_keep = 8ULL << 20; // QAT_USER_MEM_KEEP: idle pinned bytes kept per node
};

// Reads the environment at the first call. A value that cannot be understood is reported once on stderr, and
// its default is used. Programs with raised privileges ignore the environment.
const Settings &settings() noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_SETTINGS_H
