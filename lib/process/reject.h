// SPDX-License-Identifier: BSD-3-Clause
// A refusal: returns the status that the API documents and records the reason for qaeLastError().
#ifndef QAE_LIB_PROCESS_REJECT_H
#define QAE_LIB_PROCESS_REJECT_H

#include <cpa.h>

#include <cerrno>
#include <utility>

#include "process/last_error.h"

namespace qae {

template <class... Args>
CpaStatus reject(CpaStatus status, int err, fmt::format_string<Args...> text, Args &&...args) noexcept {
    fail(err, text, std::forward<Args>(args)...);
    return status;
}

inline CpaStatus reject_null(const char *argument) noexcept {
    return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is NULL", argument);
}

inline CpaStatus reject_zero_instances() noexcept {
    return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "the number of instances is 0; pass at least 1");
}

} // namespace qae

#endif // QAE_LIB_PROCESS_REJECT_H
