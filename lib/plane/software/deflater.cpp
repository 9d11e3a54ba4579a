// SPDX-License-Identifier: BSD-3-Clause
#include "plane/software/deflater.h"

namespace qae::software {
namespace {

constexpr int kMemoryLevel = 8; // zlib's default

// zlib's values are in the order of what they do, but for Z_BLOCK, which does as little as Z_PARTIAL_FLUSH.
constexpr int strength_of(int flush) noexcept { return flush == Z_BLOCK ? Z_PARTIAL_FLUSH : flush; }

} // namespace

Deflater::~Deflater() {
    if (open_) {
        deflateEnd(&stream_);
    }
}

bool Deflater::begin(int level, int strategy) noexcept {
    carry_begin_ = carry_end_ = 0;
    reached_ = kNone;
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

// The value for the next call of zlib. zlib writes the marker of a sync or full flush again whenever the room
// ends with it. So the block is ended by Z_BLOCK, which can be repeated, and the marker is written on its
// own.
int Deflater::next_flush(const Cursor &in, int flush) const noexcept {
    Cursor behind = in;
    behind.advance(in.part().length);
    if (!behind.at_end()) {
        return Z_NO_FLUSH;
    }
    const bool marks = flush == Z_SYNC_FLUSH || flush == Z_FULL_FLUSH;
    return marks && !(in.at_end() && reached_ == Z_BLOCK) ? Z_BLOCK : flush;
}

// One call of zlib, with the present piece of @in. False if nothing comes of it.
bool Deflater::step(Cursor &in, Cursor &out, int flush, Transfer &transfer) noexcept {
    const int value = next_flush(in, flush);
    const bool marks = value == Z_SYNC_FLUSH || value == Z_FULL_FLUSH;
    const bool direct = !marks && !out.at_end();
    const Piece from = in.part();
    const Piece to = direct ? out.part() : Piece{carry_.data(), static_cast<std::uint32_t>(carry_.size())};
    stream_.next_in = from.data;
    stream_.avail_in = from.length;
    stream_.next_out = to.data;
    stream_.avail_out = to.length;
    const int result = deflate(&stream_, value);
    const std::uint32_t consumed = from.length - stream_.avail_in;
    const std::uint32_t produced = to.length - stream_.avail_out;
    in.advance(consumed);
    transfer.consumed += consumed;
    if (direct) {
        out.advance(produced);
        transfer.produced += produced;
    } else {
        carry_begin_ = 0;
        carry_end_ = produced;
    }
    // Room that is left means that zlib holds nothing back.
    const bool done = in.at_end() && (value == Z_FINISH ? result == Z_STREAM_END : stream_.avail_out != 0);
    reached_ = done ? value : consumed != 0 ? kNone : reached_;
    return done || (result != Z_STREAM_ERROR && (consumed != 0 || produced != 0));
}

CpaDcReqStatus Deflater::run(std::span<const Piece> source, std::span<const Piece> destination, int flush,
                             Transfer &transfer) noexcept {
    Cursor in(source);
    Cursor out(destination);
    for (;;) {
        deliver_carry(out, transfer);
        if (carry_begin_ != carry_end_) {
            return CPA_DC_OVERFLOW;
        }
        if (in.at_end() && strength_of(reached_) >= flush) {
            return CPA_DC_OK;
        }
        if (!step(in, out, flush, transfer)) {
            return CPA_DC_SOFTERR;
        }
    }
}

} // namespace qae::software
