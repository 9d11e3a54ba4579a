// SPDX-License-Identifier: BSD-3-Clause
// The page map for every offset in spans of all classes and in runs: exactly the bytes of a live block belong
// to it, and only its start can be freed.
#include "mem/page_map.h"

#include <algorithm>

#include "support/cmocka_cpp.h"

namespace {

using qae::GranuleIndex;
using qae::kGranule;
using qae::kGranulesPerPage;
using qae::kPageSize;
using qae::PageIndex;
using qae::PageKind;
using qae::PageMap;

constexpr PageIndex kFirst = 1000; // of the span; a wrong distance leads to unused pages

class MappedSpan {
public:
    MappedSpan(PageMap &map, std::uint32_t pages, PageKind kind, PageIndex first = kFirst)
        : m_map(map), m_first(first), m_pages(pages) {
        m_map.set(m_first, m_pages, kind);
    }
    ~MappedSpan() { m_map.clear(m_first, m_pages); }
    MappedSpan(const MappedSpan &) = delete;
    MappedSpan &operator=(const MappedSpan &) = delete;

    // Among all bytes of the span and of one page on either side, exactly @bytes bytes from @start on are
    // live.
    void assert_live(std::uint64_t start, std::uint64_t bytes) const {
        const std::uint64_t begin = (m_first - 1) * kPageSize;
        const std::uint64_t end = (m_first + m_pages + 1) * kPageSize;
        for (std::uint64_t offset = begin; offset < end; offset += kGranule) {
            const bool live = offset - start < bytes;
            assert_int_equal(m_map.is_in_live_block(offset), live);
            assert_int_equal(m_map.is_in_live_block(offset + kGranule - 1), live);
            assert_true(!live || m_map.start_of(offset + 1) == qae::granule_of(start));
            assert_true(offset == start || !frees(offset));
        }
    }

    // Frees like a thread cache: by the kind of the page.
    bool frees(std::uint64_t offset) const {
        const PageKind kind = m_map.page(offset / kPageSize).kind();
        return m_map.object_marks(kind).take_live_quickly(qae::granule_of(offset));
    }

private:
    PageMap &m_map;
    PageIndex m_first;
    std::uint32_t m_pages;
};

struct MapOfWindow : PageMap {
    MapOfWindow() {
        assert_true(reserve(256ULL << 20));
        assert_true(commit(kFirst + 20000));
    }
    ~MapOfWindow() { release(); }
};

void MEM_08_MEM_09_exactly_the_bytes_of_an_object_belong_to_it(void **) {
    MapOfWindow map;
    for (unsigned size_class = 0; size_class < qae::kNumClasses; ++size_class) {
        const std::uint64_t size = qae::kSizeClasses[size_class].size;
        const std::uint32_t pages = qae::span_pages(size_class, qae::is_single_object(size_class) ? 1 : 5);
        const MappedSpan span(map, pages, qae::page_kind_of(size_class));
        const qae::LiveMarks marks = map.object_marks(qae::page_kind_of(size_class));
        for (std::uint32_t object = 0; object < qae::span_objects(size_class, pages); ++object) {
            const std::uint64_t start = kFirst * kPageSize + object * size;
            span.assert_live(0, 0);
            marks.set_live(qae::granule_of(start));
            span.assert_live(start, size);
            assert_true(span.frees(start));
            assert_false(span.frees(start));
        }
        span.assert_live(0, 0);
    }
}

void MEM_08_MEM_09_exactly_the_bytes_of_a_run_belong_to_it(void **) {
    MapOfWindow map;
    for (const std::uint32_t pages : {1U, 2U, 17U, qae::PageEntry::kFar - 1, qae::PageEntry::kFar,
                                      qae::PageEntry::kFar + 1, qae::PageEntry::kFar + 2, 512U, 16384U}) {
        const MappedSpan span(map, pages, PageKind::run);
        const GranuleIndex start = kFirst * kGranulesPerPage;
        span.assert_live(0, 0);
        map.marks(PageKind::run).set_live(start);
        span.assert_live(start * kGranule, pages * kPageSize);
        assert_false(span.frees(start * kGranule)); // the path for objects does not free runs
        assert_true(map.marks(PageKind::run).take_live(start));
        span.assert_live(0, 0);
    }
}

// The former use of pages has no effect on their present one.
void MEM_08_reused_pages_show_no_traces(void **) {
    MapOfWindow map;
    constexpr std::uint32_t kPages = 70;
    for (unsigned before = 1; before <= static_cast<unsigned>(PageKind::run); ++before) {
        { const MappedSpan other(map, kPages + 3, static_cast<PageKind>(before), kFirst - 3); }
        for (PageIndex page = kFirst - 3; page < kFirst + kPages; ++page) {
            assert_int_equal(map.page(page).bits(), 0);
        }
        for (unsigned now = before % 5; now < qae::kNumClasses; now += 5) {
            const MappedSpan span(map, kPages, qae::page_kind_of(now));
            const std::uint64_t size = qae::kSizeClasses[now].size;
            // The last object that fits, or the only one of a single-object span.
            const std::uint64_t object =
                qae::is_single_object(now) ? 0 : std::min<std::uint64_t>(kPages * kPageSize / size, 64) - 1;
            const std::uint64_t start = kFirst * kPageSize + object * size;
            map.object_marks(qae::page_kind_of(now)).set_live(qae::granule_of(start));
            span.assert_live(start, size);
            assert_true(span.frees(start));
        }
    }
}

// Another thread may free the block between is_in_live_block() and start_of().
void MEM_08_a_start_is_found_even_if_no_block_is_live(void **) {
    MapOfWindow map;
    const std::uint64_t offset = kFirst * kPageSize + 77;
    assert_int_equal(map.start_of(offset), kFirst * kGranulesPerPage);
    const MappedSpan run(map, 3, PageKind::run);
    assert_int_equal(map.start_of(offset), kFirst * kGranulesPerPage);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_08_MEM_09_exactly_the_bytes_of_an_object_belong_to_it),
        cmocka_unit_test(MEM_08_MEM_09_exactly_the_bytes_of_a_run_belong_to_it),
        cmocka_unit_test(MEM_08_reused_pages_show_no_traces),
        cmocka_unit_test(MEM_08_a_start_is_found_even_if_no_block_is_live),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
