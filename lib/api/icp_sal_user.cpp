// SPDX-License-Identifier: BSD-3-Clause
// The functions of icp_sal_user.h without those for dynamic instances, and qaeGetSectionName().
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>

#include <cstring>

#include "api/served.h"
#include "plane/loader.h"
#include "process/abi.h"
#include "process/device.h"
#include "process/reject.h"
#include "process/settings.h"
#include "session/session.h"

static_assert(QAE_SECTION_NAME_MAX == QAE_SECTION_SIZE, "the public constant is the driver's");

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus icp_sal_userStart(const char *pSectionName) {
    return guarded([&] { return Session::instance().start(pSectionName); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_userStartMultiProcess(const char *pSectionName, CpaBoolean limitDevAccess) {
    static_cast<void>(limitDevAccess); // the configuration decides
    return guarded([&] { return Session::instance().start(pSectionName); }, CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus icp_sal_userStop(void) {
    return guarded(
        [] {
            const CpaStatus status = Session::instance().stop();
            drop_unheld_queues();
            return status;
        },
        CPA_STATUS_FAIL);
}

QAE_EXPORT CpaBoolean icp_sal_userIsQatAvailable(void) {
    ApiCall call;
    if (settings().has_plain_sections()) {
        return chosen_plane() != nullptr ? CPA_TRUE : CPA_FALSE;
    }
    qae_info info{};
    info.size = sizeof(info);
    if (Device::instance().acquire_fd() < 0) {
        return CPA_FALSE;
    }
    const int err = Device::instance().ioctl(QAE_IOC_INFO, &info);
    if (err != 0) {
        if (err != -EBADF) {
            fail(-err, "cannot ask the driver for its state: {}", std::strerror(-err));
        }
        return CPA_FALSE;
    }
    if (info.endpoints_up == 0) {
        fail(ENODEV, "no endpoint is up; configure the endpoints, then run: qaectl up");
        return CPA_FALSE;
    }
    return CPA_TRUE;
}

QAE_EXPORT CpaStatus qaeGetSectionName(char *buf, Cpa32U size) {
    if (buf == nullptr) {
        return reject_null("the buffer");
    }
    ApiCall call;
    SessionAccess session;
    const std::size_t needed = std::strlen(session.section()) + 1;
    if (size < needed) {
        return reject(CPA_STATUS_INVALID_PARAM, ERANGE,
                      "the buffer is too small for the section's name: size {}, needed {}", size, needed);
    }
    std::memcpy(buf, session.section(), needed);
    return CPA_STATUS_SUCCESS;
}

} // extern "C"
