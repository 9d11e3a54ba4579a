// SPDX-License-Identifier: BSD-3-Clause
#include "support/worker.h"

#include <csignal>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <qae_mem_ext.h>

#include "support/cmocka_cpp.h"

namespace guest {

Channel::~Channel() { close(fd_); }

void Channel::say(const std::string &line) {
    const std::string text = line + "\n";
    // A killed worker must not raise SIGPIPE in the test.
    const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    static_cast<void>(sent);
}

std::string Channel::hear() {
    for (;;) {
        const std::size_t end = pending_.find('\n');
        if (end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        char buffer[512];
        const ssize_t got = read(fd_, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return "";
        }
        pending_.append(buffer, static_cast<std::size_t>(got));
    }
}

void Channel::pass_descriptor(int descriptor) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
    static_cast<void>(sent);
}

int Channel::take_descriptor() {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    if (recvmsg(fd_, &message, MSG_CMSG_CLOEXEC) != 1) {
        return -1;
    }
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return -1;
    }
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
    return descriptor;
}

Worker::Worker(const std::function<int(Channel &)> &body) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail_msg("socketpair: %s", std::strerror(errno));
    }
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
        // cmocka's handlers would continue the list of tests in the child.
        for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
            std::signal(signal, SIG_DFL);
        }
        close(ends[0]);
        Channel channel(ends[1]);
        _exit(body(channel));
    }
    close(ends[1]);
    if (pid_ < 0) {
        close(ends[0]);
        fail_msg("fork: %s", std::strerror(errno));
    }
    channel_ = new Channel(ends[0]);
}

Worker::~Worker() {
    if (pid_ > 0) {
        kill(SIGKILL);
        wait();
    }
    delete channel_;
}

void Worker::kill(int signal) const { ::kill(pid_, signal); }

int Worker::wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void worker_check(bool condition, const char *text, const char *file, int line) {
    if (!condition) {
        std::fprintf(stderr, "%s:%d: worker %d: %s is not so; last reason: %s\n", file, line, getpid(), text,
                     qaeLastError());
        std::fflush(stderr);
        _exit(99);
    }
}

} // namespace guest
