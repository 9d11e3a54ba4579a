/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * abi_dc_checks.h - the binary interface of compression, see abi_checks.h, which includes this.
 */
#ifndef QAE_TESTS_API_ABI_DC_CHECKS_H
#define QAE_TESTS_API_ABI_DC_CHECKS_H

ABI_VALUE(CPA_DC_FLUSH_NONE, 0);
ABI_VALUE(CPA_DC_FLUSH_FINAL, 1);
ABI_VALUE(CPA_DC_FLUSH_SYNC, 2);
ABI_VALUE(CPA_DC_FLUSH_FULL, 3);
ABI_SIZE(CpaDcFlush, 4);

ABI_VALUE(CPA_DC_HT_STATIC, 0);
ABI_VALUE(CPA_DC_HT_PRECOMP, 1);
ABI_VALUE(CPA_DC_HT_FULL_DYNAMIC, 2);
ABI_SIZE(CpaDcHuffType, 4);

ABI_VALUE(CPA_DC_DEFLATE, 3);
ABI_VALUE(CPA_DC_LZ4, 4);
ABI_VALUE(CPA_DC_LZ4S, 5);
ABI_VALUE(CPA_DC_ZSTD, 6);
ABI_SIZE(CpaDcCompType, 4);

ABI_VALUE(CPA_DC_WINSIZE_4K, 0);
ABI_VALUE(CPA_DC_WINSIZE_8K, 1);
ABI_VALUE(CPA_DC_WINSIZE_16K, 2);
ABI_VALUE(CPA_DC_WINSIZE_32K, 3);
ABI_VALUE(CPA_DC_WINSIZE_64K, 4);
ABI_SIZE(CpaDcCompWindowSize, 4);

ABI_VALUE(CPA_DC_MIN_3_BYTE_MATCH, 0);
ABI_VALUE(CPA_DC_MIN_4_BYTE_MATCH, 1);
ABI_SIZE(CpaDcCompMinMatch, 4);

ABI_VALUE(CPA_DC_LZ4_MAX_BLOCK_SIZE_64K, 0);
ABI_VALUE(CPA_DC_LZ4_MAX_BLOCK_SIZE_256K, 1);
ABI_VALUE(CPA_DC_LZ4_MAX_BLOCK_SIZE_1M, 2);
ABI_VALUE(CPA_DC_LZ4_MAX_BLOCK_SIZE_4M, 3);
ABI_SIZE(CpaDcCompLZ4BlockMaxSize, 4);

ABI_VALUE(CPA_DC_BLOCK_SIZE_64K_BITMASK, 1);
ABI_VALUE(CPA_DC_BLOCK_SIZE_256K_BITMASK, 2);
ABI_VALUE(CPA_DC_BLOCK_SIZE_1M_BITMASK, 4);
ABI_VALUE(CPA_DC_BLOCK_SIZE_4M_BITMASK, 8);
ABI_SIZE(CpaDcBlockSizeBitmask, 4);

ABI_VALUE(CPA_DC_NONE, 0);
ABI_VALUE(CPA_DC_CRC32, 1);
ABI_VALUE(CPA_DC_ADLER32, 2);
ABI_VALUE(CPA_DC_CRC32_ADLER32, 3);
ABI_VALUE(CPA_DC_XXHASH32, 4);
ABI_VALUE(CPA_DC_XXHASH64, 5);
ABI_SIZE(CpaDcChecksum, 4);

ABI_VALUE(CPA_DC_DIR_COMPRESS, 0);
ABI_VALUE(CPA_DC_DIR_DECOMPRESS, 1);
ABI_VALUE(CPA_DC_DIR_COMBINED, 2);
ABI_SIZE(CpaDcSessionDir, 4);

ABI_VALUE(CPA_DC_STATEFUL, 0);
ABI_VALUE(CPA_DC_STATELESS, 1);
ABI_SIZE(CpaDcSessionState, 4);

ABI_VALUE(CPA_DC_L1, 1);
ABI_VALUE(CPA_DC_L2, 2);
ABI_VALUE(CPA_DC_L3, 3);
ABI_VALUE(CPA_DC_L4, 4);
ABI_VALUE(CPA_DC_L5, 5);
ABI_VALUE(CPA_DC_L6, 6);
ABI_VALUE(CPA_DC_L7, 7);
ABI_VALUE(CPA_DC_L8, 8);
ABI_VALUE(CPA_DC_L9, 9);
ABI_VALUE(CPA_DC_L10, 10);
ABI_VALUE(CPA_DC_L11, 11);
ABI_VALUE(CPA_DC_L12, 12);
ABI_SIZE(CpaDcCompLvl, 4);

ABI_VALUE(CPA_DC_OK, 0);
ABI_VALUE(CPA_DC_INVALID_BLOCK_TYPE, -1);
ABI_VALUE(CPA_DC_BAD_STORED_BLOCK_LEN, -2);
ABI_VALUE(CPA_DC_TOO_MANY_CODES, -3);
ABI_VALUE(CPA_DC_INCOMPLETE_CODE_LENS, -4);
ABI_VALUE(CPA_DC_REPEATED_LENS, -5);
ABI_VALUE(CPA_DC_MORE_REPEAT, -6);
ABI_VALUE(CPA_DC_BAD_LITLEN_CODES, -7);
ABI_VALUE(CPA_DC_BAD_DIST_CODES, -8);
ABI_VALUE(CPA_DC_INVALID_CODE, -9);
ABI_VALUE(CPA_DC_INVALID_DIST, -10);
ABI_VALUE(CPA_DC_OVERFLOW, -11);
ABI_VALUE(CPA_DC_SOFTERR, -12);
ABI_VALUE(CPA_DC_FATALERR, -13);
ABI_VALUE(CPA_DC_MAX_RESUBITERR, -14);
ABI_VALUE(CPA_DC_INCOMPLETE_FILE_ERR, -15);
ABI_VALUE(CPA_DC_WDOG_TIMER_ERR, -16);
ABI_VALUE(CPA_DC_EP_HARDWARE_ERR, -17);
ABI_VALUE(CPA_DC_VERIFY_ERROR, -18);
ABI_VALUE(CPA_DC_EMPTY_DYM_BLK, -19);
ABI_VALUE(CPA_DC_CRC_INTEG_ERR, -20);
ABI_VALUE(CPA_DC_REGION_OUT_OF_BOUNDS, -21);
ABI_VALUE(CPA_DC_LZ4_INVALID_COMP_LEN, -24);
ABI_VALUE(CPA_DC_ACCEL_PARITY_ERR, -27);
ABI_VALUE(CPA_DC_INVALID_DICT_BUFF, -28);
ABI_VALUE(CPA_DC_LZ4_MULTIBLOCK_WITHOUT_HEADER, -29);
ABI_VALUE(CPA_DC_INVALID_ZSTD_FRAME, -30);
ABI_VALUE(CPA_DC_ZSTD_REGEN_COMP_SIZE_MISMATCH, -31);
ABI_VALUE(CPA_DC_ZSTD_NO_PRIOR_TREE, -32);
ABI_VALUE(CPA_DC_ZSTD_HUFFMAN_TREE_BUILD_ERROR, -33);
ABI_VALUE(CPA_DC_ZSTD_MAX_CODELEN_EXCEEDED, -34);
ABI_VALUE(CPA_DC_ZSTD_MAX_ACCURACY_LOG_EXCEEDED, -35);
ABI_VALUE(CPA_DC_ZSTD_HUFFMAN_WEIGHTS_CORRUPTED, -36);
ABI_VALUE(CPA_DC_ZSTD_LIBUFFER_OVERFLOW, -37);
ABI_VALUE(CPA_DC_ZSTD_JUMP_TABLE_CORRUPTED, -38);
ABI_VALUE(CPA_DC_ZSTD_RESERVED_BLOCK_SEEN, -39);
ABI_VALUE(CPA_DC_ZSTD_LITERAL_DECOMPRESSION_DATA_ERROR, -40);
ABI_VALUE(CPA_DC_ZSTD_LIT_PADDING_BYTE_CORRUPTED_ERROR, -41);
ABI_VALUE(CPA_DC_ZSTD_FSE_TABLE_DECODE_ERROR, -42);
ABI_VALUE(CPA_DC_ZSTD_ACCURACY_LOG_EXCEEDS_MAX, -43);
ABI_VALUE(CPA_DC_ZSTD_INCOMPLETE_SEQUENCE_DATA_BLOCK, -47);
ABI_VALUE(CPA_DC_ZSTD_REPEAT_MODE_WITH_NO_PRIOR_FSE, -48);
ABI_VALUE(CPA_DC_MISC_ERROR, -50);
ABI_VALUE(CPA_DC_ZSTD_SEQ_FSE_TABLE_DECODE_ERROR, -51);
ABI_VALUE(CPA_DC_ZSTD_LITERAL_BUFFER_UNDERRUN, -52);
ABI_VALUE(CPA_DC_ZSTD_SEQ_OVERFLOW_ERROR, -53);
ABI_VALUE(CPA_DC_ZERO_TOKEN_OFFSET, -55);
ABI_VALUE(CPA_DC_ZSTD_SEQ_PADDING_BYTE_CORRUPTED_ERROR, -56);
ABI_VALUE(CPA_DC_ZSTD_CMN_TAG_CORRUPTED_ERROR, -57);
ABI_VALUE(CPA_DC_ZSTD_SYMBOL_CPR_MODE_ERROR, -61);
ABI_VALUE(CPA_DC_ZSTD_FRAME_CONTENT_SIZE_MISMATCH, -62);
ABI_VALUE(CPA_DC_ZSTD_FRAME_CONTENT_CHECKSUM_MISMATCH, -63);
ABI_VALUE(CPA_DC_ZSTD_ZERO_COMPRESSED_BLOCK_SIZE, -64);
ABI_VALUE(CPA_DC_ZSTD_FRAME_HEADER_UNDERFLOW_ERROR, -65);
ABI_VALUE(CPA_DC_ZSTD_CONTENT_CHECKSUM_UNDERFLOW_ERROR, -66);
ABI_VALUE(CPA_DC_LZ4_MAX_BLOCK_SIZE_EXCEEDED, -93);
ABI_VALUE(CPA_DC_LZ4_BLOCK_OVERFLOW_ERR, -95);
ABI_VALUE(CPA_DC_LZ4_TOKEN_IS_ZERO_ERR, -98);
ABI_VALUE(CPA_DC_LZ4_DISTANCE_OUT_OF_RANGE_ERR, -100);
ABI_VALUE(CPA_DC_E2E_NO_DECOMPRESSION, -101);
ABI_SIZE(CpaDcReqStatus, 4);

ABI_VALUE(CPA_DC_ASB_DISABLED, 0);
ABI_VALUE(CPA_DC_ASB_STATIC_DYNAMIC, 1);
ABI_VALUE(CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_STORED_HDRS, 2);
ABI_VALUE(CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_NO_HDRS, 3);
ABI_VALUE(CPA_DC_ASB_ENABLED, 4);
ABI_SIZE(CpaDcAutoSelectBest, 4);

ABI_VALUE(CPA_DC_ASB_THRESHOLD_256, 0);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_512, 1);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_1024, 2);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_2048, 3);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_4096, 4);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_8192, 5);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_16384, 6);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_32768, 7);
ABI_VALUE(CPA_DC_ASB_THRESHOLD_65536, 8);
ABI_SIZE(CpaDcAsbThreshold, 4);

ABI_VALUE(CPA_DC_ASB_RATIO_1_SIXTEENTH, 1);
ABI_VALUE(CPA_DC_ASB_RATIO_2_SIXTEENTH, 2);
ABI_VALUE(CPA_DC_ASB_RATIO_3_SIXTEENTH, 3);
ABI_VALUE(CPA_DC_ASB_RATIO_4_SIXTEENTH, 4);
ABI_VALUE(CPA_DC_ASB_RATIO_5_SIXTEENTH, 5);
ABI_VALUE(CPA_DC_ASB_RATIO_6_SIXTEENTH, 6);
ABI_VALUE(CPA_DC_ASB_RATIO_7_SIXTEENTH, 7);
ABI_VALUE(CPA_DC_ASB_RATIO_8_SIXTEENTH, 8);
ABI_VALUE(CPA_DC_ASB_RATIO_9_SIXTEENTH, 9);
ABI_VALUE(CPA_DC_ASB_RATIO_10_SIXTEENTH, 10);
ABI_VALUE(CPA_DC_ASB_RATIO_11_SIXTEENTH, 11);
ABI_VALUE(CPA_DC_ASB_RATIO_12_SIXTEENTH, 12);
ABI_VALUE(CPA_DC_ASB_RATIO_13_SIXTEENTH, 13);
ABI_VALUE(CPA_DC_ASB_RATIO_14_SIXTEENTH, 14);
ABI_VALUE(CPA_DC_ASB_RATIO_15_SIXTEENTH, 15);
ABI_VALUE(CPA_DC_ASB_RATIO_16_SIXTEENTH, 16);
ABI_SIZE(CpaDcAsbRatio, 4);

ABI_VALUE(CPA_DC_SKIP_DISABLED, 0);
ABI_VALUE(CPA_DC_SKIP_AT_START, 1);
ABI_VALUE(CPA_DC_SKIP_AT_END, 2);
ABI_VALUE(CPA_DC_SKIP_STRIDE, 3);
ABI_SIZE(CpaDcSkipMode, 4);

ABI_VALUE(CPA_DC_UNCOMPRESSED_DICT, 0);
ABI_VALUE(CPA_DC_COMPRESSED_DICT, 1);
ABI_SIZE(CpaDcDictType, 4);

ABI_VALUE(CPA_DC_LZ4_OUTPUT_WITH_HEADER, 0);
ABI_VALUE(CPA_DC_LZ4_OUTPUT_WITHOUT_HEADER, 1);
ABI_SIZE(CpaDcLZ4OutputFormat, 4);

ABI_VALUE(CPA_DC_INTEGRITY_CRC32, 0);
ABI_VALUE(CPA_DC_INTEGRITY_CRC64, 1);
ABI_SIZE(CpaDcIntegrityCrcSize, 4);

ABI_VALUE(CPA_DC_CAP_BOOL_STATELESS, 0);
ABI_VALUE(CPA_DC_CAP_BOOL_STATEFUL, 1);
ABI_VALUE(CPA_DC_CAP_BOOL_STATEFUL_LITE, 2);
ABI_VALUE(CPA_DC_CAP_BOOL_WINDOW_SIZE_4K, 3);
ABI_VALUE(CPA_DC_CAP_BOOL_WINDOW_SIZE_8K, 4);
ABI_VALUE(CPA_DC_CAP_BOOL_WINDOW_SIZE_16K, 5);
ABI_VALUE(CPA_DC_CAP_BOOL_WINDOW_SIZE_32K, 6);
ABI_VALUE(CPA_DC_CAP_BOOL_WINDOW_SIZE_64K, 7);
ABI_VALUE(CPA_DC_CAP_U32_DEFAULT_WINDOW_SIZE, 8);
ABI_VALUE(CPA_DC_CAP_BOOL_DYNAMIC_HUFFMAN, 9);
ABI_VALUE(CPA_DC_CAP_BOOL_STATIC_HUFFMAN, 10);
ABI_VALUE(CPA_DC_CAP_BOOL_BLOCK_CHECKSUM, 11);
ABI_VALUE(CPA_DC_CAP_BOOL_ACCUMULATE_XXHASH, 12);
ABI_VALUE(CPA_DC_CAP_BOOL_BLOCK_SIZE_64K, 13);
ABI_VALUE(CPA_DC_CAP_BOOL_BLOCK_SIZE_256K, 14);
ABI_VALUE(CPA_DC_CAP_BOOL_BLOCK_SIZE_1M, 15);
ABI_VALUE(CPA_DC_CAP_BOOL_BLOCK_SIZE_4M, 16);
ABI_VALUE(CPA_DC_CAP_U32_BLOCK_SIZE_BITMASK, 17);
ABI_VALUE(CPA_DC_CAP_BOOL_CHECKSUM_CRC32, 18);
ABI_VALUE(CPA_DC_CAP_BOOL_CHECKSUM_ADLER32, 19);
ABI_VALUE(CPA_DC_CAP_BOOL_CHECKSUM_XXHASH32, 20);
ABI_VALUE(CPA_DC_CAP_BOOL_CHECKSUM_XXHASH64, 21);
ABI_VALUE(CPA_DC_CAP_BOOL_ASB, 22);
ABI_VALUE(CPA_DC_CAP_BOOL_ASB_THRESHOLD, 23);
ABI_VALUE(CPA_DC_CAP_BOOL_ASB_RATIO, 24);
ABI_VALUE(CPA_DC_CAP_BOOL_ASB_ENABLE_PREFERRED, 25);
ABI_VALUE(CPA_DC_CAP_BOOL_DETERMINISM, 26);
ABI_VALUE(CPA_DC_CAP_BOOL_OVERFLOW_RESUBMIT, 27);
ABI_VALUE(CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY, 28);
ABI_VALUE(CPA_DC_CAP_BOOL_COMPRESS_N_VERIFY_N_RECOVER, 29);
ABI_VALUE(CPA_DC_CAP_BOOL_INTEGRITY_CRC32, 30);
ABI_VALUE(CPA_DC_CAP_BOOL_INTEGRITY_CRC64, 31);
ABI_VALUE(CPA_DC_CAP_BOOL_CHAIN_HASH_THEN_COMPRESS, 32);
ABI_VALUE(CPA_DC_CAP_BOOL_CHAIN_COMPRESS_THEN_AEAD, 33);
ABI_VALUE(CPA_DC_CAP_BOOL_CHAIN_AEAD_THEN_DECOMPRESS, 34);
ABI_VALUE(CPA_DC_CAP_BOOL_UNCOMPRESSED_DICT, 35);
ABI_VALUE(CPA_DC_CAP_BOOL_COMPRESSED_DICT, 36);
ABI_VALUE(CPA_DC_CAP_BOOL_ZERO_LENGTH_REQ, 37);
ABI_VALUE(CPA_DC_CAP_BOOL_PROGRAMMABLE_CRC64, 38);
ABI_VALUE(CPA_DC_CAP_BOOL_CHAIN_PROGRAMMABLE_CRC64, 39);
ABI_VALUE(CPA_DC_CAP_BOOL_E2E_CRC_OVER_COMP_BLOCK, 40);
ABI_VALUE(CPA_DC_CAP_BOOL_DICT_ID, 41);
ABI_SIZE(CpaDcCapabilityId, 4);

ABI_SIZE(CpaDcInstanceCapabilities, 152);
ABI_FIELD(CpaDcInstanceCapabilities, statefulLZSCompression, 0, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulLZSDecompression, 4, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZSCompression, 8, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZSDecompression, 12, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulLZSSCompression, 16, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulLZSSDecompression, 20, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZSSCompression, 24, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZSSDecompression, 28, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulELZSCompression, 32, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulELZSDecompression, 36, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessELZSCompression, 40, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessELZSDecompression, 44, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulDeflateCompression, 48, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulDeflateDecompression, 52, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessDeflateCompression, 56, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessDeflateDecompression, 60, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZ4Compression, 64, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZ4Decompression, 68, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statefulLZ4Decompression, 72, 4);
ABI_FIELD(CpaDcInstanceCapabilities, statelessLZ4SCompression, 76, 4);
ABI_FIELD(CpaDcInstanceCapabilities, checksumCRC32, 80, 4);
ABI_FIELD(CpaDcInstanceCapabilities, checksumAdler32, 84, 4);
ABI_FIELD(CpaDcInstanceCapabilities, checksumXXHash32, 88, 4);
ABI_FIELD(CpaDcInstanceCapabilities, dynamicHuffman, 92, 4);
ABI_FIELD(CpaDcInstanceCapabilities, dynamicHuffmanBufferReq, 96, 4);
ABI_FIELD(CpaDcInstanceCapabilities, precompiledHuffman, 100, 4);
ABI_FIELD(CpaDcInstanceCapabilities, autoSelectBestHuffmanTree, 104, 4);
ABI_FIELD(CpaDcInstanceCapabilities, validWindowSizeMaskCompression, 108, 1);
ABI_FIELD(CpaDcInstanceCapabilities, validWindowSizeMaskDecompression, 109, 1);
ABI_FIELD(CpaDcInstanceCapabilities, internalHuffmanMem, 112, 4);
ABI_FIELD(CpaDcInstanceCapabilities, endOfLastBlock, 116, 4);
ABI_FIELD(CpaDcInstanceCapabilities, reportParityError, 120, 4);
ABI_FIELD(CpaDcInstanceCapabilities, batchAndPack, 124, 4);
ABI_FIELD(CpaDcInstanceCapabilities, compressAndVerify, 128, 4);
ABI_FIELD(CpaDcInstanceCapabilities, compressAndVerifyStrict, 132, 4);
ABI_FIELD(CpaDcInstanceCapabilities, compressAndVerifyAndRecover, 136, 4);
ABI_FIELD(CpaDcInstanceCapabilities, integrityCrcs, 140, 4);
ABI_FIELD(CpaDcInstanceCapabilities, dcChainCapInfo, 144, 4);
ABI_FIELD(CpaDcInstanceCapabilities, integrityCrcs64b, 148, 4);

ABI_SIZE(CpaDcSessionSetupData, 52);
ABI_FIELD(CpaDcSessionSetupData, compLevel, 0, 4);
ABI_FIELD(CpaDcSessionSetupData, compType, 4, 4);
ABI_FIELD(CpaDcSessionSetupData, huffType, 8, 4);
ABI_FIELD(CpaDcSessionSetupData, autoSelectBestHuffmanTree, 12, 4);
ABI_FIELD(CpaDcSessionSetupData, sessDirection, 16, 4);
ABI_FIELD(CpaDcSessionSetupData, sessState, 20, 4);
ABI_FIELD(CpaDcSessionSetupData, windowSize, 24, 4);
ABI_FIELD(CpaDcSessionSetupData, minMatch, 28, 4);
ABI_FIELD(CpaDcSessionSetupData, lz4BlockMaxSize, 32, 4);
ABI_FIELD(CpaDcSessionSetupData, lz4BlockChecksum, 36, 4);
ABI_FIELD(CpaDcSessionSetupData, lz4BlockIndependence, 40, 4);
ABI_FIELD(CpaDcSessionSetupData, checksum, 44, 4);
ABI_FIELD(CpaDcSessionSetupData, accumulateXXHash, 48, 4);

ABI_SIZE(CpaDcSessionUpdateData, 12);
ABI_FIELD(CpaDcSessionUpdateData, compLevel, 0, 4);
ABI_FIELD(CpaDcSessionUpdateData, huffType, 4, 4);
ABI_FIELD(CpaDcSessionUpdateData, enableDmm, 8, 4);

ABI_SIZE(CpaDcStats, 72);
ABI_FIELD(CpaDcStats, numCompRequests, 0, 8);
ABI_FIELD(CpaDcStats, numCompRequestsErrors, 8, 8);
ABI_FIELD(CpaDcStats, numCompCompleted, 16, 8);
ABI_FIELD(CpaDcStats, numCompCompletedErrors, 24, 8);
ABI_FIELD(CpaDcStats, numCompCnvErrorsRecovered, 32, 8);
ABI_FIELD(CpaDcStats, numDecompRequests, 40, 8);
ABI_FIELD(CpaDcStats, numDecompRequestsErrors, 48, 8);
ABI_FIELD(CpaDcStats, numDecompCompleted, 56, 8);
ABI_FIELD(CpaDcStats, numDecompCompletedErrors, 64, 8);

ABI_SIZE(CpaDcRqResults, 24);
ABI_FIELD(CpaDcRqResults, status, 0, 4);
ABI_FIELD(CpaDcRqResults, produced, 4, 4);
ABI_FIELD(CpaDcRqResults, consumed, 8, 4);
ABI_FIELD(CpaDcRqResults, checksum, 12, 4);
ABI_FIELD(CpaDcRqResults, endOfLastBlock, 16, 4);
ABI_FIELD(CpaDcRqResults, dataUncompressed, 20, 4);

ABI_SIZE(CpaIntegrityCrc, 8);
ABI_FIELD(CpaIntegrityCrc, iCrc, 0, 4);
ABI_FIELD(CpaIntegrityCrc, oCrc, 4, 4);

ABI_SIZE(CpaIntegrityCrc64b, 16);
ABI_FIELD(CpaIntegrityCrc64b, iCrc, 0, 8);
ABI_FIELD(CpaIntegrityCrc64b, oCrc, 8, 8);

ABI_SIZE(CpaCrcData, 32);
ABI_FIELD(CpaCrcData, crc32, 0, 4);
ABI_FIELD(CpaCrcData, adler32, 4, 4);
ABI_FIELD(CpaCrcData, integrityCrc, 8, 8);
ABI_FIELD(CpaCrcData, integrityCrc64b, 16, 16);

ABI_SIZE(CpaDcSkipData, 16);
ABI_FIELD(CpaDcSkipData, skipMode, 0, 4);
ABI_FIELD(CpaDcSkipData, skipLength, 4, 4);
ABI_FIELD(CpaDcSkipData, strideLength, 8, 4);
ABI_FIELD(CpaDcSkipData, firstSkipOffset, 12, 4);

ABI_SIZE(CpaDcOpData, 64);
ABI_FIELD(CpaDcOpData, flushFlag, 0, 4);
ABI_FIELD(CpaDcOpData, compressAndVerify, 4, 4);
ABI_FIELD(CpaDcOpData, compressAndVerifyAndRecover, 8, 4);
ABI_FIELD(CpaDcOpData, integrityCrcCheck, 12, 4);
ABI_FIELD(CpaDcOpData, verifyHwIntegrityCrcs, 16, 4);
ABI_FIELD(CpaDcOpData, integrityCrcSize, 20, 4);
ABI_FIELD(CpaDcOpData, inputSkipData, 24, 16);
ABI_FIELD(CpaDcOpData, outputSkipData, 40, 16);
ABI_FIELD(CpaDcOpData, pCrcData, 56, 8);

ABI_SIZE(CpaDcOpData2, 72);
ABI_FIELD(CpaDcOpData2, dcOpData, 0, 64);
ABI_FIELD(CpaDcOpData2, appendCRC64, 64, 4);

ABI_SIZE(CpaDcDictionaryData, 48);
ABI_FIELD(CpaDcDictionaryData, pDictionaryBuff, 0, 8);
ABI_FIELD(CpaDcDictionaryData, dictionaryType, 8, 4);
ABI_FIELD(CpaDcDictionaryData, calcDictionaryIntegCrc, 12, 4);
ABI_FIELD(CpaDcDictionaryData, dictionaryIntegCrc64b, 16, 16);
ABI_FIELD(CpaDcDictionaryData, dictId, 32, 4);
ABI_FIELD(CpaDcDictionaryData, pExtDictionaryData, 40, 8);

ABI_SIZE(CpaDcCapabilityReq, 12);
ABI_FIELD(CpaDcCapabilityReq, algo, 0, 4);
ABI_FIELD(CpaDcCapabilityReq, dir, 4, 4);
ABI_FIELD(CpaDcCapabilityReq, capId, 8, 4);

ABI_SIZE(CpaDcCapabilityResp, 8);
ABI_FIELD(CpaDcCapabilityResp, boolStatus, 0, 4);
ABI_FIELD(CpaDcCapabilityResp, u32Status, 0, 4);
ABI_FIELD(CpaDcCapabilityResp, u64Status, 0, 8);

ABI_SIZE(icp_sal_dev_version_info_t, 56);
ABI_FIELD(icp_sal_dev_version_info_t, devId, 0, 4);
ABI_FIELD(icp_sal_dev_version_info_t, firmwareVersion, 4, 16);
ABI_FIELD(icp_sal_dev_version_info_t, mmpVersion, 20, 16);
ABI_FIELD(icp_sal_dev_version_info_t, softwareVersion, 36, 16);
ABI_FIELD(icp_sal_dev_version_info_t, hardwareVersion, 52, 4);

/* versions; as preprocessor expressions, which is how clients use them */
#if !CPA_DC_API_VERSION_AT_LEAST(5, 0) || CPA_DC_API_VERSION_LESS_THAN(5, 0) ||                              \
    !ICP_API_VERSION_AT_LEAST(1, 1) || ICP_API_VERSION_AT_LEAST(1, 2) || ICP_API_VERSION_LESS_THAN(1, 1)
#error "the versions of compression and of the functions icp_sal_*"
#endif
ABI_VALUE(CPA_DC_BAD_DATA, -100);
ABI_VALUE(CPA_DC_CHAIN_CAP_BITMAP_SIZE, 32);

/* prototypes, once more */
#ifdef __cplusplus
extern "C" {
#endif

CpaStatus cpaDcBufferListGetMetaSize(const CpaInstanceHandle, Cpa32U, Cpa32U *);
CpaStatus cpaDcCompressData(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                            CpaDcRqResults *, CpaDcFlush, void *);
CpaStatus cpaDcCompressData2(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                             CpaDcOpData *, CpaDcRqResults *, void *);
CpaStatus cpaDcCompressDataWithDict(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                                    CpaDcDictionaryData *, CpaDcOpData *, CpaDcRqResults *, void *);
CpaStatus cpaDcDecompressData(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                              CpaDcRqResults *, CpaDcFlush, void *);
CpaStatus cpaDcDecompressData2(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                               CpaDcOpData *, CpaDcRqResults *, void *);
CpaStatus cpaDcDecompressDataWithDict(CpaInstanceHandle, CpaDcSessionHandle, CpaBufferList *, CpaBufferList *,
                                      CpaDcDictionaryData *, CpaDcOpData *, CpaDcRqResults *, void *);
CpaStatus cpaDcDeflateCompressBound(const CpaInstanceHandle, CpaDcHuffType, Cpa32U, Cpa32U *);
CpaStatus cpaDcGenerateFooter(CpaDcSessionHandle, CpaFlatBuffer *, CpaDcRqResults *);
CpaStatus cpaDcGenerateHeader(CpaDcSessionHandle, CpaFlatBuffer *, Cpa32U *);
CpaStatus cpaDcGetMetaSizeForSrcBuffWithDict(const CpaInstanceHandle, Cpa32U, Cpa32U, Cpa32U *);
CpaStatus cpaDcGetNumIntermediateBuffers(CpaInstanceHandle, Cpa16U *);
CpaStatus cpaDcGetSessionSize(CpaInstanceHandle, CpaDcSessionSetupData *, Cpa32U *, Cpa32U *);
CpaStatus cpaDcGetStats(CpaInstanceHandle, CpaDcStats *);
CpaStatus cpaDcInitSession(CpaInstanceHandle, CpaDcSessionHandle, CpaDcSessionSetupData *, CpaBufferList *,
                           CpaDcCallbackFn);
CpaStatus cpaDcInstanceSetNotificationCb(const CpaInstanceHandle, const CpaDcInstanceNotificationCbFunc,
                                         void *);
CpaStatus cpaDcLZ4CompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *);
CpaStatus cpaDcLZ4SCompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *);
CpaStatus cpaDcNsCompressData(CpaInstanceHandle, CpaDcNsSetupData *, CpaBufferList *, CpaBufferList *,
                              CpaDcOpData *, CpaDcRqResults *, CpaDcCallbackFn, void *);
CpaStatus cpaDcNsDecompressData(CpaInstanceHandle, CpaDcNsSetupData *, CpaBufferList *, CpaBufferList *,
                                CpaDcOpData *, CpaDcRqResults *, CpaDcCallbackFn, void *);
CpaStatus cpaDcNsGenerateFooter(CpaDcNsSetupData *, Cpa64U, CpaFlatBuffer *, CpaDcRqResults *);
CpaStatus cpaDcNsGenerateHeader(CpaDcNsSetupData *, CpaFlatBuffer *, Cpa32U *);
CpaStatus cpaDcQueryCapabilities(CpaInstanceHandle, CpaDcInstanceCapabilities *);
CpaStatus cpaDcQueryCapabilityByType(CpaInstanceHandle, CpaDcCapabilityReq, CpaDcCapabilityResp *);
CpaStatus cpaDcRemoveSession(const CpaInstanceHandle, CpaDcSessionHandle);
CpaStatus cpaDcResetSession(const CpaInstanceHandle, CpaDcSessionHandle);
CpaStatus cpaDcResetXXHashState(const CpaInstanceHandle, CpaDcSessionHandle);
CpaStatus cpaDcSetAddressTranslation(const CpaInstanceHandle, CpaVirtualToPhysical);
CpaStatus cpaDcSetAsbRatio(const CpaInstanceHandle, CpaDcSessionHandle, CpaDcAsbRatio);
CpaStatus cpaDcSetAsbThreshold(const CpaInstanceHandle, CpaDcSessionHandle, CpaDcAsbThreshold);
CpaStatus cpaDcSetCrcControlData(CpaInstanceHandle, CpaDcSessionHandle, CpaCrcControlData *);
CpaStatus cpaDcSetLZ4OutputFormat(CpaInstanceHandle, CpaDcSessionHandle, CpaDcLZ4OutputFormat);
CpaStatus cpaDcUpdateSession(const CpaInstanceHandle, CpaDcSessionHandle, CpaDcSessionUpdateData *);
CpaStatus cpaDcZstdCompressBound(const CpaInstanceHandle, Cpa32U, Cpa32U *);
CpaStatus icp_sal_DcGetFileDescriptor(CpaInstanceHandle, int *);
CpaStatus icp_sal_DcPollInstance(CpaInstanceHandle, Cpa32U);
CpaStatus icp_sal_DcPutFileDescriptor(CpaInstanceHandle, int);
CpaStatus icp_sal_cnv_simulate_error(CpaInstanceHandle, CpaDcSessionHandle);
CpaStatus icp_sal_getDevVersionInfo(Cpa32U, icp_sal_dev_version_info_t *);
CpaStatus icp_sal_pollAllBanks(Cpa32U, Cpa32U);
CpaStatus icp_sal_pollBank(Cpa32U, Cpa32U, Cpa32U);
CpaStatus icp_sal_poll_device_events(void);

#ifdef __cplusplus
}
#endif

static const char *const abi_dc_names[] = {
    "cpaDcBufferListGetMetaSize",
    "cpaDcCompressData",
    "cpaDcCompressData2",
    "cpaDcCompressDataWithDict",
    "cpaDcDecompressData",
    "cpaDcDecompressData2",
    "cpaDcDecompressDataWithDict",
    "cpaDcDeflateCompressBound",
    "cpaDcGenerateFooter",
    "cpaDcGenerateHeader",
    "cpaDcGetMetaSizeForSrcBuffWithDict",
    "cpaDcGetNumIntermediateBuffers",
    "cpaDcGetSessionSize",
    "cpaDcGetStats",
    "cpaDcInitSession",
    "cpaDcInstanceSetNotificationCb",
    "cpaDcLZ4CompressBound",
    "cpaDcLZ4SCompressBound",
    "cpaDcNsCompressData",
    "cpaDcNsDecompressData",
    "cpaDcNsGenerateFooter",
    "cpaDcNsGenerateHeader",
    "cpaDcQueryCapabilities",
    "cpaDcQueryCapabilityByType",
    "cpaDcRemoveSession",
    "cpaDcResetSession",
    "cpaDcResetXXHashState",
    "cpaDcSetAddressTranslation",
    "cpaDcSetAsbRatio",
    "cpaDcSetAsbThreshold",
    "cpaDcSetCrcControlData",
    "cpaDcSetLZ4OutputFormat",
    "cpaDcUpdateSession",
    "cpaDcZstdCompressBound",
    "icp_sal_DcGetFileDescriptor",
    "icp_sal_DcPollInstance",
    "icp_sal_DcPutFileDescriptor",
    "icp_sal_cnv_simulate_error",
    "icp_sal_getDevVersionInfo",
    "icp_sal_pollAllBanks",
    "icp_sal_pollBank",
    "icp_sal_poll_device_events",
};

#endif /* QAE_TESTS_API_ABI_DC_CHECKS_H */
