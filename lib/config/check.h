// SPDX-License-Identifier: BSD-3-Clause
// Check: do configurations fit their endpoints and each other? Needs no module and no privileges.
#ifndef QAE_LIB_CONFIG_CHECK_H
#define QAE_LIB_CONFIG_CHECK_H

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/endpoint_type.h"
#include "config/findings.h"
#include "config/model.h"

namespace qae {

// One file and the endpoint that it configures.
struct CheckedConfig {
    std::uint32_t endpoint = 0;           // accelerator id
    std::optional<EndpointConfig> config; // absent if the file could not be read
    Findings findings{std::string()};

    bool is_good() const { return config && findings.errors() == 0; }
};

// Reads one file and checks it on its own: grammar, keys, values, and, if the type has a model, ring pairs.
CheckedConfig check_file(const std::string &path, std::uint32_t endpoint, const EndpointType &type);

// Checks that the requested instances fit the ring pairs, and reports a section that does not.
void check_capacity(const EndpointConfig &config, const qae_model &model, Findings &findings);

// Compares the files with each other: sections of the same name should agree on all endpoints.
void check_across(std::span<CheckedConfig> configs);

} // namespace qae

#endif // QAE_LIB_CONFIG_CHECK_H
