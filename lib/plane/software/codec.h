// SPDX-License-Identifier: BSD-3-Clause
// Executes one request.
#ifndef QAE_LIB_PLANE_SOFTWARE_CODEC_H
#define QAE_LIB_PLANE_SOFTWARE_CODEC_H

#include "plane/software/deflater.h"
#include "plane/software/inflater.h"

namespace qae::software {

// Of a stateful session. The streams of zlib are opened when the first request needs them.
class Stream final : public plane::DcStream {
public:
    void reset() noexcept override;

    Deflater deflater;
    Inflater inflater;
    bool compresses = false;   // deflater has begun
    bool decompresses = false; // inflater has begun
    std::uint32_t input_checksum = 0;
    std::uint32_t output_checksum = 0;
};

// Of an instance: streams for stateless requests, kept from one to the next.
class Codec {
public:
    void execute(plane::DcRequest &request) noexcept;

private:
    void compress(plane::DcRequest &request) noexcept;
    void compress_piecewise(plane::DcRequest &request, Stream &stream) noexcept;
    void store(plane::DcRequest &request) noexcept;
    void verify(plane::DcRequest &request) noexcept;
    void decompress(plane::DcRequest &request) noexcept;
    void decompress_piecewise(plane::DcRequest &request, Stream &stream) noexcept;

    Deflater deflater_;
    Inflater inflater_;
};

} // namespace qae::software

#endif // QAE_LIB_PLANE_SOFTWARE_CODEC_H
