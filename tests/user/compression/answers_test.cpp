// SPDX-License-Identifier: BSD-3-Clause
// Known answers, and the same data through gzip: what the software plane writes, others read, and the
// reverse.
#include <icp_sal_user.h>
#include <qae_mem.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "support/cmocka_cpp.h"
#include "support/compression.h"

namespace {

using qae::test::List;
using qae::test::Pinned;
using qae::test::sample_text;
using qae::test::TestSession;
using qae::test::usual_setup;
using namespace std::string_literals;

CpaInstanceHandle g_instance;

CpaDcRqResults run_inflate(const std::string &data, std::size_t room, CpaStatus expected,
                           CpaDcChecksum checksum, std::string *text = nullptr) {
    const TestSession session(g_instance, usual_setup(checksum));
    const Pinned from(data);
    const Pinned to(room);
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    assert_int_equal(session.decompress(source, destination, results), expected);
    if (text != nullptr) {
        *text = to.text(results.produced);
    }
    return results;
}

// RFC 1951: fixed codes for literals, computed by hand in the RFC's tables.
void a_block_with_fixed_codes_is_decompressed(void **) {
    std::string text;
    const CpaDcRqResults results =
        run_inflate("\x4b\x4c\x4a\x4e\x49\x4d\x03\x00"s, 16, CPA_STATUS_SUCCESS, CPA_DC_CRC32, &text);
    assert_string_equal(text.c_str(), "abcdef");
    assert_int_equal(results.status, CPA_DC_OK);
    assert_int_equal(results.consumed, 8);
    assert_int_equal(results.produced, 6);
    assert_int_equal(results.endOfLastBlock, CPA_TRUE);
    assert_int_equal(results.checksum, 0x4b8e39ef);
}

void a_stored_block_is_decompressed_and_what_follows_is_left(void **) {
    std::string text;
    const CpaDcRqResults results =
        run_inflate("\x01\x03\x00\xfc\xff"s + "xyz" + "tail", 16, CPA_STATUS_SUCCESS, CPA_DC_NONE, &text);
    assert_string_equal(text.c_str(), "xyz");
    assert_int_equal(results.consumed, 8);
    assert_int_equal(results.checksum, 0);
}

// The check values of both algorithms' publications.
void checksums_are_those_of_gzip_and_zlib(void **) {
    for (const auto &[kind, text, sum] : {std::tuple{CPA_DC_CRC32, "123456789", 0xcbf43926U},
                                          std::tuple{CPA_DC_ADLER32, "Wikipedia", 0x11e60398U}}) {
        for (const Cpa32U seed : {0U, 1U}) {
            if (kind == CPA_DC_CRC32 && seed == 1) {
                continue;
            }
            const TestSession session(g_instance, usual_setup(kind));
            const Pinned from{std::string_view(text)};
            const Pinned to(64);
            List source(from);
            List destination(to);
            CpaDcRqResults results{};
            results.checksum = seed;
            assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
            assert_int_equal(results.checksum, sum);
        }
    }
}

// A file of several requests has one checksum: each goes on from the last.
void a_checksum_goes_on_over_stateless_requests(void **) {
    const TestSession session(g_instance, usual_setup(CPA_DC_CRC32));
    CpaDcRqResults results{};
    std::string all;
    for (const auto &[part, flush] :
         {std::pair{"12345", CPA_DC_FLUSH_FULL}, std::pair{"6789", CPA_DC_FLUSH_FINAL}}) {
        const Pinned from{std::string_view(part)};
        const Pinned to(64);
        List source(from);
        List destination(to);
        assert_int_equal(session.compress(source, destination, results, flush), CPA_STATUS_SUCCESS);
        assert_int_equal(results.endOfLastBlock, flush == CPA_DC_FLUSH_FINAL ? CPA_TRUE : CPA_FALSE);
        all += to.text(results.produced);
    }
    assert_int_equal(results.checksum, 0xcbf43926U);
    assert_string_equal(qae::test::decompressed(g_instance, usual_setup(), all, 64).c_str(), "123456789");
}

void bad_data_has_the_status_of_its_cause(void **) {
    const std::pair<std::string, CpaDcReqStatus> cases[] = {
        {"\x07"s, CPA_DC_INVALID_BLOCK_TYPE},
        {"\x01\x05\x00\x00\x00"s, CPA_DC_BAD_STORED_BLOCK_LEN},
        {"\xfd\xff\xff\xff"s, CPA_DC_TOO_MANY_CODES},
        {"\x03\x02\x00"s, CPA_DC_INVALID_DIST},
    };
    for (const auto &[data, status] : cases) {
        assert_int_equal(run_inflate(data, 64, CPA_STATUS_FAIL, CPA_DC_CRC32).status, status);
    }
}

void data_that_ends_early_is_reported_if_it_should_be_whole(void **) {
    const std::string whole = qae::test::compressed(g_instance, usual_setup(), sample_text(5000, 1));
    const CpaDcRqResults results =
        run_inflate(whole.substr(0, whole.size() / 2), 6000, CPA_STATUS_SUCCESS, CPA_DC_CRC32);
    assert_int_equal(results.status, CPA_DC_INCOMPLETE_FILE_ERR);
    assert_int_equal(results.endOfLastBlock, CPA_FALSE);
}

// ---- gzip

std::string run_gzip(const char *command, const std::string &input) {
    char in[] = "/tmp/qae-compression-XXXXXX";
    const int file = mkstemp(in);
    assert_true(file >= 0);
    assert_int_equal(write(file, input.data(), input.size()), input.size());
    close(file);
    const std::string out = in + ".out"s;
    const int status = std::system((command + " < "s + in + " > " + out).c_str());
    std::ifstream result(out, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(result)), std::istreambuf_iterator<char>());
    unlink(in);
    unlink(out.c_str());
    assert_int_equal(status, 0);
    return text;
}

// With the header and footer that the API writes, gzip's own check of length and CRC is part of the test.
void gzip_reads_what_the_plane_writes(void **) {
    for (const CpaDcHuffType codes : {CPA_DC_HT_STATIC, CPA_DC_HT_FULL_DYNAMIC}) {
        for (const CpaDcCompLvl level : {CPA_DC_L1, CPA_DC_L5, CPA_DC_L9, CPA_DC_L12}) {
            const std::string text = sample_text(200'000, static_cast<unsigned>(level));
            CpaDcSessionSetupData setup = usual_setup();
            setup.huffType = codes;
            setup.compLevel = level;
            const TestSession session(g_instance, setup);
            const Pinned from(text);
            const Pinned to(text.size() * 2);
            List source(from);
            List destination(to);
            CpaDcRqResults results{};
            Cpa8U header[16];
            CpaFlatBuffer frame{sizeof(header), header};
            Cpa32U count = 0;
            assert_int_equal(cpaDcGenerateHeader(session.get(), &frame, &count), CPA_STATUS_SUCCESS);
            assert_int_equal(count, 10);
            std::string stream(reinterpret_cast<char *>(header), count);
            assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
            const Cpa32U produced = results.produced;
            stream += to.text(produced);
            assert_int_equal(cpaDcGenerateFooter(session.get(), &frame, &results), CPA_STATUS_SUCCESS);
            assert_int_equal(results.produced, produced + 8);
            stream += std::string(reinterpret_cast<char *>(header), 8);
            assert_true(run_gzip("gzip -dc", stream) == text);
        }
    }
}

void the_plane_reads_what_gzip_writes(void **) {
    for (const char *command : {"gzip -nc1", "gzip -nc6", "gzip -nc9"}) {
        const std::string text = sample_text(200'000, 7);
        const std::string stream = run_gzip(command, text);
        const std::string body = stream.substr(10); // RFC 1952: a header without a name has 10 bytes
        assert_true(qae::test::decompressed(g_instance, usual_setup(), body, text.size()) == text);
    }
}

// ---- the example program

qae::test::Outcome run_example(const std::string &redirections) {
    return qae::test::run_program("/bin/sh", {"-c", qae::test::built("bin/qae_compress") + redirections},
                                  qae::test::software_plane());
}

void the_example_writes_what_gzip_reads(void **) {
    const std::string text = sample_text(200'000, 8);
    const std::string path = qae::test::built("bin/qae_compress");
    assert_true(run_gzip(("{ " + path + " | gzip -dc; }").c_str(), text) == text);
}

void the_example_reports_input_and_output_that_fail(void **) {
    const auto unreadable = run_example(" < /");
    assert_int_equal(unreadable.status, 1);
    assert_int_equal(qae::test::lines_with(unreadable.err, "cannot read").size(), 1);
    const auto full = run_example(" < /proc/self/maps > /dev/full");
    assert_int_equal(full.status, 1);
    assert_int_equal(qae::test::lines_with(full.err, "cannot write").size(), 1);
}

// RFC 1950: the first two bytes as one number are a multiple of 31; the checksum is in network order.
void header_and_footer_of_zlib_are_as_in_the_rfc(void **) {
    for (const CpaDcCompLvl level : {CPA_DC_L1, CPA_DC_L6, CPA_DC_L9}) {
        CpaDcSessionSetupData setup = usual_setup(CPA_DC_ADLER32);
        setup.compLevel = level;
        Cpa8U bytes[4] = {};
        CpaFlatBuffer frame{sizeof(bytes), bytes};
        Cpa32U count = 0;
        assert_int_equal(cpaDcNsGenerateHeader(&setup, &frame, &count), CPA_STATUS_SUCCESS);
        assert_int_equal(count, 2);
        assert_int_equal(bytes[0], 0x78);
        assert_int_equal((bytes[0] * 256 + bytes[1]) % 31, 0);
        assert_int_equal(bytes[1] & 0x20, 0); // no preset dictionary
        CpaDcRqResults results{};
        results.checksum = 0x11e60398;
        assert_int_equal(cpaDcNsGenerateFooter(&setup, 9, &frame, &results), CPA_STATUS_SUCCESS);
        assert_int_equal(results.produced, 4);
        assert_memory_equal(bytes, "\x11\xe6\x03\x98", 4);
        frame.dataLenInBytes = 1;
        assert_int_equal(cpaDcNsGenerateHeader(&setup, &frame, &count), CPA_STATUS_INVALID_PARAM);
    }
}

int start(void **) {
    g_instance = qae::test::start_on_software_plane()[0];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_block_with_fixed_codes_is_decompressed),
        cmocka_unit_test(a_stored_block_is_decompressed_and_what_follows_is_left),
        cmocka_unit_test(checksums_are_those_of_gzip_and_zlib),
        cmocka_unit_test(a_checksum_goes_on_over_stateless_requests),
        cmocka_unit_test(bad_data_has_the_status_of_its_cause),
        cmocka_unit_test(data_that_ends_early_is_reported_if_it_should_be_whole),
        cmocka_unit_test(gzip_reads_what_the_plane_writes),
        cmocka_unit_test(the_plane_reads_what_gzip_writes),
        cmocka_unit_test(the_example_writes_what_gzip_reads),
        cmocka_unit_test(the_example_reports_input_and_output_that_fail),
        cmocka_unit_test(header_and_footer_of_zlib_are_as_in_the_rfc),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
