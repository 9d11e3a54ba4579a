// SPDX-License-Identifier: BSD-3-Clause
// Endpoint types: the names that files and command lines use, and what this driver makes of each.
#ifndef QAE_LIB_CONFIG_ENDPOINT_TYPE_H
#define QAE_LIB_CONFIG_ENDPOINT_TYPE_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/model/model.h"

namespace qae {

struct EndpointType {
    std::string name;                 // empty if nobody named a type
    const qae_model *model = nullptr; // of its ring pairs; null if they cannot be counted
    std::string remark;               // for a note; empty if the driver spells the type like this
};

// The type that @name stands for. Besides the driver's own types these are other spellings of them ("c62x",
// "c6xxpf"), and types that other drivers have ("c4xxx"). Nothing if no driver has such a type.
std::optional<EndpointType> find_endpoint_type(std::string_view name);

// The types that this driver supports.
std::vector<std::string> supported_type_names();

} // namespace qae

#endif // QAE_LIB_CONFIG_ENDPOINT_TYPE_H
