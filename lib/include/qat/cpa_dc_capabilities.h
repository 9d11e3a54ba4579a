/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa_dc_capabilities.h, because clients use either name.
 */
#include "../cpa_dc_capabilities.h"
