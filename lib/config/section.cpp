// SPDX-License-Identifier: BSD-3-Clause
#include "config/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "common/text.h"
#include "config/not_used.h"
#include "config/services.h"
#include "config/values.h"

namespace qae {
namespace {

class SectionReader {
public:
    SectionReader(const SectionText &text, Findings &findings) : text_(text), findings_(findings) {
        result_.name = text.name;
        result_.kind = section_kind(text.name);
        result_.at = text.at;
    }

    SectionConfig run() {
        for (const Entry &entry : text_.entries) {
            sort_in(entry);
        }
        for (const qae_service service : kServices) {
            read_count(service);
        }
        if (result_.kind == SectionKind::user) {
            read_user_keys();
        } else {
            result_.processes.value = 1;
        }
        for (const qae_service service : kServices) {
            read_instances(service);
        }
        check_names();
        report_surplus();
        not_used_.report(text_.name, findings_);
        return std::move(result_);
    }

private:
    using InstanceFieldKey = std::tuple<qae_service, std::uint32_t, InstanceField>;

    void sort_in(const Entry &entry) {
        if (const auto key = parse_instance_key(entry.key)) {
            const auto [at, fresh] = fields_.try_emplace({key->service, key->index, key->field}, &entry);
            if (!fresh) {
                report_duplicate_key(*at->second, entry, findings_);
            }
        } else if (const KeyRule *rule = find_key(result_.kind, entry.key)) {
            const auto name = rule->canonical.empty() ? rule->name : rule->canonical;
            const auto [at, fresh] = plain_.try_emplace(name, &entry);
            if (!fresh) {
                report_duplicate_key(*at->second, entry, findings_);
            }
        } else if (is_ignored_instance_key(entry.key)) {
            not_used_.add(entry);
        } else {
            report_unknown_key(result_.kind, text_.name, entry, findings_);
        }
    }

    const Entry *plain(std::string_view name) const {
        const auto found = plain_.find(name);
        return found == plain_.end() ? nullptr : found->second;
    }

    const Entry *field(qae_service service, std::uint32_t index, InstanceField which) const {
        const auto found = fields_.find({service, index, which});
        return found == fields_.end() ? nullptr : found->second;
    }

    void value_error(const Entry &entry, const std::string &why) {
        findings_.error(entry.value_at, fmt::format("section [{}], {}: {}", text_.name, entry.key, why));
    }

    // Reads the number of a key that has a rule. False if the file sets it to something else.
    bool read_number(std::string_view name, Counted &into) {
        const Entry *entry = plain(name);
        if (!entry) {
            return true;
        }
        into.key = entry->key;
        into.at = entry->key_at;
        const KeyRule *rule = find_key(result_.kind, name);
        const auto value = parse_number(entry->value, rule->min, rule->max);
        if (!value) {
            value_error(*entry, value.why());
            return false;
        }
        into.value = *value;
        return true;
    }

    void read_count(qae_service service) {
        Counted &count = result_.counts[service];
        count.key = kServiceSpellings[service].count_key;
        count_is_good_[service] = read_number(kServiceSpellings[service].count_key, count);
    }

    void read_user_keys() {
        const bool processes_are_good = read_number("NumProcesses", result_.processes);
        read_number("LimitDevAccess", result_.limit_dev_access);
        if (const Entry *entry = plain("OnBusy")) {
            const auto policy = parse_on_busy(entry->value);
            if (policy) {
                result_.wait_ms = *policy;
            } else {
                value_error(*entry, policy.why());
            }
        }
        const bool counts_are_good = count_is_good_[QAE_SERVICE_CY] && count_is_good_[QAE_SERVICE_DC];
        if (processes_are_good && result_.processes.value == 0) {
            report_no_processes();
        } else if (processes_are_good && counts_are_good && result_.counts[0].value == 0 &&
                   result_.counts[1].value == 0) {
            findings_.note(result_.at, fmt::format("section [{}] has no instances of its own", text_.name));
        }
    }

    // A 0 in the file switches the section off, as shipped files do; a missing key is likely a mistake.
    void report_no_processes() {
        if (plain("NumProcesses")) {
            findings_.note(
                result_.processes.at,
                fmt::format("section [{}]: NumProcesses is 0, so no process can claim it", text_.name));
        } else {
            findings_.warning(
                result_.at,
                fmt::format("section [{}]: NumProcesses is missing, so no process can claim it", text_.name));
        }
    }

    void read_instances(qae_service service) {
        const Counted &count = result_.counts[service];
        for (std::uint32_t i = 0; i < count.value; ++i) {
            InstanceConfig instance;
            instance.service = service;
            read_name(service, i, instance);
            read_poll(service, i, instance);
            read_cores(service, i, instance);
            result_.instances.push_back(std::move(instance));
        }
        if (result_.kind == SectionKind::user) {
            report_missing_names(service);
        }
    }

    // Reports a run of missing names in one line, so that a count with a digit too many does not fill the
    // screen.
    void report_missing_names(qae_service service) {
        const Counted &count = result_.counts[service];
        for (std::uint32_t first = 0; first < count.value; ++first) {
            std::uint32_t end = first;
            while (end < count.value && !field(service, end, InstanceField::name)) {
                ++end;
            }
            if (end == first) {
                continue;
            }
            const auto name = [&](std::uint32_t i) {
                return instance_key_name(service, i, InstanceField::name);
            };
            const std::string missing = end - first == 1
                                            ? fmt::format("{} is missing", name(first))
                                            : fmt::format("{} to {} are missing", name(first), name(end - 1));
            findings_.error(count.at, fmt::format("section [{}]: {} is {}, but {}", text_.name, count.key,
                                                  count.value, missing));
            first = end;
        }
    }

    void read_name(qae_service service, std::uint32_t index, InstanceConfig &instance) {
        const Entry *entry = field(service, index, InstanceField::name);
        instance.name = fmt::format("{}{}{}", text_.name, kServiceSpellings[service].prefix, index);
        if (!entry) {
            return;
        }
        if (entry->value.size() >= QAE_NAME_SIZE) {
            value_error(*entry, fmt::format("the name has {} bytes; the limit is {}", entry->value.size(),
                                            QAE_NAME_SIZE - 1));
        } else if (has_control(entry->value) || entry->value.find('/') != std::string::npos) {
            value_error(*entry, "a name must not contain tabs or a '/'");
        } else {
            instance.name = entry->value;
        }
    }

    void read_poll(qae_service service, std::uint32_t index, InstanceConfig &instance) {
        const bool user = result_.kind == SectionKind::user;
        const Entry *entry = field(service, index, InstanceField::is_polled);
        instance.poll = result_.kind == SectionKind::kernel ? QAE_POLL_INTERRUPT : QAE_POLL_POLLED;
        if (!entry) {
            missing_field(service, index, InstanceField::is_polled, "1");
            return;
        }
        const auto mode = parse_number(entry->value, QAE_POLL_INTERRUPT, QAE_POLL_EPOLL);
        if (!mode) {
            value_error(*entry, mode.why());
            return;
        }
        instance.poll = static_cast<qae_poll_mode>(*mode);
        if (user && instance.poll == QAE_POLL_INTERRUPT) {
            findings_.warning(
                entry->value_at,
                fmt::format("section [{}], {}: 0 (interrupts) is for kernel instances; processes "
                            "use 1 (polled) or 2 (epoll)",
                            text_.name, entry->key));
        }
    }

    void read_cores(qae_service service, std::uint32_t index, InstanceConfig &instance) {
        const Entry *entry = field(service, index, InstanceField::core_affinity);
        if (!entry) {
            missing_field(service, index, InstanceField::core_affinity, "no core");
            return;
        }
        const auto cores = parse_cores(entry->value);
        if (cores) {
            instance.cores = *cores;
        } else {
            value_error(*entry, cores.why());
        }
    }

    // Reports only instances that have a name: one without was already reported.
    void missing_field(qae_service service, std::uint32_t index, InstanceField which, const char *assumed) {
        const Entry *name = field(service, index, InstanceField::name);
        if (result_.kind != SectionKind::user || !name) {
            return;
        }
        findings_.warning(name->key_at, fmt::format("section [{}]: {} is missing; {} is assumed", text_.name,
                                                    instance_key_name(service, index, which), assumed));
    }

    void check_names() {
        // Names need to be unique only within a service: clients look them up there.
        std::map<std::pair<qae_service, std::string_view>, std::string> seen;
        std::array<std::uint32_t, __QAE_SERVICE_COUNT> index{};
        for (const InstanceConfig &instance : result_.instances) {
            const std::uint32_t i = index[instance.service]++;
            const Entry *entry = field(instance.service, i, InstanceField::name);
            if (!entry) {
                continue;
            }
            const auto [first, fresh] = seen.try_emplace({instance.service, instance.name}, entry->key);
            if (!fresh) {
                findings_.warning(entry->value_at, fmt::format("section [{}]: {} has the same name as {}",
                                                               text_.name, entry->key, first->second));
            }
        }
    }

    // A note only: shipped files keep the keys of instances that a count of 0 switches off.
    void report_surplus() {
        for (const qae_service service : kServices) {
            if (!count_is_good_[service]) {
                continue;
            }
            const Counted &count = result_.counts[service];
            const auto beyond = fields_.lower_bound({service, count.value, InstanceField::name});
            if (beyond != fields_.end() && std::get<0>(beyond->first) == service) {
                findings_.note(beyond->second->key_at,
                               fmt::format("section [{}]: {} is not used: {} is {}", text_.name,
                                           beyond->second->key, count.key, count.value));
            }
        }
    }

    const SectionText &text_;
    Findings &findings_;
    SectionConfig result_;
    std::map<std::string_view, const Entry *> plain_; // by canonical name
    std::map<InstanceFieldKey, const Entry *> fields_;
    std::array<bool, __QAE_SERVICE_COUNT> count_is_good_{};
    NotUsed not_used_;
};

} // namespace

SectionConfig read_section(const SectionText &text, Findings &findings) {
    return SectionReader(text, findings).run();
}

void report_unknown_key(SectionKind kind, std::string_view section, const Entry &entry, Findings &findings) {
    const auto used = likely_keys(kind, entry.key, true);
    const std::string_view near_used = nearest(entry.key, used);
    const auto all = likely_keys(kind, entry.key, false);
    const std::string_view near = near_used.empty() ? nearest(entry.key, all) : near_used;
    const bool for_users = find_key(SectionKind::user, entry.key) != nullptr;
    std::string text = fmt::format("section [{}] has no key \"{}\"", section, printable(entry.key));
    if (!near.empty()) {
        text += fmt::format("; did you mean {}?", near);
    } else if (for_users) {
        text += "; it belongs to user sections";
    }
    if (kind != SectionKind::general || !near_used.empty()) {
        findings.error(entry.key_at, text);
    } else if (near.empty()) {
        // It may belong to another driver or version, so the file loads.
        findings.warning(entry.key_at, text + "; it is not used");
    } else {
        findings.note(entry.key_at, text + " This driver uses neither");
    }
}

void report_duplicate_key(const Entry &first, const Entry &second, Findings &findings) {
    if (first.value == second.value) {
        findings.warning(second.key_at, fmt::format("{} is already set on line {}, to the same value",
                                                    second.key, first.key_at.line));
    } else {
        findings.error(second.key_at,
                       fmt::format("{} is already set on line {}, to \"{}\"; keep one of the two", second.key,
                                   first.key_at.line, printable(first.value)));
    }
}

} // namespace qae
