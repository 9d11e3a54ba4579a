// SPDX-License-Identifier: BSD-3-Clause
// qaectl: the operator's tool. This file parses the command line; the verbs are in files of their own.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "common/text.h"
#include "qaectl/completion.h"
#include "qaectl/endpoint_selection.h"
#include "qaectl/memory_conf.h"
#include "qaectl/sizes.h"
#include "qaectl/usage.h"
#include "qaectl/verbs.h"
#include "qaectl/words.h"

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
                   "qat_dev<N>, <N>, <type>_dev<i> or a PCI address; default: all");
}

void configs(CLI::App &app, Options &options) {
    endpoints(app, options);
    auto *file = app.add_option("-c,--config", options.config, "one file for all of these endpoints")
                     ->type_name("FILE");
    app.add_option("--config-dir", options.config_dir, "the directory with <type>_dev<i>.conf")
        ->type_name("DIR")
        ->capture_default_str()
        ->excludes(file);
}

void up(CLI::App &app, Options &options) {
    configs(app, options);
    app.add_flag("--configured", options.configured,
                 "only endpoints that have a file; those that are up get it too");
}

void json(CLI::App &app, Options &options) { app.add_flag("-j,--json", options.json, "print JSON"); }

void listing(CLI::App &app, Options &options) {
    endpoints(app, options);
    json(app, options);
}

void files(CLI::App &app, Options &options) {
    app.add_option("FILE", options.files, "configuration files, one for each endpoint, in order")->required();
    app.add_option("-t,--type", options.type, "type of the endpoints; default: as in the file's name")
        ->type_name("TYPE");
    app.add_flag("--strict", options.strict, "warnings count as errors");
    app.add_flag("-q,--quiet", options.quiet, "print no notes");
    json(app, options);
}

CLI::Option *size_option(CLI::App &app, const char *name, std::optional<std::uint64_t> &value,
                         const char *help) {
    const auto take = [&value, name](const std::string &word) {
        try {
            value = parse_size(word);
        } catch (const BadSize &error) {
            throw CLI::ValidationError(fmt::format("{}: {}", name, error.what()));
        }
    };
    return app.add_option_function<std::string>(name, take, help)->type_name("SIZE");
}

struct Bounds {
    std::uint32_t least;
    std::uint32_t most;
};

template <typename T>
CLI::Option *count_option(CLI::App &app, const std::string &name, std::optional<T> &value,
                          const Bounds &bounds, const char *help) {
    const std::string long_name = name.substr(name.find(',') + 1);
    const auto take = [&value, bounds, long_name](const std::string &word) {
        const auto count = parse_count(word, bounds.most);
        if (!count || *count < bounds.least) {
            throw CLI::ValidationError(fmt::format("{}: \"{}\" is not a whole number from {} to {}",
                                                   long_name, qae::printable(word), bounds.least,
                                                   bounds.most));
        }
        value = static_cast<T>(*count);
    };
    return app.add_option_function<std::string>(name, take, help)->type_name("NUMBER");
}

void monitor(CLI::App &app, Options &options) {
    count_option(app, "-n,--count", options.count, {1, 1000000000}, "stop after this many events");
    json(app, options);
}

void memory(CLI::App &app, Options &options) {
    json(app, options);
    app.require_subcommand(0, 1);
    qae::MemorySettings &settings = options.memory.settings;
    auto *limit = app.add_subcommand("limit", "show limits on pinned memory, and set those that are given");
    json(*limit, options);
    size_option(*limit, "--client", settings.client, "limit for each descriptor, such as 512M, 2G or none");
    size_option(*limit, "--user", settings.user, "limit for each user, over all descriptors");
    size_option(*limit, "--contig", settings.contig, "limit for all regions above 4 MiB together");
    size_option(*limit, "--all", settings.all, "limit for everything together, kernel users included");
    size_option(*limit, "--descriptors", settings.descriptors,
                "limit for the number of descriptors of each user, such as 4096 or none");
    limit->callback([&options] { options.memory.action = MemoryAction::limit; });
    auto *reserve = app.add_subcommand("reserve", "set how many regions of 2 MiB each node keeps ready");
    json(*reserve, options);
    count_option(*reserve, "REGIONS", settings.reserve, {0, kMaxReserve},
                 "number of regions, including those handed out; 0: none")
        ->required();
    count_option(*reserve, "-n,--node", settings.node, {0, kMaxNode}, "NUMA node; default: every node");
    reserve->callback([&options] { options.memory.action = MemoryAction::reserve; });
    auto *apply = app.add_subcommand("apply", "set the limits and reserves that a file gives");
    apply
        ->add_option("FILE", options.memory.file,
                     fmt::format("default: {}, if it exists", kDefaultMemoryConf))
        ->type_name("");
    apply->callback([&options] { options.memory.action = MemoryAction::apply; });
}

const std::vector<VerbRow> &verbs() {
    static const std::vector<VerbRow> rows{
        {"up", "configure endpoints from their files and start them", run_up, up},
        {"down", "stop endpoints; refused while processes hold them", run_down, endpoints},
        {"reload", "apply changed files: reload endpoints, start those that are down", run_reload, configs},
        {"restart", "stop endpoints and start them from their files", run_restart, configs},
        {"status", "endpoints and their state", run_status, listing},
        {"sections", "internal sections and who holds them", run_sections, listing},
        {"instances", "instances, their ring pairs and who holds them", run_instances, listing},
        {"memory", "pinned memory, its users and its limits", run_memory, memory},
        {"who", "processes that have the driver open, and what they hold", run_who, json},
        {"check", "find mistakes in configuration files (needs no module)", run_check, files},
        {"plan", "show the sections that files would create (needs no module)", run_plan, files},
        {"monitor", "print events until interrupted", run_monitor, monitor},
    };
    return rows;
}

// Output that was lost, for example because the disk is full, must not count as success.
int with_output(int status) {
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) {
        return status;
    }
    complain("cannot write to standard output");
    return status == kExitOk ? kExitFailed : status;
}

int report_usage(CLI::App &app, const CLI::ParseError &error, const std::vector<std::string> &words) {
    // --help and --version arrive as errors of status 0, with their text on stdout.
    const std::string unknown = unknown_verb_sentence(app, words);
    if (error.get_exit_code() == 0 && unknown.empty()) {
        return with_output(app.exit(error));
    }
    complain(usage_sentence(app, error, words));
    say("qaectl --help and qaectl VERB --help say more");
    return kExitUsage;
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
    return kExitFailed;
}

// "help [VERB]" and "version" are spelled with dashes too.
std::vector<std::string> with_dashes(std::vector<std::string> words) {
    if (!words.empty() && words[0] == "version") {
        words[0] = "--version";
    } else if (!words.empty() && words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return words;
}

int run(const std::vector<std::string> &given) {
    const std::vector<std::string> words = with_dashes(given);
    Options options;
    CLI::App app("qaectl: configure accelerator endpoints, and show what uses them", "qaectl");
    app.footer("qaectl help VERB says more about a verb.");
    app.set_version_flag("-V,--version", std::string("qaectl ") + QAE_VERSION);
    app.require_subcommand(1);
    std::vector<CLI::App *> subcommands;
    for (const VerbRow &verb : verbs()) {
        subcommands.push_back(app.add_subcommand(verb.name, verb.help));
        verb.add_options(*subcommands.back(), options);
    }
    if (!words.empty() && words[0] == kCompletionVerb) {
        for (const std::string &word : complete(app, {words.begin() + 1, words.end()})) {
            fmt::print("{}\n", word);
        }
        return with_output(kExitOk);
    }
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend())); // CLI11 takes the last word first
    } catch (const CLI::ParseError &error) {
        return report_usage(app, error, words);
    }
    for (std::size_t i = 0; i < subcommands.size(); ++i) {
        if (subcommands[i]->parsed()) {
            return run_verb(verbs()[i], options);
        }
    }
    return kExitUsage;
}

// If one of the descriptors 0 to 2 is closed, the next file or socket would get its number, and messages
// would go there. Occupy it with a descriptor of the wrong direction, so that reading and writing still fail.
void occupy_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (fcntl(fd, F_GETFD) < 0) {
            static_cast<void>(open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
        }
    }
}

} // namespace
} // namespace qaectl

int main(int argc, char **argv) {
    qaectl::occupy_standard_descriptors();
    try {
        return qaectl::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const std::exception &error) {
        qaectl::complain(error.what());
        return qaectl::kExitFailed;
    }
}
