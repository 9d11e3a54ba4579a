// SPDX-License-Identifier: BSD-3-Clause
// Regions of anonymous memory that VFIO pins and maps for devices, contiguous in their addresses.
#ifndef QAE_LIB_MEM_SOURCE_VFIO_SOURCE_H
#define QAE_LIB_MEM_SOURCE_VFIO_SOURCE_H

#include "mem/source/region_source.h"

namespace qae {

RegionSource &vfio_source() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_VFIO_SOURCE_H
