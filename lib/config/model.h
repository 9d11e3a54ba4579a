// SPDX-License-Identifier: BSD-3-Clause
// Model: the configuration of one endpoint, typed and within the limits of the kernel ABI.
#ifndef QAE_LIB_CONFIG_MODEL_H
#define QAE_LIB_CONFIG_MODEL_H

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
    std::vector<std::uint32_t> cores; // process i uses element i modulo size
};

// A number from the file, with its key as the file spells it, because findings name both.
struct Counted {
    std::uint32_t value = 0;
    std::string key;
    Position at; // line 0: the default, absent from the file
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

    // Instances of @service in all processes together; the endpoint needs ring pairs for them.
    std::uint64_t requested(qae_service service) const {
        return std::uint64_t{counts[service].value} * processes.value;
    }
};

struct EndpointConfig {
    std::string file;
    std::uint32_t services = 0;          // QAE_SVC_* of ServicesEnabled; 0: absent, any service is allowed
    std::vector<SectionConfig> sections; // in the file's order, only those that the kernel gets
};

// Reads the text of a file. The result may be used only if @findings has no errors.
EndpointConfig read_config(std::string_view text, Findings &findings);

} // namespace qae

#endif // QAE_LIB_CONFIG_MODEL_H
