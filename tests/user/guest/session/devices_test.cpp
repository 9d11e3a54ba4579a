// SPDX-License-Identifier: BSD-3-Clause
// Devices as the library describes them are the endpoints that are up.
#include <cpa_dev.h>

#include "support/cmocka_cpp.h"
#include "support/guest_config.h"
#include "support/process.h"
#include "support/reason.h"
#include "support/worker.h"

namespace {

using guest::in_a_process;

int configure_pool(void **) {
    guest::configure_two(guest::pool(3, 2));
    return 0;
}

void API_devices_are_described(void **) {
    const auto endpoints = guest::endpoints();
    in_a_process([endpoints] {
        Cpa16U number = 99;
        WORKER_CHECK(cpaGetNumDevices(&number) == CPA_STATUS_SUCCESS && number == 2);
        for (Cpa16U id = 0; id < number; ++id) {
            CpaDeviceInfo device;
            WORKER_CHECK(cpaGetDeviceInfo(id, &device) == CPA_STATUS_SUCCESS);
            WORKER_CHECK(device.deviceId == endpoints[id].pci_device);
            WORKER_CHECK(device.bdf == (endpoints[id].pci_busdevfn & 0xffff));
            WORKER_CHECK((device.isVf == CPA_TRUE) == endpoints[id].is_vf);
            WORKER_CHECK(device.dcEnabled && device.cySymEnabled && device.cyAsymEnabled &&
                         !device.inlineEnabled);
        }
        CpaDeviceInfo device;
        WORKER_CHECK(cpaGetDeviceInfo(2, &device) == CPA_STATUS_INVALID_PARAM &&
                     reason_says("device number 2"));
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(API_devices_are_described, configure_pool),
    };

    return cmocka_run_group_tests(tests, nullptr, guest::shut_down_after_tests);
}
