// SPDX-License-Identifier: BSD-3-Clause
// Nothing is left in pinned memory when it changes its owner, however the owner ended. A process that takes
// all it can get leaves the other processes, and the counts, as they were.
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/limits.h"
#include "support/worker.h"
#include <qae_mem.h>

namespace {

using guest::Channel;
using guest::kHuge;
using guest::kPage;
using guest::Worker;

constexpr std::uint64_t kSeed = 0x5ec4e7;
constexpr std::size_t kTaken = 128UL << 20; // each owner fills as much; the readers take more

constexpr std::size_t kRegionSizes[] = {kHuge, 64 * kPage, 2 * kHuge, kPage};

// Takes regions of changing sizes, kTaken bytes in all, and hands each with its mapping to @use.
template <typename Use> void take_regions(int fd, std::size_t total, Use use) {
    std::size_t taken = 0;
    for (unsigned i = 0; taken < total; ++i) {
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, kRegionSizes[i % 4], 1, QAE_NODE_ANY, &granted) == 0);
        void *p = raw_map(fd, granted.mmap_offset, granted.length);
        WORKER_CHECK(p != nullptr);
        use(granted, p);
        taken += granted.length;
    }
}

enum class End { kFree, kClose, kUnmapLast, kExit, kKilled };

// Fills regions with secrets, and loses them in one of the possible ways.
int leave_secrets(Channel &channel, End end) {
    const int fd = raw_open();
    std::vector<std::pair<void *, std::size_t>> mappings;
    std::vector<std::uint32_t> ids;
    take_regions(fd, kTaken, [&](const qae_mem_alloc &granted, void *p) {
        guest::fill_pattern(p, granted.length, kSeed);
        mappings.emplace_back(p, granted.length);
        ids.push_back(granted.id);
    });
    const auto unmap_all = [&] {
        for (const auto &[p, length] : mappings) {
            WORKER_CHECK(munmap(p, length) == 0);
        }
    };
    if (end == End::kFree) {
        unmap_all();
        for (const std::uint32_t id : ids) {
            WORKER_CHECK(raw_free(fd, id) == 0);
        }
    } else if (end == End::kClose) {
        unmap_all();
        close(fd);
    } else if (end == End::kUnmapLast) {
        close(fd);
        unmap_all();
    }
    channel.say("left");
    return end == End::kExit || channel.hear() == "end" ? 0 : 1;
}

// Runs as another user: everything that can be had is zero before a byte of it is written.
int find_only_zeroes(Channel &) {
    guest::become(guest::kBob, guest::kMembers);
    const int fd = raw_open();
    WORKER_CHECK(fd >= 0);
    take_regions(fd, kTaken + kTaken / 2, [](const qae_mem_alloc &granted, void *p) {
        WORKER_CHECK(guest::is_zero(p, granted.length));
    });
    return 0;
}

void assert_nothing_is_found() {
    Worker reader(find_only_zeroes);
    assert_int_equal(reader.wait(), 0);
}

void MEM_06_MEM_22_MEM_24_regions_come_zeroed_however_they_went(void **) {
    const guest::DeviceGroup group;
    for (const End end : {End::kFree, End::kClose, End::kUnmapLast, End::kExit, End::kKilled}) {
        const auto before = guest::holdings();
        Worker owner([end](Channel &channel) { return leave_secrets(channel, end); });
        assert_string_equal(owner.hear().c_str(), "left");
        if (end == End::kKilled) {
            owner.kill(SIGKILL);
            assert_int_equal(owner.wait(), 128 + SIGKILL);
            guest::assert_holdings(before);
        }
        if (end == End::kExit) {
            assert_int_equal(owner.wait(), 0);
            guest::assert_holdings(before);
        }
        assert_nothing_is_found();
        if (end < End::kExit) { // the owner was alive while the reader read
            owner.say("end");
            assert_int_equal(owner.wait(), 0);
        }
        guest::assert_holdings(before);
    }
}

// The library recycles memory, cleared or not, only within the process.
void MEM_07_MEM_24_uncleared_blocks_end_with_the_process(void **) {
    const guest::DeviceGroup group;
    for (const bool killed : {false, true}) {
        const auto before = guest::holdings();
        Worker owner([](Channel &channel) {
            for (int cycle = 0; cycle < 8; ++cycle) {
                std::vector<void *> blocks;
                for (std::size_t size = 64; size <= 2 * kHuge; size *= 2) {
                    for (std::size_t i = 0; i < std::max<std::size_t>(1, (2UL << 20) / size / 16); ++i) {
                        blocks.push_back(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
                        WORKER_CHECK(blocks.back() != nullptr);
                        guest::fill_pattern(blocks.back(), size, kSeed);
                    }
                }
                for (void *block : blocks) {
                    cycle % 2 == 0 ? qaeMemFreeNonZeroNUMA(&block) : qaeMemFreeNUMA(&block);
                }
            }
            void *block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
            WORKER_CHECK(block != nullptr);
            channel.say("full");
            return channel.hear() == "end" ? 0 : 1;
        });
        assert_string_equal(owner.hear().c_str(), "full");
        assert_nothing_is_found(); // not even what the library gave back meanwhile
        if (killed) {
            owner.kill(SIGKILL);
            assert_int_equal(owner.wait(), 128 + SIGKILL);
        } else {
            owner.say("end");
            assert_int_equal(owner.wait(), 0);
        }
        guest::assert_holdings(before);
        assert_nothing_is_found();
    }
}

std::uint64_t number_in(const std::string &path) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    file >> number;
    return number;
}

// A memory control group with a limit; removed at the end.
class Cgroup {
public:
    explicit Cgroup(std::uint64_t limit) {
        static_cast<void>(std::ofstream("/sys/fs/cgroup/cgroup.subtree_control") << "+memory" << std::endl);
        // A group that a failed test left behind is good enough.
        assert_true(mkdir(kPath, 0755) == 0 || errno == EEXIST);
        guest::write_line(path("memory.max"), std::to_string(limit));
    }
    ~Cgroup() { rmdir(kPath); }
    Cgroup(const Cgroup &) = delete;
    Cgroup &operator=(const Cgroup &) = delete;

    static std::string path(const char *name) { return std::string(kPath) + '/' + name; }
    static void enter() {
        std::ofstream file(path("cgroup.procs"));
        file << getpid() << std::endl;
        WORKER_CHECK(file.good());
    }

private:
    static constexpr const char *kPath = "/sys/fs/cgroup/qae-residue";
};

// Takes ordinary memory until the kernel ends this process.
[[noreturn]] void run_out_of_memory() {
    for (;;) {
        void *p = mmap(nullptr, kHuge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        std::memset(p, 1, kHuge);
    }
}

void MEM_22_MEM_24_a_process_out_of_memory_leaves_nothing(void **) {
    const guest::DeviceGroup group;
    const auto before = guest::holdings();
    const Cgroup cgroup(192UL << 20);
    Worker owner([](Channel &channel) -> int {
        Cgroup::enter();
        const int fd = raw_open();
        take_regions(fd, kTaken, [](const qae_mem_alloc &granted, void *p) {
            guest::fill_pattern(p, granted.length, kSeed);
        });
        channel.say("full");
        WORKER_CHECK(channel.hear() == "more");
        run_out_of_memory();
    });
    assert_string_equal(owner.hear().c_str(), "full");
    // All pinned memory is charged, except what comes from the driver's reserve.
    assert_true(number_in(Cgroup::path("memory.current")) >= kTaken - (16UL << 20));
    owner.say("more");
    assert_int_equal(owner.wait(), 128 + SIGKILL);
    guest::assert_holdings(before);
    assert_nothing_is_found();
}

void MEM_23_a_full_control_group_refuses_and_nobody_dies(void **) {
    const auto before = guest::holdings();
    const Cgroup cgroup(64UL << 20);
    Worker taker([](Channel &) {
        Cgroup::enter();
        const int fd = raw_open();
        qae_mem_alloc granted;
        int err = 0;
        unsigned regions = 0;
        while (regions < 1000 && (err = raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted)) == 0) {
            ++regions;
        }
        // What comes from the driver's reserve is on top of it.
        WORKER_CHECK(err == -EDQUOT && regions >= 16 && regions <= 64);
        return 0;
    });
    assert_int_equal(taker.wait(), 0);
    guest::assert_holdings(before);
}

// Physical memory as root sees it: /proc/kcore, an ELF file with a header for each part.
class PhysicalMemory {
public:
    PhysicalMemory() : fd_(open("/proc/kcore", O_RDONLY | O_CLOEXEC)) {
        Elf64_Ehdr head;
        if (fd_ < 0 || pread(fd_, &head, sizeof(head), 0) != sizeof(head)) {
            return;
        }
        parts_.resize(head.e_phnum);
        const auto length = static_cast<ssize_t>(parts_.size() * sizeof(Elf64_Phdr));
        if (pread(fd_, parts_.data(), static_cast<std::size_t>(length), static_cast<off_t>(head.e_phoff)) !=
            length) {
            parts_.clear();
        }
    }
    ~PhysicalMemory() { close(fd_); }
    PhysicalMemory(const PhysicalMemory &) = delete;
    PhysicalMemory &operator=(const PhysicalMemory &) = delete;

    bool is_shown() const { return !parts_.empty(); }
    std::vector<char> page(std::uint64_t address) const {
        std::vector<char> content(kPage);
        for (const Elf64_Phdr &part : parts_) {
            if (part.p_type == PT_LOAD && part.p_paddr != UINT64_MAX && address >= part.p_paddr &&
                address + kPage <= part.p_paddr + part.p_memsz) {
                assert_int_equal(pread(fd_, content.data(), kPage,
                                       static_cast<off_t>(part.p_offset + (address - part.p_paddr))),
                                 kPage);
                return content;
            }
        }
        fail_msg("%#llx is in no part of /proc/kcore", static_cast<unsigned long long>(address));
        return content;
    }

private:
    int fd_;
    std::vector<Elf64_Phdr> parts_;
};

bool holds_secret(const std::vector<char> &page) {
    std::vector<char> secret(64);
    guest::fill_pattern(secret.data(), secret.size(), kSeed);
    return std::search(page.begin(), page.end(), secret.begin(), secret.end()) != page.end();
}

// The driver may clear memory after the process that freed it has gone on; ten seconds are plenty.
bool is_cleared(const PhysicalMemory &memory, std::uint64_t address) {
    for (int tries = 0; tries < 1000; ++tries) {
        if (!holds_secret(memory.page(address))) {
            return true;
        }
        usleep(10000);
    }
    return false;
}

// Memory is cleared when it is given back, not only when it is granted again: free memory holds no secrets. A
// descriptor may keep what it frees for its own next request, and gives it back when it is closed.
void MEM_06_the_memory_itself_is_cleared_when_it_goes(void **) {
    const PhysicalMemory memory;
    if (!memory.is_shown()) {
        print_message("this kernel has no /proc/kcore; KUnit looks at the pages themselves\n");
        skip();
    }
    const auto before = guest::holdings();
    const int sizes_of = raw_open();
    for (const std::size_t size : guest::region_sizes(sizes_of)) {
        for (const bool unmapped_first : {true, false}) {
            const int fd = raw_open();
            qae_mem_alloc granted;
            assert_int_equal(raw_alloc(fd, size, 1, QAE_NODE_ANY, &granted), 0);
            void *p = raw_map(fd, granted.mmap_offset, size);
            for (std::size_t at = 0; at < size; at += kPage) {
                guest::fill_pattern(static_cast<char *>(p) + at, kPage, kSeed);
            }
            assert_true(holds_secret(memory.page(granted.device_address))); // the search does find secrets
            if (unmapped_first) {
                munmap(p, size);
            }
            assert_true(holds_secret(memory.page(granted.device_address + size - kPage)));
            assert_int_equal(raw_free(fd, granted.id), 0);
            if (!unmapped_first) {
                assert_true(holds_secret(memory.page(granted.device_address + size - kPage)));
                munmap(p, size);
            }
            close(fd);
            for (std::size_t at = 0; at < size; at += kPage) {
                assert_true(is_cleared(memory, granted.device_address + at));
            }
        }
    }
    close(sizes_of);
    guest::assert_holdings(before);
}

// A descriptor frees memory and takes it again: it is the same memory, and zero.
void MEM_03_MEM_06_a_descriptor_gets_its_own_memory_back_zeroed(void **) {
    const auto before = guest::holdings();
    const int others = raw_open();
    std::vector<qae_mem_alloc> taken(8); // empties the reserve of the driver
    for (qae_mem_alloc &one : taken) {
        assert_int_equal(raw_alloc(others, kHuge, 1, QAE_NODE_ANY, &one), 0);
    }
    const int fd = raw_open();
    unsigned same = 0;
    std::uint64_t last = 0;
    for (int round = 0; round < 16; ++round) {
        qae_mem_alloc granted;
        assert_int_equal(raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted), 0);
        same += granted.device_address == last;
        last = granted.device_address;
        void *p = raw_map(fd, granted.mmap_offset, kHuge);
        assert_true(guest::is_zero(p, kHuge));
        guest::fill_pattern(p, kHuge, kSeed);
        munmap(p, kHuge);
        assert_int_equal(raw_free(fd, granted.id), 0);
    }
    assert_true(same > 0);
    close(fd);
    close(others);
    guest::assert_holdings(before);
}

// Takes and fills regions of 4 MiB until the kernel has none left, or ends this process. Smaller regions
// would evict the page cache with this program's code, and test the host's disk.
int flood(Channel &channel) {
    std::ofstream("/proc/self/oom_score_adj") << 1000 << std::endl;
    WORKER_CHECK(mlockall(MCL_CURRENT) == 0);
    const int fd = raw_open();
    std::size_t pinned = 0;
    qae_mem_alloc granted;
    int err;
    while ((err = raw_alloc(fd, 4UL << 20, 1, QAE_NODE_ANY, &granted)) == 0) {
        void *p = raw_map(fd, granted.mmap_offset, granted.length);
        WORKER_CHECK(p != nullptr);
        std::memset(p, 0x7e, granted.length);
        pinned += granted.length;
    }
    // Nothing but memory limits this process. Not even while the kernel reclaims is the cgroup to blame.
    WORKER_CHECK(err == -ENOMEM);
    channel.say(std::to_string(pinned));
    static_cast<void>(channel.hear());
    return 0;
}

void MEM_22_a_flood_ends_in_refusals_and_all_comes_back(void **) {
    const auto before = guest::holdings();
    for (const bool killed : {true, false}) {
        Worker flooder(flood);
        const std::string pinned = flooder.hear(); // "": the kernel ended it, which is allowed
        assert_true(pinned.empty() || std::stoull(pinned) > kTaken);
        if (killed) {
            flooder.kill(SIGKILL);
        } else {
            flooder.say("end");
        }
        const int status = flooder.wait();
        assert_true(status == 0 || status == 128 + SIGKILL);
        guest::assert_holdings(before);
    }
    const int fd = raw_open(); // the largest size can be had again
    qae_mem_alloc granted;
    for (int i = 0; i < 16; ++i) {
        assert_int_equal(raw_alloc(fd, 4UL << 20, 1, QAE_NODE_ANY, &granted), 0);
    }
    close(fd);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    // A user takes more here than a small guest grants to one, and the flood takes all there is.
    const guest::Limits limits(qae::MemorySettings{.user = QAE_UNLIMITED, .all = QAE_UNLIMITED});
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_06_MEM_22_MEM_24_regions_come_zeroed_however_they_went),
        cmocka_unit_test(MEM_07_MEM_24_uncleared_blocks_end_with_the_process),
        cmocka_unit_test(MEM_22_MEM_24_a_process_out_of_memory_leaves_nothing),
        cmocka_unit_test(MEM_23_a_full_control_group_refuses_and_nobody_dies),
        cmocka_unit_test(MEM_06_the_memory_itself_is_cleared_when_it_goes),
        cmocka_unit_test(MEM_03_MEM_06_a_descriptor_gets_its_own_memory_back_zeroed),
        cmocka_unit_test(MEM_22_a_flood_ends_in_refusals_and_all_comes_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
