/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief Compression instances of this process, and compression on them.
 *
 * Clients include it as cpa_dc.h or as dc/cpa_dc.h.
 *
 * @par Data planes
 * Requests are served by a data plane, which is chosen for the process in the environment:
 * QAT_USER_PLANE=software. Without one, finding, describing and starting instances works, every
 * capability is CPA_FALSE, and functions that need a plane return CPA_STATUS_UNSUPPORTED.
 *
 * @par Memory
 * Sessions, data and private metadata lie in blocks of qaeMemAllocNUMA(). A request is refused with
 * CPA_STATUS_INVALID_PARAM if any of this memory is not in a live block; private metadata needs as
 * many bytes as cpaDcBufferListGetMetaSize() says. Blocks, lists, results and the session must stay
 * as they are until the request is complete. The CpaBufferList, its array of CpaFlatBuffer, and the
 * results may lie anywhere.
 *
 * @par Requests
 * With a callback the request is asynchronous: the function returns at once, and a poll of the
 * instance delivers the callback in the polling thread, in the order of the requests. Without a
 * callback the function returns when the request is complete, and polls meanwhile. An instance
 * takes 512 requests at a time; the next one is answered with CPA_STATUS_RETRY. When an instance
 * stops, its pending requests complete with CPA_STATUS_FAIL.
 *
 * @par Errors
 * A function that fails leaves its output as it was, unless it says otherwise. It records a
 * sentence with the reason for the calling thread: see qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Cancellation
 * A request to cancel the thread (pthread_cancel()) stays pending while a function runs. It takes
 * effect at the next cancellation point of the thread after that.
 *
 * @par Fork
 * A child of fork() holds nothing. Handles of its parent are invalid there, and its own
 * icp_sal_userStart() gives it new ones.
 */
#ifndef CPA_DC_H
#define CPA_DC_H

#include "../cpa.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @brief The major version of the compression API: that of cpa.h. */
#define CPA_DC_API_VERSION_NUM_MAJOR (CPA_API_VERSION_NUM_MAJOR)
/** @brief The minor version. */
#define CPA_DC_API_VERSION_NUM_MINOR (CPA_API_VERSION_NUM_MINOR)

/**
 * @brief Tests whether the version is @p major . @p minor or a later one.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define CPA_DC_API_VERSION_AT_LEAST(major, minor) CPA_API_VERSION_AT_LEAST(major, minor)

/**
 * @brief Tests whether the version is earlier than @p major . @p minor.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define CPA_DC_API_VERSION_LESS_THAN(major, minor) CPA_API_VERSION_LESS_THAN(major, minor)

/** @brief Number of bits of CpaDcInstanceCapabilities::dcChainCapInfo. */
#define CPA_DC_CHAIN_CAP_BITMAP_SIZE (32)

/** @brief A status that some clients compare with; no request has it. */
#define CPA_DC_BAD_DATA (-100)

/**
 * @brief Names a session: the address of the memory that the client gave to cpaDcInitSession().
 */
typedef void *CpaDcSessionHandle;

/* ------------------------------------------------------------------ choices */

/** @brief What a request does to its output at the end of its input. */
typedef enum _CpaDcFlush {
    CPA_DC_FLUSH_NONE =
        0, /**< nothing: the output may end inside a byte that the next request completes */
    CPA_DC_FLUSH_FINAL = 1, /**< ends the stream */
    CPA_DC_FLUSH_SYNC = 2,  /**< ends the output at a byte; later data may refer to earlier data */
    CPA_DC_FLUSH_FULL = 3 /**< ends the output at a byte; later data refers to nothing before it */
} CpaDcFlush;

/** @brief How symbols are coded. */
typedef enum _CpaDcHuffType {
    CPA_DC_HT_STATIC = 0,      /**< the fixed codes of the format */
    CPA_DC_HT_PRECOMP = 1,     /**< not offered */
    CPA_DC_HT_FULL_DYNAMIC = 2 /**< codes made for the data */
} CpaDcHuffType;

/** @brief The format of compressed data. */
typedef enum _CpaDcCompType {
    CPA_DC_DEFLATE = 3, /**< deflate, RFC 1951, without a header */
    CPA_DC_LZ4 = 4,     /**< not offered */
    CPA_DC_LZ4S = 5,    /**< not offered */
    CPA_DC_ZSTD = 6     /**< not offered */
} CpaDcCompType;

/** @brief How far back a match may refer. */
typedef enum _CpaDcCompWindowSize {
    CPA_DC_WINSIZE_4K = 0,  /**< 4 KiB */
    CPA_DC_WINSIZE_8K = 1,  /**< 8 KiB */
    CPA_DC_WINSIZE_16K = 2, /**< 16 KiB */
    CPA_DC_WINSIZE_32K = 3, /**< 32 KiB */
    CPA_DC_WINSIZE_64K = 4  /**< 64 KiB; not for deflate */
} CpaDcCompWindowSize;

/** @brief The shortest match of LZ4s. */
typedef enum _CpaDcCompMinMatch {
    CPA_DC_MIN_3_BYTE_MATCH = 0, /**< 3 bytes */
    CPA_DC_MIN_4_BYTE_MATCH = 1  /**< 4 bytes */
} CpaDcCompMinMatch;

/** @brief The largest block of LZ4. */
typedef enum _CpaDcCompLZ4BlockMaxSize {
    CPA_DC_LZ4_MAX_BLOCK_SIZE_64K = 0,  /**< 64 KiB */
    CPA_DC_LZ4_MAX_BLOCK_SIZE_256K = 1, /**< 256 KiB */
    CPA_DC_LZ4_MAX_BLOCK_SIZE_1M = 2,   /**< 1 MiB */
    CPA_DC_LZ4_MAX_BLOCK_SIZE_4M = 3    /**< 4 MiB */
} CpaDcCompLZ4BlockMaxSize;

/** @brief Sizes of blocks as a mask. */
typedef enum _CpaDcBlockSizeBitmask {
    CPA_DC_BLOCK_SIZE_64K_BITMASK = 1,  /**< 64 KiB */
    CPA_DC_BLOCK_SIZE_256K_BITMASK = 2, /**< 256 KiB */
    CPA_DC_BLOCK_SIZE_1M_BITMASK = 4,   /**< 1 MiB */
    CPA_DC_BLOCK_SIZE_4M_BITMASK = 8    /**< 4 MiB */
} CpaDcBlockSizeBitmask;

/** @brief The checksum of the uncompressed data. */
typedef enum _CpaDcChecksum {
    CPA_DC_NONE = 0,          /**< none */
    CPA_DC_CRC32 = 1,         /**< CRC-32, as gzip has it */
    CPA_DC_ADLER32 = 2,       /**< Adler-32, as zlib has it */
    CPA_DC_CRC32_ADLER32 = 3, /**< both; not offered */
    CPA_DC_XXHASH32 = 4,      /**< not offered */
    CPA_DC_XXHASH64 = 5       /**< not offered */
} CpaDcChecksum;

/** @brief What a session does. */
typedef enum _CpaDcSessionDir {
    CPA_DC_DIR_COMPRESS = 0,   /**< compresses */
    CPA_DC_DIR_DECOMPRESS = 1, /**< decompresses */
    CPA_DC_DIR_COMBINED = 2    /**< both */
} CpaDcSessionDir;

/** @brief Another name of CpaDcSessionDir. */
typedef CpaDcSessionDir CpaDcDir;

/** @brief Whether requests of a session belong together. */
typedef enum _CpaDcSessionState {
    CPA_DC_STATEFUL = 0, /**< they are pieces of one stream */
    CPA_DC_STATELESS = 1 /**< each stands for itself */
} CpaDcSessionState;

/** @brief Another name of CpaDcSessionState. */
typedef CpaDcSessionState CpaDcState;

/** @brief How much work is spent on compression; the highest number compresses best. */
typedef enum _CpaDcCompLvl {
    CPA_DC_L1 = 1,   /**< fastest */
    CPA_DC_L2 = 2,   /**< level 2 */
    CPA_DC_L3 = 3,   /**< level 3 */
    CPA_DC_L4 = 4,   /**< level 4 */
    CPA_DC_L5 = 5,   /**< level 5 */
    CPA_DC_L6 = 6,   /**< level 6 */
    CPA_DC_L7 = 7,   /**< level 7 */
    CPA_DC_L8 = 8,   /**< level 8 */
    CPA_DC_L9 = 9,   /**< level 9 */
    CPA_DC_L10 = 10, /**< as level 9 in the software plane */
    CPA_DC_L11 = 11, /**< as level 9 in the software plane */
    CPA_DC_L12 = 12  /**< as level 9 in the software plane */
} CpaDcCompLvl;

/**
 * @brief What became of a request.
 *
 * The software plane uses those from CPA_DC_OK to CPA_DC_VERIFY_ERROR.
 */
typedef enum _CpaDcReqStatus {
    CPA_DC_OK = 0,                  /**< done */
    CPA_DC_INVALID_BLOCK_TYPE = -1, /**< the data has a block of type 3 */
    CPA_DC_BAD_STORED_BLOCK_LEN =
        -2,                     /**< the length of a stored block contradicts its complement */
    CPA_DC_TOO_MANY_CODES = -3, /**< a block has too many length or distance codes */
    CPA_DC_INCOMPLETE_CODE_LENS = -4,  /**< the code lengths of a block are incomplete */
    CPA_DC_REPEATED_LENS = -5,         /**< a block repeats a code length with no first length */
    CPA_DC_MORE_REPEAT = -6,           /**< a block repeats more code lengths than it has */
    CPA_DC_BAD_LITLEN_CODES = -7,      /**< the literal and length codes are not valid */
    CPA_DC_BAD_DIST_CODES = -8,        /**< the distance codes are not valid */
    CPA_DC_INVALID_CODE = -9,          /**< the data has a code that the block does not define */
    CPA_DC_INVALID_DIST = -10,         /**< a match refers to data before the beginning */
    CPA_DC_OVERFLOW = -11,             /**< the destination is too small */
    CPA_DC_SOFTERR = -12,              /**< another error of the software */
    CPA_DC_FATALERR = -13,             /**< an error that ends the instance */
    CPA_DC_MAX_RESUBITERR = -14,       /**< a request was resubmitted too often */
    CPA_DC_INCOMPLETE_FILE_ERR = -15,  /**< the data ends before its last block */
    CPA_DC_WDOG_TIMER_ERR = -16,       /**< the request took too long */
    CPA_DC_EP_HARDWARE_ERR = -17,      /**< an error of the hardware */
    CPA_DC_VERIFY_ERROR = -18,         /**< what was compressed does not decompress to the source */
    CPA_DC_EMPTY_DYM_BLK = -19,        /**< a dynamic block is empty */
    CPA_DC_CRC_INTEG_ERR = -20,        /**< a CRC on the way differs */
    CPA_DC_REGION_OUT_OF_BOUNDS = -21, /**< a skipped region is outside of the buffer */
    CPA_DC_LZ4_INVALID_COMP_LEN = -24, /**< of LZ4 */
    CPA_DC_ACCEL_PARITY_ERR = -27,     /**< a parity error of the hardware */
    CPA_DC_INVALID_DICT_BUFF = -28,    /**< the dictionary is not valid */
    CPA_DC_LZ4_MULTIBLOCK_WITHOUT_HEADER = -29,         /**< of LZ4 */
    CPA_DC_INVALID_ZSTD_FRAME = -30,                    /**< of Zstandard */
    CPA_DC_ZSTD_REGEN_COMP_SIZE_MISMATCH = -31,         /**< of Zstandard */
    CPA_DC_ZSTD_NO_PRIOR_TREE = -32,                    /**< of Zstandard */
    CPA_DC_ZSTD_HUFFMAN_TREE_BUILD_ERROR = -33,         /**< of Zstandard */
    CPA_DC_ZSTD_MAX_CODELEN_EXCEEDED = -34,             /**< of Zstandard */
    CPA_DC_ZSTD_MAX_ACCURACY_LOG_EXCEEDED = -35,        /**< of Zstandard */
    CPA_DC_ZSTD_HUFFMAN_WEIGHTS_CORRUPTED = -36,        /**< of Zstandard */
    CPA_DC_ZSTD_LIBUFFER_OVERFLOW = -37,                /**< of Zstandard */
    CPA_DC_ZSTD_JUMP_TABLE_CORRUPTED = -38,             /**< of Zstandard */
    CPA_DC_ZSTD_RESERVED_BLOCK_SEEN = -39,              /**< of Zstandard */
    CPA_DC_ZSTD_LITERAL_DECOMPRESSION_DATA_ERROR = -40, /**< of Zstandard */
    CPA_DC_ZSTD_LIT_PADDING_BYTE_CORRUPTED_ERROR = -41, /**< of Zstandard */
    CPA_DC_ZSTD_FSE_TABLE_DECODE_ERROR = -42,           /**< of Zstandard */
    CPA_DC_ZSTD_ACCURACY_LOG_EXCEEDS_MAX = -43,         /**< of Zstandard */
    CPA_DC_ZSTD_INCOMPLETE_SEQUENCE_DATA_BLOCK = -47,   /**< of Zstandard */
    CPA_DC_ZSTD_REPEAT_MODE_WITH_NO_PRIOR_FSE = -48,    /**< of Zstandard */
    CPA_DC_MISC_ERROR = -50,                            /**< another error */
    CPA_DC_ZSTD_SEQ_FSE_TABLE_DECODE_ERROR = -51,       /**< of Zstandard */
    CPA_DC_ZSTD_LITERAL_BUFFER_UNDERRUN = -52,          /**< of Zstandard */
    CPA_DC_ZSTD_SEQ_OVERFLOW_ERROR = -53,               /**< of Zstandard */
    CPA_DC_ZERO_TOKEN_OFFSET = -55,                     /**< of formats that are not offered */
    CPA_DC_ZSTD_SEQ_PADDING_BYTE_CORRUPTED_ERROR = -56, /**< of Zstandard */
    CPA_DC_ZSTD_CMN_TAG_CORRUPTED_ERROR = -57,          /**< of Zstandard */
    CPA_DC_ZSTD_SYMBOL_CPR_MODE_ERROR = -61,            /**< of Zstandard */
    CPA_DC_ZSTD_FRAME_CONTENT_SIZE_MISMATCH = -62,      /**< of Zstandard */
    CPA_DC_ZSTD_FRAME_CONTENT_CHECKSUM_MISMATCH = -63,  /**< of Zstandard */
    CPA_DC_ZSTD_ZERO_COMPRESSED_BLOCK_SIZE = -64,       /**< of Zstandard */
    CPA_DC_ZSTD_FRAME_HEADER_UNDERFLOW_ERROR = -65,     /**< of Zstandard */
    CPA_DC_ZSTD_CONTENT_CHECKSUM_UNDERFLOW_ERROR = -66, /**< of Zstandard */
    CPA_DC_LZ4_MAX_BLOCK_SIZE_EXCEEDED = -93,           /**< of LZ4 */
    CPA_DC_LZ4_BLOCK_OVERFLOW_ERR = -95,                /**< of LZ4 */
    CPA_DC_LZ4_TOKEN_IS_ZERO_ERR = -98,                 /**< of LZ4 */
    CPA_DC_LZ4_DISTANCE_OUT_OF_RANGE_ERR = -100,        /**< of LZ4 */
    CPA_DC_E2E_NO_DECOMPRESSION = -101                  /**< of formats that are not offered */
} CpaDcReqStatus;

/** @brief Whether each block is coded in the way that makes it smallest. */
typedef enum _CpaDcAutoSelectBest {
    CPA_DC_ASB_DISABLED = 0,       /**< as CpaDcHuffType says */
    CPA_DC_ASB_STATIC_DYNAMIC = 1, /**< the smallest way */
    CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_STORED_HDRS =
        2, /**< the smallest way, stored blocks included */
    CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_NO_HDRS = 3, /**< not offered */
    CPA_DC_ASB_ENABLED = 4                             /**< the smallest way */
} CpaDcAutoSelectBest;

/** @brief The size from which CpaDcAutoSelectBest works; not offered. */
typedef enum _CpaDcAsbThreshold {
    CPA_DC_ASB_THRESHOLD_256 = 0,   /**< 256 bytes */
    CPA_DC_ASB_THRESHOLD_512 = 1,   /**< 512 bytes */
    CPA_DC_ASB_THRESHOLD_1024 = 2,  /**< 1024 bytes */
    CPA_DC_ASB_THRESHOLD_2048 = 3,  /**< 2048 bytes */
    CPA_DC_ASB_THRESHOLD_4096 = 4,  /**< 4096 bytes */
    CPA_DC_ASB_THRESHOLD_8192 = 5,  /**< 8192 bytes */
    CPA_DC_ASB_THRESHOLD_16384 = 6, /**< 16384 bytes */
    CPA_DC_ASB_THRESHOLD_32768 = 7, /**< 32768 bytes */
    CPA_DC_ASB_THRESHOLD_65536 = 8  /**< 65536 bytes */
} CpaDcAsbThreshold;

/** @brief The ratio that is worth compression; not offered. */
typedef enum _CpaDcAsbRatio {
    CPA_DC_ASB_RATIO_1_SIXTEENTH = 1,   /**< 1/16 */
    CPA_DC_ASB_RATIO_2_SIXTEENTH = 2,   /**< 2/16 */
    CPA_DC_ASB_RATIO_3_SIXTEENTH = 3,   /**< 3/16 */
    CPA_DC_ASB_RATIO_4_SIXTEENTH = 4,   /**< 4/16 */
    CPA_DC_ASB_RATIO_5_SIXTEENTH = 5,   /**< 5/16 */
    CPA_DC_ASB_RATIO_6_SIXTEENTH = 6,   /**< 6/16 */
    CPA_DC_ASB_RATIO_7_SIXTEENTH = 7,   /**< 7/16 */
    CPA_DC_ASB_RATIO_8_SIXTEENTH = 8,   /**< 8/16 */
    CPA_DC_ASB_RATIO_9_SIXTEENTH = 9,   /**< 9/16 */
    CPA_DC_ASB_RATIO_10_SIXTEENTH = 10, /**< 10/16 */
    CPA_DC_ASB_RATIO_11_SIXTEENTH = 11, /**< 11/16 */
    CPA_DC_ASB_RATIO_12_SIXTEENTH = 12, /**< 12/16 */
    CPA_DC_ASB_RATIO_13_SIXTEENTH = 13, /**< 13/16 */
    CPA_DC_ASB_RATIO_14_SIXTEENTH = 14, /**< 14/16 */
    CPA_DC_ASB_RATIO_15_SIXTEENTH = 15, /**< 15/16 */
    CPA_DC_ASB_RATIO_16_SIXTEENTH = 16  /**< 16/16 */
} CpaDcAsbRatio;

/** @brief Parts of a buffer that are left out. */
typedef enum _CpaDcSkipMode {
    CPA_DC_SKIP_DISABLED = 0, /**< none */
    CPA_DC_SKIP_AT_START = 1, /**< not offered */
    CPA_DC_SKIP_AT_END = 2,   /**< not offered */
    CPA_DC_SKIP_STRIDE = 3    /**< not offered */
} CpaDcSkipMode;

/** @brief The form of a dictionary; not offered. */
typedef enum _CpaDcDictType {
    CPA_DC_UNCOMPRESSED_DICT = 0, /**< not compressed */
    CPA_DC_COMPRESSED_DICT = 1    /**< compressed */
} CpaDcDictType;

/** @brief The form of LZ4 output; not offered. */
typedef enum _CpaDcLZ4OutputFormat {
    CPA_DC_LZ4_OUTPUT_WITH_HEADER = 0,   /**< blocks with headers */
    CPA_DC_LZ4_OUTPUT_WITHOUT_HEADER = 1 /**< blocks without headers */
} CpaDcLZ4OutputFormat;

/** @brief The size of integrity CRCs; not offered. */
typedef enum _CpaDcIntegrityCrcSize {
    CPA_DC_INTEGRITY_CRC32 = 0, /**< 32 bits */
    CPA_DC_INTEGRITY_CRC64 = 1  /**< 64 bits */
} CpaDcIntegrityCrcSize;

/* --------------------------------------------------------------- structures */

/**
 * @brief A function of the client that is called when a request is complete.
 *
 * It runs in the thread that polls or stops the instance; callbacks of an instance run one after
 * the other. It may submit requests with a callback to any instance, and it may stop and start its
 * own instance. It must not throw, and it must not stop another instance, neither by
 * cpaDcStopInstance() nor by icp_sal_userStop() nor by giving dynamic instances back: such a stop
 * waits for the callbacks of the other instance, and these may be waiting for this one.
 *
 * @param[in] callbackTag belongs to the client, and is passed on as it is
 * @param[in] status CPA_STATUS_SUCCESS, also if CpaDcRqResults::status is
 *            CPA_DC_INCOMPLETE_FILE_ERR, or CPA_DC_OVERFLOW of a request that compresses or is
 *            stateful; CPA_STATUS_FAIL if the request failed or its instance was stopped
 */
typedef void (*CpaDcCallbackFn)(void *callbackTag, CpaStatus status);

/**
 * @brief A function of the client that is called when something happens to a compression instance.
 *
 * @param[in] instanceHandle the instance
 * @param[in] pCallbackTag belongs to the client, and is passed on as it is
 * @param[in] instanceEvent what happened
 */
typedef void (*CpaDcInstanceNotificationCbFunc)(const CpaInstanceHandle instanceHandle,
                                                void *pCallbackTag,
                                                const CpaInstanceEvent instanceEvent);

/**
 * @brief What an instance can do: all is CPA_FALSE or 0 if no data plane serves it.
 */
typedef struct _CpaDcInstanceCapabilities {
    CpaBoolean statefulLZSCompression;        /**< stateful compression of LZS; never */
    CpaBoolean statefulLZSDecompression;      /**< stateful decompression of LZS; never */
    CpaBoolean statelessLZSCompression;       /**< stateless compression of LZS; never */
    CpaBoolean statelessLZSDecompression;     /**< stateless decompression of LZS; never */
    CpaBoolean statefulLZSSCompression;       /**< stateful compression of LZSS; never */
    CpaBoolean statefulLZSSDecompression;     /**< stateful decompression of LZSS; never */
    CpaBoolean statelessLZSSCompression;      /**< stateless compression of LZSS; never */
    CpaBoolean statelessLZSSDecompression;    /**< stateless decompression of LZSS; never */
    CpaBoolean statefulELZSCompression;       /**< stateful compression of ELZS; never */
    CpaBoolean statefulELZSDecompression;     /**< stateful decompression of ELZS; never */
    CpaBoolean statelessELZSCompression;      /**< stateless compression of ELZS; never */
    CpaBoolean statelessELZSDecompression;    /**< stateless decompression of ELZS; never */
    CpaBoolean statefulDeflateCompression;    /**< stateful compression of deflate */
    CpaBoolean statefulDeflateDecompression;  /**< stateful decompression of deflate */
    CpaBoolean statelessDeflateCompression;   /**< stateless compression of deflate */
    CpaBoolean statelessDeflateDecompression; /**< stateless decompression of deflate */
    CpaBoolean statelessLZ4Compression;       /**< stateless compression to LZ4 */
    CpaBoolean statelessLZ4Decompression;     /**< stateless decompression of LZ4 */
    CpaBoolean statefulLZ4Decompression;      /**< stateful decompression of LZ4 */
    CpaBoolean statelessLZ4SCompression;      /**< stateless compression to LZ4s */
    CpaBoolean checksumCRC32;                 /**< CPA_DC_CRC32 */
    CpaBoolean checksumAdler32;               /**< CPA_DC_ADLER32 */
    CpaBoolean checksumXXHash32;              /**< CPA_DC_XXHASH32 */
    CpaBoolean dynamicHuffman;                /**< CPA_DC_HT_FULL_DYNAMIC */
    CpaBoolean dynamicHuffmanBufferReq;       /**< dynamic codes need intermediate buffers */
    CpaBoolean precompiledHuffman;            /**< CPA_DC_HT_PRECOMP */
    CpaBoolean autoSelectBestHuffmanTree;     /**< CpaDcAutoSelectBest */
    Cpa8U validWindowSizeMaskCompression;     /**< bit n: CpaDcCompWindowSize n compresses */
    Cpa8U validWindowSizeMaskDecompression;   /**< bit n: CpaDcCompWindowSize n decompresses */
    Cpa32U internalHuffmanMem;                /**< bytes of internal memory for codes; 0 */
    CpaBoolean endOfLastBlock;                /**< CpaDcRqResults::endOfLastBlock is set */
    CpaBoolean reportParityError;             /**< parity errors are reported */
    CpaBoolean batchAndPack;                  /**< batch and pack */
    CpaBoolean compressAndVerify;             /**< CpaDcOpData::compressAndVerify */
    CpaBoolean compressAndVerifyStrict;       /**< every request is verified */
    CpaBoolean compressAndVerifyAndRecover;   /**< CpaDcOpData::compressAndVerifyAndRecover */
    CpaBoolean integrityCrcs;                 /**< integrity CRCs of 32 bits */
    CPA_BITMAP(dcChainCapInfo, CPA_DC_CHAIN_CAP_BITMAP_SIZE); /**< chained operations */
    CpaBoolean integrityCrcs64b;                              /**< integrity CRCs of 64 bits */
} CpaDcInstanceCapabilities;

/**
 * @brief How a session works.
 */
typedef struct _CpaDcSessionSetupData {
    CpaDcCompLvl compLevel;                        /**< level; for compression */
    CpaDcCompType compType;                        /**< format */
    CpaDcHuffType huffType;                        /**< codes; for compression */
    CpaDcAutoSelectBest autoSelectBestHuffmanTree; /**< choice of codes; for compression */
    CpaDcSessionDir sessDirection;                 /**< direction */
    CpaDcSessionState sessState;                   /**< whether requests belong together */
    CpaDcCompWindowSize windowSize; /**< ignored: the window of deflate is 32 KiB. Clients write
                                         what older headers call 32 KiB, 7 */
    CpaDcCompMinMatch minMatch;     /**< of LZ4s; ignored */
    CpaDcCompLZ4BlockMaxSize lz4BlockMaxSize; /**< of LZ4; ignored */
    CpaBoolean lz4BlockChecksum;              /**< of LZ4; ignored */
    CpaBoolean lz4BlockIndependence;          /**< of LZ4; ignored */
    CpaDcChecksum checksum;                   /**< checksum */
    CpaBoolean accumulateXXHash;              /**< of LZ4; ignored */
} CpaDcSessionSetupData;

/** @brief How a request without a session works: sessState must be CPA_DC_STATELESS. */
typedef CpaDcSessionSetupData CpaDcNsSetupData;

/**
 * @brief What can be changed while a session exists.
 */
typedef struct _CpaDcSessionUpdateData {
    CpaDcCompLvl compLevel; /**< level */
    CpaDcHuffType huffType; /**< codes */
    CpaBoolean enableDmm;   /**< must be CPA_FALSE */
} CpaDcSessionUpdateData;

/**
 * @brief Requests of an instance since it was started.
 *
 * A request completes with an error if its status is CPA_STATUS_FAIL, see CpaDcCallbackFn.
 */
typedef struct _CpaDcStats {
    Cpa64U numCompRequests;           /**< compression: accepted */
    Cpa64U numCompRequestsErrors;     /**< compression: refused */
    Cpa64U numCompCompleted;          /**< compression: completed */
    Cpa64U numCompCompletedErrors;    /**< compression: completed with an error */
    Cpa64U numCompCnvErrorsRecovered; /**< compression: the verification failed, and stored blocks
                                         replaced the output */
    Cpa64U numDecompRequests;         /**< decompression: accepted */
    Cpa64U numDecompRequestsErrors;   /**< decompression: refused */
    Cpa64U numDecompCompleted;        /**< decompression: completed */
    Cpa64U numDecompCompletedErrors;  /**< decompression: completed with an error */
} CpaDcStats;

/**
 * @brief The results of a request.
 */
typedef struct _CpaDcRqResults {
    CpaDcReqStatus status; /**< what became of it */
    Cpa32U produced;       /**< bytes written to the destination */
    Cpa32U consumed;       /**< bytes read from the source */
    Cpa32U checksum; /**< in: of a stateless request, the checksum so far, 0 (or for Adler-32 1) at
                        the beginning; out: of the uncompressed data */
    CpaBoolean endOfLastBlock;   /**< CPA_TRUE: the stream has ended */
    CpaBoolean dataUncompressed; /**< CPA_TRUE: the output is stored blocks */
} CpaDcRqResults;

/**
 * @brief Integrity CRCs of 32 bits; not offered.
 */
typedef struct _CpaIntegrityCrc {
    Cpa32U iCrc; /**< of the input */
    Cpa32U oCrc; /**< of the output */
} CpaIntegrityCrc;

/**
 * @brief Integrity CRCs of 64 bits; not offered.
 */
typedef struct _CpaIntegrityCrc64b {
    Cpa64U iCrc; /**< of the input */
    Cpa64U oCrc; /**< of the output */
} CpaIntegrityCrc64b;

/**
 * @brief Several checksums of a request; not offered.
 */
typedef struct _CpaCrcData {
    Cpa32U crc32;                       /**< CRC-32 */
    Cpa32U adler32;                     /**< Adler-32 */
    CpaIntegrityCrc integrityCrc;       /**< integrity CRCs of 32 bits */
    CpaIntegrityCrc64b integrityCrc64b; /**< integrity CRCs of 64 bits */
} CpaCrcData;

/**
 * @brief Which parts of a buffer are left out.
 */
typedef struct _CpaDcSkipData {
    CpaDcSkipMode skipMode; /**< must be CPA_DC_SKIP_DISABLED */
    Cpa32U skipLength;      /**< ignored */
    Cpa32U strideLength;    /**< ignored */
    Cpa32U firstSkipOffset; /**< ignored */
} CpaDcSkipData;

/**
 * @brief Options of one request.
 */
typedef struct _CpaDcOpData {
    CpaDcFlush flushFlag; /**< what is done at the end of the input */
    CpaBoolean
        compressAndVerify; /**< CPA_TRUE: decompress the output and compare it with the source */
    CpaBoolean
        compressAndVerifyAndRecover; /**< CPA_TRUE: store the source in the output if they differ */
    CpaBoolean integrityCrcCheck;    /**< must be CPA_FALSE */
    CpaBoolean verifyHwIntegrityCrcs;       /**< must be CPA_FALSE */
    CpaDcIntegrityCrcSize integrityCrcSize; /**< ignored */
    CpaDcSkipData inputSkipData;            /**< of the source */
    CpaDcSkipData outputSkipData;           /**< of the destination */
    CpaCrcData *pCrcData;                   /**< ignored */
} CpaDcOpData;

/**
 * @brief Options of one request of a chain; not offered.
 */
typedef struct _CpaDcOpData2 {
    CpaDcOpData dcOpData;   /**< options */
    CpaBoolean appendCRC64; /**< append a CRC of 64 bits */
} CpaDcOpData2;

/**
 * @brief A dictionary; not offered.
 */
typedef struct _CpaDcDictionaryData {
    CpaBufferList *pDictionaryBuff;           /**< the dictionary */
    CpaDcDictType dictionaryType;             /**< its form */
    CpaBoolean calcDictionaryIntegCrc;        /**< compute its CRC */
    CpaIntegrityCrc64b dictionaryIntegCrc64b; /**< its CRC */
    Cpa32U dictId;                            /**< its number */
    void *pExtDictionaryData;                 /**< further data */
} CpaDcDictionaryData;

/* ---------------------------------------------------------------- instances */

/**
 * @brief Counts the compression instances of this process: static ones and dynamic ones.
 *
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS the number is written
 * @retval CPA_STATUS_INVALID_PARAM @p pNumInstances is NULL
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaDcGetNumInstances(Cpa16U *pNumInstances);

/**
 * @brief Lists the compression instances of this process, ordered by accelerator id.
 *
 * Static and dynamic instances are listed.
 *
 * @param[in] numInstances handles wanted, 1 or more: the first that many are written
 * @param[out] dcInstances array of @p numInstances elements, which receives the handles
 *
 * @retval CPA_STATUS_SUCCESS the array is filled
 * @retval CPA_STATUS_INVALID_PARAM @p dcInstances is NULL or @p numInstances is 0
 * @retval CPA_STATUS_RESOURCE the process has fewer; nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaDcGetInstances(Cpa16U numInstances, CpaInstanceHandle *dcInstances);

/**
 * @brief Describes a compression instance.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[out] pInstanceInfo2 receives the description, all fields of it
 *
 * @retval CPA_STATUS_SUCCESS the description is written; also after the endpoint is gone, and
 *         operState is CPA_OPER_STATE_DOWN then
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, or @p instanceHandle is not a compression
 *         instance of this process
 *
 * @par Threads
 * Any thread, also while another thread frees the instance.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 *
 * @par Clauses
 * DYN-12, DYN-15
 */
CpaStatus cpaDcInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                                CpaInstanceInfo2 *pInstanceInfo2);

/**
 * @brief Tells what a compression instance can do.
 *
 * The instance need not be started.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[out] pInstanceCapabilities receives the capabilities, all fields of it
 *
 * @retval CPA_STATUS_SUCCESS the capabilities are written; without a data plane, none
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, or @p dcInstance is not a compression
 *         instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcQueryCapabilities(CpaInstanceHandle dcInstance,
                                 CpaDcInstanceCapabilities *pInstanceCapabilities);

/**
 * @brief Tells how many intermediate buffers cpaDcStartInstance() needs.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[out] pNumBuffers the number: 0, because no plane uses any
 *
 * @retval CPA_STATUS_SUCCESS the number is written
 * @retval CPA_STATUS_INVALID_PARAM @p pNumBuffers is NULL, or @p instanceHandle is not a
 *         compression instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcGetNumIntermediateBuffers(CpaInstanceHandle instanceHandle, Cpa16U *pNumBuffers);

/**
 * @brief Makes a compression instance take requests: its operState is CPA_OPER_STATE_UP from then
 * on.
 *
 * If a data plane is chosen, it is loaded at the first start, and it serves the instance until
 * cpaDcStopInstance().
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 * @param[in] numBuffers elements of @p intermediateBuffers; 0 if there are none
 * @param[in] intermediateBuffers scratch memory for dynamic compression; NULL if @p numBuffers is
 *            0. The client keeps it, and this function does not look into it
 *
 * @retval CPA_STATUS_SUCCESS the instance is started; also if it was started before
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process,
 *         or @p intermediateBuffers is NULL although @p numBuffers is not 0
 * @retval CPA_STATUS_FAIL the endpoint of the instance is gone, or the plane cannot be loaded
 * @retval CPA_STATUS_UNSUPPORTED a plane is chosen, and the instance delivers by interrupt
 *         (IsPolled = 0), which no plane does
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcStartInstance(CpaInstanceHandle instanceHandle, Cpa16U numBuffers,
                             CpaBufferList **intermediateBuffers);

/**
 * @brief Makes a compression instance take no more requests.
 *
 * The instance stays with this process. Its pending requests complete with CPA_STATUS_FAIL before
 * the function returns, and its sessions are removed. When the function returns, no callback of the
 * instance runs in another thread, also if several threads stop it at the same time. A callback may
 * stop its own instance, but no other: see CpaDcCallbackFn.
 *
 * @param[in] instanceHandle a compression instance of this process, static or dynamic
 *
 * @retval CPA_STATUS_SUCCESS the instance is stopped; also if it was not started
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcStopInstance(CpaInstanceHandle instanceHandle);

/**
 * @brief Registers a function that is called when something happens to an instance.
 *
 * icp_sal_poll_device_events() calls it. The registration ends when the instance is freed, or at
 * the last icp_sal_userStop().
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[in] pInstanceNotificationCb the function, in place of an earlier one; NULL: none
 * @param[in] pCallbackTag passed to the function
 *
 * @retval CPA_STATUS_SUCCESS the function is registered
 * @retval CPA_STATUS_INVALID_PARAM @p instanceHandle is not a compression instance of this process
 * @retval CPA_STATUS_FAIL there is no memory
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus
cpaDcInstanceSetNotificationCb(const CpaInstanceHandle instanceHandle,
                               const CpaDcInstanceNotificationCbFunc pInstanceNotificationCb,
                               void *pCallbackTag);

/**
 * @brief Accepts a translation of addresses, which is not used.
 *
 * The library translates addresses itself.
 *
 * @param[in] instanceHandle a compression instance of this process
 * @param[in] virtual2Physical the translation; usually qaeVirtToPhysNUMA()
 *
 * @retval CPA_STATUS_SUCCESS the function is accepted
 * @retval CPA_STATUS_INVALID_PARAM @p virtual2Physical is NULL, or @p instanceHandle is not a
 *         compression instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcSetAddressTranslation(const CpaInstanceHandle instanceHandle,
                                     CpaVirtualToPhysical virtual2Physical);

/**
 * @brief Counts the requests of an instance since it was started.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[out] pStatistics receives the counts; 0 if no plane serves the instance
 *
 * @retval CPA_STATUS_SUCCESS the counts are written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, or @p dcInstance is not a compression
 *         instance of this process
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcGetStats(CpaInstanceHandle dcInstance, CpaDcStats *pStatistics);

/**
 * @brief Translates a status value to words.
 *
 * The words say what the value means. qaeLastError() says why a function returned it. The result is
 * that of cpaGetStatusText().
 *
 * @param[in] dcInstance ignored; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of #CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes, which receives the
 *             words and their NUL
 *
 * @retval CPA_STATUS_SUCCESS the words are written
 * @retval CPA_STATUS_INVALID_PARAM @p pStatusText is NULL, or @p errStatus is not a status value;
 *         nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcGetStatusText(const CpaInstanceHandle dcInstance, const CpaStatus errStatus,
                             Cpa8S *pStatusText);

/* ----------------------------------------------------------------- sessions */

/**
 * @brief Tells how much memory a session needs.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionData how the session will work
 * @param[out] pSessionSize bytes of the session
 * @param[out] pContextSize bytes of the context; 0 for stateless sessions
 *
 * @retval CPA_STATUS_SUCCESS the sizes are written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, or a field of @p pSessionData has no valid value
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer
 *         what @p pSessionData asks for
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcGetSessionSize(CpaInstanceHandle dcInstance, CpaDcSessionSetupData *pSessionData,
                              Cpa32U *pSessionSize, Cpa32U *pContextSize);

/**
 * @brief Makes a session in memory of the client.
 *
 * If the memory already has a session, also of another instance, the new session takes its place.
 * The earlier one must not have pending requests. It stays as it is if the function fails.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle memory of the size that cpaDcGetSessionSize() says, in a block of
 *            qaeMemAllocNUMA(); it belongs to the session until cpaDcRemoveSession()
 * @param[in] pSessionData how the session works
 * @param[in] pContextBuffer context of a stateful session; may be NULL, because the planes keep it
 *            themselves
 * @param[in] callbackFn called when a request is complete; NULL: requests are synchronous
 *
 * @retval CPA_STATUS_SUCCESS the session exists
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the memory is not in a live block or has a session with pending
 *         requests, or a field of @p pSessionData has no valid value
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer
 *         what @p pSessionData asks for
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcInitSession(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                           CpaDcSessionSetupData *pSessionData, CpaBufferList *pContextBuffer,
                           CpaDcCallbackFn callbackFn);

/**
 * @brief Sets a session back to its beginning.
 *
 * The next request begins a new stream.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 *
 * @retval CPA_STATUS_SUCCESS the session is as new
 * @retval CPA_STATUS_INVALID_PARAM @p dcInstance is not a compression instance of this process, or
 *         @p pSessionHandle is not a session of it
 * @retval CPA_STATUS_RETRY the session has pending requests
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcResetSession(const CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle);

/**
 * @brief Changes the level and the codes of a stateless session.
 *
 * Pending requests keep theirs.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 * @param[in] pSessionUpdateData level and codes
 *
 * @retval CPA_STATUS_SUCCESS later requests use them
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, @p pSessionHandle is not a session of it, or a field of @p
 *         pSessionUpdateData has no valid value
 * @retval CPA_STATUS_UNSUPPORTED the session is stateful, the plane does not offer it, or no data
 *         plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcUpdateSession(const CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                             CpaDcSessionUpdateData *pSessionUpdateData);

/**
 * @brief Ends a session; its memory is the client's again.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 *
 * @retval CPA_STATUS_SUCCESS the session is gone
 * @retval CPA_STATUS_INVALID_PARAM @p dcInstance is not a compression instance of this process, or
 *         @p pSessionHandle is not a session of it
 * @retval CPA_STATUS_RETRY the session has pending requests
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance
 * @retval CPA_STATUS_FAIL the instance is not started
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcRemoveSession(const CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle);

/**
 * @brief Sets another CRC for a session; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] pCrcControlData ignored: how the CRC is computed
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcSetCrcControlData(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                 CpaCrcControlData *pCrcControlData);

/**
 * @brief Sets the form of LZ4 output; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] outLZ4Format ignored: the form
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcSetLZ4OutputFormat(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                  CpaDcLZ4OutputFormat outLZ4Format);

/**
 * @brief Resets the XXHash of a session; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcResetXXHashState(const CpaInstanceHandle dcInstance,
                                CpaDcSessionHandle pSessionHandle);

/**
 * @brief Sets the size from which CpaDcAutoSelectBest works; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] asbThreshold ignored: the size
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcSetAsbThreshold(const CpaInstanceHandle dcInstance,
                               CpaDcSessionHandle pSessionHandle, CpaDcAsbThreshold asbThreshold);

/**
 * @brief Sets the ratio that is worth compression; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] asbRatio ignored: the ratio
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcSetAsbRatio(const CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                           CpaDcAsbRatio asbRatio);

/* ----------------------------------------------------------------- requests */

/**
 * @brief Compresses, and verifies the output of a stateless session.
 *
 * The result is CPA_DC_OVERFLOW if the destination is too small. A stateless request has then
 * consumed and produced nothing; a stateful one goes on with the rest of the source.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] flushFlag what is done at the end of the input
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK, or CPA_DC_OVERFLOW if the destination is too small
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes, or the session is
 *         stateful and has a pending request; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcCompressData(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                            CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                            CpaDcRqResults *pResults, CpaDcFlush flushFlag, void *callbackTag);

/**
 * @brief Compresses as the options say.
 *
 * As cpaDcCompressData(), but verifies only if the options ask for it. Verification is for
 * stateless sessions.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in] pOpData options; not used after the function returns
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK, or CPA_DC_OVERFLOW if the destination is too small
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes, or the session is
 *         stateful and has a pending request; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcCompressData2(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                             CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                             CpaDcOpData *pOpData, CpaDcRqResults *pResults, void *callbackTag);

/**
 * @brief Compresses without a session.
 *
 * Otherwise as cpaDcCompressData2().
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSetupData how the request works; not used after the function returns
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in] pOpData options; not used after the function returns
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] callbackFn called when the request is complete; NULL: the request is synchronous
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK, or CPA_DC_OVERFLOW if the destination is too small
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcNsCompressData(CpaInstanceHandle dcInstance, CpaDcNsSetupData *pSetupData,
                              CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                              CpaDcOpData *pOpData, CpaDcRqResults *pResults,
                              CpaDcCallbackFn callbackFn, void *callbackTag);

/**
 * @brief Compresses with a dictionary; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] pSrcBuff ignored
 * @param[in] pDestBuff ignored
 * @param[in] pDictionaryData ignored
 * @param[in] pOpData ignored
 * @param[out] pResults ignored
 * @param[in] callbackTag ignored
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcCompressDataWithDict(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                                    CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                    CpaDcDictionaryData *pDictionaryData, CpaDcOpData *pOpData,
                                    CpaDcRqResults *pResults, void *callbackTag);

/**
 * @brief Decompresses.
 *
 * What follows the last block is not consumed. The result is CPA_DC_OVERFLOW if the destination is
 * too small; what was produced is valid. A stateful request goes on with the rest of the source,
 * which may have no bytes. A stateless request with CPA_DC_FLUSH_FINAL whose source ends before its
 * last block has the status CPA_DC_INCOMPLETE_FILE_ERR.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] flushFlag what is done at the end of the input
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK, CPA_DC_OVERFLOW of a stateful session, or
 *         CPA_DC_INCOMPLETE_FILE_ERR of a stateless one
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes, or the session is
 *         stateful and has a pending request; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcDecompressData(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                              CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                              CpaDcRqResults *pResults, CpaDcFlush flushFlag, void *callbackTag);

/**
 * @brief Decompresses as the options say.
 *
 * As cpaDcDecompressData(); options of compression are ignored.
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSessionHandle a session of the instance
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in] pOpData options; not used after the function returns
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK, CPA_DC_OVERFLOW of a stateful session, or
 *         CPA_DC_INCOMPLETE_FILE_ERR of a stateless one
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes, or the session is
 *         stateful and has a pending request; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcDecompressData2(CpaInstanceHandle dcInstance, CpaDcSessionHandle pSessionHandle,
                               CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                               CpaDcOpData *pOpData, CpaDcRqResults *pResults, void *callbackTag);

/**
 * @brief Decompresses without a session.
 *
 * Otherwise as cpaDcDecompressData2().
 *
 * @param[in] dcInstance a compression instance of this process
 * @param[in] pSetupData how the request works; not used after the function returns
 * @param[in] pSrcBuff the source; its buffers may have any length, 0 included
 * @param[in] pDestBuff the destination; it must not overlap the source
 * @param[in] pOpData options; not used after the function returns
 * @param[in,out] pResults see CpaDcRqResults; written when the request is complete
 * @param[in] callbackFn called when the request is complete; NULL: the request is synchronous
 * @param[in] callbackTag passed to the callback
 *
 * @retval CPA_STATUS_SUCCESS the request is submitted; without a callback, it is complete, and its
 *         status is CPA_DC_OK or CPA_DC_INCOMPLETE_FILE_ERR
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, @p dcInstance is not a compression instance
 *         of this process, the session is not one of it or not of this direction, source and
 *         destination overlap, the destination has no bytes, a list has more than 4 GiB, memory is
 *         not in a live block of qaeMemAllocNUMA(), or an option has no valid value
 * @retval CPA_STATUS_RETRY the instance has as many requests as it takes; poll, and submit again
 * @retval CPA_STATUS_UNSUPPORTED no data plane serves the instance, or the plane does not offer an
 *         option
 * @retval CPA_STATUS_FAIL the instance is not started, or there is no memory; without a callback
 *         also that the request failed, and CpaDcRqResults::status says how
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcNsDecompressData(CpaInstanceHandle dcInstance, CpaDcNsSetupData *pSetupData,
                                CpaBufferList *pSrcBuff, CpaBufferList *pDestBuff,
                                CpaDcOpData *pOpData, CpaDcRqResults *pResults,
                                CpaDcCallbackFn callbackFn, void *callbackTag);

/**
 * @brief Decompresses with a dictionary; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] pSessionHandle ignored
 * @param[in] pSrcBuff ignored
 * @param[in] pDestBuff ignored
 * @param[in] pDictionaryData ignored
 * @param[in] pOpData ignored
 * @param[out] pResults ignored
 * @param[in] callbackTag ignored
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcDecompressDataWithDict(CpaInstanceHandle dcInstance,
                                      CpaDcSessionHandle pSessionHandle, CpaBufferList *pSrcBuff,
                                      CpaBufferList *pDestBuff,
                                      CpaDcDictionaryData *pDictionaryData, CpaDcOpData *pOpData,
                                      CpaDcRqResults *pResults, void *callbackTag);

/* -------------------------------------------------------------------- sizes */

/**
 * @brief Tells how large a destination always suffices for deflate.
 *
 * @param[in] dcInstance ignored; may be NULL
 * @param[in] huffType codes: CPA_DC_HT_STATIC or CPA_DC_HT_FULL_DYNAMIC
 * @param[in] inputSize bytes of the source
 * @param[out] outputSize bytes of the destination
 *
 * @retval CPA_STATUS_SUCCESS the size is written
 * @retval CPA_STATUS_INVALID_PARAM @p outputSize is NULL, @p inputSize is 0, the size does not fit
 *         in 32 bits, or @p huffType is not one of the two
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcDeflateCompressBound(const CpaInstanceHandle dcInstance, CpaDcHuffType huffType,
                                    Cpa32U inputSize, Cpa32U *outputSize);

/**
 * @brief Tells how large a destination suffices for LZ4; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] inputSize ignored
 * @param[out] outputSize not written
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcLZ4CompressBound(const CpaInstanceHandle dcInstance, Cpa32U inputSize,
                                Cpa32U *outputSize);

/**
 * @brief Tells how large a destination suffices for LZ4s; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] inputSize ignored
 * @param[out] outputSize not written
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcLZ4SCompressBound(const CpaInstanceHandle dcInstance, Cpa32U inputSize,
                                 Cpa32U *outputSize);

/**
 * @brief Tells how large a destination suffices for Zstandard; not offered.
 *
 * @param[in] dcInstance ignored
 * @param[in] inputSize ignored
 * @param[out] outputSize not written
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcZstdCompressBound(const CpaInstanceHandle dcInstance, Cpa32U inputSize,
                                 Cpa32U *outputSize);

/**
 * @brief Tells how large CpaBufferList::pPrivateMetaData has to be.
 *
 * @param[in] instanceHandle ignored; may be NULL
 * @param[in] numBuffers elements of the list, 1 or more
 * @param[out] pSizeInBytes bytes of the metadata; never 0
 *
 * @retval CPA_STATUS_SUCCESS the size is written
 * @retval CPA_STATUS_INVALID_PARAM @p pSizeInBytes is NULL, @p numBuffers is 0, or the size does
 *         not fit in 32 bits
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcBufferListGetMetaSize(const CpaInstanceHandle instanceHandle, Cpa32U numBuffers,
                                     Cpa32U *pSizeInBytes);

/**
 * @brief Tells how large the metadata of a source with a dictionary has to be; not offered.
 *
 * @param[in] instanceHandle ignored
 * @param[in] numDictBuffers ignored
 * @param[in] numSourceBuffers ignored
 * @param[out] pSizeInBytes not written
 *
 * @retval CPA_STATUS_UNSUPPORTED always; the capabilities say so
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * The same in a child of fork().
 */
CpaStatus cpaDcGetMetaSizeForSrcBuffWithDict(const CpaInstanceHandle instanceHandle,
                                             Cpa32U numDictBuffers, Cpa32U numSourceBuffers,
                                             Cpa32U *pSizeInBytes);

/* ------------------------------------------------------ headers and footers */

/**
 * @brief Writes the header of a stream: of gzip with CPA_DC_CRC32, of zlib with CPA_DC_ADLER32.
 *
 * @param[in] pSessionHandle a session that compresses
 * @param[in] pDestBuff where it is written; any memory
 * @param[out] count bytes written: 10, 2, or 0 without a checksum
 *
 * @retval CPA_STATUS_SUCCESS the header is written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, the buffer is too small, or @p pSessionHandle
 *         is not a session that compresses
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcGenerateHeader(CpaDcSessionHandle pSessionHandle, CpaFlatBuffer *pDestBuff,
                              Cpa32U *count);

/**
 * @brief Writes the footer of a stream: the checksum, and for gzip the length of all that the
 * session has compressed.
 *
 * @param[in] pSessionHandle a session that compresses
 * @param[in] pDestBuff where it is written; any memory
 * @param[in,out] pResults results of the last request: its checksum is written; produced grows by
 *            the bytes written, 8 for gzip or 4 for zlib
 *
 * @retval CPA_STATUS_SUCCESS the footer is written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, the buffer is too small, or @p pSessionHandle
 *         is not a session that compresses
 * @retval CPA_STATUS_UNSUPPORTED the session has no checksum
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 */
CpaStatus cpaDcGenerateFooter(CpaDcSessionHandle pSessionHandle, CpaFlatBuffer *pDestBuff,
                              CpaDcRqResults *pResults);

/**
 * @brief Writes the header of a stream that is compressed without a session.
 *
 * @param[in] pSetupData how it is compressed
 * @param[in] pDestBuff where it is written; any memory
 * @param[out] count bytes written: 10, 2, or 0 without a checksum
 *
 * @retval CPA_STATUS_SUCCESS the header is written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, the buffer is too small, or @p pSetupData has
 *         no valid value or decompresses
 * @retval CPA_STATUS_UNSUPPORTED the format is not deflate
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcNsGenerateHeader(CpaDcNsSetupData *pSetupData, CpaFlatBuffer *pDestBuff,
                                Cpa32U *count);

/**
 * @brief Writes the footer of a stream that was compressed without a session.
 *
 * @param[in] pSetupData how it was compressed
 * @param[in] totalLength bytes of the uncompressed data
 * @param[in] pDestBuff where it is written; any memory
 * @param[in,out] pResults as for cpaDcGenerateFooter()
 *
 * @retval CPA_STATUS_SUCCESS the footer is written
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, the buffer is too small, or @p pSetupData has
 *         no valid value or decompresses
 * @retval CPA_STATUS_UNSUPPORTED the format is not deflate, or there is no checksum
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaDcNsGenerateFooter(CpaDcNsSetupData *pSetupData, Cpa64U totalLength,
                                CpaFlatBuffer *pDestBuff, CpaDcRqResults *pResults);

#ifdef __cplusplus
}
#endif

#endif /* CPA_DC_H */
