// SPDX-License-Identifier: BSD-3-Clause
// What a process has mapped, and what that costs debuggers, core files and memory locks.
#ifndef QAE_TESTS_SUPPORT_ADDRESS_SPACE_H
#define QAE_TESTS_SUPPORT_ADDRESS_SPACE_H

#include <cstdint>
#include <string>
#include <vector>

namespace qae::test {

struct Mapping {
    std::uintptr_t start;
    std::uintptr_t end;
    std::string access; // as in /proc/PID/maps: "rw-p"
    std::string name;   // of the file, or as "[heap]"
    std::string flags;  // VmFlags: " rd wr mr dd "

    bool has_flag(const std::string &flag) const { return flags.find(" " + flag + " ") != std::string::npos; }
};

// The mappings of this process, by address.
std::vector<Mapping> mappings();

// Those parts of @now that were not mapped in @before, without "[heap]" and "[stack]", which grow.
std::vector<Mapping> new_mappings(const std::vector<Mapping> &before, const std::vector<Mapping> &now);

// A line such as "VmLck" of /proc/self/status, in bytes.
std::uint64_t status_bytes(const std::string &line);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_ADDRESS_SPACE_H
