// SPDX-License-Identifier: BSD-3-Clause
// Queues of an endpoint that is reset while its instances are started. The endpoint is simulated: the driver
// is a fake, and the plane finds the place of every PCI function below the simulator.
#include <cpa_dc.h>
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <qae_mem_ext.h>

#include <cstdlib>
#include <cstring>

#include "support/cmocka_cpp.h"
#include "support/compression.h"
#include "support/fake_driver.h"

// In place of the C library's, which the library asks where a PCI function is.
extern "C" char *realpath(const char *, char *resolved) noexcept {
    return std::strcpy(resolved, "/sys/devices/platform/qae_sim/pci10000:00/10000:00:00.0");
}

namespace {

using qae::test::g_driver;

CpaInstanceHandle g_instance;

// RETRY: the instance has a queue, and nothing is to be delivered.
CpaStatus poll_it() { return icp_sal_DcPollInstance(g_instance, 0); }

void a_start_during_a_reset_leaves_no_queue(void **) {
    g_driver.instance_state = QAE_ENDPOINT_RESETTING;
    assert_int_equal(cpaDcStartInstance(g_instance, 0, nullptr), CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENODEV);
    assert_int_equal(poll_it(), CPA_STATUS_FAIL);
    g_driver.instance_state = QAE_ENDPOINT_UP;
}

void a_second_start_during_a_reset_keeps_the_queue(void **) {
    assert_int_equal(cpaDcStartInstance(g_instance, 0, nullptr), CPA_STATUS_SUCCESS);
    assert_int_equal(poll_it(), CPA_STATUS_RETRY);
    g_driver.instance_state = QAE_ENDPOINT_RESETTING;
    assert_int_equal(cpaDcStartInstance(g_instance, 0, nullptr), CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENODEV);
    assert_int_equal(poll_it(), CPA_STATUS_RETRY);
    g_driver.instance_state = QAE_ENDPOINT_UP;
    assert_int_equal(cpaDcStopInstance(g_instance), CPA_STATUS_SUCCESS);
    assert_int_equal(poll_it(), CPA_STATUS_FAIL);
}

int start(void **) {
    g_driver.claim = [](qae_section_claim &claim) {
        return qae::test::grant_compression(claim, QAE_POLL_POLLED);
    };
    assert_int_equal(icp_sal_userStart("SHIM"), CPA_STATUS_SUCCESS);
    return cpaDcGetInstances(1, &g_instance);
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    qae::test::use_software_plane();
    unsetenv("QAT_USER_MODE");
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_start_during_a_reset_leaves_no_queue),
        cmocka_unit_test(a_second_start_during_a_reset_keeps_the_queue),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
