// SPDX-License-Identifier: BSD-3-Clause
// Usage: one sentence about a command line that is not valid, with what was most likely meant.
#ifndef QAE_TOOLS_QAECTL_USAGE_H
#define QAE_TOOLS_QAECTL_USAGE_H

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace qaectl {

// The sentence about @words, which @app refused with @error.
std::string usage_sentence(const CLI::App &app, const CLI::ParseError &error,
                           const std::vector<std::string> &words);

// About a first word that is not a verb; empty if it is one, or an option.
std::string unknown_verb_sentence(const CLI::App &app, const std::vector<std::string> &words);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_USAGE_H
