// SPDX-License-Identifier: BSD-3-Clause
// The life of sessions.
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <qae_mem_ext.h>

#include <cerrno>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include "compression/directory.h"
#include "support/cmocka_cpp.h"
#include "support/compression.h"
#include "support/compression_job.h"

namespace {

using qae::DcQueue;
using qae::DcSession;
using qae::Directory;
using qae::test::Job;
using qae::test::Pinned;
using qae::test::submit;
using qae::test::TestSession;
using qae::test::usual_setup;

constexpr std::size_t kSessionSize = 512;

bool g_has_memory = true;

CpaInstanceHandle g_instance;

} // namespace

// In place of the C++ runtime's: the plane makes streams with it.
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    try {
        return g_has_memory ? ::operator new(size) : nullptr;
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

namespace {

// cpaDcInitSession() looks for the queue first, and another thread may stop the instance before the session
// is added.
void a_session_is_not_added_after_the_stop_of_its_instance(void **) {
    const Pinned memory(kSessionSize);
    Directory &directory = Directory::instance();
    auto session = std::make_shared<DcSession>();
    session->queue = directory.find(g_instance);
    const std::weak_ptr<DcQueue> queue = session->queue;
    assert_int_equal(cpaDcStopInstance(g_instance), CPA_STATUS_SUCCESS);
    assert_int_equal(directory.add_session(g_instance, memory.data(), session), CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENOTCONN);
    // Nor after the next start, which is of another queue.
    assert_int_equal(cpaDcStartInstance(g_instance, 0, nullptr), CPA_STATUS_SUCCESS);
    assert_int_equal(directory.add_session(g_instance, memory.data(), session), CPA_STATUS_FAIL);
    session.reset();
    assert_true(queue.expired());
}

// ---- a session in the place of another

CpaStatus open_at(const TestSession &session, CpaDcSessionSetupData setup) {
    return cpaDcInitSession(session.instance(), session.get(), &setup, nullptr, nullptr);
}

CpaDcSessionSetupData stateful_setup() {
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessState = CPA_DC_STATEFUL;
    return setup;
}

// Compresses a part of a stream and appends the output.
CpaStatus add_part(const TestSession &session, const std::string &text, CpaDcFlush flush,
                   std::string &stream) {
    Job job(text);
    const CpaStatus status = session.compress(job.source, job.destination, job.results, flush);
    stream += job.to.text(job.results.produced);
    return status;
}

void a_session_that_cannot_be_made_leaves_the_earlier_one(void **) {
    const TestSession session(g_instance, stateful_setup());
    std::string stream;
    assert_int_equal(add_part(session, "one ", CPA_DC_FLUSH_NONE, stream), CPA_STATUS_SUCCESS);
    g_has_memory = false;
    const CpaStatus status = open_at(session, stateful_setup());
    g_has_memory = true;
    assert_int_equal(status, CPA_STATUS_FAIL);
    assert_int_equal(qaeLastErrno(), ENOMEM);
    assert_int_equal(add_part(session, "stream", CPA_DC_FLUSH_FINAL, stream), CPA_STATUS_SUCCESS);
    assert_string_equal(qae::test::decompressed(g_instance, usual_setup(), stream, 20).c_str(), "one stream");
}

void a_session_takes_the_place_of_one_without_requests_only(void **) {
    const TestSession session(g_instance, stateful_setup(), qae::test::note);
    Job job("pending");
    assert_int_equal(submit(session, job), CPA_STATUS_SUCCESS);
    assert_int_equal(open_at(session, usual_setup()), CPA_STATUS_INVALID_PARAM);
    assert_int_equal(qaeLastErrno(), EBUSY);
    assert_int_equal(icp_sal_DcPollInstance(g_instance, 0), CPA_STATUS_SUCCESS);
    assert_int_equal(job.calls, 1);
    assert_int_equal(open_at(session, usual_setup()), CPA_STATUS_SUCCESS);
    std::string stream;
    assert_int_equal(add_part(session, "another", CPA_DC_FLUSH_FINAL, stream), CPA_STATUS_SUCCESS);
    assert_string_equal(qae::test::decompressed(g_instance, usual_setup(), stream, 20).c_str(), "another");
}

// ---- changes

// A check of data races sees more here than the values.
void a_header_is_written_while_the_session_is_updated(void **) {
    const TestSession session(g_instance, usual_setup());
    constexpr Cpa8U kBest = 2; // RFC 1952: XFL
    constexpr Cpa8U kFast = 4;
    std::thread updating([&] {
        for (unsigned round = 0; round < 2000; ++round) {
            CpaDcSessionUpdateData change{round % 2 == 0 ? CPA_DC_L1 : CPA_DC_L9, CPA_DC_HT_FULL_DYNAMIC,
                                          CPA_FALSE};
            SCENE_CHECK(cpaDcUpdateSession(g_instance, session.get(), &change) == CPA_STATUS_SUCCESS);
        }
    });
    for (unsigned round = 0; round < 2000; ++round) {
        Cpa8U bytes[10] = {};
        CpaFlatBuffer frame{sizeof(bytes), bytes};
        Cpa32U count = 0;
        SCENE_CHECK(cpaDcGenerateHeader(session.get(), &frame, &count) == CPA_STATUS_SUCCESS);
        SCENE_CHECK(bytes[8] == 0 || bytes[8] == kFast || bytes[8] == kBest);
    }
    updating.join();
}

int start(void **) {
    g_instance = qae::test::start_on_software_plane()[0];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_not_added_after_the_stop_of_its_instance),
        cmocka_unit_test(a_session_that_cannot_be_made_leaves_the_earlier_one),
        cmocka_unit_test(a_session_takes_the_place_of_one_without_requests_only),
        cmocka_unit_test(a_header_is_written_while_the_session_is_updated),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
