// SPDX-License-Identifier: BSD-3-Clause
// A region source for tests on the host: ordinary memory with made-up device addresses, and failures on
// demand. A device address is an offset in one sparse memory file, so a test can check through one mapping
// what it wrote through another.
#ifndef QAE_TESTS_SUPPORT_FAKE_SOURCE_H
#define QAE_TESTS_SUPPORT_FAKE_SOURCE_H

#include <cstdint>
#include <map>
#include <mutex>
#include <random>

#include "mem/source/region_source.h"

namespace qae::test {

class FakeSource final : public RegionSource {
public:
    explicit FakeSource(unsigned seed = 1);
    ~FakeSource();

    SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node, Need need,
                      SourceRegion &region) noexcept override;
    int map(const SourceRegion &region, void *address) noexcept override;
    void free(const SourceRegion &region) noexcept override;
    std::uint64_t max_region_size() noexcept override { return max_size; }

    // Acts like the driver at the first use in a forked child: forgets all regions of the parent.
    void start_over_in_child();

    std::uint64_t live_bytes();
    std::size_t live_regions();
    int node_at(std::uint64_t device_address); // -1: no region there
    std::uint64_t wrong_frees() const { return wrong_frees_; }
    // Allocations that failed although they were required.
    std::uint64_t failures() const { return failures_; }
    // Reads memory as a device would.
    void read(std::uint64_t device_address, void *to, std::size_t length) const;

    // Knobs.
    std::uint64_t max_size = 64ULL << 20;
    std::uint64_t fragmented_above = UINT64_MAX; // longer regions: ENOMEM
    std::uint64_t limit = UINT64_MAX;            // above so many bytes in all: EDQUOT
    int nodes = 2;                               // 0 … nodes - 1 exist
    int any_node = kAnyNode;                     // the node for kAnyNode; kAnyNode: in turns
    int fail_with = 0;                           // errno of every allocation
    int map_fails_with = 0;                      // errno of every mapping
    void (*on_map)() = nullptr;                  // called while the library maps a region
    bool dense = false;  // lowest address first, so that small regions share 2 MiB frames
    bool shrink = false; // grants half of the request, which no driver may do

private:
    struct Granted {
        std::uint64_t length;
        std::uint32_t id;
        int node;
    };

    SourceError refuse(std::uint64_t length, std::uint64_t alignment, int node, std::uint64_t granted) const;
    std::uint64_t find_place(std::uint64_t length, std::uint64_t alignment, int node);
    bool is_free(std::uint64_t start, std::uint64_t length) const;

    std::mutex mutex_;
    std::mt19937_64 random_;
    std::map<std::uint64_t, Granted> granted_; // by device address
    std::uint64_t bytes_ = 0;
    std::uint64_t wrong_frees_ = 0;
    std::uint64_t failures_ = 0;
    std::uint32_t next_id_ = 1;
    int any_node_ = 0;
    int file_ = -1;
};

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_FAKE_SOURCE_H
