// SPDX-License-Identifier: BSD-3-Clause
// VFIO mode over containers that are made up: threads and forks while a container comes, goes or maps.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "support/vfio_fixture.h"

namespace {

using qae::test::alloc;
using qae::test::begin;
using qae::test::Buffer;
using qae::test::descriptors_like;
using qae::test::end;
using qae::test::FakeContainer;
using qae::test::kFrame;
using qae::test::kPage;
using qae::test::map;
using qae::test::release;

// A block that one thread replaces again and again, and another looks at in between.
struct SharedBlock {
    std::mutex mutex;
    // The owner waits, because a mutex alone may never be free for the other.
    std::atomic<bool> looking{false};
    void *block = nullptr;
    unsigned replaced = 0;
};

// A device reaches the block wholly or not at all.
bool is_reached(const FakeContainer &container, void *block, bool wanted) {
    const std::uint64_t first = qaeVirtToPhysNUMA(block);
    return first != 0 && (container.pointer_at(first) != 0) == wanted &&
           (container.pointer_at(first + kFrame - 1) != 0) == wanted;
}

// Registering and unregistering while others allocate and free: what is live is mapped exactly while a
// container is registered. It goes on until each thread has had many blocks in that time.
void MEM_13_MEM_18_containers_come_and_go_while_threads_allocate(void **) {
    FakeContainer container;
    std::atomic<bool> stop{false};
    std::atomic<int> failures{0};
    SharedBlock shared[3];
    container.before_request = [] { // others run meanwhile, unless the library holds them
        for (int i = 0; i < 4; ++i) {
            std::this_thread::yield();
        }
    };
    std::vector<std::thread> threads;
    for (SharedBlock &own : shared) {
        threads.emplace_back([&] {
            while (!stop) {
                while (own.looking) {
                    std::this_thread::yield();
                }
                const std::lock_guard lock(own.mutex);
                qaeMemFreeNonZeroNUMA(&own.block);
                qaeMemTrim();
                own.block = qaeMemAllocNUMA(kFrame, NUMA_ANY_NODE, 64);
                failures += own.block == nullptr;
                ++own.replaced;
            }
        });
    }
    const auto look = [&](bool wanted) {
        bool enough = true;
        for (SharedBlock &each : shared) {
            each.looking = true;
            const std::lock_guard lock(each.mutex);
            each.looking = false;
            failures += each.block != nullptr && !is_reached(container, each.block, wanted);
            enough = enough && each.replaced >= 50;
        }
        return enough;
    };
    for (bool enough = false; !enough;) {
        failures += qaeRegisterDevice(container.fd) != 0;
        enough = look(true);
        failures += qaeUnregisterDevice(container.fd) != 0;
        look(false);
    }
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    stop = true;
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_int_equal(failures, 0);
    assert_int_equal(container.mapped.size(), 3);
    for (SharedBlock &each : shared) {
        assert_true(is_reached(container, each.block, true));
        release(each.block);
    }
    qaeMemTrim();
    assert_int_equal(container.mapped.size(), 0);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

void MEM_11_MEM_14_a_child_starts_without_a_container(void **) {
    FakeContainer container;
    Buffer buffer(kFrame);
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    assert_int_equal(descriptors_like(container.fd).size(), 2);
    void *block = alloc(100);
    const std::uint64_t device = qaeVirtToPhysNUMA(block);
    const std::uint64_t iova = map(buffer, 0, kPage);
    const pid_t child = fork();
    if (child == 0) {
        const bool closed = descriptors_like(container.fd).size() == 1;
        const bool empty = qaeVirtToPhysNUMA(block) == 0 && qaePhysToVirtNUMA(device) == nullptr &&
                           qaeVirtToPhysNUMA(buffer.at()) == 0 && qaePhysToVirtNUMA(iova) == nullptr;
        const bool none = qaeMemMapContiguousIova(buffer.at(), kPage) == 0 && qaeLastErrno() == ENODEV &&
                          qaeUnregisterDevice(container.fd) != 0 && qaeLastErrno() == ENOENT;
        void *own = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
        const bool works = own != nullptr && qaeVirtToPhysNUMA(own) == kFrame;
        FakeContainer next;
        const bool registers = qaeRegisterDevice(next.fd) == 0 && next.mapped.size() == 1 &&
                               qaeMemMapContiguousIova(buffer.at(), kPage) != 0 &&
                               qaeUnregisterDevice(next.fd) == 0;
        _exit(closed && empty && none && works && registers ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(container.mapped.size(), 2); // the parent's device goes on
    assert_int_equal(container.unmap_calls, 0);
    assert_int_equal(qaeVirtToPhysNUMA(block), device);
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at()), iova);
    release(block);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

// It waits a moment, and no longer: VFIO may pin gigabytes meanwhile.
void MEM_11_a_fork_goes_on_while_a_thread_maps(void **) {
    FakeContainer container;
    Buffer buffer(2 * kFrame);
    std::binary_semaphore begun{0};
    std::binary_semaphore go_on{0};
    assert_int_equal(qaeRegisterDevice(container.fd), 0);
    container.before_request = [&] {
        begun.release();
        go_on.acquire();
    };
    std::uint64_t iova = 0;
    std::thread thread([&] { iova = qaeMemMapContiguousIova(buffer.at(), kFrame); });
    begun.acquire();
    const pid_t child = fork();
    if (child == 0) {
        FakeContainer next;
        const bool none = qaeUnregisterDevice(container.fd) != 0 && qaeLastErrno() == ENOENT;
        const bool works = qaeRegisterDevice(next.fd) == 0 && alloc(100) != nullptr &&
                           qaeMemMapContiguousIova(buffer.at(kFrame), kPage) != 0;
        _exit(none && works ? 0 : 1);
    }
    go_on.release();
    thread.join();
    container.before_request = nullptr;
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_not_equal(iova, 0);
    assert_int_equal(qaeVirtToPhysNUMA(buffer.at(kFrame - 1)), iova + kFrame - 1);
    assert_int_equal(qaeUnregisterDevice(container.fd), 0);
}

} // namespace

int main() {
    qae::test::use_fake_vfio();
    setenv("QAT_USER_MODE", "vfio", 1);
#define VFIO_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const CMUnitTest tests[] = {
        VFIO_TEST(MEM_13_MEM_18_containers_come_and_go_while_threads_allocate),
        VFIO_TEST(MEM_11_MEM_14_a_child_starts_without_a_container),
        VFIO_TEST(MEM_11_a_fork_goes_on_while_a_thread_maps),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
