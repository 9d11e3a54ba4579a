// SPDX-License-Identifier: BSD-3-Clause
// The pinned memory of one process, and everything that another process, of the same or another user, can
// try.
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::become;
using guest::Channel;
using guest::kAlice;
using guest::kBob;
using guest::kHuge;
using guest::kMembers;
using guest::kPage;
using guest::Worker;

void MEM_24_only_members_of_the_group_open_the_device(void **) {
    const guest::DeviceGroup group;
    Worker stranger([](Channel &) {
        become(kBob, kBob);
        WORKER_CHECK(raw_open() == -EACCES);
        WORKER_CHECK(qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64) == nullptr && qaeLastErrno() == EACCES);
        return 0;
    });
    assert_int_equal(stranger.wait(), 0);
    Worker member([](Channel &) {
        become(kBob, kMembers);
        WORKER_CHECK(raw_open() >= 0);
        WORKER_CHECK(qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64) != nullptr);
        return 0;
    });
    assert_int_equal(member.wait(), 0);
}

// Runs as Alice: takes a region and a block of the library, reports where they are, and checks them at the
// end.
int own_memory(Channel &channel) {
    become(kAlice, kMembers);
    const int fd = raw_open();
    qae_mem_alloc granted;
    WORKER_CHECK(raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted) == 0);
    void *region = raw_map(fd, granted.mmap_offset, granted.length);
    WORKER_CHECK(region != nullptr);
    guest::fill_pattern(region, granted.length, 1);
    void *block = qaeMemAllocNUMA(8 * kPage, NUMA_ANY_NODE, kPage);
    WORKER_CHECK(block != nullptr);
    guest::fill_pattern(block, 8 * kPage, 2);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    channel.say(guest::to_line(granted));
    channel.say(std::to_string(fd) + ' ' + std::to_string(reinterpret_cast<std::uintptr_t>(region)) + ' ' +
                std::to_string(reinterpret_cast<std::uintptr_t>(block)) + ' ' + std::to_string(device));
    WORKER_CHECK(channel.hear() == "check");
    WORKER_CHECK(guest::has_pattern(region, granted.length, 1));
    WORKER_CHECK(guest::has_pattern(block, 8 * kPage, 2));
    WORKER_CHECK(qaeVirtToPhysNUMA(block) == device && qaePhysToVirtNUMA(device) == block);
    qae_mem_query answer;
    WORKER_CHECK(raw_query(fd, granted.id, &answer) == 0);
    WORKER_CHECK(raw_free(fd, granted.id) == 0);
    return 0;
}

struct Owned {
    qae_mem_alloc granted;
    int fd = -1;
    std::uintptr_t region = 0, block = 0;
    std::uint64_t device = 0;

    explicit Owned(Worker &owner) : granted(guest::from_line(owner.hear())) {
        std::istringstream text(owner.hear());
        text >> fd >> region >> block >> device;
        assert_true(device != 0);
    }
};

// Tries the id, the offset and the address of the other process wherever a number is accepted.
void try_foreign_numbers(int fd, const Owned &theirs) {
    qae_mem_query answer;
    const std::uint64_t device = theirs.granted.device_address;
    for (std::uint32_t id = 0; id < 256; ++id) {
        WORKER_CHECK(raw_query(fd, id, &answer) == -ENOENT);
        WORKER_CHECK(raw_free(fd, id) == -ENOENT);
        WORKER_CHECK(raw_map(fd, std::uint64_t{id} << 26, kPage) == nullptr);
        WORKER_CHECK(raw_map(fd, std::uint64_t{id} * (theirs.granted.mmap_offset / theirs.granted.id),
                             kPage) == nullptr);
    }
    const std::uint64_t numbers[] = {device,
                                     device >> 12,
                                     device >> 21,
                                     theirs.device,
                                     theirs.device >> 12,
                                     theirs.region,
                                     theirs.granted.mmap_offset};
    for (const std::uint64_t number : numbers) {
        const auto id = static_cast<std::uint32_t>(number);
        WORKER_CHECK(raw_query(fd, id, &answer) == -ENOENT && raw_free(fd, id) == -ENOENT);
        WORKER_CHECK(raw_map(fd, number & ~(kPage - 1), kPage) == nullptr);
    }
}

void try_foreign_pointers(const Owned &theirs) {
    // At the same address this process has first nothing, then ordinary memory, then blocks of its own.
    for (int round = 0; round < 3; ++round) {
        if (round == 1) {
            for (const std::uintptr_t at : {theirs.block, theirs.region}) {
                static_cast<void>(mmap(reinterpret_cast<void *>(at), 8 * kPage, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
            }
        } else if (round == 2) {
            WORKER_CHECK(qaeMemAllocNUMA(kPage, NUMA_ANY_NODE, 64) != nullptr);
        }
        for (const std::uintptr_t address : {theirs.block, theirs.block + 64, theirs.region}) {
            void *const pointer = reinterpret_cast<void *>(address);
            WORKER_CHECK(qaeVirtToPhysNUMA(pointer) == 0 && qaeLastErrno() == ENOENT);
            for (const auto function : {qaeMemFreeNUMA, qaeMemFreeNonZeroNUMA, qaeMemFree}) {
                void *freed = pointer;
                qaeClearLastError();
                function(&freed);
                WORKER_CHECK(freed == pointer && qaeLastErrno() != 0);
            }
        }
        const std::uint64_t region_device = theirs.granted.device_address;
        for (const std::uint64_t device : {theirs.device, theirs.device + 100, region_device}) {
            WORKER_CHECK(qaePhysToVirtNUMA(device) == nullptr);
            WORKER_CHECK(qaeVirtToPhysNUMA(reinterpret_cast<void *>(device)) == 0);
        }
    }
}

// Ways around the driver, through the other process.
void try_the_process(pid_t victim, const Owned &theirs) {
    const std::string proc = "/proc/" + std::to_string(victim);
    WORKER_CHECK(open((proc + "/fd/" + std::to_string(theirs.fd)).c_str(), O_RDWR) < 0 && errno == EACCES);
    WORKER_CHECK(open((proc + "/mem").c_str(), O_RDWR) < 0 && errno == EACCES);
    WORKER_CHECK(open((proc + "/maps").c_str(), O_RDONLY) < 0 && errno == EACCES);
    WORKER_CHECK(open((proc + "/map_files").c_str(), O_RDONLY) < 0 && errno == EACCES);
    WORKER_CHECK(ptrace(PTRACE_SEIZE, victim, nullptr, nullptr) < 0 && errno == EPERM);
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, victim, 0));
    WORKER_CHECK(pidfd >= 0);
    WORKER_CHECK(syscall(SYS_pidfd_getfd, pidfd, theirs.fd, 0) < 0 && errno == EPERM);
    char seen[64] = {};
    iovec local{seen, sizeof(seen)}, remote{reinterpret_cast<void *>(theirs.region), sizeof(seen)};
    WORKER_CHECK(process_vm_readv(victim, &local, 1, &remote, 1, 0) < 0);
    WORKER_CHECK(process_vm_writev(victim, &local, 1, &remote, 1, 0) < 0);
}

void MEM_08_MEM_10_MEM_24_another_user_reaches_nothing(void **) {
    const guest::DeviceGroup group;
    const auto before = guest::holdings();
    Worker owner(own_memory);
    const Owned theirs(owner);
    const pid_t victim = owner.pid();
    Worker attacker([&](Channel &) {
        become(kBob, kMembers);
        const int fd = raw_open();
        WORKER_CHECK(fd >= 0);
        try_foreign_numbers(fd, theirs);
        try_foreign_pointers(theirs);
        try_the_process(victim, theirs);
        return 0;
    });
    assert_int_equal(attacker.wait(), 0);
    owner.say("check");
    assert_int_equal(owner.wait(), 0);
    guest::assert_holdings(before);
}

// The same user may debug the process and copy its descriptor; without that, the driver gives it nothing.
void MEM_08_MEM_10_MEM_24_another_process_of_the_user_reaches_nothing(void **) {
    const guest::DeviceGroup group;
    const auto before = guest::holdings();
    Worker owner(own_memory);
    const Owned theirs(owner);
    Worker attacker([&](Channel &) {
        become(kAlice, kMembers);
        const int fd = raw_open();
        WORKER_CHECK(fd >= 0);
        try_foreign_numbers(fd, theirs);
        try_foreign_pointers(theirs);
        return 0;
    });
    assert_int_equal(attacker.wait(), 0);
    owner.say("check");
    assert_int_equal(owner.wait(), 0);
    guest::assert_holdings(before);
}

// A file of /proc that stands for the descriptor or the mapping opens the device a second time.
void MEM_24_opening_a_descriptor_by_proc_opens_an_empty_one(void **) {
    const auto before = guest::holdings();
    const int fd = raw_open();
    qae_mem_alloc granted;
    assert_int_equal(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &granted), 0);
    void *p = raw_map(fd, granted.mmap_offset, kPage);
    std::ostringstream range;
    range << "/proc/self/map_files/" << std::hex << reinterpret_cast<std::uintptr_t>(p) << '-'
          << reinterpret_cast<std::uintptr_t>(p) + kPage;
    unsigned opened = 0;
    for (const std::string &path : {"/proc/self/fd/" + std::to_string(fd), range.str()}) {
        const int again = open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (again >= 0) {
            ++opened;
            qae_mem_query answer;
            assert_int_equal(raw_query(again, granted.id, &answer), -ENOENT);
            assert_int_equal(raw_free(again, granted.id), -ENOENT);
            assert_null(raw_map(again, granted.mmap_offset, kPage));
            assert_int_equal(guest::holdings().clients, before.clients + 2);
            close(again);
        }
    }
    assert_true(opened >= 1);
    munmap(p, kPage);
    close(fd);
    guest::assert_holdings(before);
}

// Alice gives Bob her descriptor: from then on it is his as well, whatever she does.
void MEM_22_MEM_24_a_descriptor_sent_to_another_user_is_the_authority(void **) {
    const guest::DeviceGroup group;
    const auto before = guest::holdings();
    Worker alice([](Channel &channel) {
        become(kAlice, kMembers);
        const int fd = raw_open();
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted) == 0);
        void *p = raw_map(fd, granted.mmap_offset, granted.length);
        guest::fill_pattern(p, granted.length, 3);
        channel.say(guest::to_line(granted));
        WORKER_CHECK(channel.hear() == "pass");
        channel.pass_descriptor(fd);
        WORKER_CHECK(channel.hear() == "changed");
        WORKER_CHECK(static_cast<unsigned char *>(p)[0] == 0x99); // one memory, not a copy
        WORKER_CHECK(munmap(p, granted.length) == 0 && close(fd) == 0);
        channel.say("closed");
        return channel.hear() == "end" ? 0 : 1;
    });
    const qae_mem_alloc granted = guest::from_line(alice.hear());
    alice.say("pass");
    const int taken = alice.channel().take_descriptor();
    assert_true(taken >= 0);
    Worker bob([&](Channel &channel) {
        become(kBob, kBob); // not even a member: the file is the authority
        qae_mem_query answer;
        WORKER_CHECK(raw_query(taken, granted.id, &answer) == 0);
        WORKER_CHECK(answer.device_address == granted.device_address);
        auto *p = static_cast<unsigned char *>(raw_map(taken, granted.mmap_offset, granted.length));
        WORKER_CHECK(p != nullptr && guest::has_pattern(p, granted.length, 3));
        p[0] = 0x99;
        channel.say("changed");
        WORKER_CHECK(channel.hear() == "closed");
        WORKER_CHECK(p[0] == 0x99 && raw_query(taken, granted.id, &answer) == 0);
        qae_mem_alloc own;
        WORKER_CHECK(raw_alloc(taken, kPage, 1, QAE_NODE_ANY, &own) == 0);
        WORKER_CHECK(raw_free(taken, granted.id) == 0 && raw_free(taken, own.id) == 0);
        WORKER_CHECK(close(taken) == 0);
        channel.say("only mapped");
        WORKER_CHECK(channel.hear() == "unmap");
        WORKER_CHECK(p[0] == 0x99 && munmap(p, granted.length) == 0);
        channel.say("unmapped");
        return channel.hear() == "end" ? 0 : 1;
    });
    close(taken);
    assert_string_equal(bob.hear().c_str(), "changed");
    alice.say("changed");
    assert_string_equal(alice.hear().c_str(), "closed");
    assert_true(guest::holdings().pinned_bytes == before.pinned_bytes + kHuge);
    bob.say("closed");
    assert_string_equal(bob.hear().c_str(), "only mapped");
    assert_true(guest::holdings().pinned_bytes == before.pinned_bytes + kHuge);
    bob.say("unmap");
    assert_string_equal(bob.hear().c_str(), "unmapped");
    guest::assert_holdings(before); // both are still alive
    alice.say("end");
    bob.say("end");
    assert_int_equal(alice.wait(), 0);
    assert_int_equal(bob.wait(), 0);
}

// A descriptor in flight, in the buffer of a socket, keeps its memory until the socket goes.
void MEM_22_a_descriptor_nobody_took_gives_its_memory_back(void **) {
    const auto before = guest::holdings();
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    {
        Channel sender(ends[0]), receiver(ends[1]);
        const int fd = raw_open();
        qae_mem_alloc granted;
        assert_int_equal(raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted), 0);
        sender.pass_descriptor(fd);
        close(fd);
        assert_true(guest::holdings().pinned_bytes == before.pinned_bytes + kHuge);
    }
    guest::assert_holdings(before);
}

// Takes regions with both kinds of page table entries, in all stages of life, reports their addresses and
// waits.
int be_debugged(Channel &channel) {
    const int fd = raw_open();
    std::vector<std::pair<void *, std::size_t>> mappings;
    for (const bool freed : {false, true}) {
        for (const std::size_t size : {kPage, kHuge, 2 * kHuge}) {
            qae_mem_alloc granted;
            WORKER_CHECK(raw_alloc(fd, size, 1, QAE_NODE_ANY, &granted) == 0);
            void *p = raw_map(fd, granted.mmap_offset, size);
            WORKER_CHECK(p != nullptr);
            guest::fill_pattern(p, size, size);
            WORKER_CHECK(!freed || raw_free(fd, granted.id) == 0);
            mappings.emplace_back(p, size);
            channel.say(std::to_string(reinterpret_cast<std::uintptr_t>(p)));
        }
    }
    WORKER_CHECK(channel.hear() == "check");
    for (const auto &[p, size] : mappings) {
        WORKER_CHECK(guest::has_pattern(p, size, size));
    }
    close(fd);
    channel.say("closed");
    WORKER_CHECK(channel.hear() == "check");
    for (const auto &[p, size] : mappings) {
        WORKER_CHECK(guest::has_pattern(p, size, size));
    }
    return 0;
}

void assert_debugger_sees_nothing(pid_t pid, const std::vector<std::uintptr_t> &addresses) {
    const std::string path = "/proc/" + std::to_string(pid) + "/mem";
    const int memory = open(path.c_str(), O_RDWR | O_CLOEXEC);
    assert_true(memory >= 0);
    int status = 0;
    assert_int_equal(ptrace(PTRACE_SEIZE, pid, nullptr, nullptr), 0);
    assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr), 0);
    assert_int_equal(waitpid(pid, &status, __WALL), pid);
    for (const std::uintptr_t address : addresses) {
        for (const std::uintptr_t at : {address, address + kPage - 8}) {
            auto *remote_address = reinterpret_cast<void *>(at);
            errno = 0;
            assert_int_equal(ptrace(PTRACE_PEEKDATA, pid, remote_address, nullptr), -1);
            assert_int_equal(errno, EIO);
            assert_int_equal(ptrace(PTRACE_POKEDATA, pid, remote_address, remote_address), -1);
            assert_int_equal(errno, EIO);
            char bytes[8] = {};
            assert_int_equal(pread(memory, bytes, sizeof(bytes), static_cast<off_t>(at)), -1);
            assert_int_equal(pwrite(memory, bytes, sizeof(bytes), static_cast<off_t>(at)), -1);
            iovec local{bytes, sizeof(bytes)}, remote{remote_address, sizeof(bytes)};
            assert_int_equal(process_vm_readv(pid, &local, 1, &remote, 1, 0), -1);
            assert_int_equal(process_vm_writev(pid, &local, 1, &remote, 1, 0), -1);
        }
    }
    assert_int_equal(ptrace(PTRACE_DETACH, pid, nullptr, nullptr), 0);
    close(memory);
}

// Root debugs: live regions, freed regions that are still mapped, and after the descriptor was closed.
void MEM_24_debuggers_neither_read_nor_write_the_mapping(void **) {
    const auto before = guest::holdings();
    Worker owner(be_debugged);
    std::vector<std::uintptr_t> addresses;
    while (addresses.size() < 6) {
        addresses.push_back(std::stoull(owner.hear()));
    }
    assert_debugger_sees_nothing(owner.pid(), addresses);
    owner.say("check");
    assert_string_equal(owner.hear().c_str(), "closed");
    assert_debugger_sees_nothing(owner.pid(), addresses);
    owner.say("check");
    assert_int_equal(owner.wait(), 0);
    guest::assert_holdings(before);
}

constexpr const char *kCorePattern = "/proc/sys/kernel/core_pattern";

std::string first_line(const char *path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// Requests a dump of everything that can be dumped, the mapping included.
int dump_core(Channel &) {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    WORKER_CHECK(setrlimit(RLIMIT_CORE, &unlimited) == 0);
    std::ofstream("/proc/self/coredump_filter") << "0x1ff" << std::endl;
    const int fd = raw_open();
    for (const std::size_t size : {kPage, kHuge}) {
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, size, 1, QAE_NODE_ANY, &granted) == 0);
        void *p = raw_map(fd, granted.mmap_offset, size);
        guest::fill_pattern(p, size, 71);
        static_cast<void>(madvise(p, size, MADV_DODUMP));
    }
    void *block = qaeMemAllocNUMA(kPage, NUMA_ANY_NODE, kPage);
    WORKER_CHECK(block != nullptr);
    guest::fill_pattern(block, kPage, 71);
    void *control = std::malloc(kPage);
    guest::fill_pattern(control, kPage, 72);
    std::abort();
}

bool contains_pattern(const std::string &content, std::uint64_t seed) {
    char sought[64];
    guest::fill_pattern(sought, sizeof(sought), seed);
    return std::search(content.begin(), content.end(), sought, sought + sizeof(sought)) != content.end();
}

void MEM_24_core_dumps_hold_no_pinned_memory(void **) {
    const std::string before = first_line(kCorePattern);
    char folder[] = "/tmp/qae-core-XXXXXX";
    assert_non_null(mkdtemp(folder));
    guest::write_line(kCorePattern, std::string(folder) + "/core");
    Worker worker(dump_core);
    const int status = worker.wait();
    guest::write_line(kCorePattern, before);
    assert_int_equal(status, 128 + SIGABRT);
    unsigned cores = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        assert_true(contains_pattern(content, 72)); // the dump is complete
        assert_false(contains_pattern(content, 71));
        ++cores;
    }
    assert_int_equal(cores, 1);
    std::filesystem::remove_all(folder);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_24_only_members_of_the_group_open_the_device),
        cmocka_unit_test(MEM_08_MEM_10_MEM_24_another_user_reaches_nothing),
        cmocka_unit_test(MEM_08_MEM_10_MEM_24_another_process_of_the_user_reaches_nothing),
        cmocka_unit_test(MEM_24_opening_a_descriptor_by_proc_opens_an_empty_one),
        cmocka_unit_test(MEM_22_MEM_24_a_descriptor_sent_to_another_user_is_the_authority),
        cmocka_unit_test(MEM_22_a_descriptor_nobody_took_gives_its_memory_back),
        cmocka_unit_test(MEM_24_debuggers_neither_read_nor_write_the_mapping),
        cmocka_unit_test(MEM_24_core_dumps_hold_no_pinned_memory),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
