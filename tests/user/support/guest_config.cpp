// SPDX-License-Identifier: BSD-3-Clause
#include "support/guest_config.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "netlink/client.h"
#include "support/cmocka_cpp.h"
#include "support/config_test.h"

namespace guest {
namespace {

std::string path_of(const qae::Endpoint &endpoint) {
    return fmt::format("/etc/{}_dev{}.conf", endpoint.type, endpoint.index);
}

void run_or_fail(const std::string &command) {
    std::string output;
    const int status = run(command, &output);
    if (status != 0) {
        fail_msg("%s: exit status %d\n%s", command.c_str(), status, output.c_str());
    }
}

void write_files(const std::vector<std::string> &files) {
    const auto all = endpoints();
    assert_true(all.size() >= files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::ofstream file(path_of(all[i]), std::ios::trunc);
        file << files[i];
        assert_true(file.flush().good());
    }
}

std::string names_of_first(std::size_t number) {
    std::string names;
    const auto all = endpoints();
    for (std::size_t i = 0; i < number; ++i) {
        names += " " + qae::endpoint_name(all[i].id);
    }
    return names;
}

} // namespace

int run(const std::string &command, std::string *output) {
    FILE *pipe = popen((command + " 2>&1").c_str(), "re");
    if (pipe == nullptr) {
        return -1;
    }
    std::array<char, 4096> buffer;
    std::string all;
    while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
        all.append(buffer.data(), got);
    }
    if (output != nullptr) {
        *output = all;
    }
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<qae::Endpoint> endpoints() { return qae::NetlinkClient().endpoints(); }

void shut_down() {
    for (const auto &endpoint : endpoints()) {
        if (endpoint.state == QAE_ENDPOINT_UP) {
            run_or_fail("qaectl down " + qae::endpoint_name(endpoint.id));
        }
    }
}

int shut_down_after_tests(void **) {
    shut_down();
    return 0;
}

void configure(const std::vector<std::string> &files) {
    shut_down();
    write_files(files);
    run_or_fail("qaectl up" + names_of_first(files.size()));
}

void configure_two(std::string_view text) { configure({std::string(text), std::string(text)}); }

void configure_documented() { configure_two(config_test::kDocumented); }

void reload_two(std::string_view text) {
    write_files({std::string(text), std::string(text)});
    run_or_fail("qaectl reload" + names_of_first(2));
}

std::string section(const std::string &name, const std::string &keys, unsigned cy, unsigned dc) {
    std::string text =
        fmt::format("[{}]\n{}\nNumberCyInstances = {}\nNumberDcInstances = {}\n", name, keys, cy, dc);
    for (unsigned i = 0; i < cy; ++i) {
        text += fmt::format("Cy{0}Name = \"{1}{0}\"\nCy{0}IsPolled = 1\nCy{0}CoreAffinity = {0}\n", i, name);
    }
    for (unsigned i = 0; i < dc; ++i) {
        text +=
            fmt::format("Dc{0}Name = \"{1}Dc{0}\"\nDc{0}IsPolled = 1\nDc{0}CoreAffinity = {0}\n", i, name);
    }
    return text;
}

std::string pool(unsigned cy, unsigned dc) {
    return fmt::format("[DYN]\nNumberCyInstances = {}\nNumberDcInstances = {}\n", cy, dc);
}

} // namespace guest
