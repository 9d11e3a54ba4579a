// SPDX-License-Identifier: BSD-3-Clause
// The fixture of tests that run the allocator over a FakeSource.
#ifndef QAE_TESTS_SUPPORT_FAKE_HEAP_H
#define QAE_TESTS_SUPPORT_FAKE_HEAP_H

#include "support/fake_source.h"

namespace qae::test {

// The source of the running test.
extern FakeSource *g_source;

// Idle bytes that stay pinned on each node: the library's default, which use_fake_source() restores.
inline constexpr std::uint64_t kDefaultKeep = 8 << 20;

int use_fake_source(void **state);

// Fails if the test left a live block, a region, or freed a region that the source had not granted.
int drop_fake_source(void **state);

#define FAKE_SOURCE_TEST(name)                                                                               \
    cmocka_unit_test_setup_teardown(name, qae::test::use_fake_source, qae::test::drop_fake_source)

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_FAKE_HEAP_H
