// SPDX-License-Identifier: BSD-3-Clause
// A bad argument of one thread stops no other: while an ioctl waits for the page of its structure, the other
// threads of the process map and unmap, and other processes allocate and free. A driver that held a lock
// during the copy would stop all of them. The test counts progress and never measures time.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/isolation.h"
#include "support/worker.h"

namespace {

using guest::Channel;
using guest::kHuge;
using guest::kPage;
using guest::Worker;

// Rounds completed, in memory that the processes share.
struct Hearts {
    std::atomic<std::uint64_t> mapper, caller, stranger;
};

Hearts *shared_hearts() {
    void *memory = mmap(nullptr, sizeof(Hearts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    return new (memory) Hearts{};
}

// Returns after @beats more beats of the heart. After a deadlock it never returns, and the alarm ends the
// program: a failure, with the test's name printed before it.
void await_beats(const std::atomic<std::uint64_t> &heart, std::uint64_t beats) {
    const std::uint64_t enough = heart + beats;
    while (heart < enough) {
        usleep(1000);
    }
}

// One round of everything that takes a lock: descriptor, region, mapping, faults.
void live_one_round(int fd, std::size_t size) {
    qae_mem_alloc granted;
    WORKER_CHECK(raw_alloc(fd, size, 1, QAE_NODE_ANY, &granted) == 0);
    auto *p = static_cast<unsigned char *>(raw_map(fd, granted.mmap_offset, granted.length));
    WORKER_CHECK(p != nullptr && p[0] == 0 && p[size - 1] == 0);
    p[size / 2] = 1;
    WORKER_CHECK(munmap(p, granted.length) == 0);
    WORKER_CHECK(raw_free(fd, granted.id) == 0);
}

// A process of its own that opens, allocates, maps, frees and closes until it is killed.
int be_a_stranger(Hearts *hearts) {
    WORKER_CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
    for (unsigned round = 0;; ++round) {
        const int fd = raw_open();
        WORKER_CHECK(fd >= 0);
        live_one_round(fd, round % 8 == 0 ? kHuge : 4 * kPage);
        WORKER_CHECK(close(fd) == 0);
        ++hearts->stranger;
    }
}

// A page whose faults this program serves when it likes, or never.
class SlowPage {
public:
    explicit SlowPage(std::uint64_t mode)
        : page_(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
          faults_(static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC))) {
        WORKER_CHECK(page_ != MAP_FAILED && faults_ >= 0);
        uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
        WORKER_CHECK(ioctl(faults_, UFFDIO_API, &api) == 0);
        uffdio_register wish{};
        wish.range = range();
        wish.mode = mode;
        WORKER_CHECK(ioctl(faults_, UFFDIO_REGISTER, &wish) == 0);
    }
    ~SlowPage() {
        munmap(page_, kPage);
        close(faults_);
    }
    SlowPage(const SlowPage &) = delete;
    SlowPage &operator=(const SlowPage &) = delete;

    void *address() const { return page_; }
    // Returns when a thread waits for this page.
    void await_fault() const {
        uffd_msg message;
        WORKER_CHECK(read(faults_, &message, sizeof(message)) == sizeof(message));
        WORKER_CHECK(message.event == UFFD_EVENT_PAGEFAULT);
    }
    // Fills the page with @content and lets the waiting thread continue.
    void serve(const void *content) const {
        uffdio_copy copy{};
        copy.dst = reinterpret_cast<std::uintptr_t>(page_);
        copy.src = reinterpret_cast<std::uintptr_t>(content);
        copy.len = kPage;
        WORKER_CHECK(ioctl(faults_, UFFDIO_COPY, &copy) == 0);
    }
    // In write-protect mode: makes writes wait from now on, or lets them continue.
    void protect(bool protect) const {
        uffdio_writeprotect request{};
        request.range = range();
        request.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
        WORKER_CHECK(ioctl(faults_, UFFDIO_WRITEPROTECT, &request) == 0);
    }

private:
    uffdio_range range() const { return {reinterpret_cast<std::uintptr_t>(page_), kPage}; }

    void *page_;
    int faults_;
};

// Runs @body in the process under test, while a thread of that process maps on the same descriptor.
void with_a_mapper(int fd, Hearts *hearts, const std::function<void()> &body) {
    std::atomic<bool> stop{false};
    std::thread mapper([&] {
        for (unsigned round = 0; !stop; ++round) {
            live_one_round(fd, round % 8 == 0 ? kHuge : 4 * kPage);
            ++hearts->mapper;
        }
    });
    body();
    stop = true;
    mapper.join();
}

void await_both(const Hearts *hearts) {
    await_beats(hearts->mapper, 40);
    await_beats(hearts->stranger, 40);
}

struct Request {
    const char *name;
    unsigned long command;
    std::uint32_t size;
};

constexpr Request kRequests[] = {
    {"info", QAE_IOC_INFO, sizeof(qae_info)},
    {"allocation", QAE_IOC_MEM_ALLOC, sizeof(qae_mem_alloc)},
    {"free", QAE_IOC_MEM_FREE, sizeof(qae_mem_free)},
    {"query", QAE_IOC_MEM_QUERY, sizeof(qae_mem_query)},
};

// A valid structure of the request, at the start of a page.
void write_request(const Request &request, std::uint32_t id, void *page) {
    std::memset(page, 0, kPage);
    std::memcpy(page, &request.size, sizeof(request.size));
    if (request.command == QAE_IOC_MEM_ALLOC) {
        qae_mem_alloc wish{};
        wish.size = sizeof(wish);
        wish.length = kHuge;
        wish.alignment = 1;
        wish.node = QAE_NODE_ANY;
        std::memcpy(page, &wish, sizeof(wish));
    } else if (request.command != QAE_IOC_INFO) {
        std::memcpy(static_cast<char *>(page) + 8, &id, sizeof(id)); // where both structures have it
    }
}
static_assert(offsetof(qae_mem_free, id) == 8 && offsetof(qae_mem_query, id) == 8);

// The structure faults while the kernel reads it.
void wait_for_the_question(int fd, Hearts *hearts) {
    alignas(4096) static unsigned char content[kPage];
    for (const Request &request : kRequests) {
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &granted) == 0);
        const SlowPage page(UFFDIO_REGISTER_MODE_MISSING);
        int result = 1;
        std::thread caller([&] { result = raw_ioctl(fd, request.command, page.address()); });
        page.await_fault();
        await_both(hearts);
        write_request(request, granted.id, content);
        page.serve(content);
        caller.join();
        WORKER_CHECK(result == 0);
    }
}

// The answer faults while the kernel writes it: the region exists already, and nobody may use it yet.
void wait_for_the_answer(int fd, Hearts *hearts) {
    for (const Request &request : {kRequests[1], kRequests[3]}) {
        qae_mem_alloc granted;
        WORKER_CHECK(raw_alloc(fd, kPage, 1, QAE_NODE_ANY, &granted) == 0);
        const SlowPage page(UFFDIO_REGISTER_MODE_WP);
        write_request(request, granted.id, page.address());
        page.protect(true);
        int result = 1;
        std::thread caller([&] { result = raw_ioctl(fd, request.command, page.address()); });
        page.await_fault();
        await_both(hearts);
        page.protect(false);
        caller.join();
        WORKER_CHECK(result == 0);
        if (request.command == QAE_IOC_MEM_ALLOC) {
            const auto *answer = static_cast<const qae_mem_alloc *>(page.address());
            WORKER_CHECK(answer->device_address != 0 && raw_free(fd, answer->id) == 0);
        }
    }
}

void in_a_process(const std::function<void(Channel &, int, Hearts *)> &body) {
    Hearts *hearts = shared_hearts();
    const auto before = guest::holdings();
    {
        Worker stranger([hearts](Channel &) { return be_a_stranger(hearts); });
        Worker worker([&](Channel &channel) {
            WORKER_CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            const int fd = raw_open();
            WORKER_CHECK(fd >= 0);
            with_a_mapper(fd, hearts, [&] { body(channel, fd, hearts); });
            return 0;
        });
        assert_int_equal(worker.wait(), 0);
        await_beats(hearts->stranger, 10);
    }
    guest::assert_holdings(before);
    munmap(hearts, sizeof(*hearts));
}

void MEM_24_an_argument_that_does_not_come_stops_nobody(void **) {
    in_a_process([](Channel &, int fd, Hearts *hearts) { wait_for_the_question(fd, hearts); });
}

void MEM_24_an_answer_that_cannot_be_written_stops_nobody(void **) {
    in_a_process([](Channel &, int fd, Hearts *hearts) { wait_for_the_answer(fd, hearts); });
}

// Killed while the kernel waits for the page, before and after the region was made.
void MEM_22_a_process_killed_inside_a_copy_leaves_nothing(void **) {
    for (const auto mode : {UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP}) {
        const auto before = guest::holdings();
        Worker worker([mode](Channel &channel) {
            const int fd = raw_open();
            const SlowPage page(mode);
            if (mode == UFFDIO_REGISTER_MODE_WP) {
                write_request(kRequests[1], 0, page.address());
                page.protect(true);
            }
            std::thread caller([&] { raw_ioctl(fd, QAE_IOC_MEM_ALLOC, page.address()); });
            page.await_fault();
            channel.say("stuck");
            static_cast<void>(channel.hear());
            return 1;
        });
        assert_string_equal(worker.hear().c_str(), "stuck");
        assert_int_equal(guest::holdings().clients, before.clients + 1);
        worker.kill(SIGKILL);
        assert_int_equal(worker.wait(), 128 + SIGKILL);
        guest::assert_holdings(before);
    }
}

// A page of a file: written once, then dropped from memory and from the page cache any number of times.
class DroppedPage {
public:
    DroppedPage() {
        const char *folder = std::getenv("QAE_SCRATCH");
        std::string path = std::string(folder != nullptr ? folder : "/tmp") + "/dropped-page-XXXXXX";
        fd_ = mkstemp(path.data());
        WORKER_CHECK(fd_ >= 0);
        unlink(path.c_str());
        alignas(4096) static unsigned char content[kPage];
        write_request(kRequests[1], 0, content);
        WORKER_CHECK(write(fd_, content, kPage) == static_cast<ssize_t>(kPage) && fsync(fd_) == 0);
        page_ = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd_, 0);
        WORKER_CHECK(page_ != MAP_FAILED);
    }
    ~DroppedPage() {
        munmap(page_, kPage);
        close(fd_);
    }
    DroppedPage(const DroppedPage &) = delete;
    DroppedPage &operator=(const DroppedPage &) = delete;

    // Drops the private copy that the answer made, and the clean page behind it.
    qae_mem_alloc *drop() const {
        WORKER_CHECK(madvise(page_, kPage, MADV_DONTNEED) == 0);
        WORKER_CHECK(posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED) == 0);
        return static_cast<qae_mem_alloc *>(page_);
    }

private:
    int fd_;
    void *page_;
};

// For a while (QAE_PROGRESS_SECONDS), one thread maps and unmaps, another calls ioctls whose structure is
// never resident, and a second process works: each of the three must make progress again and again.
void MEM_24_mmap_against_arguments_that_are_not_resident(void **) {
    const char *asked = std::getenv("QAE_PROGRESS_SECONDS");
    const std::chrono::seconds duration(asked != nullptr ? std::atoi(asked) : 15);
    in_a_process([duration](Channel &, int fd, Hearts *hearts) {
        std::atomic<bool> stop{false};
        std::thread caller([&] {
            const DroppedPage page;
            while (!stop) {
                qae_mem_alloc *structure = page.drop();
                WORKER_CHECK(raw_ioctl(fd, QAE_IOC_MEM_ALLOC, structure) == 0);
                WORKER_CHECK(structure->length == kHuge && raw_free(fd, structure->id) == 0);
                ++hearts->caller;
            }
        });
        const auto end = std::chrono::steady_clock::now() + duration;
        do {
            await_beats(hearts->mapper, 10);
            await_beats(hearts->caller, 10);
            await_beats(hearts->stranger, 10);
        } while (std::chrono::steady_clock::now() < end);
        stop = true;
        caller.join();
    });
}

int end_what_hangs(void **) {
    alarm(420);
    return 0;
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(MEM_24_an_argument_that_does_not_come_stops_nobody, end_what_hangs),
        cmocka_unit_test_setup(MEM_24_an_answer_that_cannot_be_written_stops_nobody, end_what_hangs),
        cmocka_unit_test_setup(MEM_22_a_process_killed_inside_a_copy_leaves_nothing, end_what_hangs),
        cmocka_unit_test_setup(MEM_24_mmap_against_arguments_that_are_not_resident, end_what_hangs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
