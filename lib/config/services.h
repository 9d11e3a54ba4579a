// SPDX-License-Identifier: BSD-3-Clause
// Services: the two kinds of instances, and how files, listings and messages spell them.
#ifndef QAE_LIB_CONFIG_SERVICES_H
#define QAE_LIB_CONFIG_SERVICES_H

#include <linux/qae.h>

#include <array>
#include <string_view>

namespace qae {

inline constexpr std::array kServices{QAE_SERVICE_CY, QAE_SERVICE_DC};

struct ServiceSpelling {
    const char *word;           // in ServicesEnabled, listings and JSON
    std::string_view prefix;    // of the keys of an instance: Cy0Name
    std::string_view count_key; // canonical key of the number of instances
    std::string_view adjective; // in a message: "2 crypto instances"
};

// Indexed by qae_service.
inline constexpr std::array<ServiceSpelling, __QAE_SERVICE_COUNT> kServiceSpellings{{
    {"cy", "Cy", "NumberCyInstances", "crypto"},
    {"dc", "Dc", "NumberDcInstances", "compression"},
}};

} // namespace qae

#endif // QAE_LIB_CONFIG_SERVICES_H
