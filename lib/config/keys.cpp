// SPDX-License-Identifier: BSD-3-Clause
#include "config/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "common/text.h"
#include "config/services.h"

namespace qae {
namespace {

constexpr std::uint64_t kAnyNumber = UINT64_MAX;

constexpr KeyRule number(std::string_view name, KeyUse use, std::uint64_t min, std::uint64_t max,
                         std::string_view canonical = {}) {
    return {name, use, ValueKind::number, min, max, {}, canonical};
}

constexpr KeyRule ignored_number(std::string_view name) {
    return number(name, KeyUse::ignored, 0, kAnyNumber);
}

constexpr KeyRule flag(std::string_view name) { return number(name, KeyUse::ignored, 0, 1); }

constexpr KeyRule concurrent(std::string_view name) {
    return {name, KeyUse::ignored, ValueKind::power_of_two, 64, 65536, {}, {}};
}

constexpr KeyRule word(std::string_view name, std::string_view words) {
    return {name, KeyUse::ignored, ValueKind::word, 0, 0, words, {}};
}

constexpr KeyRule text(std::string_view name, KeyUse use) {
    return {name, use, ValueKind::text, 0, 0, {}, {}};
}

constexpr KeyRule deprecated(std::string_view name) {
    return number(name, KeyUse::deprecated, 0, kAnyNumber);
}

constexpr std::array kGeneralKeys{
    text("ServicesEnabled", KeyUse::used),
    number("ConfigVersion", KeyUse::used, 2, 2),
    word("ServicesProfile", "DEFAULT|CRYPTO|COMPRESSION|CUSTOM1"),
    concurrent("CyNumConcurrentSymRequests"),
    concurrent("CyNumConcurrentAsymRequests"),
    concurrent("DcNumConcurrentRequests"),
    flag("InterruptCoalescingEnabled"),
    ignored_number("InterruptCoalescingTimerNs"),
    ignored_number("InterruptCoalescingNumResponses"),
    number("HeartbeatTimer", KeyUse::ignored, 200, kAnyNumber),
    flag("AutoResetOnError"),
    flag("PmIdleSupport"),
    ignored_number("PmIdleInterruptDelay"),
    flag("ServiceChainingEnabled"),
    flag("SVMEnabled"),
    flag("ATEnabled"),
    flag("UQEnabled"),
    number("DcIntermediateBufferSizeInKB", KeyUse::ignored, 32, 64),
    deprecated("KptEnabled"),
    deprecated("StorageEnabled"),
    deprecated("RateLimitingEnabled"),
    deprecated("PkeServiceDisabled"),
    flag("FirmwareAuthEnabled"),
    ignored_number("ATMode"),
    ignored_number("NumCyAccelUnits"),
    ignored_number("NumDcAccelUnits"),
    ignored_number("NumInlineAccelUnits"),
    ignored_number("NumSymAccelUnits"),
    ignored_number("NumAsymAccelUnits"),
    ignored_number("CySymAndDcWatchDogTimer"),
    ignored_number("CyAsymWatchDogTimer"),
    // Of the first generations.
    ignored_number("cyHmacAuthMode"),
    ignored_number("dcTotalSRAMAvailable"),
    ignored_number("drbgPollAndWaitTimeMS"),
    flag("WirelessEnabled"),
    flag("SRIOV_Enabled"),
    flag("ProcDebug"),
    flag("ReportParityCompressionError"),
};

constexpr std::string_view kCyCount = kServiceSpellings[QAE_SERVICE_CY].count_key;
constexpr std::string_view kDcCount = kServiceSpellings[QAE_SERVICE_DC].count_key;

constexpr std::array kPoolKeys{
    number(kCyCount, KeyUse::used, 0, QAE_MAX_INSTANCES, kCyCount),
    number("NumCyInstances", KeyUse::used, 0, QAE_MAX_INSTANCES, kCyCount),
    number(kDcCount, KeyUse::used, 0, QAE_MAX_INSTANCES, kDcCount),
    number("NumDcInstances", KeyUse::used, 0, QAE_MAX_INSTANCES, kDcCount),
};

constexpr std::array kUserKeys{
    kPoolKeys[0],
    kPoolKeys[1],
    kPoolKeys[2],
    kPoolKeys[3],
    number("NumProcesses", KeyUse::used, 0, QAE_MAX_PROCESSES),
    number("LimitDevAccess", KeyUse::used, 0, 1),
    text("OnBusy", KeyUse::used),
};

constexpr std::array<std::string_view, 5> kGeneralFamilies{"stats", "Kpt", "Device_", "Firmware_", "Aux"};
constexpr std::array<std::string_view, 3> kInstanceFields{"Name", "IsPolled", "CoreAffinity"};

// Fields with which files of other versions place an instance. This driver assigns ring pairs itself.
constexpr std::array<std::string_view, 17> kIgnoredInstanceFields{"AcceleratorNumber",
                                                                  "Accelerator",
                                                                  "ExecutionEngine",
                                                                  "BankNumber",
                                                                  "BankNumberAsym",
                                                                  "BankNumberSym",
                                                                  "NumConcurrentSymRequests",
                                                                  "NumConcurrentAsymRequests",
                                                                  "NumConcurrentRequests",
                                                                  "RingAsymTx",
                                                                  "RingAsymRx",
                                                                  "RingSymTx",
                                                                  "RingSymRx",
                                                                  "RingTx",
                                                                  "RingRx",
                                                                  "RingNrbgTx",
                                                                  "RingNrbgRx"};

std::span<const KeyRule> keys_of(SectionKind kind) {
    switch (kind) {
    case SectionKind::general:
        return kGeneralKeys;
    case SectionKind::kernel:
    case SectionKind::dyn:
        return kPoolKeys;
    case SectionKind::user:
        return kUserKeys;
    case SectionKind::foreign:
        break;
    }
    return {};
}

bool has_instances(SectionKind kind) {
    return kind == SectionKind::kernel || kind == SectionKind::dyn || kind == SectionKind::user;
}

std::string_view first_digits(std::string_view text) {
    const std::size_t from = text.find_first_of("0123456789");
    if (from == std::string_view::npos) {
        return {};
    }
    const std::size_t to = text.find_first_not_of("0123456789", from);
    return text.substr(from, to == std::string_view::npos ? to : to - from);
}

// [Accelerator0], [Accelerator1] …
bool is_numbered_accelerator(std::string_view name) {
    constexpr std::string_view kStart = "Accelerator";
    return name.starts_with(kStart) && name.find_first_not_of("0123456789", kStart.size()) == name.npos;
}

struct InstanceKeyParts {
    qae_service service;
    std::uint32_t index;
    std::string_view field;
};

// "Cy3Name" taken apart, whatever the field is.
std::optional<InstanceKeyParts> split_instance_key(std::string_view key) {
    const bool cy = key.starts_with("Cy");
    if (!cy && !key.starts_with("Dc")) {
        return std::nullopt;
    }
    const std::string_view digits = first_digits(key);
    const bool leading_zero = digits.size() > 1 && digits.front() == '0';
    if (digits.empty() || digits.size() > 9 || leading_zero || digits.data() != key.data() + 2) {
        return std::nullopt;
    }
    const auto index = parse_unsigned(digits);
    if (!index) {
        return std::nullopt;
    }
    return InstanceKeyParts{cy ? QAE_SERVICE_CY : QAE_SERVICE_DC, static_cast<std::uint32_t>(*index),
                            key.substr(2 + digits.size())};
}

} // namespace

const std::vector<std::string> &reserved_section_names() {
    // Never destroyed: the library uses it too, and may be used while the process exits.
    static const auto &names = *new const std::vector<std::string>{
        "GENERAL", "KERNEL", "KERNEL_QAT", "DYN", "SIOV", "INLINE", "DEBUG", "Accelerator"};
    return names;
}

SectionKind section_kind(std::string_view name) {
    if (name == "GENERAL") {
        return SectionKind::general;
    }
    if (name == "KERNEL" || name == "KERNEL_QAT") {
        return SectionKind::kernel;
    }
    if (name == "DYN") {
        return SectionKind::dyn;
    }
    if (is_numbered_accelerator(name)) {
        return SectionKind::foreign;
    }
    const auto &reserved = reserved_section_names();
    return std::find(reserved.begin(), reserved.end(), name) == reserved.end() ? SectionKind::user
                                                                               : SectionKind::foreign;
}

const KeyRule *find_key(SectionKind kind, std::string_view name) {
    for (const KeyRule &rule : keys_of(kind)) {
        if (rule.name == name) {
            return &rule;
        }
    }
    return nullptr;
}

bool is_known_family(SectionKind kind, std::string_view name) {
    return kind == SectionKind::general &&
           std::any_of(kGeneralFamilies.begin(), kGeneralFamilies.end(),
                       [&](std::string_view start) { return name.starts_with(start); });
}

std::optional<InstanceKey> parse_instance_key(std::string_view key) {
    const auto parts = split_instance_key(key);
    if (!parts) {
        return std::nullopt;
    }
    const auto field = std::find(kInstanceFields.begin(), kInstanceFields.end(), parts->field);
    if (field == kInstanceFields.end()) {
        return std::nullopt;
    }
    return InstanceKey{parts->service, parts->index,
                       static_cast<InstanceField>(field - kInstanceFields.begin())};
}

bool is_ignored_instance_key(std::string_view key) {
    const auto parts = split_instance_key(key);
    return parts && std::find(kIgnoredInstanceFields.begin(), kIgnoredInstanceFields.end(), parts->field) !=
                        kIgnoredInstanceFields.end();
}

std::string instance_key_name(qae_service service, std::uint32_t index, InstanceField field) {
    return fmt::format("{}{}{}", kServiceSpellings[service].prefix, index,
                       kInstanceFields[static_cast<std::size_t>(field)]);
}

std::vector<std::string> likely_keys(SectionKind kind, std::string_view key, bool used_only) {
    std::vector<std::string> names;
    for (const KeyRule &rule : keys_of(kind)) {
        if (!used_only || rule.use == KeyUse::used) {
            names.emplace_back(rule.name);
        }
    }
    if (has_instances(kind)) {
        // "Cy3Nmae" and "Cy03Name" are compared with the keys of instance 3.
        std::string_view digits = first_digits(key);
        while (digits.size() > 1 && digits.front() == '0') {
            digits.remove_prefix(1);
        }
        for (const ServiceSpelling &service : kServiceSpellings) {
            for (const std::string_view field : kInstanceFields) {
                names.push_back(fmt::format("{}{}{}", service.prefix, digits.empty() ? "0" : digits, field));
            }
        }
    }
    return names;
}

} // namespace qae
