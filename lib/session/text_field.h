// SPDX-License-Identifier: BSD-3-Clause
// Writing a text into a field of fixed size.
#ifndef QAE_LIB_SESSION_TEXT_FIELD_H
#define QAE_LIB_SESSION_TEXT_FIELD_H

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace qae {

// The text ends with a NUL; what does not fit is cut.
template <std::size_t Size, class... Args>
void print_to(unsigned char (&out)[Size], fmt::format_string<Args...> format, Args &&...args) noexcept {
    char *text = reinterpret_cast<char *>(out);
    try {
        *fmt::format_to_n(text, Size - 1, format, std::forward<Args>(args)...).out = '\0';
    } catch (...) { // cannot happen: copying text allocates nothing
        *text = '\0';
    }
}

} // namespace qae

#endif // QAE_LIB_SESSION_TEXT_FIELD_H
