// SPDX-License-Identifier: BSD-3-Clause
// Thread caches are drained when their thread sleeps, when it ends and on request; and all of that at once,
// with forks in between. The tests use ordinary memory (QAT_USER_MODE=plain), which forked children can
// allocate too.
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/program.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

unsigned char *alloc(std::size_t size) {
    auto *block = static_cast<unsigned char *>(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
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

int nothing_is_left(void **) {
    static_cast<void>(qaeMemTrim());
    return stats().live_blocks == 0 && stats().pinned == 0 ? 0 : -1;
}

// A thread that runs @first and then sleeps until this object is destroyed.
class Sleeper {
public:
    template <class F> explicit Sleeper(F &&first) {
        std::promise<void> done;
        std::future<void> is_done = done.get_future();
        thread_ = std::thread([this, &first, &done] {
            first();
            done.set_value();
            wake_.get_future().wait();
        });
        is_done.wait();
    }
    ~Sleeper() {
        wake_.set_value();
        thread_.join();
    }
    Sleeper(const Sleeper &) = delete;
    Sleeper &operator=(const Sleeper &) = delete;

private:
    std::promise<void> wake_;
    std::thread thread_;
};

constexpr std::uint64_t kMuch = 512 << 10;

// Leaves more than kMuch in the thread's cache, by allocating and freeing repeatedly.
void fill_cache() {
    void *blocks[20];
    for (int round = 0; round < 20; ++round) {
        for (const std::size_t size : {64UL, 1000UL, 4096UL, 32768UL, 65536UL, 512UL << 10}) {
            const int count = size < (512 << 10) ? 20 : 2;
            for (int i = 0; i < count; ++i) {
                blocks[i] = alloc(size);
            }
            for (int i = 0; i < count; ++i) {
                release(blocks[i]);
            }
        }
    }
}

void MEM_22_trim_drains_the_caches_of_sleeping_threads(void **) {
    const Sleeper one(fill_cache), other(fill_cache);
    assert_true(stats().cached > kMuch && stats().caches >= 2);
    assert_true(qaeMemTrim() > 0);
    assert_int_equal(stats().cached, 0);
    assert_int_equal(stats().pinned, 0);
}

// Small blocks, enough of them to make slow calls.
void work(unsigned round) {
    std::vector<void *> blocks(3000 + round * 77);
    for (void *&block : blocks) {
        block = alloc(64);
    }
    for (void *block : blocks) {
        release(block);
    }
}

// The library checks for idle threads once a second, and a thread counts as idle if it slept from one check
// to the next. The number of calls matters here, not the time beyond that second.
void MEM_22_caches_of_idle_threads_are_drained_while_others_work(void **) {
    const Sleeper sleeper(fill_cache);
    assert_true(stats().cached > kMuch);
    for (int look = 0; look < 2; ++look) {
        usleep(1'100'000);
        for (unsigned round = 0; round < 40; ++round) {
            work(round);
        }
    }
    assert_true(stats().cached < kMuch);
}

void MEM_22_an_ending_thread_loses_no_memory(void **) {
    release(alloc(64)); // makes the cache of this thread
    const qae_mem_stats before = stats();
    for (int round = 0; round < 20; ++round) {
        std::vector<void *> kept;
        std::vector<std::thread> threads;
        std::mutex mutex;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                fill_cache();
                for (int i = 0; i < 100; ++i) {
                    void *block = alloc(static_cast<std::size_t>(64 + i * 300));
                    const std::lock_guard lock(mutex);
                    kept.push_back(block);
                }
            });
        }
        for (std::thread &thread : threads) {
            thread.join();
        }
        assert_int_equal(stats().caches, before.caches);
        assert_int_equal(stats().live_blocks, kept.size());
        assert_true(stats().cached <= before.cached); // the cache of this thread may have been drained too
        for (void *block : kept) {
            release(block);
        }
        static_cast<void>(qaeMemTrim());
        release(alloc(64));
    }
}

pthread_key_t g_key;

// Keys are destroyed in any order: blocks freed after the thread's cache was returned are not lost either.
void MEM_22_destructors_of_a_thread_may_free_and_allocate(void **) {
    release(alloc(64));
    const std::uint32_t caches = stats().caches;
    assert_int_equal(pthread_key_create(&g_key,
                                        [](void *block) {
                                            release(block);
                                            release(alloc(1 << 20));
                                            release(alloc(5000));
                                        }),
                     0);
    for (int i = 0; i < 50; ++i) {
        std::thread([] {
            struct AtEnd {
                void *block = alloc(2000);
                ~AtEnd() { release(block); }
            };
            static thread_local AtEnd at_end;
            static_cast<void>(at_end.block);
            pthread_setspecific(g_key, alloc(300));
        }).join();
    }
    pthread_key_delete(g_key);
    assert_int_equal(stats().live_blocks, 0);
    assert_int_equal(stats().caches, caches);
}

// ---- everything at once

struct Parcel {
    unsigned char *block;
    std::size_t size;
    unsigned char value;
};

// Blocks on their way from thread to thread.
class Mail {
public:
    // Puts one parcel in and takes another out.
    Parcel exchange(const Parcel &parcel, std::mt19937 &random) {
        const std::lock_guard lock(mutex_);
        parcels_.push_back(parcel);
        if (parcels_.size() < 500) {
            return {};
        }
        std::swap(parcels_[random() % parcels_.size()], parcels_.back());
        const Parcel other = parcels_.back();
        parcels_.pop_back();
        return other;
    }
    std::vector<Parcel> rest() { return std::move(parcels_); }

private:
    std::mutex mutex_;
    std::vector<Parcel> parcels_;
};

Parcel pack(std::mt19937 &random) {
    const std::size_t size = 1 + random() % (std::size_t{64} << (random() % 14));
    const Parcel parcel = {alloc(size), size, static_cast<unsigned char>(random())};
    std::memset(parcel.block, parcel.value, size);
    return parcel;
}

void unpack(const Parcel &parcel, bool clear) {
    SCENE_CHECK(parcel.block[0] == parcel.value &&
                std::memcmp(parcel.block, parcel.block + 1, parcel.size - 1) == 0);
    SCENE_CHECK(qaePhysToVirtNUMA(qaeVirtToPhysNUMA(parcel.block)) == parcel.block);
    void *block = parcel.block;
    clear ? qaeMemFreeNUMA(&block) : qaeMemFreeNonZeroNUMA(&block);
    SCENE_CHECK(block == nullptr);
}

void post(Mail &mail, unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 20000; ++i) {
        const Parcel other = mail.exchange(pack(random), random);
        if (other.block != nullptr) {
            unpack(other, random() % 2 == 0);
        }
    }
}

// The work of a child with memory of its own. It avoids the C library's heap, whose locks a raw clone may
// inherit locked. @foreign is a block of the parent.
void live_as_child(unsigned char *foreign) {
    SCENE_CHECK(qaeVirtToPhysNUMA(foreign) == 0);
    void *pointer = foreign;
    qaeMemFreeNUMA(&pointer);
    SCENE_CHECK(pointer == foreign && qaeLastErrno() == ENOENT);
    SCENE_CHECK(stats().live_blocks == 0 && stats().pinned == 0 && stats().caches == 0);
    unsigned char *blocks[60];
    for (unsigned i = 0; i < 60; ++i) {
        const std::size_t size = std::size_t{64} << i % 15;
        blocks[i] = alloc(size);
        SCENE_CHECK(blocks[i][0] == 0 && blocks[i][size - 1] == 0);
        std::memset(blocks[i], static_cast<int>(i), size);
    }
    SCENE_CHECK(stats().live_blocks == 60);
    for (unsigned i = 0; i < 60; ++i) {
        SCENE_CHECK(blocks[i][63] == i);
        release(blocks[i]);
    }
    SCENE_CHECK(stats().live_blocks == 0);
    SCENE_CHECK(qaeMemTrim() > 0 && stats().pinned == 0);
}

// The answer about a block that is allocated and freed meanwhile holds for one moment only, but a query is
// always safe.
void MEM_10_MEM_22_queries_about_blocks_that_others_free_are_safe(void **) {
    constexpr std::size_t kSizes[] = {6'000'000, 64, 24 << 10, 1500, 500'000, 64 << 10, 7168};
    const std::vector<unsigned char *> places = [&] {
        std::vector<unsigned char *> found;
        for (const std::size_t size : kSizes) {
            found.push_back(alloc(size));
            release(found.back());
        }
        return found;
    }();
    std::atomic<bool> stop{false};
    std::thread asker([&] {
        qae_mem_block info{};
        info.size = sizeof(info);
        for (std::size_t offset = 0; !stop; offset += 4160) {
            for (unsigned char *const place : places) {
                unsigned char *const at = place + offset % 300'000;
                const int result = qaeMemGetInfo(at, &info);
                SCENE_CHECK(result == 0 || result == -ENOENT);
                const std::uint64_t device = qaeVirtToPhysNUMA(at);
                void *const back = device != 0 ? qaePhysToVirtNUMA(device) : nullptr;
                SCENE_CHECK(back == nullptr || back == at);
            }
        }
    });
    for (unsigned round = 0; round < 3000; ++round) {
        for (const std::size_t size : kSizes) {
            void *block = alloc(size);
            qaeMemFreeNonZeroNUMA(&block);
        }
        if (round % 16 == 0) {
            static_cast<void>(qaeMemTrim()); // so that other sizes reuse the same addresses
        }
    }
    stop = true;
    asker.join();
}

bool ends_well(pid_t child) {
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 0;
}

void storm(int rounds, pid_t (*new_process)()) {
    unsigned char *const own = alloc(100);
    std::memset(own, 0x66, 100);
    Mail mail;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 4; ++seed) {
        threads.emplace_back(post, std::ref(mail), seed);
    }
    std::thread trimmer([&stop] {
        while (!stop) {
            static_cast<void>(qaeMemTrim());
            SCENE_CHECK(stats().live <= 1UL << 30);
        }
    });
    bool children_well = true;
    for (int round = 0; round < rounds; ++round) {
        const pid_t child = new_process();
        if (child == 0) {
            live_as_child(own);
            _exit(0);
        }
        children_well = ends_well(child) && children_well;
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    stop = true;
    trimmer.join();
    assert_true(children_well);
    const std::vector<Parcel> rest = mail.rest();
    assert_int_equal(stats().live_blocks, rest.size() + 1);
    for (const Parcel &parcel : rest) {
        unpack(parcel, true);
    }
    assert_int_equal(own[99], 0x66);
    release(own);
}

void MEM_11_MEM_22_threads_trims_and_forks_at_once(void **) {
#if defined(__SANITIZE_THREAD__)
    storm(0, fork); // it does not follow a process with threads through fork
#else
    storm(40, fork);
#endif
}

void MEM_11_MEM_22_threads_trims_and_raw_clones_at_once(void **) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); // locks of the sanitizers do not survive a fork without handlers
#endif
    storm(40, [] { return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0)); });
}

} // namespace

int main() {
    setenv("QAT_USER_MODE", "plain", 1);
    const CMUnitTest tests[] = {
        cmocka_unit_test_teardown(MEM_22_trim_drains_the_caches_of_sleeping_threads, nothing_is_left),
        cmocka_unit_test_teardown(MEM_22_caches_of_idle_threads_are_drained_while_others_work,
                                  nothing_is_left),
        cmocka_unit_test_teardown(MEM_22_an_ending_thread_loses_no_memory, nothing_is_left),
        cmocka_unit_test_teardown(MEM_22_destructors_of_a_thread_may_free_and_allocate, nothing_is_left),
        cmocka_unit_test_teardown(MEM_10_MEM_22_queries_about_blocks_that_others_free_are_safe,
                                  nothing_is_left),
        cmocka_unit_test_teardown(MEM_11_MEM_22_threads_trims_and_forks_at_once, nothing_is_left),
        cmocka_unit_test_teardown(MEM_11_MEM_22_threads_trims_and_raw_clones_at_once, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
