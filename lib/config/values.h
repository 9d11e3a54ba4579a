// SPDX-License-Identifier: BSD-3-Clause
// Values: the meaning of the text after an '=', or the reason why it has none.
#ifndef QAE_LIB_CONFIG_VALUES_H
#define QAE_LIB_CONFIG_VALUES_H

#include <linux/qae.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/keys.h"

namespace qae {

// A value, or the sentence that says what is wrong with the text.
template <typename T> class Parsed {
public:
    Parsed(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    static Parsed failed(std::string why) { return Parsed(Failure{std::move(why)}); }

    explicit operator bool() const { return content_.index() == 0; }
    const T &operator*() const { return std::get<0>(content_); }
    const std::string &why() const { return std::get<1>(content_).text; }

private:
    struct Failure {
        std::string text;
    };
    explicit Parsed(Failure failure) : content_(std::in_place_index<1>, std::move(failure)) {}

    std::variant<T, Failure> content_;
};

Parsed<std::uint32_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max);

struct Services {
    std::uint32_t mask = 0; // QAE_SVC_*
    std::vector<std::string>
        remarks; // one for each word that other drivers know and this one reads differently
};

// ServicesEnabled: "cy;dc" and the like.
Parsed<Services> parse_services(std::string_view text);

// CoreAffinity: "0,2,4-6".
Parsed<std::vector<std::uint32_t>> parse_cores(std::string_view text);

// OnBusy: the milliseconds of "wait <ms>", or nothing for "fail".
Parsed<std::optional<std::uint32_t>> parse_on_busy(std::string_view text);

// Why @text violates @rule; empty if it does not.
std::string rule_violation(const KeyRule &rule, std::string_view text);

} // namespace qae

#endif // QAE_LIB_CONFIG_VALUES_H
