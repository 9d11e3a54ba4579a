// SPDX-License-Identifier: BSD-3-Clause
#include "plane/software/inflater.h"

#include <array>
#include <string_view>
#include <utility>

namespace qae::software {
namespace {

constexpr std::size_t kScratch = 16384;

// What zlib says of bad data, and the status that means the same.
constexpr std::array<std::pair<std::string_view, CpaDcReqStatus>, 11> kCauses{{
    {"invalid block type", CPA_DC_INVALID_BLOCK_TYPE},
    {"invalid stored block lengths", CPA_DC_BAD_STORED_BLOCK_LEN},
    {"too many length or distance symbols", CPA_DC_TOO_MANY_CODES},
    {"invalid code lengths set", CPA_DC_INCOMPLETE_CODE_LENS},
    {"invalid bit length repeat", CPA_DC_REPEATED_LENS},
    {"invalid code -- missing end-of-block", CPA_DC_BAD_LITLEN_CODES},
    {"invalid literal/lengths set", CPA_DC_BAD_LITLEN_CODES},
    {"invalid distances set", CPA_DC_BAD_DIST_CODES},
    {"invalid literal/length code", CPA_DC_INVALID_CODE},
    {"invalid distance code", CPA_DC_INVALID_CODE},
    {"invalid distance too far back", CPA_DC_INVALID_DIST},
}};

CpaDcReqStatus cause_of(const z_stream &stream) noexcept {
    for (const auto &[text, status] : kCauses) {
        if (stream.msg != nullptr && text == stream.msg) {
            return status;
        }
    }
    return CPA_DC_SOFTERR;
}

bool is_bad(int result) noexcept { return result < 0 && result != Z_BUF_ERROR; }

} // namespace

Inflater::~Inflater() {
    if (open_) {
        inflateEnd(&stream_);
    }
}

bool Inflater::begin() noexcept {
    ended_ = false;
    has_carry_ = false;
    if (open_) {
        return inflateReset(&stream_) == Z_OK;
    }
    stream_ = {};
    open_ = inflateInit2(&stream_, -kWindowBits) == Z_OK;
    return open_;
}

// One call of zlib, with the present piece of @in.
int Inflater::step(Cursor &in, Bytef *to, std::uint32_t room, std::uint32_t &consumed,
                   std::uint32_t &produced) noexcept {
    static Bytef nothing; // zlib wants an address, also of no bytes
    const Piece from = in.part();
    stream_.next_in = from.data != nullptr ? from.data : &nothing;
    stream_.avail_in = from.length;
    stream_.next_out = to;
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    consumed = from.length - stream_.avail_in;
    produced = room - stream_.avail_out;
    in.advance(consumed);
    ended_ = result == Z_STREAM_END;
    return result;
}

// The destination is full: is there more?
CpaDcReqStatus Inflater::finish(Cursor &in, Transfer &transfer) noexcept {
    while (!ended_) {
        std::uint32_t consumed = 0;
        std::uint32_t produced = 0;
        const int result = step(in, &carry_, 1, consumed, produced);
        transfer.consumed += consumed;
        if (is_bad(result)) {
            return cause_of(stream_);
        }
        if (produced != 0) {
            has_carry_ = true;
            return CPA_DC_OVERFLOW;
        }
        if (consumed == 0 && !ended_) {
            break;
        }
    }
    return CPA_DC_OK;
}

CpaDcReqStatus Inflater::run(std::span<const Piece> source, std::span<const Piece> destination,
                             Transfer &transfer) noexcept {
    Cursor in(source);
    Cursor out(destination);
    if (const Piece first = out.part(); has_carry_ && first.data != nullptr) {
        *first.data = carry_;
        out.advance(1);
        has_carry_ = false;
        ++transfer.produced;
    }
    // The byte before the end of the stream may have been the carried one.
    while (!ended_ && !out.at_end()) {
        const Piece to = out.part();
        std::uint32_t consumed = 0;
        std::uint32_t produced = 0;
        const int result = step(in, to.data, to.length, consumed, produced);
        out.advance(produced);
        transfer.consumed += consumed;
        transfer.produced += produced;
        if (is_bad(result)) {
            return cause_of(stream_);
        }
        if (consumed == 0 && produced == 0 && !ended_) {
            return CPA_DC_OK; // the source has ended
        }
    }
    return finish(in, transfer);
}

bool Inflater::verify(std::span<const Piece> compressed, std::uint32_t compressed_bytes,
                      std::span<const Piece> original, std::uint32_t original_bytes, bool ends) noexcept {
    if (!begin()) {
        return false;
    }
    Cursor expected(original);
    std::uint32_t decompressed = 0;
    bool good = true;
    std::array<std::uint8_t, kScratch> scratch;
    const auto feed = [&](std::uint8_t *data, std::uint32_t length) {
        const Piece piece{data, length};
        Cursor in({&piece, 1});
        while (good && !ended_) {
            std::uint32_t consumed = 0;
            std::uint32_t produced = 0;
            const int result = step(in, scratch.data(), scratch.size(), consumed, produced);
            good = !is_bad(result) && expected.matches(scratch.data(), produced);
            decompressed += produced;
            if (consumed == 0 && produced == 0) {
                return;
            }
        }
    };
    for_each_part(compressed, compressed_bytes, feed);
    return good && decompressed == original_bytes && ended_ == ends;
}

} // namespace qae::software
