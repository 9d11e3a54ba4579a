// SPDX-License-Identifier: BSD-3-Clause
// VFIO mode on a machine that puts pages where it likes: the node that the caller names is honoured, or the
// call fails. The machine of the test may have one node, so the kernel's answers are made up.
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>

#include "mem/source/numa.h"
#include "support/vfio_fixture.h"

namespace {

using qae::test::begin;
using qae::test::end;
using qae::test::FakeContainer;
using qae::test::kFrame;
using qae::test::release;

int g_node = -1;            // that all pages but the first lie on; -1: ask the kernel
bool g_kernel_tells = true; // where pages are

} // namespace

// Instead of that of the C library, for the library under test too.
extern "C" long syscall(long number, ...) noexcept {
    va_list arguments;
    va_start(arguments, number);
    long argument[6];
    for (long &value : argument) {
        value = va_arg(arguments, long);
    }
    va_end(arguments);
    const bool about_nodes = number == SYS_move_pages || number == SYS_get_mempolicy || number == SYS_mbind;
    if (about_nodes && !g_kernel_tells) {
        errno = EPERM; // as in a container of Docker
        return -1;
    }
    if (number == SYS_move_pages && g_node >= 0) {
        auto *nodes = reinterpret_cast<int *>(argument[4]);
        for (long i = 0; i < argument[1]; ++i) {
            nodes[i] = i == 0 ? 0 : g_node;
        }
        return 0;
    }
    using Function = long (*)(long, ...);
    static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "syscall"));
    return kReal(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
}

namespace {

void MEM_03_MEM_04_a_block_on_another_node_is_not_granted(void **) {
    FakeContainer container;
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    g_node = 1;
    assert_null(qaeMemAllocNUMA(kFrame, 0, 64));
    expect_reason(ENOMEM, "on node 0");
    assert_int_equal(container.mapped.size(), 0);
    assert_true(container.map_calls > 0);
    void *block = qaeMemAllocNUMA(kFrame, NUMA_ANY_NODE, 64); // any node will do
    assert_non_null(block);
    release(block);
    qaeMemTrim();
    g_node = 0;
    block = qaeMemAllocNUMA(kFrame, 0, 64);
    assert_non_null(block);
    release(block);
    g_node = -1;
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// If the machine has no other node with memory, nothing has to be asked.
void MEM_03_where_a_sandbox_hides_nodes_the_only_one_is_granted(void **) {
    g_kernel_tells = false;
    const bool one = std::atoi(qae::memory_nodes().text) == 0 && qae::memory_nodes().text[1] == '\0';
    void *block = qaeMemAllocNUMA(kFrame, 0, 64);
    g_kernel_tells = true;
    assert_int_equal(block != nullptr, one);
    if (block != nullptr) {
        release(block);
    }
}

void MEM_04_lists_of_nodes_are_read(void **) {
    assert_true(qae::is_listed({"0"}, 0));
    assert_false(qae::is_listed({"0"}, 1));
    for (const int node : {0, 1, 3, 8, 9, 10}) {
        assert_true(qae::is_listed({"0-1,3,8-10"}, node));
    }
    for (const int node : {2, 4, 7, 11}) {
        assert_false(qae::is_listed({"0-1,3,8-10"}, node));
    }
    assert_false(qae::is_listed({""}, 0));
    assert_true(qae::is_listed({"unknown"}, 5));
}

} // namespace

int main() {
    qae::test::use_fake_vfio();
    setenv("QAT_USER_MODE", "vfio", 1);
#define VFIO_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const CMUnitTest tests[] = {
        VFIO_TEST(MEM_03_MEM_04_a_block_on_another_node_is_not_granted),
        VFIO_TEST(MEM_03_where_a_sandbox_hides_nodes_the_only_one_is_granted),
        VFIO_TEST(MEM_04_lists_of_nodes_are_read),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
