// SPDX-License-Identifier: BSD-3-Clause
#include "process/settings.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <optional>

#include "common/byte_count.h"
#include "common/text.h"
#include "process/last_error.h"

namespace qae {
namespace {

constinit Settings g_settings;
pthread_once_t g_once = PTHREAD_ONCE_INIT;

constexpr struct {
    const char *word;
    Mode mode;
} kModes[] = {{"auto", Mode::automatic}, {"oot", Mode::driver}, {"vfio", Mode::vfio}, {"plain", Mode::plain}};

// The window has room for so many huge pages.
constexpr std::uint64_t kMostHugePages = 32768;

// A range of 4 MiB has one granule of 2 MiB that is not at address 0.
constexpr unsigned kLeastBits = 22;

void read_mode() noexcept {
    const char *mode = secure_getenv("QAT_USER_MODE");
    if (mode == nullptr || *mode == '\0') {
        return;
    }
    for (const auto &[word, value] : kModes) {
        if (std::strcmp(mode, word) == 0) {
            g_settings.mode = value;
            if (value == Mode::plain) {
                tell("QAT_USER_MODE=plain: blocks are ordinary memory with made-up device addresses; no "
                     "endpoint can "
                     "use them");
            }
            return;
        }
    }
    tell("QAT_USER_MODE={}: not a mode, so it is ignored; write auto, oot, vfio or plain", mode);
}

// Reads a whole number from @least to @most. @value stays if there is none.
template <class T>
void read_number(const char *name, T &value, std::uint64_t least, std::uint64_t most) noexcept {
    const char *text = secure_getenv(name);
    if (text == nullptr || *text == '\0') {
        return;
    }
    const std::optional<std::uint64_t> number = parse_unsigned(text);
    if (number && *number >= least && *number <= most) {
        value = static_cast<T>(*number);
    } else {
        tell("{}={}: write a whole number from {} to {}, or unset it", name, text, least, most);
    }
}

void read_keep() noexcept {
    const char *keep = secure_getenv("QAT_USER_MEM_KEEP");
    if (keep == nullptr || *keep == '\0') {
        return;
    }
    const auto [bytes, error] = parse_byte_count(keep);
    if (error == ByteCountError::none) {
        g_settings.mem_keep = bytes;
    } else {
        tell("QAT_USER_MEM_KEEP={}: not a size; write bytes, or a whole number with K, M, G or T", keep);
    }
}

void read_leak_report() noexcept {
    const char *report = secure_getenv("QAT_USER_LEAK_REPORT");
    if (report == nullptr || *report == '\0' || std::strcmp(report, "0") == 0) {
        return;
    }
    if (std::strcmp(report, "1") == 0) {
        g_settings.leak_report = true;
    } else {
        tell("QAT_USER_LEAK_REPORT={}: write 1 for a report at exit, or unset it", report);
    }
}

// A copy, because the application may change its environment. nullptr if it is unset or empty.
const char *copy_of(const char *variable) noexcept {
    const char *value = secure_getenv(variable);
    return value != nullptr && *value != '\0' ? strdup(value) : nullptr;
}

void read_plane() noexcept {
    const char *plane = secure_getenv("QAT_USER_PLANE");
    if (plane == nullptr || *plane == '\0') {
        return;
    }
    if (std::strcmp(plane, "software") == 0) {
        g_settings.plane = "software";
        g_settings.plane_folder = copy_of("QAT_USER_PLANE_DIR");
        g_settings.conf_folder = copy_of("QAT_USER_CONF");
        tell("QAT_USER_PLANE=software: the CPU does the work of simulated endpoints; no device is used");
    } else {
        tell("QAT_USER_PLANE={}: not a data plane; write software, or unset it", plane);
    }
}

void read_all() noexcept {
    read_mode();
    read_plane();
    read_keep();
    read_leak_report();
    read_number("QAT_USER_HUGEPAGES", g_settings.huge_pages, 0, kMostHugePages);
    read_number("QAT_USER_IOVA_BITS", g_settings.iova_bits, kLeastBits, 64);
}

} // namespace

const Settings &settings() noexcept {
    pthread_once(&g_once, read_all);
    return g_settings;
}

} // namespace qae
