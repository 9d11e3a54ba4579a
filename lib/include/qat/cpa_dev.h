/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa_dev.h, because clients use either name.
 */
#include "../cpa_dev.h"
