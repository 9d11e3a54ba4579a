// SPDX-License-Identifier: BSD-3-Clause
// Findings: what a person is told about a configuration file.
#ifndef QAE_TOOLS_CONFIG_FINDINGS_H
#define QAE_TOOLS_CONFIG_FINDINGS_H

#include <cstddef>
#include <string>
#include <vector>

namespace qae {

enum class Severity { note, warning, error };

const char *severity_word(Severity severity);

// Line and column count from 1; the column counts bytes. Line 0: the file as a whole.
struct Position {
    std::size_t line = 0;
    std::size_t column = 0;
};

struct Finding {
    Severity severity = Severity::error;
    std::string file;
    Position at;
    std::string text;
};

// "file:line:column: error: text"
std::string to_string(const Finding &finding);

// The findings of one file. Errors are all counted, but only so many are kept: a file that
// is no configuration at all must not fill a terminal or the memory.
class Findings {
public:
    static constexpr std::size_t kMaxKept = 100;

    explicit Findings(std::string file) : file_(std::move(file)) {}

    void error(Position at, std::string text) { add(Severity::error, at, std::move(text)); }
    void warning(Position at, std::string text) { add(Severity::warning, at, std::move(text)); }
    void note(Position at, std::string text) { add(Severity::note, at, std::move(text)); }

    const std::string &file() const { return file_; }
    std::size_t errors() const { return errors_; }
    std::size_t warnings() const { return warnings_; }

    // In the order of lines, with a last one that counts those not kept.
    std::vector<Finding> sorted() const;

private:
    void add(Severity severity, Position at, std::string text);

    std::string file_;
    std::vector<Finding> kept_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
    std::size_t kept_errors_ = 0;
    std::size_t dropped_ = 0;
};

} // namespace qae

#endif // QAE_TOOLS_CONFIG_FINDINGS_H
