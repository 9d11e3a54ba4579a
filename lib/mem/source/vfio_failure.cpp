// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/vfio_failure.h"

#include <cerrno>
#include <cstring>

#include "mem/address/limits.h"
#include "process/last_error.h"

namespace qae {
namespace {

constexpr char kMappingLimit[] = "the mapping limit of VFIO (dma_entry_limit of the module vfio_iommu_type1)";

} // namespace

SourceError vfio_error(int err, std::uint64_t length) noexcept {
    switch (err) {
    case 0:
        return {};
    case -ENOSPC:
    case -EAGAIN:
        return {-err};
    case -EMLINK:
        return {.err = EDQUOT, .limit = kMappingLimit};
    case -ENOMEM: {
        const LockedMemory locked = locked_memory();
        if (!locked.exceeds(length)) {
            return {ENOMEM};
        }
        return {.err = EDQUOT,
                .limit = "the limit on locked memory (ulimit -l)",
                .limit_most = locked.most,
                .limit_bytes = locked.bytes};
    }
    case -EFAULT:
        fail(EFAULT,
             "VFIO cannot pin {} KiB: some of it is not mapped, is read-only, or is of a kind that is never "
             "pinned, "
             "such as registers of a device",
             length >> 10);
        break;
    case -EEXIST:
        fail(EEXIST,
             "others mapped the addresses in the container that this library chose; leave its addresses to "
             "this library, or give each process a container of its own");
        break;
    case -EBADF:
    case -ENOTTY:
        fail(EBADF, "the application closed the library's descriptor of the container; unregister it, close "
                    "it with its groups and devices, and register one that was opened after that");
        break;
    case -ENODEV:
        fail(ENODEV, "the container has no group any more, so VFIO has unmapped all memory; add a group, set "
                     "VFIO_TYPE1v2_IOMMU, then unregister the container and register it again");
        break;
    case -EPERM:
        fail(EPERM, "VFIO does not let this process map memory in the container: {}", std::strerror(EPERM));
        break;
    default:
        fail(-err, "VFIO refused to map {} KiB: {}", length >> 10, std::strerror(-err));
    }
    return {.err = -err, .reported = true};
}

int fail_tables(int err) noexcept {
    if (err == -EAGAIN) {
        return fail(EAGAIN, "the tables of VFIO exceed the limit on locked memory, which "
                            "mlockall(MCL_FUTURE) of this process applies to them; raise the limit "
                            "(ulimit -l) or leave out MCL_FUTURE");
    }
    return fail(-err, "the process has no memory for the tables of VFIO");
}

int fail_existing_region(int err, std::uint64_t iova, std::uint64_t length) noexcept {
    if (err == -ENOSPC) {
        return fail(
            EADDRNOTAVAIL,
            "devices of the container cannot use the address {:#x} of memory that was allocated before; "
            "register the container before the first allocation",
            iova);
    }
    const SourceError error = vfio_error(err, length);
    if (error.reported) {
        return -error.err;
    }
    if (error.limit == nullptr) {
        return fail(error.err, "cannot map {} KiB that were allocated before in the container: {}",
                    length >> 10, std::strerror(error.err));
    }
    if (error.limit_most == 0) {
        return fail(error.err,
                    "cannot map all memory that was allocated before in the container: {} is reached",
                    error.limit);
    }
    return fail(error.err,
                "cannot map all memory that was allocated before in the container: {} KiB of {} KiB are "
                "locked, and {} "
                "KiB more are needed; raise {}",
                error.limit_bytes >> 10, error.limit_most >> 10, length >> 10, error.limit);
}

} // namespace qae
