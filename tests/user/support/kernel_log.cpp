// SPDX-License-Identifier: BSD-3-Clause
#include "support/kernel_log.h"

#include <sys/klog.h>
#include <unistd.h>

#include <algorithm>

namespace guest {
namespace {

// syslog(2)
constexpr int kReadAll = 3;
constexpr int kSizeOfBuffer = 10;

} // namespace

std::string kernel_log() {
    std::string text(static_cast<std::size_t>(std::max(klogctl(kSizeOfBuffer, nullptr, 0), 0)), '\0');
    const int got = klogctl(kReadAll, text.data(), static_cast<int>(text.size()));
    text.resize(static_cast<std::size_t>(std::max(got, 0)));
    return text;
}

bool LogMark::says(const std::string &words) const {
    for (int tries = 0; tries < 200; ++tries) {
        if (kernel_log().find(words, length_) != std::string::npos) {
            return true;
        }
        usleep(10000);
    }
    return false;
}

} // namespace guest
