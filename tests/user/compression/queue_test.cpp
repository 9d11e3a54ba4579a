// SPDX-License-Identifier: BSD-3-Clause
// Requests in flight: depth, order, polling, many threads, and stopping with requests pending.
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/compression.h"
#include "support/compression_job.h"

namespace {

using qae::test::expect_each_once;
using qae::test::Job;
using qae::test::Jobs;
using qae::test::make_jobs;
using qae::test::note;
using qae::test::submit;
using qae::test::submit_all;
using qae::test::TestSession;
using qae::test::usual_setup;

constexpr unsigned kDepth = 512; // documented in cpa_dc.h

std::vector<CpaInstanceHandle> g_instances;

CpaDcStats stats_of(CpaInstanceHandle instance) {
    CpaDcStats stats{};
    assert_int_equal(cpaDcGetStats(instance, &stats), CPA_STATUS_SUCCESS);
    return stats;
}

void restart(CpaInstanceHandle instance) {
    assert_int_equal(cpaDcStopInstance(instance), CPA_STATUS_SUCCESS);
    assert_int_equal(cpaDcStartInstance(instance, 0, nullptr), CPA_STATUS_SUCCESS);
}

void a_poll_without_requests_is_RETRY(void **) {
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_RETRY);
}

void nothing_is_delivered_before_a_poll(void **) {
    const TestSession session(g_instances[0], usual_setup(), note);
    Jobs jobs = make_jobs(1);
    submit_all(session, jobs);
    assert_int_equal(jobs[0]->calls, 0);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
    assert_int_equal(jobs[0]->results.status, CPA_DC_OK);
}

void one_request_more_than_the_depth_is_RETRY(void **) {
    restart(g_instances[0]);
    const TestSession session(g_instances[0], usual_setup(), note);
    Jobs jobs = make_jobs(kDepth);
    Jobs last = make_jobs(1);
    submit_all(session, jobs);
    assert_int_equal(submit(session, *last[0]), CPA_STATUS_RETRY);
    assert_int_equal(last[0]->calls, 0);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 1), CPA_STATUS_SUCCESS);
    assert_int_equal(submit(session, *last[0]), CPA_STATUS_SUCCESS);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
    expect_each_once(last, CPA_STATUS_SUCCESS);
    assert_int_equal(stats_of(g_instances[0]).numCompRequests, kDepth + 1);
    assert_int_equal(stats_of(g_instances[0]).numCompCompleted, kDepth + 1);
}

void a_second_request_of_a_stateful_session_is_RETRY(void **) {
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    const TestSession session(g_instances[0], setup, note);
    Jobs jobs = make_jobs(2);
    assert_int_equal(submit(session, *jobs[0]), CPA_STATUS_SUCCESS);
    assert_int_equal(submit(session, *jobs[1]), CPA_STATUS_RETRY);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    assert_int_equal(submit(session, *jobs[1]), CPA_STATUS_SUCCESS);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
}

void a_poll_delivers_in_order_and_at_most_its_quota(void **) {
    const TestSession session(g_instances[0], usual_setup(), note);
    Jobs jobs = make_jobs(20);
    std::vector<Job *> order;
    for (const auto &job : jobs) {
        job->order = &order;
    }
    submit_all(session, jobs);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 7), CPA_STATUS_SUCCESS);
    assert_int_equal(order.size(), 7);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    assert_true(std::equal(order.begin(), order.end(), jobs.begin(), jobs.end(),
                           [](const Job *a, const auto &b) { return a == b.get(); }));
}

// One request whose statistics begin at 0.
CpaDcStats stats_after(CpaDcSessionDir direction, const std::string &data, std::size_t room, CpaStatus status,
                       CpaDcReqStatus expected) {
    restart(g_instances[0]);
    const TestSession session(g_instances[0], usual_setup());
    const qae::test::Pinned from{std::string_view(data)};
    const qae::test::Pinned to(room);
    qae::test::List source(from);
    qae::test::List destination(to);
    CpaDcRqResults results{};
    assert_int_equal(direction == CPA_DC_DIR_COMPRESS ? session.compress(source, destination, results)
                                                      : session.decompress(source, destination, results),
                     status);
    assert_int_equal(results.status, expected);
    return stats_of(g_instances[0]);
}

// As the status of the callback says, not as the results do.
void statistics_count_the_requests_that_failed(void **) {
    const std::string text = qae::test::sample_text(500, 4);
    const std::string data = qae::test::compressed(g_instances[0], usual_setup(), text);
    CpaDcStats stats = stats_after(CPA_DC_DIR_COMPRESS, text, 20, CPA_STATUS_SUCCESS, CPA_DC_OVERFLOW);
    assert_int_equal(stats.numCompCompleted, 1);
    assert_int_equal(stats.numCompCompletedErrors, 0);
    stats = stats_after(CPA_DC_DIR_DECOMPRESS, data, 20, CPA_STATUS_FAIL, CPA_DC_OVERFLOW);
    assert_int_equal(stats.numDecompCompleted, 0);
    assert_int_equal(stats.numDecompCompletedErrors, 1);
    stats = stats_after(CPA_DC_DIR_DECOMPRESS, data.substr(0, data.size() / 2), 500, CPA_STATUS_SUCCESS,
                        CPA_DC_INCOMPLETE_FILE_ERR);
    assert_int_equal(stats.numDecompCompleted, 1);
    assert_int_equal(stats.numDecompCompletedErrors, 0);
}

void all_banks_of_an_endpoint_are_all_its_instances(void **) {
    const TestSession first(g_instances[0], usual_setup(), note);
    const TestSession second(g_instances[1], usual_setup(), note);
    Jobs jobs = make_jobs(2);
    assert_int_equal(submit(first, *jobs[0]), CPA_STATUS_SUCCESS);
    assert_int_equal(submit(second, *jobs[1]), CPA_STATUS_SUCCESS);
    assert_int_equal(icp_sal_pollAllBanks(0, 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
    assert_int_equal(icp_sal_pollAllBanks(0, 0), CPA_STATUS_RETRY);
    assert_int_equal(icp_sal_pollAllBanks(7, 0), CPA_STATUS_RETRY);
}

// The default instances of a c6xx lie in its first bank of eight ring pairs.
void a_bank_is_polled_by_its_number(void **) {
    const TestSession session(g_instances[0], usual_setup(), note);
    Jobs jobs = make_jobs(1);
    submit_all(session, jobs);
    assert_int_equal(icp_sal_pollBank(0, 1, 0), CPA_STATUS_RETRY);
    assert_int_equal(icp_sal_pollBank(0, 1000, 0), CPA_STATUS_RETRY);
    assert_int_equal(icp_sal_pollBank(7, 0, 0), CPA_STATUS_RETRY);
    assert_int_equal(icp_sal_pollBank(0, UINT32_MAX, 0), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_pollBank(0, 0, 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
}

void the_descriptor_is_readable_while_a_poll_would_deliver(void **) {
    const TestSession session(g_instances[0], usual_setup(), note);
    int fd = -1;
    assert_int_equal(icp_sal_DcGetFileDescriptor(g_instances[0], &fd), CPA_STATUS_SUCCESS);
    const auto readable = [fd] {
        pollfd wanted{fd, POLLIN, 0};
        return poll(&wanted, 1, 0) == 1;
    };
    assert_false(readable());
    Jobs jobs = make_jobs(2);
    submit_all(session, jobs);
    assert_true(readable());
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 1), CPA_STATUS_SUCCESS);
    assert_true(readable());
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    assert_false(readable());
    assert_int_equal(icp_sal_DcPutFileDescriptor(g_instances[0], fd + 1), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(icp_sal_DcPutFileDescriptor(g_instances[0], fd), CPA_STATUS_SUCCESS);
}

// ---- callbacks that call the library

const TestSession *g_session;
std::atomic<unsigned> g_rounds{0};

void submit_again(void *tag, CpaStatus) {
    if (++g_rounds < 10) {
        SCENE_CHECK(submit(*g_session, *static_cast<Job *>(tag)) == CPA_STATUS_SUCCESS);
    }
}

void a_callback_may_submit_and_a_poll_still_ends(void **) {
    const TestSession session(g_instances[0], usual_setup(), submit_again);
    g_session = &session;
    g_rounds = 0;
    Jobs jobs = make_jobs(1);
    submit_all(session, jobs);
    for (unsigned round = 1; round <= 10; ++round) {
        assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
        assert_int_equal(g_rounds, round);
    }
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_RETRY);
}

CpaStatus g_nested_poll;

void poll_inside(void *, CpaStatus) { g_nested_poll = icp_sal_DcPollInstance(g_instances[0], 0); }

void a_callback_that_polls_its_instance_gets_RETRY(void **) {
    const TestSession session(g_instances[0], usual_setup(), poll_inside);
    Jobs jobs = make_jobs(2);
    submit_all(session, jobs);
    g_nested_poll = CPA_STATUS_SUCCESS;
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    assert_int_equal(g_nested_poll, CPA_STATUS_RETRY);
}

void stop_inside(void *tag, CpaStatus status) {
    note(tag, status);
    if (status == CPA_STATUS_SUCCESS) {
        SCENE_CHECK(cpaDcStopInstance(g_instances[0]) == CPA_STATUS_SUCCESS);
    }
}

void a_callback_may_stop_its_instance(void **) {
    Jobs jobs = make_jobs(5);
    {
        const TestSession session(g_instances[0], usual_setup(), stop_inside);
        submit_all(session, jobs);
        assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    }
    for (unsigned i = 0; i < 5; ++i) {
        assert_int_equal(jobs[i]->calls, 1);
        assert_int_equal(jobs[i]->status, i == 0 ? CPA_STATUS_SUCCESS : CPA_STATUS_FAIL);
    }
    assert_int_equal(cpaDcStartInstance(g_instances[0], 0, nullptr), CPA_STATUS_SUCCESS);
}

// ---- stopping

void a_stop_fails_pending_requests_once_each(void **) {
    Jobs jobs = make_jobs(100);
    const TestSession session(g_instances[0], usual_setup(), note);
    submit_all(session, jobs);
    assert_int_equal(cpaDcRemoveSession(g_instances[0], session.get()), CPA_STATUS_RETRY);
    assert_int_equal(cpaDcStopInstance(g_instances[0]), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_FAIL);
    for (const auto &job : jobs) {
        assert_int_equal(job->results.status, CPA_DC_FATALERR);
        assert_int_equal(job->results.produced, 0);
    }
    assert_int_equal(submit(session, *jobs[0]), CPA_STATUS_FAIL);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_FAIL);
    assert_int_equal(cpaDcStartInstance(g_instances[0], 0, nullptr), CPA_STATUS_SUCCESS);
    assert_int_equal(submit(session, *jobs[0]), CPA_STATUS_INVALID_PARAM); // the session went with the stop
}

// ---- threads

struct Load {
    std::atomic<bool> stopped{false};
    std::atomic<unsigned> answered{0};
    std::atomic<unsigned> twice{0};
    std::atomic<unsigned> wrong{0};
};

struct LoadJob : Job {
    using Job::Job;
    Load *load = nullptr;
    std::atomic<unsigned> answers{0};
};

void note_load(void *tag, CpaStatus status) {
    auto *job = static_cast<LoadJob *>(static_cast<Job *>(tag));
    job->load->twice += job->answers++ != 0 ? 1 : 0;
    const bool good = status == CPA_STATUS_SUCCESS && job->results.status == CPA_DC_OK &&
                      job->results.consumed == job->from.size();
    const bool stopped = status == CPA_STATUS_FAIL && job->results.status == CPA_DC_FATALERR;
    job->load->wrong += good || (stopped && job->load->stopped) ? 0 : 1;
    ++job->load->answered;
}

std::vector<std::unique_ptr<LoadJob>> make_load(Load &load, unsigned number) {
    std::vector<std::unique_ptr<LoadJob>> jobs;
    for (unsigned i = 0; i < number; ++i) {
        jobs.push_back(std::make_unique<LoadJob>(qae::test::sample_text(i % 300, i)));
        jobs.back()->load = &load;
    }
    return jobs;
}

// Two threads submit to each of two instances while two others poll both.
void thousands_of_requests_of_many_threads_are_answered_once(void **) {
    constexpr unsigned kThreads = 4;
    constexpr unsigned kJobs = 1500;
    Load load;
    const TestSession first(g_instances[0], usual_setup(), note_load);
    const TestSession second(g_instances[1], usual_setup(), note_load);
    std::vector<std::vector<std::unique_ptr<LoadJob>>> jobs;
    for (unsigned i = 0; i < kThreads; ++i) {
        jobs.push_back(make_load(load, kJobs));
    }
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            for (const auto &job : jobs[i]) {
                CpaStatus status = CPA_STATUS_RETRY;
                while ((status = submit(i % 2 == 0 ? first : second, *job)) == CPA_STATUS_RETRY) {
                    std::this_thread::yield();
                }
                SCENE_CHECK(status == CPA_STATUS_SUCCESS);
            }
        });
    }
    for (unsigned i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            while (load.answered < kThreads * kJobs) {
                icp_sal_DcPollInstance(g_instances[0], 0);
                icp_sal_DcPollInstance(g_instances[1], 16);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    assert_int_equal(load.answered, kThreads * kJobs);
    assert_int_equal(load.twice, 0);
    assert_int_equal(load.wrong, 0);
}

// Whatever was accepted is answered, and nothing is answered after the stop has returned.
void a_stop_among_submitting_and_polling_threads_loses_nothing(void **) {
    for (unsigned round = 0; round < 20; ++round) {
        Load load;
        auto jobs = make_load(load, 2000);
        const TestSession session(g_instances[0], usual_setup(), note_load);
        std::atomic<unsigned> accepted{0};
        std::atomic<bool> over{false};
        std::thread submitter([&] {
            for (const auto &job : jobs) {
                const CpaStatus status = submit(session, *job);
                accepted += status == CPA_STATUS_SUCCESS ? 1 : 0;
                if (status != CPA_STATUS_SUCCESS && status != CPA_STATUS_RETRY) {
                    break;
                }
            }
            over = true;
        });
        std::thread poller([&] {
            while (!over) {
                icp_sal_DcPollInstance(g_instances[0], 3);
            }
        });
        while (accepted < 50 && !over) {
            std::this_thread::yield();
        }
        load.stopped = true;
        assert_int_equal(cpaDcStopInstance(g_instances[0]), CPA_STATUS_SUCCESS);
        const unsigned answered = load.answered;
        submitter.join();
        poller.join();
        assert_int_equal(answered, accepted);
        assert_int_equal(load.answered, accepted);
        assert_int_equal(load.twice, 0);
        assert_int_equal(load.wrong, 0);
        assert_int_equal(cpaDcStartInstance(g_instances[0], 0, nullptr), CPA_STATUS_SUCCESS);
    }
}

// Synchronous requests of several threads on one instance, beside asynchronous ones.
void synchronous_requests_need_no_other_thread(void **) {
    Jobs jobs = make_jobs(10);
    const TestSession asynchronous(g_instances[0], usual_setup(), note);
    submit_all(asynchronous, jobs);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) {
        threads.emplace_back([i] {
            const TestSession session(g_instances[0], usual_setup());
            for (unsigned n = 0; n < 50; ++n) {
                Job job(qae::test::sample_text(500, i * 50 + n));
                SCENE_CHECK(submit(session, job) == CPA_STATUS_SUCCESS);
                SCENE_CHECK(job.results.status == CPA_DC_OK && job.results.consumed == 500);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    expect_each_once(jobs, CPA_STATUS_SUCCESS); // they were in front
}

// ---- the process

void a_child_has_none_of_the_requests_and_starts_for_itself(void **) {
#ifdef __SANITIZE_THREAD__
    skip(); // the checker does not see that the hooks around a fork lock with a deadline
#endif
    const TestSession session(g_instances[0], usual_setup(), note);
    Jobs jobs = make_jobs(3);
    submit_all(session, jobs);
    const pid_t child = fork();
    if (child == 0) {
        SCENE_CHECK(icp_sal_DcPollInstance(g_instances[0], 0) == CPA_STATUS_INVALID_PARAM);
        SCENE_CHECK(jobs[0]->calls == 0);
        SCENE_CHECK(icp_sal_userStart("SHIM") == CPA_STATUS_SUCCESS);
        const auto own = qae::test::start_instances();
        const std::string text = qae::test::sample_text(1000, 3);
        const std::string data = qae::test::compressed(own[0], usual_setup(), text);
        SCENE_CHECK(qae::test::decompressed(own[0], usual_setup(), data, 1000) == text);
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(icp_sal_DcPollInstance(g_instances[0], 0), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_SUCCESS);
}

// Last: it ends the session of the program.
void the_last_userStop_fails_pending_requests(void **) {
    Jobs jobs = make_jobs(10);
    const TestSession session(g_instances[1], usual_setup(), note);
    submit_all(session, jobs);
    assert_int_equal(icp_sal_userStop(), CPA_STATUS_SUCCESS);
    expect_each_once(jobs, CPA_STATUS_FAIL);
    assert_int_equal(submit(session, *jobs[0]), CPA_STATUS_INVALID_PARAM);
}

int start(void **) {
    g_instances = qae::test::start_on_software_plane();
    return 0;
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_without_requests_is_RETRY),
        cmocka_unit_test(nothing_is_delivered_before_a_poll),
        cmocka_unit_test(one_request_more_than_the_depth_is_RETRY),
        cmocka_unit_test(a_second_request_of_a_stateful_session_is_RETRY),
        cmocka_unit_test(a_poll_delivers_in_order_and_at_most_its_quota),
        cmocka_unit_test(statistics_count_the_requests_that_failed),
        cmocka_unit_test(all_banks_of_an_endpoint_are_all_its_instances),
        cmocka_unit_test(a_bank_is_polled_by_its_number),
        cmocka_unit_test(the_descriptor_is_readable_while_a_poll_would_deliver),
        cmocka_unit_test(a_callback_may_submit_and_a_poll_still_ends),
        cmocka_unit_test(a_callback_that_polls_its_instance_gets_RETRY),
        cmocka_unit_test(a_callback_may_stop_its_instance),
        cmocka_unit_test(a_stop_fails_pending_requests_once_each),
        cmocka_unit_test(thousands_of_requests_of_many_threads_are_answered_once),
        cmocka_unit_test(a_stop_among_submitting_and_polling_threads_loses_nothing),
        cmocka_unit_test(synchronous_requests_need_no_other_thread),
        cmocka_unit_test(a_child_has_none_of_the_requests_and_starts_for_itself),
        cmocka_unit_test(the_last_userStop_fails_pending_requests),
    };

    return cmocka_run_group_tests(tests, start, nullptr);
}
