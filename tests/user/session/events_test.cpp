// SPDX-License-Identifier: BSD-3-Clause
// Notifications of what happens to endpoints, and instances that no data plane serves.
#include <cpa_dc.h>
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <qae_mem_ext.h>

#include <cstdlib>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/fake_driver.h"

namespace {

using qae::test::g_driver;

CpaInstanceHandle g_instance;
std::vector<CpaInstanceEvent> g_events;

void note(const CpaInstanceHandle handle, void *tag, const CpaInstanceEvent event) {
    assert_ptr_equal(handle, g_instance);
    assert_ptr_equal(tag, &g_events);
    g_events.push_back(event);
}

std::vector<CpaInstanceEvent> events_after(int state) {
    g_events.clear();
    g_driver.instance_state = state;
    assert_int_equal(icp_sal_poll_device_events(), CPA_STATUS_SUCCESS);
    return g_events;
}

using Events = std::vector<CpaInstanceEvent>;

void no_change_is_no_event(void **) {
    assert_true(events_after(QAE_ENDPOINT_UP).empty());
    assert_true(events_after(QAE_ENDPOINT_UP).empty());
}

void a_reset_is_RESTARTING_then_RESTARTED(void **) {
    assert_true(events_after(QAE_ENDPOINT_RESETTING) == Events{CPA_INSTANCE_EVENT_RESTARTING});
    assert_true(events_after(QAE_ENDPOINT_RESETTING).empty());
    assert_true(events_after(QAE_ENDPOINT_UP) == Events{CPA_INSTANCE_EVENT_RESTARTED});
}

void an_error_or_a_removal_is_FATAL_ERROR_once(void **) {
    assert_true(events_after(QAE_ENDPOINT_ERROR) == Events{CPA_INSTANCE_EVENT_FATAL_ERROR});
    assert_true(events_after(QAE_ENDPOINT_UP) == Events{CPA_INSTANCE_EVENT_RESTARTED});
    assert_true(events_after(-ENOENT) == Events{CPA_INSTANCE_EVENT_FATAL_ERROR});
    assert_true(events_after(-ENOENT).empty());
    assert_true(events_after(QAE_ENDPOINT_UP) == Events{CPA_INSTANCE_EVENT_RESTARTED});
}

void a_function_that_was_taken_back_is_not_called(void **) {
    assert_int_equal(cpaDcInstanceSetNotificationCb(g_instance, nullptr, nullptr), CPA_STATUS_SUCCESS);
    assert_true(events_after(QAE_ENDPOINT_RESETTING).empty());
    assert_int_equal(cpaDcInstanceSetNotificationCb(g_instance, note, &g_events), CPA_STATUS_SUCCESS);
    assert_true(events_after(QAE_ENDPOINT_RESETTING).empty());
    assert_true(events_after(QAE_ENDPOINT_UP) == Events{CPA_INSTANCE_EVENT_RESTARTED});
}

// The variable is set in main(): a plane is chosen, but the endpoint is not the simulator's. So the instance
// is as without a plane: it says that it has nothing, and clients look no further.
void a_device_is_never_replaced_by_the_plane(void **) {
    CpaDcInstanceCapabilities can{};
    can.statelessDeflateCompression = CPA_TRUE;
    assert_int_equal(cpaDcQueryCapabilities(g_instance, &can), CPA_STATUS_SUCCESS);
    assert_int_equal(can.statelessDeflateCompression, CPA_FALSE);
    CpaInstanceInfo2 info{};
    assert_int_equal(cpaDcInstanceGetInfo2(g_instance, &info), CPA_STATUS_SUCCESS);
    assert_int_equal(info.isOffloaded, CPA_TRUE);
    assert_int_equal(cpaDcStartInstance(g_instance, 0, nullptr), CPA_STATUS_SUCCESS);
    CpaDcSessionSetupData setup{};
    Cpa32U size = 0;
    Cpa32U context = 0;
    assert_int_equal(cpaDcGetSessionSize(g_instance, &setup, &size, &context), CPA_STATUS_UNSUPPORTED);
    assert_int_equal(cpaDcInitSession(g_instance, &size, &setup, nullptr, nullptr), CPA_STATUS_UNSUPPORTED);
    assert_int_equal(qaeLastErrno(), EOPNOTSUPP);
    assert_int_equal(icp_sal_DcPollInstance(g_instance, 0), CPA_STATUS_UNSUPPORTED);
    Cpa16U buffers = 1;
    assert_int_equal(cpaDcGetNumIntermediateBuffers(g_instance, &buffers), CPA_STATUS_SUCCESS);
    assert_int_equal(buffers, 0);
    CpaDcStats stats{};
    stats.numCompRequests = 1;
    assert_int_equal(cpaDcGetStats(g_instance, &stats), CPA_STATUS_SUCCESS);
    assert_int_equal(stats.numCompRequests, 0);
}

int start(void **) {
    g_driver.claim = [](qae_section_claim &claim) {
        return qae::test::grant_compression(claim, QAE_POLL_INTERRUPT);
    };
    assert_int_equal(icp_sal_userStart("SHIM"), CPA_STATUS_SUCCESS);
    assert_int_equal(cpaDcGetInstances(1, &g_instance), CPA_STATUS_SUCCESS);
    return cpaDcInstanceSetNotificationCb(g_instance, note, &g_events);
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    setenv("QAT_USER_PLANE", "software", 1);
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_change_is_no_event),
        cmocka_unit_test(a_reset_is_RESTARTING_then_RESTARTED),
        cmocka_unit_test(an_error_or_a_removal_is_FATAL_ERROR_once),
        cmocka_unit_test(a_function_that_was_taken_back_is_not_called),
        cmocka_unit_test(a_device_is_never_replaced_by_the_plane),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
