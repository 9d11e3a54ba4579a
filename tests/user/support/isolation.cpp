// SPDX-License-Identifier: BSD-3-Clause
#include "support/isolation.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include "support/cmocka_cpp.h"
#include "support/worker.h"

namespace guest {
namespace {

constexpr const char *kDevice = "/dev/qae_mem";

thread_local sigjmp_buf t_fault;

void on_fault(int signal) { siglongjmp(t_fault, signal); }

std::uint64_t pattern_word(std::uint64_t seed, std::size_t index) {
    return (seed + 1) * 0x9e3779b97f4a7c15ULL + index * 0x0000010000000001ULL;
}

} // namespace

int signal_of(const std::function<void()> &access) {
    struct sigaction action = {}, segv, bus;
    action.sa_handler = on_fault;
    sigaction(SIGSEGV, &action, &segv);
    sigaction(SIGBUS, &action, &bus);
    const int signal = sigsetjmp(t_fault, 1);
    if (signal == 0) {
        access();
    }
    sigaction(SIGSEGV, &segv, nullptr);
    sigaction(SIGBUS, &bus, nullptr);
    return signal;
}

DeviceGroup::DeviceGroup() {
    struct stat now;
    assert_int_equal(stat(kDevice, &now), 0);
    uid_ = now.st_uid;
    gid_ = now.st_gid;
    mode_ = now.st_mode & 07777;
    assert_int_equal(chown(kDevice, 0, kMembers), 0);
    assert_int_equal(chmod(kDevice, 0660), 0);
}

DeviceGroup::~DeviceGroup() {
    static_cast<void>(!chown(kDevice, uid_, gid_));
    static_cast<void>(!chmod(kDevice, mode_));
}

void become(uid_t uid, gid_t gid) {
    WORKER_CHECK(setgroups(0, nullptr) == 0);
    WORKER_CHECK(setresgid(gid, gid, gid) == 0);
    WORKER_CHECK(setresuid(uid, uid, uid) == 0);
    WORKER_CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
}

void fill_pattern(void *memory, std::size_t length, std::uint64_t seed) {
    auto *words = static_cast<std::uint64_t *>(memory);
    for (std::size_t i = 0; i < length / sizeof(*words); ++i) {
        words[i] = pattern_word(seed, i);
    }
}

bool has_pattern(const void *memory, std::size_t length, std::uint64_t seed) {
    const auto *words = static_cast<const std::uint64_t *>(memory);
    for (std::size_t i = 0; i < length / sizeof(*words); ++i) {
        if (words[i] != pattern_word(seed, i)) {
            return false;
        }
    }
    return true;
}

bool is_filled(const void *memory, std::size_t length, unsigned char value) {
    const auto *bytes = static_cast<const unsigned char *>(memory);
    // Each byte equals the one before it, and the first is @value: memcmp() is far quicker than a loop here.
    return length == 0 || (bytes[0] == value && std::memcmp(bytes, bytes + 1, length - 1) == 0);
}

bool is_zero(const void *memory, std::size_t length) { return is_filled(memory, length, 0); }

int signal_of_read(const void *address) {
    return signal_of([address] {
        const unsigned char seen = *static_cast<const volatile unsigned char *>(address);
        static_cast<void>(seen);
    });
}

int signal_of_write(void *address) {
    return signal_of([address] { *static_cast<volatile unsigned char *>(address) = 0xee; });
}

std::uint64_t max_region_size(int fd) {
    qae_info info = {};
    info.size = sizeof(info);
    assert_int_equal(raw_ioctl(fd, QAE_IOC_INFO, &info), 0);
    return info.max_region_size;
}

std::vector<std::size_t> region_sizes(int fd) {
    std::vector<std::size_t> sizes = {kPage, 16 * kPage, kHuge, 2 * kHuge};
    if (max_region_size(fd) >= 3 * kHuge) {
        sizes.push_back(3 * kHuge);
    }
    return sizes;
}

void write_line(const std::string &path, const std::string &line) {
    std::ofstream file(path);
    file << line << std::endl;
    assert_true(file.good());
}

std::string to_line(const qae_mem_alloc &granted) {
    std::ostringstream text;
    text << granted.id << ' ' << granted.mmap_offset << ' ' << granted.device_address << ' '
         << granted.length;
    return text.str();
}

qae_mem_alloc from_line(const std::string &line) {
    qae_mem_alloc granted{};
    std::istringstream text(line);
    std::uint64_t offset = 0, device = 0, length = 0;
    text >> granted.id >> offset >> device >> length;
    granted.mmap_offset = offset;
    granted.device_address = device;
    granted.length = length;
    return granted;
}

} // namespace guest
