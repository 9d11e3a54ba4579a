// SPDX-License-Identifier: BSD-3-Clause
// Sizes: numbers of bytes as people write and read them.
#ifndef QAE_TOOLS_QAECTL_SIZES_H
#define QAE_TOOLS_QAECTL_SIZES_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace qaectl {

// The word is not a valid size; what() says why and what to write instead.
class BadSize : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

// "4096", "512M", "2GiB" (units of 1024), or "none": QAE_UNLIMITED.
std::uint64_t parse_size(std::string_view word);

// Rounded down to a whole unit, with at least two digits: "12 MiB".
std::string size_text(std::uint64_t bytes);

// The exact size, as parse_size() takes it: "512M", "4097", "none".
std::string exact_size(std::uint64_t bytes);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_SIZES_H
