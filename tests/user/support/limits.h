// SPDX-License-Identifier: BSD-3-Clause
// Limits on pinned memory for a test that needs other ones than those as installed, which follow the size of
// the guest.
#ifndef QAE_TESTS_SUPPORT_LIMITS_H
#define QAE_TESTS_SUPPORT_LIMITS_H

#include "netlink/client.h"

namespace guest {

// Sets the limits that have a value, and the former ones at the end. Needs root.
class Limits {
public:
    explicit Limits(const qae::MemorySettings &wanted) {
        qae::NetlinkClient netlink;
        const qae::Memory memory = netlink.memory();
        before_.client = memory.client.most;
        before_.user = memory.user.most;
        before_.contig = memory.contig.most;
        before_.all = memory.all.most;
        before_.descriptors = memory.descriptors.most;
        netlink.set_memory(wanted);
    }
    ~Limits() { qae::NetlinkClient().set_memory(before_); }
    Limits(const Limits &) = delete;
    Limits &operator=(const Limits &) = delete;

private:
    qae::MemorySettings before_;
};

} // namespace guest

#endif // QAE_TESTS_SUPPORT_LIMITS_H
