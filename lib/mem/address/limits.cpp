// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/limits.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace qae {
namespace {

std::uint64_t limit_of(__rlimit_resource resource) noexcept {
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : kNoLimit;
}

// What the process has mapped: in all, and of that its private writable memory.
struct Mapped {
    std::uint64_t all = 0;
    std::uint64_t data = 0;
};

bool read_mapped(Mapped &mapped) noexcept {
    const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char text[256];
    const ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    unsigned long all = 0;
    unsigned long data = 0;
    if (std::sscanf(text, "%lu %*u %*u %*u %*u %lu", &all, &data) != 2) {
        return false;
    }
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    mapped = {.all = all * page, .data = data * page};
    return true;
}

// Reads the number after @name, if that is in @text.
void find_number(const char *text, const char *name, int base, std::uint64_t &number) noexcept {
    const char *at = std::strstr(text, name);
    if (at != nullptr) {
        number = std::strtoull(at + std::strlen(name), nullptr, base);
    }
}

bool exceeds(std::uint64_t mapped, std::uint64_t bytes, std::uint64_t limit) noexcept {
    return limit != kNoLimit && mapped + bytes > limit;
}

} // namespace

std::uint64_t address_space_limit() noexcept { return limit_of(RLIMIT_AS); }

const char *exceeded_address_limit(std::uint64_t bytes) noexcept {
    Mapped mapped;
    if (!read_mapped(mapped)) {
        return nullptr;
    }
    if (exceeds(mapped.all, bytes, address_space_limit())) {
        return "ulimit -v";
    }
    return exceeds(mapped.data, bytes, limit_of(RLIMIT_DATA)) ? "ulimit -d" : nullptr;
}

// The file has no bound: it lists all groups of the process in one line, before what is wanted. So it is read
// piece by piece, and the last line of a piece, of which there may be more, once more with the next one.
LockedMemory locked_memory(const char *status) noexcept {
    LockedMemory locked{.bytes = 0, .most = limit_of(RLIMIT_MEMLOCK)};
    const int fd = open(status, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return locked;
    }
    char text[4096];
    std::uint64_t kib = 0;
    std::uint64_t capabilities = 0;
    std::size_t kept = 0;
    ssize_t length = 0;
    while ((length = read(fd, text + kept, sizeof(text) - 1 - kept)) > 0) {
        const std::size_t end = kept + static_cast<std::size_t>(length);
        text[end] = '\0';
        find_number(text, "\nVmLck:", 10, kib);
        find_number(text, "\nCapEff:", 16, capabilities);
        const char *line = std::strrchr(text, '\n');
        kept = line != nullptr ? end - static_cast<std::size_t>(line - text) : 0;
        kept = kept < sizeof(text) - 1 ? kept : 0; // the line is longer than a piece, and not wanted
        std::memmove(text, text + end - kept, kept);
    }
    close(fd);
    locked.bytes = kib << 10;
    if ((capabilities >> CAP_IPC_LOCK & 1) != 0) {
        locked.most = kNoLimit;
    }
    return locked;
}

} // namespace qae
