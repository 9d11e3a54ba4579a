// SPDX-License-Identifier: BSD-3-Clause
// Configuration files on disk: their content and their names.
#ifndef QAE_LIB_CONFIG_FILE_H
#define QAE_LIB_CONFIG_FILE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/findings.h"

namespace qae {

// The content of the file, or nothing and a finding if it cannot be read or is too large.
std::optional<std::string> read_config_file(const std::string &path, Findings &findings);

// "/etc/c6xx_dev0.conf" for type "c6xx" and index 0.
std::string config_path(std::string_view directory, std::string_view type, std::uint32_t index);

struct ConfigFileName {
    std::string type; // one that find_endpoint_type() knows, else empty
    std::optional<std::uint32_t> index;
};

// Parses "c6xx_dev1.conf". A suffix is ignored (".conf.dc"), and the index may be missing
// ("4xxx_template.conf").
ConfigFileName parse_config_file_name(std::string_view path);

} // namespace qae

#endif // QAE_LIB_CONFIG_FILE_H
