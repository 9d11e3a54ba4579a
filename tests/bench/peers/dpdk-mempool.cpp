// SPDX-License-Identifier: BSD-3-Clause
// rte_mempool: blocks of one size, taken from the system when the pool is made.
#include "dpdk.h"

#include <rte_mempool.h>

#include <algorithm>
#include <cstring>

namespace {

rte_mempool *g_pool;

const char *start(const bench::Plan &plan) {
    if (plan.size == 0) {
        return "a pool has blocks of one size";
    }
    // Blocks for the threads' caches, if there are many blocks anyway or only a few are live. Otherwise no
    // cache.
    size_t spare = 0, cache = 0;
    if (plan.objects >= 4096) {
        spare = cache = RTE_MEMPOOL_CACHE_MAX_SIZE;
    } else if (plan.objects < 64) {
        spare = std::clamp<size_t>((64 << 20) / plan.size, 16, 8192);
        cache = std::min<size_t>(RTE_MEMPOOL_CACHE_MAX_SIZE, spare / 16);
    }
    const size_t count = plan.objects + spare;
    if (const char *reason = bench::dpdk::start_environment(count * (plan.size + 128))) {
        return reason;
    }
    g_pool = rte_mempool_create("bench", static_cast<unsigned>(count), static_cast<unsigned>(plan.size),
                                static_cast<unsigned>(cache), 0, nullptr, nullptr, nullptr, nullptr,
                                SOCKET_ID_ANY, 0);
    return g_pool ? nullptr : "rte_mempool_create() failed";
}

void *alloc(size_t, int, size_t) {
    void *block;
    return rte_mempool_get(g_pool, &block) == 0 ? block : nullptr;
}

void free_dirty(void **pointer) {
    rte_mempool_put(g_pool, *pointer);
    *pointer = nullptr;
}

void free_zeroing(void **pointer) {
    explicit_bzero(*pointer, g_pool->elt_size);
    free_dirty(pointer);
}

uint64_t virt_to_phys(void *pointer) { return rte_mempool_virt2iova(pointer); }

} // namespace

const bench::Peer bench::g_peer = {.start = start,
                                   .start_thread = bench::dpdk::start_thread,
                                   .alloc = alloc,
                                   .free_zeroing = free_zeroing,
                                   .free_dirty = free_dirty,
                                   .virt_to_phys = virt_to_phys,
                                   .phys_to_virt = nullptr,
                                   .held = bench::dpdk::heap_bytes,
                                   .inside_blocks = false};
