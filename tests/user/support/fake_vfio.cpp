// SPDX-License-Identifier: BSD-3-Clause
#include "support/fake_vfio.h"

#include <linux/vfio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "mem/source/vfio_container.h"

namespace qae::test {
namespace {

std::mutex g_mutex;
std::map<ino_t, FakeContainer *> g_containers; // by inode of the memory file

ino_t inode_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

int failed(int err) {
    errno = err;
    return -1;
}

// One capability that the library does not know, then the ranges, and a third one.
int answer_info(const FakeContainer &container, vfio_iommu_type1_info *info) {
    if (container.noiommu) {
        return failed(ENOTTY);
    }
    if (!container.iommu_set) {
        return failed(EINVAL);
    }
    constexpr std::uint32_t kFirst = sizeof(vfio_iommu_type1_info);
    const std::uint32_t second = kFirst + sizeof(vfio_info_cap_header);
    const auto count = static_cast<std::uint32_t>(container.ranges.size());
    const auto third = static_cast<std::uint32_t>(second + sizeof(vfio_iommu_type1_info_cap_iova_range) +
                                                  count * sizeof(vfio_iova_range));
    const auto size = static_cast<std::uint32_t>(third + sizeof(vfio_info_cap_header));
    const bool fits = info->argsz >= size;
    info->argsz = size;
    info->flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
    info->iova_pgsizes = container.page_sizes;
    info->cap_offset = 0;
    if (!fits) {
        return 0;
    }
    auto *bytes = reinterpret_cast<char *>(info);
    auto put = [bytes](std::uint32_t at, const auto &what) { std::memcpy(bytes + at, &what, sizeof(what)); };
    info->cap_offset = kFirst;
    put(kFirst, vfio_info_cap_header{.id = 100, .version = 1, .next = second});
    vfio_iommu_type1_info_cap_iova_range capability{};
    capability.header = {
        .id = static_cast<__u16>(container.reports_ranges ? VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE : 101),
        .version = 1,
        .next = container.loops ? kFirst : third};
    capability.nr_iovas = count;
    put(second, capability);
    for (std::uint32_t i = 0; i < count; ++i) {
        put(static_cast<std::uint32_t>(second + sizeof(capability) + i * sizeof(vfio_iova_range)),
            vfio_iova_range{container.ranges[i].first, container.ranges[i].second});
    }
    put(third, vfio_info_cap_header{.id = 102, .version = 1, .next = 0});
    return 0;
}

int map(FakeContainer &container, const vfio_iommu_type1_dma_map &request) {
    if (!container.iommu_set) {
        return failed(EINVAL);
    }
    if (container.map_calls++ >= container.map_fails_from && container.map_fails_with != 0) {
        return failed(container.map_fails_with);
    }
    const bool valid = std::any_of(container.ranges.begin(), container.ranges.end(), [&](const auto &range) {
        return request.iova >= range.first && request.iova + request.size - 1 <= range.second;
    });
    if (!valid || request.size == 0 || (request.size | request.iova | request.vaddr) % 4096 != 0) {
        return failed(EINVAL);
    }
    const auto after = container.mapped.lower_bound(request.iova);
    if ((after != container.mapped.end() && after->first < request.iova + request.size) ||
        (after != container.mapped.begin() &&
         std::prev(after)->first + std::prev(after)->second.length > request.iova)) {
        return failed(EEXIST);
    }
    if (container.mapped.size() >= container.most_mappings) {
        return failed(ENOSPC);
    }
    if (container.checks_memory &&
        madvise(reinterpret_cast<void *>(request.vaddr), request.size, MADV_POPULATE_WRITE) != 0) {
        return failed(EFAULT);
    }
    container.mapped[request.iova] = {request.vaddr, request.size};
    return 0;
}

// Like type 1 of version 2: only whole mappings.
int unmap(FakeContainer &container, vfio_iommu_type1_dma_unmap &request) {
    ++container.unmap_calls;
    if (!container.iommu_set) {
        return failed(EINVAL);
    }
    if (container.unmap_fails_with != 0) {
        return failed(container.unmap_fails_with);
    }
    const auto found = container.mapped.find(request.iova);
    if (found == container.mapped.end()) {
        request.size = 0;
        return 0;
    }
    if (found->second.length != request.size) {
        return failed(EINVAL);
    }
    container.mapped.erase(found);
    return 0;
}

int fake_ioctl(int fd, unsigned long request, void *argument) {
    std::unique_lock lock(g_mutex);
    const ino_t inode = inode_of(fd);
    if (inode == 0) {
        return failed(EBADF);
    }
    const auto found = g_containers.find(inode);
    if (found == g_containers.end()) {
        return failed(ENOTTY);
    }
    FakeContainer &container = *found->second;
    if (const auto hook = container.before_request) {
        lock.unlock();
        hook();
        lock.lock();
    }
    switch (request) {
    case VFIO_GET_API_VERSION:
        return container.version;
    case VFIO_CHECK_EXTENSION: {
        const auto extension = reinterpret_cast<std::uintptr_t>(argument);
        return extension == VFIO_NOIOMMU_IOMMU ? container.noiommu : container.type1;
    }
    case VFIO_IOMMU_GET_INFO:
        return answer_info(container, static_cast<vfio_iommu_type1_info *>(argument));
    case VFIO_IOMMU_MAP_DMA:
        return map(container, *static_cast<vfio_iommu_type1_dma_map *>(argument));
    case VFIO_IOMMU_UNMAP_DMA:
        return unmap(container, *static_cast<vfio_iommu_type1_dma_unmap *>(argument));
    default:
        return failed(ENOTTY);
    }
}

} // namespace

FakeContainer::FakeContainer() : fd(memfd_create("fake-container", MFD_CLOEXEC)) {
    const std::lock_guard lock(g_mutex);
    g_containers[inode_of(fd)] = this;
}

FakeContainer::~FakeContainer() {
    const std::lock_guard lock(g_mutex);
    std::erase_if(g_containers, [this](const auto &entry) { return entry.second == this; });
    close(fd);
}

void FakeContainer::last_group_leaves() {
    const std::lock_guard lock(g_mutex);
    iommu_set = false;
    mapped.clear();
}

std::uint64_t FakeContainer::mapped_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto &[iova, dma] : mapped) {
        bytes += dma.length;
    }
    return bytes;
}

std::uintptr_t FakeContainer::pointer_at(std::uint64_t iova) const {
    const std::lock_guard lock(g_mutex);
    auto found = mapped.upper_bound(iova);
    if (found == mapped.begin()) {
        return 0;
    }
    const auto &[start, dma] = *--found;
    return iova - start < dma.length ? dma.memory + (iova - start) : 0;
}

void use_fake_vfio() { VfioContainer::set_ioctl_for_test(fake_ioctl); }

} // namespace qae::test
