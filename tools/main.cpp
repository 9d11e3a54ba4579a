// SPDX-License-Identifier: BSD-3-Clause
// qaectl: the operator's tool. This file is the command line; each verb has its own.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "endpoint_selection.h"
#include "memory_conf.h"
#include "sizes.h"
#include "text.h"
#include "verbs.h"
#include "words.h"

namespace qaectl {
namespace {

using Verb = int (*)(const Options &);

struct VerbRow {
    const char *name;
    const char *help;
    Verb run;
    void (*add_options)(CLI::App &, Options &);
};

void endpoints(CLI::App &app, Options &options) {
    app.add_option("ENDPOINT", options.endpoints,
                   "qat_dev<N>, <N>, <type>_dev<i> or a PCI address; none: all");
}

void configs(CLI::App &app, Options &options) {
    endpoints(app, options);
    auto *file = app.add_option("-c,--config", options.config, "one file for all these endpoints");
    app.add_option("--config-dir", options.config_dir, "where <type>_dev<i>.conf lie")
        ->capture_default_str()
        ->excludes(file);
}

void json(CLI::App &app, Options &options) { app.add_flag("-j,--json", options.json, "print JSON"); }

void listing(CLI::App &app, Options &options) {
    endpoints(app, options);
    json(app, options);
}

void files(CLI::App &app, Options &options) {
    app.add_option("FILE", options.files, "configuration files, one for each endpoint, in order")->required();
    app.add_option("-t,--type", options.type, "type of the endpoints; else the file's name says it");
    app.add_flag("--strict", options.strict, "warnings count as errors");
    app.add_flag("-q,--quiet", options.quiet, "no notes");
    json(app, options);
}

void monitor(CLI::App &app, Options &options) {
    app.add_option("-n,--count", options.count, "stop after so many events")
        ->check(CLI::Range(1U, 1000000000U));
    json(app, options);
}

CLI::Option *size_option(CLI::App &app, const char *name, std::optional<std::uint64_t> &value,
                         const char *help) {
    const auto take = [&value](const std::string &word) {
        try {
            value = parse_size(word);
        } catch (const BadSize &error) {
            throw CLI::ValidationError(error.what());
        }
    };
    return app.add_option_function<std::string>(name, take, help)->type_name("SIZE");
}

template <typename T>
CLI::Option *count_option(CLI::App &app, const char *name, std::optional<T> &value, std::uint32_t most,
                          const char *help) {
    const auto take = [&value, most](const std::string &word) {
        const auto count = parse_count(word, most);
        if (!count)
            throw CLI::ValidationError(
                fmt::format("\"{}\" is not a whole number up to {}", qae::printable(word), most));
        value = static_cast<T>(*count);
    };
    return app.add_option_function<std::string>(name, take, help)->type_name("NUMBER");
}

void memory(CLI::App &app, Options &options) {
    json(app, options);
    app.require_subcommand(0, 1);
    qae::MemorySettings &settings = options.memory.settings;
    auto *limit = app.add_subcommand("limit", "show limits on pinned memory, and set those that are given");
    json(*limit, options);
    size_option(*limit, "--client", settings.client, "most of one descriptor, like 512M, 2G or none");
    size_option(*limit, "--user", settings.user, "most of one user");
    size_option(*limit, "--contig", settings.contig, "most in regions above 4 MiB, of all together");
    size_option(*limit, "--all", settings.all, "most of all together, kernel users included");
    limit->callback([&options] { options.memory.action = MemoryAction::limit; });
    auto *reserve = app.add_subcommand("reserve", "set how many regions of 2 MiB nodes keep ready");
    json(*reserve, options);
    count_option(*reserve, "REGIONS", settings.reserve, most_regions, "handed out ones included; 0: none")
        ->required();
    count_option(*reserve, "-n,--node", settings.node, most_node, "NUMA node; none given: each");
    reserve->callback([&options] { options.memory.action = MemoryAction::reserve; });
    auto *apply = app.add_subcommand("apply", "set what a file says");
    apply->add_option("FILE", options.memory.file,
                      fmt::format("none: {}, if it is there", default_memory_conf));
    apply->callback([&options] { options.memory.action = MemoryAction::apply; });
}

const std::vector<VerbRow> &verbs() {
    static const std::vector<VerbRow> rows{
        {"up", "configure endpoints from their files and start them", run_up, configs},
        {"down", "stop endpoints; refused while processes hold them", run_down, endpoints},
        {"reload", "give endpoints that are up their files anew", run_reload, configs},
        {"restart", "stop endpoints and start them from their files", run_restart, configs},
        {"status", "endpoints and their state", run_status, listing},
        {"sections", "internal sections and who holds them", run_sections, listing},
        {"instances", "instances, their ring pairs and who holds them", run_instances, listing},
        {"memory", "pinned memory, its users and its limits", run_memory, memory},
        {"who", "processes that have the driver open, and what they hold", run_who, json},
        {"check", "find what is wrong in configuration files (needs no module)", run_check, files},
        {"plan", "show the sections that files would give (needs no module)", run_plan, files},
        {"monitor", "print events until interrupted", run_monitor, monitor},
    };
    return rows;
}

bool is_verb(const std::string &word) {
    return std::any_of(verbs().begin(), verbs().end(),
                       [&](const VerbRow &verb) { return word == verb.name; });
}

// A sentence about the first word that should have been a verb; empty if that one is right.
std::string verb_complaint(const std::vector<std::string> &words) {
    std::vector<std::string> names;
    for (const VerbRow &verb : verbs())
        names.emplace_back(verb.name);
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const std::string &word) { return !word.starts_with("-"); });
    if (first == words.end())
        return fmt::format("say what to do: {}", fmt::join(names, ", "));
    if (is_verb(*first))
        return {};
    const std::string_view near = qae::nearest(*first, names);
    return fmt::format("there is no verb \"{}\"; {}", qae::printable(*first),
                       near.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                                    : fmt::format("did you mean {}?", near));
}

// What is most likely meant where a flag, or what comes after "memory", was not understood.
std::string suggestion(const std::vector<std::string> &words) {
    const std::vector<std::string> actions{"limit", "reserve", "apply"};
    if (words.size() > 1 && words[0] == "memory" && !words[1].starts_with("-")) {
        const std::string_view near = qae::nearest(words[1], actions);
        if (near != words[1])
            return near.empty() ? fmt::format("; there are {}", fmt::join(actions, ", "))
                                : fmt::format("; did you mean {}?", near);
    }
    const std::vector<std::string> flags{"--json",       "--config",  "--type",  "--strict", "--quiet",
                                         "--config-dir", "--version", "--count", "--help",   "--client",
                                         "--user",       "--contig",  "--all"};
    for (const std::string &word : words) {
        const std::string_view near = word.starts_with("--") ? qae::nearest(word, flags) : std::string_view();
        if (!near.empty() && near != word)
            return fmt::format("; did you mean {}?", near);
    }
    return {};
}

// A listing that a full disk swallowed is no success.
int with_output(int status) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout))
        return status;
    complain("cannot write to standard output");
    return status == exit_ok ? exit_failed : status;
}

int report_usage(CLI::App &app, const CLI::ParseError &error, const std::vector<std::string> &words) {
    // --help and --version arrive as errors of status 0, with their text on stdout.
    if (error.get_exit_code() == 0)
        return with_output(app.exit(error));
    std::string text = verb_complaint(words);
    if (text.empty()) {
        text = error.what() + suggestion(words);
        std::replace(text.begin(), text.end(), '\n', ' ');
    }
    complain(text);
    say("qaectl --help and qaectl VERB --help say more");
    return exit_usage;
}

int run_verb(const VerbRow &verb, const Options &options) {
    try {
        return with_output(verb.run(options));
    } catch (const NoSuchEndpoint &error) {
        complain(error.what());
    } catch (const qae::NetlinkError &error) {
        complain(explain(error));
    } catch (const std::exception &error) {
        complain(error.what());
    }
    return exit_failed;
}

int run(int argc, char **argv) {
    Options options;
    CLI::App app("qaectl: accelerator endpoints, their configuration, and who uses what", "qaectl");
    app.set_version_flag("-V,--version", std::string("qaectl ") + QAE_VERSION);
    app.require_subcommand(1);
    std::vector<CLI::App *> subcommands;
    for (const VerbRow &verb : verbs()) {
        subcommands.push_back(app.add_subcommand(verb.name, verb.help));
        verb.add_options(*subcommands.back(), options);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return report_usage(app, error, std::vector<std::string>(argv + 1, argv + argc));
    }
    for (std::size_t i = 0; i < subcommands.size(); i++)
        if (subcommands[i]->parsed())
            return run_verb(verbs()[i], options);
    return exit_usage;
}

// A descriptor of 0 to 2 that is closed would become that of a socket or a file, and words would go there.
// Opened the wrong way round, it makes reading and writing fail as before.
void occupy_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            static_cast<void>(open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

} // namespace
} // namespace qaectl

int main(int argc, char **argv) {
    qaectl::occupy_standard_descriptors();
    try {
        return qaectl::run(argc, argv);
    } catch (const std::exception &error) {
        qaectl::complain(error.what());
        return qaectl::exit_failed;
    }
}
