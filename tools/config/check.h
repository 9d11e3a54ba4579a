// SPDX-License-Identifier: BSD-3-Clause
// Check: whether configurations fit their endpoints and each other; no module, no privileges.
#ifndef QAE_TOOLS_CONFIG_CHECK_H
#define QAE_TOOLS_CONFIG_CHECK_H

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/findings.h"
#include "config/model.h"
#include "kernel/model/model.h"

namespace qae {

// One file and the endpoint that it is for.
struct CheckedConfig {
    std::uint32_t endpoint = 0;           // accelerator id
    const qae_model *model = nullptr;     // null: the type is not known
    std::optional<EndpointConfig> config; // absent if the file could not be read
    Findings findings{std::string()};

    bool is_good() const { return config && findings.errors() == 0; }
};

// Reads and checks the file by itself: grammar, keys, values, ring pairs.
CheckedConfig check_file(const std::string &path, std::uint32_t endpoint, const qae_model *model);

// Whether the instances asked for fit the ring pairs; what does not is a finding.
void check_capacity(const EndpointConfig &config, const qae_model &model, Findings &findings);

// What files say together: a section of one name should mean the same on all endpoints.
void check_across(std::span<CheckedConfig> configs);

} // namespace qae

#endif // QAE_TOOLS_CONFIG_CHECK_H
