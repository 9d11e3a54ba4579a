// SPDX-License-Identifier: BSD-3-Clause
// Instructions of claiming and releasing a section.
#ifndef QAE_TESTS_BENCH_KERNEL_CLAIMS_H
#define QAE_TESTS_BENCH_KERNEL_CLAIMS_H

#include "measure.h"

namespace kernel_path {

// Claims a section with the name and one instance, and releases it, @rounds times. The readings of the clock
// are included.
Json measure_claims(unsigned rounds, const char *name);

} // namespace kernel_path

#endif // QAE_TESTS_BENCH_KERNEL_CLAIMS_H
