// SPDX-License-Identifier: BSD-3-Clause
// What an error of VFIO means.
#ifndef QAE_LIB_MEM_SOURCE_VFIO_FAILURE_H
#define QAE_LIB_MEM_SOURCE_VFIO_FAILURE_H

#include <cstdint>

#include "mem/source/region_source.h"

namespace qae {

// @err is -errno of mapping @length bytes, or of the search for addresses: -ENOSPC from VFIO is -EMLINK here,
// because -ENOSPC says that there are no addresses. Limits and shortages are left for the caller to report.
SourceError vfio_error(int err, std::uint64_t length) noexcept;

// Records why a table could not be made. @err is -EAGAIN or -ENOMEM, which is returned.
int fail_tables(int err) noexcept;

// Records why a region that exists could not be mapped in a new container, at an address that it has already.
// Returns -errno.
int fail_existing_region(int err, std::uint64_t iova, std::uint64_t length) noexcept;

} // namespace qae

#endif // QAE_LIB_MEM_SOURCE_VFIO_FAILURE_H
