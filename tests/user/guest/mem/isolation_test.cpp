// SPDX-License-Identifier: BSD-3-Clause
// Pinned memory between processes: no access to another's memory, and no remains of a process that ended.
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/raw_qae.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::Channel;
using guest::is_filled;
using guest::kPage;
using guest::Worker;

// Holds one region full of 0x6b until the test asks for a check.
int hold_a_region(Channel &channel) {
    const int fd = raw_open();
    qae_mem_alloc granted;
    WORKER_CHECK(raw_alloc(fd, 2 << 20, 1, QAE_NODE_ANY, &granted) == 0);
    auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, granted.length));
    WORKER_CHECK(p != nullptr);
    std::memset(p, 0x6b, granted.length);
    channel.say(guest::to_line(granted));
    WORKER_CHECK(channel.hear() == "check");
    WORKER_CHECK(is_filled(p, granted.length, 0x6b));
    qae_mem_query answer;
    WORKER_CHECK(raw_query(fd, granted.id, &answer) == 0);
    WORKER_CHECK(raw_free(fd, granted.id) == 0);
    return 0;
}

void MEM_24_another_descriptor_reaches_no_region(void **) {
    const auto before = guest::holdings();
    Worker owner(hold_a_region);
    const qae_mem_alloc theirs = guest::from_line(owner.hear());
    assert_true(theirs.length == 2 << 20);
    const int fd = raw_open();
    qae_mem_query answer;
    for (int own_regions = 0; own_regions < 2; ++own_regions) {
        for (std::uint32_t id = 0; id < 64; ++id) {
            if (own_regions == 0 || id != 1) {
                assert_int_equal(raw_query(fd, id, &answer), -ENOENT);
                assert_int_equal(raw_free(fd, id), -ENOENT);
            }
        }
        assert_int_equal(raw_query(fd, static_cast<std::uint32_t>(theirs.device_address >> 12), &answer),
                         -ENOENT);
        assert_null(raw_map(fd, theirs.device_address, kPage));
        if (own_regions == 0) {
            assert_null(raw_map(fd, theirs.mmap_offset, kPage));
            qae_mem_alloc mine;
            assert_int_equal(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &mine), 0);
            assert_int_equal(mine.id, 1);
        }
    }
    assert_int_equal(qaeVirtToPhysNUMA(reinterpret_cast<void *>(theirs.device_address)), 0);
    assert_null(qaePhysToVirtNUMA(theirs.device_address));
    owner.say("check");
    assert_int_equal(owner.wait(), 0);
    close(fd);
    guest::assert_holdings(before);
}

// The file is the authority: a process that receives the descriptor acts on the same objects, and the
// descriptor outlives its sender.
void MEM_24_a_descriptor_passed_on_carries_its_regions(void **) {
    const auto before = guest::holdings();
    Worker giver([](Channel &channel) {
        const int fd = raw_open();
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &granted) == 0);
        auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, kPage));
        std::memset(p, 0x2f, kPage);
        channel.say(guest::to_line(granted));
        WORKER_CHECK(channel.hear() == "pass");
        channel.pass_descriptor(fd);
        WORKER_CHECK(channel.hear() == "end");
        return 0;
    });
    const qae_mem_alloc granted = guest::from_line(giver.hear());
    giver.say("pass");
    const int fd = giver.channel().take_descriptor();
    assert_true(fd >= 0);
    giver.say("end");
    assert_int_equal(giver.wait(), 0);
    auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, kPage));
    assert_non_null(p);
    assert_true(is_filled(p, kPage, 0x2f));
    assert_int_equal(raw_free(fd, granted.id), 0);
    munmap(p, kPage);
    close(fd);
    guest::assert_holdings(before);
}

// Whether one of the hexadecimal numbers of @text is @value.
bool has_number(std::string text, std::uint64_t value) {
    std::replace(text.begin(), text.end(), '-', ' ');
    std::istringstream all(text);
    for (std::string word; all >> word;) {
        if (std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isxdigit(c) != 0; }) &&
            word.size() <= 16 && std::stoull(word, nullptr, 16) == value) {
            return true;
        }
    }
    return false;
}

// The line that names the mapping of the driver at @address, "" if there is none.
std::string mapping_line(const char *path, const void *address) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.find("qae_mem") != std::string::npos &&
            std::stoull(line, nullptr, 16) == reinterpret_cast<std::uintptr_t>(address)) {
            return line;
        }
    }
    return {};
}

// An offset or a device number may equal the address of some region by chance; a leak would show all
// addresses.
void MEM_24_addresses_are_in_nobodys_sight(void **) {
    constexpr unsigned kRegions = 8;
    const int fd = raw_open();
    for (const char *path : {"/proc/self/maps", "/proc/self/smaps"}) {
        unsigned seen = 0;
        for (unsigned i = 0; i < kRegions; ++i) {
            qae_mem_alloc granted;
            assert_int_equal(raw_alloc(fd, 2 << 20, 1, QAE_NODE_ANY, &granted), 0);
            void *p = raw_map(fd, granted.mmap_offset, granted.length);
            static_cast<unsigned char *>(p)[0] = 1;
            const std::string line = mapping_line(path, p);
            assert_false(line.empty());
            seen +=
                has_number(line, granted.device_address) || has_number(line, granted.device_address >> 12);
        }
        assert_true(seen < kRegions);
    }
    close(fd);
}

void MEM_24_a_debugger_of_another_process_sees_nothing_by_process_memory(void **) {
    Worker owner([](Channel &channel) {
        auto *p = static_cast<unsigned char *>(qaeMemAllocNUMA(kPage, NUMA_ANY_NODE, 64));
        WORKER_CHECK(p != nullptr);
        std::memset(p, 0x77, kPage);
        channel.say(std::to_string(reinterpret_cast<std::uintptr_t>(p)));
        WORKER_CHECK(channel.hear() == "end");
        WORKER_CHECK(is_filled(p, kPage, 0x77));
        return 0;
    });
    void *theirs = reinterpret_cast<void *>(std::stoull(owner.hear()));
    unsigned char seen[kPage] = {};
    iovec local{seen, sizeof(seen)};
    iovec remote{theirs, sizeof(seen)};
    assert_int_equal(process_vm_readv(owner.pid(), &local, 1, &remote, 1, 0), -1);
    assert_int_equal(process_vm_writev(owner.pid(), &local, 1, &remote, 1, 0), -1);
    owner.say("end");
    assert_int_equal(owner.wait(), 0);
}

// Fills all memory that it can get, then ends without returning it.
int fill_and_end(Channel &channel, bool killed) {
    for (int i = 0; i < 64; ++i) {
        const std::size_t size = i % 2 == 0 ? 1 << 20 : 100000;
        auto *p = static_cast<unsigned char *>(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
        WORKER_CHECK(p != nullptr);
        std::memset(p, 0xd7, size);
        void *freed = p;
        if (i % 4 == 0) {
            qaeMemFreeNonZeroNUMA(&freed);
        }
    }
    channel.say("full");
    if (killed) {
        static_cast<void>(channel.hear());
    }
    return 0;
}

void read_everything_as_zero() {
    const int fd = raw_open();
    std::vector<qae_mem_alloc> regions;
    for (int i = 0; i < 40; ++i) {
        qae_mem_alloc granted;
        assert_int_equal(raw_alloc(fd, i % 2 == 0 ? 2 << 20 : 128 << 10, 1, QAE_NODE_ANY, &granted), 0);
        auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, granted.length));
        assert_non_null(p);
        assert_true(is_filled(p, granted.length, 0));
        munmap(p, granted.length);
    }
    close(fd);
}

void MEM_06_MEM_07_MEM_22_what_a_process_leaves_is_zero_for_the_next(void **) {
    const auto before = guest::holdings();
    for (const bool killed : {false, true, false, true}) {
        Worker worker([killed](Channel &channel) { return fill_and_end(channel, killed); });
        assert_string_equal(worker.hear().c_str(), "full");
        if (killed) {
            worker.kill(SIGKILL);
            assert_int_equal(worker.wait(), 128 + SIGKILL);
        } else {
            assert_int_equal(worker.wait(), 0);
        }
        guest::assert_holdings(before);
        read_everything_as_zero();
        guest::assert_holdings(before);
    }
}

void MEM_22_killed_in_the_middle_of_allocations(void **) {
    const auto before = guest::holdings();
    unsigned random = 12345;
    for (int round = 0; round < 100; ++round) {
        Worker worker([](Channel &channel) -> int {
            channel.say("go");
            for (unsigned i = 0;; ++i) {
                void *p = qaeMemAllocNUMA((i % 7 + 1) * 300000, NUMA_ANY_NODE, 64);
                WORKER_CHECK(p != nullptr);
                static_cast<unsigned char *>(p)[0] = 1;
                i % 2 == 0 ? qaeMemFreeNUMA(&p) : qaeMemFreeNonZeroNUMA(&p);
            }
        });
        assert_string_equal(worker.hear().c_str(), "go");
        random = random * 1103515245 + 12345;
        usleep(random / 65536 % 3000);
        worker.kill(SIGKILL);
        assert_int_equal(worker.wait(), 128 + SIGKILL);
    }
    guest::assert_holdings(before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_24_another_descriptor_reaches_no_region),
        cmocka_unit_test(MEM_24_a_descriptor_passed_on_carries_its_regions),
        cmocka_unit_test(MEM_24_addresses_are_in_nobodys_sight),
        cmocka_unit_test(MEM_24_a_debugger_of_another_process_sees_nothing_by_process_memory),
        cmocka_unit_test(MEM_06_MEM_07_MEM_22_what_a_process_leaves_is_zero_for_the_next),
        cmocka_unit_test(MEM_22_killed_in_the_middle_of_allocations),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
