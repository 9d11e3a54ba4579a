// SPDX-License-Identifier: BSD-3-Clause
// What the environment says about the library, read once per process.
#ifndef QAE_LIB_PROCESS_SETTINGS_H
#define QAE_LIB_PROCESS_SETTINGS_H

#include <cstdint>

namespace qae {

struct Settings {
    bool plain_mode = false;             // QAT_USER_MODE=plain
    bool leak_report = false;            // QAT_USER_LEAK_REPORT=1
    std::uint64_t mem_keep = 8ULL << 20; // QAT_USER_MEM_KEEP: idle pinned bytes kept per node
};

// Reads at the first call. What cannot be understood is said once on stderr and left at its default. Ignored
// altogether in programs with raised privileges.
const Settings &settings() noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_SETTINGS_H
