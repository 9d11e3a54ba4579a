// SPDX-License-Identifier: BSD-3-Clause
#include "../peer.h"

#include <jemalloc/jemalloc.h>

#include <cstring>

namespace {

const char *start(const bench::Plan &) { return nullptr; }

void *alloc(size_t size, int, size_t align) {
    return mallocx(size, MALLOCX_LG_ALIGN(__builtin_ctzll(align))); // NOLINT: the macro's types
}

void free_zeroing(void **pointer) {
    explicit_bzero(*pointer, sallocx(*pointer, 0));
    dallocx(*pointer, 0);
    *pointer = nullptr;
}

void free_dirty(void **pointer) {
    dallocx(*pointer, 0);
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
