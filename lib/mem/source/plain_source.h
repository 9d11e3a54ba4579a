// SPDX-License-Identifier: BSD-3-Clause
// Regions of ordinary memory with made-up device addresses, for machines without the kernel module.
#ifndef QAE_LIB_MEM_SOURCE_PLAIN_SOURCE_H
#define QAE_LIB_MEM_SOURCE_PLAIN_SOURCE_H

#include "mem/source/region_source.h"

namespace qae {

RegionSource &plain_source() noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_PLAIN_SOURCE_H
