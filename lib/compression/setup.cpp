// SPDX-License-Identifier: BSD-3-Clause
#include "compression/setup.h"

#include "process/reject.h"

namespace qae {
namespace {

CpaStatus invalid(const char *field, int value) noexcept {
    return reject(CPA_STATUS_INVALID_PARAM, EINVAL, "{} has no such value: {}", field, value);
}

CpaStatus not_offered(const char *what) noexcept {
    return reject(CPA_STATUS_UNSUPPORTED, EOPNOTSUPP,
                  "the data plane does not offer {}; ask for its capabilities", what);
}

CpaStatus check_format(CpaDcCompType format) noexcept {
    switch (format) {
    case CPA_DC_DEFLATE:
        return CPA_STATUS_SUCCESS;
    case CPA_DC_LZ4:
    case CPA_DC_LZ4S:
    case CPA_DC_ZSTD:
        return not_offered("this format");
    default:
        return invalid("compType", format);
    }
}

CpaStatus check_checksum(CpaDcChecksum checksum, const CpaDcInstanceCapabilities &capabilities) noexcept {
    if (checksum == CPA_DC_NONE || (checksum == CPA_DC_CRC32 && capabilities.checksumCRC32 == CPA_TRUE) ||
        (checksum == CPA_DC_ADLER32 && capabilities.checksumAdler32 == CPA_TRUE)) {
        return CPA_STATUS_SUCCESS;
    }
    return checksum < CPA_DC_NONE || checksum > CPA_DC_XXHASH64 ? invalid("checksum", checksum)
                                                                : not_offered("this checksum");
}

CpaStatus check_choice(CpaDcAutoSelectBest choice, const CpaDcInstanceCapabilities &capabilities) noexcept {
    if (choice < CPA_DC_ASB_DISABLED || choice > CPA_DC_ASB_ENABLED) {
        return invalid("autoSelectBestHuffmanTree", choice);
    }
    const bool offered =
        choice == CPA_DC_ASB_DISABLED || (capabilities.autoSelectBestHuffmanTree == CPA_TRUE &&
                                          choice != CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_NO_HDRS);
    return offered ? CPA_STATUS_SUCCESS : not_offered("this choice of codes");
}

CpaStatus check_state(const CpaDcSessionSetupData &setup, const CpaDcInstanceCapabilities &can) noexcept {
    const bool stateless = setup.sessState == CPA_DC_STATELESS;
    if (!stateless && setup.sessState != CPA_DC_STATEFUL) {
        return invalid("sessState", setup.sessState);
    }
    const CpaBoolean can_compress =
        stateless ? can.statelessDeflateCompression : can.statefulDeflateCompression;
    const CpaBoolean can_decompress =
        stateless ? can.statelessDeflateDecompression : can.statefulDeflateDecompression;
    if ((compresses(setup.sessDirection) && can_compress != CPA_TRUE) ||
        (decompresses(setup.sessDirection) && can_decompress != CPA_TRUE)) {
        return not_offered("this direction and state");
    }
    return CPA_STATUS_SUCCESS;
}

template <class... Checks> CpaStatus first_failure(Checks... checks) noexcept {
    CpaStatus status = CPA_STATUS_SUCCESS;
    static_cast<void>(((status = checks(), status == CPA_STATUS_SUCCESS) && ...));
    return status;
}

} // namespace

bool compresses(CpaDcSessionDir direction) noexcept { return direction != CPA_DC_DIR_DECOMPRESS; }
bool decompresses(CpaDcSessionDir direction) noexcept { return direction != CPA_DC_DIR_COMPRESS; }

CpaStatus check_level_and_codes(CpaDcCompLvl level, CpaDcHuffType codes,
                                const CpaDcInstanceCapabilities &capabilities) noexcept {
    if (level < CPA_DC_L1 || level > CPA_DC_L12) {
        return invalid("compLevel", level);
    }
    if (codes < CPA_DC_HT_STATIC || codes > CPA_DC_HT_FULL_DYNAMIC) {
        return invalid("huffType", codes);
    }
    const bool offered = codes == CPA_DC_HT_STATIC ||
                         (codes == CPA_DC_HT_FULL_DYNAMIC && capabilities.dynamicHuffman == CPA_TRUE);
    return offered ? CPA_STATUS_SUCCESS : not_offered("these codes");
}

CpaStatus check_setup(const CpaDcSessionSetupData &setup,
                      const CpaDcInstanceCapabilities &capabilities) noexcept {
    if (setup.sessDirection < CPA_DC_DIR_COMPRESS || setup.sessDirection > CPA_DC_DIR_COMBINED) {
        return invalid("sessDirection", setup.sessDirection);
    }
    const CpaStatus status = first_failure([&] { return check_format(setup.compType); },
                                           [&] { return check_checksum(setup.checksum, capabilities); },
                                           [&] { return check_state(setup, capabilities); });
    if (status != CPA_STATUS_SUCCESS || !compresses(setup.sessDirection)) {
        return status;
    }
    return first_failure([&] { return check_level_and_codes(setup.compLevel, setup.huffType, capabilities); },
                         [&] { return check_choice(setup.autoSelectBestHuffmanTree, capabilities); });
}

CpaStatus check_options(const CpaDcOpData &options, const CpaDcSessionSetupData &setup,
                        CpaDcSessionDir direction) noexcept {
    if (options.flushFlag < CPA_DC_FLUSH_NONE || options.flushFlag > CPA_DC_FLUSH_FULL) {
        return invalid("flushFlag", options.flushFlag);
    }
    const bool stateless = setup.sessState == CPA_DC_STATELESS;
    if (stateless && options.flushFlag != CPA_DC_FLUSH_FINAL && options.flushFlag != CPA_DC_FLUSH_FULL) {
        return reject(CPA_STATUS_INVALID_PARAM, EINVAL,
                      "a stateless request stands for itself; flush it with CPA_DC_FLUSH_FINAL or "
                      "CPA_DC_FLUSH_FULL");
    }
    if (options.integrityCrcCheck != CPA_FALSE || options.verifyHwIntegrityCrcs != CPA_FALSE) {
        return not_offered("integrity CRCs");
    }
    if (options.inputSkipData.skipMode != CPA_DC_SKIP_DISABLED ||
        options.outputSkipData.skipMode != CPA_DC_SKIP_DISABLED) {
        return not_offered("skipping");
    }
    if (direction == CPA_DC_DIR_COMPRESS && !stateless && options.compressAndVerify != CPA_FALSE) {
        return not_offered("verification of stateful requests");
    }
    return CPA_STATUS_SUCCESS;
}

} // namespace qae
