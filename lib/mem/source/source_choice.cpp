// SPDX-License-Identifier: BSD-3-Clause
#include "mem/source/source_choice.h"

#include <cerrno>

#include "mem/source/driver_source.h"
#include "mem/source/plain_source.h"
#include "mem/source/vfio_domain.h"
#include "mem/source/vfio_source.h"
#include "process/device.h"
#include "process/last_error.h"
#include "process/settings.h"

namespace qae {

RegionSource &chosen_source() noexcept {
    switch (settings().mode) {
    case Mode::plain:
        return plain_source();
    case Mode::vfio:
        return vfio_source();
    case Mode::automatic:
        return VfioDomain::is_chosen() ? vfio_source() : driver_source();
    case Mode::driver:
        break;
    }
    return driver_source();
}

bool uses_device() noexcept {
    return settings().mode == Mode::driver ||
           (settings().mode == Mode::automatic && !VfioDomain::is_chosen());
}

bool require_vfio() noexcept {
    switch (settings().mode) {
    case Mode::vfio:
        return true;
    case Mode::plain:
        fail(EOPNOTSUPP,
             "with QAT_USER_MODE=plain no device can use memory; set QAT_USER_MODE=vfio for VFIO");
        return false;
    case Mode::automatic:
        if (VfioDomain::is_chosen() || !Device::instance().opens()) {
            return true;
        }
        break;
    case Mode::driver:
        break;
    }
    fail(EOPNOTSUPP,
         "this function works with VFIO only, and this process uses the qae driver; allocate memory by "
         "qaeMemAllocNUMA(), or set QAT_USER_MODE=vfio");
    return false;
}

} // namespace qae
