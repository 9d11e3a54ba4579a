// SPDX-License-Identifier: BSD-3-Clause
// Findings: errors, warnings and notes about a configuration file.
#ifndef QAE_LIB_CONFIG_FINDINGS_H
#define QAE_LIB_CONFIG_FINDINGS_H

#include <cstddef>
#include <string>
#include <vector>

namespace qae {

enum class Severity { note, warning, error };

const char *severity_word(Severity severity);

// Lines and columns are numbered from 1, and columns count bytes. Line 0 stands for the whole file.
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

// The findings of one file. All are counted, but at most kMaxKept errors and as many others are kept, so that
// a file that is not a configuration fills neither the terminal nor memory.
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

    // The kept findings in order of position, and a last one that counts the rest.
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

#endif // QAE_LIB_CONFIG_FINDINGS_H
