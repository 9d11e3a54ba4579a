// SPDX-License-Identifier: BSD-3-Clause
// Regions from the kernel module.
#ifndef QAE_LIB_MEM_SOURCE_DRIVER_SOURCE_H
#define QAE_LIB_MEM_SOURCE_DRIVER_SOURCE_H

#include "mem/source/region_source.h"

namespace qae {

RegionSource &driver_source() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_DRIVER_SOURCE_H
