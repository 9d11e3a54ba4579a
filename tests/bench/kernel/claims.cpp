// SPDX-License-Identifier: BSD-3-Clause
#include "claims.h"

#include <linux/qae.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace kernel_path {
namespace {

constexpr unsigned kWarmUp = 2;

int claim(int fd, const char *name, qae_instance &instance) {
    qae_section_claim request{};
    request.size = sizeof(request);
    std::memcpy(request.name, name, std::strlen(name) + 1);
    request.instances = reinterpret_cast<std::uintptr_t>(&instance);
    request.num_instances = 1;
    request.instance_size = sizeof(instance);
    return ioctl(fd, QAE_IOC_SECTION_CLAIM, &request);
}

int release(int fd) {
    qae_section_release request{};
    request.size = sizeof(request);
    return ioctl(fd, QAE_IOC_SECTION_RELEASE, &request);
}

} // namespace

Json measure_claims(unsigned rounds, const char *name) {
    const int fd = open("/dev/qae_mem", O_RDWR | O_CLOEXEC);
    require(fd >= 0, "open /dev/qae_mem");
    std::vector<std::int64_t> claims, releases;
    for (unsigned round = 0; round < rounds + kWarmUp; ++round) {
        qae_instance instance{};
        const std::int64_t begin = now();
        require(claim(fd, name, instance) == 0, "claim");
        const std::int64_t claimed = now();
        require(release(fd) == 0, "release");
        const std::int64_t released = now();
        if (round >= kWarmUp) {
            claims.push_back(claimed - begin);
            releases.push_back(released - claimed);
        }
    }
    close(fd);
    return {{"claim", summary(claims)}, {"release", summary(releases)}};
}

} // namespace kernel_path
