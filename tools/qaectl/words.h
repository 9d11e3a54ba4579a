// SPDX-License-Identifier: BSD-3-Clause
// Words: names for the kernel's numbers, and messages to the user.
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
// What device addresses are to an endpoint; nullptr if it is not configured.
const char *address_kind(std::uint32_t addresses);
const char *service_name(std::uint32_t service);
const char *instance_kind(std::uint32_t kind);
const char *poll_mode(std::uint32_t poll);
std::vector<std::string> service_names(std::uint32_t mask);

// The words separated by commas.
std::string joined(const std::vector<std::string> &words);

// "qat_dev0,qat_dev1"
std::string endpoint_list(const std::vector<std::uint32_t> &ids);

// Prints a line to stderr. It is lost if it cannot be written; the exit status does not change.
void say(const std::string &line) noexcept;

// Prints "qaectl: …" to stderr.
void complain(const std::string &text);

// What went wrong with a request, and what to do about it.
std::string explain(const qae::NetlinkError &error);

// "pid 123 (nginx)", or why there is no pid
std::string holder_text(const qae::Holder &holder);

// Order of names for people: digits compare as numbers, so that SSL_INT_2 comes before SSL_INT_10.
bool natural_less(const std::string &a, const std::string &b);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_WORDS_H
