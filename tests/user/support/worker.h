// SPDX-License-Identifier: BSD-3-Clause
// A child process that does one thing and exchanges lines of text with the test. Tests that race or kill use
// these lines, and never sleep, to know the progress of a worker.
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
    // The next line, or "" if the other side is gone.
    std::string hear();

    // Send and receive a descriptor over the same connection.
    void pass_descriptor(int descriptor);
    int take_descriptor();

    int fd() const noexcept { return fd_; }

private:
    int fd_;
    std::string pending_;
};

class Worker {
public:
    // Forks. The child runs @body and exits with its result, without the exit handlers of the test.
    explicit Worker(const std::function<int(Channel &)> &body);
    ~Worker(); // kills and reaps the child if it still runs
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    Channel &channel() noexcept { return *channel_; }
    void say(const std::string &line) { channel_->say(line); }
    std::string hear() { return channel_->hear(); }
    pid_t pid() const noexcept { return pid_; }

    void kill(int signal) const;
    // Waits for the end. Returns the exit status, or 128 + signal.
    int wait();

private:
    pid_t pid_ = -1;
    Channel *channel_ = nullptr;
};

// For workers: ends the worker with status 99 and a line on stderr. cmocka's assertions work only in the test
// process.
#define WORKER_CHECK(condition) guest::worker_check((condition), #condition, __FILE__, __LINE__)
void worker_check(bool condition, const char *text, const char *file, int line);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_WORKER_H
