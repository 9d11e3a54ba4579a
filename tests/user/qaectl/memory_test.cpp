// SPDX-License-Identifier: BSD-3-Clause
// Limits on pinned memory as people write them: sizes, and the file with the limits.
#include <linux/qae.h>

#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "qaectl/memory_conf.h"
#include "qaectl/sizes.h"
#include "support/config_test.h"

namespace {

using qaectl::parse_size;

void MEM_23_sizes_are_whole_numbers_with_units_of_1024(void **) {
    const std::pair<const char *, std::uint64_t> sizes[] = {
        {"0", 0},
        {"1", 1},
        {"4096", 4096},
        {"4096B", 4096},
        {"1k", 1024},
        {"1K", 1024},
        {"512M", 512ULL << 20},
        {"512MiB", 512ULL << 20},
        {"512mb", 512ULL << 20},
        {"2G", 2ULL << 30},
        {"16T", 16ULL << 40},
        {"none", QAE_UNLIMITED},
        {"None", QAE_UNLIMITED},
        {"18446744073709551614", QAE_UNLIMITED - 1},
        {"16777215T", 16777215ULL << 40},
    };
    for (const auto &[word, bytes] : sizes) {
        assert_true(parse_size(word) == bytes);
    }
}

void MEM_23_invalid_sizes_are_refused_with_a_sentence(void **) {
    const std::pair<const char *, const char *> mistakes[] = {
        {"", "whole number"},
        {"M", "whole number"},
        {"-1", "whole number"},
        {"+1", "whole number"},
        {" 1", "whole number"},
        {"no", "whole number"},
        {"1.5G", "1536M"},
        {"1,5G", "K, M, G or T"},
        {"1P", "K, M, G or T"},
        {"1Mi", "K, M, G or T"},
        {"1M5", "K, M, G or T"},
        {"1 M", "K, M, G or T"},
        {"0x10", "K, M, G or T"},
        {"18446744073709551615", "too large"},
        {"18446744073709551616", "too large"},
        {"16777216T", "too large"},
        {"99999999999999999999999T", "too large"},
    };
    for (const auto &[word, sentence] : mistakes) {
        std::string said;
        try {
            parse_size(word);
        } catch (const qaectl::BadSize &error) {
            said = error.what();
        }
        assert_true(config_test::contains(said, sentence));
    }
}

void MEM_23_limits_are_shown_exactly_and_can_be_read_back(void **) {
    const std::pair<std::uint64_t, const char *> limits[] = {
        {0, "0"},
        {4097, "4097"},
        {1024, "1K"},
        {1536ULL << 20, "1536M"},
        {1ULL << 40, "1T"},
        {(1ULL << 30) + 1, "1073741825"},
        {QAE_UNLIMITED, "none"},
        {QAE_UNLIMITED - 1, "18446744073709551614"},
    };
    for (const auto &[bytes, word] : limits) {
        assert_string_equal(qaectl::exact_size(bytes).c_str(), word);
        assert_true(parse_size(word) == bytes);
    }
    assert_string_equal(qaectl::size_text(10239).c_str(), "10239 B");
    assert_string_equal(qaectl::size_text(10240).c_str(), "10 KiB");
    assert_string_equal(qaectl::size_text(100ULL << 20).c_str(), "100 MiB");
    assert_string_equal(qaectl::size_text(UINT64_MAX).c_str(), "16777215 TiB");
}

void MEM_23_a_file_sets_what_it_names_and_nothing_else(void **) {
    qae::Findings findings("memory.conf");
    const auto many =
        qaectl::parse_memory_conf("# for all\n[LIMITS]\nUser = 2G # each\nContig = \"none\"\n", findings);
    assert_int_equal(findings.errors(), 0);
    assert_int_equal(many.size(), 1);
    assert_true(many[0].user == 2ULL << 30);
    assert_true(many[0].contig == QAE_UNLIMITED);
    assert_false(many[0].client.has_value());
    assert_false(many[0].all.has_value());
    assert_false(many[0].reserve.has_value());
    assert_true(many[0].any());

    for (const char *key : {"Client", "User", "Contig", "All", "Descriptors"}) {
        const auto one = qaectl::parse_memory_conf(fmt::format("[LIMITS]\n{} = 20\n", key), findings);
        assert_int_equal(one.size(), 1);
    }
    assert_int_equal(findings.errors(), 0);

    qae::Findings none("memory.conf");
    assert_true(qaectl::parse_memory_conf("", none).empty());
    assert_true(qaectl::parse_memory_conf("[LIMITS]\n[RESERVE]\n", none).empty());
    assert_int_equal(none.errors(), 0);
}

// The setting for all nodes does not undo one for a single node, whatever their order in the file.
void MEM_23_a_reserve_of_one_node_comes_after_that_of_all(void **) {
    qae::Findings findings("memory.conf");
    const auto many = qaectl::parse_memory_conf(
        "[RESERVE]\nNode1 = 16\nAll = 4\nNode0 = 0\n[LIMITS]\nAll = 1G\n", findings);
    assert_int_equal(findings.errors(), 0);
    assert_int_equal(many.size(), 4);
    assert_true(many[0].all == 1ULL << 30);
    assert_true(many[1].reserve == 4U && !many[1].node);
    assert_true(many[2].reserve == 16U && many[2].node == 1);
    assert_true(many[3].reserve == 0U && many[3].node == 0);
}

void MEM_23_every_mistake_in_a_file_has_its_line(void **) {
    qae::Findings findings("memory.conf");
    static_cast<void>(
        qaectl::parse_memory_conf("[LIMITS]\nUsr = 2G\nAll = many\nUser = 1G\nUser = 2G\n"
                                  "[LIMIT]\nAll = 1G\n"
                                  "[RESERVE]\nNode = 1\nNode-1 = 1\nNode0 = 2M\nAll = 4294967296\n",
                                  findings));
    const auto found = findings.sorted();
    const std::pair<std::size_t, const char *> wanted[] = {{2, "did you mean User?"},
                                                           {3, "\"many\" is not a valid size"},
                                                           {5, "twice"},
                                                           {6, "did you mean LIMITS?"},
                                                           {9, "Node0, Node1"},
                                                           {10, "Node0, Node1"},
                                                           {11, "regions of 2 MiB"},
                                                           {12, "regions of 2 MiB"}};
    assert_int_equal(findings.errors(), std::size(wanted));
    for (std::size_t i = 0; i < std::size(wanted); ++i) {
        assert_int_equal(found[i].at.line, wanted[i].first);
        assert_true(config_test::contains(found[i].text, wanted[i].second));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_23_sizes_are_whole_numbers_with_units_of_1024),
        cmocka_unit_test(MEM_23_invalid_sizes_are_refused_with_a_sentence),
        cmocka_unit_test(MEM_23_limits_are_shown_exactly_and_can_be_read_back),
        cmocka_unit_test(MEM_23_a_file_sets_what_it_names_and_nothing_else),
        cmocka_unit_test(MEM_23_a_reserve_of_one_node_comes_after_that_of_all),
        cmocka_unit_test(MEM_23_every_mistake_in_a_file_has_its_line),
    };
    return cmocka_run_group_tests_name("qaectl_memory", tests, nullptr, nullptr);
}
