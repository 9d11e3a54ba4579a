// SPDX-License-Identifier: BSD-3-Clause
// The configuration of the endpoints of a guest: tests write the files that they need and bring the endpoints
// up with them, as an operator does. For guests only, because it writes to /etc.
#ifndef QAE_TESTS_SUPPORT_GUEST_CONFIG_H
#define QAE_TESTS_SUPPORT_GUEST_CONFIG_H

#include <string>
#include <string_view>
#include <vector>

#include "netlink/messages.h"

namespace guest {

// Runs a shell command. Returns its exit status, and in @output what it wrote to both outputs.
int run(const std::string &command, std::string *output = nullptr);

// The endpoints that are bound, by id.
std::vector<qae::Endpoint> endpoints();

// Takes all endpoints down; fails the test if a process holds them.
void shut_down();

// The same as a group teardown of cmocka.
int shut_down_after_tests(void **state);

// Brings endpoint i up with files[i]; further endpoints stay down. Fails the test on an error.
void configure(const std::vector<std::string> &files);

// Brings both endpoints up with the same text.
void configure_two(std::string_view text);

// Brings both endpoints up with the documented example.
void configure_documented();

// Loads other files into endpoints that are up: qaectl reload.
void reload_two(std::string_view text);

// A section for a file: NAME, its keys line by line, and instances NAME0… of each service.
std::string section(const std::string &name, const std::string &keys, unsigned cy, unsigned dc = 0);

// "[DYN]" with so many instances.
std::string pool(unsigned cy, unsigned dc = 0);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_GUEST_CONFIG_H
