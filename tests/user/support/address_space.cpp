// SPDX-License-Identifier: BSD-3-Clause
#include "support/address_space.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace qae::test {

std::vector<Mapping> mappings() {
    std::vector<Mapping> found;
    std::ifstream file("/proc/self/smaps");
    for (std::string line; std::getline(file, line);) {
        unsigned long start = 0;
        unsigned long end = 0;
        char access[8] = "";
        int name = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx %4s %*s %*s %*s %n", &start, &end, access, &name) == 3) {
            found.push_back({start, end, access, line.substr(static_cast<std::size_t>(name)), ""});
        } else if (line.starts_with("VmFlags:") && !found.empty()) {
            found.back().flags = line.substr(8) + " ";
        }
    }
    return found;
}

std::vector<Mapping> new_mappings(const std::vector<Mapping> &before, const std::vector<Mapping> &now) {
    std::vector<Mapping> fresh;
    for (Mapping mapping : now) {
        if (mapping.name == "[heap]" || mapping.name == "[stack]") {
            continue;
        }
        for (const Mapping &old : before) {
            if (old.start >= mapping.end || old.end <= mapping.start) {
                continue;
            }
            if (old.start > mapping.start) {
                Mapping part = mapping;
                part.end = old.start;
                fresh.push_back(part);
            }
            mapping.start = std::min(old.end, mapping.end);
        }
        if (mapping.start < mapping.end) {
            fresh.push_back(mapping);
        }
    }
    return fresh;
}

std::uint64_t status_bytes(const std::string &line) {
    std::ifstream file("/proc/self/status");
    for (std::string text; std::getline(file, text);) {
        if (text.starts_with(line + ":")) {
            return std::stoull(text.substr(line.size() + 1)) << 10;
        }
    }
    return 0;
}

} // namespace qae::test
