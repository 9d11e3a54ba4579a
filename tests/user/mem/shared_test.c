// SPDX-License-Identifier: BSD-3-Clause
// The memory functions as a C11 application links them: every symbol is in the shared library, with its type.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <qae_mem.h>
#include <qae_mem_ext.h>

static void MEM_19_every_symbol_links(void **state) {
    (void)state;
    void *(*const alloc)(size_t) = qaeMemAlloc;
    void (*const release)(void **) = qaeMemFree;
    void *(*const alloc_numa)(size_t, int, size_t) = qaeMemAllocNUMA;
    void (*const free_numa)(void **) = qaeMemFreeNUMA;
    void (*const free_dirty)(void **) = qaeMemFreeNonZeroNUMA;
    uint64_t (*const to_device)(void *) = qaeVirtToPhysNUMA;
    void *(*const to_pointer)(uint64_t) = qaePhysToVirtNUMA;
    void (*const at_fork)(void) = qaeAtFork;
    int (*const init)(void) = qaeMemInit;
    int (*const init_fd)(int *) = qaeMemInitAndReturnFd;
    void (*const destroy)(void) = qaeMemDestroy;
    int (*const add)(int) = qaeRegisterDevice;
    int (*const remove)(int) = qaeUnregisterDevice;
    uint64_t (*const map)(void *, size_t) = qaeMemMapContiguousIova;
    int (*const unmap)(void *, size_t) = qaeMemUnmapContiguousIova;
    void *block = alloc(10);
    assert_non_null(block);
    release(&block);
    assert_null(block);
    assert_null(alloc_numa(0, NUMA_ANY_NODE, 1));
    free_numa(&block);
    free_dirty(&block);
    assert_int_equal(to_device(NULL), 0);
    assert_null(to_pointer(0));
    at_fork();
    destroy();
    assert_int_equal(init_fd(NULL), -EINVAL);
    const int opened = init();
    assert_true(opened == 0 || opened == -ENOENT || opened == -EIO);
    assert_int_not_equal(add(0), 0);
    assert_int_not_equal(remove(0), 0);
    assert_int_equal(map(NULL, 4096), 0);
    assert_int_equal(unmap(NULL, 4096), 1);
    assert_int_equal(qaeLastErrno(), EOPNOTSUPP);
    assert_non_null(strstr(qaeLastError(), "VFIO"));
    qaeClearLastError();
    assert_int_equal(qaeLastErrno(), 0);
}

/* Internal names, of C++ and of the formatting library, must not clash with those of an application. */
static void nothing_else_is_visible(void **state) {
    (void)state;
    void *library = dlopen("libqat_user.so.1", RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(library);
    assert_ptr_equal(dlsym(library, "qaeMemAllocNUMA"), (void *)(uintptr_t)qaeMemAllocNUMA);
    assert_non_null(dlvsym(library, "qaeMemAllocNUMA", "QAT_USER_1.0"));
    static const char *const hidden[] = {
        "_ZN3qae4Heap8instanceEv",
        "_ZN3qae10last_errnoEv",
        "_ZN3qae6Device8instanceEv",
        "_ZN3fmt2v97vformatB5cxx11ENS0_17basic_string_viewIcEENS0_17basic_format_argsINS0_20basic_format_"
        "contextINS0_"
        "8appenderEcEEEE",
    };
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); ++i) {
        assert_null(dlsym(library, hidden[i]));
    }
    dlclose(library);
}

int main(void) {
    setenv("QAT_USER_MODE", "oot", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(MEM_19_every_symbol_links),
        cmocka_unit_test(nothing_else_is_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
