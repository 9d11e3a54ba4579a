// SPDX-License-Identifier: BSD-3-Clause
// The functions of icp_sal_poll.h, and icp_sal_poll_device_events().
#include <icp_sal_poll.h>
#include <icp_sal_user.h>

#include <cstring>
#include <vector>

#include "api/find_instance.h"
#include "api/served.h"
#include "kernel/model/model.h"
#include "process/abi.h"
#include "process/reject.h"
#include "session/instance_events.h"

namespace qae {
namespace {

constexpr Cpa32U kAllBanks = UINT32_MAX;

// A bank has eight ring pairs in the second generation, and one in the fourth.
std::uint32_t bank_of(const qae_instance &facts) noexcept {
    const qae_model *model = qae_model_by_device(static_cast<__u16>(facts.pci_device));
    const std::uint32_t in_bank =
        model != nullptr && model->slots > 1 ? QAE_LAYOUT_COLUMNS * model->slots : 1U;
    return facts.ring_pair / in_bank;
}

// Polls the instances of an endpoint whose ring pair is in @bank. CPA_STATUS_RETRY if nothing was delivered.
CpaStatus poll_bank(Cpa32U endpoint, Cpa32U bank, Cpa32U quota) {
    std::vector<CpaInstanceHandle> handles;
    {
        SessionAccess session;
        handles = session.instances().list([&](const HeldInstance &held) {
            return held.facts.endpoint == endpoint && held.facts.service == QAE_SERVICE_DC &&
                   (bank == kAllBanks || bank_of(held.facts) == bank);
        });
    }
    CpaStatus status = CPA_STATUS_RETRY;
    for (const CpaInstanceHandle handle : handles) {
        const auto queue = Directory::instance().find(handle);
        if (queue != nullptr && queue->poll(quota) == CPA_STATUS_SUCCESS) {
            status = CPA_STATUS_SUCCESS;
        }
    }
    return status;
}

CpaStatus poll_instance(CpaInstanceHandle handle, Cpa32U quota) {
    const auto queue = Directory::instance().find(handle);
    return queue != nullptr ? queue->poll(quota) : explain_no_queue(handle);
}

CpaStatus get_descriptor(CpaInstanceHandle handle, int &fd) {
    const auto queue = Directory::instance().find(handle);
    if (queue == nullptr) {
        return explain_no_queue(handle);
    }
    const int descriptor = queue->descriptor();
    if (descriptor < 0) {
        return reject(CPA_STATUS_FAIL, -descriptor, "cannot make a descriptor to wait for: {}",
                      std::strerror(-descriptor));
    }
    fd = descriptor;
    return CPA_STATUS_SUCCESS;
}

// A device that is gone answers no more requests; the client hears of these before it hears of the event.
CpaStatus deliver_events() {
    for (const InstanceEvent &event : collect_instance_events()) {
        const auto queue = Directory::instance().find_to_stop(event.handle);
        if (queue != nullptr && event.event != CPA_INSTANCE_EVENT_RESTARTED) {
            queue->cancel();
        }
        if (event.notify != nullptr) {
            event.notify(event.handle, event.tag, event.event);
        }
    }
    return CPA_STATUS_SUCCESS;
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus icp_sal_DcPollInstance(CpaInstanceHandle instanceHandle, Cpa32U response_quota) {
    return guarded([&] { return poll_instance(instanceHandle, response_quota); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_pollBank(Cpa32U accelId, Cpa32U bank_number, Cpa32U response_quota) {
    return guarded(
        [&] {
            return bank_number == kAllBanks
                       ? reject(CPA_STATUS_INVALID_PARAM, EINVAL, "no endpoint has a bank {}", bank_number)
                       : poll_bank(accelId, bank_number, response_quota);
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_pollAllBanks(Cpa32U accelId, Cpa32U response_quota) {
    return guarded([&] { return poll_bank(accelId, kAllBanks, response_quota); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_DcGetFileDescriptor(CpaInstanceHandle instanceHandle, int *fd) {
    if (fd == nullptr) {
        return reject_null("the pointer to the descriptor");
    }
    return guarded([&] { return get_descriptor(instanceHandle, *fd); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_DcPutFileDescriptor(CpaInstanceHandle instanceHandle, int fd) {
    return guarded(
        [&] {
            int own = -1;
            const CpaStatus status = get_descriptor(instanceHandle, own);
            return status == CPA_STATUS_SUCCESS && own != fd
                       ? reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} is not the descriptor of this instance",
                                fd)
                       : status;
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_poll_device_events(void) {
    return guarded([] { return deliver_events(); }, CPA_STATUS_FAIL);
}

} // extern "C"
