// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/endpoint_type.h"
#include "netlink/client.h"
#include "netlink/messages.h"

namespace qaectl {
namespace {

using Names = std::vector<std::string>;

void append(Names &names, const Names &more) { names.insert(names.end(), more.begin(), more.end()); }

Names verbs_of(const CLI::App &app) {
    Names names;
    for (const CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

Names flags_of(const CLI::App &app) {
    Names names;
    for (const CLI::Option *option : app.get_options()) {
        for (const std::string &name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

Names endpoints() {
    Names names;
    try {
        for (const qae::Endpoint &endpoint : qae::NetlinkClient().endpoints()) {
            names.push_back(qae::endpoint_name(endpoint.id));
            names.push_back(fmt::format("{}_dev{}", endpoint.type, endpoint.index));
            names.push_back(qae::pci_address(endpoint));
        }
    } catch (const std::exception &) {
        names.clear();
    }
    return names;
}

// The N of /sys/devices/system/node/node<N>.
Names nodes() {
    Names names;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator("/sys/devices/system/node", ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("node") && name.find_first_not_of("0123456789", 4) == std::string::npos) {
            names.push_back(name.substr(4));
        }
    }
    return names;
}

Names values_of(const CLI::Option &option) {
    const std::string kind = option.get_type_name();
    if (kind == "TYPE") {
        return qae::supported_type_names();
    }
    if (kind == "FILE" || kind == "DIR") {
        return {kFileCandidates};
    }
    if (option.check_lname("descriptors")) {
        return {"none", "1024", "4096"};
    }
    if (kind == "SIZE") {
        return {"none", "256M", "512M", "1G", "2G"};
    }
    return option.check_lname("node") ? nodes() : Names();
}

Names positional_of(const CLI::App &app) {
    Names names;
    for (const CLI::Option *option :
         app.get_options([](const CLI::Option *o) { return o->get_positional(); })) {
        append(names, option->check_name("ENDPOINT") ? endpoints()
                      : option->check_name("FILE")   ? Names{kFileCandidates}
                                                     : Names());
    }
    return names;
}

const CLI::Option *with_value(const CLI::App &app, const std::string &name) {
    const CLI::Option *option = name.starts_with("-") ? app.get_option_no_throw(name) : nullptr;
    return option && option->get_items_expected_max() > 0 ? option : nullptr;
}

// The application that the words before the last one name, such as that of "memory limit".
const CLI::App &command_of(const CLI::App &app, const Names &words) {
    const CLI::App *command = &app;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const Names verbs = verbs_of(*command);
        if (std::find(verbs.begin(), verbs.end(), words[i]) != verbs.end()) {
            command = command->get_subcommand(words[i]);
        }
    }
    return *command;
}

Names candidates(const CLI::App &app, const Names &words) {
    const CLI::App &command = command_of(app, words);
    const std::string &current = words.back();
    if (const std::size_t equals = current.find('='); equals != std::string::npos) {
        const std::string name = current.substr(0, equals);
        const CLI::Option *option = with_value(command, name);
        Names values = option ? values_of(*option) : Names();
        for (std::string &value : values) {
            if (value != kFileCandidates) {
                value.insert(0, name + '=');
            }
        }
        return values;
    }
    if (const auto *option = words.size() > 1 ? with_value(command, words[words.size() - 2]) : nullptr) {
        return values_of(*option);
    }
    Names names = verbs_of(command);
    if (&command == &app) {
        append(names, {"help", "version"});
    }
    append(names, positional_of(command));
    append(names, flags_of(command));
    return names;
}

} // namespace

std::vector<std::string> complete(const CLI::App &app, const std::vector<std::string> &words) {
    Names given = words.empty() ? Names{""} : words;
    if (given.size() > 1 && given[0] == "help") {
        given.erase(given.begin());
    }
    Names names = candidates(app, given);
    std::erase_if(names, [&](const std::string &name) {
        return name != kFileCandidates && !name.starts_with(given.back());
    });
    return names;
}

} // namespace qaectl
