// SPDX-License-Identifier: BSD-3-Clause
// The public C functions of libqat_user.so, called like an application calls them.
#include "../peer.h"

#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

const char *start(const bench::Plan &) { return nullptr; }

size_t pinned() {
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    return qaeMemStats(&stats) == 0 ? stats.pinned : 0;
}

} // namespace

const bench::Peer bench::g_peer = {.start = start,
                                   .start_thread = nullptr,
                                   .alloc = qaeMemAllocNUMA,
                                   .free_zeroing = qaeMemFreeNUMA,
                                   .free_dirty = qaeMemFreeNonZeroNUMA,
                                   .virt_to_phys = qaeVirtToPhysNUMA,
                                   .phys_to_virt = qaePhysToVirtNUMA,
                                   .held = pinned,
                                   .why = qaeLastError};
