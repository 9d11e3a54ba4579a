// SPDX-License-Identifier: BSD-3-Clause
// Completion: the words that may come next on a command line, for the shells' completion scripts.
#ifndef QAE_TOOLS_QAECTL_COMPLETION_H
#define QAE_TOOLS_QAECTL_COMPLETION_H

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace qaectl {

// The hidden verb of the scripts: qaectl __complete WORD…, with the unfinished word last.
constexpr const char *kCompletionVerb = "__complete";

// A line that stands for the names of files.
constexpr const char *kFileCandidates = ":files";

// What may stand for the last of @words, which follow the program's name. Without a driver there are no
// endpoints.
std::vector<std::string> complete(const CLI::App &app, const std::vector<std::string> &words);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_COMPLETION_H
