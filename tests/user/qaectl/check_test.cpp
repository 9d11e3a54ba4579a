// SPDX-License-Identifier: BSD-3-Clause
// qaectl as a user runs it, without a module: exit status, stdout and stderr.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/config_test.h"
#include "support/program.h"

namespace {

namespace fs = std::filesystem;

using config_test::contains;

fs::path program;
fs::path scratch;

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
};

std::string content(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void redirect(const fs::path &path, int descriptor) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, descriptor) < 0) {
        _exit(126);
    }
    close(fd);
}

struct Streams {
    const char *out = nullptr; // stdout goes to this file, not to Outcome::out
    bool no_out = false;       // the descriptor is closed
    bool no_err = false;
};

Outcome qaectl(std::vector<std::string> words, const Streams &streams = {}) {
    const fs::path out = scratch / "stdout", err = scratch / "stderr";
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        redirect(streams.out ? streams.out : out, STDOUT_FILENO);
        redirect(err, STDERR_FILENO);
        if (streams.no_out) {
            close(STDOUT_FILENO);
        }
        if (streams.no_err) {
            close(STDERR_FILENO);
        }
        std::vector<char *> arguments{const_cast<char *>("qaectl")};
        for (std::string &word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        execv(program.c_str(), arguments.data());
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return {WEXITSTATUS(status), content(out), content(err)};
}

std::string file(const char *name, std::string_view text) {
    const fs::path path = scratch / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

void good_files_pass_in_silence(void **) {
    const auto result = qaectl({"check", file("c6xx_dev0.conf", config_test::kDocumented),
                                file("c6xx_dev1.conf", config_test::kDocumented)});
    assert_int_equal(result.status, 0);
    assert_string_equal(result.out.c_str(), "");
    assert_string_equal(result.err.c_str(), "");
}

void cfg_08_findings_are_data_and_the_status_is_3(void **) {
    const std::string bad = file("c6xx_dev0.conf", "[SSL]\nNumProceses = 1\n");
    const auto result = qaectl({"check", bad});
    assert_int_equal(result.status, 3);
    assert_string_equal(
        result.out.c_str(),
        (bad + ":1:1: warning: section [SSL]: NumProcesses is missing, so no process can claim it\n" + bad +
         ":2:1: error: section [SSL] has no key \"NumProceses\"; did you mean NumProcesses?\n")
            .c_str());
    assert_string_equal(result.err.c_str(), "qaectl: 1 of 1 file would not load\n");
}

void cfg_08_findings_as_json(void **) {
    const std::string bad = file("c6xx_dev0.conf", "[SSL]\nNumProceses = 1\n");
    const auto result = qaectl({"check", "--json", bad});
    assert_int_equal(result.status, 3);
    const auto json = nlohmann::json::parse(result.out);
    assert_int_equal(json.size(), 2);
    assert_string_equal(json[1]["file"].get<std::string>().c_str(), bad.c_str());
    assert_int_equal(json[1]["line"].get<int>(), 2);
    assert_int_equal(json[1]["column"].get<int>(), 1);
    assert_string_equal(json[1]["severity"].get<std::string>().c_str(), "error");
    assert_int_equal(nlohmann::json::parse(
                         qaectl({"check", "--json", file("c6xx_dev0.conf", config_test::kDocumented)}).out)
                         .size(),
                     0);
}

void cfg_07_capacity_by_the_type_of_the_name_or_the_option(void **) {
    const std::string text = config_test::section("S", 33, 1, 1);
    assert_int_equal(qaectl({"check", file("c6xx_dev0.conf", text)}).status, 0);
    assert_int_equal(qaectl({"check", file("4xxx_dev0.conf", text)}).status, 3);
    assert_int_equal(qaectl({"check", "--type", "4xxx", file("c6xx_dev0.conf", text)}).status, 3);
    const auto unknown = qaectl({"check", file("some.conf", text)});
    assert_int_equal(unknown.status, 0);
    assert_true(contains(unknown.out, "note: the endpoint type is unknown"));
    const auto typo = qaectl({"check", "--type", "c6x", file("some.conf", text)});
    assert_int_equal(typo.status, 2);
    assert_true(contains(typo.err, "did you mean c6xx?"));
}

// CFG-11: other spellings of a type, and types of other drivers, are known by name.
void cfg_11_types_of_other_drivers(void **) {
    const struct {
        const char *name, *part;
    } rows[] = {
        {"c6xxpf_dev0.conf", "note: a physical function has the type c6xx here"},
        {"200xxpf_dev0.conf", "qaectl up reads 200xx_dev<N>.conf"},
        {"c62x_dev0.conf", "note: the type is spelled c6xx here"},
        {"c4xxx_dev0.conf", "note: this driver does not support endpoints of type c4xxx"},
        {"c4xxxpf_dev0.conf", "note: this driver does not support endpoints of type c4xxx"},
        {"vqat-adi_dev0.conf.sym", "note: this driver does not support endpoints of type vqat-adi"},
    };
    const std::string text = config_test::section("S", 1, 1, 1);
    for (const auto &row : rows) {
        const auto result = qaectl({"check", "--strict", file(row.name, text)});
        assert_int_equal(result.status, 0);
        assert_true(contains(result.out, row.part));
    }
    assert_int_equal(qaectl({"check", file("200xx_dev0.conf", config_test::section("S", 65, 1, 1))}).status,
                     3);
    assert_int_equal(qaectl({"check", file("c6xxpf_dev0.conf", config_test::section("S", 65, 1, 1))}).status,
                     3);
    assert_int_equal(qaectl({"check", "--type", "c4xxx", file("some.conf", text)}).status, 0);
    assert_int_equal(qaectl({"check", "--type", "c6xxvfpf", file("some.conf", text)}).status, 2);
}

void files_are_compared_with_each_other(void **) {
    const std::string one = file("c6xx_dev0.conf", config_test::section("S", 2, 1, 1));
    const std::string other = file("c6xx_dev1.conf", config_test::section("S", 2, 0, 1));
    const auto result = qaectl({"check", one, other});
    assert_int_equal(result.status, 0);
    assert_string_equal(result.out.c_str(),
                        (other + ":3:1: warning: section [S]: LimitDevAccess is 0 here and 1 in " + one +
                         ": some processes would have one endpoint and others several\n")
                            .c_str());
    assert_int_equal(qaectl({"check", "--strict", one, other}).status, 3);
}

void one_bad_file_of_two_is_counted(void **) {
    const auto result =
        qaectl({"check", file("c6xx_dev0.conf", config_test::kDocumented), "/nonexistent.conf"});
    assert_int_equal(result.status, 3);
    assert_true(
        contains(result.out, "/nonexistent.conf: error: cannot open the file: No such file or directory\n"));
    assert_string_equal(result.err.c_str(), "qaectl: 1 of 2 files would not load\n");
}

void a_file_given_twice_is_noticed(void **) {
    const std::string one = file("c6xx_dev0.conf", config_test::section("S", 2, 1, 1));
    const auto result =
        qaectl({"check", one, (fs::path(one).parent_path() / "." / "c6xx_dev0.conf").string()});
    assert_int_equal(result.status, 0);
    assert_true(contains(result.out, "warning: this is the same file as " + one));
}

// A pipe without a writer would keep open() for ever.
void a_pipe_does_not_hang(void **) {
    const std::string path = (scratch / "pipe").string();
    assert_int_equal(mkfifo(path.c_str(), 0600), 0);
    const auto result = qaectl({"check", path});
    assert_int_equal(result.status, 3);
    assert_true(contains(result.out, "error: the file is a pipe, and nothing was written to it"));
}

void help_and_version_are_verbs_too(void **) {
    assert_string_equal(qaectl({"version"}).out.c_str(), qaectl({"--version"}).out.c_str());
    assert_string_equal(qaectl({"help"}).out.c_str(), qaectl({"--help"}).out.c_str());
    assert_string_equal(qaectl({"help", "memory", "limit"}).out.c_str(),
                        qaectl({"memory", "limit", "--help"}).out.c_str());
    const auto unknown = qaectl({"help", "statsu"});
    assert_int_equal(unknown.status, 2);
    assert_true(contains(unknown.err, "there is no verb \"statsu\"; did you mean status?"));
}

void cfg_09_plan_of_the_documented_files(void **) {
    const auto result = qaectl({"plan", "--json", file("c6xx_dev0.conf", config_test::kDocumented),
                                file("c6xx_dev1.conf", config_test::kDocumented)});
    assert_int_equal(result.status, 0);
    const auto json = nlohmann::json::parse(result.out);
    assert_int_equal(json.size(), 9);
    std::size_t ipsec = 0;
    for (const auto &section : json) {
        if (section["name"] != "IPsec") {
            continue;
        }
        ++ipsec;
        assert_true(section["section"] == "IPsec_INT_0");
        assert_int_equal(section["cy"].get<int>(), 8);
        assert_int_equal(section["endpoints"].size(), 2);
        assert_true(section["instances"][7]["endpoint"] == "qat_dev1");
    }
    assert_int_equal(ipsec, 1);
    const auto bad = qaectl({"plan", file("c6xx_dev0.conf", "[S\n")});
    assert_int_equal(bad.status, 3);
    assert_string_equal(bad.out.c_str(), "");
}

void usage_errors_have_status_2_and_a_suggestion(void **) {
    const struct {
        std::vector<std::string> words;
        const char *part;
    } rows[] = {
        {{}, "say what to do: up, down"},
        {{"statsu"}, "there is no verb \"statsu\"; did you mean status?"},
        {{"frobnicate"}, "there is no verb \"frobnicate\"; the verbs are up, down"},
        {{"status", "--jsn"}, "did you mean --json?"},
        {{"--jsn"}, "a verb must come before --jsn: up, down"},
        {{"--json", "status"}, "--json belongs after the verb: qaectl status --json"},
        {{"limit"}, "there is no verb \"limit\"; did you mean memory limit?"},
        {{"check"}, "check needs FILE: configuration files"},
        {{"up", "--config"}, "--config needs a value: one file"},
        {{"up", "--json"}, "up has no option \"--json\"; its options are --config, --config-dir"},
        {{"monitor", "--count", "0"}, "--count: \"0\" is not a whole number from 1 to 1000000000"},
        {{"monitor", "-n", "1", "-n", "2"}, "--count is given 2 times; give it once"},
        {{"up", "--config", "a", "--config-dir", "b"}, "--config and --config-dir exclude each other"},
        {{"who", "qat_dev0"}, "who: unexpected argument \"qat_dev0\"; its only option is --json"},
    };
    for (const auto &row : rows) {
        const auto result = qaectl(row.words);
        assert_int_equal(result.status, 2);
        assert_string_equal(result.out.c_str(), "");
        if (!contains(result.err, row.part)) {
            print_error("stderr: %s\n", result.err.c_str());
        }
        assert_true(contains(result.err, row.part));
    }
}

void MEM_23_invalid_limits_have_status_2_and_a_sentence(void **) {
    const std::pair<std::vector<std::string>, const char *> mistakes[] = {
        {{"memory", "limit", "--user", "1.5G"}, "1536M"},
        {{"memory", "limit", "--user", "lots"}, "whole number such as"},
        {{"memory", "limit", "--user", "4X"}, "K, M, G or T"},
        {{"memory", "limit", "--all", "99999999999T"}, "too large"},
        {{"memory", "limit", "--all", "5Q"},
         "qaectl: --all: \"5Q\" is not a valid size: only K, M, G or T may follow the number, or nothing for "
         "bytes\n"},
        {{"memory", "limit", "--all"}, "--all needs a value: limit for everything together"},
        {{"memory", "limit", "--all", "1", "--all", "2"}, "--all is given 2 times"},
        {{"memory", "--all", "1G"}, "memory has no option \"--all\"; did you mean memory limit --all?"},
        {{"memory", "limit", "--usr=1G"}, "did you mean --user?"},
        {{"memory", "limt"}, "there is no \"memory limt\"; did you mean limit?"},
        {{"memory", "limit", "1G"},
         "memory limit: unexpected argument \"1G\"; its options are --json, --client"},
        {{"memory", "limit", "user", "1G"}, "unexpected argument \"user\"; did you mean --user?"},
        {{"memory", "reserve"}, "memory reserve needs REGIONS: number of regions"},
        {{"memory", "reserve", "many"}, "whole number"},
        {{"memory", "reserve", "2M"}, "whole number"},
        {{"memory", "reserve", "-1"}, "-1"},
        {{"memory", "reserve", "4294967296"}, "4294967295"},
        {{"memory", "reserve", "--node", "x", "4"}, "whole number"},
    };
    for (const auto &[words, sentence] : mistakes) {
        const auto result = qaectl(words);
        assert_int_equal(result.status, 2);
        assert_string_equal(result.out.c_str(), "");
        assert_true(contains(result.err, sentence));
    }
    // A mistake in the file is reported even without a driver.
    const auto result = qaectl({"memory", "apply", file("memory.conf", "[LIMITS]\nUsr = 1G\n")});
    assert_int_equal(result.status, 1);
    assert_true(
        contains(result.err, "memory.conf:2:1: error: there is no limit \"Usr\"; did you mean User?"));
    assert_true(contains(result.err, "memory.conf has mistakes: nothing was changed"));
    const auto none = qaectl({"memory", "apply", "/nonexistent.conf"});
    assert_int_equal(none.status, 1);
    assert_true(contains(none.err, "/nonexistent.conf cannot be read: nothing was changed"));
}

void version_and_help_are_data(void **) {
    const auto version = qaectl({"--version"});
    assert_int_equal(version.status, 0);
    assert_true(version.out.starts_with("qaectl ") && version.out.size() > sizeof("qaectl "));
    const auto help = qaectl({"--help"});
    assert_int_equal(help.status, 0);
    for (const char *verb : {"up", "down", "reload", "restart", "status", "sections", "instances", "memory",
                             "who", "check", "plan", "monitor"}) {
        assert_true(contains(help.out, std::string("  ") + verb + " "));
    }
}

void lost_output_is_a_failure(void **) {
    const std::string good = file("c6xx_dev0.conf", config_test::kDocumented);
    const std::vector<std::string> lines[] = {
        {"--version"}, {"--help"}, {"memory", "--help"}, {"plan", good}, {"plan", "--json", good}};
    for (const auto &words : lines) {
        for (const Streams &streams : {Streams{.out = "/dev/full"}, Streams{.no_out = true}}) {
            const auto result = qaectl(words, streams);
            assert_int_equal(result.status, 1);
            assert_string_equal(result.err.c_str(), "qaectl: cannot write to standard output\n");
        }
    }
}

// Without stderr there is no crash, and no message goes to a file that took its descriptor.
void without_stderr_the_status_is_the_same(void **) {
    assert_int_equal(qaectl({"frobnicate"}, {.no_err = true}).status, 2);
    assert_int_equal(qaectl({"check", "/nonexistent.conf"}, {.no_err = true}).status, 3);
    assert_int_equal(qaectl({"plan", "/nonexistent.conf"}, {.no_out = true, .no_err = true}).status, 3);
    assert_int_equal(
        qaectl({"memory", "apply", "/nonexistent.conf"}, {.no_out = true, .no_err = true}).status, 1);
}

// Skipped where the module is loaded, as in the guest.
void without_a_module_the_way_out_is_named(void **) {
    if (fs::exists("/sys/module/qae")) {
        skip();
    }
    for (const char *verb :
         {"up", "down", "reload", "restart", "status", "sections", "instances", "memory", "who", "monitor"}) {
        const auto result = qaectl({verb});
        assert_int_equal(result.status, 1);
        assert_string_equal(result.out.c_str(), "");
        assert_true(contains(result.err, "the driver is not loaded") && contains(result.err, "modprobe qae"));
    }
}

int set_up(void **) {
    std::string pattern = (fs::temp_directory_path() / "qaectl-test-XXXXXX").string();
    if (!mkdtemp(pattern.data())) {
        return -1;
    }
    scratch = pattern;
    program = qae::test::built("bin/qaectl");
    return fs::exists(program) ? 0 : -1;
}

int tear_down(void **) {
    fs::remove_all(scratch);
    return 0;
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(good_files_pass_in_silence),
        cmocka_unit_test(cfg_08_findings_are_data_and_the_status_is_3),
        cmocka_unit_test(cfg_08_findings_as_json),
        cmocka_unit_test(cfg_07_capacity_by_the_type_of_the_name_or_the_option),
        cmocka_unit_test(cfg_11_types_of_other_drivers),
        cmocka_unit_test(files_are_compared_with_each_other),
        cmocka_unit_test(one_bad_file_of_two_is_counted),
        cmocka_unit_test(a_file_given_twice_is_noticed),
        cmocka_unit_test(a_pipe_does_not_hang),
        cmocka_unit_test(help_and_version_are_verbs_too),
        cmocka_unit_test(cfg_09_plan_of_the_documented_files),
        cmocka_unit_test(usage_errors_have_status_2_and_a_suggestion),
        cmocka_unit_test(MEM_23_invalid_limits_have_status_2_and_a_sentence),
        cmocka_unit_test(version_and_help_are_data),
        cmocka_unit_test(lost_output_is_a_failure),
        cmocka_unit_test(without_stderr_the_status_is_the_same),
        cmocka_unit_test(without_a_module_the_way_out_is_named),
    };
    return cmocka_run_group_tests_name("qaectl_check", tests, set_up, tear_down);
}
