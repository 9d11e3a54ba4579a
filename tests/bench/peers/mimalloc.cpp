// SPDX-License-Identifier: BSD-3-Clause
#include "../peer.h"

#include <mimalloc.h>

#include <cstring>

namespace {

const char *start(const bench::Plan &) { return nullptr; }
void *alloc(size_t size, int, size_t align) { return mi_malloc_aligned(size, align); }

void free_zeroing(void **pointer) {
    explicit_bzero(*pointer, mi_usable_size(*pointer));
    mi_free(*pointer);
    *pointer = nullptr;
}

void free_dirty(void **pointer) {
    mi_free(*pointer);
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
