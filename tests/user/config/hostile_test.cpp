// SPDX-License-Identifier: BSD-3-Clause
// Input that is not a configuration or is malicious: it is refused with a reason and in bounded memory.
#include <array>
#include <random>

#include "config/file.h"
#include "config/lexer.h"
#include "support/config_test.h"

namespace {

using config_test::read;
using config_test::text_of;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

void nul_bytes(void **) {
    const auto file = read(std::string_view("[S]\nNumProcesses = 1\0 2\n\0\0\0\n", 28));
    assert_string_equal(text_of(file.findings).c_str(),
                        "f:1:1: warning: section [S]: NumProcesses is missing, so no process can claim it\n"
                        "f:2:17: error: the line contains a NUL byte: is this a text file?\n"
                        "f:3:1: error: the line contains a NUL byte: is this a text file?\n");
}

void lines_of_a_mebibyte(void **) {
    for (const char fill : {'a', ' ', '=', '[', '#', '"'}) {
        const auto file =
            read("[S]\n" + std::string(kMebibyte, fill) + "\nNumProcesses = 1\nNumCyInstances = 0\n");
        assert_int_equal(file.findings.errors(), 1);
        assert_non_null(
            strstr(text_of(file.findings).c_str(), "f:2:8193: error: the line has 1048576 bytes"));
    }
}

void values_keys_and_names_that_are_too_long(void **) {
    assert_non_null(strstr(text_of(read("[" + std::string(64, 'a') + "]\n").findings).c_str(),
                           "f:1:2: error: the section name has 64 bytes; the limit is 63"));
    assert_non_null(strstr(text_of(read("[S]\n" + std::string(64, 'k') + " = 1\n").findings).c_str(),
                           "f:2:1: error: the key \"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...\" is longer"));
    assert_non_null(
        strstr(text_of(read("[S]\nCy0CoreAffinity = " + std::string(2049, '1') + "\n").findings).c_str(),
               "f:2:19: error: the value has 2049 bytes; the limit is 2048"));
}

void ten_thousand_sections(void **) {
    std::string text;
    for (int i = 0; i < 10000; ++i) {
        text += "[S" + std::to_string(i) + "]\nNumProcesses = 1\nNumCyInstances = 0\n";
    }
    const auto file = read(text);
    assert_int_equal(file.findings.errors(), 1);
    assert_non_null(strstr(text_of(file.findings).c_str(),
                           "f:193:1: error: section [S64]: a file has at most 64 sections"));
    qae::Findings findings("f");
    assert_true(qae::lex(text, findings).size() < 100); // the lexer drops the rest
}

void findings_are_capped_and_counted(void **) {
    std::string text = "[S]\nNumProcesses = 1\nNumCyInstances = 0\n";
    for (int i = 0; i < 5000; ++i) {
        text += "word\n";
    }
    const auto file = read(text);
    assert_int_equal(file.findings.errors(), 5000);
    const auto shown = file.findings.sorted();
    assert_int_equal(shown.size(),
                     qae::Findings::kMaxKept + 2); // a note about the section, and one with the count
    assert_string_equal(shown.back().text.c_str(), "4900 more findings are not shown");
}

void bytes_that_are_not_utf8(void **) {
    assert_string_equal(
        text_of(read("[S\xff]\n[DYN]\nNumCyInstances = 1\n").findings).c_str(),
        "f:1:2: error: the section name \"S\\xff\" is not UTF-8 text without control characters\n");
    assert_string_equal(
        text_of(read("[DYN]\nNumCy\xc3Instances = 1\n").findings).c_str(),
        "f:2:1: error: the key \"NumCy\\xc3Instances\" is not UTF-8 text without control characters\n");
    assert_string_equal(
        text_of(read("[DYN]\nNumCyInstances = 1\nCy0Name = \"a\x1b[2J\"\n").findings).c_str(),
        "f:3:12: error: the value \"a\\x1b[2J\" is not UTF-8 text without control characters\n");
    // Comments may be in another encoding.
    assert_int_equal(read("# gr\xfc\xdf"
                          "e\n[DYN]\nNumCyInstances = 1 # \xe4\n")
                         .findings.errors(),
                     0);
}

// Sums of products near 2^31 must not wrap around to small numbers.
void counts_that_would_overflow(void **) {
    std::string text;
    for (int i = 0; i < 60; ++i) {
        text += config_test::section("S" + std::to_string(i), 1024, 1, 128);
    }
    const auto file = read(text);
    assert_non_null(
        strstr(text_of(file.findings).c_str(),
               "requests 131072 crypto instances (NumberCyInstances = 128 for each of "
               "NumProcesses = 1024); the whole file requests 7864320, but an endpoint of type c6xx"));
}

// Arbitrary input: no crash, no hang, and what passes is within the limits of the kernel ABI.
void random_mixtures(void **) {
    std::mt19937 random(20240611);
    constexpr std::array kPieces{
        "[",     "]",  "=", "\n",   "#",       "\"",   "S",    "DYN",          "KERNEL",
        "\r",    "\t", " ", "\xff", "0x",      "Cy0",  "Name", "Dc1",          "NumProcesses",
        "wait ", "-",  ",", "9999", "GENERAL", "\n[S", "]\n",  "CoreAffinity", "NumCyInstances",
        "1"};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::size_t i = random() % 200; i > 0; --i) {
            text += kPieces[random() % kPieces.size()];
        }
        const auto file = read(text);
        assert_true(file.config.sections.size() <= QAE_MAX_SECTIONS + 5);
        if (file.findings.errors() != 0) {
            continue;
        }
        for (const qae::SectionConfig &section : file.config.sections) {
            assert_true(section.name.size() < QAE_NAME_SIZE && section.processes.value <= QAE_MAX_PROCESSES);
            for (const qae::InstanceConfig &instance : section.instances) {
                assert_true(instance.name.size() < QAE_NAME_SIZE &&
                            instance.cores.size() <= QAE_MAX_CORE_LIST);
            }
        }
    }
}

std::string findings_of_path(const std::string &path) {
    qae::Findings findings("f");
    assert_false(qae::read_config_file(path, findings).has_value());
    return text_of(findings);
}

void files_that_cannot_be_configurations(void **) {
    assert_string_equal(findings_of_path("/nonexistent/x.conf").c_str(),
                        "f: error: cannot open the file: No such file or directory\n");
    assert_string_equal(findings_of_path("/").c_str(), "f: error: cannot read the file: Is a directory\n");
    assert_string_equal(findings_of_path("/dev/zero").c_str(),
                        "f: error: the file is larger than 8 MiB: it is not a configuration file\n");
    assert_string_equal(findings_of_path(std::string(5000, 'x')).c_str(),
                        "f: error: cannot open the file: File name too long\n");
}

void file_names_tell_type_and_index(void **) {
    const auto name = [](const char *path) { return qae::parse_config_file_name(path); };
    assert_string_equal(name("/etc/c6xx_dev1.conf").type.c_str(), "c6xx");
    assert_int_equal(name("/etc/c6xx_dev1.conf").index.value(), 1);
    assert_string_equal(name("4xxxvf_dev12.conf.vm").type.c_str(), "4xxxvf");
    assert_int_equal(name("4xxxvf_dev12.conf.vm").index.value(), 12);
    assert_string_equal(name("4xxx_template.conf").type.c_str(), "4xxx");
    assert_false(name("4xxx_template.conf").index.has_value());
    assert_string_equal(name("/c6xx_dev0.conf/other").type.c_str(), "");
    assert_string_equal(name("c7xx_dev0.conf").type.c_str(), "");
    assert_false(name("c6xx_dev99999999999.conf").index.has_value());
    assert_string_equal(qae::config_path("/etc", "c6xx", 3).c_str(), "/etc/c6xx_dev3.conf");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(lines_of_a_mebibyte),
        cmocka_unit_test(values_keys_and_names_that_are_too_long),
        cmocka_unit_test(ten_thousand_sections),
        cmocka_unit_test(findings_are_capped_and_counted),
        cmocka_unit_test(bytes_that_are_not_utf8),
        cmocka_unit_test(counts_that_would_overflow),
        cmocka_unit_test(random_mixtures),
        cmocka_unit_test(files_that_cannot_be_configurations),
        cmocka_unit_test(file_names_tell_type_and_index),
    };
    return cmocka_run_group_tests_name("config_hostile", tests, nullptr, nullptr);
}
