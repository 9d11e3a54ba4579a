/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa_types.h, because clients use either name.
 */
#include "../cpa_types.h"
