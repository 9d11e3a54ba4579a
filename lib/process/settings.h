// SPDX-License-Identifier: BSD-3-Clause
// The settings that the environment gives the library, read once per process.
#ifndef QAE_LIB_PROCESS_SETTINGS_H
#define QAE_LIB_PROCESS_SETTINGS_H

#include <cstdint>

namespace qae {

// Where pinned memory comes from (QAT_USER_MODE).
enum class Mode {
    automatic, // the driver if its device opens, else VFIO once a container is registered
    driver,    // "oot", the word of the documented API for the out-of-tree driver
    vfio,
    plain, // ordinary memory
};

// Texts live as long as the process.
struct Settings {
    Mode mode = Mode::automatic;
    bool leak_report = false;            // QAT_USER_LEAK_REPORT=1
    std::uint64_t mem_keep = 8ULL << 20; // QAT_USER_MEM_KEEP: idle pinned bytes kept per node
    const char *plane = nullptr;         // QAT_USER_PLANE: "software"; nullptr: none
    const char *plane_folder = nullptr;  // QAT_USER_PLANE_DIR; nullptr: beside the library
    const char *conf_folder = nullptr;   // QAT_USER_CONF: of plain mode; nullptr: no files
    std::uint64_t huge_pages = 0;        // QAT_USER_HUGEPAGES: huge pages of 2 MiB, VFIO mode
    unsigned iova_bits = 64;             // QAT_USER_IOVA_BITS: addresses that devices reach, VFIO mode

    // Whether sections and instances come from configuration files instead of the module. Without a plane
    // they would serve nothing.
    bool has_plain_sections() const noexcept { return mode == Mode::plain && plane != nullptr; }
};

// Reads the environment at the first call. A value that cannot be understood is reported once on stderr, and
// its default is used. Programs with raised privileges ignore the environment.
const Settings &settings() noexcept;

} // namespace qae

#endif // QAE_LIB_PROCESS_SETTINGS_H
