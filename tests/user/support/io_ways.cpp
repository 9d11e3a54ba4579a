// SPDX-License-Identifier: BSD-3-Clause
#include "support/io_ways.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/if_alg.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/cmocka_cpp.h"

namespace qae::test {
namespace {

std::string g_folder;

class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

// 0 if the call moved all of @length bytes, else what it failed with.
int outcome(long result, std::size_t length) {
    if (result < 0) {
        return errno;
    }
    return static_cast<std::size_t>(result) == length ? 0 : EMSGSIZE;
}

int missing(int error) {
    return error == ENOSYS || error == EPERM || error == EAFNOSUPPORT || error == EOPNOTSUPP ? kNotHere
                                                                                             : error;
}

// A file with content, in memory or in the folder, that is removed at once.
int new_file(std::size_t length, int flags) {
    const std::string path = g_folder + "/io.bin";
    const std::string content(length, '\xee');
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.data(), content.size()), length);
    const int again = open(path.c_str(), O_RDWR | O_CLOEXEC | flags);
    close(fd);
    unlink(path.c_str());
    return again; // -1 if the file system does not know the flags
}

int new_memory_file(std::size_t length) {
    const int fd = memfd_create("io", MFD_CLOEXEC);
    const std::string content(length, '\xee');
    assert_int_equal(write(fd, content.data(), content.size()), length);
    return fd;
}

int read_file(unsigned char *memory, std::size_t length) {
    const Descriptor file(new_memory_file(length));
    return outcome(pread(file.get(), memory, length, 0), length);
}

int write_file(unsigned char *memory, std::size_t length) {
    const Descriptor file(new_memory_file(length));
    return outcome(pwrite(file.get(), memory, length, 0), length);
}

int read_directly(unsigned char *memory, std::size_t length) {
    const Descriptor file(new_file(length, O_DIRECT));
    return file.get() < 0 ? kNotHere : outcome(pread(file.get(), memory, length, 0), length);
}

int write_directly(unsigned char *memory, std::size_t length) {
    const Descriptor file(new_file(length, O_DIRECT));
    return file.get() < 0 ? kNotHere : outcome(pwrite(file.get(), memory, length, 0), length);
}

// Linux AIO, as libaio uses it.
int submit_directly(unsigned char *memory, std::size_t length) {
    const Descriptor file(new_file(length, O_DIRECT));
    aio_context_t context = 0;
    if (file.get() < 0 || syscall(SYS_io_setup, 1, &context) != 0) {
        return kNotHere;
    }
    iocb request{};
    request.aio_lio_opcode = IOCB_CMD_PWRITE;
    request.aio_fildes = static_cast<std::uint32_t>(file.get());
    request.aio_buf = reinterpret_cast<std::uintptr_t>(memory);
    request.aio_nbytes = length;
    iocb *requests[] = {&request};
    io_event event{};
    int result = 0;
    if (syscall(SYS_io_submit, context, 1, requests) != 1) {
        result = errno;
    } else if (syscall(SYS_io_getevents, context, 1, 1, &event, nullptr) == 1) {
        result = event.res < 0 ? static_cast<int>(-event.res) : outcome(event.res, length);
    }
    syscall(SYS_io_destroy, context);
    return result;
}

int new_ring(io_uring_params &parameters) {
    return static_cast<int>(syscall(SYS_io_uring_setup, 1, &parameters));
}

// One IORING_OP_WRITE to a file in memory, which the kernel copies.
int write_by_ring(unsigned char *memory, std::size_t length) {
    io_uring_params parameters{};
    const Descriptor ring(new_ring(parameters));
    if (ring.get() < 0) {
        return missing(errno);
    }
    const Descriptor file(new_memory_file(length));
    const std::size_t size = 1 << 16;
    auto *queues = static_cast<unsigned char *>(
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.get(), IORING_OFF_SQ_RING));
    auto *entry = static_cast<io_uring_sqe *>(
        mmap(nullptr, sizeof(io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring.get(), IORING_OFF_SQES));
    assert_ptr_not_equal(queues, MAP_FAILED);
    assert_ptr_not_equal(entry, MAP_FAILED);
    std::memset(entry, 0, sizeof(*entry));
    entry->opcode = IORING_OP_WRITE;
    entry->fd = file.get();
    entry->addr = reinterpret_cast<std::uintptr_t>(memory);
    entry->len = static_cast<std::uint32_t>(length);
    auto *tail = reinterpret_cast<std::uint32_t *>(queues + parameters.sq_off.tail);
    std::atomic_ref(*tail).store(1, std::memory_order_release);
    int result = EIO;
    if (syscall(SYS_io_uring_enter, ring.get(), 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0) == 1) {
        const auto *done = reinterpret_cast<io_uring_cqe *>(queues + parameters.cq_off.cqes);
        result = done->res < 0 ? -done->res : outcome(done->res, length);
    }
    munmap(entry, sizeof(io_uring_sqe));
    munmap(queues, size);
    return result;
}

int register_with_ring(unsigned char *memory, std::size_t length) {
    io_uring_params parameters{};
    const Descriptor ring(new_ring(parameters));
    if (ring.get() < 0) {
        return missing(errno);
    }
    const iovec part{memory, length};
    return syscall(SYS_io_uring_register, ring.get(), IORING_REGISTER_BUFFERS, &part, 1) < 0 ? errno : 0;
}

int splice_memory(unsigned char *memory, std::size_t length) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const Descriptor out(ends[0]), in(ends[1]);
    const iovec part{memory, length};
    return outcome(vmsplice(in.get(), &part, 1, SPLICE_F_NONBLOCK), length);
}

int send_and_receive(unsigned char *memory, std::size_t length) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const Descriptor first(ends[0]), second(ends[1]);
    const iovec part{memory, length};
    msghdr message{};
    message.msg_iov = const_cast<iovec *>(&part);
    message.msg_iovlen = 1;
    const int sent = outcome(sendmsg(first.get(), &message, MSG_DONTWAIT), length);
    return sent != 0 ? sent : outcome(recv(second.get(), memory, length, MSG_WAITALL), length);
}

int send_without_copy(unsigned char *memory, std::size_t length) {
    const Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Descriptor sender(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    const int on = 1;
    if (bind(listener.get(), generic, size) != 0 || listen(listener.get(), 1) != 0 ||
        getsockname(listener.get(), generic, &size) != 0 || connect(sender.get(), generic, size) != 0 ||
        setsockopt(sender.get(), SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) != 0) {
        return kNotHere; // the loopback device is down
    }
    return outcome(send(sender.get(), memory, length, MSG_ZEROCOPY | MSG_DONTWAIT), length);
}

int hash_by_the_kernel(unsigned char *memory, std::size_t length) {
    const Descriptor type(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_alg address{};
    address.salg_family = AF_ALG;
    std::strcpy(reinterpret_cast<char *>(address.salg_type), "hash");
    std::strcpy(reinterpret_cast<char *>(address.salg_name), "sha256");
    if (type.get() < 0 || bind(type.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0) {
        return kNotHere;
    }
    const Descriptor hash(accept4(type.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return outcome(send(hash.get(), memory, length, 0), length);
}

int read_by_process_id(unsigned char *memory, std::size_t length) {
    std::vector<unsigned char> copy(length);
    const iovec local{copy.data(), length}, remote{memory, length};
    const int result = outcome(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), length);
    return missing(result);
}

int read_through_proc(unsigned char *memory, std::size_t length) {
    std::vector<unsigned char> copy(length);
    const Descriptor file(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    assert_true(file.get() >= 0);
    return outcome(
        pread(file.get(), copy.data(), length, static_cast<off_t>(reinterpret_cast<std::uintptr_t>(memory))),
        length);
}

int wake(unsigned char *memory, int operation) {
    return syscall(SYS_futex, memory, operation, 1, nullptr, nullptr, 0) < 0 ? errno : 0;
}

int wake_between_processes(unsigned char *memory, std::size_t) { return wake(memory, FUTEX_WAKE); }

int wake_within_the_process(unsigned char *memory, std::size_t) { return wake(memory, FUTEX_WAKE_PRIVATE); }

} // namespace

const IoWay kIoWays[] = {
    {"read()", read_file, 0},
    {"write()", write_file, 0},
    {"sendmsg() and recv()", send_and_receive, 0},
    {"IORING_OP_WRITE of an ordinary file", write_by_ring, 0},
    {"FUTEX_WAKE_PRIVATE", wake_within_the_process, 0},
    {"read() with O_DIRECT", read_directly, EFAULT},
    {"write() with O_DIRECT", write_directly, EFAULT},
    {"io_submit() with O_DIRECT", submit_directly, EFAULT},
    {"IORING_REGISTER_BUFFERS", register_with_ring, EFAULT},
    {"vmsplice()", splice_memory, EFAULT},
    {"send() with MSG_ZEROCOPY", send_without_copy, EFAULT},
    {"send() to AF_ALG", hash_by_the_kernel, EFAULT},
    {"process_vm_readv()", read_by_process_id, EFAULT},
    {"FUTEX_WAKE between processes", wake_between_processes, EFAULT},
    {"/proc/PID/mem", read_through_proc, EIO},
};

const std::size_t kNumIoWays = sizeof(kIoWays) / sizeof(kIoWays[0]);

void assert_io(unsigned char *memory, std::size_t length, bool module, const char *folder) {
    g_folder = folder;
    for (std::size_t i = 0; i < kNumIoWays; ++i) {
        const IoWay &way = kIoWays[i];
        std::memset(memory, 0x5a, length);
        const int got = way.run(memory, length);
        const int wanted = module ? way.with_module : 0;
        if (got == kNotHere) {
            print_message("%s: not here\n", way.name);
        } else if (got != wanted) {
            fail_msg("%s: error %d (%s), wanted %d", way.name, got, std::strerror(got), wanted);
        }
    }
}

} // namespace qae::test
