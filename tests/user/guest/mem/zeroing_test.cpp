// SPDX-License-Identifier: BSD-3-Clause
// With the library on both sides: the content of one user's blocks never reaches another user's process,
// however the first process lost them. guest/isolation/residue_test does the same with regions of the driver.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/limits.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::Channel;
using guest::Worker;

constexpr std::uint64_t kSeed = 0xa11ce;
constexpr std::size_t kFilled = 96UL << 20;
constexpr std::size_t kSizes[] = {64, 192, 1024, 4096, 10048, 64 << 10, 256 << 10, 2 << 20, 4 << 20};

struct Block {
    void *pointer;
    std::size_t size;
};

// Takes blocks of all sizes, up to @bytes in all or until there are no more.
std::vector<Block> take(std::size_t bytes) {
    std::vector<Block> blocks;
    for (std::size_t taken = 0, i = 0; taken < bytes; ++i) {
        const std::size_t size = kSizes[i % std::size(kSizes)];
        void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);
        if (block == nullptr) {
            break;
        }
        blocks.push_back({block, size});
        taken += size;
    }
    return blocks;
}

std::vector<Block> take_and_write() {
    const std::vector<Block> blocks = take(kFilled);
    WORKER_CHECK(!blocks.empty());
    for (const Block &block : blocks) {
        WORKER_CHECK(guest::is_zero(block.pointer, block.size));
        guest::fill_pattern(block.pointer, block.size, kSeed);
    }
    return blocks;
}

void release(const std::vector<Block> &blocks, void (*free_block)(void **)) {
    for (Block block : blocks) {
        free_block(&block.pointer);
        WORKER_CHECK(block.pointer == nullptr);
    }
}

enum class Parting { kNonZeroAndTrim, kNonZeroAndExit, kZero, kDestroy, kExit, kExec, kKilled, kCrash };
constexpr Parting kPartings[] = {Parting::kNonZeroAndTrim, Parting::kNonZeroAndExit, Parting::kZero,
                                 Parting::kDestroy,        Parting::kExit,           Parting::kExec,
                                 Parting::kKilled,         Parting::kCrash};

bool lives_on(Parting parting) {
    return parting == Parting::kNonZeroAndTrim || parting == Parting::kZero || parting == Parting::kDestroy ||
           parting == Parting::kExec;
}

// Runs as Alice. Says "left" when the memory is gone, or is about to go with the process.
int part(Channel &channel, Parting parting) {
    guest::become(guest::kAlice, guest::kMembers);
    const std::vector<Block> blocks = take_and_write();
    if (parting == Parting::kNonZeroAndTrim || parting == Parting::kNonZeroAndExit) {
        release(blocks, qaeMemFreeNonZeroNUMA);
    } else if (parting == Parting::kZero) {
        release(blocks, qaeMemFreeNUMA);
    }
    if (parting == Parting::kNonZeroAndTrim) {
        WORKER_CHECK(qaeMemTrim() > 0);
    } else if (parting == Parting::kDestroy) {
        qaeMemDestroy();
    } else if (parting == Parting::kExec) {
        dup2(channel.fd(), 0);
        dup2(channel.fd(), 1);
        execlp("sh", "sh", "-c", "echo left; read line", nullptr);
        return 1;
    } else if (parting == Parting::kCrash) {
        std::abort();
    }
    channel.say("left");
    if (lives_on(parting) || parting == Parting::kKilled) {
        static_cast<void>(channel.hear());
    }
    return 0;
}

// Runs as Bob: takes more than Alice had, so that her memory is part of it, and then the rest in large
// blocks.
int find_only_zeroes(Channel &) {
    guest::become(guest::kBob, guest::kMembers);
    const std::vector<Block> blocks = take(kFilled + kFilled / 2);
    std::size_t bytes = 0;
    for (const Block &block : blocks) {
        WORKER_CHECK(guest::is_zero(block.pointer, block.size));
        bytes += block.size;
    }
    WORKER_CHECK(bytes > kFilled);
    return 0;
}

void MEM_06_MEM_07_MEM_22_MEM_24_nothing_crosses_from_user_to_user(void **) {
    const guest::DeviceGroup group;
    for (const Parting parting : kPartings) {
        const auto before = guest::holdings();
        Worker alice([parting](Channel &channel) { return part(channel, parting); });
        if (parting != Parting::kCrash) {
            assert_string_equal(alice.hear().c_str(), "left");
        }
        if (parting == Parting::kKilled) {
            alice.kill(SIGKILL);
        }
        if (!lives_on(parting)) {
            assert_int_equal(alice.wait(), parting == Parting::kKilled  ? 128 + SIGKILL
                                           : parting == Parting::kCrash ? 128 + SIGABRT
                                                                        : 0);
            guest::assert_holdings(before);
        }
        Worker bob(find_only_zeroes);
        assert_int_equal(bob.wait(), 0);
        if (lives_on(parting)) {
            alice.say("end");
            assert_int_equal(alice.wait(), 0);
        }
        guest::assert_holdings(before);
    }
}

// Proves that the test can fail: within the process the same content is visible.
void MEM_07_within_the_process_content_may_be_seen_again(void **) {
    Worker worker([](Channel &) {
        void *keep = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64); // keeps the region alive
        WORKER_CHECK(keep != nullptr);
        void *block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
        guest::fill_pattern(block, 4096, kSeed);
        void *const old = block;
        qaeMemFreeNonZeroNUMA(&block);
        block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
        WORKER_CHECK(block == old && guest::has_pattern(block, 4096, kSeed));
        qaeMemFreeNUMA(&block);
        block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
        WORKER_CHECK(block == old && guest::is_zero(block, 4096));
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// Ordinary memory with the driver loaded: not pinned, zeroed, and copied for a child.
void MEM_01_MEM_02_heap_memory_is_not_pinned(void **) {
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        void *pinned = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
        WORKER_CHECK(pinned != nullptr);
        qae_mem_stats first{};
        first.size = sizeof(first);
        WORKER_CHECK(qaeMemStats(&first) == 0 && first.live_blocks == 1);
        std::vector<Block> blocks;
        for (std::size_t size = 1; size <= (16UL << 20); size = size * 3 + 1) {
            auto *block = static_cast<unsigned char *>(qaeMemAlloc(size));
            WORKER_CHECK(block != nullptr && block[0] == 0 && block[size - 1] == 0);
            WORKER_CHECK(qaeVirtToPhysNUMA(block) == 0);
            std::memset(block, 0x42, size);
            blocks.push_back({block, size});
        }
        void *const last = blocks.back().pointer;
        qae_mem_stats now{};
        now.size = sizeof(now);
        WORKER_CHECK(qaeMemStats(&now) == 0 && now.pinned == first.pinned && now.live_blocks == 1);
        void *wrong = pinned;
        qaeMemFree(&wrong);
        WORKER_CHECK(wrong == pinned && qaeLastErrno() == EINVAL && qaeVirtToPhysNUMA(pinned) != 0);
        wrong = last;
        qaeMemFreeNUMA(&wrong);
        WORKER_CHECK(wrong == last && qaeLastErrno() == ENOENT);
        const pid_t child = fork();
        if (child == 0) {
            WORKER_CHECK(*static_cast<unsigned char *>(last) == 0x42);
            void *copy = last;
            qaeMemFree(&copy);
            _exit(copy == nullptr ? 0 : 1);
        }
        int status = 0;
        WORKER_CHECK(waitpid(child, &status, 0) == child && status == 0);
        release(blocks, qaeMemFree);
        wrong = last;
        qaeMemFree(&wrong);
        WORKER_CHECK(wrong == last && qaeLastErrno() == ENOENT);
        channel.say("done");
        return 0;
    });
    assert_string_equal(worker.hear().c_str(), "done");
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

// Compares the numbers of the extensions with those of the driver.
void MEM_22_MEM_23_statistics_and_trim_agree_with_the_driver(void **) {
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        const std::vector<Block> blocks = take(32UL << 20);
        qae_mem_stats stats{};
        stats.size = sizeof(stats);
        WORKER_CHECK(qaeMemStats(&stats) == 0 && stats.live_blocks == blocks.size());
        channel.say(std::to_string(stats.pinned));
        WORKER_CHECK(channel.hear() == "free");
        release(blocks, qaeMemFreeNUMA);
        WORKER_CHECK(qaeMemTrim() > 0 && qaeMemStats(&stats) == 0 && stats.pinned == 0 && stats.regions == 0);
        channel.say("trimmed");
        static_cast<void>(channel.hear());
        return 0;
    });
    const std::string pinned = worker.hear();
    assert_int_equal(guest::holdings().pinned_bytes - before.pinned_bytes, std::stoull(pinned));
    worker.say("free");
    assert_string_equal(worker.hear().c_str(), "trimmed");
    assert_true(guest::holdings().pinned_bytes == before.pinned_bytes);
    worker.say("end");
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    // The reader takes half as much again as was written, which is more than a small guest grants to one
    // user.
    const guest::Limits limits(qae::MemorySettings{.user = 2 * kFilled});
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_06_MEM_07_MEM_22_MEM_24_nothing_crosses_from_user_to_user),
        cmocka_unit_test(MEM_07_within_the_process_content_may_be_seen_again),
        cmocka_unit_test(MEM_01_MEM_02_heap_memory_is_not_pinned),
        cmocka_unit_test(MEM_22_MEM_23_statistics_and_trim_agree_with_the_driver),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
