/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa_cy_common.h, because clients use either name.
 */
#include "../cpa_cy_common.h"
