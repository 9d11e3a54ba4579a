// SPDX-License-Identifier: BSD-3-Clause
#include "session/instance_info.h"

#include <cstring>
#include <string_view>

#include "common/text.h"
#include "process/device.h"
#include "process/last_error.h"
#include "process/settings.h"
#include "session/text_field.h"

namespace qae {
namespace {

CpaAccelerationServiceType type_of(const qae_instance &facts) noexcept {
    if (facts.service == QAE_SERVICE_DC) {
        return CPA_ACC_SVC_TYPE_DATA_COMPRESSION;
    }
    switch (facts.services & (QAE_SVC_SYM | QAE_SVC_ASYM)) {
    case QAE_SVC_SYM:
        return CPA_ACC_SVC_TYPE_CRYPTO_SYM;
    case QAE_SVC_ASYM:
        return CPA_ACC_SVC_TYPE_CRYPTO_ASYM;
    default:
        return CPA_ACC_SVC_TYPE_CRYPTO;
    }
}

} // namespace

std::uint32_t endpoint_state_of(const HeldInstance &instance) noexcept {
    if (settings().has_plain_sections()) {
        return QAE_ENDPOINT_UP;
    }
    qae_instance now{};
    qae_instance_query query{};
    query.size = sizeof(query);
    query.id = instance.facts.id;
    query.instance_size = sizeof(now);
    query.instance = reinterpret_cast<std::uintptr_t>(&now);
    if (Device::instance().ioctl(QAE_IOC_INSTANCE_QUERY, &query) != 0) {
        return QAE_ENDPOINT_GONE;
    }
    return now.endpoint_state;
}

bool endpoint_serves(const HeldInstance &instance) noexcept {
    return endpoint_state_of(instance) == QAE_ENDPOINT_UP;
}

void describe_instance(const HeldInstance &instance, const char *section, CpaInstanceInfo2 &info) noexcept {
    const qae_instance &facts = instance.facts;
    const std::string_view name = text_in_field(facts.name, sizeof(facts.name));

    std::memset(&info, 0, sizeof(info));
    info.accelerationServiceType = type_of(facts);
    print_to(info.vendorName, "Intel(R)");
    print_to(info.partName, "{} with Intel(R) QuickAssist Technology",
             text_in_field(facts.type, sizeof(facts.type)));
    print_to(info.swVersion, "Version {}", QAE_VERSION);
    print_to(info.instName, "{}", name);
    print_to(info.instID, "{}_{}", instance.dynamic() ? "DYN" : section, name);
    info.physInstId.packageId = static_cast<Cpa16U>(facts.endpoint);
    info.physInstId.acceleratorId = static_cast<Cpa16U>(facts.endpoint);
    info.physInstId.busAddress = static_cast<Cpa16U>(facts.pci_busdevfn);
    if (facts.core >= 0 && facts.core < CPA_MAX_CORES) {
        CPA_BITMAP_BIT_SET(info.coreAffinity, static_cast<unsigned>(facts.core));
    }
    info.nodeAffinity = facts.node >= 0 ? static_cast<Cpa32U>(facts.node) : 0;
    info.operState = instance.started && endpoint_serves(instance) ? CPA_OPER_STATE_UP : CPA_OPER_STATE_DOWN;
    info.requiresPhysicallyContiguousMemory = CPA_TRUE;
    // With epoll too, the client polls: the descriptor only says when.
    info.isPolled = facts.poll_mode != QAE_POLL_INTERRUPT ? CPA_TRUE : CPA_FALSE;
    info.isOffloaded = CPA_TRUE;
}

} // namespace qae
