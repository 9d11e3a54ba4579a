// SPDX-License-Identifier: BSD-3-Clause
// A VFIO container with a type-1 IOMMU: what its addresses are, and mapping memory there. It is the only
// place that calls VFIO.
#ifndef QAE_LIB_MEM_SOURCE_VFIO_CONTAINER_H
#define QAE_LIB_MEM_SOURCE_VFIO_CONTAINER_H

#include <algorithm>
#include <cstdint>

#include "process/device_file.h"

namespace qae {

// Addresses that the IOMMU translates for the devices of a container, both ends included.
struct IovaRange {
    std::uint64_t first;
    std::uint64_t last;

    bool operator==(const IovaRange &) const noexcept = default;
};

struct IovaRanges {
    static constexpr unsigned kMax = 64; // each reserved range of a device splits one
    IovaRange ranges[kMax]{};
    unsigned count = 0;

    bool operator==(const IovaRanges &other) const noexcept {
        return std::equal(ranges, ranges + count, other.ranges, other.ranges + other.count);
    }
};

class VfioContainer {
public:
    // Checks that @fd is a container that can map memory, and keeps a duplicate of it: an application may
    // close its own while memory is mapped. @ranges receives its addresses. 0, or -errno with the reason
    // recorded.
    int open(int fd, IovaRanges &ranges) noexcept;

    // Closes the duplicate, unless the application has closed it and the system has given its number to
    // another file.
    void close() noexcept;

    bool is_open() const noexcept { return fd_ >= 0; }

    // Is @fd the number of the descriptor that was opened? The application may have closed it.
    bool has_number(int fd) const noexcept { return is_open() && fd == registered_; }
    // And is it still the same container?
    bool is(int fd) const noexcept;

    // Reads its addresses once more: they become fewer when a group joins. 0, or -errno with the reason
    // recorded.
    int read_ranges(IovaRanges &ranges) const noexcept;

    // Maps memory for reading and writing by devices. The kernel pins it. 0 or -errno; records no reason.
    // -ENODEV: the last group has left, see has_iommu().
    int map(std::uintptr_t memory, std::uint64_t iova, std::uint64_t length) const noexcept;

    // Unmaps what one call of map() mapped. 0 or -errno; records no reason. It is 0 too if nothing is mapped
    // there any more, because another user of the container unmapped it or the last group has left.
    int unmap(std::uint64_t iova, std::uint64_t length) const noexcept;

    // Calls @function instead of ioctl(2), or ioctl(2) again for nullptr. For tests only.
    using Ioctl = int (*)(int fd, unsigned long request, void *argument);
    static void set_ioctl_for_test(Ioctl function) noexcept;

private:
    // False once the last group has left: then VFIO has unmapped everything.
    bool has_iommu() const noexcept;

    int fd_ = -1;         // the duplicate
    int registered_ = -1; // the application's descriptor
    FileIdentity file_;
};

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_VFIO_CONTAINER_H
