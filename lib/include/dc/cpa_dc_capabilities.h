/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Capabilities of compression instances, one by one.
 *
 * Clients include it as cpa_dc_capabilities.h or as dc/cpa_dc_capabilities.h.
 *
 * @par Errors
 * A function that fails leaves its output as it was. It records a sentence with the reason for the
 * calling thread: see qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Fork
 * A child of fork() holds nothing, and handles of its parent are invalid there.
 */
#ifndef CPA_DC_CAPABILITIES_H
#define CPA_DC_CAPABILITIES_H

#include "cpa_dc.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief What can be asked for: BOOL and U32 in a name tell the field of the answer. */
typedef enum _CpaDcCapabilityId {
    CPA_DC_CAP_BOOL_STATELESS = 0,          /**< stateless requests */
    CPA_DC_CAP_BOOL_STATEFUL = 1,           /**< stateful requests */
    CPA_DC_CAP_BOOL_STATEFUL_LITE = 2,      /**< stateful requests whose state the client keeps */
    CPA_DC_CAP_BOOL_WINDOW_SIZE_4K = 3,     /**< a window of 4 KiB */
    CPA_DC_CAP_BOOL_WINDOW_SIZE_8K = 4,     /**< a window of 8 KiB */
    CPA_DC_CAP_BOOL_WINDOW_SIZE_16K = 5,    /**< a window of 16 KiB */
    CPA_DC_CAP_BOOL_WINDOW_SIZE_32K = 6,    /**< a window of 32 KiB */
    CPA_DC_CAP_BOOL_WINDOW_SIZE_64K = 7,    /**< a window of 64 KiB */
    CPA_DC_CAP_U32_DEFAULT_WINDOW_SIZE = 8, /**< the CpaDcCompWindowSize that suits best */
    CPA_DC_CAP_BOOL_DYNAMIC_HUFFMAN = 9,    /**< dynamic codes */
    CPA_DC_CAP_BOOL_STATIC_HUFFMAN = 10,    /**< static codes */
    CPA_DC_CAP_BOOL_BLOCK_CHECKSUM = 11,    /**< checksums of blocks */
    CPA_DC_CAP_BOOL_ACCUMULATE_XXHASH = 12, /**< XXHash over several requests */
    CPA_DC_CAP_BOOL_BLOCK_SIZE_64K = 13,    /**< blocks of 64 KiB */
    CPA_DC_CAP_BOOL_BLOCK_SIZE_256K = 14,   /**< blocks of 256 KiB */
    CPA_DC_CAP_BOOL_BLOCK_SIZE_1M = 15,     /**< blocks of 1 MiB */
    CPA_DC_CAP_BOOL_BLOCK_SIZE_4M = 16,     /**< blocks of 4 MiB */
    CPA_DC_CAP_U32_BLOCK_SIZE_BITMASK = 17, /**< a mask of CpaDcBlockSizeBitmask */
    CPA_DC_CAP_BOOL_CHECKSUM_CRC32 = 18,    /**< CPA_DC_CRC32 */
    CPA_DC_CAP_BOOL_CHECKSUM_ADLER32 = 19,  /**< CPA_DC_ADLER32 */
    CPA_DC_CAP_BOOL_CHECKSUM_XXHASH32 = 20, /**< CPA_DC_XXHASH32 */
    CPA_DC_CAP_BOOL_CHECKSUM_XXHASH64 = 21, /**< CPA_DC_XXHASH64 */
    CPA_DC_CAP_BOOL_ASB = 22,               /**< CpaDcAutoSelectBest */
    CPA_DC_CAP_BOOL_ASB_THRESHOLD = 23,     /**< CpaDcAsbThreshold */
    CPA_DC_CAP_BOOL_ASB_RATIO = 24,         /**< CpaDcAsbRatio */
    CPA_DC_CAP_BOOL_ASB_ENABLE_PREFERRED = 25, /**< CpaDcAutoSelectBest is advised */
    CPA_DC_CAP_BOOL_DETERMINISM = 26,          /**< the same source has the same output */
    CPA_DC_CAP_BOOL_OVERFLOW_RESUBMIT = 27, /**< a stateless request can go on after an overflow */
    CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY = 28, /**< CpaDcOpData::compressAndVerify */
    CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY_N_RECOVER =
        29,                                        /**< CpaDcOpData::compressAndVerifyAndRecover */
    CPA_DC_CAP_BOOL_INTEGRITY_CRC32 = 30,          /**< integrity CRCs of 32 bits */
    CPA_DC_CAP_BOOL_INTEGRITY_CRC64 = 31,          /**< integrity CRCs of 64 bits */
    CPA_DC_CAP_BOOL_CHAIN_HASH_THEN_COMPRESS = 32, /**< chain: hash, then compress */
    CPA_DC_CAP_BOOL_CHAIN_COMPRESS_THEN_AEAD = 33, /**< chain: compress, then encrypt */
    CPA_DC_CAP_BOOL_CHAIN_AEAD_THEN_DECOMPRESS = 34, /**< chain: decrypt, then decompress */
    CPA_DC_CAP_BOOL_UNCOMPRESSED_DICT = 35,          /**< dictionaries */
    CPA_DC_CAP_BOOL_COMPRESSED_DICT = 36,            /**< compressed dictionaries */
    CPA_DC_CAP_BOOL_ZERO_LENGTH_REQ = 37,            /**< a source without bytes */
    CPA_DC_CAP_BOOL_PROGRAMMABLE_CRC64 = 38,         /**< other CRCs of 64 bits */
    CPA_DC_CAP_BOOL_CHAIN_PROGRAMMABLE_CRC64 = 39,   /**< the same in chains */
    CPA_DC_CAP_BOOL_E2E_CRC_OVER_COMP_BLOCK = 40,    /**< a CRC over compressed blocks */
    CPA_DC_CAP_BOOL_DICT_ID = 41                     /**< numbers of dictionaries */
} CpaDcCapabilityId;

/**
 * @brief A question.
 */
typedef struct _CpaDcCapabilityReq {
    CpaDcCompType algo;      /**< format */
    CpaDcDir dir;            /**< direction; CPA_DC_DIR_COMBINED: both */
    CpaDcCapabilityId capId; /**< capability */
} CpaDcCapabilityReq;

/** @brief An answer. */
typedef union _CpaDcCapabilityResp {
    CpaBoolean boolStatus; /**< of a capability with BOOL in its name */
    Cpa32U u32Status;      /**< of one with U32 */
    Cpa64U u64Status;      /**< of one with U64 */
} CpaDcCapabilityResp;

/**
 * @brief Tells whether a compression instance has one capability.
 *
 * The instance need not be started.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] capabilityReq the question
 * @param[out] pCapabilityResp receives the answer: CPA_FALSE or 0 if no plane serves the instance
 *
 * @retval CPA_STATUS_SUCCESS the answer is written
 * @retval CPA_STATUS_INVALID_PARAM @p pCapabilityResp is NULL, @p dcInstance is not a compression
 *         instance of this process, or the question has no valid value
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcQueryCapabilityByType(CpaInstanceHandle dcInstance, CpaDcCapabilityReq capabilityReq,
                                     CpaDcCapabilityResp *pCapabilityResp);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DC_CAPABILITIES_H */
