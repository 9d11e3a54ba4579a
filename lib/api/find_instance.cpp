// SPDX-License-Identifier: BSD-3-Clause
#include "api/find_instance.h"

#include <cerrno>

#include "common/service_words.h"
#include "process/last_error.h"

namespace qae {

HeldInstance *find_instance(SessionAccess &session, std::uint32_t service,
                            CpaInstanceHandle handle) noexcept {
    HeldInstance *held = session.instances().find(handle);
    if (held == nullptr) {
        fail(
            EINVAL,
            "{} is not an instance that this process holds: it was freed, belongs to another process, or was "
            "never a handle",
            fmt::ptr(handle));
        return nullptr;
    }
    if (service != kAnyService && held->facts.service != service) {
        fail(EINVAL, "the handle is of a {} instance, and this function is for {} instances",
             service_words(held->facts.service), service_words(service));
        return nullptr;
    }
    return held;
}

CpaStatus find_compression(CpaInstanceHandle handle, qae_instance &facts) noexcept {
    SessionAccess session;
    const HeldInstance *held = find_instance(session, QAE_SERVICE_DC, handle);
    if (held == nullptr) {
        return CPA_STATUS_INVALID_PARAM;
    }
    facts = held->facts;
    return CPA_STATUS_SUCCESS;
}

} // namespace qae
