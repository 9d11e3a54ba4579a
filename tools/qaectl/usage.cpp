// SPDX-License-Identifier: BSD-3-Clause
#include "qaectl/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "common/text.h"

namespace qaectl {
namespace {

using Names = std::vector<std::string>;

bool has(const Names &names, const std::string &name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Names verbs_of(const CLI::App &app) {
    Names names;
    for (const CLI::App *verb : app.get_subcommands([](const CLI::App *) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

// "--json", "--client" …, without --help, which every command has.
Names flags_of(const CLI::App &app) {
    Names names;
    for (const CLI::Option *option : app.get_options()) {
        if (!option->get_lnames().empty() && option->get_lnames()[0] != "help") {
            names.push_back("--" + option->get_lnames()[0]);
        }
    }
    return names;
}

std::string near_or_all(std::string_view word, const Names &names, const char *all) {
    const std::string_view near = qae::nearest(word, names);
    return near.empty() ? fmt::format("{} {}", all, fmt::join(names, ", "))
                        : fmt::format("did you mean {}?", near);
}

std::string near_or_all_options(std::string_view word, const Names &flags) {
    return near_or_all(word, flags, flags.size() == 1 ? "its only option is" : "its options are");
}

// The verbs that were understood, such as "memory limit".
struct Command {
    const CLI::App *app;
    std::string name;
};

Command command_of(const CLI::App &app) {
    Command command{&app, {}};
    while (!command.app->get_subcommands().empty()) {
        command.app = command.app->get_subcommands()[0];
        command.name += (command.name.empty() ? "" : " ") + command.app->get_name();
    }
    return command;
}

// A flag that the command does not have.
std::string about_flag(const Command &command, const std::string &word) {
    const Names flags = flags_of(*command.app);
    const std::string flag = word.substr(0, word.find('='));
    if (has(flags, flag)) {
        return fmt::format("{} belongs after the verb: qaectl {} {}", flag, command.name, flag);
    }
    const std::string text = fmt::format("{} has no option \"{}\"", command.name, qae::printable(flag));
    for (const std::string &verb : verbs_of(*command.app)) {
        if (has(flags_of(*command.app->get_subcommand(verb)), flag)) {
            return fmt::format("{}; did you mean {} {} {}?", text, command.name, verb, flag);
        }
    }
    return flags.empty() ? text : text + "; " + near_or_all_options(flag, flags);
}

// A word that the command does not expect.
std::string about_word(const Command &command, const std::string &word) {
    if (const Names verbs = verbs_of(*command.app); !verbs.empty()) {
        return fmt::format("there is no \"{} {}\"; {}", command.name, qae::printable(word),
                           near_or_all(word, verbs, "its verbs are"));
    }
    const Names flags = flags_of(*command.app);
    const std::string text =
        fmt::format("{}: unexpected argument \"{}\"", command.name, qae::printable(word));
    return flags.empty() ? text : text + "; " + near_or_all_options("--" + word, flags);
}

std::string about_extras(const CLI::App &app) {
    const Names extras = app.remaining(true);
    const Command command = command_of(app);
    if (extras.empty()) {
        return fmt::format("{}: too many arguments", command.name);
    }
    return extras[0].starts_with("-") ? about_flag(command, extras[0]) : about_word(command, extras[0]);
}

// CLI11's text names the option: "--user: 1 required SIZE missing".
std::string about_value(const CLI::App &app, const std::string &said) {
    const Command command = command_of(app);
    const std::string name = said.substr(0, said.find(':'));
    const CLI::Option *option = command.app->get_option_no_throw(name);
    if (!option) {
        return said;
    }
    if (option->count() > 1) {
        return fmt::format("{} is given {} times; give it once", name, option->count());
    }
    return fmt::format("{} needs a value: {}", name, option->get_description());
}

std::string about_missing(const CLI::App &app, const std::string &said) {
    const Command command = command_of(app);
    for (const CLI::Option *option : command.app->get_options()) {
        if (option->get_required() && option->count() == 0) {
            return fmt::format("{} needs {}: {}", command.name, option->get_name(),
                               option->get_description());
        }
    }
    return said;
}

std::string about_exclusion(const CLI::App &app, const std::string &said) {
    for (const CLI::Option *option : command_of(app).app->get_options()) {
        for (const CLI::Option *other : option->get_excludes()) {
            if (option->count() > 0 && other->count() > 0) {
                return fmt::format("{} and {} exclude each other; give only one of them", option->get_name(),
                                   other->get_name());
            }
        }
    }
    return said;
}

// A command line without a known verb; empty if it has one.
std::string about_verb(const CLI::App &app, const Names &words) {
    const Names verbs = verbs_of(app);
    if (words.empty()) {
        return fmt::format("say what to do: {}", fmt::join(verbs, ", "));
    }
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const std::string &word) { return !word.starts_with("-"); });
    if (first == words.end()) {
        return fmt::format("a verb must come before {}: {}", qae::printable(words[0]),
                           fmt::join(verbs, ", "));
    }
    if (has(verbs, *first)) {
        return {};
    }
    for (const std::string &verb : verbs) {
        if (has(verbs_of(*app.get_subcommand(verb)), *first)) {
            return fmt::format("there is no verb \"{}\"; did you mean {} {}?", *first, verb, *first);
        }
    }
    return fmt::format("there is no verb \"{}\"; {}", qae::printable(*first),
                       near_or_all(*first, verbs, "the verbs are"));
}

} // namespace

std::string unknown_verb_sentence(const CLI::App &app, const Names &words) {
    return words.empty() || words[0].starts_with("-") ? std::string() : about_verb(app, words);
}

std::string usage_sentence(const CLI::App &app, const CLI::ParseError &error, const Names &words) {
    std::string said = error.what();
    std::string text = about_verb(app, words);
    if (!text.empty()) {
        return text;
    }
    if (dynamic_cast<const CLI::ExtrasError *>(&error)) {
        return about_extras(app);
    }
    if (dynamic_cast<const CLI::ArgumentMismatch *>(&error)) {
        return about_value(app, said);
    }
    if (dynamic_cast<const CLI::RequiredError *>(&error)) {
        return about_missing(app, said);
    }
    if (dynamic_cast<const CLI::ExcludesError *>(&error)) {
        return about_exclusion(app, said);
    }
    return said;
}

} // namespace qaectl
