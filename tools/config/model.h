// SPDX-License-Identifier: BSD-3-Clause
// Model: one endpoint's configuration, typed and within the bounds of the kernel ABI.
#ifndef QAE_TOOLS_CONFIG_MODEL_H
#define QAE_TOOLS_CONFIG_MODEL_H

#include <linux/qae.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/findings.h"
#include "config/keys.h"

namespace qae {

struct InstanceConfig {
    qae_service service = QAE_SERVICE_CY;
    std::string name;
    qae_poll_mode poll = QAE_POLL_POLLED;
    std::vector<std::uint32_t> cores; // process i runs it on element i modulo size
};

// A number of the file, with the key as it is spelled there: findings name both.
struct Counted {
    std::uint32_t value = 0;
    std::string key;
    Position at; // line 0: not in the file, the default
};

struct SectionConfig {
    std::string name;
    SectionKind kind = SectionKind::user;
    Position at;
    Counted processes; // 1 for KERNEL and DYN
    Counted limit_dev_access;
    std::optional<std::uint32_t> wait_ms;
    std::array<Counted, __QAE_SERVICE_COUNT> counts; // instances, by qae_service
    std::vector<InstanceConfig> instances;           // crypto first, each in order of index

    // Instances of a service over all processes: what the endpoint must have ring pairs for.
    std::uint64_t asked(qae_service service) const {
        return std::uint64_t{counts[service].value} * processes.value;
    }
};

struct EndpointConfig {
    std::string file;
    std::uint32_t services = 0;          // QAE_SVC_* of ServicesEnabled; 0: absent, whatever is asked for
    std::vector<SectionConfig> sections; // in the file's order, those only that concern the kernel
};

// Reads a file's text. The result is fit for use only if no error was found.
EndpointConfig read_config(std::string_view text, Findings &findings);

} // namespace qae

#endif // QAE_TOOLS_CONFIG_MODEL_H
