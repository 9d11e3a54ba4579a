/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa_types.h - basic types of the QuickAssist API, as existing clients know them.
 */
#ifndef CPA_TYPES_H
#define CPA_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint8_t Cpa8U;
typedef int8_t Cpa8S;
typedef uint16_t Cpa16U;
typedef int16_t Cpa16S;
typedef uint32_t Cpa32U;
typedef int32_t Cpa32S;
typedef uint64_t Cpa64U;
typedef int64_t Cpa64S;

/** Truth value, 4 bytes in the ABI. */
typedef enum _CpaBoolean {
    CPA_FALSE = 0, /**< false */
    CPA_TRUE = 1   /**< true */
} CpaBoolean;

#ifndef TRUE
#define TRUE (1 == 1) /**< as CPA_TRUE, for clients that write it so */
#endif
#ifndef FALSE
#define FALSE (0 == 1) /**< as CPA_FALSE */
#endif

/** Marks what is kept for old clients only. */
#ifndef CPA_DEPRECATED
#define CPA_DEPRECATED __attribute__((deprecated))
#endif

/**
 * Declares the array @a name of Cpa32U that holds @a sizeInBits bits; bit n is bit n % 32 of
 * element n / 32.
 */
#define CPA_BITMAP(name, sizeInBits) Cpa32U name[((sizeInBits) + 31) / 32]

/** Non-zero if bit @a bit of the bitmap @a bitmask is set. */
#define CPA_BITMAP_BIT_TEST(bitmask, bit) ((bitmask)[(bit) / 32] & ((Cpa32U)1 << ((bit) % 32)))

/** Sets bit @a bit of the bitmap @a bitmask. */
#define CPA_BITMAP_BIT_SET(bitmask, bit) ((bitmask)[(bit) / 32] |= ((Cpa32U)1 << ((bit) % 32)))

/** Clears bit @a bit of the bitmap @a bitmask. */
#define CPA_BITMAP_BIT_CLEAR(bitmask, bit) ((bitmask)[(bit) / 32] &= ~((Cpa32U)1 << ((bit) % 32)))

#ifdef __cplusplus
}
#endif

#endif /* CPA_TYPES_H */
