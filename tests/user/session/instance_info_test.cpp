// SPDX-License-Identifier: BSD-3-Clause
// What the API says of an instance, from the facts that the driver gave.
#include <string>

#include "session/instance_info.h"
#include "support/cmocka_cpp.h"

namespace {

qae::HeldInstance held_instance() {
    qae::HeldInstance held;
    held.facts.service = QAE_SERVICE_CY;
    held.facts.services = QAE_SVC_SYM | QAE_SVC_ASYM;
    held.facts.node = -1;
    held.facts.core = -1;
    return held;
}

CpaInstanceInfo2 describe(const qae::HeldInstance &held) {
    CpaInstanceInfo2 info;
    qae::describe_instance(held, "SSL_INT_0", info);
    return info;
}

// A client that reads CPA_FALSE waits for callbacks that only a poll delivers.
void API_polled_and_epoll_instances_are_polled(void **) {
    qae::HeldInstance held = held_instance();
    held.facts.poll_mode = QAE_POLL_POLLED;
    assert_int_equal(describe(held).isPolled, CPA_TRUE);
    held.facts.poll_mode = QAE_POLL_EPOLL;
    assert_int_equal(describe(held).isPolled, CPA_TRUE);
    held.facts.poll_mode = QAE_POLL_INTERRUPT;
    assert_int_equal(describe(held).isPolled, CPA_FALSE);
}

void API_unknown_node_and_core_are_0_and_none(void **) {
    const CpaInstanceInfo2 info = describe(held_instance());
    assert_int_equal(info.nodeAffinity, 0);
    for (const Cpa32U word : info.coreAffinity) {
        assert_int_equal(word, 0);
    }
    assert_int_equal(info.operState, CPA_OPER_STATE_DOWN);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(API_polled_and_epoll_instances_are_polled),
        cmocka_unit_test(API_unknown_node_and_core_are_0_and_none),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
