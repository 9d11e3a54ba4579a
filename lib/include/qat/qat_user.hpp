/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Includes qat_user.hpp, because clients use either name.
 */
#include "../qat_user.hpp"
