// SPDX-License-Identifier: BSD-3-Clause
// Words: names of the kernel's numbers, and sentences for a person.
#ifndef QAE_TOOLS_QAECTL_WORDS_H
#define QAE_TOOLS_QAECTL_WORDS_H

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/client.h"
#include "netlink/messages.h"

namespace qaectl {

const char *endpoint_state(std::uint32_t state);
const char *section_state(std::uint32_t state);
const char *service_name(std::uint32_t service);
const char *instance_kind(std::uint32_t kind);
const char *poll_mode(std::uint32_t poll);
std::vector<std::string> service_names(std::uint32_t mask);

// A line on stderr. One that cannot be written is lost: the exit status stays what it is.
void say(const std::string &line) noexcept;

// "qaectl: …" on stderr.
void complain(const std::string &text);

// What a refused request means, and what to do about it.
std::string explain(const qae::NetlinkError &error);

// "pid 123 (nginx)"
std::string holder_text(const qae::Holder &holder);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_WORDS_H
