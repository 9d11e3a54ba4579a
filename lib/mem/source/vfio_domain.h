// SPDX-License-Identifier: BSD-3-Clause
// What the process has of VFIO: the registered container, the addresses that its devices can use, the regions
// of pinned memory and the memory that the application mapped.
//
// A region has its address from the beginning, whether a container is registered or not. Registering maps all
// regions there, and fails if the container does not translate one of these addresses. The first container
// says later which addresses there are; until then, all below 512 GiB are assumed but those of message
// signalled interrupts.
#ifndef QAE_LIB_MEM_SOURCE_VFIO_DOMAIN_H
#define QAE_LIB_MEM_SOURCE_VFIO_DOMAIN_H

#include <atomic>
#include <cstdint>

#include "mem/address/iova_space.h"
#include "mem/address/mapped_memory.h"
#include "mem/address/sparse_table.h"
#include "mem/source/huge_pages.h"
#include "mem/source/region_source.h"
#include "mem/source/vfio_container.h"
#include "process/fork.h"

namespace qae {

class VfioDomain {
public:
    static VfioDomain &instance() noexcept;

    // Was a container registered in this process, now or before?
    static bool is_chosen() noexcept;

    // ---- the container. 0, or -errno with the reason recorded.

    // Maps all regions in the container, or none. The container that is registered is counted instead.
    int add_container(int fd, RegionUser &user) noexcept;
    // The last call unmaps everything, and forgets what the application mapped.
    int remove_container(int fd) noexcept;

    // ---- regions. Their memory lies outside the window at first.

    // Takes addresses for new memory, and maps it if a container is registered.
    SourceError add_region(void *memory, std::uint64_t length, std::uint64_t alignment, bool huge,
                           SourceRegion &region) noexcept;
    // Moves the memory of a region to its place in the window, while the user's regions are held. 0 or
    // -errno.
    int move_region(const SourceRegion &region, void *address) noexcept;
    // Unmaps a region for devices, and its memory too if it was never moved.
    void remove_region(const SourceRegion &region) noexcept;

    HugePages &huge_pages() noexcept { return huge_pages_; }

    // ---- memory of the application

    // The caller has checked the arguments. @iova receives the address for devices.
    SourceError map_memory(std::uintptr_t start, std::uint64_t length, std::uint64_t &iova) noexcept;
    // 0, or -errno with the reason recorded.
    int unmap_memory(std::uintptr_t start, std::uint64_t length) noexcept;

    // Its translation, without a lock. In a forked child that was not noticed yet nothing is mapped either.
    static const MappedMemory &mapped() noexcept;

    // Undoes everything, because the library's code is being unloaded. No region is left.
    static void unload() noexcept;

    bool before_fork(const timespec &deadline) noexcept;
    void after_fork_in_parent() noexcept;
    void after_fork_in_child() noexcept;

private:
    struct Region {
        std::uintptr_t memory;
        std::uint64_t length; // 0: the record is free
        std::uint64_t iova;
        std::uint32_t next_free; // index + 1
        bool moved;              // memory is in the window
        bool mapped;             // in the container
        bool huge;
    };
    static constexpr std::uint32_t kMaxRegions = 1U << 18;

    static bool add_ranges(IovaSpace &space, const IovaRanges &ranges) noexcept;
    int prepare() noexcept;
    int fill_spare_space(const IovaRanges &ranges) noexcept;
    bool refresh_space() noexcept;
    int map_regions(RegionUser &user) noexcept;
    int unmap_regions() noexcept;
    int use_container(const IovaRanges &ranges, RegionUser &user) noexcept;
    int take_addresses(std::uint64_t length, std::uint64_t alignment, std::uint64_t &iova) noexcept;
    void give_addresses(std::uint64_t length, std::uint64_t iova) noexcept;
    int map_somewhere(std::uintptr_t memory, std::uint64_t length, std::uint64_t alignment,
                      std::uint64_t &iova) noexcept;
    bool new_record(std::uint32_t &index) noexcept;
    void drop_record(std::uint32_t index) noexcept;
    int unmap_all() noexcept;
    void release() noexcept;

    IovaSpace &space() noexcept { return spaces_[current_]; }

    // Held while the kernel pins memory, which may take long. So nobody may wait for it with the lock of the
    // page heap, which comes after it. Guards everything but Region::memory and Region::moved, which change
    // while the page heap is locked.
    Mutex mutex_;

    VfioContainer container_;
    std::uint32_t registrations_ = 0;
    std::atomic<bool> chosen_{false};
    bool prepared_ = false;
    IovaSpace spaces_[2]; // one in use; the other is filled while another container is registered
    unsigned current_ = 0;
    IovaRanges ranges_; // that the container reported last
    MappedMemory mapped_;
    HugePages huge_pages_;

    SparseTable<Region> regions_;
    std::uint32_t num_records_ = 0; // elements of regions_ that were ever used
    std::uint32_t free_record_ = 0; // index + 1
};

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_VFIO_DOMAIN_H
