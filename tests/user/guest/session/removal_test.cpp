// SPDX-License-Identifier: BSD-3-Clause
// An endpoint is removed while a process uses it: the library reports it, and the process can return
// everything.
#include <fstream>
#include <string>

#include <cpa_cy_im.h>
#include <cpa_dev.h>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/holder.h"
#include "support/holdings.h"
#include "support/reason.h"

namespace {

using guest::Channel;
using guest::Worker;

void simulator(const char *file, const char *value) {
    std::ofstream control(std::string("/sys/devices/platform/qae_sim/") + file);
    control << value << std::flush;
    assert_true(control.good());
}

CpaInstanceInfo2 info_of(CpaInstanceHandle handle) {
    CpaInstanceInfo2 info;
    WORKER_CHECK(cpaCyInstanceGetInfo2(handle, &info) == CPA_STATUS_SUCCESS);
    return info;
}

int use_endpoints_through_a_removal(Channel &channel) {
    CpaInstanceHandle dynamic[4];
    Cpa32U number = 99;
    Cpa16U devices = 99;

    WORKER_CHECK(icp_sal_userStart("APP") == CPA_STATUS_SUCCESS);
    WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(2, dynamic, 0) == CPA_STATUS_SUCCESS);
    WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(2, dynamic + 2, 1) == CPA_STATUS_SUCCESS);
    const auto all = guest::crypto_instances();
    WORKER_CHECK(all.size() == 6);
    for (const auto handle : all) {
        WORKER_CHECK(cpaCyStartInstance(handle) == CPA_STATUS_SUCCESS);
        WORKER_CHECK(info_of(handle).operState == CPA_OPER_STATE_UP);
    }
    channel.say("in use");
    channel.hear();

    WORKER_CHECK(guest::crypto_instances() == all); // the handles stay valid
    for (const auto handle : all) {
        const auto info = info_of(handle);
        const bool gone = info.physInstId.packageId == 1;
        WORKER_CHECK(info.operState == (gone ? CPA_OPER_STATE_DOWN : CPA_OPER_STATE_UP));
        WORKER_CHECK(cpaCyStartInstance(handle) == (gone ? CPA_STATUS_FAIL : CPA_STATUS_SUCCESS));
        WORKER_CHECK(!gone || reason_says("qat_dev1"));
        WORKER_CHECK(cpaCyStopInstance(handle) == CPA_STATUS_SUCCESS);
    }
    WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(&number, 1) == CPA_STATUS_SUCCESS &&
                 number == 0);
    WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(1, &dynamic[0], 1) == CPA_STATUS_FAIL);
    WORKER_CHECK(cpaGetNumDevices(&devices) == CPA_STATUS_SUCCESS && devices == 1);
    CpaDeviceInfo device;
    WORKER_CHECK(cpaGetDeviceInfo(1, &device) == CPA_STATUS_INVALID_PARAM);
    WORKER_CHECK(icp_sal_userIsQatAvailable() == CPA_TRUE);
    dynamic[0] = nullptr; // overwritten by the failed call; the stop returns that instance
    WORKER_CHECK(icp_sal_userCyFreeInstances(4, dynamic) == CPA_STATUS_SUCCESS);
    WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
    return 0;
}

void DYN_12_instances_of_a_removed_endpoint(void **) {
    // One section with an instance on each endpoint, so that some static and dynamic instances are lost and
    // some stay.
    guest::configure_two(guest::section("APP", "NumProcesses = 1", 1) + guest::pool(4));
    Worker worker(use_endpoints_through_a_removal);
    assert_string_equal(worker.hear().c_str(), "in use");
    simulator("remove", "1");
    worker.say("gone");
    const int status = worker.wait();
    simulator("add", "1");
    assert_int_equal(status, 0);

    // The endpoint comes back, is down, and works as before.
    guest::configure_two(guest::section("APP", "NumProcesses = 1", 1) + guest::pool(4));
    const auto before = guest::holdings();
    guest::Holder holder("APP");
    assert_true(holder.started());
    assert_int_equal(holder.stop(), 0);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(DYN_12_instances_of_a_removed_endpoint),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
