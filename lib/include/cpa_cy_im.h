/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes lac/cpa_cy_im.h, because clients use either name.
 */
#include "lac/cpa_cy_im.h"
