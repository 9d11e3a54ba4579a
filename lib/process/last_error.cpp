// SPDX-License-Identifier: BSD-3-Clause
#include "process/last_error.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "process/cancel.h"

namespace qae {
namespace {

struct Reason {
    int err;
    char text[kReasonSize];
};

// Plain data without constructor and destructor, so that a thread can use it at any moment of its life.
constinit thread_local Reason t_reason{};

pthread_once_t g_log_once = PTHREAD_ONCE_INIT;
bool g_log;

// Reads the switch once: getenv() races with setenv() in other threads, and failures can happen at any time.
// Sentences contain addresses, and the user who starts a program with raised privileges must not learn them.
void read_log_switch() noexcept {
    const char *value = secure_getenv("QAT_USER_LOG");
    g_log = value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

// Prints by a single write(), so that lines of several threads and processes do not mix.
void print_line(const char *text) noexcept {
    CancelHold hold; // some callers only check arguments and have none
    constexpr char kPrefix[] = "libqat_user: ";
    char line[sizeof(kPrefix) + kReasonSize];
    char *end = std::copy_n(kPrefix, sizeof(kPrefix) - 1, line);
    end = std::copy_n(text, std::strlen(text), end); // less than kReasonSize
    *end++ = '\n';
    const auto length = static_cast<std::size_t>(end - line);
    const ssize_t written = ::write(STDERR_FILENO, line, length);
    static_cast<void>(written); // there is nowhere to report a failed report
}

// Formats into @buffer and cuts what is too long; a text that cannot be formatted is copied as it is. Returns
// the length.
std::size_t format(char (&buffer)[kReasonSize], fmt::string_view text, fmt::format_args args) noexcept {
    std::size_t length = 0;
    try {
        const auto out = fmt::vformat_to_n(buffer, sizeof(buffer) - 1, text, args);
        length = std::min(out.size, sizeof(buffer) - 1);
    } catch (...) {
        length = std::min(text.size(), sizeof(buffer) - 1);
        std::copy_n(text.begin(), length, buffer);
    }
    buffer[length] = '\0';
    return length;
}

} // namespace

int last_errno() noexcept { return t_reason.err; }

const char *last_reason() noexcept { return t_reason.text; }

void clear_error() noexcept {
    t_reason.err = 0;
    t_reason.text[0] = '\0';
}

void detail::print_notice(fmt::string_view text, fmt::format_args args) noexcept {
    const int saved = errno;
    char buffer[kReasonSize];
    format(buffer, text, args);
    print_line(buffer);
    errno = saved;
}

void detail::record_failure(int err, fmt::string_view text, fmt::format_args args) noexcept {
    const int saved = errno;
    // An argument may point to the previous reason, so build the sentence in a buffer of its own.
    char buffer[kReasonSize];
    const std::size_t length = format(buffer, text, args);
    std::copy_n(buffer, length + 1, t_reason.text);
    t_reason.err = err;
    pthread_once(&g_log_once, read_log_switch);
    if (g_log) {
        print_line(t_reason.text);
    }
    errno = saved;
}

} // namespace qae
