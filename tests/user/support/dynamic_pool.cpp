// SPDX-License-Identifier: BSD-3-Clause
#include "support/dynamic_pool.h"

#include <algorithm>

#include <icp_sal_user.h>

#include "support/guest_config.h"
#include "support/holdings.h"
#include "support/worker.h"

namespace guest {

int configure_pool(void **) {
    configure_two(section("APP", "NumProcesses = 2\nLimitDevAccess = 1", 1, 1) + pool(3, 2));
    return 0;
}

int no_section_held(void **) { return sections_held("APP") == 0 ? 0 : -1; }

Cpa32U free_cy(Cpa32U device) {
    Cpa32U number = 99;
    WORKER_CHECK(icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(&number, device) == CPA_STATUS_SUCCESS);
    return number;
}

Cpa32U free_dc(Cpa32U device) {
    Cpa32U number = 99;
    WORKER_CHECK(icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(&number, device) == CPA_STATUS_SUCCESS);
    return number;
}

Handles take_cy(Cpa32U number, Cpa32U device) {
    Handles handles(number, &handles);
    WORKER_CHECK(icp_sal_userCyInstancesAllocByDevPkg(number, handles.data(), device) == CPA_STATUS_SUCCESS);
    return handles;
}

void return_cy(Handles handles) {
    WORKER_CHECK(icp_sal_userCyFreeInstances(static_cast<Cpa32U>(handles.size()), handles.data()) ==
                 CPA_STATUS_SUCCESS);
    WORKER_CHECK(std::count(handles.begin(), handles.end(), nullptr) == static_cast<long>(handles.size()));
}

void start(const char *section) { WORKER_CHECK(icp_sal_userStart(section) == CPA_STATUS_SUCCESS); }
void stop() { WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS); }

} // namespace guest
