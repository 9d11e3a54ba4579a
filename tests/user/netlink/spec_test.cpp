// SPDX-License-Identifier: BSD-3-Clause
// Compares docs/netlink/qae.yaml with the header: users of the document depend on its numbers.
#include <fstream>
#include <iterator>
#include <regex>

#include "support/config_test.h"

namespace {

using Names = std::vector<std::string>;

std::string content(const char *path) {
    std::ifstream file(std::string(QAE_SOURCE_DIR "/") + path);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    assert_false(text.empty());
    return text;
}

Names all_matches(const std::string &text, const std::regex &pattern) {
    Names names;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        names.push_back((*at)[1]);
    }
    return names;
}

// Enumerators without their prefix and spelled as in the document: QAE_A_ENDPOINT_ID is endpoint-id.
Names enumerators(const std::string &name, const std::string &prefix) {
    const std::string header =
        content("include/uapi/linux/qae.h") + content("include/uapi/linux/qae_netlink.h");
    const std::size_t from = header.find("enum " + name + " {");
    assert_true(from != std::string::npos);
    const std::string body = header.substr(from, header.find("};", from) - from);
    Names names = all_matches(body, std::regex("\n\t" + prefix + "(\\w+)"));
    for (std::string &word : names) {
        for (char &c : word) {
            c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return names;
}

void same(const Names &documented, const Names &real) {
    assert_true(!real.empty());
    for (std::size_t i = 0; i < std::min(documented.size(), real.size()); ++i) {
        assert_string_equal(documented[i].c_str(), real[i].c_str());
    }
    assert_int_equal(documented.size(), real.size());
}

void attributes_have_the_headers_numbers(void **) {
    const std::string spec = content("docs/netlink/qae.yaml");
    const std::string sets = spec.substr(spec.find("attribute-sets:"), spec.find("\noperations:"));
    same(all_matches(sets, std::regex("\n      - \\{name: ([a-z0-9-]+),")),
         enumerators("qae_attr", "QAE_A_"));
}

void commands_have_the_headers_numbers(void **) {
    const std::string spec = content("docs/netlink/qae.yaml");
    const std::string operations = spec.substr(spec.find("\noperations:"));
    Names documented = all_matches(operations.substr(0, operations.find("mcast-groups:")),
                                   std::regex("\n      name: ([a-z-]+)"));
    documented.insert(documented.begin(), "unspec");
    same(documented, enumerators("qae_cmd", "QAE_CMD_"));
}

void limits_on_memory_have_the_headers_order(void **) {
    const std::string spec = content("docs/netlink/qae.yaml");
    const std::string from = spec.substr(spec.find("name: limit\n"));
    const std::string list = from.substr(from.find('['), from.find(']') - from.find('['));
    same(all_matches(list, std::regex("([a-z]+)")), enumerators("qae_limit", "QAE_LIMIT_"));
}

void endpoint_states_have_the_headers_order(void **) {
    const std::string spec = content("docs/netlink/qae.yaml");
    const std::string from = spec.substr(spec.find("name: endpoint-state\n"));
    const std::string list = from.substr(from.find('['), from.find(']') - from.find('['));
    same(all_matches(list, std::regex("([a-z]+)")), enumerators("qae_endpoint_state", "QAE_ENDPOINT_"));
}

void limits_are_the_headers(void **) {
    const std::string spec = content("docs/netlink/qae.yaml");
    const std::pair<const char *, unsigned> limits[] = {
        {"name-size", QAE_NAME_SIZE},         {"section-size", QAE_SECTION_SIZE},
        {"max-sections", QAE_MAX_SECTIONS},   {"max-processes", QAE_MAX_PROCESSES},
        {"max-instances", QAE_MAX_INSTANCES}, {"max-cores", QAE_MAX_CORES},
        {"max-core-list", QAE_MAX_CORE_LIST}, {"max-wait-ms", QAE_MAX_WAIT_MS},
        {"contig-above", QAE_CONTIG_ABOVE},
    };
    for (const auto &[name, value] : limits) {
        assert_true(config_test::contains(spec, "name: " + std::string(name) +
                                                    ", value: " + std::to_string(value) + "}"));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(attributes_have_the_headers_numbers),
        cmocka_unit_test(commands_have_the_headers_numbers),
        cmocka_unit_test(limits_on_memory_have_the_headers_order),
        cmocka_unit_test(endpoint_states_have_the_headers_order),
        cmocka_unit_test(limits_are_the_headers),
    };
    return cmocka_run_group_tests_name("netlink_spec", tests, nullptr, nullptr);
}
