// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/vfio_source.h"

#include <linux/qae.h>
#include <sys/mman.h>

#include <cerrno>

#include "mem/address/units.h"
#include "mem/source/anonymous_memory.h"
#include "mem/source/numa.h"
#include "mem/source/vfio_domain.h"

namespace qae {
namespace {

class VfioSource final : public RegionSource {
public:
    SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node, Need,
                      SourceRegion &region) noexcept override {
        if (node != kAnyNode && !node_is_online(node)) {
            return {ENXIO};
        }
        VfioDomain &domain = VfioDomain::instance();
        std::uint64_t granted = (length + kSlotSize - 1) & ~(kSlotSize - 1);
        void *memory = take_huge_pages(domain.huge_pages(), granted, node);
        const bool huge = memory != nullptr;
        if (!huge) {
            granted = granted_length(length);
            const SourceError error = map_anonymous(granted, node, memory);
            if (error) {
                return error;
            }
        }
        const SourceError error = domain.add_region(memory, granted, alignment, huge, region);
        if (error) {
            munmap(memory, granted);
            if (huge) {
                domain.huge_pages().give(granted);
            }
            return error;
        }
        // Pinning may have moved the pages, so their node is read afterwards.
        if (node != kAnyNode && !lies_on_node(memory, granted, node)) {
            domain.remove_region(region);
            return {is_listed(memory_nodes(), node) ? ENOMEM : ENXIO};
        }
        region.node = node != kAnyNode ? node : node_of_page(memory, current_node());
        return {};
    }

    int map(const SourceRegion &region, void *address) noexcept override {
        return VfioDomain::instance().move_region(region, address);
    }

    void free(const SourceRegion &region) noexcept override { VfioDomain::instance().remove_region(region); }

    std::uint64_t max_region_size() noexcept override { return QAE_MAX_REGION_SIZE; }

private:
    static void *take_huge_pages(HugePages &pages, std::uint64_t length, int node) noexcept {
        if (!pages.take(length)) {
            return nullptr;
        }
        void *memory = map_huge_pages(length, node);
        if (memory == nullptr) {
            pages.give(length);
            pages.count_miss();
        }
        return memory;
    }
};

constinit VfioSource g_source;

} // namespace

RegionSource &vfio_source() noexcept { return g_source; }

} // namespace qae
