// SPDX-License-Identifier: BSD-3-Clause
// Configuration files on disk: reading one whole, and what its name says.
#ifndef QAE_TOOLS_CONFIG_FILE_H
#define QAE_TOOLS_CONFIG_FILE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/findings.h"

namespace qae {

// The bytes of the file; nothing, with a finding, if it cannot be read or is too large to be one.
std::optional<std::string> read_config_file(const std::string &path, Findings &findings);

// "/etc/c6xx_dev0.conf": type "c6xx", index 0.
std::string config_path(std::string_view directory, std::string_view type, std::uint32_t index);

struct ConfigFileName {
    std::string type; // of a known model, or empty
    std::optional<std::uint32_t> index;
};

// "c6xx_dev1.conf", also with something behind (".conf.dc") or "4xxx_template.conf".
ConfigFileName parse_config_file_name(std::string_view path);

} // namespace qae

#endif // QAE_TOOLS_CONFIG_FILE_H
