// SPDX-License-Identifier: BSD-3-Clause
// rte_malloc(). rte_free() always clears, so both functions that free are the same.
#include "dpdk.h"

#include <rte_malloc.h>
#include <rte_memory.h>

namespace {

const char *start(const bench::Plan &plan) { return bench::dpdk::start_environment(plan.bytes); }

void *alloc(size_t size, int node, size_t align) {
    return rte_malloc_socket(nullptr, size, static_cast<unsigned>(align), node);
}

void release(void **pointer) {
    rte_free(*pointer);
    *pointer = nullptr;
}

uint64_t virt_to_phys(void *pointer) { return rte_malloc_virt2iova(pointer); }
void *phys_to_virt(uint64_t address) { return rte_mem_iova2virt(address); }

} // namespace

const bench::Peer bench::g_peer = {.start = start,
                                   .start_thread = bench::dpdk::start_thread,
                                   .alloc = alloc,
                                   .free_zeroing = release,
                                   .free_dirty = release,
                                   .virt_to_phys = virt_to_phys,
                                   .phys_to_virt = phys_to_virt,
                                   .held = bench::dpdk::heap_bytes,
                                   .inside_blocks = false};
