// SPDX-License-Identifier: BSD-3-Clause
#include "support/compression_job.h"

#include "support/cmocka_cpp.h"

namespace qae::test {

void note(void *tag, CpaStatus status) {
    auto *job = static_cast<Job *>(tag);
    ++job->calls;
    job->status = status;
    if (job->order != nullptr) {
        job->order->push_back(job);
    }
}

Jobs make_jobs(unsigned number, std::size_t length) {
    Jobs jobs;
    for (unsigned i = 0; i < number; ++i) {
        jobs.push_back(std::make_unique<Job>(sample_text(length, i)));
    }
    return jobs;
}

CpaStatus submit(const TestSession &session, Job &job) {
    return session.compress(job.source, job.destination, job.results, CPA_DC_FLUSH_FINAL, &job);
}

void submit_all(const TestSession &session, Jobs &jobs) {
    for (const auto &job : jobs) {
        assert_int_equal(submit(session, *job), CPA_STATUS_SUCCESS);
    }
}

void expect_each_once(const Jobs &jobs, CpaStatus status) {
    for (const auto &job : jobs) {
        assert_int_equal(job->calls, 1);
        assert_int_equal(job->status, status);
    }
}

} // namespace qae::test
