// SPDX-License-Identifier: BSD-3-Clause
// What tests of isolation share: patterns, other users, accesses that may fault, regions told to another
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

// Users that mean nothing to the system. Members are in kMembers, the device's group while a DeviceGroup
// lives.
constexpr gid_t kMembers = 4200;
constexpr uid_t kAlice = 4201;
constexpr uid_t kBob = 4202;

// Gives /dev/qae_mem to kMembers with the mode that the udev rule gives, and back again.
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

// This process becomes an ordinary one of that user: no capability, dumpable, as after a login.
void become(uid_t uid, gid_t gid);

// Every 8 bytes differ, and differ from those of another seed. @length is a multiple of 8.
void fill_pattern(void *memory, std::size_t length, std::uint64_t seed);
bool has_pattern(const void *memory, std::size_t length, std::uint64_t seed);
bool is_filled(const void *memory, std::size_t length, unsigned char value);
bool is_zero(const void *memory, std::size_t length);

// 0, or the signal that @access raised (SIGSEGV, SIGBUS); what it was doing is left as it was then.
int signal_of(const std::function<void()> &access);
// Likewise of a read or write of one byte.
int signal_of_read(const void *address);
int signal_of_write(void *address);

// The largest region that this driver grants.
std::uint64_t max_region_size(int fd);
// Sizes that are mapped and allocated in different ways: small pages, one huge page, two, and, where the
// driver grants that much, a range beyond what the page allocator has in one piece.
std::vector<std::size_t> region_sizes(int fd);

// Writes a line to a file of the kernel; fails the test if the kernel refuses it.
void write_line(const std::string &path, const std::string &line);

// A granted region as a line of text, and back.
std::string to_line(const qae_mem_alloc &granted);
qae_mem_alloc from_line(const std::string &line);

} // namespace guest

#endif // QAE_TESTS_SUPPORT_ISOLATION_H
