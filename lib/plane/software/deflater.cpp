// SPDX-License-Identifier: BSD-3-Clause
#include "plane/software/deflater.h"

#include <utility>

namespace qae::software {
namespace {

constexpr int kMemoryLevel = 8; // zlib's default

} // namespace

Deflater::~Deflater() {
    if (open_) {
        deflateEnd(&stream_);
    }
}

bool Deflater::begin(int level, int strategy) noexcept {
    carry_begin_ = carry_end_ = 0;
    carried_flush_ = kNone;
    if (open_ && level == level_ && strategy == strategy_) {
        return deflateReset(&stream_) == Z_OK;
    }
    if (open_) {
        deflateEnd(&stream_);
    }
    stream_ = {};
    open_ = deflateInit2(&stream_, level, Z_DEFLATED, -kWindowBits, kMemoryLevel, strategy) == Z_OK;
    level_ = level;
    strategy_ = strategy;
    return open_;
}

void Deflater::deliver_carry(Cursor &out, Transfer &transfer) noexcept {
    while (carry_begin_ != carry_end_ && !out.at_end()) {
        const Piece to = out.part();
        const std::uint32_t length = std::min(to.length, carry_end_ - carry_begin_);
        std::memcpy(to.data, carry_.data() + carry_begin_, length);
        carry_begin_ += length;
        out.advance(length);
        transfer.produced += length;
    }
}

// One call of zlib, with the present piece of @in. The result is the number of bytes written to @to.
std::uint32_t Deflater::call(Cursor &in, Piece to, int flush, Transfer &transfer, bool &done,
                             bool &stuck) noexcept {
    const Piece from = in.part();
    stream_.next_in = from.data;
    stream_.avail_in = from.length;
    stream_.next_out = to.data;
    stream_.avail_out = to.length;
    Cursor behind = in;
    behind.advance(from.length);
    const bool last = behind.at_end();
    const int result = deflate(&stream_, last ? flush : Z_NO_FLUSH);
    const std::uint32_t consumed = from.length - stream_.avail_in;
    const std::uint32_t produced = to.length - stream_.avail_out;
    in.advance(consumed);
    transfer.consumed += consumed;
    // Room that is left means that zlib holds nothing back.
    done = last && stream_.avail_in == 0 &&
           (flush == Z_FINISH ? result == Z_STREAM_END : stream_.avail_out != 0);
    stuck = !done && (result == Z_STREAM_ERROR || (consumed == 0 && produced == 0));
    return produced;
}

CpaDcReqStatus Deflater::run(std::span<const Piece> source, std::span<const Piece> destination, int flush,
                             Transfer &transfer) noexcept {
    Cursor in(source);
    Cursor out(destination);
    deliver_carry(out, transfer);
    if (carry_begin_ != carry_end_) {
        return CPA_DC_OVERFLOW;
    }
    // The end of another flush was carried: zlib has not yet done what @flush says. Nothing follows Z_FINISH.
    const int carried = std::exchange(carried_flush_, kNone);
    if (in.at_end() && (carried == flush || carried == Z_FINISH)) {
        return CPA_DC_OK;
    }
    for (;;) {
        const bool full = out.at_end();
        bool done = false;
        bool stuck = false;
        const Piece room =
            full ? Piece{carry_.data(), static_cast<std::uint32_t>(carry_.size())} : out.part();
        const std::uint32_t produced = call(in, room, flush, transfer, done, stuck);
        if (full && produced != 0) {
            carry_begin_ = 0;
            carry_end_ = produced;
            carried_flush_ = done ? flush : kNone;
            return CPA_DC_OVERFLOW;
        }
        if (!full) {
            out.advance(produced);
            transfer.produced += produced;
        }
        if (done || stuck) {
            return done ? CPA_DC_OK : CPA_DC_SOFTERR;
        }
    }
}

} // namespace qae::software
