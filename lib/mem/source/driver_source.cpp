// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/driver_source.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "process/device.h"

namespace qae {
namespace {

// The limit in words, with the command that raises it.
const char *limit_name(std::uint32_t limit) noexcept {
    switch (limit) {
    case QAE_LIMIT_CLIENT:
        return "the limit of each process (qaectl memory limit --client)";
    case QAE_LIMIT_USER:
        return "the limit of this user (qaectl memory limit --user)";
    case QAE_LIMIT_ALL:
        return "the limit of all processes together (qaectl memory limit --all)";
    case QAE_LIMIT_CONTIG:
        return "the limit of blocks above 4 MiB (qaectl memory limit --contig)";
    case QAE_LIMIT_CGROUP:
        return "the memory limit of this control group (memory.max)";
    default:
        return nullptr;
    }
}

class DriverSource final : public RegionSource {
public:
    SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node, Need need,
                      SourceRegion &region) noexcept override {
        Device &device = Device::instance();
        const int fd = device.acquire_fd();
        if (fd < 0) {
            return {.err = -fd, .reported = true};
        }
        qae_mem_alloc request{};
        request.size = sizeof(request);
        request.length = length;
        request.alignment = alignment;
        request.node = node;
        request.flags = need == Need::optional ? QAE_MEM_ALLOC_OPTIONAL : 0;
        int err = device.ioctl(QAE_IOC_MEM_ALLOC, &request);
        if (err == -EOPNOTSUPP && request.flags != 0) { // an older module: it counts every failure
            request.flags = 0;
            err = device.ioctl(QAE_IOC_MEM_ALLOC, &request);
        }
        if (err != 0) {
            return {.err = -err,
                    .reported = err == -EBADF,
                    .limit = err == -EDQUOT ? limit_name(request.limit) : nullptr,
                    .limit_most = request.limit_most,
                    .limit_bytes = request.limit_bytes};
        }
        region = {.length = request.length,
                  .device_address = request.device_address,
                  .map_offset = request.mmap_offset,
                  .id = request.id,
                  .node = request.node};
        return {};
    }

    int map(const SourceRegion &region, void *address) noexcept override {
        const int fd = Device::instance().current_fd();
        void *map = mmap(address, region.length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                         static_cast<off_t>(region.map_offset));
        return map == MAP_FAILED ? -errno : 0;
    }

    void free(const SourceRegion &region) noexcept override {
        qae_mem_free request{};
        request.size = sizeof(request);
        request.id = region.id;
        // This fails only if the descriptor is closed, and then the region is freed with it.
        if (Device::instance().current_fd() >= 0) {
            static_cast<void>(Device::instance().ioctl(QAE_IOC_MEM_FREE, &request));
        }
    }

    std::uint64_t max_region_size() noexcept override {
        Device &device = Device::instance();
        std::uint64_t size = 0;
        if (device.acquire_fd() >= 0) {
            size = device.info().max_region_size;
        }
        return std::max<std::uint64_t>(size, 4ULL << 20);
    }
};

constinit DriverSource g_source;

} // namespace

RegionSource &driver_source() noexcept { return g_source; }

} // namespace qae
