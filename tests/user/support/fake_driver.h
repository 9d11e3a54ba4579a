// SPDX-License-Identifier: BSD-3-Clause
// A driver behind /dev/qae_mem for a program on the host: replaces open() and ioctl() of the C library.
// Include it in one file of a program. Calls for which a test sets nothing are answered like a driver without
// endpoints.
#ifndef QAE_TESTS_SUPPORT_FAKE_DRIVER_H
#define QAE_TESTS_SUPPORT_FAKE_DRIVER_H

#include <fcntl.h>
#include <linux/qae.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <functional>
#include <vector>

namespace qae::test {

struct FakeDriver {
    // Each returns 0 or an errno. They run in the calling thread, as the driver would.
    std::function<int(qae_section_claim &)> claim = [](qae_section_claim &) { return ENODEV; };
    std::function<int(qae_pool_query &)> query_pool = [](qae_pool_query &) { return 0; };
    std::function<int(qae_instance_alloc &)> take = [](qae_instance_alloc &) { return ENODEV; };
    // Of the endpoint of every instance; an errno instead of a state is negative.
    std::atomic<int> instance_state{QAE_ENDPOINT_UP};
    std::vector<qae_endpoint_query> endpoints; // by accelerator id
    std::vector<qae_section_query> sections;
    std::atomic<int> next_open{-1}; // returned by the next open() instead of the device
    std::atomic<unsigned> section_queries{0};
    std::atomic<unsigned> releases{0};
};

// Never destroyed: tests use it while the process exits.
inline FakeDriver &g_driver = *new FakeDriver;

// A claim that succeeds, with @number crypto instances.
inline int grant_section(qae_section_claim &claim, unsigned number) {
    const unsigned room = claim.num_instances;
    claim.num_instances = number;
    if (number > room) {
        return EMSGSIZE;
    }
    auto *instances = reinterpret_cast<qae_instance *>(static_cast<std::uintptr_t>(claim.instances));
    for (unsigned i = 0; i < number; ++i) {
        instances[i] = {};
        instances[i].id = i + 1;
    }
    std::memcpy(claim.section, "SSL_INT_0", sizeof("SSL_INT_0"));
    return 0;
}

// The same, with one compression instance.
inline int grant_compression(qae_section_claim &claim, qae_poll_mode mode) {
    const int err = grant_section(claim, 1);
    auto *instance = reinterpret_cast<qae_instance *>(static_cast<std::uintptr_t>(claim.instances));
    if (err == 0) {
        instance->service = QAE_SERVICE_DC;
        instance->services = QAE_SVC_DC;
        instance->poll_mode = mode;
    }
    return err;
}

inline int find_endpoint_in(const std::vector<qae_endpoint_query> &endpoints, qae_endpoint_query &query) {
    for (const auto &endpoint : endpoints) {
        if (endpoint.endpoint >= query.endpoint) {
            query = endpoint;
            return 0;
        }
    }
    return ENODEV;
}

inline int answer_info(qae_info &info) {
    info = {.size = sizeof(info),
            .flags = 0,
            .abi_version = QAE_ABI_VERSION,
            .endpoints_up = 0,
            .max_region_size = QAE_MAX_REGION_SIZE,
            .max_alignment = QAE_MAX_ALIGNMENT};
    for (const auto &endpoint : g_driver.endpoints) {
        info.endpoints_up += endpoint.state == QAE_ENDPOINT_UP ? 1 : 0;
    }
    return 0;
}

inline int answer_section_query(qae_section_query &query) {
    ++g_driver.section_queries;
    if (query.index >= g_driver.sections.size()) {
        return ENOENT;
    }
    query = g_driver.sections[query.index];
    return 0;
}

inline int answer_instance_query(qae_instance_query &query) {
    const int state = g_driver.instance_state;
    if (state < 0) {
        return -state;
    }
    auto *instance = reinterpret_cast<qae_instance *>(static_cast<std::uintptr_t>(query.instance));
    *instance = {};
    instance->id = query.id;
    instance->endpoint_state = static_cast<__u32>(state);
    return 0;
}

inline int answer(unsigned long command, void *argument) {
    switch (command) {
    case QAE_IOC_INFO:
        return answer_info(*static_cast<qae_info *>(argument));
    case QAE_IOC_SECTION_CLAIM:
        return g_driver.claim(*static_cast<qae_section_claim *>(argument));
    case QAE_IOC_SECTION_RELEASE:
        ++g_driver.releases;
        return 0;
    case QAE_IOC_SECTION_QUERY:
        return answer_section_query(*static_cast<qae_section_query *>(argument));
    case QAE_IOC_POOL_QUERY:
        return g_driver.query_pool(*static_cast<qae_pool_query *>(argument));
    case QAE_IOC_POOL_WATCH:
        return 0;
    case QAE_IOC_INSTANCE_ALLOC:
        return g_driver.take(*static_cast<qae_instance_alloc *>(argument));
    case QAE_IOC_INSTANCE_QUERY:
        return answer_instance_query(*static_cast<qae_instance_query *>(argument));
    case QAE_IOC_ENDPOINT_QUERY:
        return find_endpoint_in(g_driver.endpoints, *static_cast<qae_endpoint_query *>(argument));
    default:
        return ENOTTY;
    }
}

} // namespace qae::test

extern "C" {

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (std::strcmp(path, "/dev/qae_mem") == 0) {
        const int given = qae::test::g_driver.next_open.exchange(-1);
        if (given >= 0) {
            return given;
        }
        path = "/dev/null"; // a character device, as the real one
    }
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int ioctl(int, unsigned long command, ...) noexcept {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    const int err = qae::test::answer(command, argument);
    if (err == 0) {
        return 0;
    }
    errno = err;
    return -1;
}

} // extern "C"

#endif // QAE_TESTS_SUPPORT_FAKE_DRIVER_H
