// SPDX-License-Identifier: BSD-3-Clause
// JSON: the stable form of every listing. The keys are documented in qaectl(8).
#ifndef QAE_TOOLS_QAECTL_JSON_OUTPUT_H
#define QAE_TOOLS_QAECTL_JSON_OUTPUT_H

#include <span>
#include <string>
#include <vector>

#include "config/findings.h"
#include "config/section_plan.h"
#include "netlink/client.h"
#include "netlink/messages.h"

namespace qaectl {

// Pinned memory, collected from several requests.
struct MemoryReport {
    qae::Memory sum;
    std::vector<qae::Memory> nodes;
    std::vector<qae::User> users;
    // Of those that this process may see.
    std::uint64_t largest_client = 0;   // bytes of the descriptor that has the most
    std::uint64_t largest_user = 0;     // bytes of the user with the most
    std::uint64_t most_descriptors = 0; // of the user with the most
    bool others_hidden = false;
};

// Each prints an array to stdout, with one object per element.
void print_json(const std::vector<qae::Endpoint> &endpoints);
void print_json(const std::vector<qae::Section> &sections);
void print_json(const std::vector<qae::Instance> &instances);
void print_json(const std::vector<qae::Client> &clients);
void print_json(const MemoryReport &report);
void print_json(const std::vector<qae::Finding> &findings);

// @live: for each section what applying the plan would do ("new", "same" …); empty without a driver.
void print_json(const std::vector<qae::PlannedSection> &plan, std::span<const std::string> live);

// Prints one event on one line; @time is in ISO 8601.
void print_json_line(const qae::Event &event, const std::string &time);

} // namespace qaectl

#endif // QAE_TOOLS_QAECTL_JSON_OUTPUT_H
