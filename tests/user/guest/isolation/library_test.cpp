// SPDX-License-Identifier: BSD-3-Clause
// The memory functions withstand mistakes of their own process: pointers that are stale, foreign or inside a
// block, overruns, threads that end, forks without a descriptor, earlier requests that failed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/process.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::Channel;
using guest::in_a_process;
using guest::kHuge;
using guest::kPage;
using guest::Worker;

// Whole lines, so that the pattern fills a block to its end.
constexpr std::size_t kBlockSizes[] = {
    64,     128,       192,     1024,    1536,    4096,           5056,    16384,  64 << 10,
    100032, 256 << 10, 1 << 20, 1572864, 2 << 20, (2 << 20) + 64, 3 << 20, 4 << 20};

unsigned char *alloc(std::size_t size, int node = NUMA_ANY_NODE, std::size_t alignment = 64) {
    return static_cast<unsigned char *>(qaeMemAllocNUMA(size, node, alignment));
}

// The mappings of the device in this process: start, end.
std::vector<std::pair<unsigned char *, unsigned char *>> device_mappings() {
    std::vector<std::pair<unsigned char *, unsigned char *>> found;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.find("/dev/qae_mem") != std::string::npos) {
            std::size_t dash = 0;
            const std::uintptr_t start = std::stoull(line, &dash, 16);
            const std::uintptr_t end = std::stoull(line.substr(dash + 1), nullptr, 16);
            found.emplace_back(reinterpret_cast<unsigned char *>(start),
                               reinterpret_cast<unsigned char *>(end));
        }
    }
    return found;
}

// Live blocks by their start.
using Blocks = std::map<unsigned char *, std::size_t>;

Blocks blocks_of_all_sizes() {
    Blocks blocks;
    for (const std::size_t size : kBlockSizes) {
        for (int i = 0; i < 3; ++i) {
            unsigned char *p = alloc(size);
            WORKER_CHECK(p != nullptr);
            guest::fill_pattern(p, size, size);
            blocks[p] = size;
        }
    }
    return blocks;
}

void check_intact(const Blocks &blocks) {
    for (const auto &[p, size] : blocks) {
        WORKER_CHECK(guest::has_pattern(p, size, size));
        const std::uint64_t device = qaeVirtToPhysNUMA(p);
        WORKER_CHECK(device != 0 && qaePhysToVirtNUMA(device + size / 2) == p + size / 2);
    }
}

void free_all(Blocks &blocks) {
    for (const auto &block : blocks) {
        void *p = block.first;
        qaeMemFreeNUMA(&p);
        WORKER_CHECK(p == nullptr);
    }
    blocks.clear();
}

// Each line of every mapping translates like the live block around it, or not at all; and back again.
void check_each_line(const Blocks &blocks) {
    for (const auto &[start, end] : device_mappings()) {
        for (unsigned char *line = start; line < end; line += 64) {
            const std::uint64_t device = qaeVirtToPhysNUMA(line);
            auto after = blocks.upper_bound(line);
            const bool is_behind_one = after != blocks.begin();
            const auto block = is_behind_one ? std::prev(after) : after;
            if (is_behind_one && line < block->first + block->second) {
                WORKER_CHECK(device == qaeVirtToPhysNUMA(block->first) +
                                           static_cast<std::uint64_t>(line - block->first));
            }
            if (device != 0) { // a block is granted in whole units, so this may lie behind the requested size
                WORKER_CHECK(is_behind_one && line < block->first + 2 * block->second + kPage);
                WORKER_CHECK(qaePhysToVirtNUMA(device) == line &&
                             qaePhysToVirtNUMA(device + 63) == line + 63);
            }
        }
    }
}

void MEM_08_MEM_09_only_live_blocks_translate(void **) {
    in_a_process([] {
        Blocks blocks = blocks_of_all_sizes();
        check_each_line(blocks);
        std::vector<std::pair<unsigned char *, std::uint64_t>> stale;
        for (auto block = blocks.begin(); block != blocks.end();) { // frees every other block
            stale.emplace_back(block->first, qaeVirtToPhysNUMA(block->first));
            void *p = block->first;
            stale.size() % 2 == 0 ? qaeMemFreeNUMA(&p) : qaeMemFreeNonZeroNUMA(&p);
            WORKER_CHECK(p == nullptr);
            block = blocks.erase(block);
            block = block == blocks.end() ? block : std::next(block);
        }
        check_each_line(blocks);
        for (const auto &[p, device] : stale) {
            WORKER_CHECK(qaeVirtToPhysNUMA(p) == 0 && qaeVirtToPhysNUMA(p + 1) == 0);
            WORKER_CHECK(qaePhysToVirtNUMA(device) == nullptr && qaePhysToVirtNUMA(device + 63) == nullptr);
        }
        check_intact(blocks);
        free_all(blocks);
        check_each_line(blocks);
    });
}

void check_both_ways(unsigned char *p, std::size_t size) {
    const std::uint64_t device = qaeVirtToPhysNUMA(p);
    WORKER_CHECK(device != 0);
    for (std::size_t at = 0; at < size; at += 1 + size / 97) {
        WORKER_CHECK(qaeVirtToPhysNUMA(p + at) == device + at);
        WORKER_CHECK(qaePhysToVirtNUMA(device + at) == p + at);
    }
    WORKER_CHECK(qaePhysToVirtNUMA(device + size - 1) == p + size - 1);
}

// Sizes around each power of two up to what the driver grants. Above 4 MiB the driver has to find a
// contiguous range, and their number is limited: take these one by one, and accept that some fail.
void MEM_09_every_size_is_found_by_its_device_address(void **) {
    in_a_process([] {
        int fd = -1;
        WORKER_CHECK(qaeMemInitAndReturnFd(&fd) == 0);
        const std::uint64_t largest = guest::max_region_size(fd);
        std::vector<std::pair<unsigned char *, std::size_t>> blocks;
        unsigned large = 0;
        for (std::uint64_t power = 64; power <= largest; power *= 2) {
            for (const std::uint64_t size : {power - 1, power, power + power / 2 + 1}) {
                unsigned char *p = size <= largest ? alloc(size) : nullptr;
                if (size <= 2 * kHuge) {
                    WORKER_CHECK(p != nullptr);
                    blocks.emplace_back(p, size);
                } else if (p != nullptr) {
                    ++large;
                    check_both_ways(p, size);
                    void *freed = p;
                    qaeMemFreeNUMA(&freed);
                    WORKER_CHECK(freed == nullptr && qaeVirtToPhysNUMA(p) == 0);
                } else if (size <= largest) {
                    WORKER_CHECK(qaeLastErrno() == ENOMEM || qaeLastErrno() == EDQUOT);
                }
            }
        }
        WORKER_CHECK(largest <= 2 * kHuge || large > 0);
        for (const auto &[p, size] : blocks) {
            check_both_ways(p, size);
        }
    });
}

void expect_refused(void *pointer, void (*function)(void **), int err) {
    void *p = pointer;
    qaeClearLastError();
    function(&p);
    WORKER_CHECK(p == pointer && std::strlen(qaeLastError()) > 10);
    WORKER_CHECK(qaeLastErrno() == err);
}

void MEM_10_wrong_frees_of_every_size_change_nothing(void **) {
    in_a_process([] {
        Blocks blocks = blocks_of_all_sizes();
        int local = 0;
        void *plain = qaeMemAlloc(100);
        for (const auto function : {qaeMemFreeNUMA, qaeMemFreeNonZeroNUMA}) {
            for (const auto &[p, size] : blocks) {
                for (const std::size_t inside : {std::size_t{1}, std::size_t{8}, size / 2, size - 1}) {
                    expect_refused(p + inside, function, EINVAL);
                }
                expect_refused(p, qaeMemFree, EINVAL);
            }
            expect_refused(&local, function, ENOENT);
            expect_refused(plain, function, ENOENT);
            expect_refused(reinterpret_cast<void *>(&MEM_10_wrong_frees_of_every_size_change_nothing),
                           function, ENOENT);
            expect_refused(reinterpret_cast<void *>(UINTPTR_MAX - 63), function, ENOENT);
        }
        check_intact(blocks);
        // Twice for each size; the neighbouring block stays.
        for (auto block = blocks.begin(); block != blocks.end(); block = blocks.erase(block)) {
            void *const first = block->first;
            for (const auto function : {qaeMemFreeNonZeroNUMA, qaeMemFreeNUMA, qaeMemFreeNonZeroNUMA}) {
                void *p = first;
                qaeClearLastError();
                function(&p);
                if (p != nullptr) {
                    WORKER_CHECK(p == first && qaeLastErrno() == ENOENT);
                }
            }
            expect_refused(first, qaeMemFreeNUMA, ENOENT);
            Blocks rest(std::next(block), blocks.end());
            if (rest.size() % 16 == 0) {
                check_intact(rest);
            }
        }
        qaeMemFree(&plain);
    });
}

// A device or an overrun overwrites everything that is mapped: blocks, gaps and free memory.
void MEM_10_MEM_24_no_bookkeeping_lies_in_pinned_memory(void **) {
    in_a_process([] {
        Blocks blocks = blocks_of_all_sizes();
        for (int i = 0; i < 200; ++i) {
            void *p = alloc(static_cast<std::size_t>(64 + i * 331));
            i % 2 == 0 ? qaeMemFreeNUMA(&p) : qaeMemFreeNonZeroNUMA(&p);
        }
        for (const int byte : {0xff, 0x00, 0x41}) {
            for (const auto &[start, end] : device_mappings()) {
                std::memset(start, byte, static_cast<std::size_t>(end - start));
            }
            for (const auto &[p, size] : blocks) {
                guest::fill_pattern(p, size, size);
                expect_refused(p + size / 2, qaeMemFreeNUMA, EINVAL);
            }
            check_intact(blocks);
            std::vector<void *> more;
            for (int i = 0; i < 300; ++i) {
                const auto size = static_cast<std::size_t>(64 + i * 977);
                unsigned char *p = alloc(size);
                WORKER_CHECK(p != nullptr);
                auto next = blocks.lower_bound(p);
                WORKER_CHECK(next == blocks.end() || p + size <= next->first);
                WORKER_CHECK(next == blocks.begin() || std::prev(next)->first + std::prev(next)->second <= p);
                std::memset(p, 0x22, size);
                more.push_back(p);
            }
            check_intact(blocks);
            for (void *p : more) {
                qaeMemFreeNUMA(&p);
                WORKER_CHECK(p == nullptr);
            }
        }
        free_all(blocks);
    });
}

void MEM_05_one_bad_node_changes_no_later_request(void **) {
    in_a_process([] {
        for (int round = 0; round < 20; ++round) {
            for (const int bad : {63, 1000, INT_MAX, -2, INT_MIN}) {
                qaeClearLastError();
                WORKER_CHECK(alloc(100, bad) == nullptr);
                WORKER_CHECK(qaeLastErrno() == (bad < 0 ? EINVAL : ENXIO)); // every time
            }
            for (const int good : {0, NUMA_ANY_NODE}) {
                void *p = alloc(round % 2 == 0 ? 100 : 1 << 20, good);
                WORKER_CHECK(p != nullptr);
                qaeMemFreeNUMA(&p);
            }
        }
    });
}

// The ranges of page frames of each node, from /proc/zoneinfo.
bool lies_on_node(std::uint64_t device, int node) {
    std::ifstream zones("/proc/zoneinfo");
    std::uint64_t spanned = 0;
    int current = -1;
    for (std::string line; std::getline(zones, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "Node") {
            words >> current;
        } else if (word == "spanned") {
            words >> spanned;
        } else if (word == "start_pfn:" && current == node) {
            std::uint64_t first = 0;
            words >> first;
            if (device / kPage >= first && device / kPage < first + spanned) {
                return true;
            }
        }
    }
    return false;
}

void MEM_05_the_pages_lie_on_the_node_that_is_told(void **) {
    const auto before = guest::holdings();
    const int fd = raw_open();
    int nodes = 0;
    for (int node = 0; node < 8; ++node) {
        for (const std::size_t size : {kPage, kHuge}) {
            qae_mem_alloc granted;
            const int err = raw_alloc(fd, size, 1, node, &granted);
            assert_true(err == 0 || err == -ENXIO);
            if (err == 0) {
                assert_int_equal(granted.node, node);
                assert_true(lies_on_node(granted.device_address, node));
                ++nodes;
            }
        }
        qae_mem_alloc near;
        assert_int_equal(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &near), 0);
        assert_true(near.node >= 0 && lies_on_node(near.device_address, near.node));
    }
    assert_true(nodes >= 2);
    close(fd);
    guest::assert_holdings(before);
}

// Blocks belong to the process, so they outlive the thread that allocated them.
void MEM_03_MEM_22_blocks_outlive_their_threads(void **) {
    in_a_process([] {
        Blocks blocks;
        for (int round = 0; round < 25; ++round) {
            std::vector<unsigned char *> made(8);
            std::vector<std::thread> threads;
            for (std::size_t i = 0; i < made.size(); ++i) {
                threads.emplace_back([&made, i] {
                    made[i] = alloc(kBlockSizes[i]);
                    void *other = alloc(4096); // its caches hold something when it ends
                    qaeMemFreeNonZeroNUMA(&other);
                    WORKER_CHECK(made[i] != nullptr);
                    guest::fill_pattern(made[i], kBlockSizes[i], kBlockSizes[i]);
                });
            }
            for (std::size_t i = 0; i < made.size(); ++i) {
                threads[i].join();
                blocks[made[i]] = kBlockSizes[i];
            }
            check_intact(blocks);
        }
        std::thread([&blocks] { free_all(blocks); }).join();
        check_each_line(blocks);
    });
}

// Translates blocks that another thread frees and allocates meanwhile: the answer is right or there is none.
void MEM_08_translations_race_with_frees(void **) {
    in_a_process([] {
        constexpr int kSlots = 16, kRounds = 3000;
        unsigned char *anchor = alloc(64);
        std::atomic<unsigned char *> slots[kSlots] = {};
        std::atomic<bool> stop{false};
        std::atomic<unsigned> answered{0};
        std::thread reader([&] {
            for (unsigned i = 0; !stop || i < kSlots; ++i) {
                unsigned char *p = slots[i % kSlots];
                const std::uint64_t device = p != nullptr ? qaeVirtToPhysNUMA(p) : 0;
                if (device != 0) { // the region may be gone by now, but it was the right one
                    WORKER_CHECK((device & 63) == (reinterpret_cast<std::uintptr_t>(p) & 63));
                    ++answered;
                }
                WORKER_CHECK(qaeVirtToPhysNUMA(anchor) != 0);
            }
        });
        for (int round = 0; round < kRounds || answered == 0; ++round) {
            auto &slot = slots[round % kSlots];
            void *old = slot.exchange(nullptr);
            if (old != nullptr) {
                qaeMemFreeNonZeroNUMA(&old);
                WORKER_CHECK(old == nullptr);
            }
            slot = alloc(round % 7 == 0 ? 2 << 20 : 4096);
            WORKER_CHECK(slot != nullptr);
        }
        stop = true;
        reader.join();
    });
}

// The application closed the descriptor, or another file has its number. Children open a descriptor of their
// own and leave the other file alone.
void MEM_11_fork_after_the_descriptor_was_closed(void **) {
    for (const bool taken : {false, true}) {
        in_a_process([taken] {
            int fd = -1;
            unsigned char *p = alloc(5000);
            WORKER_CHECK(p != nullptr && qaeMemInitAndReturnFd(&fd) == 0);
            close(fd);
            if (taken) {
                const int file = open("/dev/null", O_RDWR);
                WORKER_CHECK(file == fd);
            }
            for (const bool tell : {false, true}) {
                Worker child([&](Channel &) {
                    if (tell) {
                        qaeAtFork();
                    }
                    WORKER_CHECK(qaeVirtToPhysNUMA(p) == 0);
                    unsigned char *own = alloc(5000);
                    WORKER_CHECK(own != nullptr && guest::is_zero(own, 5000) && qaeVirtToPhysNUMA(own) != 0);
                    WORKER_CHECK(!taken || fcntl(fd, F_GETFD) >= 0);
                    return 0;
                });
                WORKER_CHECK(child.wait() == 0);
            }
            std::memset(p, 1, 5000); // the parent's mapping still exists
        });
    }
}

// If the standard streams are closed, the number 0 is free; a library that takes 0 for "none" would lose it.
void MEM_12_descriptor_zero_is_not_taken_for_none(void **) {
    in_a_process([] {
        close(0);
        for (int i = 0; i < 3; ++i) {
            WORKER_CHECK(alloc(1 << 20) != nullptr);
        }
        int fd = -1;
        WORKER_CHECK(qaeMemInitAndReturnFd(&fd) == 0 && fd > 2);
        Worker child([](Channel &) { return alloc(64) != nullptr ? 0 : 1; });
        WORKER_CHECK(child.wait() == 0);
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_08_MEM_09_only_live_blocks_translate),
        cmocka_unit_test(MEM_09_every_size_is_found_by_its_device_address),
        cmocka_unit_test(MEM_10_wrong_frees_of_every_size_change_nothing),
        cmocka_unit_test(MEM_10_MEM_24_no_bookkeeping_lies_in_pinned_memory),
        cmocka_unit_test(MEM_05_one_bad_node_changes_no_later_request),
        cmocka_unit_test(MEM_05_the_pages_lie_on_the_node_that_is_told),
        cmocka_unit_test(MEM_03_MEM_22_blocks_outlive_their_threads),
        cmocka_unit_test(MEM_08_translations_race_with_frees),
        cmocka_unit_test(MEM_11_fork_after_the_descriptor_was_closed),
        cmocka_unit_test(MEM_12_descriptor_zero_is_not_taken_for_none),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
