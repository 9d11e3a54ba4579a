// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/vfio_container.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "mem/address/units.h"
#include "process/last_error.h"

namespace qae {
namespace {

int system_ioctl(int fd, unsigned long request, void *argument) noexcept {
    return ::ioctl(fd, request, argument);
}

constinit VfioContainer::Ioctl g_ioctl = system_ioctl;

// Some requests take a number instead of a pointer.
int ioctl_number(int fd, unsigned long request, std::uintptr_t number) noexcept {
    return g_ioctl(fd, request, reinterpret_cast<void *>(number));
}

bool has_extension(int fd, std::uintptr_t extension) noexcept {
    return ioctl_number(fd, VFIO_CHECK_EXTENSION, extension) > 0;
}

int fail_not_container(int fd, int err) noexcept {
    if (err == EBADF) {
        return fail(EBADF, "{} is not an open file descriptor; pass that of a VFIO container", fd);
    }
    return fail(ENOTTY,
                "the descriptor {} is not a VFIO container; open /dev/vfio/vfio and pass that descriptor",
                fd);
}

int check_kind(int fd) noexcept {
    const int version = ioctl_number(fd, VFIO_GET_API_VERSION, 0);
    if (version < 0) {
        return fail_not_container(fd, errno);
    }
    if (version != VFIO_API_VERSION) {
        return fail(EPROTO, "VFIO of this kernel has version {}; this library knows version {}", version,
                    VFIO_API_VERSION);
    }
    if (!has_extension(fd, VFIO_TYPE1_IOMMU)) {
        if (has_extension(fd, VFIO_NOIOMMU_IOMMU)) {
            return fail(
                EOPNOTSUPP,
                "the container is in no-IOMMU mode, where devices reach all memory and nothing can be "
                "mapped for them; turn the IOMMU on (intel_iommu=on), and set VFIO_TYPE1v2_IOMMU");
        }
        return fail(EOPNOTSUPP,
                    "the container has no type-1 IOMMU; load vfio_iommu_type1 and set VFIO_TYPE1v2_IOMMU");
    }
    return 0;
}

// The answer to VFIO_IOMMU_GET_INFO with all its capabilities. nullptr with errno.
std::unique_ptr<std::byte[]> read_info(int fd, std::uint32_t &size) noexcept {
    size = sizeof(vfio_iommu_type1_info);
    for (unsigned attempt = 0; attempt < 4; ++attempt) {
        std::unique_ptr<std::byte[]> buffer(new (std::nothrow) std::byte[size]());
        if (buffer == nullptr) {
            errno = ENOMEM;
            return nullptr;
        }
        auto *info = reinterpret_cast<vfio_iommu_type1_info *>(buffer.get());
        info->argsz = size;
        if (g_ioctl(fd, VFIO_IOMMU_GET_INFO, info) != 0) {
            return nullptr;
        }
        if (info->argsz <= size) {
            return buffer;
        }
        size = info->argsz; // a device may be added at this moment, so this may repeat
    }
    errno = EAGAIN;
    return nullptr;
}

// Looks for a capability in the chain that begins at @offset. Its offset, or 0.
std::uint32_t find_capability(const std::byte *info, std::uint32_t size, std::uint32_t offset,
                              std::uint16_t id) noexcept {
    // Each capability has a header, so a chain without a loop is not longer than this.
    for (std::uint32_t left = size / sizeof(vfio_info_cap_header); left > 0 && offset != 0; --left) {
        vfio_info_cap_header header;
        if (offset > size || size - offset < sizeof(header)) {
            return 0;
        }
        std::memcpy(&header, info + offset, sizeof(header));
        if (header.id == id) {
            return offset;
        }
        offset = header.next;
    }
    return 0;
}

// False if the kernel does not report them.
bool copy_ranges(const std::byte *info, std::uint32_t size, std::uint32_t offset,
                 IovaRanges &ranges) noexcept {
    vfio_iommu_type1_info_cap_iova_range capability;
    if (offset == 0 || size - offset < sizeof(capability)) {
        return false;
    }
    std::memcpy(&capability, info + offset, sizeof(capability));
    const std::uint32_t room =
        (size - offset - static_cast<std::uint32_t>(sizeof(capability))) / sizeof(IovaRange);
    ranges.count = 0;
    for (std::uint32_t i = 0; i < capability.nr_iovas && i < room && i < IovaRanges::kMax; ++i) {
        vfio_iova_range range;
        std::memcpy(&range, info + offset + sizeof(capability) + i * sizeof(range), sizeof(range));
        ranges.ranges[ranges.count++] = {.first = range.start, .last = range.end};
    }
    return ranges.count != 0;
}

int fail_info(int fd, int err) noexcept {
    switch (err) {
    case EINVAL: // the container exists, but has no IOMMU yet
    case ENODEV:
        return fail(EINVAL,
                    "the container has no IOMMU yet; add a group and set VFIO_TYPE1v2_IOMMU before the call");
    case ENOTTY:
        return fail(EOPNOTSUPP, "the IOMMU of the container is not of type 1, or it is in no-IOMMU mode; set "
                                "VFIO_TYPE1v2_IOMMU");
    default:
        return fail(err, "the container of descriptor {} does not describe its IOMMU: {}", fd,
                    std::strerror(err));
    }
}

int ranges_of(int fd, IovaRanges &ranges) noexcept {
    std::uint32_t size = 0;
    const std::unique_ptr<std::byte[]> buffer = read_info(fd, size);
    if (buffer == nullptr) {
        return fail_info(fd, errno);
    }
    const auto *info = reinterpret_cast<const vfio_iommu_type1_info *>(buffer.get());
    if ((info->flags & VFIO_IOMMU_INFO_PGSIZES) != 0 && (info->iova_pgsizes & kPageSize) == 0) {
        return fail(EOPNOTSUPP, "the IOMMU of the container has no pages of 4 KiB");
    }
    const std::uint32_t offset =
        (info->flags & VFIO_IOMMU_INFO_CAPS) == 0
            ? 0
            : find_capability(buffer.get(), size, info->cap_offset, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
    if (!copy_ranges(buffer.get(), size, offset, ranges)) {
        return fail(EOPNOTSUPP, "VFIO does not say which addresses devices of the container can use; this "
                                "mode needs Linux 6.1 or newer");
    }
    return 0;
}

// Whether two descriptors have one open file. Kernels without kcmp() do not say; then the answer is yes.
bool same_open_file(int a, int b) noexcept {
    const pid_t self = getpid();
    const long order = syscall(SYS_kcmp, self, self, KCMP_FILE, a, b);
    return order == 0 || (order < 0 && errno != EBADF);
}

} // namespace

int VfioContainer::open(int fd, IovaRanges &ranges) noexcept {
    int err = check_kind(fd);
    err = err != 0 ? err : ranges_of(fd, ranges);
    if (err != 0) {
        return err;
    }
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (own < 0 || file_.read_from(own) != 0) {
        err = errno;
        if (own >= 0) {
            ::close(own);
        }
        return fail(err, "cannot duplicate the descriptor {} of the container: {}", fd, std::strerror(err));
    }
    fd_ = own;
    registered_ = fd;
    return 0;
}

void VfioContainer::close() noexcept {
    if (fd_ >= 0 && file_.matches(fd_)) {
        ::close(fd_);
    }
    fd_ = -1;
    registered_ = -1;
}

bool VfioContainer::is(int fd) const noexcept { return has_number(fd) && same_open_file(fd, fd_); }

int VfioContainer::read_ranges(IovaRanges &ranges) const noexcept { return ranges_of(fd_, ranges); }

int VfioContainer::map(std::uintptr_t memory, std::uint64_t iova, std::uint64_t length) const noexcept {
    vfio_iommu_type1_dma_map request{};
    request.argsz = sizeof(request);
    request.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
    request.vaddr = memory;
    request.iova = iova;
    request.size = length;
    if (g_ioctl(fd_, VFIO_IOMMU_MAP_DMA, &request) == 0) {
        return 0;
    }
    const int err = errno;
    return err == EINVAL && !has_iommu() ? -ENODEV : -err;
}

// A container without an IOMMU refuses every request with EINVAL.
bool VfioContainer::has_iommu() const noexcept {
    vfio_iommu_type1_info info{};
    info.argsz = sizeof(info);
    return g_ioctl(fd_, VFIO_IOMMU_GET_INFO, &info) == 0 || errno != EINVAL;
}

// The kernel unmaps what it finds in the range, and succeeds if that is nothing.
int VfioContainer::unmap(std::uint64_t iova, std::uint64_t length) const noexcept {
    vfio_iommu_type1_dma_unmap request{};
    request.argsz = sizeof(request);
    request.iova = iova;
    request.size = length;
    if (g_ioctl(fd_, VFIO_IOMMU_UNMAP_DMA, &request) != 0) {
        const int err = errno;
        return err == EINVAL && !has_iommu() ? 0 : -err;
    }
    return 0;
}

void VfioContainer::set_ioctl_for_test(Ioctl function) noexcept {
    g_ioctl = function != nullptr ? function : system_ioctl;
}

} // namespace qae
