// SPDX-License-Identifier: BSD-3-Clause
#include "support/fault_injection.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"

namespace guest {
namespace {

constexpr const char *kNth = "/proc/thread-self/fail-nth";
constexpr const char *kDebug = "/sys/kernel/debug/";

// More places than any request here has.
constexpr unsigned kTooMany = 20000;

void set(const std::string &file, const char *value) {
    std::ofstream stream(kDebug + file);
    stream << value << std::flush;
    if (!stream.good()) {
        fail_msg("cannot write %s to %s%s", value, kDebug, file.c_str());
    }
}

// What the kernel says when it has no memory for a request, an answer or a copy. ENOBUFS is netlink's.
bool is_injected(int error) {
    constexpr std::array kErrors{ENOMEM, EFAULT, ENOBUFS};
    return std::find(kErrors.begin(), kErrors.end(), error) != kErrors.end();
}

} // namespace

bool has_fault_injection() {
    return access(kNth, R_OK | W_OK) == 0 && access("/sys/kernel/debug/failslab", X_OK) == 0;
}

FaultInjection::FaultInjection() : fd_(open(kNth, O_RDWR | O_CLOEXEC)) {
    assert_true(fd_ >= 0);
    set("failslab/ignore-gfp-wait", "N");
    set("failslab/verbose", "0");
    set("fail_page_alloc/ignore-gfp-wait", "N");
    set("fail_page_alloc/ignore-gfp-highmem", "N");
    set("fail_page_alloc/min-order", "0");
    set("fail_page_alloc/verbose", "0");
    set("fail_usercopy/verbose", "0");
}

FaultInjection::~FaultInjection() {
    disarm();
    close(fd_);
}

void FaultInjection::arm(unsigned nth) {
    const std::string text = std::to_string(nth);
    assert_int_equal(pwrite(fd_, text.data(), text.size(), 0), text.size());
}

bool FaultInjection::disarm() {
    std::array<char, 16> text{};
    // The copy of the answer, and that of the new value, are places too: a failure there was not used up by
    // the request.
    const bool answered = pread(fd_, text.data(), text.size() - 1, 0) >= 0;
    const bool injected = answered && std::atoi(text.data()) == 0;
    while (pwrite(fd_, "0", 1, 0) != 1) {
    }
    return injected;
}

Sweep sweep(const Attempt &attempt, unsigned first) {
    FaultInjection injection;
    const auto before = holdings();
    Sweep met;
    for (unsigned nth = first; nth < kTooMany; nth += attempt.step) {
        if (attempt.prepare) {
            attempt.prepare();
        }
        injection.arm(nth);
        const int result = attempt.request();
        const bool injected = injection.disarm();
        if (attempt.undo) {
            attempt.undo(result);
        }
        assert_holdings(before);
        if (!injected) {
            if (result != 0) {
                fail_msg("%s fails without an injected failure: %d", attempt.name.c_str(), result);
            }
            return met;
        }
        if (result != 0 && !is_injected(-result)) {
            fail_msg("%s with a failure at place %u: %d", attempt.name.c_str(), nth, result);
        }
        ++met.places;
        met.surfaced += result != 0 ? 1 : 0;
    }
    fail_msg("%s has more than %u places", attempt.name.c_str(), kTooMany);
    return met;
}

} // namespace guest
