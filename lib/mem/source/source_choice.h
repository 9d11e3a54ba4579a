// SPDX-License-Identifier: BSD-3-Clause
// The mode of operation: which source the regions of this process come from.
#ifndef QAE_LIB_MEM_SOURCE_SOURCE_CHOICE_H
#define QAE_LIB_MEM_SOURCE_SOURCE_CHOICE_H

#include "mem/source/region_source.h"

namespace qae {

// By the environment (QAT_USER_MODE). Unless it names a mode, that is the driver, and VFIO once a container
// is registered, which is possible only where the driver's device does not open.
RegionSource &chosen_source() noexcept;

// Whether memory comes from the driver's device.
bool uses_device() noexcept;

// Whether functions for VFIO have a meaning in this process. If not, the reason is recorded.
bool require_vfio() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_SOURCE_CHOICE_H
