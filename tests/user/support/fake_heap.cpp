// SPDX-License-Identifier: BSD-3-Clause
#include "support/fake_heap.h"

#include "mem/heap.h"
#include <qae_mem_ext.h>

namespace qae::test {

FakeSource *g_source;

int use_fake_source(void **) {
    g_source = new FakeSource;
    Heap::instance().set_source_for_test(g_source);
    qaeMemSetKeep(kDefaultKeep);
    qaeClearLastError();
    return 0;
}

int drop_fake_source(void **) {
    const std::uint64_t live = Heap::instance().stats().live_blocks;
    Heap::instance().set_source_for_test(nullptr);
    const std::uint64_t wrong = g_source->wrong_frees();
    const std::size_t left = g_source->live_regions();
    delete g_source;
    return wrong == 0 && left == 0 && live == 0 ? 0 : -1;
}

} // namespace qae::test
