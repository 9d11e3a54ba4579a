// SPDX-License-Identifier: BSD-3-Clause
// The functions of cpa_dev.h: the endpoints of the machine.
#include <cpa_dev.h>
#include <linux/qae.h>

#include <cerrno>
#include <cstring>

#include "process/abi.h"
#include "process/device.h"
#include "process/reject.h"

namespace qae {
namespace {

// Finds the first endpoint whose id is @id or higher. 0 or -errno; -ENODEV if there is none.
int find_endpoint(std::uint32_t id, qae_endpoint_query &endpoint) noexcept {
    endpoint = {};
    endpoint.size = sizeof(endpoint);
    endpoint.endpoint = id;
    return Device::instance().ioctl(QAE_IOC_ENDPOINT_QUERY, &endpoint);
}

CpaStatus explain(int err) noexcept {
    return err == -EBADF ? CPA_STATUS_FAIL
                         : reject(CPA_STATUS_FAIL, -err, "cannot list the endpoints of the driver: {}",
                                  std::strerror(-err));
}

CpaStatus count_endpoints(Cpa16U &number) noexcept {
    const int fd = Device::instance().acquire_fd();
    if (fd < 0 && fd != -ENOENT && fd != -ENODEV && fd != -ENXIO) {
        return CPA_STATUS_FAIL;
    }
    Cpa16U up = 0;
    qae_endpoint_query endpoint{};
    for (std::uint32_t id = 0; fd >= 0 && up < UINT16_MAX; id = endpoint.endpoint + 1) {
        const int err = find_endpoint(id, endpoint);
        if (err == -ENODEV) {
            break;
        }
        if (err != 0) {
            return explain(err);
        }
        up = static_cast<Cpa16U>(up + (endpoint.state == QAE_ENDPOINT_UP ? 1 : 0));
    }
    number = up;
    return CPA_STATUS_SUCCESS;
}

CpaStatus describe_endpoint(Cpa16U device, CpaDeviceInfo &info) noexcept {
    qae_endpoint_query endpoint{};
    if (Device::instance().acquire_fd() < 0) {
        return CPA_STATUS_FAIL;
    }
    // @device counts only the endpoints that are up, so that a loop to cpaGetNumDevices() sees all of them.
    unsigned up = 0;
    for (std::uint32_t id = 0;; id = endpoint.endpoint + 1) {
        const int err = find_endpoint(id, endpoint);
        if (err == -ENODEV) {
            return reject(CPA_STATUS_INVALID_PARAM, ENODEV,
                          "device number {} is too high; cpaGetNumDevices() counts {}", device, up);
        }
        if (err != 0) {
            return explain(err);
        }
        if (endpoint.state == QAE_ENDPOINT_UP && up++ == device) {
            break;
        }
    }
    const auto truth = [](bool value) { return value ? CPA_TRUE : CPA_FALSE; };
    std::memset(&info, 0, sizeof(info));
    info.bdf = static_cast<Cpa16U>(endpoint.pci_busdevfn);
    info.deviceId = endpoint.pci_device;
    info.numaNode = endpoint.node >= 0 ? static_cast<Cpa32U>(endpoint.node) : 0;
    info.isVf = truth(endpoint.is_vf != 0);
    info.dcEnabled = truth((endpoint.services & QAE_SVC_DC) != 0);
    info.cySymEnabled = truth((endpoint.services & QAE_SVC_SYM) != 0);
    info.cyAsymEnabled = truth((endpoint.services & QAE_SVC_ASYM) != 0);
    info.inlineEnabled = CPA_FALSE;
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

extern "C" {

QAE_EXPORT CpaStatus cpaGetNumDevices(Cpa16U *numDevices) {
    qae::ApiCall call;
    return numDevices == nullptr ? qae::reject_null("the pointer to the number")
                                 : qae::count_endpoints(*numDevices);
}

QAE_EXPORT CpaStatus cpaGetDeviceInfo(Cpa16U device, CpaDeviceInfo *deviceInfo) {
    qae::ApiCall call;
    return deviceInfo == nullptr ? qae::reject_null("the pointer to the information")
                                 : qae::describe_endpoint(device, *deviceInfo);
}

} // extern "C"
