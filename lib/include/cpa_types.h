/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Basic types of the QuickAssist API, as existing clients know them.
 */
#ifndef CPA_TYPES_H
#define CPA_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t Cpa8U;   /**< unsigned, 8 bits */
typedef int8_t Cpa8S;    /**< signed, 8 bits */
typedef uint16_t Cpa16U; /**< unsigned, 16 bits */
typedef int16_t Cpa16S;  /**< signed, 16 bits */
typedef uint32_t Cpa32U; /**< unsigned, 32 bits */
typedef int32_t Cpa32S;  /**< signed, 32 bits */
typedef uint64_t Cpa64U; /**< unsigned, 64 bits */
typedef int64_t Cpa64S;  /**< signed, 64 bits */

/** @brief A truth value, 4 bytes in the ABI. */
typedef enum _CpaBoolean {
    CPA_FALSE = 0, /**< false */
    CPA_TRUE = 1   /**< true */
} CpaBoolean;

#ifndef TRUE
#define TRUE (1 == 1) /**< the same as CPA_TRUE, for clients that use this name */
#endif
#ifndef FALSE
#define FALSE (0 == 1) /**< the same as CPA_FALSE, for clients that use this name */
#endif

/**
 * @brief Marks a declaration that exists for old clients only.
 *
 * It is empty, because clients are built with -Werror. A client that wants warnings defines it as
 * __attribute__((deprecated)) before it includes a header.
 */
#ifndef CPA_DEPRECATED
#define CPA_DEPRECATED
#endif

/**
 * @brief Declares an array of Cpa32U that is a bitmap: bit n is bit n % 32 of element n / 32.
 *
 * @param[in] name name of the array
 * @param[in] sizeInBits number of bits
 */
#define CPA_BITMAP(name, sizeInBits) Cpa32U name[((sizeInBits) + 31) / 32]

/**
 * @brief Tests a bit of a bitmap.
 *
 * @param[in] bitmask the bitmap
 * @param[in] bit number of the bit, from 0
 *
 * @return non-zero if the bit is set, 0 if it is clear
 */
#define CPA_BITMAP_BIT_TEST(bitmask, bit) ((bitmask)[(bit) / 32] & ((Cpa32U)1 << ((bit) % 32)))

/**
 * @brief Sets a bit of a bitmap.
 *
 * @param[in,out] bitmask the bitmap
 * @param[in] bit number of the bit, from 0
 */
#define CPA_BITMAP_BIT_SET(bitmask, bit) ((bitmask)[(bit) / 32] |= ((Cpa32U)1 << ((bit) % 32)))

/**
 * @brief Clears a bit of a bitmap.
 *
 * @param[in,out] bitmask the bitmap
 * @param[in] bit number of the bit, from 0
 */
#define CPA_BITMAP_BIT_CLEAR(bitmask, bit) ((bitmask)[(bit) / 32] &= ~((Cpa32U)1 << ((bit) % 32)))

#ifdef __cplusplus
}
#endif

#endif /* CPA_TYPES_H */
