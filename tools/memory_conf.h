// SPDX-License-Identifier: BSD-3-Clause
// Memory configuration: the limits that a file gives, so that they outlive the module and the machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config_findings.h"
#include "messages.h"

namespace qaectl {

constexpr const char *default_memory_conf = "/etc/qae/memory.conf";

/// What the text of a file says; mistakes become findings and are left out.
qae::MemorySettings parse_memory_conf(std::string_view text, qae::Findings &findings);

/// @path empty: the default one, which need not exist. Nothing, and words on stderr, if the file has a
/// mistake.
std::optional<qae::MemorySettings> read_memory_conf(const std::string &path);

} // namespace qaectl
