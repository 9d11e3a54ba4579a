// SPDX-License-Identifier: BSD-3-Clause
// The documented files and similar ones: the internal sections that they create, and their instances.
#include <algorithm>
#include <set>

#include "config/section_plan.h"
#include "support/config_test.h"

namespace {

using config_test::kDocumented;
using config_test::read;

std::vector<std::string> names_of(const std::vector<qae::PlannedSection> &plan) {
    std::vector<std::string> names;
    for (const qae::PlannedSection &section : plan) {
        names.push_back(section.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

// The plan if endpoints 0 to @endpoints - 1 have the same file. It refers to @file.
std::vector<qae::PlannedSection> plan_on(unsigned endpoints, const config_test::Read &file) {
    std::vector<qae::PlacedConfig> placed;
    for (unsigned id = 0; id < endpoints; ++id) {
        placed.push_back({id, &file.config});
    }
    return qae::plan_sections(placed);
}

void cfg_01_documented_files_load_without_a_finding(void **) {
    const auto file = read(kDocumented);
    assert_string_equal(config_test::text_of(file.findings).c_str(), "");
    assert_int_equal(file.config.sections.size(), 2);
    assert_int_equal(file.config.services, 0);
}

void cfg_02_documented_files_yield_nine_sections(void **) {
    const auto file = read(kDocumented);
    const std::vector<std::string> expected{"IPsec_INT_0",    "SSL_DEV0_INT_0", "SSL_DEV0_INT_1",
                                            "SSL_DEV0_INT_2", "SSL_DEV0_INT_3", "SSL_DEV1_INT_0",
                                            "SSL_DEV1_INT_1", "SSL_DEV1_INT_2", "SSL_DEV1_INT_3"};
    assert_true(names_of(plan_on(2, file)) == expected);
}

void cfg_03_sections_have_the_documented_instances(void **) {
    const auto file = read(kDocumented);
    for (const qae::PlannedSection &section : plan_on(2, file)) {
        assert_int_equal(section.count(QAE_SERVICE_DC), 0);
        if (section.user_name == "SSL") {
            assert_int_equal(section.count(QAE_SERVICE_CY), 1);
            assert_int_equal(section.endpoints().size(), 1);
            assert_string_equal(section.instances[0].config->name.c_str(), "SSL0");
            continue;
        }
        assert_string_equal(section.user_name.c_str(), "IPsec");
        assert_int_equal(section.count(QAE_SERVICE_CY), 8);
        for (std::size_t i = 0; i < 8; ++i) {
            assert_int_equal(section.instances[i].endpoint, i / 4);
            assert_string_equal(section.instances[i].config->name.c_str(),
                                ("IPSec" + std::to_string(i % 4)).c_str());
        }
    }
}

// USR-04, USR-05: M endpoints × N processes, with and without LimitDevAccess.
void cfg_05_endpoints_times_processes(void **) {
    for (const unsigned endpoints : {1U, 2U, 3U, 8U}) {
        for (const unsigned processes : {0U, 1U, 2U, 5U, 16U}) {
            for (const unsigned limit : {0U, 1U}) {
                const auto file = read(config_test::section("W", processes, limit, 2));
                assert_int_equal(file.findings.errors(), 0);
                const auto plan = plan_on(endpoints, file);
                assert_int_equal(plan.size(), limit ? endpoints * processes : processes);
                const auto names = names_of(plan);
                assert_int_equal(std::set<std::string>(names.begin(), names.end()).size(), plan.size());
                for (const qae::PlannedSection &section : plan) {
                    assert_int_equal(section.endpoints().size(), limit ? 1 : endpoints);
                    assert_int_equal(section.count(QAE_SERVICE_CY), limit ? 2 : 2 * endpoints);
                }
            }
        }
    }
}

void process_takes_its_element_of_the_core_list(void **) {
    const auto file = read(config_test::section("W", 6, 1, 1)); // CoreAffinity = 0-3
    const qae::PlacedConfig one[] = {{4, &file.config}};
    const auto plan = qae::plan_sections(one);
    assert_int_equal(plan.size(), 6);
    for (int i = 0; i < 6; ++i) {
        const auto &section = plan[static_cast<std::size_t>(i)];
        assert_string_equal(section.name.c_str(), ("W_DEV4_INT_" + std::to_string(i)).c_str());
        assert_int_equal(section.instances[0].core, i % 4);
    }
}

void fewer_processes_on_one_endpoint_leave_it_out(void **) {
    const auto three = read(config_test::section("W", 3, 0, 1));
    const auto one = read(config_test::section("W", 1, 0, 1));
    const qae::PlacedConfig placed[] = {{0, &three.config}, {1, &one.config}};
    const auto plan = qae::plan_sections(placed);
    assert_int_equal(plan.size(), 3);
    assert_int_equal(plan[0].endpoints().size(), 2);
    assert_int_equal(plan[2].endpoints().size(), 1);
}

// CFG-11: the keys of the files that drivers ship, collected for this test.
constexpr std::string_view kShippedGeneral = R"([GENERAL]
ServicesEnabled = cy;dc
ServicesProfile = DEFAULT
ConfigVersion = 2
CyNumConcurrentSymRequests = 512
CyNumConcurrentAsymRequests = 64
DcNumConcurrentRequests = 512
statsGeneral = 1
statsKeyGen = 0
KptEnabled = 0
KptMaxSWKLifetime = 31536000
DcIntermediateBufferSizeInKB = 64
HeartbeatTimer = 1000
StorageEnabled = 0
PkeServiceDisabled = 0
AutoResetOnError = 0
PmIdleInterruptDelay = 512
PmIdleSupport = 1
ServiceChainingEnabled = 0
ATEnabled = 0
)";

void cfg_11_shipped_keys_are_known(void **) {
    const std::string text = std::string(kShippedGeneral) +
                             "[KERNEL]\nNumberCyInstances = 1\nNumberDcInstances = 1\nCy0Name = \"K0\"\n"
                             "Cy0IsPolled = 0\nCy0CoreAffinity = 0\nDc0Name = \"K1\"\nDc0IsPolled = 0\n"
                             "Dc0CoreAffinity = 0\n[SIOV]\nNumberAdis = 0\n" +
                             config_test::section("SSL", 1, 0, 6);
    for (const char *type :
         {"c6xx", "4xxx", "dh895xcc", "c3xxx", "200xx", "d15xx", "401xx", "402xx", "420xx"}) {
        const auto file = read(text, type);
        assert_int_equal(file.findings.errors(), 0);
        assert_int_equal(file.findings.warnings(), 0);
        assert_int_equal(file.config.services, QAE_SVC_ALL);
        // Nothing is dropped silently: a note lists the keys that are not used.
        const std::string notes = config_test::text_of(file.findings);
        assert_non_null(strstr(
            notes.c_str(), "f:3:1: note: section [GENERAL]: keys that this driver knows but does not use: "
                           "ServicesProfile, CyNumConcurrentSymRequests"));
        assert_non_null(strstr(notes.c_str(), "section [SIOV] belongs to another driver"));
    }
}

// Keys that only some generations and versions have, with values as their files have them.
void cfg_11_keys_of_every_generation_are_known(void **) {
    const char *lines[] = {
        "FirmwareAuthEnabled = 1",
        "NumCyAccelUnits = 4",
        "NumDcAccelUnits = 2",
        "NumInlineAccelUnits = 0",
        "NumSymAccelUnits = 2",
        "NumAsymAccelUnits = 2",
        "statsMisc = 1",
        "RateLimitingEnabled = 0",
        "SVMEnabled = 1",
        "ATEnabled = 1",
        "ATMode = 2",
        "UQEnabled = 0",
        "CySymAndDcWatchDogTimer = 4000",
        "CyAsymWatchDogTimer = 4000",
        "cyHmacAuthMode = 1",
        "WirelessEnabled = 0",
        "SRIOV_Enabled = 0",
        "ProcDebug = 1",
        "dcTotalSRAMAvailable = 0",
        "ReportParityCompressionError = 0",
        "drbgPollAndWaitTimeMS = 10",
        "Firmware_MofPath = a/mof.bin",
    };
    for (const char *line : lines) {
        const auto file = read(std::string("[GENERAL]\nConfigVersion = 2\n") + line + "\n[DYN]\n");
        const std::string found = config_test::text_of(file.findings);
        if (file.findings.errors() + file.findings.warnings() != 0) {
            print_error("%s", found.c_str());
        }
        assert_int_equal(file.findings.errors() + file.findings.warnings(), 0);
        assert_non_null(strstr(found.c_str(), "f:3:1: note: section [GENERAL]: keys that this driver knows"));
    }
}

// [KERNEL_QAT] is for kernel users as [KERNEL] is: no processes, interrupts, counted against ring pairs.
void cfg_11_second_kernel_section(void **) {
    const auto file = read("[GENERAL]\nConfigVersion = 2\nServicesEnabled = cy;dc\n[KERNEL]\n"
                           "NumberCyInstances = 1\nCy0Name = \"K0\"\n[KERNEL_QAT]\nNumberCyInstances = 2\n"
                           "NumberDcInstances = 2\nCy0Name = \"Q0\"\nCy0IsPolled = 0\nDc1IsPolled = 1\n");
    assert_string_equal(config_test::text_of(file.findings).c_str(), "");
    assert_int_equal(file.config.sections.size(), 2);
    const qae::SectionConfig &second = file.config.sections[1];
    assert_true(second.kind == qae::SectionKind::kernel);
    assert_int_equal(second.requested(QAE_SERVICE_DC), 2);
    assert_int_equal(second.instances.at(0).poll, QAE_POLL_INTERRUPT);
    assert_int_equal(second.instances.at(3).poll, QAE_POLL_POLLED);
    assert_true(plan_on(1, file).empty());
}

void cfg_11_virtual_functions_hold_what_their_files_ask(void **) {
    const std::string text =
        "[GENERAL]\nServicesEnabled = asym;dc\nConfigVersion = 2\n" + config_test::section("SSL", 1, 0, 2) +
        "NumberDcInstances = 2\nDc0Name = \"Dc0\"\nDc0IsPolled = 1\nDc0CoreAffinity = 2\n"
        "Dc1Name = \"Dc1\"\nDc1IsPolled = 1\nDc1CoreAffinity = 3\n";
    for (const char *type : {"4xxxvf", "c6xxvf"}) {
        assert_int_equal(read(text, type).findings.errors(), 0);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(cfg_01_documented_files_load_without_a_finding),
        cmocka_unit_test(cfg_02_documented_files_yield_nine_sections),
        cmocka_unit_test(cfg_03_sections_have_the_documented_instances),
        cmocka_unit_test(cfg_05_endpoints_times_processes),
        cmocka_unit_test(process_takes_its_element_of_the_core_list),
        cmocka_unit_test(fewer_processes_on_one_endpoint_leave_it_out),
        cmocka_unit_test(cfg_11_shipped_keys_are_known),
        cmocka_unit_test(cfg_11_keys_of_every_generation_are_known),
        cmocka_unit_test(cfg_11_second_kernel_section),
        cmocka_unit_test(cfg_11_virtual_functions_hold_what_their_files_ask),
    };
    return cmocka_run_group_tests_name("config_documented", tests, nullptr, nullptr);
}
