// SPDX-License-Identifier: BSD-3-Clause
// The source that the allocator gets pinned memory from. It is all that differs between the modes of
// operation.
#ifndef QAE_LIB_MEM_SOURCE_REGION_SOURCE_H
#define QAE_LIB_MEM_SOURCE_REGION_SOURCE_H

#include <cstdint>

namespace qae {

inline constexpr int kAnyNode = -1;

struct SourceRegion {
    std::uint64_t length = 0;         // bytes granted, whole pages
    std::uint64_t device_address = 0; // of the first byte
    std::uint64_t map_offset = 0;     // private to the source
    std::uint32_t id = 0;
    int node = 0; // the actual node
};

// The result of an allocation by a source. An error that is not yet reported to the user leaves the allocator
// the choice to try something else first.
struct SourceError {
    int err = 0;                  // 0: no error
    bool reported = false;        // the reason is recorded already
    const char *limit = nullptr;  // with EDQUOT: the limit, in words; with ENOMEM: the command that raises it
    std::uint64_t limit_most = 0; // bytes that the limit allows, if the source knows
    std::uint64_t limit_bytes = 0; // bytes in use when the source refused
    explicit operator bool() const noexcept { return err != 0; }
};

enum class Need { required, optional };

// Thread safe. The allocator holds its lock during map() only. Functions must not throw.
class RegionSource {
public:
    constexpr RegionSource() noexcept = default;
    RegionSource(const RegionSource &) = delete;
    RegionSource &operator=(const RegionSource &) = delete;

    // Allocates a zeroed, contiguous region whose device address is a multiple of @alignment, on @node unless
    // that is kAnyNode. If the allocation is optional, the caller will ask for less, and a failure is none
    // that administrators count.
    virtual SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node, Need need,
                              SourceRegion &region) noexcept = 0;

    // Maps the whole region at @address, replacing what is mapped there. Returns 0 or -errno.
    virtual int map(const SourceRegion &region, void *address) noexcept = 0;

    // Frees a region that is no longer mapped. The next owner finds it zeroed.
    virtual void free(const SourceRegion &region) noexcept = 0;

    // The size of the largest region, in bytes.
    virtual std::uint64_t max_region_size() noexcept = 0;

protected:
    // Not virtual: sources are never destroyed through the interface. A trivial destructor lets a source
    // exist until the process ends, while other threads may still allocate.
    ~RegionSource() = default;
};

// The allocator, seen from a source that has to know where the memory of its regions is.
class RegionUser {
public:
    constexpr RegionUser() noexcept = default;
    RegionUser(const RegionUser &) = delete;
    RegionUser &operator=(const RegionUser &) = delete;

    // From here to resume(), no region is mapped by map() or removed from where it was mapped.
    virtual void hold() noexcept = 0;
    virtual void resume() noexcept = 0;

    // In between: is the region with this device address where it was mapped? False if it is on its way to
    // free().
    virtual bool has_region_at(std::uint64_t device_address) noexcept = 0;

protected:
    ~RegionUser() = default;
};

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_REGION_SOURCE_H
