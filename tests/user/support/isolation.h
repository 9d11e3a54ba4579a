// SPDX-License-Identifier: BSD-3-Clause
// Helpers of the isolation tests: patterns, other users, accesses that may fault, regions as text for another
// process.
#ifndef QAE_TESTS_SUPPORT_ISOLATION_H
#define QAE_TESTS_SUPPORT_ISOLATION_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/raw_qae.h"

namespace guest {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHuge = 2UL << 20;

// Users that are unknown to the system. kMembers is the device's group while a DeviceGroup lives.
constexpr gid_t kMembers = 4200;
constexpr uid_t kAlice = 4201;
constexpr uid_t kBob = 4202;

// Gives /dev/qae_mem to kMembers, with the mode of the udev rule, and restores it at the end.
class DeviceGroup {
public:
    DeviceGroup();
    ~DeviceGroup();
    DeviceGroup(const DeviceGroup &) = delete;
    DeviceGroup &operator=(const DeviceGroup &) = delete;

private:
    uid_t uid_;
    gid_t gid_;
    mode_t mode_;
};

// Turns this process into an ordinary one of that user: no capabilities, dumpable, as after a login.
void become(uid_t uid, gid_t gid);

// A pattern in which all words of 8 bytes differ, from each other and from those of another seed. @length is
// a multiple of 8.
void fill_pattern(void *memory, std::size_t length, std::uint64_t seed);
bool has_pattern(const void *memory, std::size_t length, std::uint64_t seed);
bool is_filled(const void *memory, std::size_t length, unsigned char value);
bool is_zero(const void *memory, std::size_t length);

// 0, or the signal that @access raised (SIGSEGV, SIGBUS). @access is abandoned at that point.
int signal_of(const std::function<void()> &access);
// The same for a read or write of one byte.
int signal_of_read(const void *address);
int signal_of_write(void *address);

// The largest region that this driver grants.
std::uint64_t max_region_size(int fd);
// Sizes that are mapped and allocated in different ways: small pages, one huge page, two, and, if the driver
// grants that much, a range larger than the largest block of the page allocator.
std::vector<std::size_t> region_sizes(int fd);

// Writes a line to a file of the kernel; fails the test if the kernel refuses it.
void write_line(const std::string &path, const std::string &line);

// A granted region as a line of text, and back.
std::string to_line(const qae_mem_alloc &granted);
qae_mem_alloc from_line(const std::string &line);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_ISOLATION_H
