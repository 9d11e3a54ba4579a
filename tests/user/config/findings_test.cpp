// SPDX-License-Identifier: BSD-3-Clause
// Findings, word for word: file, line, column and sentence for each kind of mistake (CFG-07, CFG-08).
#include "support/config_test.h"

namespace {

struct Case {
    const char *name;
    std::string text;
    const char *findings; // all of them, notes included
};

std::string user(const char *keys) {
    return std::string("[S]\nNumProcesses = 1\nNumberCyInstances = 1\nCy0Name = \"S0\"\nCy0IsPolled = 1\n"
                       "Cy0CoreAffinity = 0\n") +
           keys;
}

const Case kGrammar[] = {
    {"no equals sign", user("LimitDevAccess 1\n"),
     "f:7:1: error: expected \"key = value\", found \"LimitDevAccess 1\"\n"},
    {"only a word before a comment", user("Limit # = 1\n"),
     "f:7:1: error: expected \"key = value\", found \"Limit\"\n"},
    {"no key", user("  = 1\n"), "f:7:3: error: there is no key before the '='\n"},
    {"no value", user("LimitDevAccess = # 1\n"), "f:7:17: error: there is no value after the '='\n"},
    {"no value in quotes", user("OnBusy = \"\"\n"), "f:7:9: error: there is no value after the '='\n"},
    {"quotes left open", user("OnBusy = \"fail\n"),
     "f:7:10: error: the quotes are not closed on this line\n"},
    {"words after quotes", user("OnBusy = \"fail\" now\n"),
     "f:7:17: error: unexpected \"now\" after the quoted value\n"},
    {"key before any section", "NumProcesses = 1\n" + user(""),
     "f:1:1: error: \"NumProcesses\" comes before the first [section]\n"},
    {"header without bracket", "[S\nNumProcesses = 1\n[DYN]\nNumberCyInstances = 1\n",
     "f:1:1: error: a section header needs a ']' after the name\n"},
    {"words after a header", "[S] x\n[DYN]\nNumberCyInstances = 1\n",
     "f:1:5: error: unexpected \"x\" after the section header; a comment begins with #\n"},
    {"section without name", "[ ]\n[DYN]\nNumberCyInstances = 1\n",
     "f:1:1: error: the section has no name\n"},
    {"slash in a section name", "[a/b]\n[DYN]\nNumberCyInstances = 1\n",
     "f:1:2: error: the section name \"a/b\" must not contain a '/'\n"},
    {"section name that an internal section has", "[a_DEV0]\n[DYN]\nNumberCyInstances = 1\n",
     "f:1:2: error: the section name \"a_DEV0\" must not end in _DEV and a number, as names of internal "
     "sections do\n"},
    {"section twice", user("[DYN]\nNumberDcInstances = 1\n[S]\nLimitDevAccess = 1\n"),
     "f:9:1: warning: section [S] already begins on line 1; the two are read as one\n"},
    {"empty file", "# nothing\n\n",
     "f: warning: the file has no sections: an endpoint would come up without instances\n"},
    {"mark, CRLF and tabs",
     "\xef\xbb\xbf[S]\r\n\tNumProcesses\t=\t0x1 \r\n\r\nNumberDcInstances=1\r\nDc0Name=\"a # b\"# c"
     "\r\nDc0IsPolled=2\r\nDc0CoreAffinity= 0 ,\t2 , 4 - 6\r\n",
     ""},
};

const Case kKeyCases[] = {
    {"near miss of a used key", user("NumProceses = 2\n"),
     "f:7:1: error: section [S] has no key \"NumProceses\"; did you mean NumProcesses?\n"},
    {"near miss of an instance key", user("Cy0IsPoled = 2\n"),
     "f:7:1: error: section [S] has no key \"Cy0IsPoled\"; did you mean Cy0IsPolled?\n"},
    {"wrong letter case", user("limitdevaccess = 1\n"),
     "f:7:1: error: section [S] has no key \"limitdevaccess\"; did you mean LimitDevAccess?\n"},
    {"far from any key", user("Colour = 2\n"), "f:7:1: error: section [S] has no key \"Colour\"\n"},
    {"index with a leading zero", user("Cy00Name = \"x\"\n"),
     "f:7:1: error: section [S] has no key \"Cy00Name\"; did you mean Cy0Name?\n"},
    {"user key in a pool", "[DYN]\nNumberCyInstances = 1\nNumProcesses = 2\n",
     "f:3:1: error: section [DYN] has no key \"NumProcesses\"; it belongs to user sections\n"},
    {"unknown key in GENERAL", "[GENERAL]\nConfigVersion = 2\nColour = 1\n[DYN]\nNumberCyInstances = 1\n",
     "f:3:1: warning: section [GENERAL] has no key \"Colour\"; it is not used\n"},
    {"near miss in GENERAL",
     "[GENERAL]\nConfigVersion = 2\nServiceEnabled = cy\n[DYN]\nNumberCyInstances = 1\n",
     "f:3:1: error: section [GENERAL] has no key \"ServiceEnabled\"; did you mean ServicesEnabled?\n"},
    {"same value twice", user("NumProcesses = 1\n"),
     "f:7:1: warning: NumProcesses is already set on line 2, to the same value\n"},
    {"two values", user("NumProcesses = 2\n"),
     "f:7:1: error: NumProcesses is already set on line 2, to \"1\"; keep one of the two\n"},
    {"two spellings, two values", user("NumCyInstances = 2\n"),
     "f:7:1: error: NumCyInstances is already set on line 3, to \"1\"; keep one of the two\n"},
    {"two names of an instance", user("Cy0Name = \"S1\"\n"),
     "f:7:1: error: Cy0Name is already set on line 4, to \"S0\"; keep one of the two\n"},
    {"near miss of a key that is not used",
     "[GENERAL]\nConfigVersion = 2\nHartbeatTimer = 500\n[DYN]\nNumberCyInstances = 1\n",
     "f:3:1: note: section [GENERAL] has no key \"HartbeatTimer\"; did you mean HeartbeatTimer? This driver "
     "uses neither\n"},
    {"where another driver places an instance", user("Cy0AcceleratorNumber = 0\nCy0BankNumber = 3\n"),
     "f:7:1: note: section [S]: keys that this driver knows but does not use: Cy0AcceleratorNumber, "
     "Cy0BankNumber\n"},
    {"sections of other drivers", "[INLINE]\nInlineIngress = 50%\n[Accelerator0]\nBank0CoreAffinity = 0\n",
     "f:1:1: note: section [INLINE] belongs to another driver and is not used\n"
     "f:3:1: note: section [Accelerator0] belongs to another driver and is not used\n"},
    {"user section with the name of another driver's", "[DEBUG]\nNumProcesses = 1\n",
     "f:1:1: note: section [DEBUG] belongs to another driver and is not used\n"
     "f:2:1: warning: section [DEBUG] cannot be a user section; choose another name\n"},
    {"reserved name in other case", "[Kernel]\nNumberCyInstances = 1\n",
     "f:1:1: error: section [Kernel]: write [KERNEL]; a user section cannot have this name\n"},
    {"names that differ in case", user("[s]\nNumProcesses = 1\nNumberCyInstances = 0\n"),
     "f:7:1: note: section [s] has no instances of its own\n"
     "f:7:1: warning: section [s] differs from [S] on line 1 only in letter case\n"},
    {"key of an instance that is not there", user("Dc0Name = \"x\"\n"),
     "f:7:1: note: section [S]: Dc0Name is not used: NumberDcInstances is 0\n"},
};

const Case kValues[] = {
    {"version 3", "[GENERAL]\nConfigVersion = 3\n",
     "f:2:17: error: section [GENERAL], ConfigVersion: \"3\" is not 2\n"},
    {"no version", "[GENERAL]\nServicesEnabled = cy\n",
     "f:1:1: warning: section [GENERAL]: ConfigVersion is missing; 2 is assumed\n"},
    {"unknown service", "[GENERAL]\nConfigVersion = 2\nServicesEnabled = cy;dv\n",
     "f:3:19: error: section [GENERAL], ServicesEnabled: \"dv\" is not a service; the services are cy, "
     "sym, asym and dc; did you mean \"dc\"?\n"},
    {"services of other drivers", "[GENERAL]\nConfigVersion = 2\nServicesEnabled = sym;dcc;decomp;inline\n",
     "f:3:19: note: section [GENERAL], ServicesEnabled: \"dcc\" is read as dc: chained requests need no "
     "service of their own here\n"
     "f:3:19: note: section [GENERAL], ServicesEnabled: \"decomp\" is read as dc: compression instances also "
     "decompress\n"
     "f:3:19: note: section [GENERAL], ServicesEnabled: \"inline\" is not used: this driver has no inline "
     "service\n"},
    {"only services of other drivers", "[GENERAL]\nConfigVersion = 2\nServicesEnabled = inline\n",
     "f:3:19: error: section [GENERAL], ServicesEnabled: \"inline\" names no service of this driver; the "
     "services are cy, sym, asym and dc\n"},
    {"cy and sym", "[GENERAL]\nConfigVersion = 2\nServicesEnabled = cy;sym\n",
     "f:3:19: error: section [GENERAL], ServicesEnabled: cy already includes sym and asym; write either cy "
     "or the separate services\n"},
    {"ignored key out of range", "[GENERAL]\nConfigVersion = 2\nCyNumConcurrentSymRequests = 500\n",
     "f:3:1: note: section [GENERAL]: keys that this driver knows but does not use: "
     "CyNumConcurrentSymRequests\n"
     "f:3:30: warning: section [GENERAL], CyNumConcurrentSymRequests: 500 is not a power of two; this driver "
     "does not use the key\n"},
    {"limit of 2", user("LimitDevAccess = 2\n"),
     "f:7:18: error: section [S], LimitDevAccess: 2 is out of range; write 0 or 1\n"},
    {"processes 2^31", "[S]\nNumProcesses = 2147483648\n",
     "f:2:16: error: section [S], NumProcesses: 2147483648 is out of range; write a number from 0 to 1024\n"},
    {"processes -1", "[S]\nNumProcesses = -1\n",
     "f:2:16: error: section [S], NumProcesses: \"-1\" is not valid; write a number from 0 to 1024\n"},
    {"2^32 + 1 instances", "[DYN]\nNumberCyInstances = 4294967297\n",
     "f:2:21: error: section [DYN], NumberCyInstances: 4294967297 is out of range; write a number from 0 to "
     "128\n"},
    {"no process", "[S]\nNumberCyInstances = 0\n",
     "f:1:1: warning: section [S]: NumProcesses is missing, so no process can claim it\n"},
    {"process count of 0", "[S]\nNumProcesses = 0\nNumberCyInstances = 0\n",
     "f:2:1: note: section [S]: NumProcesses is 0, so no process can claim it\n"},
    {"busy policy", user("OnBusy = wait 500 # ms\n"), ""},
    {"unknown busy policy", user("OnBusy = fial\n"),
     "f:7:10: error: section [S], OnBusy: \"fial\" is neither \"fail\" nor \"wait <milliseconds>\"; did you "
     "mean \"fail\"?\n"},
    {"waiting without a time", user("OnBusy = wait\n"),
     "f:7:10: error: section [S], OnBusy: wait needs a time in milliseconds, such as \"wait 2000\"\n"},
    {"waiting too long", user("OnBusy = wait 3600001\n"),
     "f:7:10: error: section [S], OnBusy: the time to wait, in milliseconds: 3600001 is out of range; write "
     "a "
     "number from 1 to 3600000\n"},
};

std::string instance(const char *keys) {
    return std::string("[S]\nNumProcesses = 1\nNumCyInstances = 1\n") + keys;
}

const Case kInstances[] = {
    {"core 5000", instance("Cy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 5000\n"),
     "f:6:19: error: section [S], Cy0CoreAffinity: core 5000 cannot exist: cores are numbered 0 to 4095\n"},
    {"range backwards", instance("Cy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 1,7-3\n"),
     "f:6:19: error: section [S], Cy0CoreAffinity: the range \"7-3\" runs backwards\n"},
    {"core without a number", instance("Cy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 1,,2\n"),
     "f:6:19: error: section [S], Cy0CoreAffinity: \"\" is not a core; write a list such as 0,2,4-6\n"},
    {"too many cores", instance("Cy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 0-128\n"),
     "f:6:19: error: section [S], Cy0CoreAffinity: the list has more than 128 cores\n"},
    {"IsPolled of 3", instance("Cy0Name = \"a\"\nCy0IsPolled = 3\nCy0CoreAffinity = 0\n"),
     "f:5:15: error: section [S], Cy0IsPolled: 3 is out of range; write a number from 0 to 2\n"},
    {"interrupts in a process", instance("Cy0Name = \"a\"\nCy0IsPolled = 0\nCy0CoreAffinity = 0\n"),
     "f:5:15: warning: section [S], Cy0IsPolled: 0 (interrupts) is for kernel instances; processes use 1 "
     "(polled) or 2 (epoll)\n"},
    {"missing IsPolled and CoreAffinity", instance("Cy0Name = \"a\"\n"),
     "f:4:1: warning: section [S]: Cy0IsPolled is missing; 1 is assumed\n"
     "f:4:1: warning: section [S]: Cy0CoreAffinity is missing; no core is assumed\n"},
    {"missing Cy1Name",
     "[S]\nNumProcesses = 1\nNumberCyInstances = 2\nCy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 0\n",
     "f:3:1: error: section [S]: NumberCyInstances is 2, but Cy1Name is missing\n"},
    {"names missing in a row",
     "[S]\nNumProcesses = 1\nNumberCyInstances = 5\nCy0Name = a\nCy0IsPolled = 1\nCy0CoreAffinity = 0\n"
     "Cy3Name = b\nCy3IsPolled = 1\nCy3CoreAffinity = 0\n",
     "f:3:1: error: section [S]: NumberCyInstances is 5, but Cy1Name to Cy2Name are missing\n"
     "f:3:1: error: section [S]: NumberCyInstances is 5, but Cy4Name is missing\n"},
    {"name of 64 bytes",
     instance(
         "Cy0Name = \"0123456789012345678901234567890123456789012345678901234567890123\"\nCy0IsPolled = 1\n"
         "Cy0CoreAffinity = 0\n"),
     "f:4:12: error: section [S], Cy0Name: the name has 64 bytes; the limit is 63\n"},
    {"name with a slash", instance("Cy0Name = \"a/b\"\nCy0IsPolled = 1\nCy0CoreAffinity = 0\n"),
     "f:4:12: error: section [S], Cy0Name: a name must not contain tabs or a '/'\n"},
    {"one name for two instances",
     "[S]\nNumProcesses = 1\nNumberCyInstances = 2\nCy0Name = \"a\"\nCy0IsPolled = 1\nCy0CoreAffinity = 0\n"
     "Cy1Name = \"a\"\nCy1IsPolled = 1\nCy1CoreAffinity = 0\n",
     "f:7:12: warning: section [S]: Cy1Name has the same name as Cy0Name\n"},
    {"pools need no names", "[KERNEL]\nNumberCyInstances = 2\n[DYN]\nNumberDcInstances = 3\n", ""},
};

const Case kCapacity[] = {
    {"one section too large", config_test::section("SSL", 65, 1, 1),
     "f:4:1: error: section [SSL], NumberCyInstances: requests 65 crypto instances (NumberCyInstances = 1 "
     "for "
     "each of NumProcesses = 65); the whole file requests 65, but an endpoint of type c6xx has ring pairs "
     "for "
     "64\n"},
    {"all of it fits", config_test::section("SSL", 64, 1, 1), ""},
    {"compression has what crypto does not need", config_test::section("Z", 128, 1, 1, "Dc"), ""},
    {"the second section crosses the limit",
     "[DYN]\nNumberCyInstances = 60\n" + config_test::section("SSL", 5, 1, 1),
     "f:6:1: error: section [SSL], NumberCyInstances: requests 5 crypto instances (NumberCyInstances = 1 for "
     "each of NumProcesses = 5); the sections above it request 60, the whole file requests 65, but an "
     "endpoint of type c6xx has ring pairs for 64\n"},
    {"the pool crosses the limit", config_test::section("SSL", 64, 1, 1) + "[DYN]\nNumberCyInstances = 1\n",
     "f:9:1: error: section [DYN], NumberCyInstances: requests 1 crypto instance (NumberCyInstances = 1); "
     "the "
     "sections above it request 64, the whole file requests 65, but an endpoint of type c6xx has ring pairs "
     "for 64\n"},
    {"both sections for kernel users count",
     "[KERNEL]\nNumberCyInstances = 40\n[KERNEL_QAT]\nNumberCyInstances = 25\n",
     "f:4:1: error: section [KERNEL_QAT], NumberCyInstances: requests 25 crypto instances (NumberCyInstances "
     "= 25); the sections above it request 40, the whole file requests 65, but an endpoint of type c6xx has "
     "ring pairs for 64\n"},
    {"more instances for the kernel than a section has",
     "[KERNEL]\nNumberDcInstances = 100\n[KERNEL_QAT]\nNumberDcInstances = 29\n",
     "f:4:1: error: section [KERNEL_QAT], NumberDcInstances: the sections for kernel users request 129 "
     "compression instances together; the limit is 128\n"
     "f:4:1: error: section [KERNEL_QAT], NumberDcInstances: requests 29 compression instances "
     "(NumberDcInstances = 29); the sections above it request 100, the whole file requests 129, but an "
     "endpoint of type c6xx has ring pairs for 128\n"},
    {"compression halves crypto", config_test::section("SSL", 33, 1, 1) + "[DYN]\nNumberDcInstances = 1\n",
     "f:4:1: error: section [SSL], NumberCyInstances: requests 33 crypto instances (NumberCyInstances = 1 "
     "for "
     "each of NumProcesses = 33); the whole file requests 33, but an endpoint of type c6xx has ring pairs "
     "for "
     "32\n"},
    {"more processes than an endpoint has",
     config_test::section("A", 1000, 1, 0) + config_test::section("B", 25, 1, 0),
     "f:1:1: note: section [A] has no instances of its own\n"
     "f:5:1: note: section [B] has no instances of its own\n"
     "f:6:1: error: section [B], NumProcesses: this brings the file to 1025 processes; the limit for one "
     "endpoint is 1024\n"},
};

template <std::size_t N> void run(const Case (&cases)[N]) {
    for (const Case &c : cases) {
        const auto file = config_test::read(c.text);
        const std::string found = config_test::text_of(file.findings);
        if (found != c.findings) {
            print_error("case: %s\n", c.name);
        }
        assert_string_equal(found.c_str(), c.findings);
    }
}

void cfg_08_grammar(void **) { run(kGrammar); }
void cfg_08_keys(void **) { run(kKeyCases); }
void cfg_08_values(void **) { run(kValues); }
void cfg_08_instances(void **) { run(kInstances); }
void cfg_07_capacity(void **) { run(kCapacity); }

// The check refuses what the kernel refuses: each type at its limit, and with one instance more.
void cfg_07_capacity_of_each_type(void **) {
    const struct {
        const char *type;
        unsigned cy, dc;
    } rows[] = {{"c6xx", 64, 128}, {"c3xxx", 64, 128}, {"200xx", 64, 128}, {"4xxx", 32, 64},
                {"402xx", 32, 64}, {"420xx", 32, 64},  {"c6xxvf", 4, 8},   {"4xxxvf", 2, 4}};
    for (const auto &row : rows) {
        assert_int_equal(
            config_test::read(config_test::section("S", row.cy, 1, 1), row.type).findings.errors(), 0);
        assert_int_equal(
            config_test::read(config_test::section("S", row.cy + 1, 1, 1), row.type).findings.errors(), 1);
        const auto dc = [&](unsigned n) { return config_test::section("S", n, 1, 1, "Dc"); };
        assert_int_equal(config_test::read(dc(row.dc), row.type).findings.errors(), 0);
        assert_int_equal(config_test::read(dc(row.dc + 1), row.type).findings.errors(), 1);
    }
}

void values_are_what_the_file_says(void **) {
    const auto file = config_test::read("[GENERAL]\nConfigVersion = 2\nServicesEnabled = sym ; dc\n"
                                        "[S]\nNumProcesses = 0x2\nLimitDevAccess = 1\nOnBusy = wait 250\n"
                                        "NumDcInstances = 1\nDc0Name = \"a # b\"\nDc0IsPolled = 2\n"
                                        "Dc0CoreAffinity = 0,2,4-6\n[KERNEL]\nNumberCyInstances = 1\n");
    assert_int_equal(file.findings.errors() + file.findings.warnings(), 0);
    assert_int_equal(file.config.services, QAE_SVC_SYM | QAE_SVC_DC);
    const qae::SectionConfig &section = file.config.sections.at(0);
    assert_int_equal(section.processes.value, 2);
    assert_int_equal(section.limit_dev_access.value, 1);
    assert_int_equal(section.wait_ms.value(), 250);
    const qae::InstanceConfig &instance = section.instances.at(0);
    assert_int_equal(instance.service, QAE_SERVICE_DC);
    assert_string_equal(instance.name.c_str(), "a # b");
    assert_int_equal(instance.poll, QAE_POLL_EPOLL);
    assert_true(instance.cores == std::vector<std::uint32_t>({0, 2, 4, 5, 6}));
    assert_string_equal(file.config.sections.at(1).instances.at(0).name.c_str(), "KERNELCy0");
    assert_int_equal(file.config.sections.at(1).instances.at(0).poll, QAE_POLL_INTERRUPT);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(cfg_08_grammar),
        cmocka_unit_test(cfg_08_keys),
        cmocka_unit_test(cfg_08_values),
        cmocka_unit_test(cfg_08_instances),
        cmocka_unit_test(cfg_07_capacity),
        cmocka_unit_test(cfg_07_capacity_of_each_type),
        cmocka_unit_test(values_are_what_the_file_says),
    };
    return cmocka_run_group_tests_name("config_findings", tests, nullptr, nullptr);
}
