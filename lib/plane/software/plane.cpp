// SPDX-License-Identifier: BSD-3-Clause
// The entry of the software plane, and what it can do.
#include "plane/plane.h"

#include <new>

#include "plane/software/instance.h"

namespace qae::software {
namespace {

constexpr std::uint8_t kWindowSizes =
    1U << CPA_DC_WINSIZE_4K | 1U << CPA_DC_WINSIZE_8K | 1U << CPA_DC_WINSIZE_16K | 1U << CPA_DC_WINSIZE_32K;

class SoftwarePlane final : public plane::Plane {
public:
    const char *name() const noexcept override { return "software"; }
    bool is_offloaded() const noexcept override { return false; }

    void describe_dc(CpaDcInstanceCapabilities &capabilities) const noexcept override {
        capabilities = {};
        capabilities.statefulDeflateCompression = CPA_TRUE;
        capabilities.statefulDeflateDecompression = CPA_TRUE;
        capabilities.statelessDeflateCompression = CPA_TRUE;
        capabilities.statelessDeflateDecompression = CPA_TRUE;
        capabilities.checksumCRC32 = CPA_TRUE;
        capabilities.checksumAdler32 = CPA_TRUE;
        capabilities.dynamicHuffman = CPA_TRUE;
        capabilities.autoSelectBestHuffmanTree = CPA_TRUE;
        capabilities.validWindowSizeMaskCompression = kWindowSizes;
        capabilities.validWindowSizeMaskDecompression = kWindowSizes;
        capabilities.endOfLastBlock = CPA_TRUE;
        capabilities.compressAndVerify = CPA_TRUE;
        capabilities.compressAndVerifyAndRecover = CPA_TRUE;
    }

    std::unique_ptr<plane::DcInstance> start_dc(unsigned) noexcept override {
        return std::unique_ptr<plane::DcInstance>(new (std::nothrow) Instance);
    }

    std::unique_ptr<plane::DcStream> open_stream(const CpaDcSessionSetupData &) noexcept override {
        return std::unique_ptr<plane::DcStream>(new (std::nothrow) Stream);
    }
};

constinit SoftwarePlane g_plane;

} // namespace
} // namespace qae::software

extern "C" __attribute__((visibility("default"))) qae::plane::Plane *qae_plane_open(std::uint32_t abi) {
    return abi == qae::plane::kAbi ? &qae::software::g_plane : nullptr;
}
