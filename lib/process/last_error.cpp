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
#include "process/unload.h"

namespace qae {
namespace {

// Plain data without constructor and destructor, so that a thread can use it at any moment of its life.
constinit thread_local int t_err = 0;
constinit thread_local bool t_ignore = false;

// The sentence of a thread is in ordinary memory, allocated at the first failure of the thread. It is not
// thread-local storage of the library, because dlopen() has only some hundred bytes of that for all libraries
// together. The destructor of the key is free() of the C library, which is never unloaded.
pthread_key_t g_text_key;
bool g_text_key_made = false;
pthread_once_t g_text_key_once = PTHREAD_ONCE_INIT;

// Another load of a plugin makes its own key, and a process has few.
[[gnu::destructor(kUnloadPriority)]] void delete_text_key() noexcept {
    if (is_unloading() && g_text_key_made) {
        pthread_key_delete(g_text_key);
        g_text_key_made = false;
    }
}

constexpr char kNoText[] = "the reason is lost, because the process is out of ordinary memory";

// The text of this thread, kReasonSize bytes. nullptr if it has none yet, or there is no memory for one.
char *own_text(bool make) noexcept {
    pthread_once(&g_text_key_once, [] { g_text_key_made = pthread_key_create(&g_text_key, std::free) == 0; });
    if (!g_text_key_made) {
        return nullptr;
    }
    auto *text = static_cast<char *>(pthread_getspecific(g_text_key));
    if (text != nullptr || !make) {
        return text;
    }
    text = static_cast<char *>(std::calloc(1, kReasonSize));
    if (text != nullptr && pthread_setspecific(g_text_key, text) != 0) {
        std::free(text);
        text = nullptr;
    }
    return text;
}

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

int last_errno() noexcept { return t_err; }

const char *last_reason() noexcept {
    if (t_err == 0) {
        return "";
    }
    const char *text = own_text(false);
    return text != nullptr ? text : kNoText;
}

void clear_error() noexcept { t_err = 0; }

FailuresIgnored::FailuresIgnored() noexcept { t_ignore = true; }

FailuresIgnored::~FailuresIgnored() { t_ignore = false; }

void detail::print_notice(fmt::string_view text, fmt::format_args args) noexcept {
    const int saved = errno;
    char buffer[kReasonSize];
    format(buffer, text, args);
    print_line(buffer);
    errno = saved;
}

void detail::record_failure(int err, fmt::string_view text, fmt::format_args args) noexcept {
    if (t_ignore) {
        return;
    }
    const int saved = errno;
    // An argument may point to the previous reason, so build the sentence in a buffer of its own.
    char buffer[kReasonSize];
    const std::size_t length = format(buffer, text, args);
    char *text_of_thread = own_text(true);
    if (text_of_thread != nullptr) {
        std::copy_n(buffer, length + 1, text_of_thread);
    }
    t_err = err;
    pthread_once(&g_log_once, read_log_switch);
    if (g_log) {
        print_line(buffer);
    }
    errno = saved;
}

} // namespace qae
