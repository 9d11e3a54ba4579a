// SPDX-License-Identifier: BSD-3-Clause
// Each public header alone, as strict clients compile it: every warning of the compilers is an error, whether
// the headers are found with -I or with -isystem. Another compiler than the one that built the library is
// tried where it is installed.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/program.h"

namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

// The sources are above the build directory of this program.
fs::path include_folder() {
    for (fs::path folder = fs::read_symlink("/proc/self/exe"); folder != folder.root_path();
         folder = folder.parent_path()) {
        if (fs::exists(folder / "lib/include/cpa.h")) {
            return folder / "lib/include";
        }
    }
    fail_msg("there is no lib/include above this program");
    return {};
}

Arguments headers(const std::string &extension) {
    const fs::path root = include_folder();
    Arguments names;
    for (const auto &entry : fs::recursive_directory_iterator(root)) {
        if (entry.path().extension() == extension) {
            names.push_back(fs::relative(entry.path(), root));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

qae::test::Outcome run(Arguments arguments) { return qae::test::run_program("/usr/bin/env", arguments, {}); }

bool is_installed(const std::string &compiler) { return run({compiler, "--version"}).status == 0; }

void compile(const std::string &compiler, const Arguments &options, const std::string &folder_option,
             const Arguments &included) {
    Arguments command{compiler,
                      "-fsyntax-only",
                      "-Wall",
                      "-Wextra",
                      "-Wpedantic",
                      "-Werror",
                      folder_option + include_folder().string()};
    command.insert(command.end(), options.begin(), options.end());
    for (const std::string &header : included) {
        command.insert(command.end(), {"-include", header});
    }
    command.push_back("/dev/null");
    const auto outcome = run(command);
    if (outcome.status != 0) {
        fail_msg("%s %s %s\n%s", compiler.c_str(), options.back().c_str(), included.front().c_str(),
                 outcome.err.c_str());
    }
}

void compile_each(const std::string &compiler, const std::string &language, const std::string &standard,
                  const Arguments &names) {
    if (!is_installed(compiler)) {
        print_message("%s is not installed\n", compiler.c_str());
        return;
    }
    const Arguments options{"-x", language, "-std=" + standard};
    for (const std::string &header : names) {
        compile(compiler, options, "-I", {header});
    }
    compile(compiler, options, "-isystem", names);
}

void ABI_headers_are_strict_c(void **) {
    const Arguments names = headers(".h");
    assert_true(names.size() > 10);
    compile_each("gcc", "c", "c11", names);
    compile_each("clang", "c", "c11", names);
    compile("gcc", {"-x", "c", "-std=c89"}, "-I", names);
}

void ABI_headers_are_strict_cpp(void **) {
    const Arguments names = headers(".h");
    compile_each("g++", "c++", "c++17", names);
    compile_each("clang++", "c++", "c++17", names);
    compile_each("g++", "c++", "c++20", headers(".hpp"));
    compile_each("clang++", "c++", "c++20", headers(".hpp"));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ABI_headers_are_strict_c),
        cmocka_unit_test(ABI_headers_are_strict_cpp),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
