// SPDX-License-Identifier: BSD-3-Clause
// An instance is stopped while one of its callbacks runs.
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/cmocka_cpp.h"
#include "support/compression.h"
#include "support/compression_job.h"

namespace {

using qae::test::Job;
using qae::test::Jobs;
using qae::test::make_jobs;
using qae::test::note;
using qae::test::submit_all;
using qae::test::TestSession;
using qae::test::usual_setup;

CpaInstanceHandle g_instance;

// A thread that does one thing, which may have to wait for another thread.
class Actor {
public:
    explicit Actor(const std::function<void()> &body)
        : thread_([this, body] {
              tid_ = gettid();
              body();
              is_over_ = true;
          }) {}
    ~Actor() { thread_.join(); }
    Actor(const Actor &) = delete;
    Actor &operator=(const Actor &) = delete;

    bool is_over() const { return is_over_; }

    // Returns when the thread waits for another one, or has not waited at all.
    void await_waiting_or_over() const {
        while (!is_over_ && (tid_ == 0 || !is_asleep())) {
            std::this_thread::yield();
        }
    }

private:
    bool is_asleep() const {
        std::ifstream stat("/proc/self/task/" + std::to_string(tid_) + "/stat");
        const std::string line((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
        const std::size_t name_end = line.rfind(") ");
        return name_end != std::string::npos && line.compare(name_end + 2, 1, "S") == 0;
    }

    std::atomic<pid_t> tid_{0};
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

// What callbacks and stops of other threads have seen.
struct Scene {
    std::atomic<bool> is_inside{false}; // a callback runs
    std::atomic<unsigned> overlaps{0};
    std::atomic<unsigned> answered{0};
    std::atomic<unsigned> answered_at_stop{0}; // when the other thread's stop returned
    bool stops_itself = false;                 // the first callback does
    std::atomic<bool> begun{false};            // the first callback has
    std::unique_ptr<Actor> other;
};

Scene *g_scene;

void stop_from_other_thread() {
    SCENE_CHECK(cpaDcStopInstance(g_instance) == CPA_STATUS_SUCCESS);
    g_scene->answered_at_stop = g_scene->answered.load();
}

// The first callback stays until another thread has begun to stop the instance, and waits or is over.
void await_a_stop(void *tag, CpaStatus status) {
    Scene &scene = *g_scene;
    scene.overlaps += scene.is_inside.exchange(true) ? 1 : 0;
    note(tag, status);
    if (!scene.begun.exchange(true)) {
        if (scene.stops_itself) {
            scene.is_inside = false; // callbacks run within the stop
            SCENE_CHECK(cpaDcStopInstance(g_instance) == CPA_STATUS_SUCCESS);
            scene.is_inside = true;
        }
        scene.other = std::make_unique<Actor>(stop_from_other_thread);
        scene.other->await_waiting_or_over();
    }
    ++scene.answered;
    scene.is_inside = false;
}

// Three requests; @act delivers the first while another thread stops the instance.
void stop_during_a_callback(bool stops_itself, const std::function<void()> &act, CpaStatus first) {
    Scene scene;
    scene.stops_itself = stops_itself;
    g_scene = &scene;
    Jobs jobs = make_jobs(3);
    std::vector<Job *> order;
    for (const auto &job : jobs) {
        job->order = &order;
    }
    {
        const TestSession session(g_instance, usual_setup(), await_a_stop);
        submit_all(session, jobs);
        act();
        scene.other.reset();
    }
    assert_int_equal(scene.answered_at_stop, 3);
    assert_int_equal(scene.overlaps, 0);
    for (unsigned i = 0; i < 3; ++i) {
        assert_ptr_equal(order[i], jobs[i].get());
        assert_int_equal(jobs[i]->calls, 1);
        assert_int_equal(jobs[i]->status, i == 0 ? first : CPA_STATUS_FAIL);
    }
}

void a_second_stop_waits_for_the_callbacks_of_the_first(void **) {
    stop_during_a_callback(
        false, [] { SCENE_CHECK(cpaDcStopInstance(g_instance) == CPA_STATUS_SUCCESS); }, CPA_STATUS_FAIL);
}

void a_stop_delivers_after_the_callback_of_a_poll(void **) {
    stop_during_a_callback(
        false, [] { SCENE_CHECK(icp_sal_DcPollInstance(g_instance, 1) == CPA_STATUS_SUCCESS); },
        CPA_STATUS_SUCCESS);
}

void a_stop_waits_for_a_callback_that_has_stopped_its_instance(void **) {
    stop_during_a_callback(
        true, [] { SCENE_CHECK(icp_sal_DcPollInstance(g_instance, 1) == CPA_STATUS_SUCCESS); },
        CPA_STATUS_SUCCESS);
}

void restart_inside(void *tag, CpaStatus status) {
    note(tag, status);
    SCENE_CHECK(cpaDcStopInstance(g_instance) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(cpaDcStartInstance(g_instance, 0, nullptr) == CPA_STATUS_SUCCESS);
}

void a_callback_may_start_its_instance_again(void **) {
    Jobs jobs = make_jobs(1);
    {
        const TestSession session(g_instance, usual_setup(), restart_inside);
        submit_all(session, jobs);
        assert_int_equal(icp_sal_DcPollInstance(g_instance, 0), CPA_STATUS_SUCCESS);
    }
    qae::test::expect_each_once(jobs, CPA_STATUS_SUCCESS);
    const TestSession session(g_instance, usual_setup(), note);
    Jobs again = make_jobs(1);
    submit_all(session, again);
    assert_int_equal(icp_sal_DcPollInstance(g_instance, 0), CPA_STATUS_SUCCESS);
    qae::test::expect_each_once(again, CPA_STATUS_SUCCESS);
}

int start_instance(void **) { return cpaDcStartInstance(g_instance, 0, nullptr); }

int start(void **) {
    g_instance = qae::test::start_on_software_plane()[0];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_second_stop_waits_for_the_callbacks_of_the_first, start_instance),
        cmocka_unit_test_setup(a_stop_delivers_after_the_callback_of_a_poll, start_instance),
        cmocka_unit_test_setup(a_stop_waits_for_a_callback_that_has_stopped_its_instance, start_instance),
        cmocka_unit_test_setup(a_callback_may_start_its_instance_again, start_instance),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
