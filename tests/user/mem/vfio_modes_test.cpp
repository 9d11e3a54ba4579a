// SPDX-License-Identifier: BSD-3-Clause
// Modes of operation and settings of VFIO mode. Each scene is a process, because a process reads them once.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "mem/address/limits.h"
#include "process/device.h"
#include "support/program.h"
#include "support/vfio_fixture.h"

namespace {

using qae::test::alloc;
using qae::test::Buffer;
using qae::test::FakeContainer;
using qae::test::kFrame;
using qae::test::kPage;
using qae::test::Outcome;
using qae::test::run_scene;

constexpr int kSkipped = 77;

void expect_success(const Outcome &outcome) {
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
    assert_string_equal(outcome.err.c_str(), "");
}

void lock_limit() {
    FakeContainer container;
    const rlimit limit{.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    Buffer buffer(2 * kFrame);
    void *block = alloc(kFrame);
    container.map_fails_from = 0;
    container.map_fails_with = ENOMEM;
    SCENE_CHECK(qaeRegisterDevice(container.fd) != 0 && qaeLastErrno() == EDQUOT);
    SCENE_CHECK(std::strstr(qaeLastError(),
                            "KiB of 1024 KiB are locked, and 2048 KiB more are needed; raise the "
                            "limit on locked memory (ulimit -l)") != nullptr);
    container.map_fails_with = 0;
    SCENE_CHECK(qaeRegisterDevice(container.fd) == 0);
    container.map_fails_with = ENOMEM;
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), 2 * kFrame) == 0 && qaeLastErrno() == EDQUOT);
    SCENE_CHECK(std::strstr(qaeLastError(), "KiB of 1024 KiB are pinned, and 4096 KiB more are needed") !=
                nullptr);
    SCENE_CHECK(std::strstr(qaeLastError(), "ulimit -l") != nullptr);
    SCENE_CHECK(alloc(8 << 20) == nullptr && qaeLastErrno() == EDQUOT);
    SCENE_CHECK(std::strstr(qaeLastError(), "8192 KiB more are needed") != nullptr);
    // A small mapping fits into the limit, so the limit is not what refuses it.
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && qaeLastErrno() == ENOMEM);
    qaeMemFreeNUMA(&block);
}

void drop_privileges() {
    SCENE_CHECK(getuid() != 0 || setresuid(65534, 65534, 65534) == 0); // CAP_IPC_LOCK goes
    lock_limit();
}

void MEM_16_the_limit_on_locked_memory_is_named(void **) {
    expect_success(run_scene("drop_privileges", {{"QAT_USER_MODE", "vfio"}}));
}

// A process may have 65,536 groups, which come first. Wherever a piece of the file ends, the numbers are
// whole.
void MEM_16_what_is_locked_is_read_behind_a_long_list_of_groups(void **) {
    char path[] = "/tmp/qae-status-XXXXXX";
    const int fd = mkstemp(path);
    for (std::size_t groups = 0; groups < 9000; groups += groups < 3900 || groups > 4300 ? 300 : 1) {
        const std::string text = "Name:\tapplication\nGroups:\t" + std::string(groups, '7') +
                                 " \nVmPeak:\t  65536 kB\nVmLck:\t  123456 kB\nThreads:\t1\n"
                                 "CapPrm:\t0000000000004000\nCapEff:\t0000000000000001\n";
        assert_int_equal(pwrite(fd, text.data(), text.size(), 0), text.size());
        assert_int_equal(ftruncate(fd, static_cast<off_t>(text.size())), 0);
        const qae::LockedMemory locked = qae::locked_memory(path);
        assert_int_equal(locked.bytes, std::uint64_t{123456} << 10);
        const std::size_t mask = text.rfind("0001\n");
        assert_int_equal(pwrite(fd, "4", 1, static_cast<off_t>(mask)), 1);
        assert_true(qae::locked_memory(path).most == qae::kNoLimit);
        if (groups == 0) {
            rlimit limit{};
            assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
            assert_true(locked.most == (limit.rlim_cur == RLIM_INFINITY ? qae::kNoLimit : limit.rlim_cur));
        }
    }
    close(fd);
    unlink(path);
}

bool refused_by_locked_limit(const char *what) {
    return qaeLastErrno() == EAGAIN && std::strstr(qaeLastError(), what) != nullptr &&
           std::strstr(qaeLastError(), "mlockall(MCL_FUTURE)") != nullptr;
}

// An application that locks all its memory, without privileges. Later there is nothing left of its limit.
void lock_all_memory() {
    SCENE_CHECK(getuid() != 0 || setresuid(65534, 65534, 65534) == 0);
    rlimit limit{.rlim_cur = 7 << 19, .rlim_max = 7 << 19};
    SCENE_CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    FakeContainer container;
    Buffer buffer(kFrame);
    if (mlockall(MCL_FUTURE) != 0) {
        _exit(kSkipped);
    }
    SCENE_CHECK(qaeRegisterDevice(container.fd) != 0 && refused_by_locked_limit("the tables of VFIO"));
    SCENE_CHECK(munlockall() == 0 && qaeRegisterDevice(container.fd) == 0);
    void *block = alloc(100); // the tables of the heap exist from here on
    qaeMemFreeNUMA(&block);
    qaeMemTrim();
    SCENE_CHECK(mlockall(MCL_FUTURE) == 0);
    SCENE_CHECK(alloc(8 << 20) == nullptr && refused_by_locked_limit("pinned memory"));
    block = alloc(100); // a first region has 2 MiB, or less if the limit leaves less room
    SCENE_CHECK(block != nullptr);
    limit.rlim_cur = 0;
    SCENE_CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && refused_by_locked_limit("pinned memory"));
    SCENE_CHECK(munlockall() == 0 && qaeMemMapContiguousIova(buffer.at(), kPage) != 0);
    qaeMemFreeNUMA(&block);
}

void MEM_04_MEM_13_MEM_16_a_process_that_locks_all_memory_reads_its_limit(void **) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // their own memory exceeds the limit
#endif
    const Outcome outcome = run_scene("lock_all_memory", {{"QAT_USER_MODE", "vfio"}});
    if (outcome.status == kSkipped) {
        skip();
    }
    expect_success(outcome);
}

void small_reach() {
    FakeContainer container;
    SCENE_CHECK(qaeRegisterDevice(container.fd) == 0);
    Buffer buffer(256 << 20);
    container.checks_memory = false;
    std::vector<std::uint64_t> addresses;
    while (const std::uint64_t iova = qaeMemMapContiguousIova(buffer.at(addresses.size() * kFrame), kFrame)) {
        SCENE_CHECK(iova + kFrame <= 1 << 28);
        addresses.push_back(iova);
    }
    SCENE_CHECK(qaeLastErrno() == ENOSPC && addresses.size() == 127);
    SCENE_CHECK(alloc(64) == nullptr && qaeLastErrno() == ENOSPC);
}

void MEM_15_MEM_16_devices_of_small_reach_get_low_addresses(void **) {
    expect_success(run_scene("small_reach", {{"QAT_USER_MODE", "vfio"}, {"QAT_USER_IOVA_BITS", "28"}}));
    const Outcome outcome =
        run_scene("small_reach", {{"QAT_USER_MODE", "vfio"}, {"QAT_USER_IOVA_BITS", "12"}});
    assert_int_equal(
        qae::test::lines_with(outcome.err, "QAT_USER_IOVA_BITS=12: write a whole number from 22 to 64")
            .size(),
        1);
}

void huge_pages() {
    FakeContainer container;
    SCENE_CHECK(qaeRegisterDevice(container.fd) == 0);
    Buffer buffer(4 * kFrame);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(kPage), kFrame) == 0 && qaeLastErrno() == EINVAL);
    SCENE_CHECK(std::strstr(qaeLastError(), "not a multiple of 2048 KiB") != nullptr);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && qaeLastErrno() == EINVAL);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kFrame + kPage) == 0 && qaeLastErrno() == EINVAL);
    SCENE_CHECK(qaeMemUnmapContiguousIova(buffer.at(), kPage) == 1 && qaeLastErrno() == EINVAL);
    const std::uint64_t iova = qaeMemMapContiguousIova(buffer.at(kFrame), 2 * kFrame);
    SCENE_CHECK(iova != 0 && qaeVirtToPhysNUMA(buffer.at(2 * kFrame)) == iova + kFrame);
    SCENE_CHECK(qaeMemUnmapContiguousIova(buffer.at(kFrame), 2 * kFrame) == 0);
    // Six regions of a huge page each, where at most four may have one; the host may have none at all.
    std::vector<void *> blocks;
    for (int i = 0; i < 6; ++i) {
        blocks.push_back(alloc(kFrame, 4096));
        SCENE_CHECK(blocks.back() != nullptr);
    }
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    SCENE_CHECK(qaeMemStats(&stats) == 0);
    SCENE_CHECK(stats.pinned == 6 * kFrame && stats.huge <= 4 * kFrame &&
                stats.huge / kFrame + stats.huge_misses == 6);
    for (void *&block : blocks) {
        qaeMemFreeNUMA(&block);
    }
    qaeMemTrim();
    SCENE_CHECK(qaeMemStats(&stats) == 0 && stats.huge == 0 && stats.pinned == 0 && container.mapped.empty());
}

void MEM_15_MEM_16_huge_pages_are_optional(void **) {
    expect_success(run_scene("huge_pages", {{"QAT_USER_MODE", "vfio"}, {"QAT_USER_HUGEPAGES", "4"}}));
}

void automatic() {
    qae::Device::instance().reopen_at_for_test("/nonexistent/qae_mem");
    Buffer buffer(kFrame);
    SCENE_CHECK(alloc(100) == nullptr && qaeLastErrno() == ENOENT);
    SCENE_CHECK(qaeMemInit() == -ENOENT);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && qaeLastErrno() == ENODEV);
    SCENE_CHECK(qaeRegisterDevice(0) != 0 && qaeLastErrno() == ENOTTY);
    SCENE_CHECK(alloc(100) == nullptr && qaeLastErrno() == ENOENT); // nothing is decided yet
    qaeClearLastError();
    FakeContainer container;
    SCENE_CHECK(qaeRegisterDevice(container.fd) == 0 && qaeLastErrno() == 0);
    void *block = alloc(100);
    SCENE_CHECK(block != nullptr && container.mapped.size() == 1);
    int fd = -5;
    SCENE_CHECK(qaeMemInit() == 0 && qaeMemInitAndReturnFd(&fd) == -EOPNOTSUPP && fd == -5);
    const pid_t child = fork();
    if (child == 0) { // starts from the beginning
        _exit(alloc(100) == nullptr && qaeLastErrno() == ENOENT && qaeRegisterDevice(container.fd) == 0 &&
                      alloc(100) != nullptr
                  ? 0
                  : 1);
    }
    int status = 0;
    SCENE_CHECK(waitpid(child, &status, 0) == child && status == 0);
    SCENE_CHECK(qaeUnregisterDevice(container.fd) == 0);
    SCENE_CHECK(qaeVirtToPhysNUMA(block) != 0);
    qaeMemFreeNUMA(&block);
    SCENE_CHECK(block == nullptr && alloc(100) != nullptr); // VFIO was chosen
}

void MEM_13_automatic_mode_chooses_vfio_when_a_container_is_registered(void **) {
    expect_success(run_scene("automatic", {}));
    expect_success(run_scene("automatic", {{"QAT_USER_MODE", "auto"}}));
}

void not_vfio() {
    FakeContainer container;
    Buffer buffer(kFrame);
    SCENE_CHECK(qaeRegisterDevice(container.fd) != 0 && qaeLastErrno() == EOPNOTSUPP);
    SCENE_CHECK(qaeUnregisterDevice(container.fd) != 0 && qaeLastErrno() == EOPNOTSUPP);
    SCENE_CHECK(qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && qaeLastErrno() == EOPNOTSUPP);
    SCENE_CHECK(qaeMemUnmapContiguousIova(buffer.at(), kPage) == 1 && qaeLastErrno() == EOPNOTSUPP);
    SCENE_CHECK(std::strstr(qaeLastError(), "VFIO") != nullptr && container.map_calls == 0);
}

void MEM_19_other_modes_have_no_containers(void **) {
    expect_success(run_scene("not_vfio", {{"QAT_USER_MODE", "oot"}}));
    const Outcome outcome = run_scene("not_vfio", {{"QAT_USER_MODE", "plain"}});
    assert_int_equal(outcome.status, 0);
}

void vfio_without_a_container() {
    int fd = -5;
    void *block = alloc(100);
    SCENE_CHECK(block != nullptr && qaeVirtToPhysNUMA(block) == kFrame);
    SCENE_CHECK(qaeMemInit() == 0 && qaeMemInitAndReturnFd(&fd) == -EOPNOTSUPP && fd == -5);
    SCENE_CHECK(std::strstr(qaeLastError(), "no descriptor") != nullptr);
    qaeMemFreeNUMA(&block);
    SCENE_CHECK(block == nullptr);
}

void MEM_12_MEM_13_vfio_mode_works_before_a_container_is_registered(void **) {
    expect_success(run_scene("vfio_without_a_container", {{"QAT_USER_MODE", "vfio"}}));
}

} // namespace

int main(int argc, char **argv) {
    qae::test::use_fake_vfio();
    qae::test::play_scene(argc, argv,
                          {{"drop_privileges", drop_privileges},
                           {"lock_all_memory", lock_all_memory},
                           {"small_reach", small_reach},
                           {"huge_pages", huge_pages},
                           {"automatic", automatic},
                           {"not_vfio", not_vfio},
                           {"vfio_without_a_container", vfio_without_a_container}});
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_16_the_limit_on_locked_memory_is_named),
        cmocka_unit_test(MEM_16_what_is_locked_is_read_behind_a_long_list_of_groups),
        cmocka_unit_test(MEM_04_MEM_13_MEM_16_a_process_that_locks_all_memory_reads_its_limit),
        cmocka_unit_test(MEM_15_MEM_16_devices_of_small_reach_get_low_addresses),
        cmocka_unit_test(MEM_15_MEM_16_huge_pages_are_optional),
        cmocka_unit_test(MEM_13_automatic_mode_chooses_vfio_when_a_container_is_registered),
        cmocka_unit_test(MEM_19_other_modes_have_no_containers),
        cmocka_unit_test(MEM_12_MEM_13_vfio_mode_works_before_a_container_is_registered),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
