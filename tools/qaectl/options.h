// SPDX-License-Identifier: BSD-3-Clause
// Options: the parsed command line of all verbs.
#ifndef QAE_TOOLS_QAECTL_OPTIONS_H
#define QAE_TOOLS_QAECTL_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink/messages.h"

namespace qaectl {

enum class MemoryAction { show, limit, reserve, apply };

struct MemoryOptions {
    MemoryAction action = MemoryAction::show;
    qae::MemorySettings settings; // limit, reserve
    std::string file;             // apply; empty: the default file
};

struct Options {
    std::vector<std::string> endpoints;
    std::vector<std::string> files;
    std::string config;              // one file for all endpoints
    std::string config_dir = "/etc"; // directory of <type>_dev<N>.conf
    std::string type;                // of the endpoints that the files configure
    bool configured = false;         // up: leave out endpoints without a file
    bool json = false;
    bool strict = false;                // check: warnings count as errors
    bool quiet = false;                 // check: print no notes
    std::optional<std::uint64_t> count; // monitor: stop after this many events
    MemoryOptions memory;
};

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_OPTIONS_H
