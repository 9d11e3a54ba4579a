// SPDX-License-Identifier: BSD-3-Clause
// Plan: the internal sections that configurations create. Needs no module.
#ifndef QAE_LIB_CONFIG_SECTION_PLAN_H
#define QAE_LIB_CONFIG_SECTION_PLAN_H

#include <linux/qae.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"

namespace qae {

// A configuration with the accelerator id of its endpoint.
struct PlacedConfig {
    std::uint32_t endpoint;
    const EndpointConfig *config;
};

struct PlannedInstance {
    std::uint32_t endpoint;
    const InstanceConfig *config;
    std::int32_t core; // of this process; QAE_CORE_NONE without an affinity
};

// What one process gets.
struct PlannedSection {
    std::string name;      // "SSL_DEV0_INT_2", "IPsec_INT_0"
    std::string user_name; // "SSL"
    std::uint32_t process; // from 0 to NumProcesses - 1
    std::vector<PlannedInstance> instances;

    std::vector<std::uint32_t> endpoints() const;
    std::size_t count(qae_service service) const;
};

// Sections in the order of endpoints, then of the files. Those without LimitDevAccess collect the instances
// of all endpoints. The result refers to @configs, which must outlive it.
std::vector<PlannedSection> plan_sections(std::span<const PlacedConfig> configs);

} // namespace qae

#endif // QAE_LIB_CONFIG_SECTION_PLAN_H
