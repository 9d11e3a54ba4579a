// SPDX-License-Identifier: BSD-3-Clause
// Why /dev/qae_mem cannot be opened: each cause has a sentence of its own.
#include <fcntl.h>
#include <qae_mem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "process/driver_presence.h"
#include "support/cmocka_cpp.h"
#include "support/reason.h"

namespace {

using qae::driver_presence;
using qae::DriverPresence;

int g_open_error = 0; // what open() of the device fails with
gid_t g_group = 0;    // what the device belongs to

// A folder with what /sys/module and /proc/misc would have.
class System {
public:
    System() { assert_non_null(mkdtemp(folder_)); }
    ~System() { std::filesystem::remove_all(folder_); }
    System(const System &) = delete;
    System &operator=(const System &) = delete;

    void add_modules() const { std::filesystem::create_directory(modules()); }
    void load() const { std::filesystem::create_directory(modules() + "/qae"); }
    void list(const char *devices) const { std::ofstream(misc()) << devices; }
    DriverPresence presence() const { return driver_presence(modules().c_str(), misc().c_str()); }

private:
    std::string modules() const { return std::string(folder_) + "/module"; }
    std::string misc() const { return std::string(folder_) + "/misc"; }

    char folder_[64] = "/tmp/qae-presence-XXXXXX";
};

void MEM_12_a_loaded_module_is_seen_in_either_place(void **) {
    System system;
    assert_true(system.presence() == DriverPresence::unknown);
    system.add_modules();
    assert_true(system.presence() == DriverPresence::absent);
    system.list("236 device-mapper\n122 qae_mem_other\n");
    assert_true(system.presence() == DriverPresence::absent);
    system.list("236 device-mapper\n122 qae_mem\n144 nvram\n");
    assert_true(system.presence() == DriverPresence::loaded);
    system.list("");
    system.load();
    assert_true(system.presence() == DriverPresence::loaded);
}

void MEM_12_without_the_module_the_sentence_says_so(void **) {
    if (driver_presence("/sys/module", "/proc/misc") != DriverPresence::absent) {
        skip();
    }
    g_open_error = ENOENT;
    assert_int_equal(qaeMemInit(), -ENOENT);
    expect_reason(ENOENT, "modprobe qae");
}

// A device cgroup answers EPERM, permissions of the file answer EACCES.
void MEM_12_a_device_rule_is_not_a_missing_group(void **) {
    g_open_error = EPERM;
    assert_int_equal(qaeMemInit(), -EIO);
    assert_null(std::strstr(qaeLastError(), "group qat"));
    expect_reason(EPERM, "DeviceAllow=/dev/qae_mem rw");
    g_open_error = EACCES;
    g_group = 777;
    assert_int_equal(qaeMemInit(), -EIO);
    expect_reason(EACCES, "add this user to the group qat");
}

// A user in group qat is not sent there again.
void MEM_12_a_node_of_another_group_is_not_a_missing_user(void **) {
    g_open_error = EACCES;
    g_group = 0;
    assert_int_equal(qaeMemInit(), -EIO);
    expect_reason(EACCES, "udevadm trigger /dev/qae_mem");
    g_group = 65534;
    assert_int_equal(qaeMemInit(), -EIO);
    expect_reason(EACCES, "--group-add keep-groups");
}

} // namespace

extern "C" int stat(const char *path, struct stat *file) {
    if (std::strcmp(path, "/dev/qae_mem") == 0) {
        *file = {};
        file->st_gid = g_group;
        return 0;
    }
    return static_cast<int>(syscall(SYS_newfstatat, AT_FDCWD, path, file, 0));
}

extern "C" int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (std::strcmp(path, "/dev/qae_mem") == 0) {
        errno = g_open_error;
        return -1;
    }
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(MEM_12_a_loaded_module_is_seen_in_either_place),
        cmocka_unit_test(MEM_12_without_the_module_the_sentence_says_so),
        cmocka_unit_test(MEM_12_a_device_rule_is_not_a_missing_group),
        cmocka_unit_test(MEM_12_a_node_of_another_group_is_not_a_missing_user),
    };

    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
