// SPDX-License-Identifier: BSD-3-Clause
// A process that changes its root: daemons do it by chroot(), containers come with a root of their own. What
// was opened before goes on. What is missing below the new root has a sentence that says so.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/cmocka_cpp.h"
#include "support/holdings.h"
#include "support/reason.h"
#include "support/worker.h"
#include <icp_sal_user.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>

namespace {

using guest::Channel;
using guest::Worker;

// An empty folder that becomes a root.
class Root {
public:
    Root() { assert_non_null(mkdtemp(folder_)); }
    ~Root() { std::filesystem::remove_all(folder_); }
    Root(const Root &) = delete;
    Root &operator=(const Root &) = delete;

    // The node of the device, as a container gets it.
    void add_device() const {
        struct stat device {};
        assert_int_equal(stat("/dev/qae_mem", &device), 0);
        std::filesystem::create_directory(below("/dev"));
        assert_int_equal(mknod(below("/dev/qae_mem").c_str(), S_IFCHR | 0600, device.st_rdev), 0);
    }

    // Called by a worker.
    void enter() const { WORKER_CHECK(chroot(folder_) == 0 && chdir("/") == 0); }
    void enter_with_proc() const {
        WORKER_CHECK(unshare(CLONE_NEWNS) == 0 &&
                     mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
        std::filesystem::create_directory(below("/proc"));
        WORKER_CHECK(mount("proc", below("/proc").c_str(), "proc", 0, nullptr) == 0);
        enter();
    }

private:
    std::string below(const char *path) const { return folder_ + std::string(path); }

    char folder_[64] = "/tmp/qae-root-XXXXXX";
};

// Whether a block can be had, and be translated.
bool serves() {
    void *block = qaeMemAllocNUMA(64, NUMA_ANY_NODE, 64);
    const bool translated = block != nullptr && qaeVirtToPhysNUMA(block) != 0;
    if (block != nullptr) {
        qaeMemFreeNUMA(&block);
    }
    return translated;
}

bool refuses_with(const char *sentence) {
    return !serves() && qaeLastErrno() == ENOENT && reason_says(sentence) != 0;
}

void MEM_12_a_missing_device_has_a_sentence_for_what_can_be_seen(void **) {
    const Root root;
    // Neither /proc nor /sys says whether the module is loaded.
    Worker blind([&root](Channel &) {
        root.enter();
        WORKER_CHECK(qaeMemInit() == -ENOENT &&
                     refuses_with("/dev/qae_mem does not exist here: give this container"));
        WORKER_CHECK(icp_sal_userStart("SSL") == CPA_STATUS_FAIL && qaeLastErrno() == ENOENT);
        WORKER_CHECK(reason_says("call qaeMemInit() before chroot()"));
        return 0;
    });
    assert_int_equal(blind.wait(), 0);
    Worker seeing([&root](Channel &) {
        root.enter_with_proc();
        WORKER_CHECK(refuses_with("does not exist here, though the kernel module is loaded"));
        return 0;
    });
    assert_int_equal(seeing.wait(), 0);
}

void MEM_12_a_device_opened_before_chroot_serves_after_it(void **) {
    const auto before = guest::holdings();
    const Root root;
    Worker daemon([&root](Channel &) {
        WORKER_CHECK(qaeMemInit() == 0);
        root.enter();
        WORKER_CHECK(serves());
        // A child opens the device for itself, and finds none.
        Worker child([](Channel &) { return refuses_with("call qaeMemInit() before chroot()") ? 0 : 1; });
        WORKER_CHECK(child.wait() == 0);
        WORKER_CHECK(serves());
        return 0;
    });
    assert_int_equal(daemon.wait(), 0);
    guest::assert_holdings(before);
}

void MEM_12_MEM_11_a_child_finds_the_device_below_the_new_root(void **) {
    const auto before = guest::holdings();
    const Root root;
    root.add_device();
    Worker daemon([&root](Channel &) {
        WORKER_CHECK(qaeMemInit() == 0);
        root.enter();
        Worker child([](Channel &) { return serves() ? 0 : 1; });
        WORKER_CHECK(child.wait() == 0);
        return 0;
    });
    assert_int_equal(daemon.wait(), 0);
    // Nor must anything be opened before.
    Worker container([&root](Channel &) {
        root.enter();
        WORKER_CHECK(serves());
        return 0;
    });
    assert_int_equal(container.wait(), 0);
    guest::assert_holdings(before);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_12_a_missing_device_has_a_sentence_for_what_can_be_seen),
        cmocka_unit_test(MEM_12_a_device_opened_before_chroot_serves_after_it),
        cmocka_unit_test(MEM_12_MEM_11_a_child_finds_the_device_below_the_new_root),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
