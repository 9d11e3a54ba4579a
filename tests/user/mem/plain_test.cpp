// SPDX-License-Identifier: BSD-3-Clause
// QAT_USER_MODE=plain and the other settings of the environment. Each scene is a process, because a process
// reads them once.
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "mem/source/numa.h"
#include "process/device.h"
#include "support/cmocka_cpp.h"
#include "support/program.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using qae::test::Environment;
using qae::test::lines_with;
using qae::test::Outcome;
using qae::test::run_scene;

const Environment kPlain = {{"QAT_USER_MODE", "plain"}};
constexpr int kSkipped = 77;

unsigned char *alloc(std::size_t size, std::size_t alignment = 64, int node = NUMA_ANY_NODE) {
    auto *block = static_cast<unsigned char *>(qaeMemAllocNUMA(size, node, alignment));
    SCENE_CHECK(block != nullptr);
    return block;
}

void release(void *block) {
    qaeMemFreeNUMA(&block);
    SCENE_CHECK(block == nullptr);
}

qae_mem_stats stats() {
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    SCENE_CHECK(qaeMemStats(&stats) == 0);
    return stats;
}

void expect_success(const Outcome &outcome) {
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
}

// ---- how it is enabled

void use_without_a_device() {
    qae::Device::instance().reopen_at_for_test("/nonexistent/qae_mem");
    SCENE_CHECK(qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64) == nullptr && qaeLastErrno() == ENOENT);
    SCENE_CHECK(std::strstr(qaeLastError(), "modprobe qae") != nullptr);
    SCENE_CHECK(qaeMemInit() == -ENOENT);
}

void only_the_exact_word_enables_plain_mode(void **) {
    const Outcome unset = run_scene("use_without_a_device", {});
    expect_success(unset);
    assert_string_equal(unset.err.c_str(), "");
    const Outcome empty = run_scene("use_without_a_device", {{"QAT_USER_MODE", ""}});
    expect_success(empty);
    assert_string_equal(empty.err.c_str(), "");
    for (const char *value : {"oot", "auto"}) {
        const Outcome outcome = run_scene("use_without_a_device", {{"QAT_USER_MODE", value}});
        expect_success(outcome);
        assert_string_equal(outcome.err.c_str(), "");
    }
    for (const char *value : {"Plain", "plain ", "1", "VFIO", "qae"}) {
        const Outcome outcome = run_scene("use_without_a_device", {{"QAT_USER_MODE", value}});
        expect_success(outcome);
        assert_int_equal(lines_with(outcome.err, "").size(), 1);
        assert_int_equal(
            lines_with(outcome.err, std::string("QAT_USER_MODE=") + value +
                                        ": not a mode, so it is ignored; write auto, oot, vfio or plain")
                .size(),
            1);
    }
}

void use_from_threads() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] { release(alloc(100)); });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    const pid_t child = fork();
    if (child == 0) {
        release(alloc(100));
        _exit(0);
    }
    int status = 0;
    SCENE_CHECK(waitpid(child, &status, 0) == child && status == 0);
}

void plain_mode_is_announced_once(void **) {
    const Outcome outcome = run_scene("use_from_threads", kPlain);
    expect_success(outcome);
    assert_int_equal(lines_with(outcome.err, "").size(), 1);
    assert_int_equal(lines_with(outcome.err, "ordinary memory with made-up device addresses").size(), 1);
}

void use_with_raised_privileges() {
    if (getauxval(AT_SECURE) == 0) {
        _exit(kSkipped);
    }
    SCENE_CHECK(stats().keep == 8 << 20);
    use_without_a_device();
}

// A program that a user runs with another group's rights must not take orders from the user's environment.
void raised_privileges_ignore_the_environment(void **) {
    if (getuid() != 0) {
        skip();
    }
    char directory[] = "/tmp/qae-plain-XXXXXX";
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0755), 0);
    const std::string copy = std::string(directory) + "/program";
    std::filesystem::copy_file("/proc/self/exe", copy);
    assert_int_equal(chown(copy.c_str(), 0, 65534), 0);
    assert_int_equal(chmod(copy.c_str(), 02755), 0);
    const Outcome outcome = qae::test::run_program(copy, {"--scene", "use_with_raised_privileges"},
                                                   {{"QAT_USER_MODE", "plain"}, {"QAT_USER_MEM_KEEP", "1M"}});
    std::filesystem::remove_all(directory);
    if (outcome.status == kSkipped) {
        print_message("%s is mounted nosuid\n", directory);
        skip();
    }
    expect_success(outcome);
    assert_string_equal(outcome.err.c_str(), "");
}

// ---- what it does

void init() {
    int fd = -5;
    SCENE_CHECK(qaeMemInit() == 0 && qaeMemInit() == 0);
    SCENE_CHECK(qaeMemInitAndReturnFd(&fd) == -EOPNOTSUPP && fd == -5);
    SCENE_CHECK(qaeLastErrno() == EOPNOTSUPP && std::strstr(qaeLastError(), "no descriptor") != nullptr);
    SCENE_CHECK(qaeMemInitAndReturnFd(nullptr) == -EINVAL);
    release(alloc(64));
}

void MEM_12_plain_mode_has_no_descriptor(void **) { expect_success(run_scene("init", kPlain)); }

void check_apart(const std::map<std::uint64_t, std::size_t> &ranges) {
    for (auto range = ranges.begin(); range != ranges.end(); ++range) {
        const auto next = std::next(range);
        SCENE_CHECK(next == ranges.end() || range->first + range->second <= next->first);
    }
}

void translate() {
    std::map<std::uint64_t, std::size_t> ranges;
    std::vector<unsigned char *> blocks;
    for (std::size_t size = 1; size <= (16UL << 20); size = size * 2 + 1) {
        for (std::size_t alignment = 1; alignment <= QAE_MAX_PHYS_ALIGN; alignment *= 16) {
            unsigned char *block = alloc(size, alignment);
            const std::uint64_t device = qaeVirtToPhysNUMA(block);
            SCENE_CHECK(device != 0 && device % alignment == 0);
            for (const std::size_t offset : {std::size_t{0}, size / 3, size - 1}) {
                SCENE_CHECK(qaeVirtToPhysNUMA(block + offset) == device + offset);
                SCENE_CHECK(qaePhysToVirtNUMA(device + offset) == block + offset);
            }
            SCENE_CHECK(block[0] == 0 && block[size - 1] == 0);
            std::memset(block, 0x5a, size);
            ranges[device] = size;
            blocks.push_back(block);
        }
    }
    SCENE_CHECK(ranges.size() == blocks.size());
    check_apart(ranges);
    for (unsigned char *block : blocks) {
        const std::uint64_t device = qaeVirtToPhysNUMA(block);
        release(block);
        SCENE_CHECK(qaeVirtToPhysNUMA(block) == 0 && qaePhysToVirtNUMA(device) == nullptr);
        void *again = block;
        qaeMemFreeNUMA(&again);
        SCENE_CHECK(again == block && qaeLastErrno() == ENOENT);
    }
    SCENE_CHECK(stats().live_blocks == 0);
    SCENE_CHECK(qaeMemTrim() > 0 && stats().pinned == 0);
}

void MEM_03_MEM_08_MEM_09_addresses_are_consistent(void **) {
    expect_success(run_scene("translate", kPlain));
}

void nodes() {
    for (int node = 0; node < 66; ++node) {
        void *block = qaeMemAllocNUMA(1000, node, 64);
        if (qae::node_is_online(node)) {
            qae_mem_block info{};
            info.size = sizeof(info);
            SCENE_CHECK(block != nullptr && qaeMemGetInfo(block, &info) == 0 && info.node == node);
            release(block);
        } else {
            SCENE_CHECK(block == nullptr && qaeLastErrno() == ENXIO);
            SCENE_CHECK(std::strstr(qaeLastError(), "nodes with memory: ") != nullptr);
        }
    }
    SCENE_CHECK(qaeMemAllocNUMA(1000, -2, 64) == nullptr && qaeLastErrno() == EINVAL);
}

void MEM_05_nodes_are_checked(void **) { expect_success(run_scene("nodes", kPlain)); }

void live_through(std::vector<unsigned char *> ancestors, int levels) {
    SCENE_CHECK(stats().live_blocks == 0 && stats().pinned == 0 && stats().pinned_peak == 0);
    for (unsigned char *block : ancestors) {
        void *pointer = block;
        SCENE_CHECK(qaeVirtToPhysNUMA(pointer) == 0);
        qaeMemFreeNUMA(&pointer);
        SCENE_CHECK(pointer == block && qaeLastErrno() == ENOENT);
    }
    std::vector<unsigned char *> own;
    for (const std::size_t size : {64UL, 5000UL, 1UL << 20, 8UL << 20}) {
        own.push_back(alloc(size));
        SCENE_CHECK(own.back()[0] == 0 && own.back()[size - 1] == 0);
        std::memset(own.back(), levels + 1, size);
        ancestors.push_back(own.back());
    }
    if (levels > 0) {
        const pid_t child = fork();
        if (child == 0) {
            live_through(ancestors, levels - 1);
            _exit(0);
        }
        int status = 0;
        SCENE_CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    SCENE_CHECK(stats().live_blocks == own.size());
    for (unsigned char *block : own) {
        SCENE_CHECK(block[63] == levels + 1);
        release(block);
    }
}

void fork_levels() { live_through({}, 4); }

void MEM_11_children_start_empty_and_work(void **) { expect_success(run_scene("fork_levels", kPlain)); }

// ---- the watermark

void show_keep() {
    release(alloc(64));
    SCENE_CHECK(std::to_string(stats().keep) == std::getenv("EXPECTED"));
    qaeMemSetKeep(12345);
    release(alloc(4 << 20));
    SCENE_CHECK(stats().keep == 12345);
}

void set_keep_first() {
    qaeMemSetKeep(1 << 20); // the environment does not override this
    release(alloc(64));
    SCENE_CHECK(stats().keep == 1 << 20);
}

void MEM_22_the_environment_sets_the_watermark(void **) {
    const struct {
        const char *text;
        const char *bytes;
        bool understood;
    } settings[] = {
        {"0", "0", true},           {"65536", "65536", true},        {"512K", "524288", true},
        {"2M", "2097152", true},    {"1G", "1073741824", true},      {"", "8388608", true},
        {"2m", "2097152", true},    {"2MiB", "2097152", true},       {"-1", "8388608", false},
        {"2 MB", "8388608", false}, {"8388608.0", "8388608", false}, {"99999999999G", "8388608", false},
    };
    for (const auto &setting : settings) {
        const Outcome outcome = run_scene(
            "show_keep",
            {{"QAT_USER_MODE", "plain"}, {"QAT_USER_MEM_KEEP", setting.text}, {"EXPECTED", setting.bytes}});
        expect_success(outcome);
        assert_int_equal(lines_with(outcome.err, "not a size; write bytes").size(),
                         setting.understood ? 0 : 1);
    }
    expect_success(run_scene("set_keep_first", {{"QAT_USER_MODE", "plain"}, {"QAT_USER_MEM_KEEP", "2M"}}));
}

} // namespace

int main(int argc, char **argv) {
    qae::test::play_scene(argc, argv,
                          {{"use_without_a_device", use_without_a_device},
                           {"use_from_threads", use_from_threads},
                           {"use_with_raised_privileges", use_with_raised_privileges},
                           {"init", init},
                           {"translate", translate},
                           {"nodes", nodes},
                           {"fork_levels", fork_levels},
                           {"show_keep", show_keep},
                           {"set_keep_first", set_keep_first}});
    const CMUnitTest tests[] = {
        cmocka_unit_test(only_the_exact_word_enables_plain_mode),
        cmocka_unit_test(plain_mode_is_announced_once),
        cmocka_unit_test(raised_privileges_ignore_the_environment),
        cmocka_unit_test(MEM_12_plain_mode_has_no_descriptor),
        cmocka_unit_test(MEM_03_MEM_08_MEM_09_addresses_are_consistent),
        cmocka_unit_test(MEM_05_nodes_are_checked),
        cmocka_unit_test(MEM_11_children_start_empty_and_work),
        cmocka_unit_test(MEM_22_the_environment_sets_the_watermark),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
