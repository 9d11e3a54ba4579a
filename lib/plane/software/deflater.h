// SPDX-License-Identifier: BSD-3-Clause
// A deflate stream of zlib that compresses from pieces to pieces.
#ifndef QAE_LIB_PLANE_SOFTWARE_DEFLATER_H
#define QAE_LIB_PLANE_SOFTWARE_DEFLATER_H

#include <zlib.h>

#include <array>

#include "plane/software/pieces.h"

namespace qae::software {

inline constexpr int kWindowBits = 15; // 32 KiB

struct Transfer {
    std::uint32_t consumed = 0;
    std::uint32_t produced = 0;
};

class Deflater {
public:
    Deflater() = default;
    ~Deflater();
    Deflater(const Deflater &) = delete;
    Deflater &operator=(const Deflater &) = delete;

    // Begins a stream. False if there is no memory.
    bool begin(int level, int strategy) noexcept;

    // Compresses the whole source, then does what @flush (of zlib) says. CPA_DC_OK; CPA_DC_OVERFLOW if the
    // destination is full: what is missing comes with the next call.
    CpaDcReqStatus run(std::span<const Piece> source, std::span<const Piece> destination, int flush,
                       Transfer &transfer) noexcept;

    // Whether all of a stream that ends by Z_FINISH has been delivered.
    bool has_ended() const noexcept { return reached_ == Z_FINISH && carry_begin_ == carry_end_; }

private:
    static constexpr int kNone = -1; // zlib's values are not negative

    int next_flush(const Cursor &in, int flush) const noexcept;
    bool step(Cursor &in, Cursor &out, int flush, Transfer &transfer) noexcept;
    void deliver_carry(Cursor &out, Transfer &transfer) noexcept;

    z_stream stream_{};
    bool open_ = false;
    int level_ = 0;
    int strategy_ = 0;
    // What zlib wrote when the destination was full: the only way to find out whether a destination that is
    // exactly full was large enough. Markers of flushes pass through it too, because zlib repeats a marker
    // that leaves no room.
    std::array<std::uint8_t, 64> carry_{};
    std::uint32_t carry_begin_ = 0;
    std::uint32_t carry_end_ = 0;
    int reached_ = kNone; // the strongest flush that zlib has done since the last byte of input
};

} // namespace qae::software

#endif // QAE_LIB_PLANE_SOFTWARE_DEFLATER_H
