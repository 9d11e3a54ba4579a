// SPDX-License-Identifier: BSD-3-Clause
#include "support/holdings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/qae.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "netlink/client.h"
#include "support/cmocka_cpp.h"

namespace guest {
namespace {

// A short-lived descriptor of its own, so that looking does not use the library under test.
class Look {
public:
    Look() : fd_(open("/dev/qae_mem", O_RDWR | O_CLOEXEC)) { assert_true(fd_ >= 0); }
    ~Look() { close(fd_); }
    Look(const Look &) = delete;
    Look &operator=(const Look &) = delete;

    qae_pool_query pool(std::uint32_t service, std::uint32_t endpoint) const {
        qae_pool_query query{};
        query.size = sizeof(query);
        query.service = service;
        query.endpoint = endpoint;
        assert_int_equal(ioctl(fd_, QAE_IOC_POOL_QUERY, &query), 0);
        return query;
    }

private:
    int fd_;
};

bool same_section(const qae::Section &section, const std::string &user_name) {
    return section.user_name == user_name && !section.name.empty();
}

} // namespace

Holdings holdings() {
    Holdings now;
    qae::NetlinkClient netlink;
    for (const auto &section : netlink.sections()) {
        now.sections.push_back(section.name +
                               (section.holder ? fmt::format(" {}", section.holder->pid) : ""));
    }
    std::sort(now.sections.begin(), now.sections.end());
    now.clients = netlink.clients().size();
    const auto memory = netlink.memory();
    now.pinned_bytes = memory.bytes;
    now.pinned_regions = memory.regions;
    const Look look;
    for (const auto &endpoint : netlink.endpoints()) {
        for (const std::uint32_t service : {QAE_SERVICE_CY, QAE_SERVICE_DC}) {
            const auto pool = look.pool(service, endpoint.id);
            now.pools.push_back(fmt::format("{} {} {}/{}", endpoint.id, service, pool.available, pool.total));
        }
    }
    return now;
}

std::string Holdings::describe() const {
    return fmt::format("{} descriptors, {} regions, {} bytes pinned, sections {}, pools {}", clients,
                       pinned_regions, pinned_bytes, fmt::join(sections, ", "), fmt::join(pools, ", "));
}

void assert_holdings(const Holdings &before) {
    Holdings now;
    for (int tries = 0; tries < 200; ++tries) {
        now = holdings();
        if (now == before) {
            return;
        }
        usleep(50000);
    }
    fail_msg("before: %s\nnow:    %s", before.describe().c_str(), now.describe().c_str());
}

unsigned sections_named(const std::string &user_name) {
    unsigned number = 0;
    for (const auto &section : qae::NetlinkClient().sections()) {
        number += same_section(section, user_name) ? 1 : 0;
    }
    return number;
}

unsigned sections_held(const std::string &user_name) {
    unsigned number = 0;
    for (const auto &section : qae::NetlinkClient().sections()) {
        number += same_section(section, user_name) && section.state == QAE_SECTION_HELD ? 1 : 0;
    }
    return number;
}

} // namespace guest
