// SPDX-License-Identifier: BSD-3-Clause
#include "mem/memory_failure.h"

#include <cerrno>
#include <cstring>

#include "mem/address/limits.h"
#include "mem/source/numa.h"
#include "process/last_error.h"

namespace qae {

namespace {

int fail_limit(const SourceError &error, std::uint64_t length) noexcept {
    const char *limit = error.limit != nullptr ? error.limit : "it";
    if (error.limit_most == 0 && error.limit_bytes == 0) {
        return fail(EDQUOT, "a limit on pinned memory is reached; free some, or have root raise {}", limit);
    }
    return fail(
        EDQUOT,
        "a limit on pinned memory is reached: {} KiB of {} KiB are pinned, and {} KiB more are needed; "
        "free some, or have root raise {}",
        error.limit_bytes >> 10, error.limit_most >> 10, length >> 10, limit);
}

// The window may be smaller than the limit allows, because it was reserved at the first allocation.
int fail_address_space(std::uint64_t length, const char *limit) noexcept {
    if (limit != nullptr) {
        return fail(ENOMEM,
                    "no address space left for {} KiB: a limit of this process is reached; raise it ({}) and "
                    "restart the process",
                    length >> 10, limit);
    }
    return fail(
        ENOMEM,
        "no address space left for {} KiB: this process has too many mappings, or the system allows no "
        "more (vm.max_map_count, vm.overcommit_memory)",
        length >> 10);
}

int fail_locked_limit() noexcept {
    return fail(EAGAIN, "pinned memory exceeds the limit on locked memory, which mlockall(MCL_FUTURE) "
                        "of this process applies to it; raise the limit (ulimit -l) or leave out MCL_FUTURE");
}

int fail_full_window(std::uint64_t length) noexcept {
    if (address_space_limit() != kNoLimit) {
        return fail(
            ENOSPC,
            "no address space left for {} KiB: the library takes a part of the limit of this process; "
            "raise it (ulimit -v) and restart the process",
            length >> 10);
    }
    return fail(ENOSPC, "no address space left for {} KiB: a process has 64 GiB for pinned memory; free some",
                length >> 10);
}

} // namespace

int fail_region(const SourceError &error, std::uint64_t length, int node) noexcept {
    switch (error.err) {
    case EDQUOT:
        return fail_limit(error, length);
    case ENOMEM:
        if (error.limit != nullptr) {
            return fail_address_space(length, error.limit);
        }
        if (node == kAnyNode) {
            return fail(ENOMEM, "no contiguous memory for {} KiB: memory is short or fragmented",
                        length >> 10);
        }
        return fail(ENOMEM,
                    "no contiguous memory for {} KiB on node {}: memory there is short or fragmented, or the "
                    "cpuset of this process leaves the node out (Mems_allowed in /proc/self/status)",
                    length >> 10, node);
    case ENOSPC:
        return fail(ENOSPC,
                    "no {} KiB are free in one piece among the addresses that devices can use; free or unmap "
                    "some memory",
                    length >> 10);
    case ENXIO:
        return fail(ENXIO, "there is no NUMA node {} with memory; nodes with memory: {}", node,
                    memory_nodes().text);
    case EAGAIN:
        return fail_locked_limit();
    case EOPNOTSUPP:
        return fail(EOPNOTSUPP, "the driver cannot pin memory on this machine: its memory is encrypted");
    case EADDRNOTAVAIL:
        return fail(EADDRNOTAVAIL,
                    "an endpoint does not reach the {} KiB that were found at their physical address; the "
                    "kernel log names it (dmesg); take it down (qaectl down)",
                    length >> 10);
    case ENODEV:
        return fail(ENODEV, "the driver is being removed; load it again and restart the process");
    default:
        return fail(error.err, "the driver refused {} KiB of pinned memory: {}", length >> 10,
                    std::strerror(error.err));
    }
}

int fail_map(int err, std::uint64_t length) noexcept {
    switch (err) {
    case ENOMEM:
        return fail_address_space(length, exceeded_address_limit(length));
    case ENOSPC:
        return fail_full_window(length);
    case EAGAIN:
        return fail_locked_limit();
    default:
        return fail(err, "cannot map pinned memory: {}", std::strerror(err));
    }
}

int fail_grant() noexcept {
    return fail(EIO, "the driver granted a region that is too small or misaligned; install module and "
                     "library of one release");
}

int fail_free(const void *pointer, bool inside, bool known) noexcept {
    if (inside) {
        return fail(EINVAL, "{} points into a block; pass the pointer that qaeMemAllocNUMA() returned",
                    pointer);
    }
    if (known) {
        return fail(ENOENT, "{} is not allocated: it was freed already, or never was a block", pointer);
    }
    return fail(ENOENT,
                "{} is not pinned memory of this process: it came from elsewhere, was freed, or belongs "
                "to a parent process",
                pointer);
}

} // namespace qae
