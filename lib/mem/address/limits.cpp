// SPDX-License-Identifier: BSD-3-Clause
#include "mem/address/limits.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

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

} // namespace qae
