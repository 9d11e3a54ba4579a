// SPDX-License-Identifier: BSD-3-Clause
// A child process that does one thing and talks with the test by lines of text. Tests that race or kill use
// these lines, never sleeping, to know how far a worker is.
#ifndef QAE_TESTS_SUPPORT_WORKER_H
#define QAE_TESTS_SUPPORT_WORKER_H

#include <sys/types.h>

#include <functional>
#include <string>

namespace guest {

// One end of the connection between a test and its worker.
class Channel {
public:
    explicit Channel(int fd) noexcept : fd_(fd) {}
    ~Channel();
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    void say(const std::string &line);
    // The next line; "" when the other side is gone.
    std::string hear();

    // A descriptor over the same connection.
    void pass_descriptor(int descriptor);
    int take_descriptor();

    int fd() const noexcept { return fd_; }

private:
    int fd_;
    std::string pending_;
};

class Worker {
public:
    // Forks; the child runs @body and exits with what it returns, without the test's exit handlers.
    explicit Worker(const std::function<int(Channel &)> &body);
    ~Worker(); // kills and reaps what is left
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    Channel &channel() noexcept { return *channel_; }
    void say(const std::string &line) { channel_->say(line); }
    std::string hear() { return channel_->hear(); }
    pid_t pid() const noexcept { return pid_; }

    void kill(int signal) const;
    // Its exit status, or 128 + signal; waits for its end.
    int wait();

private:
    pid_t pid_ = -1;
    Channel *channel_ = nullptr;
};

// In a worker: ends it with status 99 and a line on stderr. cmocka's assertions belong to the test process
// alone.
#define WORKER_CHECK(condition) guest::worker_check((condition), #condition, __FILE__, __LINE__)
void worker_check(bool condition, const char *text, const char *file, int line);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_WORKER_H
