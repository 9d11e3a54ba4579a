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

// The number after @name in the text of /proc/self/status; 0 if it is not there.
std::uint64_t number_after(const char *text, const char *name, int base) noexcept {
    const char *at = std::strstr(text, name);
    return at != nullptr ? std::strtoull(at + std::strlen(name), nullptr, base) : 0;
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

LockedMemory locked_memory() noexcept {
    LockedMemory locked{.bytes = 0, .most = limit_of(RLIMIT_MEMLOCK)};
    const int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return locked;
    }
    char text[4096];
    const ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    locked.bytes = number_after(text, "\nVmLck:", 10) << 10;
    if ((number_after(text, "\nCapEff:", 16) >> CAP_IPC_LOCK & 1) != 0) {
        locked.most = kNoLimit;
    }
    return locked;
}

} // namespace qae
