/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa_dc.h, because clients use either name.
 */
#include "../cpa_dc.h"
