// SPDX-License-Identifier: BSD-3-Clause
// Configurations as netlink attributes: the test decodes what encode_config() built with libnl alone.
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include <memory>

#include "netlink/messages.h"
#include "support/config_test.h"

namespace {

struct Free {
    void operator()(nl_msg *message) const { nlmsg_free(message); }
};

std::unique_ptr<nl_msg, Free> message_of(const qae::EndpointConfig &config) {
    std::unique_ptr<nl_msg, Free> message(nlmsg_alloc_size(256 * 1024));
    genlmsg_put(message.get(), 0, 0, 20, 0, 0, QAE_CMD_ENDPOINT_UP, QAE_GENL_VERSION);
    qae::encode_config(message.get(), config);
    return message;
}

std::vector<nlattr *> children(nlattr *nest, qae_attr type) {
    std::vector<nlattr *> result;
    int rest = nla_len(nest);
    for (auto *at = static_cast<nlattr *>(nla_data(nest)); nla_ok(at, rest); at = nla_next(at, &rest)) {
        if (nla_type(at) == type) {
            result.push_back(at);
        }
    }
    return result;
}

nlattr *config_nest(nl_msg *message) {
    auto *header = static_cast<genlmsghdr *>(nlmsg_data(nlmsg_hdr(message)));
    return nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), QAE_A_CONFIG);
}

std::uint32_t number(nlattr *nest, qae_attr type) {
    const auto found = children(nest, type);
    assert_int_equal(found.size(), 1);
    return nla_get_u32(found[0]);
}

std::string text(nlattr *nest, qae_attr type) {
    const auto found = children(nest, type);
    assert_int_equal(found.size(), 1);
    return nla_get_string(found[0]);
}

void documented_file_becomes_its_attributes(void **) {
    const auto message = message_of(config_test::read(config_test::kDocumented).config);
    nlattr *config = config_nest(message.get());
    assert_non_null(config);
    assert_true(children(config, QAE_A_CONFIG_SERVICES).empty());
    const auto sections = children(config, QAE_A_CONFIG_SECTION);
    assert_int_equal(sections.size(), 2);
    assert_string_equal(text(sections[0], QAE_A_CONFIG_SECTION_NAME).c_str(), "SSL");
    assert_int_equal(number(sections[0], QAE_A_CONFIG_SECTION_PROCESSES), 4);
    assert_int_equal(number(sections[0], QAE_A_CONFIG_SECTION_LIMIT_DEV), 1);
    assert_true(children(sections[0], QAE_A_CONFIG_SECTION_WAIT_MS).empty());
    assert_string_equal(text(sections[1], QAE_A_CONFIG_SECTION_NAME).c_str(), "IPsec");
    assert_int_equal(number(sections[1], QAE_A_CONFIG_SECTION_LIMIT_DEV), 0);
    const auto instances = children(sections[1], QAE_A_CONFIG_INSTANCE);
    assert_int_equal(instances.size(), 4);
    for (std::size_t i = 0; i < 4; ++i) {
        assert_int_equal(number(instances[i], QAE_A_CONFIG_INSTANCE_SERVICE), QAE_SERVICE_CY);
        assert_string_equal(text(instances[i], QAE_A_CONFIG_INSTANCE_NAME).c_str(),
                            ("IPSec" + std::to_string(i)).c_str());
        assert_int_equal(number(instances[i], QAE_A_CONFIG_INSTANCE_POLL), QAE_POLL_POLLED);
        const auto cores = children(instances[i], QAE_A_CONFIG_INSTANCE_CORES);
        assert_int_equal(nla_len(cores.at(0)), 4);
    }
}

void policies_and_pools_are_sent(void **) {
    const auto message = message_of(config_test::read("[GENERAL]\nConfigVersion = 2\nServicesEnabled = cy\n"
                                                      "[DYN]\nNumberCyInstances = 2\n"
                                                      "[S]\nNumProcesses = 1\nOnBusy = wait 250\n")
                                        .config);
    nlattr *config = config_nest(message.get());
    assert_int_equal(number(config, QAE_A_CONFIG_SERVICES), QAE_SVC_SYM | QAE_SVC_ASYM);
    const auto sections = children(config, QAE_A_CONFIG_SECTION);
    assert_int_equal(sections.size(), 2);
    assert_true(children(sections[0], QAE_A_CONFIG_SECTION_PROCESSES).empty());
    assert_true(children(sections[0], QAE_A_CONFIG_SECTION_LIMIT_DEV).empty());
    assert_int_equal(children(sections[0], QAE_A_CONFIG_INSTANCE).size(), 2);
    assert_int_equal(number(sections[1], QAE_A_CONFIG_SECTION_WAIT_MS), 250);
}

void kernel_sections_are_sent_as_one(void **) {
    const auto message = message_of(config_test::read("[KERNEL_QAT]\nNumberCyInstances = 2\n"
                                                      "[DYN]\nNumberCyInstances = 1\n"
                                                      "[KERNEL]\nNumberCyInstances = 1\nCy0Name = \"K0\"\n")
                                        .config);
    const auto sections = children(config_nest(message.get()), QAE_A_CONFIG_SECTION);
    assert_int_equal(sections.size(), 2);
    assert_string_equal(text(sections[0], QAE_A_CONFIG_SECTION_NAME).c_str(), "KERNEL");
    const auto instances = children(sections[0], QAE_A_CONFIG_INSTANCE);
    assert_int_equal(instances.size(), 3);
    assert_string_equal(text(instances[0], QAE_A_CONFIG_INSTANCE_NAME).c_str(), "KERNEL_QATCy0");
    assert_string_equal(text(instances[2], QAE_A_CONFIG_INSTANCE_NAME).c_str(), "K0");
}

void empty_configuration_is_sent(void **) {
    const auto message = message_of(qae::EndpointConfig());
    assert_non_null(config_nest(message.get()));
    assert_int_equal(nla_len(config_nest(message.get())), 0);
}

struct Decoded {
    std::size_t parts = 0;
    std::vector<std::pair<std::string, std::vector<std::string>>> sections; // with the instances' names
    std::size_t heads = 0;                                                  // sections with NumProcesses
};

// Reads the parts as the kernel does: a name that came before continues the section.
Decoded decode(nl_msg *message) {
    Decoded result;
    auto *header = static_cast<genlmsghdr *>(nlmsg_data(nlmsg_hdr(message)));
    int rest = genlmsg_attrlen(header, 0);
    for (auto *part = genlmsg_attrdata(header, 0); nla_ok(part, rest); part = nla_next(part, &rest)) {
        assert_int_equal(nla_type(part), result.parts++ == 0 ? QAE_A_CONFIG : QAE_A_CONFIG_MORE);
        for (nlattr *section : children(part, QAE_A_CONFIG_SECTION)) {
            const std::string name = text(section, QAE_A_CONFIG_SECTION_NAME);
            if (result.sections.empty() || result.sections.back().first != name) {
                result.sections.push_back({name, {}});
            }
            result.heads += children(section, QAE_A_CONFIG_SECTION_PROCESSES).size();
            for (nlattr *instance : children(section, QAE_A_CONFIG_INSTANCE)) {
                result.sections.back().second.push_back(text(instance, QAE_A_CONFIG_INSTANCE_NAME));
            }
        }
    }
    assert_int_equal(rest, 0);
    return result;
}

// Lengths have 16 bits: a configuration that is larger than one attribute is divided, and nothing of it is
// lost.
void large_configuration_is_sent_in_parts(void **) {
    const auto small = message_of(config_test::read(config_test::section("S", 1, 0, 128)).config);
    assert_int_equal(decode(small.get()).parts, 1);
    auto file = config_test::read(config_test::section("A", 1, 0, 3) + config_test::section("B", 1, 0, 128) +
                                  config_test::section("C", 1, 0, 2, "Dc"));
    for (qae::SectionConfig &section : file.config.sections) {
        for (qae::InstanceConfig &instance : section.instances) {
            instance.cores.assign(QAE_MAX_CORE_LIST, 7);
            instance.name.resize(QAE_NAME_SIZE - 1, 'x');
        }
    }
    const auto large = message_of(file.config);
    const Decoded decoded = decode(large.get());
    assert_int_equal(decoded.parts, 2);
    assert_int_equal(decoded.heads, 3);
    assert_int_equal(decoded.sections.size(), 3);
    for (std::size_t i = 0; i < decoded.sections.size(); ++i) {
        const qae::SectionConfig &section = file.config.sections[i];
        assert_string_equal(decoded.sections[i].first.c_str(), section.name.c_str());
        assert_int_equal(decoded.sections[i].second.size(), section.instances.size());
        for (std::size_t k = 0; k < section.instances.size(); ++k) {
            assert_string_equal(decoded.sections[i].second[k].c_str(), section.instances[k].name.c_str());
        }
    }
}

// Many sections fill a part too, wherever its end falls.
void many_sections_are_sent_in_parts(void **) {
    for (unsigned last = 1; last <= 40; ++last) {
        qae::EndpointConfig many;
        const auto file = config_test::read(config_test::section("S", 1, 0, 25));
        for (unsigned i = 0; i < 60; ++i) {
            many.sections.push_back(file.config.sections.at(0));
            many.sections.back().name = std::string(i == 0 ? last : 20, 'n') + std::to_string(i);
        }
        const auto message = message_of(many);
        const Decoded decoded = decode(message.get());
        assert_int_equal(decoded.parts, 2);
        assert_int_equal(decoded.sections.size(), 60);
        assert_int_equal(decoded.heads, 60);
    }
}

// Without processes, ring pairs do not bound the instances, and no process would get them.
void section_without_processes_is_sent_without_instances(void **) {
    const auto message = message_of(config_test::read(config_test::section("S", 0, 0, 5)).config);
    const Decoded decoded = decode(message.get());
    assert_int_equal(decoded.sections.size(), 1);
    assert_true(decoded.sections[0].second.empty());
}

void answers_are_decoded(void **) {
    std::unique_ptr<nl_msg, Free> message(nlmsg_alloc());
    genlmsg_put(message.get(), 0, 0, 20, 0, 0, QAE_CMD_SECTION_GET, QAE_GENL_VERSION);
    nla_put_string(message.get(), QAE_A_SECTION_NAME, "IPsec_INT_0");
    nla_put_u32(message.get(), QAE_A_SECTION_ENDPOINT, 3);
    nla_put_u32(message.get(), QAE_A_SECTION_ENDPOINT, 5);
    nla_put_u32(message.get(), QAE_A_SECTION_CY, 8);
    const qae::Section free = qae::decode_section(qae::Attributes(message.get()));
    assert_true(free.endpoints == std::vector<std::uint32_t>({3, 5}));
    assert_int_equal(free.cy, 8);
    assert_false(free.holder.has_value());
    nla_put_u32(message.get(), QAE_A_HOLDER_PID, 0);
    nla_put_u32(message.get(), QAE_A_HOLDER_UID, 1000);
    nla_put_string(message.get(), QAE_A_HOLDER_COMM, "nginx");
    const qae::Section held = qae::decode_section(qae::Attributes(message.get()));
    assert_int_equal(held.holder.value().uid, 1000);
    assert_string_equal(held.holder.value().comm.c_str(), "nginx");
}

void addresses_have_the_digits_they_need(void **) {
    qae::Endpoint endpoint;
    endpoint.pci_domain = 0;
    endpoint.pci_busdevfn = 0x3d << 8 | 0x1f << 3 | 7;
    assert_string_equal(qae::pci_address(endpoint).c_str(), "0000:3d:1f.7");
    endpoint.pci_domain = 0x10001;
    assert_string_equal(qae::pci_address(endpoint).c_str(), "10001:3d:1f.7");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(documented_file_becomes_its_attributes),
        cmocka_unit_test(policies_and_pools_are_sent),
        cmocka_unit_test(kernel_sections_are_sent_as_one),
        cmocka_unit_test(empty_configuration_is_sent),
        cmocka_unit_test(large_configuration_is_sent_in_parts),
        cmocka_unit_test(many_sections_are_sent_in_parts),
        cmocka_unit_test(section_without_processes_is_sent_without_instances),
        cmocka_unit_test(answers_are_decoded),
        cmocka_unit_test(addresses_have_the_digits_they_need),
    };
    return cmocka_run_group_tests_name("config_message", tests, nullptr, nullptr);
}
