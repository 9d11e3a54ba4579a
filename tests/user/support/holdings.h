// SPDX-License-Identifier: BSD-3-Clause
// What processes hold, as the kernel reports it: sections and their holders, free instances of the pools,
// pinned memory. Two snapshots are equal if nothing was lost or gained between them.
#ifndef QAE_TESTS_SUPPORT_HOLDINGS_H
#define QAE_TESTS_SUPPORT_HOLDINGS_H

#include <cstdint>
#include <string>
#include <vector>

namespace guest {

struct Holdings {
    std::vector<std::string> sections; // internal names, with the holder's pid where there is one
    std::vector<std::string> pools;    // endpoint, service, available, total
    std::size_t clients = 0;           // open descriptors
    std::uint64_t pinned_bytes = 0;
    std::uint64_t pinned_regions = 0;

    bool operator==(const Holdings &) const = default;
    std::string describe() const;
};

Holdings holdings();

// Fails the test unless everything is as in @before. The kernel returns things in the last close of a
// descriptor, and the parent of a killed process cannot see that moment: so this looks again for up to ten
// seconds.
void assert_holdings(const Holdings &before);

// Internal sections of a user section, and how many of them are held.
unsigned sections_named(const std::string &user_name);
unsigned sections_held(const std::string &user_name);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_HOLDINGS_H
