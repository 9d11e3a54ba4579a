// SPDX-License-Identifier: BSD-3-Clause
// Keys: which exist in which section, what they may hold, and whether this driver uses them.
#ifndef QAE_TOOLS_CONFIG_KEYS_H
#define QAE_TOOLS_CONFIG_KEYS_H

#include <linux/qae.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qae {

enum class SectionKind {
    general,
    kernel,
    dyn,
    user,
    foreign, // of other drivers ([SIOV], [INLINE], [Accelerator]): known, not used
};

SectionKind section_kind(std::string_view name);

// Names that are no user section.
const std::vector<std::string> &reserved_section_names();

enum class KeyUse { used, ignored, deprecated };

enum class ValueKind { number, power_of_two, word, text };

struct KeyRule {
    std::string_view name;
    KeyUse use;
    ValueKind kind;
    std::uint64_t min;
    std::uint64_t max;
    std::string_view words;     // ValueKind::word: allowed ones, separated by '|'
    std::string_view canonical; // the name it is another spelling of, or empty
};

// The rule of a key that has no number in it; null if there is none.
const KeyRule *find_key(SectionKind kind, std::string_view name);

// Known by the way it begins ("stats…", "Kpt…"): not used here, whatever it holds.
bool is_known_family(SectionKind kind, std::string_view name);

enum class InstanceField { name, is_polled, core_affinity };

// Cy<i>Name, Dc<i>IsPolled and so on.
struct InstanceKey {
    qae_service service;
    std::uint32_t index;
    InstanceField field;
};

std::optional<InstanceKey> parse_instance_key(std::string_view key);
std::string instance_key_name(qae_service service, std::uint32_t index, InstanceField field);

// Names that a misspelt @key of this section may have meant, used ones only or all.
std::vector<std::string> likely_keys(SectionKind kind, std::string_view key, bool used_only);

} // namespace qae

#endif // QAE_TOOLS_CONFIG_KEYS_H
