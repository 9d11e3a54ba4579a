// SPDX-License-Identifier: BSD-3-Clause
// The library stays usable until the last instruction of the process: code that runs during the exit may call
// it.
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include <cpa_cy_common.h>
#include <icp_sal_user.h>

#include "support/cmocka_cpp.h"
#include "support/fake_driver.h"

namespace {

constexpr unsigned kInstances = 3;

bool g_exiting = false;

void require(bool condition, int status) {
    if (!condition) {
        _exit(status);
    }
}

// Registered before the library's first use, so it runs after every destructor that the library could have.
void use_the_library_late() {
    Cpa16U number = 0;
    CpaInstanceHandle handles[kInstances];
    require(cpaCyGetNumInstances(&number) == CPA_STATUS_SUCCESS && number == kInstances, 10);
    require(cpaCyGetInstances(kInstances, handles) == CPA_STATUS_SUCCESS, 11);
    CpaInstanceInfo2 info;
    require(cpaCyInstanceGetInfo2(handles[2], &info) == CPA_STATUS_SUCCESS, 12);
    g_exiting = true;
}

// Runs after all handlers of atexit().
__attribute__((destructor)) void stop_at_the_very_end() {
    if (!g_exiting) {
        return; // only for the child of this test
    }
    Cpa16U number = 7;
    require(icp_sal_userStop() == CPA_STATUS_SUCCESS, 20);
    require(cpaCyGetNumInstances(&number) == CPA_STATUS_SUCCESS && number == 0, 21);
    require(qae::test::g_driver.releases == 1, 22);
    require(icp_sal_userStart("SSL") == CPA_STATUS_SUCCESS, 23);
    _exit(42);
}

void USR_07_stop_works_while_the_process_exits(void **) {
    const pid_t child = fork();
    if (child == 0) {
        std::atexit(use_the_library_late);
        qae::test::g_driver.claim = [](qae_section_claim &claim) {
            return qae::test::grant_section(claim, kInstances);
        };
        require(icp_sal_userStart("SSL") == CPA_STATUS_SUCCESS, 1);
        std::exit(2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

// A use after a destructor may go unnoticed, so no object of the library may have one. The functions that
// register destructors would appear by name in the object files.
void the_library_registers_no_destructors(void **) {
    const char *path = std::getenv("QAE_TEST_ARCHIVE");
    std::string archive = path != nullptr ? path : "";
    if (archive.empty()) {
        char self[4096];
        const ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
        assert_true(length > 0);
        archive.assign(self, static_cast<std::size_t>(length));
        archive = archive.substr(0, archive.rfind("/tests/user/")) + "/lib/libqat_user.a";
    }
    std::ifstream file(archive, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto names = [&bytes](const char *symbol) {
        return bytes.find(std::string(1, '\0') + symbol + std::string(1, '\0')) != std::string::npos;
    };
    assert_true(names("pthread_once")); // the file was found, and symbols look as expected
    assert_false(names("__cxa_atexit"));
    assert_false(names("__cxa_thread_atexit"));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(USR_07_stop_works_while_the_process_exits),
        cmocka_unit_test(the_library_registers_no_destructors),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
