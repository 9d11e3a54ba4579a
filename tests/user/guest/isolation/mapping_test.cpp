// SPDX-License-Identifier: BSD-3-Clause
// Mappings of regions withstand everything that a process can do to its own address space. In every case a
// region lives exactly as long as its last mapping, and the mapping shows no other memory.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/descriptor.h"
#include "support/isolation.h"
#include "support/limits.h"
#include "support/worker.h"

namespace {

using guest::Channel;
using guest::close_device;
using guest::g_fd;
using guest::kHuge;
using guest::kPage;
using guest::map;
using guest::open_device;
using guest::region;
using guest::Worker;

// Takes and overwrites other regions of the same size; none of them may be the memory of @granted.
void reuse_memory(const qae_mem_alloc &granted) {
    for (int i = 0; i < 8; ++i) {
        const qae_mem_alloc other = region(granted.length);
        assert_true(other.device_address + other.length <= granted.device_address ||
                    granted.device_address + granted.length <= other.device_address);
        unsigned char *p = map(other);
        assert_true(guest::is_zero(p, other.length));
        std::memset(p, 0xff, other.length);
        munmap(p, other.length);
        assert_int_equal(raw_free(g_fd, other.id), 0);
    }
}

enum class Childs { kTouch, kMapAgain, kFree };

int act_as_child(Childs what, unsigned char *p, const qae_mem_alloc &granted) {
    WORKER_CHECK(guest::signal_of_read(p) != 0 && guest::signal_of_write(p + granted.length - 1) != 0);
    if (what != Childs::kTouch) {
        auto *again = static_cast<unsigned char *>(raw_map(g_fd, granted.mmap_offset, granted.length));
        WORKER_CHECK(again != nullptr && guest::has_pattern(again, granted.length, 5));
        WORKER_CHECK(granted.length < 2 * kPage || munmap(again + kPage, kPage) == 0);
    }
    if (what == Childs::kFree) {
        WORKER_CHECK(raw_free(g_fd, granted.id) == 0);
    }
    return 0;
}

// The child inherits the descriptor (it does not exec), and therefore the authority, but never a mapping.
void MEM_11_MEM_24_children_end_and_the_parents_mapping_stays(void **) {
    for (const std::size_t size : guest::region_sizes(g_fd)) {
        const qae_mem_alloc granted = region(size);
        unsigned char *p = map(granted);
        guest::fill_pattern(p, size, 5);
        static_cast<void>(madvise(p, size, MADV_DOFORK));
        for (int i = 0; i < 12; ++i) {
            const auto what = i == 11 ? Childs::kFree : i % 2 == 0 ? Childs::kTouch : Childs::kMapAgain;
            Worker child([&](Channel &) { return act_as_child(what, p, granted); });
            assert_int_equal(child.wait(), 0);
        }
        assert_int_equal(raw_free(g_fd, granted.id), -ENOENT); // the last child freed it
        reuse_memory(granted);
        assert_true(guest::has_pattern(p, size, 5));
        munmap(p, size);
    }
}

// One mapping of many pages, and the present address of each page; nullptr if it is not mapped.
class Pieces {
public:
    explicit Pieces(unsigned char *whole) {
        for (std::size_t i = 0; i < kPages; ++i) {
            page_at_[i] = whole + i * kPage;
            guest::fill_pattern(page_at_[i], kPage, i);
        }
    }
    static constexpr std::size_t kPages = 2 * kHuge / kPage;

    bool is_mapped(std::size_t page) const { return page_at_[page] != nullptr; }
    // Number of pages from @first on that are also adjacent in the address space.
    std::size_t run(std::size_t first) const {
        std::size_t count = 1;
        while (count < 64 && first + count < kPages &&
               page_at_[first + count] == page_at_[first] + count * kPage) {
            ++count;
        }
        return count;
    }
    void unmap(std::size_t first, std::size_t count) {
        assert_int_equal(munmap(page_at_[first], count * kPage), 0);
        std::fill_n(page_at_.begin() + static_cast<std::ptrdiff_t>(first), count, nullptr);
    }
    // Pieces that were moved beside each other are not one mapping: use a single page then.
    void move(std::size_t first, std::size_t count) {
        unsigned char *moved = remap(first, count);
        if (moved == MAP_FAILED) {
            assert_int_equal(errno, EFAULT);
            moved = remap(first, count = 1);
        }
        assert_ptr_not_equal(moved, MAP_FAILED);
        for (std::size_t i = 0; i < count; ++i) {
            page_at_[first + i] = moved + i * kPage;
        }
    }
    void check_and_unmap() {
        for (std::size_t i = 0; i < kPages; ++i) {
            if (is_mapped(i)) {
                assert_true(guest::has_pattern(page_at_[i], kPage, i));
                unmap(i, 1);
            }
        }
    }

private:
    unsigned char *remap(std::size_t first, std::size_t count) const {
        void *target = mmap(nullptr, count * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return static_cast<unsigned char *>(
            mremap(page_at_[first], count * kPage, count * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, target));
    }

    std::array<unsigned char *, kPages> page_at_{};
};

// Cuts and moves in all ways, with forks in between; the region's id is freed half-way.
void MEM_24_a_storm_of_forks_cuts_and_moves(void **) {
    std::minstd_rand random(7);
    for (int round = 0; round < 6; ++round) {
        const qae_mem_alloc granted = region(2 * kHuge);
        Pieces pieces(map(granted));
        for (int step = 0; step < 60; ++step) {
            const std::size_t first = random() % Pieces::kPages;
            if (step == 30) {
                assert_int_equal(raw_free(g_fd, granted.id), 0);
            }
            if (!pieces.is_mapped(first)) {
                continue;
            }
            if (random() % 3 == 0) {
                pieces.unmap(first, pieces.run(first));
            } else if (random() % 2 == 0) {
                pieces.move(first, pieces.run(first));
            } else {
                Worker child([](Channel &) { return 0; });
                assert_int_equal(child.wait(), 0);
            }
        }
        reuse_memory(granted);
        pieces.check_and_unmap();
    }
}

void MEM_24_mremap_moves_and_shrinks_but_reaches_nothing_more(void **) {
    for (const std::size_t size : guest::region_sizes(g_fd)) {
        const qae_mem_alloc granted = region(size), neighbour = region(size);
        unsigned char *p = map(granted);
        guest::fill_pattern(p, size, 8);
        for (const int flags : {0, MREMAP_MAYMOVE}) {
            assert_ptr_equal(mremap(p, size, size + kPage, flags), MAP_FAILED);
            assert_ptr_equal(mremap(p, size, 1UL << 40, flags), MAP_FAILED);
        }
        assert_ptr_equal(mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), MAP_FAILED);
        void *twice = mremap(p, 0, size, MREMAP_MAYMOVE); // a second mapping, if the kernel allows it
        if (twice != MAP_FAILED) {
            assert_true(guest::has_pattern(twice, size, 8));
            munmap(twice, size);
        }
        // Moves it over another region's mapping, to an address that is not aligned for a huge entry.
        unsigned char *other = map(neighbour);
        guest::fill_pattern(other, size, 9);
        auto *space = static_cast<unsigned char *>(
            mmap(nullptr, size + 2 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        auto *moved =
            static_cast<unsigned char *>(mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, space + kPage));
        assert_ptr_equal(moved, space + kPage);
        assert_true(guest::has_pattern(moved, size, 8));
        assert_int_not_equal(guest::signal_of_read(p), 0);
        moved = static_cast<unsigned char *>(mremap(moved, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, other));
        assert_ptr_equal(moved, other);
        assert_true(guest::has_pattern(moved, size, 8));
        assert_int_equal(raw_free(g_fd, granted.id), 0);
        if (size > kPage) {
            assert_ptr_equal(mremap(moved, size, size / 2, 0), moved);
            assert_int_not_equal(guest::signal_of_read(moved + size / 2), 0);
            assert_ptr_equal(mremap(moved, size / 2, size, MREMAP_MAYMOVE),
                             MAP_FAILED); // it does not grow back
        }
        assert_true(guest::has_pattern(moved, std::max(size / 2, kPage), 8));
        unsigned char *again = map(neighbour); // its mapping was replaced, its content was not
        assert_true(guest::has_pattern(again, size, 9));
        for (unsigned char *mapping : {moved, again, space}) {
            munmap(mapping, size + (mapping == space ? 2 * kPage : 0));
        }
    }
}

void MEM_24_advice_changes_nothing(void **) {
    // Names that the C library of the oldest supported system lacks are written as numbers.
    constexpr int kPopulateRead = 22, kPopulateWrite = 23, kDontneedLocked = 24, kCollapse = 25;
    for (const std::size_t size : guest::region_sizes(g_fd)) {
        const qae_mem_alloc granted = region(size);
        unsigned char *p = map(granted);
        guest::fill_pattern(p, size, 10);
        for (const int advice :
             {MADV_NORMAL,      MADV_RANDOM,     MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
              MADV_FREE,        MADV_REMOVE,     MADV_DONTFORK,   MADV_DOFORK,   MADV_MERGEABLE,
              MADV_UNMERGEABLE, MADV_HUGEPAGE,   MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP,
              MADV_WIPEONFORK,  MADV_KEEPONFORK, MADV_COLD,       MADV_PAGEOUT,  kPopulateRead,
              kPopulateWrite,   kDontneedLocked, kCollapse}) {
            for (const std::size_t length : {kPage, size}) {
                static_cast<void>(madvise(p, length, advice));
                assert_true(guest::has_pattern(p, size, 10));
            }
        }
        // Advice that would let a child inherit the mapping or a dump contain it must be refused.
        for (const int advice : {MADV_DOFORK, MADV_DODUMP, MADV_WIPEONFORK, MADV_DONTNEED, MADV_REMOVE}) {
            assert_int_equal(madvise(p, size, advice), -1);
        }
        Worker child([p](Channel &) { return guest::signal_of_read(p) != 0 ? 0 : 1; });
        assert_int_equal(child.wait(), 0);
        munmap(p, size);
    }
}

void MEM_24_mappings_are_shared_not_executable_and_keep_to_the_mode(void **) {
    const qae_mem_alloc granted = region(kHuge);
    const auto offset = static_cast<off_t>(granted.mmap_offset);
    const auto refused = [offset](int prot, int flags, int fd) {
        return mmap(nullptr, kHuge, prot, flags, fd, offset) == MAP_FAILED;
    };
    assert_true(refused(PROT_READ, MAP_PRIVATE, g_fd));
    assert_true(refused(PROT_READ | PROT_WRITE, MAP_PRIVATE, g_fd));
    assert_true(refused(PROT_EXEC, MAP_SHARED, g_fd));
    assert_true(refused(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, g_fd));
    unsigned char *p = map(granted);
    for (const std::size_t length : {kPage, kHuge}) {
        assert_int_equal(mprotect(p, length, PROT_READ | PROT_EXEC), -1);
        assert_int_equal(mprotect(p, length, PROT_NONE), 0);
        assert_int_not_equal(guest::signal_of_read(p), 0);
        assert_int_equal(mprotect(p, length, PROT_READ), 0);
        assert_int_not_equal(guest::signal_of_write(p), 0);
        assert_int_equal(guest::signal_of_read(p), 0);
        assert_int_equal(mprotect(p, length, PROT_READ | PROT_WRITE), 0);
        assert_int_equal(guest::signal_of_write(p), 0);
    }
    munmap(p, kHuge);

    // If readable mappings are executable in this process, it gets no mapping, or one that is not executable.
    Worker sloppy([&](Channel &) {
        WORKER_CHECK(personality(READ_IMPLIES_EXEC) != -1);
        void *q = mmap(nullptr, kHuge, PROT_READ, MAP_SHARED, g_fd, offset);
        WORKER_CHECK(q == MAP_FAILED || mprotect(q, kPage, PROT_READ | PROT_EXEC) != 0);
        return 0;
    });
    assert_int_equal(sloppy.wait(), 0);
}

// Without FMODE_WRITE the kernel treats a shared mapping as a private one, so there must be none at all.
void MEM_24_a_descriptor_opened_for_reading_maps_nothing(void **) {
    const int fd = open("/dev/qae_mem", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    qae_mem_alloc granted;
    assert_int_equal(raw_alloc(fd, kHuge, 1, QAE_NODE_ANY, &granted), 0);
    for (const int prot : {PROT_READ, PROT_WRITE, PROT_READ | PROT_WRITE}) {
        for (const int flags : {MAP_SHARED, MAP_PRIVATE}) {
            assert_ptr_equal(mmap(nullptr, kHuge, prot, flags, fd, static_cast<off_t>(granted.mmap_offset)),
                             MAP_FAILED);
        }
    }
    close(fd);
}

// remap_file_pages() asks the driver again for each offset.
void MEM_24_remap_file_pages_is_bound_like_mmap(void **) {
    const qae_mem_alloc granted = region(kHuge), other = region(kHuge);
    const std::size_t span = (other.mmap_offset - granted.mmap_offset) / kPage;
    const std::size_t end = (granted.mmap_offset + kHuge) / kPage;
    for (const std::size_t page : {std::size_t{0}, 64 * span, end, SIZE_MAX / kPage / 2}) {
        unsigned char *lost = map(granted); // the kernel may unmap it before it asks the driver
        assert_int_equal(syscall(SYS_remap_file_pages, lost, kHuge, 0, page, 0), -1);
        munmap(lost, kHuge);
    }
    unsigned char *p = map(granted);
    assert_int_equal(syscall(SYS_remap_file_pages, p, kHuge, 0, other.mmap_offset / kPage, 0), 0);
    assert_int_equal(raw_free(g_fd, granted.id), 0);
    assert_int_equal(raw_free(g_fd, other.id), 0);
    assert_true(guest::is_zero(p, kHuge));
    munmap(p, kHuge);
}

// Not even root reads page frames there, nothing moves the pages, and user space cannot serve their faults.
void MEM_24_memory_management_leaves_the_pages_alone(void **) {
    const qae_mem_alloc granted = region(kHuge);
    unsigned char *p = map(granted);
    guest::fill_pattern(p, kHuge, 11);
    const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    std::uint64_t entry = UINT64_MAX;
    const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(p) / kPage * sizeof(entry));
    assert_int_equal(pread(pagemap, &entry, sizeof(entry), at), sizeof(entry));
    close(pagemap);
    assert_int_equal(entry & ((1ULL << 55) - 1), 0);

    void *page = p;
    int node = 0, status = 0;
    static_cast<void>(syscall(SYS_move_pages, 0, 1, &page, &node, &status, 1 << 1));
    assert_true(status < 0);
    std::array<unsigned char, kHuge / kPage> resident{};
    static_cast<void>(mincore(p, kHuge, resident.data()));
    static_cast<void>(mlock(p, kHuge));
    static_cast<void>(munlock(p, kHuge));
    const int faults = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC));
    assert_true(faults >= 0);
    uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
    assert_int_equal(ioctl(faults, UFFDIO_API, &api), 0);
    uffdio_register wish{};
    wish.range = {reinterpret_cast<std::uintptr_t>(p), kHuge};
    wish.mode = UFFDIO_REGISTER_MODE_MISSING;
    assert_int_equal(ioctl(faults, UFFDIO_REGISTER, &wish), -1);
    close(faults);
    qae_mem_query answer;
    assert_int_equal(raw_query(g_fd, granted.id, &answer), 0);
    assert_true(answer.device_address == granted.device_address && answer.node == granted.node);
    assert_true(guest::has_pattern(p, kHuge, 11));
    munmap(p, kHuge);
}

// A process that lends pages of a mapping to a pipe and then frees the region must not see what the next
// owner writes. Kernels that do not lend such pages pass as well.
void MEM_24_pages_lent_to_a_pipe_are_not_given_to_others(void **) {
    const guest::Limits limits(qae::MemorySettings{.user = QAE_UNLIMITED});
    for (const std::size_t size : guest::region_sizes(g_fd)) {
        const qae_mem_alloc granted = region(size);
        unsigned char *p = map(granted);
        guest::fill_pattern(p, size, 12);
        int pipe_ends[2];
        assert_int_equal(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), 0);
        iovec lent{p, 8 * kPage > size ? size : 8 * kPage};
        const ssize_t in_pipe = vmsplice(pipe_ends[1], &lent, 1, SPLICE_F_NONBLOCK | SPLICE_F_GIFT);
        munmap(p, size);
        assert_int_equal(raw_free(g_fd, granted.id), 0);
        Worker victim([size](Channel &) {
            const int fd = raw_open();
            const int enough = size > 2 * kHuge ? 8 : 64;
            for (int i = 0; i < enough; ++i) {
                qae_mem_alloc theirs;
                WORKER_CHECK(raw_alloc(fd, size, 1, QAE_NODE_ANY, &theirs) == 0);
                void *q = raw_map(fd, theirs.mmap_offset, size);
                WORKER_CHECK(q != nullptr && guest::is_zero(q, size));
                std::memset(q, 0xa5, size);
            }
            return 0;
        });
        assert_int_equal(victim.wait(), 0);
        std::vector<unsigned char> seen(8 * kPage);
        ssize_t got = 0;
        for (ssize_t n;
             in_pipe > 0 && got < in_pipe &&
             (n = read(pipe_ends[0], seen.data() + got, seen.size() - static_cast<std::size_t>(got))) > 0;) {
            got += n;
        }
        assert_true(in_pipe <= 0 || got == in_pipe);
        assert_true(std::search_n(seen.begin(), seen.end(), 16, 0xa5) == seen.end());
        close(pipe_ends[0]);
        close(pipe_ends[1]);
    }
}

// Threads of one descriptor map, write, look up and free the same ids. A mapped region is whole: its first
// and last words are equal, because only one thread ever writes to it.
void MEM_24_threads_race_for_the_same_ids(void **) {
    constexpr unsigned kThreads = 4, kRounds = 1500, kIds = 24;
    std::atomic<unsigned> mapped{0}, freed{0};
    std::atomic<bool> good{true};
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < kThreads; ++number) {
        threads.emplace_back([&, number] {
            std::minstd_rand random(number + 1);
            for (unsigned round = 0; round < kRounds; ++round) {
                const std::size_t size = round % 16 == 0 ? kHuge : 4 * kPage;
                qae_mem_alloc granted;
                const auto id = static_cast<std::uint32_t>(1 + random() % kIds);
                if (raw_alloc(g_fd, size, 1, QAE_NODE_ANY, &granted) != 0) {
                    good = false;
                }
                qae_mem_query answer;
                const int found = raw_query(g_fd, id, &answer);
                good = good && (found == 0 || found == -ENOENT);
                void *p = raw_map(g_fd, std::uint64_t{id} * (granted.mmap_offset / granted.id), 4 * kPage);
                if (p != nullptr) {
                    auto *words = static_cast<std::uint64_t *>(p);
                    words[0] = words[4 * kPage / 8 - 1] = 0x1122334455667788ULL;
                    ++mapped;
                }
                freed += raw_free(g_fd, id) == 0 ? 1 : 0;
                if (p != nullptr) { // perhaps the last mapping of it
                    auto *words = static_cast<std::uint64_t *>(p);
                    good = good && words[0] == words[4 * kPage / 8 - 1] && words[1] == 0;
                    munmap(p, 4 * kPage);
                }
                if (granted.id > kIds) {
                    good = good && raw_free(g_fd, granted.id) == 0;
                }
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    assert_true(good);
    assert_true(mapped > 0 && freed > 0);
}

} // namespace

#define MAPPING_TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main() {
    const CMUnitTest tests[] = {
        MAPPING_TEST(MEM_11_MEM_24_children_end_and_the_parents_mapping_stays),
        MAPPING_TEST(MEM_24_a_storm_of_forks_cuts_and_moves),
        MAPPING_TEST(MEM_24_mremap_moves_and_shrinks_but_reaches_nothing_more),
        MAPPING_TEST(MEM_24_advice_changes_nothing),
        MAPPING_TEST(MEM_24_mappings_are_shared_not_executable_and_keep_to_the_mode),
        MAPPING_TEST(MEM_24_a_descriptor_opened_for_reading_maps_nothing),
        MAPPING_TEST(MEM_24_remap_file_pages_is_bound_like_mmap),
        MAPPING_TEST(MEM_24_memory_management_leaves_the_pages_alone),
        MAPPING_TEST(MEM_24_pages_lent_to_a_pipe_are_not_given_to_others),
        MAPPING_TEST(MEM_24_threads_race_for_the_same_ids),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
