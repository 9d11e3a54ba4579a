// SPDX-License-Identifier: BSD-3-Clause
// A device under vfio-pci reads and writes the memory of the library and of the application, at the addresses
// that the library says, and nothing else. tests/vm/scenarios/vfio-dma prepares the guest, and runs this
// program with and without huge pages.
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/edu_device.h"
#include "support/kernel_log.h"
#include "support/reason.h"
#include "support/worker.h"
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::EduDevice;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kFrame = 2 << 20;
constexpr std::size_t kCopy = 512;

bool huge_pages() {
    const char *pages = std::getenv("QAT_USER_HUGEPAGES");
    return pages != nullptr && std::atoi(pages) != 0;
}

std::unique_ptr<EduDevice> g_device; // the first one, which reaches all addresses

int begin(void **) {
    g_device = std::make_unique<EduDevice>(EduDevice::all().at(0));
    qaeClearLastError();
    return 0;
}

int end(void **) {
    while (qaeUnregisterDevice(g_device->container()) == 0) {
    }
    g_device.reset();
    qaeMemTrim();
    return 0;
}

void register_device() {
    if (qaeRegisterDevice(g_device->container()) != 0) {
        fail_msg("%s", qaeLastError());
    }
}

unsigned char *alloc(std::size_t size) {
    auto *block = static_cast<unsigned char *>(qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64));
    if (block == nullptr) {
        fail_msg("%s", qaeLastError());
    }
    return block;
}

std::uint64_t device_address(void *pointer) {
    const std::uint64_t address = qaeVirtToPhysNUMA(pointer);
    if (address == 0) {
        fail_msg("%s", qaeLastError());
    }
    return address;
}

void fill(unsigned char *at, std::size_t size, unsigned seed) {
    for (std::size_t i = 0; i < size; ++i) {
        at[i] = static_cast<unsigned char>(seed + i * 7 + (i >> 8) * 13);
    }
}

// The device copies @size bytes from one place to another. The places must not overlap.
void expect_copy(EduDevice &device, unsigned char *from, unsigned char *to, std::size_t size = kCopy) {
    static unsigned seed = 1;
    std::vector<unsigned char> expected(size);
    fill(expected.data(), size, ++seed);
    std::memcpy(from, expected.data(), size);
    std::memset(to, 0xee, size);
    device.read_memory(device_address(from), size);
    device.write_memory(device_address(to), size);
    assert_memory_equal(to, expected.data(), size);
    assert_memory_equal(from, expected.data(), size);
}

// Start, interior and end of a buffer, each read and written once.
void expect_reachable(unsigned char *buffer, std::size_t size) {
    const std::size_t copy = std::min(kCopy, size / 4);
    unsigned char *const last = buffer + size - copy;
    // Not aligned, and across pages in larger buffers.
    unsigned char *const middle = buffer + size / 2 - std::min<std::size_t>(copy / 2, 100);
    expect_copy(*g_device, buffer, last, copy);
    expect_copy(*g_device, last, middle, copy);
    expect_copy(*g_device, middle, buffer, copy);
}

// The device tries to write, and the IOMMU stops it.
void expect_fault(std::uint64_t iova) {
    const guest::LogMark log;
    char words[64];
    std::snprintf(words, sizeof(words), "fault addr 0x%llx",
                  static_cast<unsigned long long>(iova & ~(kPage - 1)));
    g_device->write_memory(iova, kCopy);
    if (!log.says(words)) {
        fail_msg("the kernel's log has no \"%s\"", words);
    }
}

// ---- pinned memory

void MEM_21_a_device_reaches_pinned_memory(void **) {
    unsigned char *early = alloc(5 << 20); // before the container is registered
    register_device();
    expect_reachable(early, 5 << 20);
    for (const std::size_t size :
         {std::size_t{64}, kPage, std::size_t{100000}, kFrame, std::size_t{64} << 20}) {
        unsigned char *block = alloc(size);
        expect_reachable(block, size);
        void *freed = block;
        qaeMemFreeNUMA(&freed);
    }
    void *freed = early;
    qaeMemFreeNUMA(&freed);
}

void MEM_21_the_node_is_honoured_and_huge_pages_are_used(void **) {
    register_device();
    auto *block = static_cast<unsigned char *>(qaeMemAllocNUMA(4 * kFrame, 0, 64));
    assert_non_null(block);
    qae_mem_block info{};
    info.size = sizeof(info);
    assert_int_equal(qaeMemGetInfo(block, &info), 0);
    assert_int_equal(info.node, 0);
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    assert_int_equal(stats.huge, huge_pages() ? stats.pinned : 0);
    assert_int_equal(stats.huge_misses, 0);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
}

// More than the pool has, and more than the process may have: the rest is of 4 KiB pages.
void MEM_21_without_huge_pages_left_memory_is_small_pages(void **) {
    if (!huge_pages()) {
        skip();
    }
    register_device();
    std::vector<void *> blocks;
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    do {
        blocks.push_back(alloc(8 * kFrame));
        assert_int_equal(qaeMemStats(&stats), 0);
    } while (stats.huge_misses < 2);
    assert_true(stats.huge > 0 && stats.huge < stats.pinned);
    expect_reachable(static_cast<unsigned char *>(blocks.front()), 8 * kFrame);
    expect_reachable(static_cast<unsigned char *>(blocks.back()), 8 * kFrame);
    for (void *&block : blocks) {
        qaeMemFreeNUMA(&block);
    }
}

void MEM_21_after_a_free_the_device_reaches_nothing(void **) {
    register_device();
    unsigned char *block = alloc(16 << 20); // a region of its own
    const std::uint64_t iova = device_address(block);
    fill(block, kCopy, 9);
    g_device->read_memory(iova, kCopy);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
    qaeMemTrim();
    qae_mem_stats stats{};
    stats.size = sizeof(stats);
    assert_int_equal(qaeMemStats(&stats), 0);
    assert_int_equal(stats.pinned, 0);
    expect_fault(iova);
    expect_fault(iova + (8 << 20) + kPage);
    // The same addresses serve again, and hold what their new owner wrote.
    block = alloc(16 << 20);
    assert_int_equal(device_address(block), iova);
    expect_reachable(block, 16 << 20);
    freed = block;
    qaeMemFreeNUMA(&freed);
}

void MEM_14_MEM_21_after_unregistering_the_device_reaches_nothing(void **) {
    register_device();
    unsigned char *block = alloc(kFrame);
    const std::uint64_t iova = device_address(block);
    expect_reachable(block, kFrame);
    assert_int_equal(qaeUnregisterDevice(g_device->container()), 0);
    std::memset(block, 0x11, kFrame);
    expect_fault(iova);
    for (std::size_t i = 0; i < kFrame; ++i) {
        assert_int_equal(block[i], 0x11);
    }
    register_device();
    assert_int_equal(device_address(block), iova);
    expect_reachable(block, kFrame);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
}

// ---- memory of the application

class Buffer {
public:
    Buffer(std::size_t size, int flags, int fd) : size_(size) {
        void *whole =
            mmap(nullptr, size + kFrame, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        const auto start = (reinterpret_cast<std::uintptr_t>(whole) + kFrame - 1) / kFrame * kFrame;
        start_ = static_cast<unsigned char *>(
            mmap(reinterpret_cast<void *>(start), size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0));
    }
    ~Buffer() {
        if (start_ != MAP_FAILED) {
            munmap(start_, size_);
        }
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    bool valid() const { return start_ != MAP_FAILED; }
    unsigned char *at(std::size_t offset = 0) const { return start_ + offset; }

private:
    std::size_t size_;
    unsigned char *start_;
};

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

void expect_mapping(unsigned char *buffer, std::size_t size) {
    const std::uint64_t iova = qaeMemMapContiguousIova(buffer, size);
    if (iova == 0) {
        fail_msg("%s", qaeLastError());
    }
    assert_int_equal(iova % kFrame, 0);
    assert_int_equal(device_address(buffer + size - 1), iova + size - 1);
    assert_ptr_equal(qaePhysToVirtNUMA(iova + size - 1), buffer + size - 1);
    expect_reachable(buffer, size);
    assert_int_equal(qaeMemUnmapContiguousIova(buffer, size), 0);
    std::memset(buffer, 0x22, kPage);
    g_device->write_memory(iova, kCopy); // the kernel's log has only the first few faults of five seconds
    for (std::size_t i = 0; i < kPage; ++i) {
        assert_int_equal(buffer[i], 0x22);
    }
    assert_int_equal(qaeVirtToPhysNUMA(buffer), 0);
}

void MEM_15_MEM_17_MEM_21_a_device_reaches_memory_of_the_application(void **) {
    register_device();
    const std::size_t least = huge_pages() ? kFrame : kPage;
    for (const std::size_t size : {least, 3 * kFrame, std::size_t{64} << 20}) {
        const Buffer buffer(size, kAnonymous, -1);
        expect_mapping(buffer.at(), size);
    }
    const int memory = memfd_create("buffer", MFD_CLOEXEC);
    assert_int_equal(ftruncate(memory, 2 * kFrame), 0);
    const Buffer shared(2 * kFrame, MAP_SHARED, memory);
    expect_mapping(shared.at(), 2 * kFrame);
    const Buffer huge(4 * kFrame, kAnonymous | MAP_HUGETLB, -1);
    if (huge_pages()) {
        assert_true(huge.valid());
        expect_mapping(huge.at(), 4 * kFrame);
    }
    close(memory);
}

void MEM_15_two_mappings_share_a_frame_of_pointers(void **) {
    if (huge_pages()) {
        skip();
    }
    register_device();
    const Buffer buffer(2 * kFrame, kAnonymous, -1);
    for (const std::size_t offset : {kPage, 2 * kPage, kFrame - kPage}) {
        assert_true(
            qaeMemMapContiguousIova(buffer.at(offset), offset == kFrame - kPage ? 2 * kPage : kPage) != 0);
    }
    expect_copy(*g_device, buffer.at(kPage), buffer.at(2 * kPage));
    expect_copy(*g_device, buffer.at(2 * kPage + kPage - kCopy), buffer.at(kFrame - kCopy / 2));
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(2 * kPage), kPage), 0);
    expect_copy(*g_device, buffer.at(kPage), buffer.at(kFrame));
}

void MEM_20_pinned_memory_is_not_mapped_again(void **) {
    register_device();
    unsigned char *block = alloc(4 * kFrame);
    assert_int_equal(qaeMemMapContiguousIova(block, 2 * kFrame), 0);
    expect_reason(EINVAL, "memory of qaeMemAllocNUMA()");
    assert_int_equal(qaeMemUnmapContiguousIova(block, 2 * kFrame), 1);
    expect_reason(EINVAL, "qaeMemFreeNUMA()");
    expect_reachable(block, 4 * kFrame);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
}

// ---- what the kernel refuses

void MEM_13_what_is_not_a_container_is_refused(void **) {
    assert_int_not_equal(qaeRegisterDevice(g_device->group()), 0);
    expect_reason(ENOTTY, "not a VFIO container");
    const int bare = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
    assert_int_not_equal(qaeRegisterDevice(bare), 0);
    expect_reason(EINVAL, "no IOMMU yet");
    register_device();
    register_device();
    assert_int_not_equal(qaeRegisterDevice(bare), 0);
    expect_reason(EBUSY, "another VFIO container");
    assert_int_equal(qaeUnregisterDevice(g_device->container()), 0);
    close(bare);
}

void MEM_16_what_vfio_does_not_map(void **) {
    register_device();
    const std::size_t unit = huge_pages() ? kFrame : kPage;
    Buffer buffer(4 * kFrame, kAnonymous, -1);
    assert_int_equal(mprotect(buffer.at(), kFrame, PROT_READ), 0);
    assert_int_equal(qaeMemMapContiguousIova(buffer.at(), unit), 0);
    expect_reason(EFAULT, "read-only");
    assert_int_equal(munmap(buffer.at(2 * kFrame), unit), 0);
    assert_int_equal(qaeMemMapContiguousIova(buffer.at(kFrame), 2 * kFrame), 0); // a hole
    expect_reason(EFAULT, "not mapped");
    assert_true(qaeMemMapContiguousIova(buffer.at(kFrame), kFrame) != 0); // nothing was left behind
    assert_int_equal(qaeMemMapContiguousIova(buffer.at(kFrame), kFrame), 0);
    expect_reason(EEXIST, "mapped already");
}

void set_mapping_limit(const char *limit) {
    std::ofstream file("/sys/module/vfio_iommu_type1/parameters/dma_entry_limit");
    file << limit << std::flush;
    assert_true(file.good());
}

void MEM_16_the_mapping_limit_of_vfio_is_named(void **) {
    constexpr std::size_t kLimit = 500;
    g_device.reset();
    set_mapping_limit("500");
    g_device = std::make_unique<EduDevice>(EduDevice::all().at(0)); // which reads the limit now
    set_mapping_limit("65535");
    register_device();
    const std::size_t unit = huge_pages() ? kFrame : kPage;
    Buffer buffer((kLimit + 1) * unit, kAnonymous | MAP_NORESERVE, -1);
    const std::size_t count = huge_pages() ? 8 : kLimit; // so many frames do not fit into the guest
    for (std::size_t i = 0; i < count; ++i) {
        assert_true(qaeMemMapContiguousIova(buffer.at(i * unit), unit) != 0);
    }
    if (count == kLimit) {
        assert_int_equal(qaeMemMapContiguousIova(buffer.at(count * unit), unit), 0);
        expect_reason(EDQUOT, "mapping limit");
        assert_null(qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64));
        expect_reason(EDQUOT, "mapping limit");
    }
    expect_copy(*g_device, buffer.at(), buffer.at((count - 1) * unit));
    assert_int_equal(qaeMemUnmapContiguousIova(buffer.at(unit), unit), 0);
    void *block = alloc(100);
    qaeMemFreeNUMA(&block);
}

// In a process without privileges, which got the open container.
void MEM_16_the_limit_on_locked_memory_is_named(void **) {
    guest::Worker worker([](guest::Channel &) {
        const rlimit limit{.rlim_cur = 8 << 20, .rlim_max = 8 << 20};
        WORKER_CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && setresuid(65534, 65534, 65534) == 0);
        WORKER_CHECK(qaeRegisterDevice(g_device->container()) == 0);
        const std::size_t unit = huge_pages() ? kFrame : kPage;
        Buffer buffer(16 << 20, kAnonymous, -1);
        WORKER_CHECK(qaeMemMapContiguousIova(buffer.at(), 16 << 20) == 0 && qaeLastErrno() == EDQUOT);
        WORKER_CHECK(reason_says("KiB of 8192 KiB are pinned, and 16384 KiB more are needed"));
        WORKER_CHECK(reason_says("ulimit -l"));
        WORKER_CHECK(qaeMemAllocNUMA(32 << 20, NUMA_ANY_NODE, 64) == nullptr && qaeLastErrno() == EDQUOT);
        WORKER_CHECK(reason_says("32768 KiB more are needed"));
        WORKER_CHECK(qaeMemMapContiguousIova(buffer.at(), unit) != 0);
        WORKER_CHECK(qaeMemUnmapContiguousIova(buffer.at(), unit) == 0);
        WORKER_CHECK(qaeUnregisterDevice(g_device->container()) == 0);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// ---- processes and threads

// What the parent writes after a fork is what its device reads, although both processes had one page.
void MEM_11_MEM_21_after_a_fork_the_parents_device_goes_on(void **) {
    register_device();
    const Buffer buffer(2 * kFrame, kAnonymous, -1);
    assert_true(qaeMemMapContiguousIova(buffer.at(), 2 * kFrame) != 0);
    unsigned char *block = alloc(kFrame);
    std::memset(buffer.at(), 1, 2 * kFrame);
    guest::Worker child([&](guest::Channel &channel) {
        WORKER_CHECK(qaeVirtToPhysNUMA(block) == 0 && qaeVirtToPhysNUMA(buffer.at()) == 0);
        WORKER_CHECK(qaeMemMapContiguousIova(buffer.at(), 2 * kFrame) == 0 && qaeLastErrno() == ENODEV);
        void *own = qaeMemAllocNUMA(100, NUMA_ANY_NODE, 64);
        WORKER_CHECK(own != nullptr);
        std::memset(buffer.at(), 2, 2 * kFrame); // the child's copy
        channel.say("written");
        WORKER_CHECK(channel.hear() == "look");
        for (std::size_t i = 0; i < 2 * kFrame; i += 97) {
            WORKER_CHECK(buffer.at()[i] == 2);
        }
        return 0;
    });
    assert_string_equal(child.hear().c_str(), "written");
    expect_reachable(buffer.at(), 2 * kFrame);
    expect_reachable(block, kFrame);
    expect_copy(*g_device, buffer.at(), block);
    child.say("look");
    assert_int_equal(child.wait(), 0);
    expect_reachable(buffer.at(), 2 * kFrame);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
}

// Each process reaches its own memory by its own device; the addresses are equal, the memory is not.
void MEM_21_two_processes_are_apart(void **) {
    register_device();
    unsigned char *block = alloc(kFrame);
    std::memset(block, 0x33, kFrame);
    const std::uint64_t iova = device_address(block);
    guest::Worker other([&](guest::Channel &channel) {
        EduDevice device(EduDevice::all().at(1));
        WORKER_CHECK(qaeRegisterDevice(device.container()) == 0);
        auto *own = static_cast<unsigned char *>(qaeMemAllocNUMA(kFrame, NUMA_ANY_NODE, 64));
        WORKER_CHECK(own != nullptr && qaeVirtToPhysNUMA(own) == iova);
        fill(own, kCopy, 5);
        device.read_memory(iova, kCopy);
        device.write_memory(iova + kPage, kCopy);
        WORKER_CHECK(std::memcmp(own, own + kPage, kCopy) == 0);
        channel.say("written");
        return 0;
    });
    assert_string_equal(other.hear().c_str(), "written");
    assert_int_equal(other.wait(), 0);
    for (std::size_t i = 0; i < kFrame; ++i) {
        assert_int_equal(block[i], 0x33);
    }
    expect_reachable(block, kFrame);
    void *freed = block;
    qaeMemFreeNUMA(&freed);
}

// The second device reaches 28 bits only. In a process of its own, because the setting is read once.
void MEM_21_a_device_of_small_reach(void **) {
    guest::Worker worker([](guest::Channel &) {
        setenv("QAT_USER_IOVA_BITS", "28", 1);
        EduDevice device(EduDevice::all().at(1));
        WORKER_CHECK(qaeRegisterDevice(device.container()) == 0);
        std::vector<unsigned char *> blocks;
        while (void *block = qaeMemAllocNUMA(32 << 20, NUMA_ANY_NODE, 64)) {
            blocks.push_back(static_cast<unsigned char *>(block));
            WORKER_CHECK(qaeVirtToPhysNUMA(block) + (32 << 20) <= 1 << 28);
        }
        WORKER_CHECK(qaeLastErrno() == ENOSPC && blocks.size() >= 6);
        fill(blocks.front(), kCopy, 3);
        unsigned char *last = blocks.back() + (32 << 20) - kCopy;
        device.read_memory(qaeVirtToPhysNUMA(blocks.front()), kCopy);
        device.write_memory(qaeVirtToPhysNUMA(last), kCopy);
        WORKER_CHECK(std::memcmp(blocks.front(), last, kCopy) == 0);
        return 0;
    });
    assert_int_equal(worker.wait(), 0);
}

// The process ends while its device copies: the next owner of the device starts from nothing.
void MEM_22_MEM_21_a_process_is_killed_while_its_device_copies(void **) {
    std::uint64_t iova = 0;
    {
        guest::Worker victim([](guest::Channel &channel) {
            EduDevice device(EduDevice::all().at(1));
            WORKER_CHECK(qaeRegisterDevice(device.container()) == 0);
            void *block = qaeMemAllocNUMA(kFrame, NUMA_ANY_NODE, 64);
            channel.say(std::to_string(qaeVirtToPhysNUMA(block)));
            for (;;) {
                device.write_memory(qaeVirtToPhysNUMA(block), kCopy);
            }
            return 0;
        });
        iova = std::stoull(victim.hear());
        victim.kill(SIGKILL);
        assert_int_equal(victim.wait(), 128 + SIGKILL);
    }
    const guest::LogMark log;
    EduDevice device(EduDevice::all().at(1)); // free again, and reset
    assert_int_not_equal(iova, 0);
    device.write_memory(iova, kCopy);
    assert_true(log.says("fault addr"));
}

// Each thread leaves a mapping and a block behind, so that the device shows what became of them. It copies
// while both threads map, allocate and undo it: at least until both have done so during a copy.
void MEM_18_threads_map_while_the_device_copies(void **) {
    constexpr std::size_t kSize = 2 * kFrame;
    register_device();
    unsigned char *block = alloc(kFrame);
    const Buffer buffers[] = {{kSize, kAnonymous, -1}, {kSize, kAnonymous, -1}};
    unsigned char *blocks[] = {nullptr, nullptr};
    std::atomic<unsigned> rounds[] = {0, 0};
    std::atomic<bool> stop{false};
    std::atomic<int> failures{0};
    std::barrier together(2);
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            for (bool last = false; !last; ++rounds[t]) {
                last = stop;
                if (last) {
                    together.arrive_and_wait(); // so that the mappings that stay are made at once
                }
                failures += qaeMemMapContiguousIova(buffers[t].at(), kSize) == 0;
                void *own = qaeMemAllocNUMA(100000, NUMA_ANY_NODE, 64);
                failures += own == nullptr;
                if (last) {
                    blocks[t] = static_cast<unsigned char *>(own);
                    return;
                }
                qaeMemFreeNUMA(&own);
                failures += qaeMemUnmapContiguousIova(buffers[t].at(), kSize) != 0;
                qaeMemTrim();
            }
        });
    }
    const unsigned before[] = {rounds[0], rounds[1]};
    while (rounds[0] - before[0] < 3 || rounds[1] - before[1] < 3) {
        expect_reachable(block, kFrame);
    }
    stop = true;
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_int_equal(failures, 0);
    for (int t = 0; t < 2; ++t) {
        expect_reachable(buffers[t].at(), kSize);
        expect_copy(*g_device, buffers[t].at(kFrame), blocks[t]);
    }
    expect_copy(*g_device, blocks[0], blocks[1]);
    for (void *freed :
         {static_cast<void *>(block), static_cast<void *>(blocks[0]), static_cast<void *>(blocks[1])}) {
        qaeMemFreeNUMA(&freed);
    }
}

} // namespace

int main() {
    if (EduDevice::all().size() < 2) {
        std::puts("1..0 # no two edu devices are bound to vfio-pci; see tests/vm/scenarios/vfio-dma");
        return 1;
    }
#define DMA_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const CMUnitTest tests[] = {
        DMA_TEST(MEM_21_a_device_of_small_reach), // first: before this process reads its settings
        DMA_TEST(MEM_21_a_device_reaches_pinned_memory),
        DMA_TEST(MEM_21_the_node_is_honoured_and_huge_pages_are_used),
        DMA_TEST(MEM_21_without_huge_pages_left_memory_is_small_pages),
        DMA_TEST(MEM_21_after_a_free_the_device_reaches_nothing),
        DMA_TEST(MEM_14_MEM_21_after_unregistering_the_device_reaches_nothing),
        DMA_TEST(MEM_15_MEM_17_MEM_21_a_device_reaches_memory_of_the_application),
        DMA_TEST(MEM_15_two_mappings_share_a_frame_of_pointers),
        DMA_TEST(MEM_20_pinned_memory_is_not_mapped_again),
        DMA_TEST(MEM_13_what_is_not_a_container_is_refused),
        DMA_TEST(MEM_16_what_vfio_does_not_map),
        DMA_TEST(MEM_16_the_mapping_limit_of_vfio_is_named),
        DMA_TEST(MEM_16_the_limit_on_locked_memory_is_named),
        DMA_TEST(MEM_11_MEM_21_after_a_fork_the_parents_device_goes_on),
        DMA_TEST(MEM_21_two_processes_are_apart),
        DMA_TEST(MEM_22_MEM_21_a_process_is_killed_while_its_device_copies),
        DMA_TEST(MEM_18_threads_map_while_the_device_copies),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
