// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/plain_source.h"

#include <linux/qae.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "mem/address/bit_runs.h"
#include "mem/address/sparse_table.h"
#include "mem/address/units.h"
#include "mem/source/anonymous_memory.h"
#include "mem/source/numa.h"
#include "process/fork.h"

namespace qae {
namespace {

// Made-up physical memory: 2 MiB frames from 4 GiB on. Regions of one frame are scattered over the lower
// half, as on a machine that has run for a while. Longer regions need adjacent frames and use the upper half.
constexpr std::uint64_t kFirstFrame = (4ULL << 30) / kSlotSize;
constexpr std::uint32_t kHalf = 1U << 16;

// A permutation of the frames of the lower half (each step is invertible), without a pattern that would make
// a table indexed by frames look faster than it is.
constexpr std::uint32_t scatter(std::uint32_t index) {
    std::uint32_t frame = index * 40503 % kHalf; // odd
    frame ^= frame >> 7;
    frame = frame * 27061 % kHalf;
    return frame ^ frame >> 9;
}

struct State {
    Mutex mutex;
    std::uint32_t next;                   // where the search for a single frame continues
    std::uint64_t used[2 * kHalf / 64];   // a bit per frame
    std::uint64_t mapped[2 * kHalf / 64]; // by first frame: the region is mapped in the window
};

class PlainSource final : public RegionSource {
public:
    SourceError alloc(std::uint64_t length, std::uint64_t alignment, int node, Need /*need*/,
                      SourceRegion &region) noexcept override {
        if (node != kAnyNode && !node_is_online(node)) {
            return {ENXIO};
        }
        State *state = this->state();
        if (state == nullptr) {
            return {ENOMEM};
        }
        length = granted_length(length);
        const std::uint32_t first = take_frames(*state, length, alignment);
        if (first == kNone) {
            return {ENOMEM};
        }
        void *memory = nullptr;
        const SourceError error = map_anonymous(length, node, memory);
        if (error) {
            give_frames(*state, first, length);
            return error;
        }
        region = {.length = length,
                  .device_address = (kFirstFrame + first) * kSlotSize,
                  .map_offset = reinterpret_cast<std::uintptr_t>(memory),
                  .id = first,
                  .node = node == kAnyNode ? current_node() : node};
        return {};
    }

    int map(const SourceRegion &region, void *address) noexcept override {
        const int err = move_memory(reinterpret_cast<void *>(region.map_offset), region.length, address);
        if (err != 0) {
            return err;
        }
        State *state = this->state();
        std::lock_guard lock(state->mutex);
        set_bits(state->mapped, region.id, 1, true);
        return 0;
    }

    // Once mapped in the window, the memory was freed when the window replaced the mapping.
    void free(const SourceRegion &region) noexcept override {
        State *state = this->state();
        bool mapped = false;
        {
            std::lock_guard lock(state->mutex);
            mapped = test_bit(state->mapped, region.id);
            set_bits(state->mapped, region.id, 1, false);
        }
        if (!mapped) {
            munmap(reinterpret_cast<void *>(region.map_offset), region.length);
        }
        give_frames(*state, region.id, region.length);
    }

    std::uint64_t max_region_size() noexcept override { return QAE_MAX_REGION_SIZE; }

private:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    // Zero in a forked child, like its window: the child makes up its own addresses.
    State *state() noexcept {
        pthread_once(&once_, [] {
            if (!g_table.reserve(1) || !g_table.commit(1)) {
                g_table.release();
            }
        });
        return g_table.data();
    }

    static std::uint32_t frames(std::uint64_t length) noexcept {
        return static_cast<std::uint32_t>((length + kSlotSize - 1) / kSlotSize);
    }

    static std::uint32_t take_one(State &state) noexcept {
        for (std::uint32_t i = 0; i < kHalf; ++i) {
            const std::uint32_t frame = scatter(state.next++);
            if (!test_bit(state.used, frame)) {
                return frame;
            }
        }
        return kNone;
    }

    static std::uint32_t take_several(const State &state, std::uint32_t count,
                                      std::uint32_t alignment) noexcept {
        for (std::uint32_t from = kHalf; from + count <= 2 * kHalf; from += alignment) {
            if (find_bit(state.used, from, from + count, true) == from + count) {
                return from;
            }
        }
        return kNone;
    }

    static std::uint32_t take_frames(State &state, std::uint64_t length, std::uint64_t alignment) noexcept {
        const std::uint32_t count = frames(length);
        const std::uint32_t step = frames(alignment);
        std::lock_guard lock(state.mutex);
        const std::uint32_t first =
            count == 1 && step <= 1 ? take_one(state) : take_several(state, count, std::max(step, 1U));
        if (first != kNone) {
            set_bits(state.used, first, count, true);
        }
        return first;
    }

    static void give_frames(State &state, std::uint32_t first, std::uint64_t length) noexcept {
        std::lock_guard lock(state.mutex);
        set_bits(state.used, first, frames(length), false);
    }

    static inline constinit SparseTable<State> g_table{};
    pthread_once_t once_ = PTHREAD_ONCE_INIT;
};

constinit PlainSource g_source;

} // namespace

RegionSource &plain_source() noexcept { return g_source; }

} // namespace qae
