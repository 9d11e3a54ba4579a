// SPDX-License-Identifier: BSD-3-Clause
#include "session/section_claim.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/text.h"
#include "process/device.h"
#include "process/last_error.h"
#include "process/settings.h"
#include "session/claim_failure.h"
#include "session/plain_sections.h"

namespace qae {
namespace {

// Enough for most sections.
constexpr std::size_t kFirstCapacity = 64;
// A further try is necessary only if a reload changed the number of instances since the last one.
constexpr int kTries = 16;

int claim_with_capacity(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances) {
    claim = {};
    claim.size = sizeof(claim);
    std::memcpy(claim.name, name, std::strlen(name) + 1);
    claim.instances = reinterpret_cast<std::uintptr_t>(instances.data());
    claim.num_instances = static_cast<std::uint32_t>(instances.size());
    claim.instance_size = sizeof(qae_instance);
    // If a signal interrupts the wait, ioctl() repeats the claim. The driver has then written the deadline
    // into the structure, so the claim continues with the time that is left.
    return Device::instance().ioctl(QAE_IOC_SECTION_CLAIM, &claim);
}

} // namespace

int check_section_name(const char *name) noexcept {
    if (name == nullptr) {
        return fail(EINVAL, "the section name is NULL");
    }
    const std::size_t length = strnlen(name, QAE_NAME_SIZE);
    if (length == 0) {
        return fail(EINVAL, "the section name is empty");
    }
    if (length >= QAE_NAME_SIZE) {
        return fail(EINVAL, "the section name is longer than {} bytes", QAE_NAME_SIZE - 1);
    }
    if (!is_utf8(std::string_view(name, length))) {
        return fail(EINVAL, "the section name is not UTF-8");
    }
    return 0;
}

int claim_section(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances) {
    if (settings().has_plain_sections()) {
        return claim_plain_section(name, claim, instances);
    }
    const int fd = Device::instance().acquire_fd();
    if (fd < 0) {
        return fd;
    }
    instances.resize(kFirstCapacity);
    int err = -EMSGSIZE;
    for (int tries = 0; err == -EMSGSIZE && tries < kTries; ++tries) {
        err = claim_with_capacity(name, claim, instances);
        if (err == 0 || err == -EMSGSIZE) {
            instances.resize(claim.num_instances);
        }
    }
    if (err != 0 && err != -EBADF) {
        explain_claim_failure(name, -err);
    }
    return err;
}

int release_section() noexcept {
    if (settings().has_plain_sections()) {
        return 0;
    }
    qae_section_release release{};
    release.size = sizeof(release);
    return Device::instance().ioctl(QAE_IOC_SECTION_RELEASE, &release);
}

} // namespace qae
