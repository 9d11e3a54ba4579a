// SPDX-License-Identifier: BSD-3-Clause
// Memory configuration: the file with limits and reserves, which outlives the module and a reboot.
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

constexpr std::uint32_t kMaxNode = 0x7fffffff;    // the kernel knows which nodes exist
constexpr std::uint32_t kMaxReserve = 0xffffffff; // and how many regions fit

// A decimal number, or a hexadecimal one after 0x, of at most @most; else nothing.
std::optional<std::uint32_t> parse_count(std::string_view word, std::uint32_t most);

using ManySettings = std::vector<qae::MemorySettings>;

// The settings in the text of a file, to be applied in this order. Mistakes become findings and are left out.
ManySettings parse_memory_conf(std::string_view text, qae::Findings &findings);

// Reads the file, or kDefaultMemoryConf if @path is empty; that one need not exist. If the file has a
// mistake, says so on stderr and returns nothing.
std::optional<ManySettings> read_memory_conf(const std::string &path);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_MEMORY_CONF_H
