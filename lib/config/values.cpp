// SPDX-License-Identifier: BSD-3-Clause
#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "common/text.h"

namespace qae {
namespace {

constexpr std::uint32_t kBothCrypto = QAE_SVC_SYM | QAE_SVC_ASYM;

struct ServiceWord {
    std::string_view word;
    std::uint32_t mask;
    std::string_view remark; // what this driver makes of another driver's service
};

constexpr std::array kServiceWords{
    ServiceWord{"cy", kBothCrypto, {}},
    ServiceWord{"sym", QAE_SVC_SYM, {}},
    ServiceWord{"asym", QAE_SVC_ASYM, {}},
    ServiceWord{"dc", QAE_SVC_DC, {}},
    ServiceWord{"dcc", QAE_SVC_DC, "is read as dc: chained requests need no service of their own here"},
    ServiceWord{"decomp", QAE_SVC_DC, "is read as dc: compression instances also decompress"},
    ServiceWord{"cy0", kBothCrypto,
                "is read as cy: this driver does not divide an endpoint into accelerators"},
    ServiceWord{"cy1", kBothCrypto,
                "is read as cy: this driver does not divide an endpoint into accelerators"},
    ServiceWord{"dc0", QAE_SVC_DC,
                "is read as dc: this driver does not divide an endpoint into accelerators"},
    ServiceWord{"dc1", QAE_SVC_DC,
                "is read as dc: this driver does not divide an endpoint into accelerators"},
    ServiceWord{"inline", 0, "is not used: this driver has no inline service"},
    ServiceWord{"aux", 0, "is not used: this driver loads no firmware"},
};

constexpr std::string_view kServiceList = "the services are cy, sym, asym and dc";

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find_first_of(separators);
        parts.push_back(trim(text.substr(0, end)));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::string suggestion(std::string_view word, const std::vector<std::string> &candidates) {
    const std::string_view near = nearest(word, candidates);
    return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near);
}

std::string range_text(std::uint64_t min, std::uint64_t max) {
    if (max == UINT64_MAX) {
        return fmt::format("a number from {}", min);
    }
    if (max - min == 1) {
        return fmt::format("{} or {}", min, max);
    }
    return min == max ? fmt::format("{}", min) : fmt::format("a number from {} to {}", min, max);
}

// Appends the cores of "4-6" or "4" to @cores. Result: what is wrong with the text, or nothing.
std::string append_cores(std::string_view part, std::vector<std::uint32_t> &cores) {
    const std::size_t dash = part.find('-');
    const auto first = parse_unsigned(trim(part.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parse_unsigned(trim(part.substr(dash + 1)));
    if (!first || !last) {
        return fmt::format("\"{}\" is not a core; write a list such as 0,2,4-6", printable(part));
    }
    if (*first > *last) {
        return fmt::format("the range \"{}\" runs backwards", printable(part));
    }
    if (*last >= QAE_MAX_CORES) {
        return fmt::format("core {} cannot exist: cores are numbered 0 to {}", *last, QAE_MAX_CORES - 1);
    }
    if (cores.size() + (*last - *first) >= QAE_MAX_CORE_LIST) {
        return fmt::format("the list has more than {} cores", QAE_MAX_CORE_LIST);
    }
    for (auto core = *first; core <= *last; ++core) {
        cores.push_back(static_cast<std::uint32_t>(core));
    }
    return {};
}

} // namespace

Parsed<std::uint32_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
    using Result = Parsed<std::uint32_t>;
    const auto value = parse_unsigned(text);
    if (!value) {
        return Result::failed(
            fmt::format("\"{}\" is not valid; write {}", printable(text), range_text(min, max)));
    }
    if (*value < min || *value > max || *value > UINT32_MAX) {
        return Result::failed(fmt::format("{} is out of range; write {}", *value, range_text(min, max)));
    }
    return static_cast<std::uint32_t>(*value);
}

Parsed<Services> parse_services(std::string_view text) {
    using Result = Parsed<Services>;
    Services services;
    bool both = false, single = false;
    for (const std::string_view part : split(text, ";,")) {
        const auto found = std::find_if(kServiceWords.begin(), kServiceWords.end(),
                                        [&](const ServiceWord &service) { return service.word == part; });
        if (found == kServiceWords.end()) {
            return Result::failed(fmt::format("\"{}\" is not a service; {}{}", printable(part), kServiceList,
                                              suggestion(part, {"cy", "sym", "asym", "dc"})));
        }
        both |= part == "cy";
        single |= part == "sym" || part == "asym";
        services.mask |= found->mask;
        if (!found->remark.empty()) {
            services.remarks.push_back(fmt::format("\"{}\" {}", found->word, found->remark));
        }
    }
    if (both && single) {
        return Result::failed("cy already includes sym and asym; write either cy or the separate services");
    }
    if (services.mask == 0) {
        return Result::failed(
            fmt::format("\"{}\" names no service of this driver; {}", printable(text), kServiceList));
    }
    return services;
}

Parsed<std::vector<std::uint32_t>> parse_cores(std::string_view text) {
    using Result = Parsed<std::vector<std::uint32_t>>;
    std::vector<std::uint32_t> cores;
    for (const std::string_view part : split(text, ",")) {
        const std::string why = append_cores(part, cores);
        if (!why.empty()) {
            return Result::failed(why);
        }
    }
    return cores;
}

Parsed<std::optional<std::uint32_t>> parse_on_busy(std::string_view text) {
    using Result = Parsed<std::optional<std::uint32_t>>;
    if (text == "fail") {
        return std::optional<std::uint32_t>();
    }
    if (!text.starts_with("wait")) {
        return Result::failed(fmt::format("\"{}\" is neither \"fail\" nor \"wait <milliseconds>\"{}",
                                          printable(text), suggestion(text, {"fail", "wait"})));
    }
    const std::string_view milliseconds = trim(text.substr(4));
    const bool apart = text.size() > 4 && (text[4] == ' ' || text[4] == '\t');
    if (milliseconds.empty() || !apart) {
        return Result::failed("wait needs a time in milliseconds, such as \"wait 2000\"");
    }
    const auto value = parse_number(milliseconds, 1, QAE_MAX_WAIT_MS);
    if (!value) {
        return Result::failed(fmt::format("the time to wait, in milliseconds: {}", value.why()));
    }
    return std::optional<std::uint32_t>(*value);
}

std::string rule_violation(const KeyRule &rule, std::string_view text) {
    if (rule.kind == ValueKind::text) {
        return {};
    }
    if (rule.kind == ValueKind::word) {
        std::vector<std::string> words;
        for (const std::string_view word : split(rule.words, "|")) {
            words.emplace_back(word);
        }
        if (std::find(words.begin(), words.end(), text) != words.end()) {
            return {};
        }
        return fmt::format("\"{}\" is not one of {}{}", printable(text), fmt::join(words, ", "),
                           suggestion(text, words));
    }
    const auto value = parse_unsigned(text);
    if (!value || *value < rule.min || *value > rule.max) {
        return fmt::format("\"{}\" is not {}", printable(text), range_text(rule.min, rule.max));
    }
    if (rule.kind == ValueKind::power_of_two && !std::has_single_bit(*value)) {
        return fmt::format("{} is not a power of two", *value);
    }
    return {};
}

} // namespace qae
