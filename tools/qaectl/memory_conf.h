// SPDX-License-Identifier: BSD-3-Clause
// Memory configuration: limits and reserves that a file gives, so that they outlive the module and the
// machine.
#ifndef QAE_TOOLS_QAECTL_MEMORY_CONF_H
#define QAE_TOOLS_QAECTL_MEMORY_CONF_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/findings.h"
#include "netlink/messages.h"

namespace qaectl {

constexpr const char *kDefaultMemoryConf = "/etc/qae/memory.conf";

constexpr std::uint32_t kMaxNode = 0x7fffffff;    // the kernel says which there are
constexpr std::uint32_t kMaxReserve = 0xffffffff; // and what fits

// Decimal, or hexadecimal after 0x, and at most so much; else nothing.
std::optional<std::uint32_t> parse_count(std::string_view word, std::uint32_t most);

using ManySettings = std::vector<qae::MemorySettings>;

// What the text of a file says, to be set in this order; mistakes become findings and are left out.
ManySettings parse_memory_conf(std::string_view text, qae::Findings &findings);

// @path empty: the default one, which need not exist. Nothing, and words on stderr, where the file has a
// mistake.
std::optional<ManySettings> read_memory_conf(const std::string &path);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_MEMORY_CONF_H
