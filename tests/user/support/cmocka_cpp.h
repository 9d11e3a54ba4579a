// SPDX-License-Identifier: BSD-3-Clause
// cmocka for C++. Its header needs the headers before it.
#ifndef QAE_TESTS_SUPPORT_CMOCKA_CPP_H
#define QAE_TESTS_SUPPORT_CMOCKA_CPP_H

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}

// cmocka's fail() hides qae::fail(), and its fail_msg() needs it.
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                                        \
    do {                                                                                                     \
        print_error(__VA_ARGS__);                                                                            \
        print_error("\n");                                                                                   \
        _fail(__FILE__, __LINE__);                                                                           \
    } while (0)

#endif // QAE_TESTS_SUPPORT_CMOCKA_CPP_H
