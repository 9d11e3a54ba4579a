// SPDX-License-Identifier: BSD-3-Clause
// An inflate stream of zlib that decompresses from pieces to pieces.
#ifndef QAE_LIB_PLANE_SOFTWARE_INFLATER_H
#define QAE_LIB_PLANE_SOFTWARE_INFLATER_H

#include <zlib.h>

#include "plane/software/deflater.h"

namespace qae::software {

class Inflater {
public:
    Inflater() = default;
    ~Inflater();
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    // Begins a stream. False if there is no memory.
    bool begin() noexcept;

    // Decompresses until the source or the stream ends. CPA_DC_OK; CPA_DC_OVERFLOW if the destination is full
    // and there is more: it comes with the next call; or what is wrong with the data.
    CpaDcReqStatus run(std::span<const Piece> source, std::span<const Piece> destination,
                       Transfer &transfer) noexcept;

    // Whether all of the last block has been decompressed and delivered.
    bool has_ended() const noexcept { return ended_ && !has_carry_; }

    // Decompresses @compressed, and compares the result with @original, both in whole.
    bool verify(std::span<const Piece> compressed, std::uint32_t compressed_bytes,
                std::span<const Piece> original, std::uint32_t original_bytes, bool ends) noexcept;

private:
    int step(Cursor &in, Bytef *to, std::uint32_t room, std::uint32_t &consumed,
             std::uint32_t &produced) noexcept;
    CpaDcReqStatus finish(Cursor &in, Transfer &transfer) noexcept;

    z_stream stream_{};
    bool open_ = false;
    bool ended_ = false;
    // A byte that was decompressed when there was no room for it: the only way to find out whether a
    // destination that is exactly full was large enough.
    bool has_carry_ = false;
    std::uint8_t carry_ = 0;
};

} // namespace qae::software

#endif // QAE_LIB_PLANE_SOFTWARE_INFLATER_H
