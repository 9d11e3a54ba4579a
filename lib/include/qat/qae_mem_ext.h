/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes qae_mem_ext.h, because clients use either name.
 */
#include "../qae_mem_ext.h"
