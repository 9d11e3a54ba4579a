// SPDX-License-Identifier: BSD-3-Clause
#include "support/edu_device.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace guest {
namespace {

// Registers of the device, from the documentation of QEMU (docs/specs/edu.txt).
constexpr unsigned kIdentity = 0x00;
constexpr unsigned kDmaFrom = 0x80;
constexpr unsigned kDmaTo = 0x88;
constexpr unsigned kDmaSize = 0x90;
constexpr unsigned kDmaCommand = 0x98;
constexpr std::uint64_t kBuffer = 0x40000;
constexpr std::uint32_t kStart = 1;
constexpr std::uint32_t kToMemory = 2;

void require(bool condition, const char *what) {
    if (!condition) {
        std::perror(what);
        std::exit(98);
    }
}

} // namespace

std::vector<std::string> EduDevice::all() {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator("/sys/bus/pci/drivers/vfio-pci", error)) {
        if (entry.path().filename().string().find(':') != std::string::npos) {
            found.push_back(entry.path().filename().string());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

EduDevice::EduDevice(const std::string &address, bool set) : address_(address) {
    const auto link = std::filesystem::read_symlink("/sys/bus/pci/devices/" + address + "/iommu_group");
    const std::string path = "/dev/vfio/" + link.filename().string();
    container_ = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
    require(container_ >= 0, "/dev/vfio/vfio");
    group_ = open(path.c_str(), O_RDWR | O_CLOEXEC);
    require(group_ >= 0, path.c_str());
    require(ioctl(group_, VFIO_GROUP_SET_CONTAINER, &container_) == 0, "VFIO_GROUP_SET_CONTAINER");
    if (set) {
        set_iommu();
    }
}

void EduDevice::set_iommu() {
    require(ioctl(container_, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) == 0, "VFIO_SET_IOMMU");
    open_device();
}

void EduDevice::open_device() {
    device_ = ioctl(group_, VFIO_GROUP_GET_DEVICE_FD, address_.c_str());
    require(device_ >= 0, "VFIO_GROUP_GET_DEVICE_FD");
    vfio_region_info region{};
    region.argsz = sizeof(region);
    region.index = VFIO_PCI_CONFIG_REGION_INDEX;
    require(ioctl(device_, VFIO_DEVICE_GET_REGION_INFO, &region) == 0, "configuration space");
    std::uint16_t command = 0;
    constexpr std::uint16_t kMemoryAndMaster = 6;
    const auto at = static_cast<off_t>(region.offset) + 4;
    require(pread(device_, &command, sizeof(command), at) == sizeof(command), "command register");
    command |= kMemoryAndMaster;
    require(pwrite(device_, &command, sizeof(command), at) == sizeof(command), "command register");
    region.index = VFIO_PCI_BAR0_REGION_INDEX;
    require(ioctl(device_, VFIO_DEVICE_GET_REGION_INFO, &region) == 0, "registers");
    length_ = region.size;
    void *map = mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_SHARED, device_,
                     static_cast<off_t>(region.offset));
    require(map != MAP_FAILED, "registers");
    registers_ = static_cast<volatile unsigned char *>(map);
    const std::uint32_t identity = *reinterpret_cast<volatile std::uint32_t *>(registers_ + kIdentity);
    require((identity & 0xffff) == 0xed, "identity of the edu device");
}

EduDevice::~EduDevice() {
    if (registers_ != nullptr) {
        munmap(const_cast<unsigned char *>(registers_), length_);
    }
    if (device_ >= 0) {
        close(device_);
    }
    close(group_);
    close(container_);
}

void EduDevice::copy(std::uint64_t from, std::uint64_t to, std::size_t size, std::uint32_t direction) {
    require(size <= kMost, "size of a copy");
    const auto at = [this](unsigned offset) {
        return reinterpret_cast<volatile std::uint64_t *>(registers_ + offset);
    };
    *at(kDmaFrom) = from;
    *at(kDmaTo) = to;
    *at(kDmaSize) = size;
    *at(kDmaCommand) = kStart | direction;
    while ((*at(kDmaCommand) & kStart) != 0) {
        const timespec pause{.tv_sec = 0, .tv_nsec = 1000000};
        nanosleep(&pause, nullptr);
    }
}

void EduDevice::read_memory(std::uint64_t iova, std::size_t size) { copy(iova, kBuffer, size, 0); }

void EduDevice::write_memory(std::uint64_t iova, std::size_t size) { copy(kBuffer, iova, size, kToMemory); }

} // namespace guest
