// SPDX-License-Identifier: BSD-3-Clause
// The life of sessions.
#include <icp_sal_user.h>
#include <qae_mem_ext.h>

#include <cerrno>
#include <memory>
#include <string>

#include "compression/directory.h"
#include "support/cmocka_cpp.h"
#include "support/compression.h"

namespace {

using qae::DcQueue;
using qae::DcSession;
using qae::Directory;
using qae::test::Pinned;

constexpr std::size_t kSessionSize = 512;

CpaInstanceHandle g_instance;

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

int start(void **) {
    qae::test::use_software_plane();
    assert_int_equal(icp_sal_userStart("SHIM"), CPA_STATUS_SUCCESS);
    g_instance = qae::test::start_instances()[0];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_not_added_after_the_stop_of_its_instance),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
