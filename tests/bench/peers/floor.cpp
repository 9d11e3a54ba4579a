// SPDX-License-Identifier: BSD-3-Clause
// An allocator that does nothing: shows the cost of the workloads' loops themselves, and of clearing if they
// clear.
#include "../peer.h"

#include <cstdlib>
#include <cstring>

namespace {

alignas(64) char g_small[64];
void *g_block = g_small;
size_t g_size = sizeof g_small;

const char *start(const bench::Plan &plan) {
    if (plan.size == 0) {
        return nullptr;
    }
    g_size = (plan.size + 63) & ~static_cast<size_t>(63);
    g_block = aligned_alloc(64, g_size);
    return g_block ? nullptr : "no memory";
}

void *alloc(size_t, int, size_t) { return g_block; }

void free_zeroing(void **pointer) {
    explicit_bzero(*pointer, g_size);
    *pointer = nullptr;
}

void release(void **pointer) { *pointer = nullptr; }
uint64_t virt_to_phys(void *pointer) { return reinterpret_cast<uint64_t>(pointer); }
void *phys_to_virt(uint64_t address) { return reinterpret_cast<void *>(address); }

} // namespace

const bench::Peer bench::g_peer = {.start = start,
                                   .start_thread = nullptr,
                                   .alloc = alloc,
                                   .free_zeroing = free_zeroing,
                                   .free_dirty = release,
                                   .virt_to_phys = virt_to_phys,
                                   .phys_to_virt = phys_to_virt,
                                   .held = nullptr};
