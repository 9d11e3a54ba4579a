// SPDX-License-Identifier: BSD-3-Clause
// Text helpers: what counts as UTF-8, as a number and as a near miss.
#include "common/text.h"

#include "support/config_test.h"

namespace {

void utf8_is_recognised(void **) {
    assert_true(qae::is_utf8(""));
    assert_true(qae::is_utf8("SSL \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"));
    for (const char *bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xf8\x88\x80\x80\x80", "a\xff", "\xe2\x82"}) {
        assert_false(qae::is_utf8(bad));
    }
}

void numbers_are_whole_or_nothing(void **) {
    assert_true(qae::parse_unsigned("0") == 0U);
    assert_true(qae::parse_unsigned("0x10") == 16U);
    assert_true(qae::parse_unsigned("18446744073709551615") == UINT64_MAX);
    for (const char *bad : {"", "-1", "+1", " 1", "1 ", "1x", "0x", "18446744073709551616", "0xg", "1.5"}) {
        assert_false(qae::parse_unsigned(bad).has_value());
    }
}

void control_characters_are_escaped(void **) {
    assert_string_equal(qae::printable("a\x1b[2Jb\xff").c_str(), "a\\x1b[2Jb\\xff");
    assert_string_equal(qae::printable("\xc3\xa4").c_str(), "\xc3\xa4");
    assert_string_equal(qae::printable("0123456789", 4).c_str(), "0123...");
}

void distance_counts_edits(void **) {
    assert_int_equal(qae::edit_distance("", ""), 0);
    assert_int_equal(qae::edit_distance("abc", ""), 3);
    assert_int_equal(qae::edit_distance("SSL", "ssl"), 0);
    assert_int_equal(qae::edit_distance("SSL", "SLL"), 1);
    assert_int_equal(qae::edit_distance("Naem", "Name"), 1);
    assert_int_equal(qae::edit_distance("NumProceses", "NumProcesses"), 1);
}

void nearest_finds_what_was_meant(void **) {
    const std::vector<std::string> names{"SSL", "IPsec", "KERNEL", "NumProcesses"};
    assert_true(qae::nearest("SLL", names) == "SSL");
    assert_true(qae::nearest("ipsec", names) == "IPsec");
    assert_true(qae::nearest("NumProcess", names) == "NumProcesses");
    assert_true(qae::nearest("Apache", names).empty());
    assert_true(qae::nearest("X", names).empty());
    assert_true(qae::nearest(std::string(1 << 20, 'S'), names).empty());
    assert_true(qae::nearest("SSL", std::vector<std::string>()).empty());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_recognised),
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(nearest_finds_what_was_meant),
    };
    return cmocka_run_group_tests_name("config_text", tests, nullptr, nullptr);
}
