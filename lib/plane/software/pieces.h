// SPDX-License-Identifier: BSD-3-Clause
// Walking over scattered memory.
#ifndef QAE_LIB_PLANE_SOFTWARE_PIECES_H
#define QAE_LIB_PLANE_SOFTWARE_PIECES_H

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "plane/plane.h"

namespace qae::software {

using plane::Piece;

// Calls visit(data, length) for the parts that the first @bytes of @pieces consist of, in order.
template <class Visit> void for_each_part(std::span<const Piece> pieces, std::uint64_t bytes, Visit &&visit) {
    for (const Piece &piece : pieces) {
        const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(piece.length, bytes));
        if (length != 0) {
            visit(piece.data, length);
        }
        bytes -= length;
        if (bytes == 0) {
            return;
        }
    }
}

// A position that moves over pieces, from part to part.
class Cursor {
public:
    explicit Cursor(std::span<const Piece> pieces) noexcept : left_(pieces) { skip_empty(); }

    bool at_end() const noexcept { return left_.empty(); }

    // The rest of the present piece.
    Piece part() const noexcept {
        return left_.empty() ? Piece{nullptr, 0} : Piece{left_[0].data + used_, left_[0].length - used_};
    }

    // Goes on by @length bytes, at most to the end of the present piece.
    void advance(std::uint32_t length) noexcept {
        used_ += length;
        if (!left_.empty() && used_ == left_[0].length) {
            left_ = left_.subspan(1);
            used_ = 0;
            skip_empty();
        }
    }

    // Whether the next @length bytes equal those at @data; goes on by them.
    bool matches(const std::uint8_t *data, std::size_t length) noexcept {
        while (length != 0 && !at_end()) {
            const Piece here = part();
            const auto step = static_cast<std::uint32_t>(std::min<std::size_t>(here.length, length));
            if (std::memcmp(here.data, data, step) != 0) {
                return false;
            }
            advance(step);
            data += step;
            length -= step;
        }
        return length == 0;
    }

private:
    void skip_empty() noexcept {
        while (!left_.empty() && left_[0].length == 0) {
            left_ = left_.subspan(1);
        }
    }

    std::span<const Piece> left_;
    std::uint32_t used_ = 0; // of left_[0]
};

} // namespace qae::software

#endif // QAE_LIB_PLANE_SOFTWARE_PIECES_H
