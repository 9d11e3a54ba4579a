// SPDX-License-Identifier: BSD-3-Clause
// The functions of icp_sal_user.h for dynamic instances: argument checks, shared by both services.
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>

#include "api/served.h"
#include "process/abi.h"
#include "process/fork.h"
#include "process/reject.h"
#include "session/dynamic_pool.h"

namespace qae {
namespace {

CpaStatus check_accelerator(Cpa32U accelerator) noexcept {
    return accelerator == 0
               ? CPA_STATUS_SUCCESS
               : reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                        "accelerator {} does not exist; the only accelerator of every endpoint is 0",
                        accelerator);
}

CpaStatus available(qae_service service, Cpa32U *number, Cpa32U endpoint) noexcept {
    ApiCall call;
    enter_process();
    if (number == nullptr) {
        return reject_null("the pointer to the number");
    }
    PoolState pool{};
    if (query_pool(service, endpoint, pool) != 0) {
        return CPA_STATUS_FAIL;
    }
    *number = pool.available;
    return CPA_STATUS_SUCCESS;
}

CpaStatus check_array(Cpa32U count, const CpaInstanceHandle *handles) noexcept {
    if (handles == nullptr) {
        return reject_null("the array of handles");
    }
    return count != 0 ? CPA_STATUS_SUCCESS : reject_zero_instances();
}

CpaStatus check_service(CpaAccelerationServiceType service) noexcept {
    return service == CPA_ACC_SVC_TYPE_CRYPTO || service == CPA_ACC_SVC_TYPE_DATA_COMPRESSION
               ? CPA_STATUS_SUCCESS
               : reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                        "service type {} has no dynamic instances; pass CPA_ACC_SVC_TYPE_CRYPTO or "
                        "_DATA_COMPRESSION",
                        static_cast<int>(service));
}

qae_service pool_of(CpaAccelerationServiceType service) noexcept {
    return service == CPA_ACC_SVC_TYPE_CRYPTO ? QAE_SERVICE_CY : QAE_SERVICE_DC;
}

CpaStatus take(qae_service service, Cpa32U count, CpaInstanceHandle *handles, Cpa32U endpoint) noexcept {
    enter_process();
    return guarded(
        [&] {
            const CpaStatus status = check_array(count, handles);
            return status != CPA_STATUS_SUCCESS ? status : take_instances(service, count, endpoint, handles);
        },
        CPA_STATUS_FAIL);
}

CpaStatus give_back(qae_service service, Cpa32U count, CpaInstanceHandle *handles) noexcept {
    enter_process();
    return guarded(
        [&] {
            CpaStatus status = check_array(count, handles);
            if (status == CPA_STATUS_SUCCESS) {
                status = return_instances(service, count, handles);
                drop_unheld_queues();
            }
            return status;
        },
        CPA_STATUS_FAIL);
}

} // namespace
} // namespace qae

using namespace qae;

extern "C" {

QAE_EXPORT CpaStatus icp_sal_userCyGetAvailableNumDynInstances(Cpa32U *pNumCyInstances) {
    return available(QAE_SERVICE_CY, pNumCyInstances, QAE_ENDPOINT_ANY);
}

QAE_EXPORT CpaStatus icp_sal_userDcGetAvailableNumDynInstances(Cpa32U *pNumDcInstances) {
    return available(QAE_SERVICE_DC, pNumDcInstances, QAE_ENDPOINT_ANY);
}

QAE_EXPORT CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumCyInstances,
                                                                       Cpa32U devPkgID) {
    return available(QAE_SERVICE_CY, pNumCyInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userDcGetAvailableNumDynInstancesByDevPkg(Cpa32U *pNumDcInstances,
                                                                       Cpa32U devPkgID) {
    return available(QAE_SERVICE_DC, pNumDcInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userCyGetAvailableNumDynInstancesByPkgAccel(Cpa32U *pNumCyInstances,
                                                                         Cpa32U devPkgID,
                                                                         Cpa32U accelerator_number) {
    const CpaStatus status = check_accelerator(accelerator_number);
    return status != CPA_STATUS_SUCCESS ? status : available(QAE_SERVICE_CY, pNumCyInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userCyInstancesAlloc(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances) {
    return take(QAE_SERVICE_CY, numCyInstances, pCyInstances, QAE_ENDPOINT_ANY);
}

QAE_EXPORT CpaStatus icp_sal_userDcInstancesAlloc(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances) {
    return take(QAE_SERVICE_DC, numDcInstances, pDcInstances, QAE_ENDPOINT_ANY);
}

QAE_EXPORT CpaStatus icp_sal_userCyInstancesAllocByDevPkg(Cpa32U numCyInstances,
                                                          CpaInstanceHandle *pCyInstances, Cpa32U devPkgID) {
    return take(QAE_SERVICE_CY, numCyInstances, pCyInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userDcInstancesAllocByDevPkg(Cpa32U numDcInstances,
                                                          CpaInstanceHandle *pDcInstances, Cpa32U devPkgID) {
    return take(QAE_SERVICE_DC, numDcInstances, pDcInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userCyInstancesAllocByPkgAccel(Cpa32U numCyInstances,
                                                            CpaInstanceHandle *pCyInstances, Cpa32U devPkgID,
                                                            Cpa32U accelerator_number) {
    const CpaStatus status = check_accelerator(accelerator_number);
    return status != CPA_STATUS_SUCCESS ? status
                                        : take(QAE_SERVICE_CY, numCyInstances, pCyInstances, devPkgID);
}

QAE_EXPORT CpaStatus icp_sal_userCyFreeInstances(Cpa32U numCyInstances, CpaInstanceHandle *pCyInstances) {
    return give_back(QAE_SERVICE_CY, numCyInstances, pCyInstances);
}

QAE_EXPORT CpaStatus icp_sal_userDcFreeInstances(Cpa32U numDcInstances, CpaInstanceHandle *pDcInstances) {
    return give_back(QAE_SERVICE_DC, numDcInstances, pDcInstances);
}

QAE_EXPORT CpaStatus qaeWaitForDynInstances(CpaAccelerationServiceType service, Cpa32U count, Cpa32U devPkgID,
                                            int timeout_ms) {
    enter_process();
    const CpaStatus status = check_service(service);
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    if (count == 0) {
        return reject_zero_instances();
    }
    return guarded([&] { return await_instances(pool_of(service), count, devPkgID, timeout_ms); },
                   CPA_STATUS_FAIL);
}

QAE_EXPORT CpaStatus qaeAllocDynInstances(CpaAccelerationServiceType service, Cpa32U count,
                                          CpaInstanceHandle *handles, Cpa32U devPkgID, int timeout_ms) {
    enter_process();
    CpaStatus status = check_service(service);
    status = status == CPA_STATUS_SUCCESS ? check_array(count, handles) : status;
    if (status != CPA_STATUS_SUCCESS) {
        return status;
    }
    return guarded(
        [&] { return take_instances_within(pool_of(service), count, devPkgID, timeout_ms, handles); },
        CPA_STATUS_FAIL);
}

} // extern "C"
