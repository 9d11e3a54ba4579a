// SPDX-License-Identifier: BSD-3-Clause
// The function of icp_sal_versions.h.
#include <icp_sal_versions.h>
#include <linux/qae.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "process/abi.h"
#include "process/device.h"
#include "process/reject.h"
#include "process/settings.h"
#include "session/session.h"

namespace qae {
namespace {

// The build passes the version of the project.
constexpr char kVersion[] = QAE_VERSION;
static_assert(sizeof(kVersion) <= ICP_SAL_VERSIONS_SW_VERSION_SIZE);

// The endpoint's type has no number in plain mode but that of the instances that the process holds.
bool find_plain_device(Cpa32U endpoint, Cpa32U &device) noexcept {
    bool found = false;
    SessionAccess session;
    session.instances().for_each([&](const HeldInstance &held) {
        if (held.facts.endpoint == endpoint) {
            device = held.facts.pci_device;
            found = true;
        }
    });
    return found;
}

bool find_device(Cpa32U endpoint, Cpa32U &device) noexcept {
    qae_endpoint_query query{};
    query.size = sizeof(query);
    query.endpoint = endpoint;
    if (Device::instance().acquire_fd() < 0 ||
        Device::instance().ioctl(QAE_IOC_ENDPOINT_QUERY, &query) != 0 || query.endpoint != endpoint) {
        return false;
    }
    device = query.pci_device;
    return true;
}

CpaStatus describe_versions(Cpa32U endpoint, icp_sal_dev_version_info_t &info) noexcept {
    Cpa32U device = 0;
    const bool found =
        settings().has_plain_sections() ? find_plain_device(endpoint, device) : find_device(endpoint, device);
    if (!found) {
        return reject(CPA_STATUS_INVALID_PARAM, ENODEV, "there is no endpoint qat_dev{}", endpoint);
    }
    std::memset(&info, 0, sizeof(info));
    info.devId = device;
    std::memcpy(info.softwareVersion, kVersion, sizeof(kVersion));
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

extern "C" QAE_EXPORT CpaStatus icp_sal_getDevVersionInfo(Cpa32U accelId,
                                                          icp_sal_dev_version_info_t *pVerInfo) {
    if (pVerInfo == nullptr) {
        return qae::reject_null("the pointer to the versions");
    }
    qae::ApiCall call;
    return qae::describe_versions(accelId, *pVerInfo);
}
