// SPDX-License-Identifier: BSD-3-Clause
// A reference to a page of a region could outlive the region and show what the next owner writes. So every
// call by which the kernel takes one for a process is refused, whatever was done to the mapping before.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "support/cmocka_cpp.h"
#include "support/descriptor.h"
#include "support/isolation.h"

namespace {

using guest::close_device;
using guest::kHuge;
using guest::kPage;
using guest::map;
using guest::open_device;
using guest::region;

constexpr std::size_t kPart = 16 * kPage;

// 0 if the call took all of @length bytes, else what it failed with.
int outcome(ssize_t result, std::size_t length) {
    if (result < 0) {
        return errno;
    }
    return static_cast<std::size_t>(result) == length ? 0 : EMSGSIZE;
}

int splice_with(unsigned flags, unsigned char *p, std::size_t length) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const iovec part{p, length};
    const int result = outcome(vmsplice(ends[1], &part, 1, flags | SPLICE_F_NONBLOCK), length);
    close(ends[0]);
    close(ends[1]);
    return result;
}

int lend(unsigned char *p, std::size_t length) { return splice_with(0, p, length); }

int give_away(unsigned char *p, std::size_t length) { return splice_with(SPLICE_F_GIFT, p, length); }

// A file that is read and written without the page cache, straight from and to the memory of the caller.
class DirectFile {
public:
    DirectFile() : path_(std::string(std::getenv("QAE_SCRATCH")) + "/direct.bin") {
        const std::string content(kPart, '\xee');
        const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, content.data(), content.size()), kPart);
        close(fd);
        fd_ = open(path_.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
        assert_true(fd_ >= 0);
    }
    ~DirectFile() {
        close(fd_);
        unlink(path_.c_str());
    }
    DirectFile(const DirectFile &) = delete;
    DirectFile &operator=(const DirectFile &) = delete;

    int fd() const noexcept { return fd_; }

private:
    std::string path_;
    int fd_ = -1;
};

int read_directly(unsigned char *p, std::size_t length) {
    const DirectFile file;
    return outcome(pread(file.fd(), p, length, 0), length);
}

int write_directly(unsigned char *p, std::size_t length) {
    const DirectFile file;
    return outcome(pwrite(file.fd(), p, length, 0), length);
}

int register_with_io_uring(unsigned char *p, std::size_t length) {
    io_uring_params parameters{};
    const int ring = static_cast<int>(syscall(SYS_io_uring_setup, 1, &parameters));
    if (ring < 0) {
        return errno;
    }
    const iovec part{p, length};
    const long result = syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &part, 1);
    const int error = result < 0 ? errno : 0;
    close(ring);
    return error;
}

int read_by_process_id(unsigned char *p, std::size_t length) {
    std::array<unsigned char, kPart> copy{};
    const iovec local{copy.data(), length}, remote{p, length};
    return outcome(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), length);
}

int write_by_process_id(unsigned char *p, std::size_t length) {
    std::array<unsigned char, kPart> copy{};
    const iovec local{copy.data(), length}, remote{p, length};
    return outcome(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), length);
}

int through_proc(unsigned char *p, std::size_t length, bool writes) {
    std::array<unsigned char, kPart> copy{};
    const int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(p));
    const int result =
        outcome(writes ? pwrite(fd, copy.data(), length, at) : pread(fd, copy.data(), length, at), length);
    close(fd);
    return result;
}

int read_through_proc(unsigned char *p, std::size_t length) { return through_proc(p, length, false); }

int write_through_proc(unsigned char *p, std::size_t length) { return through_proc(p, length, true); }

struct Way {
    const char *name;
    int (*take)(unsigned char *p, std::size_t length);
    int refusal;
    bool optional = false; // ENOSYS where the kernel is built without it
};

constexpr Way kWays[] = {
    {"vmsplice", lend, EFAULT},
    {"vmsplice with SPLICE_F_GIFT", give_away, EFAULT},
    {"a direct read", read_directly, EFAULT},
    {"a direct write", write_directly, EFAULT},
    {"a fixed buffer of io_uring", register_with_io_uring, EFAULT, true},
    {"process_vm_readv", read_by_process_id, EFAULT, true},
    {"process_vm_writev", write_by_process_id, EFAULT, true},
    {"reading /proc/self/mem", read_through_proc, EIO},
    {"writing /proc/self/mem", write_through_proc, EIO},
};

void assert_outcome(const Way &way, unsigned char *p, std::size_t length, int wanted) {
    const int got = way.take(p, length);
    if (got != wanted && !(got == ENOSYS && way.optional)) {
        fail_msg("%s of %zu bytes: error %d, wanted %d", way.name, length, got, wanted);
    }
}

void assert_refused(unsigned char *p, std::size_t length) {
    for (const Way &way : kWays) {
        assert_outcome(way, p, length, way.refusal);
    }
}

// Its first page, its last one, and several that begin in the middle.
void assert_refused_everywhere(unsigned char *p, std::size_t size) {
    assert_refused(p, kPage);
    assert_refused(p + size - kPage, kPage);
    if (size >= 2 * kPart) {
        assert_refused(p + size / 2, kPart);
    }
}

// Without this the refusals would prove nothing.
void MEM_24_ordinary_memory_is_taken_in_every_way(void **) {
    auto *p = static_cast<unsigned char *>(
        mmap(nullptr, kPart, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    assert_ptr_not_equal(p, MAP_FAILED);
    guest::fill_pattern(p, kPart, 1);
    for (const Way &way : kWays) {
        for (const std::size_t length : {kPage, kPart}) {
            assert_outcome(way, p, length, 0);
        }
    }
    munmap(p, kPart);
}

void MEM_24_no_call_takes_a_page_of_a_mapping(void **) {
    for (const std::size_t size : guest::region_sizes(guest::g_fd)) {
        const qae_mem_alloc granted = region(size);
        unsigned char *p = map(granted);
        assert_refused_everywhere(p, size); // there are no entries yet
        assert_true(guest::is_zero(p, size));
        guest::fill_pattern(p, size, 2);
        assert_refused_everywhere(p, size);
        assert_true(guest::has_pattern(p, size, 2));
        munmap(p, size);
        assert_int_equal(raw_free(guest::g_fd, granted.id), 0);
    }
}

// Huge entries become page tables, by a change of protection or of the mapping's extent.
void MEM_24_no_call_takes_a_page_of_a_mapping_that_was_cut(void **) {
    const qae_mem_alloc granted = region(2 * kHuge);
    unsigned char *p = map(granted);
    guest::fill_pattern(p, 2 * kHuge, 3);
    for (const int protection : {PROT_READ, PROT_READ | PROT_WRITE}) {
        assert_int_equal(mprotect(p + kPart, kPage, protection), 0);
        assert_refused_everywhere(p, kHuge);
        assert_refused(p + kPart, kPage);
    }
    assert_int_equal(munmap(p + kHuge + kPart, kPage), 0);
    assert_refused(p + kHuge, kPart);
    assert_refused(p + kHuge + kPart + kPage, kPart);
    assert_true(guest::has_pattern(p, kHuge + kPart, 3));
    munmap(p, 2 * kHuge);
}

// To where a huge entry fits, and to where none does.
void MEM_24_no_call_takes_a_page_of_a_mapping_that_was_moved(void **) {
    const qae_mem_alloc granted = region(2 * kHuge);
    unsigned char *p = map(granted);
    guest::fill_pattern(p, 2 * kHuge, 4);
    auto *space =
        static_cast<unsigned char *>(mmap(nullptr, 8 * kHuge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    assert_ptr_not_equal(space, MAP_FAILED);
    unsigned char *aligned = space + kHuge - reinterpret_cast<std::uintptr_t>(space) % kHuge;
    for (unsigned char *target : {aligned, aligned + 4 * kHuge + kPage}) {
        assert_ptr_equal(mremap(p, 2 * kHuge, 2 * kHuge, MREMAP_MAYMOVE | MREMAP_FIXED, target), target);
        p = target;
        assert_refused_everywhere(p, 2 * kHuge);
        assert_true(guest::has_pattern(p, 2 * kHuge, 4));
        assert_refused_everywhere(p, 2 * kHuge); // all entries are there now
    }
    munmap(space, 8 * kHuge);
}

} // namespace

#define REFERENCE_TEST(name) cmocka_unit_test_setup_teardown(name, open_device, close_device)

int main() {
    const CMUnitTest tests[] = {
        REFERENCE_TEST(MEM_24_ordinary_memory_is_taken_in_every_way),
        REFERENCE_TEST(MEM_24_no_call_takes_a_page_of_a_mapping),
        REFERENCE_TEST(MEM_24_no_call_takes_a_page_of_a_mapping_that_was_cut),
        REFERENCE_TEST(MEM_24_no_call_takes_a_page_of_a_mapping_that_was_moved),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
