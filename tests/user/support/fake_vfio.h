// SPDX-License-Identifier: BSD-3-Clause
// VFIO containers for tests on the host: they answer the library's ioctl() calls as Linux does, and fail on
// demand. A container is a memory file, so duplicates of its descriptor are the same container.
#ifndef QAE_TESTS_SUPPORT_FAKE_VFIO_H
#define QAE_TESTS_SUPPORT_FAKE_VFIO_H

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace qae::test {

struct FakeContainer {
    FakeContainer();
    ~FakeContainer();
    FakeContainer(const FakeContainer &) = delete;
    FakeContainer &operator=(const FakeContainer &) = delete;

    int fd;

    struct Dma {
        std::uintptr_t memory;
        std::uint64_t length;
    };
    std::map<std::uint64_t, Dma> mapped; // by address for devices

    // VFIO unmaps everything. The container refuses all requests until iommu_set is true again.
    void last_group_leaves();

    std::uint64_t mapped_bytes() const;
    // Does a device reach this byte, and if so, which pointer was mapped there?
    std::uintptr_t pointer_at(std::uint64_t iova) const;

    // Knobs.
    bool type1 = true;
    bool noiommu = false;
    bool iommu_set = true;
    int version = 0;
    std::uint64_t page_sizes = ~0xfffULL;
    bool reports_ranges = true;
    bool loops = false; // the chain of capabilities has a loop, which no kernel makes
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges = {{0, 0xfedfffff},
                                                                   {0xfef00000, (1ULL << 39) - 1}};
    std::uint64_t most_mappings = 65535;
    bool checks_memory = true;     // EFAULT for memory that cannot be written
    unsigned map_fails_from = ~0U; // this call of map, counted from 0, and later ones …
    int map_fails_with = 0;        // … fail with this errno
    int unmap_fails_with = 0;
    std::function<void()> before_request; // called in the thread that has it, without a lock of the container

    unsigned map_calls = 0;
    unsigned unmap_calls = 0;
};

// Makes the library call fake containers from now on. Other descriptors are no containers.
void use_fake_vfio();

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_FAKE_VFIO_H
