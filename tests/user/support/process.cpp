// SPDX-License-Identifier: BSD-3-Clause
#include "support/process.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/worker.h"

namespace guest {

void in_a_process(const std::function<void()> &body) {
    const auto before = holdings();
    Worker worker([&body](Channel &) {
        body();
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
    assert_holdings(before);
}

std::vector<int> device_descriptors() {
    std::vector<int> found;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        if (std::filesystem::read_symlink(entry, error) == "/dev/qae_mem") {
            found.push_back(std::stoi(entry.path().filename()));
        }
    }
    return found;
}

} // namespace guest
