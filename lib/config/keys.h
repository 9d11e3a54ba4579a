// SPDX-License-Identifier: BSD-3-Clause
// Keys: which keys a section has, the values that they take, and whether this driver uses them.
#ifndef QAE_LIB_CONFIG_KEYS_H
#define QAE_LIB_CONFIG_KEYS_H

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
    foreign, // belongs to another driver ([SIOV], [INLINE], [DEBUG], [Accelerator0]) and is not used
};

SectionKind section_kind(std::string_view name);

// Names that a user section cannot have.
const std::vector<std::string> &reserved_section_names();

enum class KeyUse { used, ignored, deprecated };

enum class ValueKind { number, power_of_two, word, text };

struct KeyRule {
    std::string_view name;
    KeyUse use;
    ValueKind kind;
    std::uint64_t min;
    std::uint64_t max;
    std::string_view words;     // ValueKind::word: the allowed words, separated by '|'
    std::string_view canonical; // the name that this is another spelling of, or empty
};

// The rule of a key that does not belong to a numbered instance; null if the section has no such key.
const KeyRule *find_key(SectionKind kind, std::string_view name);

// True for keys that are known by their beginning ("stats…", "Kpt…"). Their values are not checked, because
// they are not used.
bool is_known_family(SectionKind kind, std::string_view name);

enum class InstanceField { name, is_polled, core_affinity };

// Cy<i>Name, Dc<i>IsPolled and so on, taken apart.
struct InstanceKey {
    qae_service service;
    std::uint32_t index;
    InstanceField field;
};

std::optional<InstanceKey> parse_instance_key(std::string_view key);

// True for Cy<i>AcceleratorNumber and the like: keys that are known and not used. Their values are not
// checked.
bool is_ignored_instance_key(std::string_view key);

std::string instance_key_name(qae_service service, std::uint32_t index, InstanceField field);

// Names that a misspelt @key may stand for: those that this driver uses, or all of them.
std::vector<std::string> likely_keys(SectionKind kind, std::string_view key, bool used_only);

} // namespace qae

#endif // QAE_LIB_CONFIG_KEYS_H
