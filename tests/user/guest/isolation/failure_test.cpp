// SPDX-License-Identifier: BSD-3-Clause
// Every request to the driver is repeated with a failing allocation, or a failing copy, at each place where
// the kernel makes one for it. It succeeds, or it fails with the errno of missing memory, and afterwards
// nothing is held that was not held before. Needs a kernel with fault injection.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/qae.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "netlink/client.h"
#include "support/cmocka_cpp.h"
#include "support/descriptor.h"
#include "support/fault_injection.h"
#include "support/guest_config.h"
#include "support/isolation.h"
#include "support/raw_qae.h"

namespace {

using guest::Attempt;
using guest::kHuge;
using guest::kPage;

constexpr unsigned kRounds = 3;

// The descriptor of the repetition that runs, opened without failures.
int g_owner = -1;

void open_owner() {
    g_owner = raw_open();
    assert_true(g_owner >= 0);
}

void close_owner(int) {
    close(g_owner);
    g_owner = -1;
}

// Sweeps three times, because the first request may fill caches that spare the second one its allocations.
// At least one place must be met where @allocates is true: otherwise nothing was tested.
void sweep_rounds(const Attempt &attempt, bool allocates) {
    unsigned places = 0;
    unsigned surfaced = 0;
    for (unsigned round = 0; round < kRounds; ++round) {
        const auto met = guest::sweep(attempt, 1 + round * attempt.step / kRounds);
        places += met.places;
        surfaced += met.surfaced;
    }
    print_message("# %s: %u failures injected, %u requests failed\n", attempt.name.c_str(), places, surfaced);
    assert_true(!allocates || places > 0);
}

// An ioctl on a fresh descriptor, after @prepare acted on it.
Attempt on_descriptor(const std::string &name, std::function<int()> request,
                      std::function<void()> prepare = {}) {
    return {name,
            [prepare] {
                open_owner();
                if (prepare) {
                    prepare();
                }
            },
            std::move(request), close_owner};
}

template <typename Command> int call(unsigned long number, Command command) {
    command.size = sizeof(command);
    return raw_ioctl(g_owner, number, &command);
}

// ---- memory ----------------------------------------------------------------

qae_mem_alloc g_region;

int allocate(std::uint64_t length) { return raw_alloc(g_owner, length, 1, QAE_NODE_ANY, &g_region); }

void with_region(std::uint64_t length) { assert_int_equal(allocate(length), 0); }

void open_and_memory_ioctls_lose_nothing_when_allocations_fail(void **) {
    sweep_rounds({"open",
                  {},
                  [] { return (g_owner = raw_open()) < 0 ? g_owner : 0; },
                  [](int result) {
                      if (result == 0) {
                          close_owner(0);
                      }
                  }},
                 true);
    for (const std::uint64_t length : guest::region_sizes(guest::g_fd)) {
        sweep_rounds(on_descriptor(fmt::format("MEM_ALLOC of {} bytes", length),
                                   [length] { return allocate(length); }),
                     true);
    }
    sweep_rounds(on_descriptor(
                     "MEM_FREE", [] { return raw_free(g_owner, g_region.id); }, [] { with_region(kHuge); }),
                 true);
    sweep_rounds(on_descriptor(
                     "MEM_QUERY",
                     [] {
                         qae_mem_query answer;
                         return raw_query(g_owner, g_region.id, &answer);
                     },
                     [] { with_region(kPage); }),
                 true);
    sweep_rounds(on_descriptor("INFO", [] { return call(QAE_IOC_INFO, qae_info{}); }), true);
}

void *g_map = nullptr;

// A fault that finds no memory for a page table is repeated by the kernel, so each access succeeds.
int map_and_touch() {
    g_map = raw_map(g_owner, g_region.mmap_offset, g_region.length);
    if (g_map == nullptr) {
        return -errno;
    }
    std::memset(g_map, 1, g_region.length);
    return 0;
}

// Not part of the request: munmap() itself may fail for want of memory, and then the mapping stays.
void unmap(int result) {
    if (result == 0) {
        assert_int_equal(munmap(g_map, g_region.length), 0);
    }
    close_owner(result);
}

void mappings_lose_nothing_when_allocations_fail(void **) {
    for (const std::uint64_t length :
         {std::uint64_t{kPage}, std::uint64_t{kHuge}, std::uint64_t{2 * kHuge}}) {
        Attempt attempt = on_descriptor(fmt::format("mmap of {} bytes", length), map_and_touch,
                                        [length] { with_region(length); });
        attempt.undo = unmap;
        sweep_rounds(attempt, true);
    }
}

// ---- sections and instances ----------------------------------------------------

int allocate_dynamic(std::vector<qae_instance> &instances) {
    qae_instance_alloc request{};
    request.service = QAE_SERVICE_CY;
    request.endpoint = QAE_ENDPOINT_ANY;
    request.count = static_cast<std::uint32_t>(instances.size());
    request.instance_size = sizeof(qae_instance);
    request.instances = reinterpret_cast<std::uintptr_t>(instances.data());
    return call(QAE_IOC_INSTANCE_ALLOC, request);
}

int claim_once(const char *name, std::vector<qae_instance> &instances) {
    qae_section_claim claim{};
    std::strncpy(reinterpret_cast<char *>(claim.name), name, sizeof(claim.name) - 1);
    claim.instances = reinterpret_cast<std::uintptr_t>(instances.data());
    claim.num_instances = static_cast<std::uint32_t>(instances.size());
    claim.instance_size = sizeof(qae_instance);
    return call(QAE_IOC_SECTION_CLAIM, claim);
}

void session_ioctls_lose_nothing_when_allocations_fail(void **) {
    static std::vector<qae_instance> all(QAE_MAX_INSTANCES);
    static std::vector<qae_instance> instances(4);
    guest::configure_two(guest::section("APP", "NumProcesses = 2", 2, 1) + guest::pool(8));
    sweep_rounds(on_descriptor("SECTION_CLAIM", [] { return claim_once("APP", all); }), true);
    const auto claimed = [] { assert_int_equal(claim_once("APP", all), 0); };
    const auto with_dynamic = [claimed] {
        claimed();
        assert_int_equal(allocate_dynamic(instances), 0);
    };
    sweep_rounds(on_descriptor(
                     "SECTION_RELEASE", [] { return call(QAE_IOC_SECTION_RELEASE, qae_section_release{}); },
                     with_dynamic),
                 true);
    sweep_rounds(on_descriptor(
                     "INSTANCE_ALLOC", [] { return allocate_dynamic(instances); }, claimed),
                 true);
    sweep_rounds(on_descriptor(
                     "INSTANCE_FREE",
                     [] {
                         qae_instance_free request{};
                         request.ids = reinterpret_cast<std::uintptr_t>(&instances[0].id);
                         request.count = 1;
                         return call(QAE_IOC_INSTANCE_FREE, request);
                     },
                     with_dynamic),
                 true);
    sweep_rounds(on_descriptor(
                     "INSTANCE_QUERY",
                     [] {
                         qae_instance answer{};
                         qae_instance_query request{};
                         request.id = instances[0].id;
                         request.instance_size = sizeof(answer);
                         request.instance = reinterpret_cast<std::uintptr_t>(&answer);
                         return call(QAE_IOC_INSTANCE_QUERY, request);
                     },
                     with_dynamic),
                 true);
    sweep_rounds(on_descriptor("POOL_QUERY", [] { return call(QAE_IOC_POOL_QUERY, qae_pool_query{}); }),
                 true);
    sweep_rounds(on_descriptor("POOL_WATCH", [] { return call(QAE_IOC_POOL_WATCH, qae_pool_watch{}); }),
                 true);
    sweep_rounds(
        on_descriptor("ENDPOINT_QUERY", [] { return call(QAE_IOC_ENDPOINT_QUERY, qae_endpoint_query{}); }),
        true);
    sweep_rounds(
        on_descriptor("SECTION_QUERY", [] { return call(QAE_IOC_SECTION_QUERY, qae_section_query{}); }),
        true);
}

// Events are written in the request, and sent and reported as lost by a worker. So what a listener hears
// of a repetition comes some time later; but it comes.
bool hears_of_a_loss(qae::NetlinkClient &listener) {
    bool lost = false;
    for (const qae::Event &event : listener.receive_events()) {
        lost |= event.command == QAE_CMD_UNSPEC;
    }
    return lost;
}

// The listener reads before each repetition, so its socket is never full.
void a_listener_learns_that_there_was_no_memory_for_an_event(void **) {
    static std::vector<qae_instance> all(QAE_MAX_INSTANCES);
    guest::configure_two(guest::section("APP", "NumProcesses = 2", 2, 1) + guest::pool(8));
    qae::NetlinkClient listener;
    listener.subscribe();
    bool lost = false;
    sweep_rounds(on_descriptor(
                     "SECTION_CLAIM with a listener", [] { return claim_once("APP", all); },
                     [&] { lost |= hears_of_a_loss(listener); }),
                 true);
    while (!lost) {
        pollfd readable{.fd = listener.descriptor(), .events = POLLIN, .revents = 0};
        assert_int_equal(poll(&readable, 1, 10000), 1);
        lost = hears_of_a_loss(listener);
    }
}

// ---- netlink -----------------------------------------------------------------

// The client of the repetition that runs; its socket is opened without failures.
std::optional<qae::NetlinkClient> g_netlink;

using Request = std::function<void(qae::NetlinkClient &)>;

// What the request throws, as -errno. A failure may also hit the answer, so the kernel may have carried out a
// request although this is not 0. The client reports EIO if a message could not be copied, which is EFAULT of
// the socket; the driver has no error EIO.
int outcome(const Request &request) {
    try {
        request(*g_netlink);
        return 0;
    } catch (const qae::NetlinkError &error) {
        return error.error() == EIO ? -EFAULT : -error.error();
    }
}

Attempt on_netlink(const std::string &name, const Request &request, const std::function<void()> &prepare = {},
                   const std::function<void()> &undo = {}) {
    return {name,
            [prepare] {
                if (prepare) {
                    prepare();
                }
                g_netlink.emplace();
            },
            [request] { return outcome(request); },
            [undo](int) {
                g_netlink.reset();
                if (undo) {
                    undo();
                }
            }};
}

void netlink_listings_lose_nothing_when_allocations_fail(void **) {
    guest::configure_two(guest::section("APP", "NumProcesses = 2", 2, 1) + guest::pool(8));
    const std::pair<const char *, Request> requests[] = {
        {"endpoints", [](qae::NetlinkClient &c) { c.endpoints(); }},
        {"sections", [](qae::NetlinkClient &c) { c.sections(); }},
        {"instances", [](qae::NetlinkClient &c) { c.instances(); }},
        {"clients", [](qae::NetlinkClient &c) { c.clients(); }},
        {"memory", [](qae::NetlinkClient &c) { c.memory(); }},
        {"memory by node", [](qae::NetlinkClient &c) { c.memory_by_node(); }},
        {"users", [](qae::NetlinkClient &c) { c.users(); }},
        {"limits", [](qae::NetlinkClient &c) { c.set_memory({.client = QAE_UNLIMITED}); }},
    };
    for (const auto &[name, request] : requests) {
        sweep_rounds(on_netlink(name, request), true);
    }
}

qae::EndpointConfig config_of(const std::string &text) {
    qae::Findings findings("failure_test");
    auto config = qae::read_config(text, findings);
    assert_int_equal(findings.errors(), 0);
    return config;
}

// The kernel may have done what the client was not told of, and then it is undone.
void take_down() {
    qae::NetlinkClient client;
    for (const auto &endpoint : client.endpoints()) {
        if (endpoint.state == QAE_ENDPOINT_UP) {
            client.down(endpoint.id);
        }
    }
}

void bringing_up_down_and_reloading_lose_nothing_when_allocations_fail(void **) {
    static const auto config = config_of(guest::section("APP", "NumProcesses = 2", 2, 1) +
                                         guest::section("WEB", "NumProcesses = 1", 1) + guest::pool(8));
    static const auto other = config_of(guest::section("APP", "NumProcesses = 1", 1) + guest::pool(4));
    guest::shut_down();
    const auto up = [] { qae::NetlinkClient().up(0, config); };
    sweep_rounds(on_netlink(
                     "up", [](qae::NetlinkClient &c) { c.up(0, config); }, {}, take_down),
                 true);
    sweep_rounds(on_netlink(
                     "down", [](qae::NetlinkClient &c) { c.down(0); }, up, take_down),
                 true);
    sweep_rounds(
        on_netlink(
            "reload", [](qae::NetlinkClient &c) { c.reload(0, other, std::nullopt); }, up, take_down),
        true);
}

// ---- the bus -----------------------------------------------------------------

int write_to(const std::string &path, const std::string &text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    const int result = write(fd, text.data(), text.size()) < 0 ? -errno : 0;
    close(fd);
    return result;
}

std::string g_function; // "0000:3d:01.0"

void bind_function() {
    if (access(("/sys/bus/pci/drivers/qae/" + g_function).c_str(), F_OK) != 0) {
        assert_int_equal(write_to("/sys/bus/pci/drivers/qae/bind", g_function), 0);
    }
}

void unbind_function() {
    if (access(("/sys/bus/pci/drivers/qae/" + g_function).c_str(), F_OK) == 0) {
        assert_int_equal(write_to("/sys/bus/pci/drivers/qae/unbind", g_function), 0);
    }
}

// A probe that fails is reported by bind as its own errno, or as ENODEV by the bus. The kernel says EBUSY
// if it has no memory to record the owner of a function's registers.
int bind_outcome(int result) { return result == -ENODEV || result == -EBUSY ? -ENOMEM : result; }

void binding_loses_nothing_when_allocations_fail(void **) {
    guest::shut_down();
    g_function = qae::pci_address(guest::endpoints().at(1));
    unbind_function();
    sweep_rounds({"bind",
                  {},
                  [] { return bind_outcome(write_to("/sys/bus/pci/drivers/qae/bind", g_function)); },
                  [](int) { unbind_function(); }},
                 true);
    bind_function();
    sweep_rounds({"unbind",
                  {},
                  [] { return write_to("/sys/bus/pci/drivers/qae/unbind", g_function); },
                  [](int) { bind_function(); }},
                 true);
}

} // namespace

int main() {
    if (!guest::has_fault_injection()) {
        std::puts("Bail out! this kernel has no fault injection");
        return 1;
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open_and_memory_ioctls_lose_nothing_when_allocations_fail,
                                        guest::open_device, guest::close_device),
        cmocka_unit_test(mappings_lose_nothing_when_allocations_fail),
        cmocka_unit_test(session_ioctls_lose_nothing_when_allocations_fail),
        cmocka_unit_test(a_listener_learns_that_there_was_no_memory_for_an_event),
        cmocka_unit_test(netlink_listings_lose_nothing_when_allocations_fail),
        cmocka_unit_test(bringing_up_down_and_reloading_lose_nothing_when_allocations_fail),
        cmocka_unit_test(binding_loses_nothing_when_allocations_fail),
    };
    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
