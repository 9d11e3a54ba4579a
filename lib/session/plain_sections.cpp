// SPDX-License-Identifier: BSD-3-Clause
#include "session/plain_sections.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/text.h"
#include "config/check.h"
#include "config/file.h"
#include "config/section_plan.h"
#include "kernel/model/layout.h"
#include "process/last_error.h"
#include "process/settings.h"
#include "session/section_name.h"

namespace qae {
namespace {

constexpr char kDefaultType[] = "c6xx";
constexpr unsigned kDefaultInstances = 2; // of each service
constexpr char kPoolName[] = "DYN";       // a start for dynamic instances only
constexpr NameSource kFiles = {" in the files of QAT_USER_CONF", ""};

struct Endpoint {
    CheckedConfig checked;
    const qae_model *model = nullptr;
};

struct ConfigFile {
    std::string path;
    ConfigFileName name;
};

// A text in a field of the driver's structures; cuts what does not fit.
template <std::size_t Size> void set_field(__u8 (&field)[Size], std::string_view text) {
    std::memset(field, 0, Size);
    std::memcpy(field, text.data(), std::min(text.size(), Size - 1));
}

// The files <type>_dev<N>.conf in @folder, by type and number.
int find_files(const std::string &folder, std::vector<ConfigFile> &files) {
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(folder, error)) {
        ConfigFile file{entry.path().string(), parse_config_file_name(entry.path().native())};
        if (file.name.index && entry.path().extension() == ".conf") {
            files.push_back(std::move(file));
        }
    }
    if (error) {
        return fail(error.value(), "cannot read the folder {} of QAT_USER_CONF: {}", printable(folder, 200),
                    error.message());
    }
    if (files.empty()) {
        return fail(ENOENT, "the folder {} of QAT_USER_CONF has no file <type>_dev<N>.conf",
                    printable(folder, 200));
    }
    std::sort(files.begin(), files.end(), [](const ConfigFile &a, const ConfigFile &b) {
        return std::tie(a.name.type, *a.name.index) < std::tie(b.name.type, *b.name.index);
    });
    return 0;
}

// The accelerator id of the file's number; the lowest free one if another type has that number too.
std::uint32_t place(const ConfigFile &file, std::set<std::uint32_t> &taken) {
    std::uint32_t id = *file.name.index;
    if (taken.contains(id)) {
        for (id = 0; taken.contains(id); ++id) {
        }
    }
    taken.insert(id);
    return id;
}

int read_endpoints(const std::string &folder, std::vector<Endpoint> &endpoints) {
    std::vector<ConfigFile> files;
    const int err = find_files(folder, files);
    if (err != 0) {
        return err;
    }
    std::set<std::uint32_t> taken;
    for (const ConfigFile &file : files) {
        const EndpointType type = find_endpoint_type(file.name.type).value_or(EndpointType{});
        if (type.model == nullptr) {
            continue; // of another driver; the tool skips it too
        }
        Endpoint endpoint{check_file(file.path, place(file, taken), type), type.model};
        for (const Finding &finding : endpoint.checked.findings.sorted()) {
            if (finding.severity == Severity::error) {
                return fail(EINVAL, "{}", to_string(finding));
            }
        }
        endpoints.push_back(std::move(endpoint));
    }
    return 0;
}

// Everything of an instance that its service and place in the list decide.
qae_instance make_instance(const qae_model &model, std::uint32_t endpoint, qae_service service,
                           std::uint32_t number) {
    qae_instance facts{};
    facts.id = number;
    facts.endpoint = endpoint;
    facts.service = service;
    facts.services = service == QAE_SERVICE_DC ? QAE_SVC_DC : QAE_SVC_SYM | QAE_SVC_ASYM;
    facts.kind = QAE_INSTANCE_STATIC;
    facts.poll_mode = QAE_POLL_POLLED;
    facts.endpoint_state = QAE_ENDPOINT_UP;
    facts.core = QAE_CORE_NONE;
    facts.node = -1;
    facts.ring_pair = number % qae_model_ring_pairs(&model);
    facts.ring_pairs = 1;
    facts.pci_device = model.device;
    facts.is_vf = model.is_vf ? 1 : 0;
    set_field(facts.type, model.type);
    return facts;
}

void add_defaults(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances) {
    const qae_model &model = *qae_model_by_type(kDefaultType);
    for (const qae_service service : {QAE_SERVICE_CY, QAE_SERVICE_DC}) {
        for (unsigned i = 0; i < kDefaultInstances; ++i) {
            qae_instance facts =
                make_instance(model, 0, service, static_cast<std::uint32_t>(instances.size()));
            set_field(facts.name, fmt::format("{}{}", service == QAE_SERVICE_CY ? "Cy" : "Dc", i));
            instances.push_back(facts);
        }
    }
    set_field(claim.section, fmt::format("{}_INT_0", name));
}

void add_planned(const PlannedSection &section, const std::vector<Endpoint> &endpoints,
                 qae_section_claim &claim, std::vector<qae_instance> &instances) {
    std::map<std::uint32_t, const qae_model *> models;
    for (const Endpoint &endpoint : endpoints) {
        models[endpoint.checked.endpoint] = endpoint.model;
    }
    for (const PlannedInstance &planned : section.instances) {
        qae_instance facts =
            make_instance(*models[planned.endpoint], planned.endpoint, planned.config->service,
                          static_cast<std::uint32_t>(instances.size()));
        facts.poll_mode = planned.config->poll;
        facts.core = planned.core;
        set_field(facts.name, planned.config->name);
        instances.push_back(facts);
    }
    set_field(claim.section, section.name);
}

} // namespace

int claim_plain_section(const char *name, qae_section_claim &claim, std::vector<qae_instance> &instances) {
    claim = {};
    claim.size = sizeof(claim);
    instances.clear();
    set_field(claim.name, name);
    if (std::strcmp(name, kPoolName) == 0) {
        return 0;
    }
    if (settings().conf_folder == nullptr) {
        add_defaults(name, claim, instances);
        claim.num_instances = static_cast<std::uint32_t>(instances.size());
        return 0;
    }
    std::vector<Endpoint> endpoints;
    const int err = read_endpoints(settings().conf_folder, endpoints);
    if (err != 0) {
        return err;
    }
    std::vector<PlacedConfig> placed;
    for (const Endpoint &endpoint : endpoints) {
        placed.push_back({endpoint.checked.endpoint, &*endpoint.checked.config});
    }
    const std::vector<PlannedSection> sections = plan_sections(placed);
    std::vector<std::string> names;
    for (const PlannedSection &section : sections) {
        names.push_back(section.user_name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const std::optional<std::string> meant = meant_name(name, names);
    if (!meant) {
        return fail_unknown_section(name, names, kFiles);
    }
    const auto section = std::find_if(sections.begin(), sections.end(),
                                      [&](const auto &candidate) { return candidate.user_name == *meant; });
    add_planned(*section, endpoints, claim, instances);
    claim.num_instances = static_cast<std::uint32_t>(instances.size());
    return 0;
}

} // namespace qae
