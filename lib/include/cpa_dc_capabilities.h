/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes dc/cpa_dc_capabilities.h, because clients use either name.
 */
#include "dc/cpa_dc_capabilities.h"
