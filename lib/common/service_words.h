// SPDX-License-Identifier: BSD-3-Clause
// How a sentence names a service.
#ifndef QAE_LIB_COMMON_SERVICE_WORDS_H
#define QAE_LIB_COMMON_SERVICE_WORDS_H

#include <linux/qae.h>

#include <cstdint>
#include <string_view>

namespace qae {

// @service is an enum qae_service.
constexpr std::string_view service_words(std::uint32_t service) noexcept {
    return service == QAE_SERVICE_CY ? "crypto" : "compression";
}

} // namespace qae

#endif // QAE_LIB_COMMON_SERVICE_WORDS_H
