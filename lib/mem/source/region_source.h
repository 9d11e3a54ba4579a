// SPDX-License-Identifier: BSD-3-Clause
// Where the allocator gets pinned memory from: the one thing that differs between modes of operation.
#ifndef QAE_LIB_MEM_SOURCE_REGION_SOURCE_H
#define QAE_LIB_MEM_SOURCE_REGION_SOURCE_H

#include <cstdint>

namespace qae {

inline constexpr int kAnyNode = -1;

struct SourceRegion {
    std::uint64_t length = 0;         // bytes granted, whole pages
    std::uint64_t device_address = 0; // of the first byte
    std::uint64_t map_offset = 0;     // the source's own business
    std::uint32_t id = 0;
    int node = 0; // where it really lies
};

// Sources report a plain errno where the allocator may try something else before it tells the user, and say
// so where they told the user already.
struct SourceError {
    int err = 0; // 0: no error
    bool reported = false;
    const char *limit = nullptr;   // with EDQUOT: which one, in words
    std::uint64_t limit_most = 0;  // bytes that it allows, if the source knows
    std::uint64_t limit_bytes = 0; // of these, in use when it refused
    explicit operator bool() const noexcept { return err != 0; }
};

// Thread safe; called without the allocator's lock except map(). Must not throw.
class RegionSource {
public:
    constexpr RegionSource() noexcept = default;
    RegionSource(const RegionSource &) = delete;
    RegionSource &operator=(const RegionSource &) = delete;

    // A zeroed, contiguous region whose device address is a multiple of @alignment, on @node if that is not
    // kAnyNode.
    virtual SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node,
                              SourceRegion &region) noexcept = 0;

    // Maps the whole region over what is at @address. 0 or -errno.
    virtual int map(const SourceRegion &region, void *address) noexcept = 0;

    // Gives the region back; it is not mapped any more. What the next owner sees is zero.
    virtual void free(const SourceRegion &region) noexcept = 0;

    // Largest region, bytes.
    virtual std::uint64_t max_region_size() noexcept = 0;

protected:
    // Not virtual: sources are never destroyed through the interface, and a trivial destructor lets one exist
    // from load to exit, while other threads still allocate.
    ~RegionSource() = default;
};

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_REGION_SOURCE_H
