// SPDX-License-Identifier: BSD-3-Clause
#include "../peer.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>

namespace {

const char *start(const bench::Plan &) { return nullptr; }
void *alloc(size_t size, int, size_t align) {
    return aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

void free_zeroing(void **pointer) {
    explicit_bzero(*pointer, malloc_usable_size(*pointer));
    free(*pointer);
    *pointer = nullptr;
}

void free_dirty(void **pointer) {
    free(*pointer);
    *pointer = nullptr;
}

} // namespace

const bench::Peer bench::g_peer = {.start = start,
                                   .start_thread = nullptr,
                                   .alloc = alloc,
                                   .free_zeroing = free_zeroing,
                                   .free_dirty = free_dirty,
                                   .virt_to_phys = nullptr,
                                   .phys_to_virt = nullptr,
                                   .held = bench::resident_bytes};
