/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes icp_sal_versions.h, because clients use either name.
 */
#include "../icp_sal_versions.h"
