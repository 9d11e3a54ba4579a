// SPDX-License-Identifier: BSD-3-Clause
#include "config/endpoint_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace qae {
namespace {

// Kernel drivers name the chipset C62x, files name the type c6xx.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kOtherSpellings{{
    {"c62x", "c6xx"},
    {"c62xvf", "c6xxvf"},
}};

// Types whose files other drivers read. This driver does not bind to their functions.
constexpr std::array<std::string_view, 7> kOfOtherDrivers{"c4xxx",    "c4xxxvf", "vqat-adi", "c2xxx",
                                                          "dh89xxcc", "6xxx",    "6xxxvf"};

const qae_model *model_of(std::string_view name) { return qae_model_by_type(std::string(name).c_str()); }

std::optional<EndpointType> find_without_suffix(std::string_view name) {
    if (const qae_model *model = model_of(name)) {
        return EndpointType{std::string(name), model, {}};
    }
    for (const auto &[spelling, type] : kOtherSpellings) {
        if (name == spelling) {
            return EndpointType{
                std::string(name), model_of(type),
                fmt::format("the type is spelled {} here, and qaectl up reads {}_dev<N>.conf", type, type)};
        }
    }
    if (std::find(kOfOtherDrivers.begin(), kOfOtherDrivers.end(), name) != kOfOtherDrivers.end()) {
        return EndpointType{std::string(name), nullptr,
                            fmt::format("this driver does not support endpoints of type {}, so no endpoint "
                                        "reads the file and ring pairs were not counted",
                                        name)};
    }
    return std::nullopt;
}

} // namespace

std::optional<EndpointType> find_endpoint_type(std::string_view name) {
    if (auto found = find_without_suffix(name)) {
        return found;
    }
    // "c6xxpf": a physical function whose ring pairs belong to its virtual functions.
    if (!name.ends_with("pf")) {
        return std::nullopt;
    }
    const std::string_view type = name.substr(0, name.size() - 2);
    auto found = find_without_suffix(type);
    if (!found || (found->model && found->model->is_vf)) {
        return std::nullopt;
    }
    found->name = name;
    if (found->remark.empty()) {
        found->remark =
            fmt::format("a physical function has the type {} here, whether it has virtual functions "
                        "or not, and qaectl up reads {}_dev<N>.conf",
                        type, type);
    }
    return found;
}

std::vector<std::string> supported_type_names() {
    std::vector<std::string> names;
    for (std::size_t i = 0; const qae_model *model = qae_model_at(i); ++i) {
        names.emplace_back(model->type);
    }
    return names;
}

} // namespace qae
