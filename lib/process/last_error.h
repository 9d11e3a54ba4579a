// SPDX-License-Identifier: BSD-3-Clause
// The reason of the last failure in this thread: one errno, and one sentence that tells a person what to do.
//
// A sentence begins in lower case with what went wrong. It does not name the exported function that failed:
// the program that called it knows, and prefixes the name itself.
#ifndef QAE_LIB_PROCESS_LAST_ERROR_H
#define QAE_LIB_PROCESS_LAST_ERROR_H

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace qae {

// Longer sentences are cut, so that a thread needs memory for them only once.
inline constexpr std::size_t kReasonSize = 512;

// errno of the last failure in this thread, 0 if there was none.
int last_errno() noexcept;

// Its sentence, "" if there was none. Valid until the next failure in this thread.
const char *last_reason() noexcept;

// Forgets the last failure of this thread.
void clear_error() noexcept;

// While it lives, failures of this thread are neither recorded nor written: for an attempt that may fail.
class FailuresIgnored {
public:
    FailuresIgnored() noexcept;
    ~FailuresIgnored();
    FailuresIgnored(const FailuresIgnored &) = delete;
    FailuresIgnored &operator=(const FailuresIgnored &) = delete;
};

namespace detail {
void record_failure(int err, fmt::string_view text, fmt::format_args args) noexcept;
void print_notice(fmt::string_view text, fmt::format_args args) noexcept;
} // namespace detail

// Writes one line to stderr, for facts that a person should know although nothing failed.
template <class... Args> void tell(fmt::format_string<Args...> text, Args &&...args) noexcept {
    detail::print_notice(text, fmt::make_format_args(args...));
}

// Records a failure and returns -err, so that callers write: return fail(ENOENT, "...", ...);
// Set QAT_USER_LOG in the environment (not empty, not "0") to see each sentence on stderr too.
template <class... Args> int fail(int err, fmt::format_string<Args...> text, Args &&...args) noexcept {
    detail::record_failure(err, text, fmt::make_format_args(args...));
    return -err;
}

} // namespace qae

#endif // QAE_LIB_PROCESS_LAST_ERROR_H
