// SPDX-License-Identifier: BSD-3-Clause
// clear_block() zeroes a block to its last byte and nothing beside it.
#include <cstring>
#include <vector>

#include "mem/clear.h"
#include "mem/size_classes.h"
#include "support/cmocka_cpp.h"

namespace {

void MEM_06_clearing_zeroes_the_block_and_nothing_else(void **) {
    constexpr std::size_t kMost = 128 << 10;
    struct alignas(64) Line {
        unsigned char bytes[64];
    };
    std::vector<Line> lines(kMost / sizeof(Line) + 2);
    auto *bytes = lines.front().bytes;
    unsigned char *const block = lines[1].bytes;
    for (std::size_t size = qae::kGranule; size <= kMost;
         size += size < 8192 ? qae::kGranule : 61 * qae::kGranule) {
        std::memset(bytes, 0xA5, lines.size() * sizeof(Line));
        qae::clear_block(block, size);
        for (std::size_t i = 0; i < lines.size() * sizeof(Line); ++i) {
            const bool inside = i >= sizeof(Line) && i < sizeof(Line) + size;
            if (bytes[i] != (inside ? 0 : 0xA5)) {
                fail_msg("%zu bytes: byte %zu is %#x", size, i, bytes[i]);
            }
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_06_clearing_zeroes_the_block_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
