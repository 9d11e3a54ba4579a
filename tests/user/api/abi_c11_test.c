// SPDX-License-Identifier: BSD-3-Clause
/*
 * The headers as C11 sees them: layout and prototypes (static), exported symbols and the bitmap macros (run).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>

#include <cmocka.h>

#include "api/abi_checks.h"

static void ABI_shared_library_exports_every_function(void **state) {
    const char *path = getenv("QAE_TEST_LIBRARY");
    void *library = dlopen(path ? path : "libqat_user.so.1", RTLD_NOW | RTLD_LOCAL);

    (void)state;
    if (!library) {
        fail_msg("%s", dlerror());
    }
    for (size_t i = 0; i < sizeof(abi_names) / sizeof(abi_names[0]); ++i) {
        if (!dlsym(library, abi_names[i])) {
            fail_msg("%s is not exported", abi_names[i]);
        }
    }
    for (size_t i = 0; i < sizeof(abi_dc_names) / sizeof(abi_dc_names[0]); ++i) {
        if (!dlsym(library, abi_dc_names[i])) {
            fail_msg("%s is not exported", abi_dc_names[i]);
        }
    }
    assert_null(dlsym(library, "_ZN3qae7Session5startEPKc"));
    dlclose(library);
}

static void ABI_bitmap_macros_use_32_bit_elements(void **state) {
    struct {
        CPA_BITMAP(bits, 70);
    } map;

    (void)state;
    assert_int_equal(sizeof(map), 12);
    memset(&map, 0, sizeof(map));
    CPA_BITMAP_BIT_SET(map.bits, 0);
    CPA_BITMAP_BIT_SET(map.bits, 31);
    CPA_BITMAP_BIT_SET(map.bits, 69);
    assert_int_equal(map.bits[0], 0x80000001u);
    assert_int_equal(map.bits[1], 0);
    assert_int_equal(map.bits[2], 1u << 5);
    assert_true(CPA_BITMAP_BIT_TEST(map.bits, 69));
    CPA_BITMAP_BIT_CLEAR(map.bits, 31);
    assert_int_equal(map.bits[0], 1);
    assert_false(CPA_BITMAP_BIT_TEST(map.bits, 31));
}

static void ABI_truth_and_null_come_with_the_headers(void **state) {
    const char *text = CPA_STATUS_STR_FAIL;

    (void)state;
    assert_int_equal(TRUE, CPA_TRUE);
    assert_int_equal(FALSE, CPA_FALSE);
    assert_true(text != NULL && *text != '\0');
}

static void ABI_single_handle_is_null(void **state) {
    (void)state;
    assert_null(CPA_INSTANCE_HANDLE_SINGLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ABI_shared_library_exports_every_function),
        cmocka_unit_test(ABI_bitmap_macros_use_32_bit_elements),
        cmocka_unit_test(ABI_truth_and_null_come_with_the_headers),
        cmocka_unit_test(ABI_single_handle_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
