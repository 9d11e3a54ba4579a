// SPDX-License-Identifier: BSD-3-Clause
// The memory functions with the loaded module: memory, nodes, the descriptor, fork, exec, limits of a
// process.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "netlink/client.h"
#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/process.h"
#include "support/reason.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::Channel;
using guest::device_descriptors;
using guest::in_a_process;
using guest::is_filled;
using guest::Worker;

unsigned char *alloc(std::size_t size, std::size_t alignment = 1, int node = NUMA_ANY_NODE) {
    return static_cast<unsigned char *>(qaeMemAllocNUMA(size, node, alignment));
}

void MEM_03_MEM_06_MEM_08_MEM_09_every_size_and_alignment(void **) {
    in_a_process([] {
        constexpr std::size_t kLargest = 4 << 20; // larger ones: guest/mem/contiguous_test
        for (std::size_t size = 1; size <= kLargest; size = size < 64 ? size * 8 : size * 4) {
            for (std::size_t alignment = 1; alignment <= QAE_MAX_PHYS_ALIGN; alignment *= 2) {
                unsigned char *p = alloc(size, alignment);
                WORKER_CHECK(p != nullptr);
                const std::uint64_t device = qaeVirtToPhysNUMA(p);
                WORKER_CHECK(device != 0 && device % alignment == 0);
                WORKER_CHECK(qaeVirtToPhysNUMA(p + size - 1) == device + size - 1);
                WORKER_CHECK(qaePhysToVirtNUMA(device + size / 2) == p + size / 2);
                WORKER_CHECK(is_filled(p, size, 0));
                std::memset(p, 0xbb, size);
                void *freed = p;
                qaeMemFreeNUMA(&freed);
                WORKER_CHECK(freed == nullptr);
                WORKER_CHECK(qaeVirtToPhysNUMA(p) == 0 && qaePhysToVirtNUMA(device) == nullptr);
            }
        }
    });
}

void MEM_04_MEM_05_what_is_refused(void **) {
    in_a_process([] {
        const struct {
            std::size_t size;
            int node;
            std::size_t alignment;
            int err;
        } requests[] = {
            {0, -1, 64, EINVAL},  {1UL << 40, -1, 64, EINVAL}, {SIZE_MAX, -1, 64, EINVAL},
            {64, -1, 0, EINVAL},  {64, -1, 3, EINVAL},         {64, -1, 8UL << 20, EINVAL},
            {64, -2, 64, EINVAL}, {64, INT_MIN, 64, EINVAL},   {64, 64, 64, ENXIO},
            {64, 63, 64, ENXIO},  {64, INT_MAX, 64, ENXIO},
        };
        for (const auto &r : requests) {
            qaeClearLastError();
            WORKER_CHECK(qaeMemAllocNUMA(r.size, r.node, r.alignment) == nullptr);
            WORKER_CHECK(qaeLastErrno() == r.err && std::strlen(qaeLastError()) > 10);
        }
        WORKER_CHECK(device_descriptors().size() <= 1);
    });
}

void MEM_05_blocks_lie_on_the_node_asked_for(void **) {
    qae::NetlinkClient netlink;
    unsigned online = 0;
    for (int node = 0; node < 64; ++node) {
        const bool exists = std::filesystem::exists("/sys/devices/system/node/node" + std::to_string(node));
        const auto bytes_on = [&] {
            for (const qae::Memory &memory : netlink.memory_by_node()) {
                if (memory.node == node) {
                    return memory.bytes;
                }
            }
            return std::uint64_t{0};
        };
        const std::uint64_t before = bytes_on();
        Worker worker([node](Channel &channel) {
            channel.say(alloc(3 << 20, 64, node) != nullptr ? "pinned" : std::to_string(qaeLastErrno()));
            static_cast<void>(channel.hear());
            return 0;
        });
        if (exists) {
            ++online;
            assert_string_equal(worker.hear().c_str(), "pinned");
            assert_true(bytes_on() >= before + (3 << 20));
        } else {
            assert_string_equal(worker.hear().c_str(), std::to_string(ENXIO).c_str());
        }
        worker.say("end");
        assert_int_equal(worker.wait(), 0);
    }
    assert_true(online >= 1);
}

void MEM_07_uncleared_blocks_serve_this_process(void **) {
    in_a_process([] {
        unsigned char *keep = alloc(64);
        for (int round = 0; round < 1000; ++round) {
            void *p = alloc(static_cast<std::size_t>(64 + round * 17));
            WORKER_CHECK(p != nullptr);
            std::memset(p, 0x3c, static_cast<std::size_t>(64 + round * 17));
            qaeMemFreeNonZeroNUMA(&p);
            WORKER_CHECK(p == nullptr);
        }
        void *last = keep;
        qaeMemFreeNUMA(&last);
    });
}

void MEM_10_misuse_is_an_error_and_harms_nothing(void **) {
    in_a_process([] {
        unsigned char *live = alloc(5000);
        std::memset(live, 0x42, 5000);
        unsigned char *dead = alloc(100);
        void *freed = dead;
        qaeMemFreeNUMA(&freed);
        int local = 0;
        for (void *bad : {static_cast<void *>(dead), static_cast<void *>(live + 1),
                          static_cast<void *>(live + 4096), static_cast<void *>(&local),
                          reinterpret_cast<void *>(1), reinterpret_cast<void *>(UINTPTR_MAX)}) {
            for (const auto function : {qaeMemFreeNUMA, qaeMemFreeNonZeroNUMA}) {
                void *p = bad;
                qaeClearLastError();
                function(&p);
                WORKER_CHECK(p == bad && qaeLastErrno() != 0);
            }
        }
        qaeMemFreeNUMA(nullptr);
        qaeMemFreeNonZeroNUMA(nullptr);
        WORKER_CHECK(is_filled(live, 5000, 0x42) && qaeVirtToPhysNUMA(live) != 0);
    });
}

void MEM_12_the_descriptor_is_the_librarys(void **) {
    in_a_process([] {
        close(0);
        close(1); // the library must not take the standard streams' numbers
        int fd = -1, again = -1;
        WORKER_CHECK(qaeMemInitAndReturnFd(&fd) == 0);
        WORKER_CHECK(qaeMemInitAndReturnFd(&again) == 0 && fd == again && qaeMemInit() == 0);
        WORKER_CHECK(fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        struct stat st;
        WORKER_CHECK(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
        WORKER_CHECK(alloc(64) != nullptr && device_descriptors() == std::vector<int>{fd});
        qaeMemDestroy();
        WORKER_CHECK(alloc(64) != nullptr && device_descriptors() == std::vector<int>{fd});
    });
}

void MEM_12_a_descriptor_closed_by_the_application_is_told(void **) {
    in_a_process([] {
        int fd = -1;
        unsigned char *p = alloc(64);
        WORKER_CHECK(p != nullptr && qaeMemInitAndReturnFd(&fd) == 0);
        close(fd);
        WORKER_CHECK(open("/dev/null", O_RDWR) == fd);
        WORKER_CHECK(alloc(4 << 20) == nullptr && qaeLastErrno() == EBADF);
        WORKER_CHECK(reason_says("closed the library's descriptor"));
        WORKER_CHECK(qaeMemInitAndReturnFd(&fd) == -EIO);
        p[0] = 1; // still mapped
        qaeMemDestroy();
        WORKER_CHECK(fcntl(fd, F_GETFD) >= 0); // no longer the library's, so left open
    });
}

void live_through(std::vector<void *> ancestors, int levels) {
    for (void *pointer : ancestors) {
        void *p = pointer;
        WORKER_CHECK(qaeVirtToPhysNUMA(p) == 0);
        qaeMemFreeNUMA(&p);
        WORKER_CHECK(p == pointer);
    }
    std::vector<unsigned char *> own;
    for (const std::size_t size : {64UL, 5000UL, 1UL << 20, 4UL << 20}) {
        own.push_back(alloc(size));
        WORKER_CHECK(own.back() != nullptr && is_filled(own.back(), size, 0));
        std::memset(own.back(), levels + 1, size);
        ancestors.push_back(own.back());
    }
    WORKER_CHECK(device_descriptors().size() == 1);
    if (levels > 0) {
        Worker child([&](Channel &) {
            if (levels % 2 == 0) {
                qaeAtFork();
            }
            WORKER_CHECK(device_descriptors().empty());
            live_through(ancestors, levels - 1);
            return 0;
        });
        WORKER_CHECK(child.wait() == 0);
    }
    for (unsigned char *p : own) {
        WORKER_CHECK(p[0] == levels + 1 && p[63] == levels + 1);
        void *freed = p;
        qaeMemFreeNUMA(&freed);
        WORKER_CHECK(freed == nullptr);
    }
}

void MEM_11_fork_at_three_levels(void **) {
    in_a_process([] { live_through({}, 3); });
}

void MEM_11_a_child_cannot_touch_the_parents_memory(void **) {
    in_a_process([] {
        unsigned char *p = alloc(2 << 20);
        std::memset(p, 9, 2 << 20);
        auto *aligned = reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(p) & ~4095UL);
        static_cast<void>(madvise(aligned, 4096, MADV_DOFORK)); // the driver keeps it out of children anyway
        const pid_t child = fork();
        if (child == 0) {
            *p = 1;
            _exit(0);
        }
        int status = 0;
        WORKER_CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        WORKER_CHECK(is_filled(p, 2 << 20, 9));
    });
}

// The exit of a child returns nothing of its parent.
void MEM_11_MEM_22_children_come_and_go(void **) {
    in_a_process([] {
        unsigned char *p = alloc(1 << 20);
        std::memset(p, 0x66, 1 << 20);
        const std::uint64_t device = qaeVirtToPhysNUMA(p);
        for (int i = 0; i < 20; ++i) {
            Worker child([](Channel &) {
                WORKER_CHECK(alloc(100000) != nullptr);
                return 0;
            });
            WORKER_CHECK(child.wait() == 0);
        }
        WORKER_CHECK(is_filled(p, 1 << 20, 0x66) && qaeVirtToPhysNUMA(p) == device);
    });
}

void MEM_22_exec_gives_everything_back(void **) {
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        for (int i = 0; i < 10; ++i) {
            WORKER_CHECK(alloc(1 << 20) != nullptr);
        }
        dup2(channel.fd(), 0);
        dup2(channel.fd(), 1);
        execlp("sh", "sh", "-c", "ls -l /proc/self/fd; echo END; read line", nullptr);
        return 1;
    });
    for (std::string line; (line = worker.hear()) != "END";) {
        assert_true(!line.empty());
        assert_true(line.find("qae_mem") == std::string::npos);
    }
    guest::assert_holdings(before); // while the process lives
    worker.say("end");
    assert_int_equal(worker.wait(), 0);
}

void MEM_22_destroy_and_idle_memory(void **) {
    const auto before = guest::holdings();
    Worker worker([](Channel &channel) {
        std::vector<void *> blocks;
        for (int i = 0; i < 50; ++i) {
            blocks.push_back(alloc(1 << 20));
            WORKER_CHECK(blocks.back() != nullptr);
        }
        for (void *p : blocks) {
            qaeMemFreeNUMA(&p);
        }
        channel.say("freed");
        WORKER_CHECK(channel.hear() == "destroy");
        qaeMemDestroy();
        channel.say("destroyed");
        static_cast<void>(channel.hear());
        return 0;
    });
    assert_string_equal(worker.hear().c_str(), "freed");
    // On each node that the worker ran on, 8 MiB of kept regions, and those that contain objects of the
    // thread's cache.
    const std::size_t nodes = qae::NetlinkClient().memory_by_node().size();
    const std::uint64_t kept = guest::holdings().pinned_bytes - before.pinned_bytes;
    print_message("%zu nodes, %zu MiB kept\n", nodes, static_cast<std::size_t>(kept >> 20));
    assert_in_range(kept, 0, nodes * (16 << 20));
    worker.say("destroy");
    assert_string_equal(worker.hear().c_str(), "destroyed");
    assert_true(guest::holdings().pinned_bytes == before.pinned_bytes);
    worker.say("end");
    assert_int_equal(worker.wait(), 0);
    guest::assert_holdings(before);
}

// More than the machine has: NULL with a reason, and everything is usable again afterwards.
void MEM_03_until_memory_runs_out(void **) {
    in_a_process([] {
        std::vector<void *> blocks;
        // Leave enough for the rest of the guest: this does not test the OOM killer.
        for (void *p; blocks.size() < 40 && (p = alloc(4 << 20)) != nullptr;) {
            blocks.push_back(p);
        }
        WORKER_CHECK(!blocks.empty());
        for (void *p : blocks) {
            static_cast<unsigned char *>(p)[4095] = 1;
        }
        for (void *p : blocks) {
            qaeMemFreeNUMA(&p);
            WORKER_CHECK(p == nullptr);
        }
    });
}

void MEM_03_threads_against_the_driver(void **) {
    in_a_process([] {
        std::vector<std::thread> threads;
        for (unsigned id = 0; id < 8; ++id) {
            threads.emplace_back([id] {
                std::mt19937 random(id);
                std::vector<std::pair<unsigned char *, std::size_t>> blocks;
                for (int step = 0; step < 400; ++step) {
                    const std::size_t size = 1 + random() % (std::size_t{64} << (random() % 13));
                    unsigned char *p = alloc(size);
                    WORKER_CHECK(p != nullptr && qaeVirtToPhysNUMA(p) != 0);
                    std::memset(p, static_cast<int>(id + 1), size);
                    blocks.emplace_back(p, size);
                    if (blocks.size() > 20) {
                        std::swap(blocks[random() % blocks.size()], blocks.back());
                        WORKER_CHECK(is_filled(blocks.back().first, blocks.back().second,
                                               static_cast<unsigned char>(id + 1)));
                        void *freed = blocks.back().first;
                        qaeMemFreeNUMA(&freed);
                        WORKER_CHECK(freed == nullptr);
                        blocks.pop_back();
                    }
                }
            });
        }
        for (std::thread &thread : threads) {
            thread.join();
        }
    });
}

void MEM_19_vfio_functions_without_vfio(void **) {
    in_a_process([] {
        int fd = -1;
        WORKER_CHECK(qaeMemInitAndReturnFd(&fd) == 0);
        unsigned char *p = alloc(2 << 20, 2 << 20);
        WORKER_CHECK(qaeRegisterDevice(fd) != 0 && qaeUnregisterDevice(fd) != 0);
        WORKER_CHECK(qaeMemMapContiguousIova(p, 2 << 20) == 0 && qaeMemUnmapContiguousIova(p, 2 << 20) == 1);
        WORKER_CHECK(qaeVirtToPhysNUMA(p) != 0);
    });
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_03_MEM_06_MEM_08_MEM_09_every_size_and_alignment),
        cmocka_unit_test(MEM_04_MEM_05_what_is_refused),
        cmocka_unit_test(MEM_05_blocks_lie_on_the_node_asked_for),
        cmocka_unit_test(MEM_07_uncleared_blocks_serve_this_process),
        cmocka_unit_test(MEM_10_misuse_is_an_error_and_harms_nothing),
        cmocka_unit_test(MEM_12_the_descriptor_is_the_librarys),
        cmocka_unit_test(MEM_12_a_descriptor_closed_by_the_application_is_told),
        cmocka_unit_test(MEM_11_fork_at_three_levels),
        cmocka_unit_test(MEM_11_a_child_cannot_touch_the_parents_memory),
        cmocka_unit_test(MEM_11_MEM_22_children_come_and_go),
        cmocka_unit_test(MEM_22_exec_gives_everything_back),
        cmocka_unit_test(MEM_22_destroy_and_idle_memory),
        cmocka_unit_test(MEM_03_until_memory_runs_out),
        cmocka_unit_test(MEM_03_threads_against_the_driver),
        cmocka_unit_test(MEM_19_vfio_functions_without_vfio),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
