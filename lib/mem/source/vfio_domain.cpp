// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/vfio_domain.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "mem/address/limits.h"
#include "mem/address/units.h"
#include "mem/source/anonymous_memory.h"
#include "mem/source/vfio_failure.h"
#include "process/last_error.h"
#include "process/settings.h"

namespace qae {
namespace {

constinit VfioDomain g_domain;

constexpr ForkHooks kHooks = {
    [](const timespec &deadline) noexcept { return g_domain.before_fork(deadline); },
    []() noexcept { g_domain.after_fork_in_parent(); },
    []() noexcept { g_domain.after_fork_in_child(); },
};

// What is assumed before the first container says more: what nearly every x86 machine translates.
constexpr IovaRanges kAssumed = {
    .ranges = {{.first = 0, .last = 0xfedfffff}, {.first = 0xfef00000, .last = (512ULL << 30) - 1}},
    .count = 2};

// No address from here on is ever used. The tables have room for as much; with a limit on address space there
// is less room.
std::uint64_t end_of_space() noexcept {
    const std::uint64_t end = address_space_limit() == kNoLimit ? 16ULL << 40 : 512ULL << 30;
    const unsigned bits = settings().iova_bits;
    return bits < 64 ? std::min<std::uint64_t>(end, 1ULL << bits) : end;
}

// Why a table could not be made, from errno: after mlockall(MCL_FUTURE) the limit on locked memory may be
// reached.
int table_error() noexcept { return errno == EAGAIN ? -EAGAIN : -ENOMEM; }

constexpr std::uint64_t granules_of(std::uint64_t length) noexcept {
    return (length + kSlotSize - 1) / kSlotSize;
}

} // namespace

VfioDomain &VfioDomain::instance() noexcept {
    register_fork_hooks(ForkStage::vfio, kHooks);
    return g_domain;
}

const MappedMemory &VfioDomain::mapped() noexcept { return g_domain.mapped_; }

bool VfioDomain::is_chosen() noexcept { return g_domain.chosen_.load(std::memory_order_acquire); }

// Adds the whole granules of the ranges. The first granule is not used: its address would be 0, which means
// failure.
bool VfioDomain::add_ranges(IovaSpace &space, const IovaRanges &ranges) noexcept {
    const std::uint64_t end_granule = end_of_space() / kSlotSize;
    for (unsigned i = 0; i < ranges.count; ++i) {
        const auto [start, last] = ranges.ranges[i];
        const std::uint64_t first =
            std::max<std::uint64_t>(granules_of(std::min(start, UINT64_MAX - kSlotSize)), 1);
        const std::uint64_t end =
            std::min(end_granule, last / kSlotSize + (last % kSlotSize == kSlotSize - 1 ? 1 : 0));
        if (first < end && !space.add(first, end - first)) {
            return false;
        }
    }
    return true;
}

// 0 or -errno.
int VfioDomain::prepare() noexcept {
    if (prepared_) {
        return 0;
    }
    space().clear();
    if ((regions_.data() == nullptr && !regions_.reserve(kMaxRegions)) || !space().reserve() ||
        !mapped_.reserve(end_of_space() / kSlotSize) || !add_ranges(space(), kAssumed)) {
        return table_error();
    }
    prepared_ = true;
    return 0;
}

// ---- addresses

int VfioDomain::take_addresses(std::uint64_t length, std::uint64_t alignment, std::uint64_t &iova) noexcept {
    const std::uint64_t granule =
        space().take(granules_of(length), std::max(alignment / kSlotSize, std::uint64_t{1}));
    if (granule == IovaSpace::kNone) {
        return -ENOSPC;
    }
    iova = granule * kSlotSize;
    return 0;
}

void VfioDomain::give_addresses(std::uint64_t length, std::uint64_t iova) noexcept {
    space().give(iova / kSlotSize, granules_of(length));
}

// A container translates fewer addresses after another group joined it. Reads which, and fills a new space
// with them. False if they are the same, or cannot be read.
bool VfioDomain::refresh_space() noexcept {
    const FailuresIgnored attempt;
    IovaRanges ranges;
    if (container_.read_ranges(ranges) != 0 || ranges == ranges_ || fill_spare_space(ranges) != 0) {
        return false;
    }
    current_ = 1 - current_;
    ranges_ = ranges;
    return true;
}

// Takes addresses and maps the memory there. Addresses that others have mapped in the same container stay
// taken, and the next ones are tried.
int VfioDomain::map_somewhere(std::uintptr_t memory, std::uint64_t length, std::uint64_t alignment,
                              std::uint64_t &iova) noexcept {
    constexpr unsigned kMaxTries = 64;
    int err = -EEXIST;
    for (unsigned tries = 0; err == -EEXIST && tries < kMaxTries; ++tries) {
        err = take_addresses(length, alignment, iova);
        if (err != 0) {
            return err;
        }
        err = mapped_.provide_devices(iova, length) ? container_.map(memory, iova, length) : table_error();
        if (err == -EINVAL && refresh_space()) {
            err = -EEXIST; // the new space does not have these addresses, or has them free
        }
    }
    if (err != 0 && err != -EEXIST) {
        give_addresses(length, iova);
    }
    return err == -ENOSPC ? -EMLINK : err; // VFIO's meaning: too many mappings
}

// ---- the container

// Fills the space that is not in use with what the container translates, less what regions and memory of the
// application have.
int VfioDomain::fill_spare_space(const IovaRanges &ranges) noexcept {
    IovaSpace &spare = spaces_[1 - current_];
    spare.clear();
    if (!spare.reserve() || !add_ranges(spare, ranges)) {
        return fail_tables(table_error());
    }
    for (std::uint32_t i = 0; i < num_records_; ++i) {
        const Region &region = regions_[i];
        if (region.length != 0 && !spare.take_at(region.iova / kSlotSize, granules_of(region.length))) {
            return fail_existing_region(-ENOSPC, region.iova, region.length);
        }
    }
    MappedMemory::Mapping mapping;
    for (std::uint64_t from = 0; mapped_.next(from, mapping); from = mapping.device + mapping.length) {
        if (!spare.take_at(mapping.device / kSlotSize, granules_of(mapping.length))) {
            return fail_existing_region(-ENOSPC, mapping.device, mapping.length);
        }
    }
    return 0;
}

// Maps all regions in the container. A region that the allocator is giving back meanwhile has no memory any
// more where it was. It is left out, and nobody can use it.
int VfioDomain::map_regions(RegionUser &user) noexcept {
    for (std::uint32_t i = 0; i < num_records_; ++i) {
        Region &region = regions_[i];
        if (region.length == 0 || (region.moved && !user.has_region_at(region.iova))) {
            continue;
        }
        const int err = container_.map(region.memory, region.iova, region.length);
        if (err != 0) {
            return fail_existing_region(err == -ENOSPC ? -EMLINK : err, region.iova, region.length);
        }
        region.mapped = true;
    }
    return 0;
}

// Unmaps all regions, also if some fail. Returns the first error: a device may still reach that region.
int VfioDomain::unmap_regions() noexcept {
    int first_error = 0;
    for (std::uint32_t i = 0; i < num_records_; ++i) {
        if (regions_[i].mapped) {
            const int err = container_.unmap(regions_[i].iova, regions_[i].length);
            first_error = first_error != 0 ? first_error : err;
            regions_[i].mapped = false;
        }
    }
    return first_error;
}

int VfioDomain::use_container(const IovaRanges &ranges, RegionUser &user) noexcept {
    int err = fill_spare_space(ranges);
    if (err != 0) {
        return err;
    }
    user.hold();
    err = map_regions(user);
    user.resume();
    if (err != 0) {
        static_cast<void>(unmap_regions()); // the first failure is the one to report
        return err;
    }
    current_ = 1 - current_;
    ranges_ = ranges;
    return 0;
}

int VfioDomain::add_container(int fd, RegionUser &user) noexcept {
    std::lock_guard lock(mutex_);
    if (container_.is_open()) {
        if (container_.is(fd)) {
            ++registrations_;
            return 0;
        }
        return fail(EBUSY,
                    "another VFIO container is registered; a process has one, so add the group to that "
                    "container, or unregister it first");
    }
    IovaRanges ranges;
    int err = container_.open(fd, ranges);
    if (err != 0) {
        return err;
    }
    err = prepare();
    err = err != 0 ? fail_tables(err) : use_container(ranges, user);
    if (err != 0) {
        container_.close();
        return err;
    }
    registrations_ = 1;
    chosen_.store(true, std::memory_order_release);
    return 0;
}

// Memory of the application is forgotten: it is the application's again.
int VfioDomain::unmap_all() noexcept {
    int first_error = unmap_regions();
    MappedMemory::Mapping mapping;
    for (std::uint64_t from = 0; mapped_.next(from, mapping); from = mapping.device + mapping.length) {
        const int err = container_.unmap(mapping.device, mapping.length);
        first_error = first_error != 0 ? first_error : err;
        mapped_.remove(mapping.start, mapping.length, mapping.device);
        give_addresses(mapping.length, mapping.device);
    }
    return first_error;
}

int VfioDomain::remove_container(int fd) noexcept {
    std::lock_guard lock(mutex_);
    if (!container_.has_number(fd)) {
        return fail(ENOENT,
                    "the descriptor {} is not registered; pass the one that was given to qaeRegisterDevice()",
                    fd);
    }
    if (--registrations_ > 0) {
        return 0;
    }
    const int err = unmap_all();
    container_.close();
    if (err != 0) {
        return fail(
            -err,
            "the container is unregistered, but VFIO did not unmap all memory ({}); close the container with "
            "its groups and devices",
            std::strerror(-err));
    }
    return 0;
}

// ---- regions

bool VfioDomain::new_record(std::uint32_t &index) noexcept {
    if (free_record_ != 0) {
        index = free_record_ - 1;
        free_record_ = regions_[index].next_free;
        return true;
    }
    if (num_records_ == kMaxRegions || !regions_.commit(num_records_ + 1)) {
        return false;
    }
    index = num_records_++;
    return true;
}

void VfioDomain::drop_record(std::uint32_t index) noexcept {
    regions_[index] = Region{};
    regions_[index].next_free = free_record_;
    free_record_ = index + 1;
}

SourceError VfioDomain::add_region(void *memory, std::uint64_t length, std::uint64_t alignment, bool huge,
                                   SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    std::uint32_t index = 0;
    int err = prepare();
    if (err != 0 || !new_record(index)) {
        return {err != 0 ? -err : ENOMEM};
    }
    const auto start = reinterpret_cast<std::uintptr_t>(memory);
    std::uint64_t iova = 0;
    err = container_.is_open() ? map_somewhere(start, length, alignment, iova)
                               : take_addresses(length, alignment, iova);
    if (err != 0) {
        drop_record(index);
        return vfio_error(err, length);
    }
    regions_[index] = {.memory = start,
                       .length = length,
                       .iova = iova,
                       .next_free = 0,
                       .moved = false,
                       .mapped = container_.is_open(),
                       .huge = huge};
    region.length = length;
    region.device_address = iova;
    region.map_offset = start;
    region.id = index + 1;
    return {};
}

int VfioDomain::move_region(const SourceRegion &region, void *address) noexcept {
    const int err = move_memory(reinterpret_cast<void *>(region.map_offset), region.length, address);
    if (err == 0) {
        Region &record = regions_[region.id - 1];
        record.memory = reinterpret_cast<std::uintptr_t>(address);
        record.moved = true;
    }
    return err;
}

// If VFIO does not unmap a region, its addresses are never used again. Its pages stay pinned by VFIO, so that
// nobody else gets what a device may still write to.
void VfioDomain::remove_region(const SourceRegion &region) noexcept {
    std::lock_guard lock(mutex_);
    const std::uint32_t index = region.id - 1;
    if (index >= num_records_ || regions_[index].length == 0 ||
        regions_[index].iova != region.device_address) {
        return;
    }
    const Region record = regions_[index];
    const int err = record.mapped ? container_.unmap(record.iova, record.length) : 0;
    if (err == 0) {
        give_addresses(record.length, record.iova);
    }
    if (!record.moved) {
        munmap(reinterpret_cast<void *>(record.memory), record.length);
    }
    drop_record(index);
    if (record.huge) {
        huge_pages_.give(record.length);
    }
}

// ---- memory of the application

SourceError VfioDomain::map_memory(std::uintptr_t start, std::uint64_t length, std::uint64_t &iova) noexcept {
    std::lock_guard lock(mutex_);
    if (!container_.is_open()) {
        return {.err = -fail(ENODEV, "no VFIO container is registered; call qaeRegisterDevice() first"),
                .reported = true};
    }
    if (start >= MappedMemory::kEndOfPointers || length > MappedMemory::kEndOfPointers - start) {
        return {.err =
                    -fail(EFAULT, "memory above 256 TiB of the address space cannot be mapped for devices"),
                .reported = true};
    }
    if (mapped_.overlaps(start, length)) {
        return {.err = -fail(
                    EEXIST, "some of this memory is mapped already; unmap it first, with the pointer and the "
                            "size that it was mapped with"),
                .reported = true};
    }
    const int err = mapped_.provide_pointers(start, length) ? map_somewhere(start, length, kSlotSize, iova)
                                                            : table_error();
    if (err != 0) {
        return vfio_error(err, length);
    }
    mapped_.insert(start, length, iova);
    return {};
}

int VfioDomain::unmap_memory(std::uintptr_t start, std::uint64_t length) noexcept {
    std::lock_guard lock(mutex_);
    std::uint64_t iova = 0;
    const std::uint64_t mapped = mapped_.length_at(start, iova);
    if (mapped == 0) {
        return fail(ENOENT, "no mapping begins at {}: it was never mapped, or unmapped already",
                    reinterpret_cast<const void *>(start));
    }
    if (mapped != length) {
        return fail(EINVAL, "the memory was mapped with {} bytes; unmap it with the same size", mapped);
    }
    const int err = container_.unmap(iova, length);
    if (err != 0) {
        return fail(-err, "VFIO did not unmap the memory, which stays mapped: {}", std::strerror(-err));
    }
    mapped_.remove(start, length, iova);
    give_addresses(length, iova);
    return 0;
}

// ---- the life of the process

void VfioDomain::unload() noexcept { g_domain.release(); }

void VfioDomain::release() noexcept {
    std::lock_guard lock(mutex_);
    if (container_.is_open()) {
        static_cast<void>(unmap_all());
        container_.close();
    }
    prepared_ = false;
    mapped_.release();
    regions_.release();
    spaces_[0].release();
    spaces_[1].release();
}

bool VfioDomain::before_fork(const timespec &deadline) noexcept { return mutex_.lock_until(deadline); }

void VfioDomain::after_fork_in_parent() noexcept { mutex_.unlock(); }

// The tables read as zero in the child; only the members are reset. The parent's mappings stay in the
// container as long as the parent lives.
void VfioDomain::after_fork_in_child() noexcept {
    container_.close(); // or else the container would live as long as the child
    registrations_ = 0;
    chosen_.store(false, std::memory_order_relaxed);
    prepared_ = false;
    huge_pages_.forget_in_child();
    spaces_[0].forget_in_child();
    spaces_[1].forget_in_child();
    num_records_ = 0;
    free_record_ = 0;
    mutex_.reset_in_child();
}

} // namespace qae
