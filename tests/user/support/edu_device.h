// SPDX-License-Identifier: BSD-3-Clause
// QEMU's edu device (1234:11e8) under vfio-pci: a device that copies between memory and a buffer of its own,
// so that a test sees which bytes a device really reads and writes.
#ifndef QAE_TESTS_SUPPORT_EDU_DEVICE_H
#define QAE_TESTS_SUPPORT_EDU_DEVICE_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace guest {

class EduDevice {
public:
    // The addresses of all such devices that vfio-pci has, such as 0000:01:00.0, in order.
    static std::vector<std::string> all();

    // The largest copy. QEMU ends if a copy has the size of the whole buffer.
    static constexpr std::size_t kMost = 2048;

    // Opens a new container with the device's group and, unless @set_iommu is false, a type-1 IOMMU, then the
    // device. Ends the test program if something fails.
    explicit EduDevice(const std::string &address, bool set_iommu = true);
    ~EduDevice();
    EduDevice(const EduDevice &) = delete;
    EduDevice &operator=(const EduDevice &) = delete;

    int container() const noexcept { return container_; }
    int group() const noexcept { return group_; }

    // Set the IOMMU later, for a container that was opened without one.
    void set_iommu();

    // The device reads memory at @iova into its buffer, or writes its buffer there. Returns when it is done.
    // The device does not say whether the IOMMU let it.
    void read_memory(std::uint64_t iova, std::size_t size);
    void write_memory(std::uint64_t iova, std::size_t size);

private:
    void open_device();
    void copy(std::uint64_t from, std::uint64_t to, std::size_t size, std::uint32_t direction);

    std::string address_;
    int container_ = -1;
    int group_ = -1;
    int device_ = -1;
    volatile unsigned char *registers_ = nullptr;
    std::size_t length_ = 0;
};

} // namespace guest

#endif // QAE_TESTS_SUPPORT_EDU_DEVICE_H
