// SPDX-License-Identifier: BSD-3-Clause
// What surrounds qaectl on an installed system: the completions of three shells, each run by its shell, and
// the unit, read by systemd.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/cmocka_cpp.h"
#include "support/program.h"

namespace {

namespace fs = std::filesystem;

const std::string kTools = QAE_SOURCE_DIR "/tools/";

// Runs a shell command with the built qaectl first in PATH. Result: what it printed, both streams.
std::string run(const std::string &command, int *status = nullptr) {
    const std::string path = fs::path(qae::test::built("bin/qaectl")).parent_path().string();
    std::FILE *pipe = popen(("PATH=" + path + ":$PATH; " + command + " 2>&1").c_str(), "r");
    assert_non_null(pipe);
    std::string text;
    std::array<char, 4096> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), got);
    }
    const int result = pclose(pipe);
    if (status) {
        *status = result;
    }
    return text;
}

bool is_missing(const char *program) {
    int status = 0;
    run(std::string("command -v ") + program + " >/dev/null", &status);
    return status != 0;
}

struct Line {
    const char *typed;
    const char *wanted; // one word of the answer
    const char *other;  // a word that is not in it
};

const Line kLines[] = {
    {"qaectl st", "status", "sections"},
    {"qaectl he", "help", "who"},
    {"qaectl memory ", "apply", "status"},
    {"qaectl memory limit --al", "--all", "--user"},
    {"qaectl check --type 4", "420xxvf", "c6xx"},
    {"qaectl check --ty", "--type", "--strict"},
    {"qaectl memory limit --user ", "512M", "status"},
};

// True if @word is a line of @text, with or without blanks around it.
bool has_line(const std::string &text, const std::string &word) {
    std::size_t at = text.find(word);
    while (at != std::string::npos) {
        const std::size_t end = at + word.size();
        if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) {
            return true;
        }
        at = text.find(word, end);
    }
    return false;
}

void expect(const Line &line, const std::string &answer) {
    if (!has_line(answer, line.wanted) || has_line(answer, line.other)) {
        print_error("%s: %s\n", line.typed, answer.c_str());
    }
    assert_true(has_line(answer, line.wanted));
    assert_false(has_line(answer, line.other));
}

std::string bash(const std::string &typed) {
    return run("bash --norc --noprofile -c 'source " + kTools + "completion/qaectl; COMP_LINE=\"" + typed +
               "\"; COMP_POINT=${#COMP_LINE}; _qaectl; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
}

void bash_completes(void **) {
    for (const Line &line : kLines) {
        expect(line, bash(line.typed));
    }
    // Bash has divided the word at '=', and only the part behind it is replaced.
    expect({"qaectl check --type=4", "4xxx", "--type=4xxx"}, bash("qaectl check --type=4"));
    assert_true(has_line(bash("qaectl check " + kTools + "build"), kTools + "build.mk"));
}

void bash_completes_a_pci_address(void **) {
    const std::string script =
        "bash --norc --noprofile -c 'source " + kTools +
        "completion/qaectl; qaectl() { echo 10000:00:01.0; }; COMP_LINE=\"qaectl up 10000:00\"; "
        "COMP_POINT=${#COMP_LINE}; _qaectl; printf \"%s\\n\" \"${COMPREPLY[@]}\"'";
    assert_string_equal(run(script).c_str(), "00:01.0\n");
}

void zsh_completes(void **) {
    if (is_missing("zsh")) {
        skip();
    }
    for (const Line &line : kLines) {
        // What the completion system would offer is printed.
        expect(
            line,
            run("zsh -f -c 'compadd() { print -l -- \"${@[2,-1]}\" }; words=(${(s: :)1}); [[ $1 == *\" \" ]] "
                "&& words+=(\"\"); CURRENT=$#words; source " +
                kTools + "completion/_qaectl' zsh '" + line.typed + "'"));
    }
}

void fish_completes(void **) {
    if (is_missing("fish")) {
        skip();
    }
    for (const Line &line : kLines) {
        expect(line, run("HOME=/nonexistent fish --no-config -c 'source " + kTools +
                         "completion/qaectl.fish; complete -C \"" + line.typed + "\"'"));
    }
    const std::string equals = run("HOME=/nonexistent fish --no-config -c 'source " + kTools +
                                   "completion/qaectl.fish; complete -C \"qaectl check --type=4\"'");
    assert_true(has_line(equals, "--type=4xxx"));
}

// The unit as it is installed. Its manual pages are not on this machine.
void unit_is_valid(void **) {
    if (is_missing("systemd-analyze")) {
        skip();
    }
    std::string pattern = (fs::temp_directory_path() / "qaectl-unit-XXXXXX").string();
    assert_non_null(mkdtemp(pattern.data()));
    const std::string unit = pattern + "/qat.service";
    const std::string path = fs::path(qae::test::built("bin/qaectl")).parent_path().string();
    run("sed 's|@BINDIR@|" + path + "|g; /^Documentation=/d' " + kTools + "systemd/qat.service >" + unit);
    int status = 0;
    const std::string said = run("systemd-analyze verify " + unit, &status);
    const std::string exposure =
        run("systemd-analyze security --offline=true --threshold=30 " + unit + " | tail -1");
    fs::remove_all(pattern);
    assert_string_equal(said.c_str(), "");
    assert_int_equal(status, 0);
    if (exposure.find("OK") == std::string::npos) {
        print_error("%s\n", exposure.c_str());
    }
    assert_true(exposure.find(" OK") != std::string::npos);
}

// The commands of the unit: one that fails does not keep the next from running, and the status tells.
void unit_fails_if_any_command_fails(void **) {
    std::string pattern = (fs::temp_directory_path() / "qaectl-unit-XXXXXX").string();
    assert_non_null(mkdtemp(pattern.data()));
    std::ofstream(pattern + "/qaectl") << "#!/bin/sh\necho \"$@\"\n[ \"$1\" != \"$FAILS\" ]\n";
    fs::permissions(pattern + "/qaectl", fs::perms::owner_all);
    for (const char *key : {"ExecStart", "ExecReload"}) {
        const std::string verb = key == std::string("ExecStart") ? "up --configured" : "reload";
        for (const char *fails : {"none", "memory", "up", "reload"}) {
            int status = 0;
            const std::string said =
                run("FAILS=" + std::string(fails) + " sh -c \"$(sed -n 's|@BINDIR@|" + pattern +
                        "|g; s|[$][$]|$|g; s|^" + key + "=/bin/sh -c .\\(.*\\).$|\\1|p' " + kTools +
                        "systemd/qat.service)\"",
                    &status);
            assert_string_equal(said.c_str(), ("memory apply\n" + verb + "\n").c_str());
            const bool concerned = fails == std::string("memory") || verb.starts_with(fails);
            assert_int_equal(status != 0, concerned);
        }
    }
    fs::remove_all(pattern);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(bash_completes), cmocka_unit_test(bash_completes_a_pci_address),
        cmocka_unit_test(zsh_completes),  cmocka_unit_test(fish_completes),
        cmocka_unit_test(unit_is_valid),  cmocka_unit_test(unit_fails_if_any_command_fails),
    };
    return cmocka_run_group_tests_name("qaectl_shell", tests, nullptr, nullptr);
}
