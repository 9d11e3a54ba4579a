// SPDX-License-Identifier: BSD-3-Clause
// Shared by the tests of configuration files: the documented file, and findings as one text.
#ifndef QAE_TESTS_SUPPORT_CONFIG_TEST_H
#define QAE_TESTS_SUPPORT_CONFIG_TEST_H

#include <cstring>
#include <string>
#include <string_view>

#include "config/check.h"
#include "kernel/model/model.h"
#include "support/cmocka_cpp.h"

namespace config_test {

// One of the two files of the documented example, with its comments, spelling and blank lines.
inline constexpr std::string_view kDocumented = R"([SSL] #User space section name
NumProcesses=4 # There are 4 user space process with section name SSL with access to this device
LimitDevAccess=1 # These 4 SSL user space processes only use this device
NumCyInstances=1 # Each process has access to 1 Cy instance on this device
NumDcInstances=0 # Each process has access to 0 Dc instances on this device

# Crypto - User instance #0
Cy0Name = "SSL0"
Cy0IsPolled = 1
Cy0CoreAffinity = 0 # Core affinity not used for polled instance

[IPsec] #User space section name
NumProcesses=1 # There is 1 user space process with section name IPSec with access to this device
LimitDevAccess=0 # This IPSec user space process may have access to other devices
NumCyInstances=4 # The IPSec process has access to 4 Cy instances on this device
NumDcInstances=0 # The IPSec process has access to 0 Dc instances on this device

# Crypto - User instance #0
Cy0Name = "IPSec0"
Cy0IsPolled = 1
Cy0CoreAffinity = 0 # Core affinity not used for polled instance
# Crypto - User instance #1

Cy1Name = "IPSec1"
Cy1IsPolled = 1
Cy1CoreAffinity = 0 # Core affinity not used for polled instance

# Crypto - User instance #2
Cy2Name = "IPSec2"
Cy2IsPolled = 1
Cy2CoreAffinity = 0 # Core affinity not used for polled instance

# Crypto - User instance #3
Cy3Name = "IPSec3"
Cy3IsPolled = 1
Cy3CoreAffinity = 0 # Core affinity not used for polled instance
)";

struct Read {
    qae::EndpointConfig config;
    qae::Findings findings;
};

// Reads and checks @text as the file "f" for an endpoint of @type; null: of unknown type.
inline Read read(std::string_view text, const char *type = "c6xx") {
    Read result{{}, qae::Findings("f")};
    result.config = qae::read_config(text, result.findings);
    const qae_model *model = type ? qae_model_by_type(type) : nullptr;
    if (model) {
        qae::check_capacity(result.config, *model, result.findings);
    }
    return result;
}

// All findings, notes included, one per line.
inline std::string text_of(const qae::Findings &findings) {
    std::string text;
    for (const qae::Finding &finding : findings.sorted()) {
        text += qae::to_string(finding) + "\n";
    }
    return text;
}

inline bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

// A complete user section with @count instances of @service.
inline std::string section(const std::string &name, unsigned processes, unsigned limit, unsigned count,
                           const char *service = "Cy") {
    std::string text = "[" + name + "]\nNumProcesses = " + std::to_string(processes) +
                       "\nLimitDevAccess = " + std::to_string(limit) + "\nNumber" + service +
                       "Instances = " + std::to_string(count) + "\n";
    for (unsigned i = 0; i < count; ++i) {
        const std::string key = service + std::to_string(i);
        text += key + "Name = \"" + name + std::to_string(i) + "\"\n" + key + "IsPolled = 1\n" + key +
                "CoreAffinity = 0-3\n";
    }
    return text;
}

} // namespace config_test

#endif // QAE_TESTS_SUPPORT_CONFIG_TEST_H
