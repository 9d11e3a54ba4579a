// SPDX-License-Identifier: BSD-3-Clause
// Asynchronous requests, and what became of them.
#ifndef QAE_TESTS_SUPPORT_COMPRESSION_JOB_H
#define QAE_TESTS_SUPPORT_COMPRESSION_JOB_H

#include <memory>
#include <string>
#include <vector>

#include "support/compression.h"

namespace qae::test {

struct Job {
    explicit Job(const std::string &text)
        : from(text), to(text.size() + 128), source(from), destination(to) {}

    Pinned from;
    Pinned to;
    List source;
    List destination;
    CpaDcRqResults results{};
    unsigned calls = 0;
    CpaStatus status = CPA_STATUS_RETRY; // no callback has it
    std::vector<Job *> *order = nullptr; // receives the job when it is answered
};

using Jobs = std::vector<std::unique_ptr<Job>>;

// A callback whose tag is the Job.
void note(void *tag, CpaStatus status);

Jobs make_jobs(unsigned number, std::size_t length = 64);
CpaStatus submit(const TestSession &session, Job &job);
void submit_all(const TestSession &session, Jobs &jobs);
void expect_each_once(const Jobs &jobs, CpaStatus status);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_COMPRESSION_JOB_H
