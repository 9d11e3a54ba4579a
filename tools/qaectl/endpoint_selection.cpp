// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/endpoint_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/text.h"

namespace qaectl {
namespace {

struct PciAddress {
    std::uint32_t domain;
    std::uint32_t busdevfn;
};

std::optional<std::uint32_t> hexadecimal(std::string_view text, std::uint32_t max) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > max) {
        return std::nullopt;
    }
    return value;
}

// "[domain:]bus:device.function", all hexadecimal.
std::optional<PciAddress> parse_pci_address(std::string_view text) {
    const std::size_t dot = text.rfind('.');
    const std::size_t colon = text.rfind(':', dot);
    if (dot == std::string_view::npos || colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t before = colon == 0 ? std::string_view::npos : text.rfind(':', colon - 1);
    const bool has_domain = before != std::string_view::npos;
    const auto domain = has_domain ? hexadecimal(text.substr(0, before), UINT32_MAX) : std::optional(0U);
    const std::size_t bus_at = has_domain ? before + 1 : 0;
    const auto bus = hexadecimal(text.substr(bus_at, colon - bus_at), 0xff);
    const auto device = hexadecimal(text.substr(colon + 1, dot - colon - 1), 0x1f);
    const auto function = hexadecimal(text.substr(dot + 1), 7);
    if (!domain || !bus || !device || !function) {
        return std::nullopt;
    }
    return PciAddress{*domain, *bus << 8 | *device << 3 | *function};
}

bool is_named(const qae::Endpoint &endpoint, const std::string &word) {
    if (word == qae::endpoint_name(endpoint.id) || word == fmt::format("{}", endpoint.id) ||
        word == fmt::format("{}_dev{}", endpoint.type, endpoint.index)) {
        return true;
    }
    const auto address = parse_pci_address(word);
    return address && address->domain == endpoint.pci_domain && address->busdevfn == endpoint.pci_busdevfn;
}

[[noreturn]] void refuse(const std::vector<qae::Endpoint> &all, const std::string &word) {
    if (all.empty()) {
        throw NoSuchEndpoint(fmt::format(
            "there is no endpoint \"{}\": no PCI function is bound to the driver", qae::printable(word)));
    }
    std::vector<std::string> names;
    for (const qae::Endpoint &endpoint : all) {
        names.push_back(qae::endpoint_name(endpoint.id));
        names.push_back(fmt::format("{}_dev{}", endpoint.type, endpoint.index));
        names.push_back(qae::pci_address(endpoint));
    }
    const std::string_view near = qae::nearest(word, names);
    throw NoSuchEndpoint(fmt::format("there is no endpoint \"{}\"; {}", qae::printable(word),
                                     near.empty() ? std::string("qaectl status lists the endpoints")
                                                  : fmt::format("did you mean {}?", near)));
}

} // namespace

std::vector<qae::Endpoint> select_endpoints(const std::vector<qae::Endpoint> &all,
                                            const std::vector<std::string> &words) {
    if (words.empty()) {
        return all;
    }
    std::vector<bool> chosen(all.size());
    for (const std::string &word : words) {
        bool found = false;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!is_named(all[i], word)) {
                continue;
            }
            chosen[i] = true;
            found = true;
        }
        if (!found) {
            refuse(all, word);
        }
    }
    std::vector<qae::Endpoint> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (chosen[i]) {
            result.push_back(all[i]);
        }
    }
    return result;
}

} // namespace qaectl
