// SPDX-License-Identifier: BSD-3-Clause
// Data of any size in any split: what goes in comes out, bounds hold, and a destination that is too small is
// reported as such.
#include <icp_sal_user.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/compression.h"

namespace {

using qae::test::List;
using qae::test::Pinned;
using qae::test::sample_text;
using qae::test::TestSession;
using qae::test::usual_setup;

CpaInstanceHandle g_instance;
std::mt19937 g_random(20261127); // the same data in every run

std::size_t number_below(std::size_t limit) { return g_random() % limit; }

// @length cut at random places; pieces without bytes are among them.
std::vector<std::size_t> random_split(std::size_t length) {
    std::vector<std::size_t> lengths;
    const std::size_t pieces = 1 + number_below(12);
    for (std::size_t i = 1; i < pieces; ++i) {
        lengths.push_back(number_below(4) == 0 ? 0 : number_below(length + 1));
        length -= lengths.back();
    }
    lengths.push_back(length);
    return lengths;
}

CpaDcSessionSetupData random_setup() {
    CpaDcSessionSetupData setup = usual_setup(number_below(2) == 0 ? CPA_DC_CRC32 : CPA_DC_ADLER32);
    setup.compLevel = static_cast<CpaDcCompLvl>(CPA_DC_L1 + number_below(12));
    setup.huffType = number_below(2) == 0 ? CPA_DC_HT_STATIC : CPA_DC_HT_FULL_DYNAMIC;
    setup.windowSize = static_cast<CpaDcCompWindowSize>(number_below(8));
    constexpr CpaDcAutoSelectBest kChoices[] = {CPA_DC_ASB_DISABLED, CPA_DC_ASB_STATIC_DYNAMIC,
                                                CPA_DC_ASB_UNCOMP_STATIC_DYNAMIC_WITH_STORED_HDRS,
                                                CPA_DC_ASB_ENABLED};
    setup.autoSelectBestHuffmanTree = kChoices[number_below(std::size(kChoices))];
    return setup;
}

// Noise does not compress, so it meets the bound.
std::string random_text() {
    const std::size_t length = number_below(3) == 0 ? number_below(40) : number_below(70'000);
    std::string text = sample_text(length, static_cast<unsigned>(g_random()));
    if (number_below(3) == 0) {
        std::generate(text.begin(), text.end(), [] { return static_cast<char>(g_random()); });
    }
    return text;
}

Cpa32U bound_of(CpaDcHuffType codes, std::size_t length) {
    Cpa32U bound = 0;
    assert_int_equal(cpaDcDeflateCompressBound(nullptr, codes,
                                               static_cast<Cpa32U>(std::max<std::size_t>(length, 1)), &bound),
                     CPA_STATUS_SUCCESS);
    return bound;
}

void any_data_in_any_split_comes_back(void **) {
    for (unsigned round = 0; round < 150; ++round) {
        const std::string text = random_text();
        const CpaDcSessionSetupData setup = random_setup();
        const TestSession session(g_instance, setup);
        const Pinned original{std::string_view(text)};
        const Pinned middle(bound_of(setup.huffType, text.size()));
        const Pinned result(text.size() + 1);
        CpaDcRqResults down{};
        CpaDcRqResults up{};
        {
            List source(original, random_split(text.size()));
            List destination(middle, random_split(middle.size()));
            assert_int_equal(session.compress(source, destination, down), CPA_STATUS_SUCCESS);
            assert_int_equal(down.status, CPA_DC_OK);
            assert_int_equal(down.consumed, text.size());
        }
        {
            List source(middle, random_split(down.produced));
            List destination(result, random_split(result.size()));
            assert_int_equal(session.decompress(source, destination, up), CPA_STATUS_SUCCESS);
        }
        assert_int_equal(up.status, CPA_DC_OK);
        assert_int_equal(up.consumed, down.produced);
        assert_int_equal(up.checksum, down.checksum);
        assert_true(result.text(up.produced) == text);
    }
}

void what_is_written_ends_where_the_results_say(void **) {
    const TestSession session(g_instance, usual_setup());
    const Pinned from{std::string_view(sample_text(1000, 1))};
    const Pinned to(2000);
    std::fill_n(to.data(), to.size(), Cpa8U{0xa5});
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
    assert_true(std::all_of(to.data() + results.produced, to.data() + to.size(),
                            [](Cpa8U byte) { return byte == 0xa5; }));
}

// Every size from 1 to one more than is needed.
void a_stateless_compression_that_does_not_fit_has_consumed_nothing(void **) {
    const std::string text = sample_text(300, 5);
    const std::size_t needed = qae::test::compressed(g_instance, usual_setup(), text).size();
    const TestSession session(g_instance, usual_setup());
    const Pinned from{std::string_view(text)};
    const Pinned to(needed + 1);
    for (std::size_t room = 1; room <= needed + 1; ++room) {
        List source(from);
        List destination(to, {room});
        CpaDcRqResults results{};
        assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
        assert_int_equal(results.status, room < needed ? CPA_DC_OVERFLOW : CPA_DC_OK);
        assert_int_equal(results.consumed, room < needed ? 0 : text.size());
        assert_int_equal(results.produced, room < needed ? 0 : needed);
    }
}

void a_stateless_decompression_that_does_not_fit_fails_with_what_fitted(void **) {
    const std::string text = sample_text(300, 6);
    const std::string data = qae::test::compressed(g_instance, usual_setup(), text);
    const TestSession session(g_instance, usual_setup());
    const Pinned from{std::string_view(data)};
    const Pinned to(text.size() + 1);
    for (std::size_t room = 1; room <= text.size() + 1; ++room) {
        List source(from);
        List destination(to, {room});
        CpaDcRqResults results{};
        const bool fits = room >= text.size();
        assert_int_equal(session.decompress(source, destination, results),
                         fits ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL);
        assert_int_equal(results.status, fits ? CPA_DC_OK : CPA_DC_OVERFLOW);
        assert_int_equal(results.endOfLastBlock, fits ? CPA_TRUE : CPA_FALSE);
        assert_true(to.text(results.produced) == text.substr(0, room));
    }
}

// One request of a stream: feeds @data and collects what comes out, in destinations of @room bytes.
CpaDcRqResults feed(const TestSession &session, bool compress, std::string data, std::size_t room,
                    CpaDcFlush flush, std::string &out) {
    CpaDcRqResults results{};
    for (unsigned calls = 0;; ++calls) {
        assert_true(calls < 100'000);
        const Pinned from{std::string_view(data)};
        const Pinned to(room);
        List source(from);
        List destination(to);
        results = {};
        assert_int_equal(compress ? session.compress(source, destination, results, flush)
                                  : session.decompress(source, destination, results, flush),
                         CPA_STATUS_SUCCESS);
        out += to.text(results.produced);
        data.erase(0, results.consumed);
        if (results.status == CPA_DC_OK) {
            assert_true(data.empty());
            return results;
        }
        assert_int_equal(results.status, CPA_DC_OVERFLOW);
    }
}

// Requests of any size into destinations of any size; an overflow goes on with the rest.
void a_stateful_stream_in_any_pieces_comes_back(void **) {
    for (const std::size_t room : {std::size_t{1}, std::size_t{7}, std::size_t{300}, std::size_t{100'000}}) {
        const std::string text = sample_text(room == 1 ? 500 : 20'000, static_cast<unsigned>(room));
        CpaDcSessionSetupData setup = usual_setup(CPA_DC_ADLER32);
        setup.sessState = CPA_DC_STATEFUL;
        const TestSession session(g_instance, setup);
        std::string stream;
        CpaDcRqResults down{};
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = std::min(text.size() - at, 1 + number_below(3000));
            const bool last = at + length == text.size();
            const CpaDcFlush flush =
                last ? CPA_DC_FLUSH_FINAL
                     : static_cast<CpaDcFlush>(number_below(2) == 0 ? CPA_DC_FLUSH_NONE : CPA_DC_FLUSH_SYNC);
            down = feed(session, true, text.substr(at, length), room, flush, stream);
            at += length;
        }
        assert_int_equal(down.endOfLastBlock, CPA_TRUE);
        assert_true(qae::test::decompressed(g_instance, usual_setup(), stream, text.size()) == text);

        std::string result;
        CpaDcRqResults up{};
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t length = std::min(stream.size() - at, 1 + number_below(500));
            up = feed(session, false, stream.substr(at, length), room, CPA_DC_FLUSH_SYNC, result);
            at += length;
        }
        assert_int_equal(up.endOfLastBlock, CPA_TRUE);
        assert_int_equal(up.checksum, down.checksum);
        assert_true(result == text);
    }
}

// One request of a stream, into a destination of @room bytes.
CpaDcRqResults feed_once(const TestSession &session, const std::string &data, std::size_t room,
                         CpaDcFlush flush, std::string &out) {
    const Pinned from{std::string_view(data)};
    const Pinned to(room);
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    assert_int_equal(session.compress(source, destination, results, flush), CPA_STATUS_SUCCESS);
    out += to.text(results.produced);
    return results;
}

// The end of @flush does not fit; the client goes on with @next, which has no source.
std::string stream_after_overflow(const std::string &text, CpaDcFlush flush, CpaDcFlush next) {
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    std::string stream;
    const std::size_t needed =
        feed_once(TestSession(g_instance, setup), text, 2 * text.size(), flush, stream).produced;
    assert_true(needed > 10);
    stream.clear();
    const TestSession session(g_instance, setup);
    const CpaDcRqResults results = feed_once(session, text, needed - 10, flush, stream);
    assert_int_equal(results.status, CPA_DC_OVERFLOW);
    assert_int_equal(results.consumed, text.size());
    feed(session, true, "", 1000 + text.size(), next, stream);
    return stream;
}

// The request that brings the rest does also what it asks for itself.
void a_request_after_an_overflow_does_its_own_flush(void **) {
    const std::string text = sample_text(300'000, 11); // several blocks, so that CPA_DC_FLUSH_NONE writes too
    for (const CpaDcFlush flush : {CPA_DC_FLUSH_NONE, CPA_DC_FLUSH_SYNC, CPA_DC_FLUSH_FULL}) {
        const std::string whole = stream_after_overflow(text, flush, CPA_DC_FLUSH_FINAL);
        assert_true(qae::test::decompressed(g_instance, usual_setup(), whole, text.size()) == text);

        const std::string flushed = stream_after_overflow(text, flush, CPA_DC_FLUSH_SYNC);
        CpaDcSessionSetupData setup = usual_setup();
        setup.sessState = CPA_DC_STATEFUL;
        const TestSession session(g_instance, setup);
        std::string result;
        feed(session, false, flushed, text.size() + 1, CPA_DC_FLUSH_SYNC, result);
        assert_true(result == text);
    }
}

// zlib repeats the marker of a flush if it has no room to spare behind it.
void a_flush_writes_the_same_stream_into_any_room(void **) {
    const std::string text = sample_text(3000, 12);
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    for (const CpaDcFlush flush : {CPA_DC_FLUSH_NONE, CPA_DC_FLUSH_SYNC, CPA_DC_FLUSH_FULL}) {
        std::string expected;
        const TestSession roomy(g_instance, setup);
        const std::size_t length = feed(roomy, true, text, 2 * text.size(), flush, expected).produced;
        feed(roomy, true, "", 100, flush, expected);
        feed(roomy, true, text, 2 * text.size(), CPA_DC_FLUSH_FINAL, expected);
        assert_true(qae::test::decompressed(g_instance, usual_setup(), expected, 2 * text.size()) ==
                    text + text);
        for (const std::size_t room : {std::size_t{1}, std::size_t{5}, std::size_t{64}, length}) {
            if (room == 0) {
                continue; // without a flush zlib may keep all
            }
            const TestSession session(g_instance, setup);
            std::string stream;
            feed(session, true, text, room, flush, stream);
            feed(session, true, "", room, flush, stream);
            feed(session, true, text, room, CPA_DC_FLUSH_FINAL, stream);
            assert_true(stream == expected);
        }
    }
}

void a_destination_of_exactly_the_needed_size_is_large_enough(void **) {
    const std::string text = sample_text(3000, 13);
    for (const CpaDcSessionState state : {CPA_DC_STATELESS, CPA_DC_STATEFUL}) {
        for (const CpaDcFlush flush : {CPA_DC_FLUSH_FULL, CPA_DC_FLUSH_FINAL}) {
            CpaDcSessionSetupData setup = usual_setup();
            setup.sessState = state;
            std::string stream;
            const std::size_t needed =
                feed_once(TestSession(g_instance, setup), text, 2 * text.size(), flush, stream).produced;
            std::string again;
            const CpaDcRqResults results =
                feed_once(TestSession(g_instance, setup), text, needed, flush, again);
            assert_int_equal(results.status, CPA_DC_OK);
            assert_int_equal(results.consumed, text.size());
            assert_true(again == stream);
        }
    }
}

// The last part of the stream comes with a request that asks for another flush.
void a_stream_that_ends_in_the_rest_of_an_overflow_has_ended(void **) {
    const std::string text = sample_text(3000, 14);
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    const TestSession session(g_instance, setup);
    std::string expected;
    const std::size_t needed =
        feed(session, true, text, 2 * text.size(), CPA_DC_FLUSH_FINAL, expected).produced;
    std::string stream;
    assert_int_equal(feed_once(session, text, needed - 1, CPA_DC_FLUSH_FINAL, stream).status,
                     CPA_DC_OVERFLOW);
    const CpaDcRqResults results = feed_once(session, "", 100, CPA_DC_FLUSH_SYNC, stream);
    assert_int_equal(results.status, CPA_DC_OK);
    assert_int_equal(results.endOfLastBlock, CPA_TRUE);
    assert_true(stream == expected);
    stream.clear();
    feed(session, true, text, 2 * text.size(), CPA_DC_FLUSH_FINAL, stream);
    assert_true(stream == expected);
}

void a_reset_session_begins_a_new_stream(void **) {
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    const TestSession session(g_instance, setup);
    std::string abandoned;
    std::string stream;
    feed(session, true, "abandoned", 100, CPA_DC_FLUSH_SYNC, abandoned);
    assert_int_equal(cpaDcResetSession(g_instance, session.get()), CPA_STATUS_SUCCESS);
    const CpaDcRqResults results = feed(session, true, "123456789", 100, CPA_DC_FLUSH_FINAL, stream);
    assert_int_equal(results.checksum, 0xcbf43926U);
    assert_string_equal(qae::test::decompressed(g_instance, usual_setup(), stream, 100).c_str(), "123456789");
}

// Parts that end with a full flush make one stream, as clients write files.
void parts_with_a_full_flush_make_one_stream(void **) {
    std::string all;
    std::string stream;
    const TestSession session(g_instance, usual_setup());
    for (unsigned part = 0; part < 5; ++part) {
        const std::string text = sample_text(1000 + part * 7, part);
        all += text;
        feed(session, true, text, 4000, part == 4 ? CPA_DC_FLUSH_FINAL : CPA_DC_FLUSH_FULL, stream);
    }
    assert_true(qae::test::decompressed(g_instance, usual_setup(), stream, all.size()) == all);
}

// ---- verification

CpaDcRqResults compress_damaged(const TestSession &session, const std::string &text, bool verify,
                                bool recover, CpaStatus expected, std::string &data) {
    assert_int_equal(icp_sal_cnv_simulate_error(g_instance, session.get()), CPA_STATUS_SUCCESS);
    const Pinned from{std::string_view(text)};
    const Pinned to(text.size() + 200);
    List source(from);
    List destination(to);
    CpaDcOpData options{};
    options.flushFlag = CPA_DC_FLUSH_FINAL;
    options.compressAndVerify = verify ? CPA_TRUE : CPA_FALSE;
    options.compressAndVerifyAndRecover = recover ? CPA_TRUE : CPA_FALSE;
    CpaDcRqResults results{};
    assert_int_equal(cpaDcCompressData2(g_instance, session.get(), source.get(), destination.get(), &options,
                                        &results, nullptr),
                     expected);
    data = to.text(results.produced);
    return results;
}

void damaged_output_does_not_pass_verification(void **) {
    const TestSession session(g_instance, usual_setup());
    std::string data;
    const CpaDcRqResults results =
        compress_damaged(session, sample_text(5000, 9), true, false, CPA_STATUS_FAIL, data);
    assert_int_equal(results.status, CPA_DC_VERIFY_ERROR);
    assert_int_equal(results.produced, 0);
    // Only the next request was damaged.
    const Pinned from{std::string_view("again")};
    const Pinned to(100);
    List source(from);
    List destination(to);
    CpaDcRqResults again{};
    assert_int_equal(session.compress(source, destination, again), CPA_STATUS_SUCCESS);
    assert_int_equal(again.status, CPA_DC_OK);
}

// The simulated error waits for a request that is accepted.
void a_refused_request_leaves_the_damage_to_the_next(void **) {
    const TestSession session(g_instance, usual_setup());
    assert_int_equal(icp_sal_cnv_simulate_error(g_instance, session.get()), CPA_STATUS_SUCCESS);
    const Pinned from{std::string_view("refused")};
    const Pinned to(100);
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    assert_int_equal(session.compress(source, source, results), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(session.compress(source, destination, results), CPA_STATUS_FAIL);
    assert_int_equal(results.status, CPA_DC_VERIFY_ERROR);
    assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
}

void damaged_output_is_replaced_by_stored_blocks(void **) {
    const std::string text = sample_text(5000, 10);
    CpaDcStats before{};
    CpaDcStats after{};
    const TestSession session(g_instance, usual_setup());
    std::string data;
    assert_int_equal(cpaDcGetStats(g_instance, &before), CPA_STATUS_SUCCESS);
    const CpaDcRqResults results = compress_damaged(session, text, true, true, CPA_STATUS_SUCCESS, data);
    assert_int_equal(cpaDcGetStats(g_instance, &after), CPA_STATUS_SUCCESS);
    assert_int_equal(results.status, CPA_DC_OK);
    assert_int_equal(results.dataUncompressed, CPA_TRUE);
    assert_true(results.produced > text.size());
    assert_int_equal(after.numCompCnvErrorsRecovered, before.numCompCnvErrorsRecovered + 1);
    assert_true(qae::test::decompressed(g_instance, usual_setup(), data, text.size()) == text);
}

int start(void **) {
    g_instance = qae::test::start_on_software_plane()[0];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(any_data_in_any_split_comes_back),
        cmocka_unit_test(what_is_written_ends_where_the_results_say),
        cmocka_unit_test(a_stateless_compression_that_does_not_fit_has_consumed_nothing),
        cmocka_unit_test(a_stateless_decompression_that_does_not_fit_fails_with_what_fitted),
        cmocka_unit_test(a_stateful_stream_in_any_pieces_comes_back),
        cmocka_unit_test(a_request_after_an_overflow_does_its_own_flush),
        cmocka_unit_test(a_flush_writes_the_same_stream_into_any_room),
        cmocka_unit_test(a_destination_of_exactly_the_needed_size_is_large_enough),
        cmocka_unit_test(a_stream_that_ends_in_the_rest_of_an_overflow_has_ended),
        cmocka_unit_test(a_reset_session_begins_a_new_stream),
        cmocka_unit_test(parts_with_a_full_flush_make_one_stream),
        cmocka_unit_test(damaged_output_does_not_pass_verification),
        cmocka_unit_test(a_refused_request_leaves_the_damage_to_the_next),
        cmocka_unit_test(damaged_output_is_replaced_by_stored_blocks),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
