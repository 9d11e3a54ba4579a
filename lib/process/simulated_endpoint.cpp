// SPDX-License-Identifier: BSD-3-Clause
#include "process/simulated_endpoint.h"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace qae {
namespace {

// The simulator's host bridges are below its platform device.
constexpr char kSimulator[] = "/platform/qae_sim/";

} // namespace

bool is_simulated_endpoint(std::uint32_t domain, std::uint32_t busdevfn, const char *functions) noexcept {
    char path[PATH_MAX];
    char place[PATH_MAX];
    const int length = std::snprintf(path, sizeof(path), "%s/%04x:%02x:%02x.%x", functions, domain,
                                     busdevfn >> 8 & 0xff, busdevfn >> 3 & 0x1f, busdevfn & 7);
    return length > 0 && static_cast<std::size_t>(length) < sizeof(path) &&
           realpath(path, place) != nullptr && std::strstr(place, kSimulator) != nullptr;
}

} // namespace qae
