// SPDX-License-Identifier: BSD-3-Clause
// Checks of the sentence and the error number that the last failure left. For C and C++: include cmocka
// before.
#ifndef QAE_TESTS_SUPPORT_REASON_H
#define QAE_TESTS_SUPPORT_REASON_H

#include <qae_mem_ext.h>
#include <string.h>

static inline void assert_says(const char *sentence, const char *part) {
    if (strstr(sentence, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", sentence, part);
    }
}

static inline void assert_reason(const char *part) { assert_says(qaeLastError(), part); }

static inline void assert_failure(int err, const char *part) {
    assert_int_equal(qaeLastErrno(), err);
    assert_reason(part);
}

/* The same, and forgets the failure, so that the next one is seen to be recorded. */
static inline void expect_reason(int err, const char *part) {
    assert_failure(err, part);
    qaeClearLastError();
}

/* For workers, which cannot use cmocka's assertions. */
static inline int reason_says(const char *part) { return strstr(qaeLastError(), part) != NULL; }

#endif // QAE_TESTS_SUPPORT_REASON_H
