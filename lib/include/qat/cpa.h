/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes cpa.h, because clients use either name.
 */
#include "../cpa.h"
