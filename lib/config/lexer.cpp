// SPDX-License-Identifier: BSD-3-Clause
#include "config/lexer.h"

#include <fmt/format.h>
#include <linux/qae.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "common/text.h"

namespace qae {
namespace {

// Besides QAE_MAX_SECTIONS a file may have the four that never reach the kernel ([GENERAL], [SIOV] …). One
// more is kept, so that read_config() notices that there are too many; the rest would only cost memory.
constexpr std::size_t kMostSections = QAE_MAX_SECTIONS + 4 + 1;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Tabs are allowed, because lists may contain them.
bool has_control_but_tab(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c != '\t' && has_control({&c, 1}); });
}

class Lexer {
public:
    explicit Lexer(Findings &findings) : findings_(findings) {}

    std::vector<SectionText> run(std::string_view text) {
        if (text.starts_with(kByteOrderMark)) {
            text.remove_prefix(kByteOrderMark.size());
        }
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            ++line_number_;
            line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return std::move(sections_);
    }

private:
    Position at(std::string_view part) const {
        return {line_number_, static_cast<std::size_t>(part.data() - line_.data()) + 1};
    }

    void line(std::string_view text) {
        line_ = text;
        if (text.size() > kLongestLine) {
            findings_.error({line_number_, kLongestLine + 1},
                            fmt::format("the line has {} bytes; the limit is {}", text.size(), kLongestLine));
            return;
        }
        const std::size_t nul = text.find('\0');
        if (nul != std::string_view::npos) {
            findings_.error({line_number_, nul + 1}, "the line contains a NUL byte: is this a text file?");
            return;
        }
        const std::string_view rest = trim(text);
        if (rest.empty() || rest.front() == '#') {
            return;
        }
        if (rest.front() == '[') {
            header(rest);
        } else {
            entry(rest);
        }
    }

    void header(std::string_view text) {
        inside_ = nullptr;
        refused_header_ = true;
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            findings_.error(at(text), "a section header needs a ']' after the name");
            return;
        }
        const std::string_view name = trim(text.substr(1, close - 1));
        const std::string_view after = trim(text.substr(close + 1));
        if (!after.empty() && after.front() != '#') {
            findings_.error(at(after),
                            fmt::format("unexpected \"{}\" after the section header; a comment begins with #",
                                        printable(after)));
            return;
        }
        if (!section_name_is_good(text, name)) {
            return;
        }
        refused_header_ = false;
        open(name, at(text));
    }

    bool section_name_is_good(std::string_view text, std::string_view name) {
        if (name.empty()) {
            findings_.error(at(text), "the section has no name");
        } else if (!is_utf8(name) || has_control(name)) {
            findings_.error(
                at(name), fmt::format("the section name \"{}\" is not UTF-8 text without control characters",
                                      printable(name)));
        } else if (name.find('/') != std::string_view::npos) {
            findings_.error(at(name),
                            fmt::format("the section name \"{}\" must not contain a '/'", printable(name)));
        } else if (name.size() >= QAE_NAME_SIZE) {
            findings_.error(at(name), fmt::format("the section name has {} bytes; the limit is {}",
                                                  name.size(), QAE_NAME_SIZE - 1));
        } else if (ends_in_device(name)) {
            findings_.error(at(name), fmt::format("the section name \"{}\" must not end in _DEV and a "
                                                  "number, as names of internal sections do",
                                                  name));
        } else {
            return true;
        }
        return false;
    }

    // [SSL_DEV0] would give the same internal sections as [SSL] with LimitDevAccess on qat_dev0.
    static bool ends_in_device(std::string_view name) {
        const auto last = name.find_last_not_of("0123456789");
        return last != std::string_view::npos && last + 1 < name.size() &&
               name.substr(0, last + 1).ends_with("_DEV");
    }

    void open(std::string_view name, Position where) {
        const auto found = index_.find(std::string(name));
        if (found != index_.end()) {
            inside_ = &sections_[found->second];
            findings_.warning(where,
                              fmt::format("section [{}] already begins on line {}; the two are read as one",
                                          name, inside_->at.line));
            return;
        }
        if (sections_.size() >= kMostSections) {
            refused_header_ = true;
            return;
        }
        index_.emplace(name, sections_.size());
        sections_.push_back({std::string(name), where, {}});
        inside_ = &sections_.back();
    }

    void entry(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::size_t comment = text.find('#');
        if (equals == std::string_view::npos || comment < equals) {
            const std::string_view words = trim(text.substr(0, comment));
            findings_.error(at(text),
                            fmt::format("expected \"key = value\", found \"{}\"", printable(words)));
            return;
        }
        const std::string_view key = trim(text.substr(0, equals));
        const std::string_view raw = text.substr(equals + 1);
        if (!inside_) {
            // Entries after a refused header belong to it, and its own finding is enough.
            if (!refused_header_) {
                findings_.error(at(text),
                                fmt::format("\"{}\" comes before the first [section]", printable(key)));
            }
            return;
        }
        if (!key_is_good(text, key)) {
            return;
        }
        const std::optional<std::string_view> text_value = value(raw);
        if (text_value) {
            inside_->entries.push_back(
                {std::string(key), std::string(*text_value), at(key), at(*text_value)});
        }
    }

    bool key_is_good(std::string_view text, std::string_view key) {
        if (key.empty()) {
            findings_.error(at(text), "there is no key before the '='");
        } else if (!is_utf8(key) || has_control(key)) {
            findings_.error(
                at(key),
                fmt::format("the key \"{}\" is not UTF-8 text without control characters", printable(key)));
        } else if (key.size() >= QAE_NAME_SIZE) {
            findings_.error(at(key),
                            fmt::format("the key \"{}\" is longer than any known key", printable(key, 32)));
        } else {
            return true;
        }
        return false;
    }

    // A value in quotes may contain '#'. Without quotes a '#' ends the value.
    std::optional<std::string_view> value(std::string_view raw) {
        std::string_view text = trim(raw);
        if (!text.empty() && text.front() == '"') {
            const std::size_t close = text.find('"', 1);
            if (close == std::string_view::npos) {
                findings_.error(at(text), "the quotes are not closed on this line");
                return std::nullopt;
            }
            const std::string_view after = trim(text.substr(close + 1));
            if (!after.empty() && after.front() != '#') {
                findings_.error(at(after),
                                fmt::format("unexpected \"{}\" after the quoted value", printable(after)));
                return std::nullopt;
            }
            text = trim(text.substr(1, close - 1));
        } else {
            text = trim(text.substr(0, text.find('#')));
        }
        return value_is_good(raw, text) ? std::optional(text) : std::nullopt;
    }

    bool value_is_good(std::string_view raw, std::string_view text) {
        if (text.empty()) {
            findings_.error(at(raw), "there is no value after the '='");
        } else if (text.size() > kLongestValue) {
            findings_.error(
                at(text), fmt::format("the value has {} bytes; the limit is {}", text.size(), kLongestValue));
        } else if (!is_utf8(text) || has_control_but_tab(text)) {
            findings_.error(at(text),
                            fmt::format("the value \"{}\" is not UTF-8 text without control characters",
                                        printable(text)));
        } else {
            return true;
        }
        return false;
    }

    Findings &findings_;
    std::string_view line_;
    std::size_t line_number_ = 0;
    std::vector<SectionText> sections_;
    std::unordered_map<std::string, std::size_t> index_;
    SectionText *inside_ = nullptr;
    bool refused_header_ = false;
};

} // namespace

std::vector<SectionText> lex(std::string_view text, Findings &findings) { return Lexer(findings).run(text); }

} // namespace qae
