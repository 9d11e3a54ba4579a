// SPDX-License-Identifier: BSD-3-Clause
// The functions of qae_mem.h: argument checks, fast paths and results. The heap does the rest.
#include <qae_mem.h>

#include <cerrno>
#include <cstdlib>

#include "mem/address/units.h"
#include "mem/heap.h"
#include "mem/memory_failure.h"
#include "mem/plain_blocks.h"
#include "mem/source/numa.h"
#include "mem/source/source_choice.h"
#include "mem/source/vfio_domain.h"
#include "process/abi.h"
#include "process/device.h"
#include "process/settings.h"

static_assert(QAE_MAX_ALLOC_SIZE == QAE_MAX_REGION_SIZE, "the constant promises what a driver can grant");
static_assert(QAE_MAX_PHYS_ALIGN == QAE_MAX_ALIGNMENT);
static_assert(NUMA_ANY_NODE == QAE_NODE_ANY && NUMA_ANY_NODE == qae::kAnyNode);

namespace {

using qae::Clear;
using qae::fail;
using qae::guarded;
using qae::Heap;
using qae::PlainBlocks;

// True for most valid requests. For the others valid_request() decides; it may have to ask the driver.
bool is_usual_request(std::size_t size, int node, std::size_t alignment) noexcept {
    return size - 1 < QAE_MAX_ALLOC_SIZE && qae::is_power_of_two(alignment) &&
           alignment <= QAE_MAX_PHYS_ALIGN && node >= NUMA_ANY_NODE && node < qae::kMaxNodes;
}

// The order of the checks is part of the interface: size, alignment, node.
bool valid_request(std::size_t size, int node, std::size_t alignment) noexcept {
    if (size == 0) {
        fail(EINVAL, "the size is 0; request at least 1 byte");
        return false;
    }
    if (size > QAE_MAX_ALLOC_SIZE) {
        const std::uint64_t largest = Heap::instance().max_size();
        if (size > largest) {
            fail(EINVAL, "the size is too large: {} bytes requested, a block can have {}", size, largest);
            return false;
        }
    }
    if (!qae::is_power_of_two(alignment) || alignment > QAE_MAX_PHYS_ALIGN) {
        fail(EINVAL, "the alignment {} is not valid; pass a power of two from 1 to {}", alignment,
             QAE_MAX_PHYS_ALIGN);
        return false;
    }
    if (node < NUMA_ANY_NODE) {
        fail(EINVAL,
             "the node {} is not valid; pass a node number or NUMA_ANY_NODE (-1); nodes with memory: {}",
             node, qae::memory_nodes().text);
        return false;
    }
    if (node >= qae::kMaxNodes) {
        fail(ENXIO, "there is no NUMA node {}; nodes with memory: {}", node, qae::memory_nodes().text);
        return false;
    }
    return true;
}

bool valid_pointer(void **ptr) noexcept {
    if (ptr == nullptr) {
        fail(EINVAL, "the argument is NULL; pass the address of the pointer");
        return false;
    }
    if (*ptr == nullptr) {
        fail(EINVAL, "the pointer is NULL: there is nothing to free");
        return false;
    }
    return true;
}

// A separate function, so that the fast path has no registers to save.
[[gnu::noinline]] void free_pinned_slowly(void **ptr, Clear clear) noexcept {
    if (ptr != nullptr && qae::g_heap.try_free_run(*ptr, clear)) {
        *ptr = nullptr;
        return;
    }
    guarded([&] {
        if (valid_pointer(ptr) && Heap::instance().free(*ptr, clear) == 0) {
            *ptr = nullptr;
        }
    });
}

// A separate function, so that usual requests have no registers to save.
[[gnu::noinline]] void *alloc_unusual(std::size_t size, int node, std::size_t alignment,
                                      const void *caller) noexcept {
    const bool valid = guarded([=] { return valid_request(size, node, alignment); }, false);
    return valid ? qae::g_heap.alloc_slow(size, node, alignment, caller) : nullptr;
}

// @caller is the return address into the application, for the leak report. While the report is on, threads
// have no cache, so that all calls come here.
[[gnu::noinline]] void *alloc_pinned_slowly(std::size_t size, int node, std::size_t alignment,
                                            const void *caller) noexcept {
    if (!is_usual_request(size, node, alignment)) [[unlikely]] {
        return alloc_unusual(size, node, alignment, caller);
    }
    return qae::g_heap.alloc_slow(size, node, alignment, caller);
}

// A separate function, so that it has no registers to save: in a process with little memory a fifth of all
// calls come here, and nine in ten of those succeed here.
[[gnu::noinline]] void *alloc_pinned_larger_class(std::size_t size, int node, std::size_t alignment,
                                                  const void *caller) noexcept {
    void *block;
    if (qae::g_heap.try_alloc_larger_class(size, node, alignment, block)) {
        return block;
    }
    return alloc_pinned_slowly(size, node, alignment, caller);
}

[[gnu::always_inline]] inline void free_pinned(void **ptr, Clear clear) noexcept {
    if (ptr != nullptr && qae::g_heap.try_free(ptr, clear)) [[likely]] {
        return;
    }
    free_pinned_slowly(ptr, clear);
}

int fail_not_plain(void *pointer) noexcept {
    std::uint64_t device;
    if (qae::g_heap.try_virt_to_phys(reinterpret_cast<std::uintptr_t>(pointer), device)) {
        return fail(EINVAL, "{} is pinned memory; free it with qaeMemFreeNUMA()", pointer);
    }
    return fail(ENOENT,
                "{} is not a live block of qaeMemAlloc(): it was freed already, points into a block, or came "
                "from elsewhere",
                pointer);
}

[[gnu::noinline, gnu::cold]] std::uint64_t fail_virt_to_phys(const void *pointer) noexcept {
    guarded([=] {
        if (pointer == nullptr) {
            fail(EINVAL, "the pointer is NULL");
        } else {
            fail(ENOENT, "{} is not in a live block of qaeMemAllocNUMA()", pointer);
        }
    });
    return 0;
}

[[gnu::noinline, gnu::cold]] void *fail_phys_to_virt(uint64_t address) noexcept {
    guarded([=] {
        if (address == 0) {
            fail(EINVAL, "the address is 0");
        } else {
            fail(ENOENT, "the address is not in a live block of qaeMemAllocNUMA()");
        }
    });
    return nullptr;
}

int open_device(int &fd) noexcept {
    const int opened = qae::Device::instance().acquire_fd();
    if (opened < 0) {
        return opened == -ENOENT ? -ENOENT : -EIO;
    }
    fd = opened;
    return 0;
}

// What qaeMemInit() opens is the device of the driver, which other modes do without.
int init(int *fd) noexcept {
    if (qae::uses_device()) {
        int opened;
        return open_device(fd != nullptr ? *fd : opened);
    }
    return fd == nullptr
               ? 0
               : fail(
                     EOPNOTSUPP,
                     "memory of this process does not come from /dev/qae_mem, so there is no descriptor (see "
                     "QAT_USER_MODE); call qaeMemInit() instead");
}

// Memory of the application is mapped in whole pages, and in whole huge pages if the process uses those.
std::uint64_t mapping_unit() noexcept {
    return qae::settings().huge_pages != 0 ? qae::kSlotSize : qae::kPageSize;
}

// The order of the checks is part of the interface: pointer, its alignment, size.
bool valid_mapping(const void *virt, std::size_t size) noexcept {
    const std::uint64_t unit = mapping_unit();
    if (virt == nullptr) {
        fail(EINVAL, "the pointer is NULL");
    } else if (reinterpret_cast<std::uintptr_t>(virt) % unit != 0) {
        fail(EINVAL, "{} is not a multiple of {} KiB; align the buffer", virt, unit >> 10);
    } else if (size == 0) {
        fail(EINVAL, "the size is 0; pass the size of the buffer");
    } else if (size % unit != 0) {
        fail(EINVAL, "the size {} is not a multiple of {} KiB", size, unit >> 10);
    } else {
        return true;
    }
    return false;
}

constexpr std::uint64_t kMaxMapping = 2ULL << 30;

// Does the range touch the window, where pinned memory lies? That is mapped already, at other addresses.
bool in_window(const void *virt, std::size_t size) noexcept {
    const qae::Window &window = qae::g_heap.window();
    const std::uint64_t bytes = window.published_size(); // before base()
    const auto start = reinterpret_cast<std::uintptr_t>(virt);
    return bytes != 0 && (start - window.base() < bytes || window.base() - start < size);
}

std::uint64_t map_memory(void *virt, std::size_t size) noexcept {
    if (!qae::require_vfio() || !valid_mapping(virt, size)) {
        return 0;
    }
    if (size > kMaxMapping) {
        fail(EINVAL, "the size is too large: {} bytes, a mapping can have {}", size, kMaxMapping);
        return 0;
    }
    if (in_window(virt, size)) {
        fail(EINVAL,
             "{} is memory of qaeMemAllocNUMA(), which devices can use already; see qaeVirtToPhysNUMA()",
             virt);
        return 0;
    }
    std::uint64_t iova = 0;
    const qae::SourceError error =
        qae::VfioDomain::instance().map_memory(reinterpret_cast<std::uintptr_t>(virt), size, iova);
    if (!error) {
        return iova;
    }
    if (!error.reported) {
        qae::fail_region(error, size, qae::kAnyNode);
    }
    return 0;
}

int unmap_memory(void *virt, std::size_t size) noexcept {
    if (!qae::require_vfio() || !valid_mapping(virt, size)) {
        return 1;
    }
    if (in_window(virt, size)) {
        fail(EINVAL, "{} is memory of qaeMemAllocNUMA(); free it with qaeMemFreeNUMA()", virt);
        return 1;
    }
    return qae::VfioDomain::instance().unmap_memory(reinterpret_cast<std::uintptr_t>(virt), size) == 0 ? 0
                                                                                                       : 1;
}

// Memory that the application mapped is not in the window, so the fast paths do not find it.
[[gnu::noinline]] std::uint64_t virt_to_phys_slowly(const void *pointer) noexcept {
    std::uint64_t device;
    return qae::VfioDomain::mapped().to_device(reinterpret_cast<std::uintptr_t>(pointer), device)
               ? device
               : fail_virt_to_phys(pointer);
}

[[gnu::noinline]] void *phys_to_virt_slowly(std::uint64_t device) noexcept {
    std::uintptr_t address;
    return qae::VfioDomain::mapped().to_pointer(device, address) ? reinterpret_cast<void *>(address)
                                                                 : fail_phys_to_virt(device);
}

} // namespace

extern "C" {

QAE_EXPORT void *qaeMemAlloc(size_t memsize) {
    return guarded(
        [=]() -> void * {
            void *memory = std::calloc(1, memsize);
            if (memory == nullptr || !PlainBlocks::instance().add(memory)) {
                std::free(memory);
                memory = nullptr;
                fail(ENOMEM, "there is no memory for {} bytes", memsize);
            }
            return memory;
        },
        nullptr);
}

QAE_EXPORT void qaeMemFree(void **ptr) {
    guarded([=] {
        if (!valid_pointer(ptr)) {
            return;
        }
        if (!PlainBlocks::instance().remove(*ptr)) {
            fail_not_plain(*ptr);
            return;
        }
        std::free(*ptr);
        *ptr = nullptr;
    });
}

QAE_EXPORT void *qaeMemAllocNUMA(size_t size, int node, size_t phys_alignment_byte) {
    void *block;
    if (qae::g_heap.try_alloc(size, node, phys_alignment_byte, block)) [[likely]] {
        return block;
    }
    return alloc_pinned_larger_class(size, node, phys_alignment_byte, __builtin_return_address(0));
}

QAE_EXPORT void qaeMemFreeNUMA(void **ptr) { free_pinned(ptr, Clear::yes); }

QAE_EXPORT void qaeMemFreeNonZeroNUMA(void **ptr) { free_pinned(ptr, Clear::no); }

QAE_EXPORT uint64_t qaeVirtToPhysNUMA(void *pVirtAddr) {
    std::uint64_t device;
    if (qae::g_heap.try_virt_to_phys(reinterpret_cast<std::uintptr_t>(pVirtAddr), device)) [[likely]] {
        return device;
    }
    return virt_to_phys_slowly(pVirtAddr);
}

QAE_EXPORT void *qaePhysToVirtNUMA(uint64_t physAddress) {
    std::uintptr_t address;
    if (qae::g_heap.try_phys_to_virt(physAddress, address)) [[likely]] {
        return reinterpret_cast<void *>(address);
    }
    return phys_to_virt_slowly(physAddress);
}

QAE_EXPORT void qaeAtFork(void) {
    guarded([] { qae::enter_process(); });
}

QAE_EXPORT int qaeMemInitAndReturnFd(int *mem_fd) {
    return guarded(
        [=]() -> int {
            if (mem_fd == nullptr) {
                return fail(EINVAL,
                            "the argument is NULL; pass the address of a variable for the descriptor");
            }
            return init(mem_fd);
        },
        -EIO);
}

QAE_EXPORT int qaeMemInit(void) {
    return guarded([] { return init(nullptr); }, -EIO);
}

QAE_EXPORT void qaeMemDestroy(void) {
    guarded([] { Heap::instance().destroy(); });
}

QAE_EXPORT int qaeRegisterDevice(int fd) {
    return guarded(
        [=] {
            return qae::require_vfio() &&
                           qae::VfioDomain::instance().add_container(fd, Heap::instance().region_user()) == 0
                       ? 0
                       : 1;
        },
        1);
}

QAE_EXPORT int qaeUnregisterDevice(int fd) {
    return guarded(
        [=] { return qae::require_vfio() && qae::VfioDomain::instance().remove_container(fd) == 0 ? 0 : 1; },
        1);
}

QAE_EXPORT uint64_t qaeMemMapContiguousIova(void *virt, size_t size) {
    return guarded([=] { return map_memory(virt, size); }, 0);
}

QAE_EXPORT int qaeMemUnmapContiguousIova(void *virt, size_t size) {
    return guarded([=] { return unmap_memory(virt, size); }, 1);
}

} // extern "C"
