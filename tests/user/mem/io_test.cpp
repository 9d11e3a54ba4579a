// SPDX-License-Identifier: BSD-3-Clause
// I/O from and to memory of plain mode, where every kind of it works. tests/user/guest/mem/io_test.cpp has
// what the module refuses.
#include <cstdlib>

#include "support/cmocka_cpp.h"
#include "support/io_ways.h"
#include <qae_mem.h>

namespace {

void plain_memory_takes_every_kind_of_io(void **) {
    constexpr std::size_t kLength = 65536;
    void *block = qaeMemAllocNUMA(kLength, NUMA_ANY_NODE, 4096);
    assert_non_null(block);
    qae::test::assert_io(static_cast<unsigned char *>(block), kLength, false, "/tmp");
    qaeMemFreeNUMA(&block);
    assert_null(block);
}

} // namespace

int main() {
    setenv("QAT_USER_MODE", "plain", 1);
    const CMUnitTest tests[] = {cmocka_unit_test(plain_memory_takes_every_kind_of_io)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
