// SPDX-License-Identifier: BSD-3-Clause
// The n-th allocation, or copy from or to user memory, that this thread causes in the kernel fails. For
// kernels with fault injection (the test kernel).
#ifndef QAE_TESTS_SUPPORT_FAULT_INJECTION_H
#define QAE_TESTS_SUPPORT_FAULT_INJECTION_H

#include <functional>
#include <string>

namespace guest {

// False if this kernel cannot inject failures.
bool has_fault_injection();

class FaultInjection {
public:
    // Lets every kind of allocation fail, and keeps the kernel from logging each failure.
    FaultInjection();
    ~FaultInjection();
    FaultInjection(const FaultInjection &) = delete;
    FaultInjection &operator=(const FaultInjection &) = delete;

    void arm(unsigned nth);
    // Returns true if the failure was injected since arm(). False: there were fewer than @nth places.
    bool disarm();

private:
    int fd_;
};

// A request to the kernel, to be repeated with a failure at its first, second, third, … place.
struct Attempt {
    std::string name;
    std::function<void()> prepare; // before each repetition, without failures; may be empty
    std::function<int()> request;  // 0 or -errno
    std::function<void(int)> undo; // takes the result; afterwards everything is as before; may be empty
    unsigned step = 1;             // every step-th place
};

// What a sweep met.
struct Sweep {
    unsigned places = 0;   // failures injected
    unsigned surfaced = 0; // of these, requests that failed
};

// Repeats @attempt until no place is left. Fails the test if a request fails with another errno than those of
// missing memory and bad addresses, if it fails without an injected failure, or if holdings() changed.
Sweep sweep(const Attempt &attempt, unsigned first = 1);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_FAULT_INJECTION_H
