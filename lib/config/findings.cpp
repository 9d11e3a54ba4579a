// SPDX-License-Identifier: BSD-3-Clause
#include "config/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/text.h"

namespace qae {

const char *severity_word(Severity severity) {
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        break;
    }
    return "error";
}

std::string to_string(const Finding &finding) {
    const std::string file = printable(finding.file, 4096);
    if (finding.at.line == 0) {
        return fmt::format("{}: {}: {}", file, severity_word(finding.severity), finding.text);
    }
    return fmt::format("{}:{}:{}: {}: {}", file, finding.at.line, finding.at.column,
                       severity_word(finding.severity), finding.text);
}

void Findings::add(Severity severity, Position at, std::string text) {
    const bool is_error = severity == Severity::error;
    errors_ += is_error;
    warnings_ += severity == Severity::warning;
    // Errors have a limit of their own, so that a flood of warnings does not hide the first error.
    const std::size_t kept_same = is_error ? kept_errors_ : kept_.size() - kept_errors_;
    if (kept_same >= kMaxKept) {
        ++dropped_;
        return;
    }
    kept_errors_ += is_error;
    kept_.push_back({severity, file_, at, std::move(text)});
}

std::vector<Finding> Findings::sorted() const {
    std::vector<Finding> result = kept_;
    std::stable_sort(result.begin(), result.end(), [](const Finding &a, const Finding &b) {
        return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    if (dropped_ != 0) {
        result.push_back(
            {Severity::note,
             file_,
             {},
             fmt::format("{} more {} not shown", dropped_, dropped_ == 1 ? "finding is" : "findings are")});
    }
    return result;
}

} // namespace qae
